"""Which seen leg is the left and which the right, and how well each fits: the rules and their thresholds.

A pose model swaps the legs, draws both onto one, or draws one where none is. Each label ("left", "right" as the pose
model says) is compared with where this runner's mean stride has either leg at this phase. `assign` judges a stretch of
frames, `assign_one` the newest frame in plain numbers: NumPy needs 0.27 ms for one frame, plain numbers 0.05 ms.
`tests/gait/legs/test_legs_assignment.py` holds the two against each other. Runner axes (x forward, y up), pixels.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import WRAP_DEG, BodyModel, bone_lengths
from cuecoach.gait.legs.phase import TWO_PI
from cuecoach.types import ANKLE, HIP, KNEE, FloatArray

IndexArray = NDArray[np.intp]
Point = list[float]
_Number = TypeVar("_Number", float, FloatArray)

# How far thigh and shank may be from the mean stride: so many usual distances, and a part for being early or late.
_TOLERANCE_SPREADS = 4.0
_TOLERANCE_TIMING_S = 0.015
# A hidden leg is seen too near to the leg that hides it: an error in that direction is more likely, and less allowed.
_TOWARDS_OTHER_FACTOR = 1.5
_SWAP_COST = 0.5  # the pose model is right about left and right more often than not
_ERROR_BOUND = 1.5  # beyond this, a worse fit says nothing more about a swap
_BONE_LENGTH_RANGE = (0.74, 1.3)  # of its usual length: the sagittal plane is nearly the picture's
_MERGED_LEG = 0.12  # legs closer than this at knee and ankle, in leg lengths, are one leg seen twice ...
_APART_DEG = 25.0  # ... if they should differ by this much
_VISIBILITY_FLOOR, _VISIBILITY_RANGE, _LEAST_VISIBILITY_WEIGHT = 0.1, 0.5, 0.3
_TRUST_LOSS = 0.6  # of trust, at the edge of the tolerance

_DEG = 180.0 / math.pi


def tolerance_deg(spread_deg: _Number, slope_deg_rad: _Number, stride_hz: float) -> _Number:
    """Return how far a segment may be from the mean stride.

    `spread_deg` is its usual distance, `slope_deg_rad` how fast it turns with the phase.
    """
    return _TOLERANCE_SPREADS * spread_deg + _TOLERANCE_TIMING_S * TWO_PI * stride_hz * abs(slope_deg_rad)


def visibility_weight(visibility: FloatArray) -> FloatArray:
    """Return the weight 0.3..1 of points that the pose model says are seen so well (0..1)."""
    return np.clip((visibility - _VISIBILITY_FLOOR) / _VISIBILITY_RANGE, _LEAST_VISIBILITY_WEIGHT, 1.0)


def fit_trust(error: _Number) -> _Number:
    """Return the trust in a leg with this error (0..1, in tolerances)."""
    return 1.0 - _TRUST_LOSS * error**2


def assign(
    points: FloatArray, angles: FloatArray, expected: FloatArray, tolerance: FloatArray, body: BodyModel
) -> tuple[IndexArray, FloatArray]:
    """Return `order` (n, 2), the label that is the left and the right leg, and `error` (n, 2) of these legs.

    Errors are in tolerances: below 1 a leg is accepted; inf when its label is no leg of this runner.

    Parameters
    ----------
    points, angles : (n, 2, 5, 2) px and (n, 2, >=2) thigh and shank deg, by label; NaN where not seen.
    expected, tolerance : (n, 2, >=2) and (n, 2, 2) deg of thigh and shank, by leg.
    """
    error = _errors(angles, expected, tolerance)
    error = np.where(_impossible(points, body)[:, :, None], np.inf, error)
    _resolve_merged(error, points, expected, body.leg_px)
    swapped = _swapped(error)[:, None]
    order = np.where(swapped, [1, 0], [0, 1])
    return order, np.where(swapped, error[:, (1, 0), (0, 1)], error[:, (0, 1), (0, 1)])


def away_from_other(angles: FloatArray, expected: FloatArray, tolerance: FloatArray) -> NDArray[np.bool_]:
    """Return (n, 2) True where a leg is off most on the side away from the other leg, and nowhere too far towards it.

    A swapped or merged leg is off towards the other one, and so is a hidden leg. Arguments as of `assign`, by leg.
    """
    off = (angles[..., :2] - expected[..., :2]) / tolerance
    apart = expected[:, ::-1, :2] - expected[..., :2]
    sided = np.abs(apart) > _APART_DEG
    error = np.abs(off) * np.where(sided & (off * apart > 0), _TOWARDS_OTHER_FACTOR, 1.0)
    away = sided & (off * apart < 0)
    worst_away, worst_else = (np.where(where, error, 0.0).max(axis=-1) for where in (away, ~away))
    return np.asarray((worst_away > worst_else) & (worst_else < 1.0))


def _errors(angles: FloatArray, expected: FloatArray, tolerance: FloatArray) -> FloatArray:
    """Return (n, label, leg): how far each seen leg is from each expected one, in tolerances; inf where not seen."""
    off = (angles[:, :, None, :2] - expected[:, None, :, :2]) / tolerance[:, None]
    apart = expected[:, ::-1, :2] - expected[:, :, :2]  # where the other leg is
    towards_other = (np.abs(apart) > _APART_DEG)[:, None] & (off * apart[:, None] > 0)
    worst = (np.abs(off) * np.where(towards_other, _TOWARDS_OTHER_FACTOR, 1.0)).max(axis=-1)
    return np.asarray(np.where(np.isnan(worst), np.inf, worst))


def _impossible(points: FloatArray, body: BodyModel) -> NDArray[np.bool_]:
    """Return (n, label) True where a bone is too short or too long to be one of this runner's."""
    shortest, longest = _BONE_LENGTH_RANGE
    lengths = bone_lengths(points)
    too_short, too_long = lengths / body.bones < shortest, lengths / body.bones.max(axis=0) > longest
    return np.asarray((too_short | too_long).any(axis=-1))


def _resolve_merged(error: FloatArray, points: FloatArray, expected: FloatArray, leg_px: float) -> None:
    """Where both labels sit on one leg, leave it (in `error`) to the leg that it fits better."""
    gap = np.abs(points[:, 0, (KNEE, ANKLE)] - points[:, 1, (KNEE, ANKLE)]).max(axis=(1, 2))
    apart = np.abs(expected[:, 0, :2] - expected[:, 1, :2]).max(axis=-1)
    merged = (gap < _MERGED_LEG * leg_px) & (apart > _APART_DEG)
    best = error.min(axis=1)  # (n, leg)
    loser = (best[:, 0] < best[:, 1]).astype(np.intp)
    at = np.flatnonzero(merged)
    error[at, :, loser[at]] = np.inf


def _swapped(error: FloatArray) -> NDArray[np.bool_]:
    cost = np.minimum(error, _ERROR_BOUND) ** 2
    return np.asarray(cost[:, 0, 1] + cost[:, 1, 0] + _SWAP_COST < cost[:, 0, 0] + cost[:, 1, 1])


# -- the same for one frame in plain numbers ---------------------------------------------------------------------------


def thigh_and_shank_deg(leg: list[Point]) -> list[float]:
    """Return the two angles of one leg as `segment_angles` does."""
    hip, knee, ankle = leg[HIP], leg[KNEE], leg[ANKLE]
    thigh = math.atan2(knee[0] - hip[0], hip[1] - knee[1]) * _DEG
    shank = math.atan2(ankle[0] - knee[0], knee[1] - ankle[1]) * _DEG
    return [angle - 360.0 if angle > WRAP_DEG else angle for angle in (thigh, shank)]


def assign_one(
    points: list[list[Point]],
    angles: list[list[float]],
    expected: list[list[float]],
    tolerance: list[list[float]],
    body: BodyModel,
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return order and error of one frame; everything as of `assign`, without the first axis."""
    bones = body.bones.tolist()
    error = [
        [_error_one(angles[label], expected[leg], expected[1 - leg], tolerance[leg]) for leg in (0, 1)]
        for label in (0, 1)
    ]
    for label in (0, 1):
        if not _possible_one(points[label], bones[label], bones[1 - label]):
            error[label] = [math.inf, math.inf]
    if _merged_one(points, expected, body.leg_px):
        loser = 1 if min(error[0][0], error[1][0]) < min(error[0][1], error[1][1]) else 0
        error[0][loser] = error[1][loser] = math.inf
    if _swapped_one(error):
        return (1, 0), (error[1][0], error[0][1])
    return (0, 1), (error[0][0], error[1][1])


def _error_one(seen: list[float], expected: list[float], other: list[float], tolerance: list[float]) -> float:
    worst = 0.0
    for c in (0, 1):
        if math.isnan(seen[c]):
            return math.inf
        off = (seen[c] - expected[c]) / tolerance[c]
        apart = other[c] - expected[c]
        towards_other = abs(apart) > _APART_DEG and off * apart > 0
        worst = max(worst, abs(off) * (_TOWARDS_OTHER_FACTOR if towards_other else 1.0))
    return worst


def _possible_one(leg: list[Point], own: list[float], other: list[float]) -> bool:
    shortest, longest = _BONE_LENGTH_RANGE
    for bone, (a, b) in enumerate(((HIP, KNEE), (KNEE, ANKLE))):
        length = math.hypot(leg[b][0] - leg[a][0], leg[b][1] - leg[a][1])
        if not shortest * own[bone] <= length <= longest * max(own[bone], other[bone]):
            return False
    return True


def _merged_one(points: list[list[Point]], expected: list[list[float]], leg_px: float) -> bool:
    gaps = [abs(points[0][joint][axis] - points[1][joint][axis]) for joint in (KNEE, ANKLE) for axis in (0, 1)]
    apart = max(abs(expected[0][c] - expected[1][c]) for c in (0, 1))
    return all(gap < _MERGED_LEG * leg_px for gap in gaps) and apart > _APART_DEG


def _swapped_one(error: list[list[float]]) -> bool:
    (left, right_as_left), (left_as_right, right) = [[min(e, _ERROR_BOUND) ** 2 for e in row] for row in error]
    return right_as_left + left_as_right + _SWAP_COST < left + right
