"""Belt speed from the foot that stands on it, in pixels a second, and in metres a second as well as can be.

Owns the estimate, its scale and its uncertainty. What the user or the machine says always wins; it also calibrates the
scale, which then serves when nobody says anything any more.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cuecoach.gait.events import Contact
from cuecoach.gait.track import Track
from cuecoach.types import TOE, FloatArray, Speed

LEG_OF_STATURE = 0.491  # thigh .245 + shank .246 of stature (Drillis & Contini 1966, in Winter 2009)
DEFAULT_LEG_M = 0.864  # a runner of 1.76 m
# Relative standard uncertainties. The leg of a known stature: proportions 3-4 %, hip landmark 4-6 % (Needham 2021).
# Of an unknown one: adults differ by 7 % in addition. Calibrated: what the display and ten stances leave.
_SD_HEIGHT, _SD_DEFAULT, _SD_CALIBRATED = 0.065, 0.10, 0.03

_TOE_RATIO = 1.015  # the toe of a standing foot slides this much faster than the belt (1.01-1.02 on real markers)
_STANCES = 15
_FROM, _TO = 0.2, 0.6  # the part of stance in which the toe moves with the belt
_FIRST_PERCENTILE = 90.0
_CHANGE = 0.05  # stride times that differ by this share mean another speed


class Belt:
    """Running estimate of belt speed. Fed with contacts; `legs_per_s` is NaN until something is known."""

    def __init__(self, runner_height_m: float | None) -> None:
        self._leg_m = LEG_OF_STATURE * runner_height_m if runner_height_m else DEFAULT_LEG_M
        self._sd = _SD_HEIGHT if runner_height_m else _SD_DEFAULT
        self._legs_per_s: deque[float] = deque(maxlen=_STANCES)
        self._stride_times: deque[float] = deque(maxlen=10)
        self._metres_per_leg: float | None = None
        self.legs_per_s = math.nan  # belt speed in leg lengths a second, median of the last stances

    @staticmethod
    def first_guess_px_s(speeds_px_s: FloatArray) -> float:
        """Return a speed to find the first contacts with: feet (n,) move backward no faster than the belt."""
        backward = speeds_px_s[np.isfinite(speeds_px_s)]
        return float(np.percentile(backward, _FIRST_PERCENTILE)) if len(backward) else math.nan

    def add(self, track: Track, row: int, contact: Contact) -> None:
        """Take in one finished contact: the slope of the toe over 20-60 % of stance."""
        start = contact.t_strike_s + _FROM * (contact.t_toe_off_s - contact.t_strike_s)
        end = contact.t_strike_s + _TO * (contact.t_toe_off_s - contact.t_strike_s)
        if math.isnan(start) or math.isnan(end):
            return
        inside = (track.t_s >= start - 0.017) & (track.t_s <= end + 0.017)
        if inside.sum() < 3 or track.trust[inside, row].min() < 0.3:
            return
        fit = np.polyfit(track.t_s[inside] - start, track.legs[inside, row, TOE, 0], 1)
        if -fit[0] > 0:
            self._legs_per_s.append(-float(fit[0]) / (_TOE_RATIO * float(track.leg_px[row])))
            self.legs_per_s = float(np.median(self._legs_per_s))

    def add_stride_time(self, stride_s: float) -> bool:
        """Take in one stride's time; return True when it tells of a change of speed (two strides in a row)."""
        before = list(self._stride_times)
        self._stride_times.append(stride_s)
        if len(before) < 5:
            return False
        usual = float(np.median(before[:-1]))
        changed = min(abs(before[-1] / usual - 1), abs(stride_s / usual - 1)) > _CHANGE
        same_way = (before[-1] - usual) * (stride_s - usual) > 0
        if changed and same_way:
            self._stride_times = deque([before[-1], stride_s], maxlen=10)
            self._legs_per_s = deque(list(self._legs_per_s)[-2:], maxlen=_STANCES)
            self.legs_per_s = float(np.median(self._legs_per_s)) if self._legs_per_s else math.nan
            return True
        return False

    def speed(self, said: Speed | None) -> Speed | None:
        """Return what was said, or else the belt's own estimate, or None."""
        measured = self.legs_per_s
        if said is not None:
            if len(self._legs_per_s) >= 5 and said.mps > 0:
                self._metres_per_leg = said.mps / measured
            return said
        if math.isnan(measured):
            return None
        scale, sd = (self._metres_per_leg, _SD_CALIBRATED) if self._metres_per_leg else (self._leg_m, self._sd)
        mps = scale * measured
        noise = 0.05 / math.sqrt(len(self._legs_per_s))  # one stance at 30 fps: 5 %
        return Speed(mps, mps * math.hypot(sd, noise), "belt")
