"""Belt speed from the feet that stand on it: in leg lengths a second and, with its uncertainty, in metres a second.

A speed given by the user or the machine always wins; it also calibrates the scale from leg lengths to metres, which
serves from then on when no speed is given.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from cuecoach.gait.events import Contact, midstance_speeds_px_s
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

_STANCE_FROM, _STANCE_TO = 0.15, 0.6  # the part of stance in which heel and toe move with the belt
_STANCE_MARGIN_S = 0.017  # a frame this near to that part belongs to it: half a frame at 30 fps
_LEAST_FRAMES = 3  # for a slope
_LEAST_TRUST = 0.3  # of every frame
_STANCES = 16  # of both legs: what the speed is the mean of ...
_CALIBRATION_STANCES = 48  # ... and the scale
_LEAST_STANCES = 3  # before they replace the first guess
_SD_STANCE = 0.04  # of one stance, before this camera has shown its own; worth ...
_PRIOR_STANCES = 4  # ... so many stances
_LARGEST_DEVIATION = 0.15  # of the median; a stance further from it counts as this far
_PLAUSIBLE_FACTOR = 1.33  # a first guess off by this factor from the given speed, with a leg of usual length, is wrong
_STEP_STANCES = 3  # newest stances, of both legs, that show another speed ...
_LEAST_STEP, _STEP_STANDARD_ERRORS = 0.06, 4.0  # ... when they differ by this share and so many standard errors
_STRIDE_STEP = 0.05  # stride times that differ by this share show another speed ...
_STRIDE_TIMES, _LEAST_STRIDE_TIMES = 10, 5  # ... from so many before

_StanceSpeed = tuple[int, float, float]  # leg (row), value, weight


class BeltSpeedEstimator:
    """Running estimate of belt speed from contacts and stride times.

    `legs_per_s`, in leg lengths a second, is NaN until a stance is known; `changes` counts detected changes of speed.
    """

    def __init__(self, runner_height_m: float | None) -> None:
        self._leg_m = SEEN_LENGTH * (LEG_OF_STATURE * runner_height_m if runner_height_m else DEFAULT_LEG_M)
        self._sd = _SD_HEIGHT if runner_height_m else _SD_DEFAULT
        self._metres_per_leg: deque[_StanceSpeed] = deque(maxlen=_CALIBRATION_STANCES)
        self._given_relative_sd = 0.0
        self.changes = 0
        self.reset()

    def reset(self) -> None:
        """Forget the speed, which has changed or fits nothing that is seen; keep the scale."""
        self._stances: deque[_StanceSpeed] = deque(maxlen=_STANCES)
        self._measured: Speed | None = None
        self.legs_per_s = math.nan
        self._stride_times: deque[float] = deque(maxlen=_STRIDE_TIMES)

    def search_speed_legs_per_s(self, trajectory: LegTrajectory, stride_s: float, given: Speed | None) -> float:
        """Return the speed to find contacts with, in leg lengths a second; NaN when it is unknown.

        Until enough stances are known it is how fast feet pass under the hip; where that contradicts the given speed
        and a leg of usual length, it is the given speed.
        """
        if len(self._stances) >= _LEAST_STANCES:
            return self.legs_per_s
        seen = [
            midstance_speeds_px_s(trajectory.t_s, trajectory.legs[:, row], float(trajectory.leg_px[row]), stride_s)
            / trajectory.leg_px[row]
            for row in (0, 1)
        ]
        passing = np.concatenate(seen)
        guess = float(np.median(passing)) if len(passing) else math.nan
        if given is None or not given.mps > 0:
            return guess
        expected = given.mps / self._leg_m
        return guess if 1 / _PLAUSIBLE_FACTOR < guess / expected < _PLAUSIBLE_FACTOR else expected

    def add_contact(self, trajectory: LegTrajectory, row: int, contact: Contact, given: Speed | None) -> None:
        """Add a finished contact: the mean speed of heel and toe backward over 15-60 % of stance.

        Ignored when the foot was not seen well, goes forward, or an event is NaN.
        """
        start = contact.t_strike_s + _STANCE_FROM * (contact.t_toe_off_s - contact.t_strike_s)
        end = contact.t_strike_s + _STANCE_TO * (contact.t_toe_off_s - contact.t_strike_s)
        if math.isnan(start) or math.isnan(end):
            return
        inside = (trajectory.t_s >= start - _STANCE_MARGIN_S) & (trajectory.t_s <= end + _STANCE_MARGIN_S)
        if inside.sum() < _LEAST_FRAMES or trajectory.trust[inside, row].min() < _LEAST_TRUST:
            return
        weight = float(trajectory.trust[inside, row].mean())
        foot = trajectory.legs[inside, row][:, (HEEL, TOE), 0].mean(axis=1)
        since = trajectory.t_s[inside] - trajectory.t_s[inside].mean()
        legs_per_s = -float(since @ foot / (since @ since)) / float(trajectory.leg_px[row])
        if legs_per_s <= 0:
            return
        self._stances.append((row, legs_per_s, weight))
        if given is not None and given.mps > 0:
            self._metres_per_leg.append((row, given.mps / legs_per_s, weight))
            self._given_relative_sd = given.sd_mps / given.mps
        self._detect_speed_step()
        self._update_estimate()

    def _detect_speed_step(self) -> None:
        """Restart when the newest stances agree on another speed."""
        before, newest = list(self._stances)[:-_STEP_STANCES], list(self._stances)[-_STEP_STANCES:]
        if len(before) < 2 * _STEP_STANCES:
            return
        usual, error = _robust_mean(before)
        low, middle, high = sorted(value / usual - 1 for _, value, _ in newest)
        least = max(
            _LEAST_STEP, _STEP_STANDARD_ERRORS * math.hypot(error, error * math.sqrt(len(before) / _STEP_STANCES))
        )
        if abs(middle) > least and min(abs(low), abs(high)) > least / 2 and low * high > 0:
            self._restart_from_newest()

    def add_stride_time(self, stride_s: float) -> None:
        """Add a stride time; two in a row that differ from the median in the same direction show another speed."""
        before = list(self._stride_times)
        self._stride_times.append(stride_s)
        if len(before) < _LEAST_STRIDE_TIMES:
            return
        usual = float(np.median(before[:-1]))
        changed = min(abs(before[-1] / usual - 1), abs(stride_s / usual - 1)) > _STRIDE_STEP
        if changed and (before[-1] - usual) * (stride_s - usual) > 0:
            self._restart_from_newest()

    def _restart_from_newest(self) -> None:
        newest, strides_s = list(self._stances)[-_STEP_STANCES:], list(self._stride_times)[-2:]
        self.reset()
        self._stances.extend(newest)
        self._stride_times.extend(strides_s)
        self.changes += 1
        if newest:
            self._update_estimate()

    def speed(self, given: Speed | None) -> Speed | None:
        """Return the given speed, or else the estimate, or None."""
        return given if given is not None else self._measured

    def _update_estimate(self) -> None:
        self.legs_per_s, noise = _robust_mean(self._stances)
        scale, of_scale = _robust_mean(self._metres_per_leg)
        if len(self._metres_per_leg) >= _LEAST_STANCES:
            sd = math.hypot(_SD_CALIBRATED, self._given_relative_sd, of_scale)
        else:
            scale, sd = self._leg_m, self._sd
        mps = scale * self.legs_per_s
        self._measured = Speed(mps, mps * math.hypot(sd, noise), SpeedOrigin.PICTURE)


def _robust_mean(stances: Sequence[_StanceSpeed]) -> tuple[float, float]:
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
        bounded = np.clip(values, usual * (1 - _LARGEST_DEVIATION), usual * (1 + _LARGEST_DEVIATION))
        means.append(float(np.average(bounded, weights=weights)))
        variance = (float(((bounded / usual - 1) ** 2).sum()) + _PRIOR_STANCES * _SD_STANCE**2) / (
            len(own) + _PRIOR_STANCES
        )
        errors.append(math.sqrt(variance / len(own)))
    if not means:
        return math.nan, math.nan
    return sum(means) / len(means), math.hypot(*errors) / len(errors)
