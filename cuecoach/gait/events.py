"""Mid-stance, foot strike and toe-off of one leg, with sub-frame times on the real capture times.

The rules are those of `docs/conventions.md`: a stretch of settled points of one leg and the belt speed in pixels a
second in, the contacts in it out. Keeps no state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import knee_flexion, segment_angles
from cuecoach.gait.trajectory import smooth_line
from cuecoach.types import ANKLE, HEEL, HIP, TOE, FloatArray

_FOOT_ON_BELT = 0.6  # of the belt's speed (Bruening & Ridge 2014: a velocity threshold scaled by speed)
_FOOT_OFF_BELT = (
    0.2  # of the belt's speed: slower, the foot is off the belt for certain; noise of a standing foot is less
)
_TOE_ON_BELT = 0.7  # of the belt's speed
_GROUND_SHARE = 0.05  # of frames show the foot below the ground it stands on: noise
_LOW_LEG = 0.15  # a foot this little above the ground, in leg lengths, may be standing
_MOST_FLEXED_DEG = 75.0  # a knee flexed further does not stand
_STANCE_SPEED = 0.3  # of the belt's: an ankle that passes under the hip slower is not on the belt
_LONGEST_BEFORE = 0.45  # of a stride: foot strike to mid-stance ...
_LONGEST_PUSH = 0.5  # ... and mid-stance to the foot's going forward
_STRAIGHT_WITHIN = 0.36  # of a stride from mid-stance the knee is straightest when running
_FOLDS_WITHIN = 0.25  # of a stride it folds from there to where it surely folds
_WALKING_PUSH = 0.11  # of a stride: the toe leaves so long after the knee began to fold: walking
_PUSHING_TOE_LEG = 0.1  # ... and is no higher above the ground than this until then, in leg lengths
_SIGNS_APART = 0.15  # of a stride: two signs of toe-off further apart do not belong together
_FOLDING_DEG = 3.0  # the knee has folded this much from its straightest: the foot is leaving ...
_SURELY_FOLDED_DEG = 25.0  # ... and by this much it surely folds
REFRACTORY = 0.35  # of a stride: the least time between two mid-stances of one leg
_LEAST_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of one leg; a time is NaN where it lies outside what was seen."""

    t_strike_s: float
    t_midstance_s: float
    t_toe_off_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Signals:
    """What the rules are applied to, each (n,): distances px, speeds px/s backward, flexion deg."""

    t_s: FloatArray
    ahead: FloatArray  # ankle ahead of the hip
    passing: FloatArray  # how fast it comes back
    foot: FloatArray  # mean of ankle, heel and toe
    rear: FloatArray  # mean of ankle and heel
    toe: FloatArray
    flexion: FloatArray
    standing: NDArray[np.bool_]  # low, and the knee not folded
    toe_down: NDArray[np.bool_]  # as low as a toe that still pushes

    @staticmethod
    def of(t_s: FloatArray, leg: FloatArray, leg_px: float, since_s: float) -> _Signals:
        low = np.minimum(leg[:, HEEL, 1], leg[:, TOE, 1])
        toe_up = leg[:, TOE, 1]
        ground = float(np.partition(low, int(_GROUND_SHARE * len(low)))[int(_GROUND_SHARE * len(low))])
        new = slice(int(np.searchsorted(t_s, since_s)), None)
        t_s, leg, low, toe_up = t_s[new], leg[new], low[new], toe_up[new] - ground
        x = leg[..., 0]
        rear = (x[:, ANKLE] + x[:, HEEL]) / 2
        foot = (2 * rear + x[:, TOE]) / 3
        columns = [x[:, ANKLE] - x[:, HIP], foot, rear, x[:, TOE], knee_flexion(segment_angles(leg))]
        height, rate = smooth_line(t_s, np.stack(columns, axis=1))
        standing = (low < ground + _LOW_LEG * leg_px) & (columns[4] < _MOST_FLEXED_DEG)
        passing, foot, rear, toe = -rate[:, :4].T
        toe_down = toe_up < _PUSHING_TOE_LEG * leg_px
        return _Signals(t_s, height[:, 0], passing, foot, rear, toe, height[:, 4], standing, toe_down)

    def midstance_samples(self, stride_s: float, least_px_s: float) -> list[int]:
        """Return the samples before which the standing foot passes under the hip, backward."""
        found: list[int] = []
        for i in np.flatnonzero((self.ahead[:-1] > 0) & (self.ahead[1:] <= 0)):
            slow = self.passing[i] < least_px_s
            again = found and self.t_s[i] - self.t_s[found[-1]] < REFRACTORY * stride_s
            if not slow and not again and (self.standing[i] or self.standing[i + 1]):
                found.append(int(i))
        return found


def find_contacts(
    t_s: FloatArray, leg: FloatArray, leg_px: float, belt_px_s: float, stride_s: float, since_s: float = -math.inf
) -> list[Contact]:
    """Return the contacts whose mid-stance lies in the stretch, in order.

    Parameters
    ----------
    t_s, leg : (n,) capture times and (n, 5, 2) joints in runner axes (px).
    leg_px : length of this leg. belt_px_s : speed of the belt, > 0. stride_s : time of a stride, as far as known.
    since_s : frames before this time are used only for the height of the ground.
    """
    if len(t_s) < _LEAST_FRAMES:
        return []
    signals = _Signals.of(t_s, leg, leg_px, since_s)
    contacts = []
    for i in signals.midstance_samples(stride_s, _STANCE_SPEED * belt_px_s):
        t_midstance_s = _crossing_s(signals.t_s, signals.ahead, i, 0.0)
        strike_s = _foot_strike_s(signals, i, t_midstance_s - _LONGEST_BEFORE * stride_s, belt_px_s)
        contacts.append(Contact(strike_s, t_midstance_s, _toe_off_s(signals, t_midstance_s, stride_s, belt_px_s)))
    return contacts


def closing_foot_strike(
    t_s: FloatArray, leg: FloatArray, leg_px: float, belt_px_s: float, stride_s: float, since_s: float
) -> float:
    """Return a foot strike at the very end, before its mid-stance is seen; NaN when there is none.

    Parameters as of `find_contacts`. The foot must be low and in front, and stay on the belt to the end.
    """
    if len(t_s) < _LEAST_FRAMES or t_s[-1] - since_s < REFRACTORY * stride_s:
        return math.nan
    signals = _Signals.of(t_s, leg, leg_px, -math.inf)
    off_belt = np.flatnonzero(signals.foot < _FOOT_OFF_BELT * belt_px_s)
    last = int(off_belt[-1]) if len(off_belt) else len(t_s)
    landed = slice(last + 1, None)
    if (
        signals.t_s[min(last, len(t_s) - 1)] <= since_s
        or not (signals.standing[landed] & (signals.ahead[landed] > 0)).all()
    ):
        return math.nan
    level = _FOOT_ON_BELT * belt_px_s
    on_belt = np.flatnonzero(signals.foot[landed] >= level)
    return _crossing_s(signals.t_s, signals.foot, last + int(on_belt[0]), level) if len(on_belt) else math.nan


def midstance_speeds_px_s(t_s: FloatArray, leg: FloatArray, leg_px: float, stride_s: float) -> FloatArray:
    """Return how fast (m,) the foot goes backward at each mid-stance: the belt's speed, before anything is known."""
    if len(t_s) < _LEAST_FRAMES:
        return np.empty(0)
    signals = _Signals.of(t_s, leg, leg_px, -math.inf)
    speeds = signals.foot[signals.midstance_samples(stride_s, 0.0)]
    return np.asarray(speeds[speeds > 0])


def _foot_strike_s(signals: _Signals, i: int, earliest_s: float, belt_px_s: float) -> float:
    """Return when the foot takes up the belt's speed, having surely not had it: the last time before sample `i`."""
    level, off_belt = _FOOT_ON_BELT * belt_px_s, _FOOT_OFF_BELT * belt_px_s
    j = i
    while j > 0 and signals.foot[j] >= off_belt and signals.t_s[j] > earliest_s:
        j -= 1
    if not signals.foot[j] < off_belt:
        return math.nan
    while signals.foot[j + 1] < level:
        j += 1
        if j >= i:
            return math.nan
    return _crossing_s(signals.t_s, signals.foot, j, level)


def _toe_off_s(signals: _Signals, t_midstance_s: float, stride_s: float, belt_px_s: float) -> float:
    """Return toe-off: half-way between the knee's beginning to fold and the rear foot's leaving the belt's speed.

    The two err in opposite directions from runner to runner and their noise is independent. When the toe stays on the
    belt long after the knee began to fold, this is walking, and toe-off is when the toe leaves.
    """
    start, limit = (
        int(i) for i in np.searchsorted(signals.t_s, (t_midstance_s, t_midstance_s + _LONGEST_PUSH * stride_s))
    )
    knee_folds_s = _knee_folds_s(signals, start, limit, stride_s)
    rear_leaves_s = _leaves_belt_s(signals.rear, signals.t_s, start, limit, _FOOT_ON_BELT * belt_px_s)
    toe_leaves_s = _leaves_belt_s(signals.toe, signals.t_s, start, limit, _TOE_ON_BELT * belt_px_s)
    if math.isnan(toe_leaves_s) and limit >= len(signals.t_s):
        return math.nan  # it may still be pushing
    pushed = signals.toe_down[max(int(np.searchsorted(signals.t_s, toe_leaves_s)) - 1, 0)]
    if pushed and toe_leaves_s - knee_folds_s > _WALKING_PUSH * stride_s:
        return toe_leaves_s
    if math.isnan(knee_folds_s) or math.isnan(rear_leaves_s):
        return rear_leaves_s if math.isnan(knee_folds_s) else knee_folds_s
    return (
        knee_folds_s
        if abs(rear_leaves_s - knee_folds_s) > _SIGNS_APART * stride_s
        else (knee_folds_s + rear_leaves_s) / 2
    )


def _knee_folds_s(signals: _Signals, start: int, limit: int, stride_s: float) -> float:
    """Return when the knee knee_folds_s to fold: looked for backward from where it surely does."""
    flexion = signals.flexion[start:limit]
    pushing = flexion[
        : int(np.searchsorted(signals.t_s[start:limit], signals.t_s[start] + _STRAIGHT_WITHIN * stride_s))
    ]
    if not len(pushing):
        return math.nan
    level = float(pushing.min()) + _SURELY_FOLDED_DEG
    rises = np.flatnonzero((flexion[:-1] < level) & (flexion[1:] >= level))
    if not len(rises):
        return math.nan
    j = start + int(rises[-1]) + 1
    first = max(start, int(np.searchsorted(signals.t_s, signals.t_s[j] - _FOLDS_WITHIN * stride_s)))
    k = first + int(np.argmin(signals.flexion[first : j + 1]))
    level = float(signals.flexion[k]) + _FOLDING_DEG
    while j > k and signals.flexion[j - 1] > level:
        j -= 1
    return _crossing_s(signals.t_s, signals.flexion, j - 1, level) if j > k else math.nan


def _leaves_belt_s(speeds: FloatArray, t_s: FloatArray, start: int, limit: int, level: float) -> float:
    """Return when a point of the foot falls below `level` for good: backward from where it first goes forward."""
    forward = np.flatnonzero(speeds[start:limit] < 0)
    if not len(forward):
        return math.nan
    j = start + int(forward[0])
    while j > start and not speeds[j - 1] >= level:
        j -= 1
    return _crossing_s(t_s, speeds, j - 1, level) if j > start else math.nan


def _crossing_s(t_s: FloatArray, values: FloatArray, i: int, level: float) -> float:
    """Return when the line between samples i and i + 1 passes `level`."""
    rise = float(values[i + 1] - values[i])
    share = (level - float(values[i])) / rise if rise else 0.0
    return float(t_s[i] + share * (t_s[i + 1] - t_s[i]))
