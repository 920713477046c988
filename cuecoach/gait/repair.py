"""Which seen leg is which, which to believe, and what to put in the place of the rest.

Owns the judgement of single pictures against the runner's own rhythm: as labelled, swapped, two legs merged into one,
bones of impossible length, missing. What is believed stays exactly as it was seen (repair, not smoothing); the rest
is rebuilt from the stride template, moved by what was last and next believed, and trusted little.

Works on runner axes (x forward, y up, pixels), on a stretch of pictures. `live.py` judges the newest one alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import FOOT, along, bone_lengths, segment_angles
from cuecoach.gait.rhythm import TWO_PI, Rhythm
from cuecoach.gait.template import StrideTemplate
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
FADE_S = 0.12  # how long what was seen still says something about what is not
GUESS_TRUST = 0.35


@dataclass(slots=True, eq=False)
class Build:
    """Size and shape of this runner's legs: `bones` (2, 2) thigh and shank px, `foot` (2, 2, 2) heel and toe px.

    Foot points are relative to the ankle, with the foot turned to angle 0.
    """

    bones: FloatArray
    foot: FloatArray

    @staticmethod
    def of(points: FloatArray, angles: FloatArray) -> Build:
        """Return the usual build over frames (n, 2, 5, 2) with their angles (n, 2, 3); needs one leg seen once."""
        bones = _usual(bone_lengths(points))
        foot = _usual(_turn(points[..., (HEEL, TOE), :] - points[..., ANKLE, None, :], -angles[..., FOOT]))
        return Build(bones, foot)

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
    rhythm: Rhythm,
    template: StrideTemplate,
    build: Build,
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
    residual, distance_s = _spread(t_s, angles - expected, believed)
    sight = np.clip((visibility - 0.1) / 0.5, 0.3, 1.0)
    trust = np.where(believed, np.clip(1.0 - 0.6 * np.minimum(own, 1.0) ** 2, 0.0, 1.0) * sight, 0.0)
    trust = np.where(believed, trust, GUESS_TRUST * np.exp(-distance_s / FADE_S))
    filled = np.where(believed[..., None], angles, expected + residual)
    foot = believed & (np.abs(residual[..., FOOT]) < _FOOT_DEG) & _foot_shaped(points, angles, build)
    filled[..., FOOT] = np.where(foot, filled[..., FOOT], expected[..., FOOT])
    out = _rebuild(_steady_hips(t_s, points, believed, build.leg_px), filled, believed, foot, build)
    weight = np.where(believed, sight * (1.0 - 0.7 * np.minimum(own, 1.0) ** 2), 0.0)
    return Repaired(out, trust, filled, weight)


def _errors(angles: FloatArray, expected: FloatArray, tolerance: FloatArray) -> FloatArray:
    """Return (n, label, leg): how far each seen leg is from each expected one, in tolerances; inf where not seen."""
    off = (angles[:, :, None, :2] - expected[:, None, :, :2]) / tolerance[:, None]
    apart = expected[:, ::-1, :2] - expected[:, :, :2]  # where the other leg is
    drawn = (np.abs(apart) > APART_DEG)[:, None] & (off * apart[:, None] > 0)
    worst = (np.abs(off) * np.where(drawn, DRAWN_FACTOR, 1.0)).max(axis=-1)
    return np.asarray(np.where(np.isnan(worst), np.inf, worst))


def _impossible(points: FloatArray, build: Build) -> BoolArray:
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


def _spread(t_s: FloatArray, residual: FloatArray, believed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return residuals (n, 2, 3) carried from believed frames into the others, fading, and the time to the nearest."""
    out = residual.copy()
    distance = np.zeros(believed.shape)
    for leg in (0, 1):
        missing = ~believed[:, leg]
        if not missing.any():
            continue
        known_t, known = t_s[~missing], residual[~missing, leg]
        known = np.nan_to_num(known)
        out[missing, leg] = 0.0
        distance[missing, leg] = np.inf
        if len(known_t) == 0:
            continue
        t = t_s[missing]
        after = np.clip(np.searchsorted(known_t, t), 0, len(known_t) - 1)
        nearest = np.minimum(np.abs(known_t[after] - t), np.abs(known_t[np.maximum(after - 1, 0)] - t))
        fade = np.exp(-((nearest / FADE_S) ** 2))
        for channel in range(3):
            out[missing, leg, channel] = fade * np.interp(t, known_t, known[:, channel])
        distance[missing, leg] = nearest
    return out, distance


def _foot_shaped(points: FloatArray, angles: FloatArray, build: Build) -> BoolArray:
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


def _rebuild(
    points: FloatArray, angles: FloatArray, believed: BoolArray, foot_believed: BoolArray, build: Build
) -> FloatArray:
    """Return points with legs and feet that are not believed replaced by the build at `angles`."""
    out = points.copy()
    leg = ~believed
    if leg.any():
        knee = points[..., HIP, :] + build.bones[:, :1] * along(angles[..., 0])
        ankle = knee + build.bones[:, 1:] * along(angles[..., 1])
        out[leg, KNEE] = knee[leg]
        out[leg, ANKLE] = ankle[leg]
    foot = leg | ~foot_believed
    if foot.any():
        shape = out[..., ANKLE, None, :] + _turn(build.foot, angles[..., FOOT])
        out[foot, HEEL] = shape[foot][:, 0]
        out[foot, TOE] = shape[foot][:, 1]
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
