"""Mid-stance, foot strike and toe-off of one leg, with sub-frame times on the real capture times.

Owns the event rules of `docs/conventions.md`. Is given a stretch of settled points of one leg and the belt's speed in
pixels; answers with the contacts in it. Keeps no state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.angles import knee_flexion, segment_angles
from cuecoach.gait.track import slope, smooth_line
from cuecoach.types import ANKLE, HEEL, HIP, TOE, FloatArray

_FOOT_ON_BELT = 0.6  # of the belt's speed (Bruening & Ridge 2014: a velocity threshold scaled by speed)
_TOE_ON_BELT = 0.7
_GROUND_PERCENTILE = 5.0
_LOW_LEG = 0.15  # a foot this little above the ground, in leg lengths, may be standing
_MOST_FLEXED_DEG = 75.0  # at mid-stance
_STANCE_SPEED = 0.3  # of the belt's: what passes under the hip slower than this does not stand on the belt
_LONGEST_BEFORE = 0.45  # of a stride: strike to mid-stance ...
_TOE_OFF_WITHIN = 0.36  # ... and mid-stance to toe-off when running
_STILL_PUSHING = 0.15  # of a stride: knee straightest, but the toe leaves this much later: walking
_LONGEST_PUSH = 0.5


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of one leg; a time is NaN where it lies outside what was seen."""

    t_strike_s: float
    t_midstance_s: float
    t_toe_off_s: float


def find_contacts(t_s: FloatArray, leg: FloatArray, leg_px: float, belt_px_s: float, stride_s: float) -> list[Contact]:
    """Return the contacts whose mid-stance lies in the stretch, in order.

    Parameters
    ----------
    t_s, leg : (n,) capture times and (n, 5, 2) joints in runner axes (px).
    leg_px : length of this leg. belt_px_s : speed of the belt, > 0. stride_s : time of a stride, as far as known.
    """
    if len(t_s) < 5:
        return []
    ahead = leg[:, ANKLE, 0] - leg[:, HIP, 0]
    low = np.minimum(leg[:, HEEL, 1], leg[:, TOE, 1])
    ground = float(np.percentile(low, _GROUND_PERCENTILE))
    flexion = knee_flexion(segment_angles(leg))
    u_foot = -slope(t_s, leg[:, (ANKLE, HEEL, TOE), 0].mean(axis=1)) / belt_px_s
    u_toe = -slope(t_s, leg[:, TOE, 0]) / belt_px_s
    standing = (low < ground + _LOW_LEG * leg_px) & (flexion < _MOST_FLEXED_DEG)
    contacts: list[Contact] = []
    ahead, speed = smooth_line(t_s, ahead)
    for i in np.flatnonzero((ahead[:-1] > 0) & (ahead[1:] <= 0)):
        t_mid = _crossing(t_s, ahead, i, 0.0)
        if not (standing[i] or standing[i + 1]) or -speed[i] < _STANCE_SPEED * belt_px_s:
            continue
        if contacts and t_mid - contacts[-1].t_midstance_s < 0.35 * stride_s:
            continue
        strike = _strike(t_s, u_foot, i, t_mid - _LONGEST_BEFORE * stride_s)
        toe_off = _toe_off(t_s, flexion, u_foot, u_toe, t_mid, stride_s)
        contacts.append(Contact(strike, t_mid, toe_off))
    return contacts


def _strike(t_s: FloatArray, u_foot: FloatArray, i: int, earliest_s: float) -> float:
    """Return when the foot last took up the belt's speed before frame `i`."""
    j = i
    while j > 0 and t_s[j] > earliest_s:
        if math.isnan(u_foot[j - 1]):
            return math.nan
        if u_foot[j - 1] < _FOOT_ON_BELT <= u_foot[j]:
            return _crossing(t_s, u_foot, j - 1, _FOOT_ON_BELT)
        j -= 1
    return math.nan


def _toe_off(
    t_s: FloatArray, flexion: FloatArray, u_foot: FloatArray, u_toe: FloatArray, t_mid: float, stride_s: float
) -> float:
    """Return toe-off: half-way between the straightest knee and the foot's leaving the belt's speed.

    The two rules err in opposite directions from runner to runner and their noise is independent. When the toe stays
    on the belt long after the knee was straightest, this is walking, and toe-off is when the toe leaves.
    """
    start, end = np.searchsorted(t_s, (t_mid, t_mid + _TOE_OFF_WITHIN * stride_s))
    if end >= len(t_s) - 1 or end - start < 2:
        return math.nan
    k = int(start) + int(np.argmin(flexion[start:end]))
    straightest = _vertex(t_s, flexion, k)
    limit = int(np.searchsorted(t_s, t_mid + _LONGEST_PUSH * stride_s))
    toe_left = _fall(t_s, u_toe, _TOE_ON_BELT, k, limit)
    if toe_left - straightest > _STILL_PUSHING * stride_s:
        return toe_left
    foot_left = _fall(t_s, u_foot, _FOOT_ON_BELT, int(start), limit)
    if math.isnan(foot_left) or abs(foot_left - straightest) > _STILL_PUSHING * stride_s:
        return straightest
    return (straightest + foot_left) / 2


def _fall(t_s: FloatArray, values: FloatArray, level: float, start: int, end: int) -> float:
    """Return when values first fall through `level` between two samples, NaN if they do not."""
    part = values[start:end]
    falls = np.flatnonzero((part[:-1] >= level) & (part[1:] < level))
    return _crossing(t_s, values, start + int(falls[0]), level) if len(falls) else math.nan


def _crossing(t_s: FloatArray, values: FloatArray, i: int, level: float) -> float:
    """Return when the line between samples i and i + 1 passes `level`."""
    rise = float(values[i + 1] - values[i])
    share = (level - float(values[i])) / rise if rise else 0.0
    return float(t_s[i] + share * (t_s[i + 1] - t_s[i]))


def _vertex(t_s: FloatArray, values: FloatArray, k: int) -> float:
    """Return the time of the extremum of the parabola through samples k - 1, k, k + 1, on their real times."""
    if not 0 < k < len(values) - 1:
        return float(t_s[k])
    t0, t1, t2 = (float(t) for t in t_s[k - 1 : k + 2])
    left = float(values[k] - values[k - 1]) / (t1 - t0)
    right = float(values[k + 1] - values[k]) / (t2 - t1)
    if right == left:
        return t1
    at = (t0 + t1) / 2 + (t2 - t0) / 2 * left / (left - right)
    return min(max(at, t0), t2)
