"""Tells a leg that really moves otherwise than this runner usually does from an outlier. Pure.

An outlier of the pose model is a slip of a frame or two, or a leg drawn where the other one is. A technique (a fault, a
change, or the ways of somebody who is not known yet) is a leg whole in itself that is off in a smooth course for a good
part of a step, most of all away from the other leg; off towards the other one, it is believed only when both legs are
seen well and apart. All limits are engineering choices, tried on the virtual runner and four labelled films.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import FOOT, BodyModel, bone_lengths
from cuecoach.gait.legs.assignment import away_from_other
from cuecoach.types import ANKLE, KNEE, FloatArray

BoolArray = NDArray[np.bool_]

_LEAST_ERROR = 0.4  # in tolerances: what is nearer to the mean stride needs no other explanation
_LEAST_S = 0.09  # it is off for at least so long
_BONES = (0.85, 1.15)  # shares of their lengths that the bones have
_NEIGHBOURS_S = 0.05  # time constant with which frames near each other must agree ...
_LEAST_NEIGHBOURS = 0.5  # ... and the weight of them that must have been seen
_AGREES = (8.0, 0.15)  # degrees, and part of the deviation, within which a frame is with its neighbours' mean ...
_AGREES_CLEARLY = (4.0, 0.1)  # ... and when it is off towards the other leg
_CLEARLY_VISIBLE = 0.9  # in that case both legs are seen so well ...
_CLEAR_GAP_LEG = 0.14  # ... and are so far apart, in leg lengths


def is_technique(
    t_s: FloatArray,
    points: FloatArray,
    visibility: FloatArray,
    angles: FloatArray,
    expected: FloatArray,
    tolerance: FloatArray,
    error: FloatArray,
    body: BodyModel,
) -> BoolArray:
    """Return (n, 2) True in stretches that hold a leg out of tolerance and can be explained as the runner's own.

    Parameters
    ----------
    t_s : (n,) capture times.
    points, visibility : (n, 2, 5, 2) px and (n, 2) of left and right leg.
    angles, expected : (n, 2, 3) deg, as seen and as of the mean stride.
    tolerance, error : (n, 2, 2) deg and (n, 2) in tolerances, as of `assignment`.
    body : of this runner.
    """
    off = angles[..., :FOOT] - expected[..., :FOOT]
    apart = (_gap_leg(points, body) > _CLEAR_GAP_LEG) & (visibility > _CLEARLY_VISIBLE).all(axis=1)
    away = away_from_other(angles, expected, tolerance)
    moves = _moves_as_leg(t_s, points, off, body, _AGREES) & away
    moves |= _moves_as_leg(t_s, points, off, body, _AGREES_CLEARLY) & apart[:, None]
    other_is_usual = error[:, ::-1] < 1.0
    return _lasting(t_s, moves & other_is_usual & (error > _LEAST_ERROR), needed=~(error < 1.0))


def _moves_as_leg(
    t_s: FloatArray, points: FloatArray, off: FloatArray, body: BodyModel, agrees: tuple[float, float]
) -> BoolArray:
    """Return (n, 2) True where bones have their lengths and what the angles are `off` (n, 2, 2) has a smooth course."""
    shortest, longest = _BONES
    share = bone_lengths(points) / body.bones
    whole = ((share > shortest) & (share < longest)).all(axis=-1)
    off = np.where(whole[..., None], off, 0.0)
    near = np.exp(-(((t_s[:, None] - t_s) / _NEIGHBOURS_S) ** 2)) * (t_s[:, None] != t_s)
    weight = near @ whole
    mean = np.einsum("ij,jlc->ilc", near, off) / np.maximum(weight, _LEAST_NEIGHBOURS)[..., None]
    agree = (np.abs(off - mean) < agrees[0] + agrees[1] * np.abs(off)).all(axis=-1)
    return np.asarray(whole & agree & (weight > _LEAST_NEIGHBOURS))


def _gap_leg(points: FloatArray, body: BodyModel) -> FloatArray:
    """Return (n,) how far the legs are from each other at knee or ankle, the further of both, in leg lengths."""
    apart = points[:, 0, KNEE : ANKLE + 1] - points[:, 1, KNEE : ANKLE + 1]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]).max(axis=-1) / body.leg_px)


def _lasting(t_s: FloatArray, flags: BoolArray, needed: BoolArray) -> BoolArray:
    """Return flags (n, 2) without the runs of True that are too short or hold nothing `needed`."""
    out = flags.copy()
    for leg in (0, 1):
        edges = np.flatnonzero(np.diff(flags[:, leg].astype(np.int8), prepend=0, append=0))
        for first, end in edges.reshape(-1, 2):
            if t_s[end - 1] - t_s[first] < _LEAST_S or not needed[first:end, leg].any():
                out[first:end, leg] = False
    return out
