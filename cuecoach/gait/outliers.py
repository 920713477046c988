"""Which seen leg is which, which to believe, and what to put in the place of the rest.

Owns the judgement of single pictures against the runner's own rhythm: as labelled, swapped, two legs merged into one,
bones of impossible length, missing. A leg is the runner's own stride plus a deviation from it, and a deviation is
believed as far as the pictures just before and after show it too: one picture alone may be wrong by ten degrees, a leg
that really moves otherwise does so for longer than one picture. What no picture shows is the stride itself, and is
trusted little.

Works on runner axes (x forward, y up, pixels), on a stretch of pictures. `live.py` judges the newest one alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import FOOT, along, bone_lengths, segment_angles
from cuecoach.gait.phase import TWO_PI, GaitPhaseEstimator
from cuecoach.gait.stride_curve import MeanStrideCurve
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, TOE, FloatArray

BoolArray = NDArray[np.bool_]

# How far thigh and shank may be from the template: so many usual distances, and a part for being early or late.
SPREADS = 4.0
TIMING_S = 0.015
# A hidden leg is drawn onto the one that hides it, so an error that way is the likelier and is allowed less.
DRAWN_FACTOR = 1.5
SWAP_COST = 0.5
BONE_RANGE = (0.74, 1.3)  # of its usual length: the sagittal plane is nearly the picture's
MERGED_LEG = 0.12  # legs closer than this at knee and ankle, in leg lengths, are one leg seen twice ...
APART_DEG = 25.0  # ... if they should differ by this much
_FOOT_DEG = 45.0  # a foot further than this from the template is not believed
_FOOT_OFF_LEG = 0.15  # nor one with heel or toe this far from where its shape has them, in leg lengths
_HIP_OFF_LEG = 0.12  # a hip this far from the line between its neighbours is put on that line
_TOGETHER_S = 0.05  # frames so near in time share a deviation from the runner's stride; noise they do not share
_USUAL_WEIGHT = 0.1  # what the runner's usual stride counts beside frames that are wholly believed
FADE_S = 0.12  # how long what was seen still says something about what is not
GUESS_TRUST = 0.35


@dataclass(slots=True, eq=False)
class BodyModel:
    """Size and shape of this runner's legs: `bones` (2, 2) thigh and shank px, `foot` (2, 2, 2) heel and toe px.

    Foot points are relative to the ankle, with the foot turned to angle 0.
    """

    bones: FloatArray
    foot: FloatArray

    @staticmethod
    def of(points: FloatArray, angles: FloatArray) -> BodyModel:
        """Return the usual build over frames (n, 2, 5, 2) with their angles (n, 2, 3); needs one leg seen once."""
        bones = _usual(bone_lengths(points))
        foot = _usual(_turn(points[..., (HEEL, TOE), :] - points[..., ANKLE, None, :], -angles[..., FOOT]))
        return BodyModel(bones, foot)

    @property
    def leg_px(self) -> float:
        """Mean length of thigh plus shank of both legs."""
        return float(self.bones.sum() / 2)


@dataclass(slots=True, eq=False)
class Repaired:
    """Points (n, 2, 5, 2), trust (n, 2), angles (n, 2, 3) and belief weight (n, 2) of left and right leg."""

    points: FloatArray
    trust: FloatArray
    angles: FloatArray
    weight: FloatArray


def repair(
    t_s: FloatArray,
    points: FloatArray,
    visibility: FloatArray,
    rhythm: GaitPhaseEstimator,
    template: MeanStrideCurve,
    build: BodyModel,
) -> Repaired:
    """Judge frames and fill what is not believed.

    Parameters
    ----------
    t_s : (n,) capture times.
    points, visibility : (n, 2, 5, 2) and (n, 2), as labelled by the pose model, NaN where not seen.
    rhythm, template, build : the runner.
    """
    phase = rhythm.phase(t_s)
    expected = template.angles(phase)
    timing = TIMING_S * TWO_PI * rhythm.hz * np.abs(template.slopes(phase)[..., :2])
    tolerance = SPREADS * template.spread_deg + timing
    angles = segment_angles(points)
    error = _errors(angles, expected, tolerance)
    error = np.where(_impossible(points, build)[:, :, None], np.inf, error)
    _part_merged(error, points, expected, build.leg_px)
    swapped = _swapped(error)
    own = np.where(swapped[:, None], error[:, (1, 0), (0, 1)], error[:, (0, 1), (0, 1)])  # (n, leg)
    order = np.where(swapped[:, None], [1, 0], [0, 1])
    rows = np.arange(len(t_s))[:, None]
    points, angles, visibility = points[rows, order], angles[rows, order], visibility[rows, order]
    believed = own < 1.0
    sight = np.clip((visibility - 0.1) / 0.5, 0.3, 1.0)
    # What is nearly out of tolerance counts little: once for the curves learnt, twice (Tukey's biweight, Beaton & Tukey
    # 1974) for this moment, because a leg drawn to the other is drawn for several pictures.
    bell = 1.0 - np.minimum(own, 1.0) ** 2
    weight = np.where(believed, sight * bell**2, 0.0)
    points = _steady_hips(t_s, points, believed, build.leg_px)
    foot = (np.abs(angles[..., FOOT] - expected[..., FOOT]) < _FOOT_DEG) & _foot_shaped(points, angles, build)
    near = np.exp(-(((t_s[:, None] - t_s) / _TOGETHER_S) ** 2))
    shape = _Shape.of(points, angles).agreed(near, _Shape.expected(expected, build), weight, weight * foot)
    # Worth: as near as expected, as well seen, and as far as it was seen at all rather than taken to be as usual.
    support = near @ weight
    support /= support + _USUAL_WEIGHT
    trust = np.where(believed, (1.0 - 0.6 * np.minimum(own, 1.0) ** 2) * sight * support, 0.0)
    trust = np.where(believed, trust, GUESS_TRUST * np.exp(-_since_believed_s(t_s, believed) / FADE_S))
    seen = np.where(believed[..., None], angles, shape.angles)
    seen[..., FOOT] = np.where(believed & foot, angles[..., FOOT], shape.angles[..., FOOT])
    return Repaired(shape.points(points[..., HIP, :]), trust, seen, np.where(believed, sight * bell, 0.0))


@dataclass(slots=True, eq=False)
class _Shape:
    """Legs as angles (n, 2, 3), bones (n, 2, 2) px and feet (n, 2, 2, 2) px as in `Build`: all but where they are."""

    angles: FloatArray
    bones: FloatArray
    feet: FloatArray

    @staticmethod
    def of(points: FloatArray, angles: FloatArray) -> _Shape:
        feet = _turn(points[..., (HEEL, TOE), :] - points[..., ANKLE, None, :], -angles[..., FOOT])
        return _Shape(angles, bone_lengths(points), feet)

    @staticmethod
    def expected(angles: FloatArray, build: BodyModel) -> _Shape:
        """Return the runner's usual shape at the expected angles."""
        n = len(angles)
        return _Shape(angles, np.broadcast_to(build.bones, (n, 2, 2)), np.broadcast_to(build.foot, (n, 2, 2, 2)))

    def agreed(self, near: FloatArray, usual: _Shape, weight: FloatArray, foot_weight: FloatArray) -> _Shape:
        """Return the usual shape, off by what these frames and those around them agree on.

        A mean over neighbours, weighted by nearness in time `near` (n, n) (Nadaraya 1964, Watson 1964) and by how far
        each leg and each foot (n, 2) is believed; the usual shape counts as one frame more, of little weight.
        """
        return _Shape(
            np.concatenate(
                [
                    _mean_off(near, self.angles[..., :FOOT], usual.angles[..., :FOOT], weight),
                    _mean_off(near, self.angles[..., FOOT:], usual.angles[..., FOOT:], foot_weight),
                ],
                axis=-1,
            ),
            _mean_off(near, self.bones, usual.bones, weight),
            _mean_off(near, self.feet, usual.feet, foot_weight),
        )

    def points(self, hip: FloatArray) -> FloatArray:
        """Return the joints (n, 2, 5, 2) of legs that hang on hips (n, 2, 2)."""
        knee = hip + self.bones[..., :1] * along(self.angles[..., 0])
        ankle = knee + self.bones[..., 1:] * along(self.angles[..., 1])
        foot = ankle[..., None, :] + _turn(self.feet, self.angles[..., FOOT])
        return np.concatenate([np.stack([hip, knee, ankle], axis=-2), foot], axis=-2)


def _mean_off(near: FloatArray, seen: FloatArray, usual: FloatArray, weight: FloatArray) -> FloatArray:
    """Return values (n, 2, ...): `usual` plus the mean of what `seen` is off by, frames near each other together."""
    flat = (len(near), 2, -1)
    off = np.where(weight[..., None] > 0, (seen - usual).reshape(flat), 0.0) * weight[..., None]
    total = np.moveaxis(near @ np.moveaxis(off, 1, 0), 0, 1) / (near @ weight + _USUAL_WEIGHT)[..., None]
    return np.asarray(usual + total.reshape(usual.shape))


def _since_believed_s(t_s: FloatArray, believed: BoolArray) -> FloatArray:
    """Return (n, 2) the time to the nearest frame in which that leg is believed, inf when there is none."""
    apart = np.abs(t_s[:, None] - t_s)[:, :, None]
    return np.asarray(np.where(believed, apart, np.inf).min(axis=1))


def _errors(angles: FloatArray, expected: FloatArray, tolerance: FloatArray) -> FloatArray:
    """Return (n, label, leg): how far each seen leg is from each expected one, in tolerances; inf where not seen."""
    off = (angles[:, :, None, :2] - expected[:, None, :, :2]) / tolerance[:, None]
    apart = expected[:, ::-1, :2] - expected[:, :, :2]  # where the other leg is
    drawn = (np.abs(apart) > APART_DEG)[:, None] & (off * apart[:, None] > 0)
    worst = (np.abs(off) * np.where(drawn, DRAWN_FACTOR, 1.0)).max(axis=-1)
    return np.asarray(np.where(np.isnan(worst), np.inf, worst))


def _impossible(points: FloatArray, build: BodyModel) -> BoolArray:
    """Return (n, label) True where a bone is too short or too long to be one of this runner's."""
    ratio = bone_lengths(points) / build.bones.max(axis=0)
    own = bone_lengths(points) / build.bones
    return np.asarray(((own < BONE_RANGE[0]) | (ratio > BONE_RANGE[1])).any(axis=-1))


def _part_merged(error: FloatArray, points: FloatArray, expected: FloatArray, leg_px: float) -> None:
    """Where both labels sit on one leg, leave it (in `error`) to the leg that it fits better."""
    gap = np.abs(points[:, 0, (KNEE, ANKLE)] - points[:, 1, (KNEE, ANKLE)]).max(axis=(1, 2))
    apart = np.abs(expected[:, 0, :2] - expected[:, 1, :2]).max(axis=-1)
    merged = (gap < MERGED_LEG * leg_px) & (apart > APART_DEG)
    best = error.min(axis=1)  # (n, leg)
    loser = (best[:, 0] < best[:, 1]).astype(np.intp)
    at = np.flatnonzero(merged)
    error[at, :, loser[at]] = np.inf


def _swapped(error: FloatArray) -> BoolArray:
    bounded = np.minimum(error, 1.5) ** 2
    return np.asarray(bounded[:, 0, 1] + bounded[:, 1, 0] + SWAP_COST < bounded[:, 0, 0] + bounded[:, 1, 1])


def _foot_shaped(points: FloatArray, angles: FloatArray, build: BodyModel) -> BoolArray:
    """Return (n, 2) True where heel and toe are about where this runner's foot has them."""
    seen = points[..., (HEEL, TOE), :] - points[..., ANKLE, None, :]
    off = seen - _turn(build.foot, angles[..., FOOT])
    return np.asarray(np.hypot(off[..., 0], off[..., 1]).max(axis=-1) < _FOOT_OFF_LEG * build.leg_px)


def _steady_hips(t_s: FloatArray, points: FloatArray, believed: BoolArray, leg_px: float) -> FloatArray:
    """Return points in which the hip of a leg that is not believed is near where the believed ones have it."""
    out = points.copy()
    for leg in (0, 1):
        doubt = ~believed[:, leg]
        if not doubt.any() or doubt.all():
            continue
        hip = out[:, leg, HIP]
        between = np.stack([np.interp(t_s[doubt], t_s[~doubt], hip[~doubt, axis]) for axis in (0, 1)], axis=1)
        off = np.hypot(*(hip[doubt] - between).T)
        hip[doubt] = np.where((off < _HIP_OFF_LEG * leg_px)[:, None], hip[doubt], between)
    return out


def _turn(vectors: FloatArray, angles_deg: FloatArray) -> FloatArray:
    """Return vectors (..., 2, 2) turned by angles (...,), + from forward to up."""
    a = np.radians(angles_deg)[..., None]
    x, y = vectors[..., 0], vectors[..., 1]
    return np.stack([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y], axis=-1)


def _usual(values: FloatArray) -> FloatArray:
    """Return the median over frames of (n, 2, ...); a leg never seen takes the other's."""
    seen = np.isfinite(values).reshape(len(values), 2, -1).all(axis=-1)
    sources = [leg if seen[:, leg].any() else 1 - leg for leg in (0, 1)]
    return np.stack([np.median(values[seen[:, leg], leg], axis=0) for leg in sources])
