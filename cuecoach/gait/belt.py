"""Belt speed from the foot that stands on it, in leg lengths a second, and in metres a second as well as can be.

Owns the estimate, its scale and its uncertainty. What the user or the machine says always wins; it also calibrates the
scale, which then serves when nobody says anything any more.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from cuecoach.gait.events import Contact, standing_speeds_px_s
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.types import HEEL, TOE, Speed, SpeedOrigin

LEG_OF_STATURE = 0.491  # thigh .245 + shank .246 of stature (Drillis & Contini 1966, in Winter 2009)
DEFAULT_LEG_M = 0.864  # a runner of 1.76 m
# Bones swing out of the picture's plane: their usual length in it is this part of the true one (measured: six legs of
# motion capture, .974 to .983).
SEEN_LENGTH = 0.98
# Relative standard uncertainties. The leg of a known stature: proportions 3-4 %, hip landmark 4-6 % (Needham 2021).
# Of an unknown one: adults differ by 7 % in addition. Calibrated: belts slow down under the runner, and not always by
# the same (Willwacher 2021).
_SD_HEIGHT, _SD_DEFAULT, _SD_CALIBRATED = 0.065, 0.10, 0.02

_FROM, _TO = 0.15, 0.6  # the part of stance in which heel and toe move with the belt
_LEAST_TRUST = 0.3
_STANCES = 16  # of both legs: what the speed is the mean of ...
_CALIBRATION_STANCES = 48  # ... and the scale
_ENOUGH = 3  # stances, before they are believed rather than a guess
_SD_STANCE = 0.04  # of one stance, before this camera has shown its own; worth ...
_PRIOR = 4  # ... so many stances
_OUTLIER = 0.15  # a stance further than this from the usual counts as being so far
_PLAUSIBLE = 1.33  # a guess that is off by this factor from what was said and an average leg is wrong
_NEWEST = 3  # stances in a row, of both legs, that tell of another speed ...
_STEP, _STEP_SD = 0.06, 4.0  # ... when they are off by this much, and by so many standard errors
_STRIDE_STEP = 0.05  # stride times that differ by this share mean another speed

_Stance = tuple[int, float, float]  # leg (row), value, weight


class Belt:
    """Running estimate of belt speed. Fed with contacts; `legs_per_s` is NaN until something is known."""

    def __init__(self, runner_height_m: float | None) -> None:
        self._leg_m = SEEN_LENGTH * (LEG_OF_STATURE * runner_height_m if runner_height_m else DEFAULT_LEG_M)
        self._sd = _SD_HEIGHT if runner_height_m else _SD_DEFAULT
        self._metres_per_leg: deque[_Stance] = deque(maxlen=_CALIBRATION_STANCES)
        self._said_sd = 0.0
        self.changes = 0  # how often stances or strides told of another speed
        self.doubt()

    def doubt(self) -> None:
        """Forget the speed, not the scale: it is another one now, or it explains nothing of what is seen."""
        self._stances: deque[_Stance] = deque(maxlen=_STANCES)
        self._measured: Speed | None = None
        self.legs_per_s = math.nan  # belt speed in leg lengths a second
        self._stride_times: deque[float] = deque(maxlen=10)

    def working_legs_per_s(self, track: LegTrajectory, stride_s: float, said: Speed | None) -> float:
        """Return the speed to find contacts with, in leg lengths a second; NaN when nothing tells.

        Until enough stances are known it is how fast feet pass under the hip; and where that contradicts what the
        user said of an average leg, it is the latter.
        """
        if len(self._stances) >= _ENOUGH:
            return self.legs_per_s
        seen = [
            standing_speeds_px_s(track.t_s, track.legs[:, row], float(track.leg_px[row]), stride_s) / track.leg_px[row]
            for row in (0, 1)
        ]
        passing = np.concatenate(seen)
        guess = float(np.median(passing)) if len(passing) else math.nan
        if said is None or not said.mps > 0:
            return guess
        expected = said.mps / self._leg_m
        return guess if 1 / _PLAUSIBLE < guess / expected < _PLAUSIBLE else expected

    def add(self, track: LegTrajectory, row: int, contact: Contact, said: Speed | None) -> None:
        """Take in one finished contact: how fast heel and toe go backward over 15-60 % of stance."""
        start = contact.t_strike_s + _FROM * (contact.t_toe_off_s - contact.t_strike_s)
        end = contact.t_strike_s + _TO * (contact.t_toe_off_s - contact.t_strike_s)
        if math.isnan(start) or math.isnan(end):
            return
        inside = (track.t_s >= start - 0.017) & (track.t_s <= end + 0.017)
        if inside.sum() < 3 or track.trust[inside, row].min() < _LEAST_TRUST:
            return
        weight = float(track.trust[inside, row].mean())
        foot = track.legs[inside, row][:, (HEEL, TOE), 0].mean(axis=1)
        since = track.t_s[inside] - track.t_s[inside].mean()
        legs_per_s = -float(since @ foot / (since @ since)) / float(track.leg_px[row])
        if legs_per_s <= 0:
            return
        self._stances.append((row, legs_per_s, weight))
        if said is not None and said.mps > 0:
            self._metres_per_leg.append((row, said.mps / legs_per_s, weight))
            self._said_sd = said.sd_mps / said.mps
        self._look_for_step()
        self._measure()

    def _look_for_step(self) -> None:
        """Begin again with the newest stances when they agree on another speed."""
        before, newest = list(self._stances)[:-_NEWEST], list(self._stances)[-_NEWEST:]
        if len(before) < 2 * _NEWEST:
            return
        usual, error = _usual(before)
        low, middle, high = sorted(value / usual - 1 for _, value, _ in newest)
        least = max(_STEP, _STEP_SD * math.hypot(error, error * math.sqrt(len(before) / _NEWEST)))
        if abs(middle) > least and min(abs(low), abs(high)) > least / 2 and low * high > 0:
            self._begin_again()

    def add_stride_time(self, stride_s: float) -> None:
        """Take in one stride's time; two in a row that differ alike from the usual mean another speed."""
        before = list(self._stride_times)
        self._stride_times.append(stride_s)
        if len(before) < 5:
            return
        usual = float(np.median(before[:-1]))
        changed = min(abs(before[-1] / usual - 1), abs(stride_s / usual - 1)) > _STRIDE_STEP
        if changed and (before[-1] - usual) * (stride_s - usual) > 0:
            self._begin_again()

    def _begin_again(self) -> None:
        newest, strides_s = list(self._stances)[-_NEWEST:], list(self._stride_times)[-2:]
        self.doubt()
        self._stances.extend(newest)
        self._stride_times.extend(strides_s)
        self.changes += 1
        if newest:
            self._measure()

    def speed(self, said: Speed | None) -> Speed | None:
        """Return what was said, or else the belt's own estimate, or None."""
        return said if said is not None else self._measured

    def _measure(self) -> None:
        self.legs_per_s, noise = _usual(self._stances)
        scale, of_scale = _usual(self._metres_per_leg)
        if len(self._metres_per_leg) >= _ENOUGH:
            sd = math.hypot(_SD_CALIBRATED, self._said_sd, of_scale)
        else:
            scale, sd = self._leg_m, self._sd
        mps = scale * self.legs_per_s
        self._measured = Speed(mps, mps * math.hypot(sd, noise), SpeedOrigin.PICTURE)


def _usual(stances: Sequence[_Stance]) -> tuple[float, float]:
    """Return the mean of both legs' robust means, and its relative standard error; NaN without any stance.

    Legs are averaged apart because each seems faster or slower by its own distance from the camera.
    """
    means, errors = [], []
    for leg in (0, 1):
        own = [(value, weight) for row, value, weight in stances if row == leg]
        if not own:
            continue
        values, weights = np.array(own).T
        usual = float(np.median(values))
        bounded = np.clip(values, usual * (1 - _OUTLIER), usual * (1 + _OUTLIER))
        means.append(float(np.average(bounded, weights=weights)))
        variance = (float(((bounded / usual - 1) ** 2).sum()) + _PRIOR * _SD_STANCE**2) / (len(own) + _PRIOR)
        errors.append(math.sqrt(variance / len(own)))
    if not means:
        return math.nan, math.nan
    return sum(means) / len(means), math.hypot(*errors) / len(errors)
