"""Reasons to be silent about all faults alike: not running, leaving, muted, warming up, speed changed or unknown.

Knows no faults and no words.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from cuecoach.coach.policy import CoachSettings
from cuecoach.types import Activity, Reason, Side, Situation, Speed, SpeedOrigin, Stride

_COMPARED_STRIDES = 8  # of both legs, whose median time is compared with that of the same number before
_ROUNDING_MPS = 1e-9  # speeds are sums of key presses


class Inhibition:
    """Follows the situation, the trust and the time of the strides, and tells why to be silent."""

    def __init__(self, settings: CoachSettings, speeds_mps: tuple[float, float]) -> None:
        self._settings = settings
        self._speeds_mps = speeds_mps
        self._situation: Situation | None = None
        self._speed: Speed | None = None
        self._reference: Speed | None = None  # what a change of the set speed is measured from
        self._first_s: float | None = None
        self._last_s = -math.inf
        self._changed_s = -math.inf
        self._times_s: deque[float] = deque(maxlen=2 * _COMPARED_STRIDES)
        self._trusted = {side: deque[bool](maxlen=settings.window_strides) for side in Side}

    def update(self, now_s: float, situation: Situation) -> bool:
        """Note the situation of a frame; return whether anything but the speed differs from the frame before."""
        before, self._situation = self._situation, situation
        if situation.speed is not self._speed and situation.speed != self._speed:
            self._compare_speed(now_s, situation.speed)
        if before is None:
            return False
        return (
            situation.activity is not before.activity
            or situation.leaving != before.leaving
            or situation.muted != before.muted
        )

    def add_stride(self, now_s: float, stride: Stride) -> None:
        """Add a running stride: its trust and its time."""
        if self._first_s is None:
            self._first_s = now_s
        elif now_s - self._last_s > self._settings.stale_s:
            self._note_change(now_s)
            for seen in self._trusted.values():
                seen.clear()
        self._last_s = now_s
        trusted = stride.trust >= self._settings.trust_min
        self._trusted[stride.side].append(trusted)
        stride_s = stride.t_next_strike_s - stride.t_strike_s
        if trusted and stride_s > 0.0:
            self._times_s.append(stride_s)
            self._detect_time_shift(now_s)

    def reason(self, now_s: float, *, asked: bool) -> Reason | None:
        """Return why to be silent at `now_s`, or None. Who asks need not wait for the end of the warm-up."""
        situation = self._situation
        if situation is None or self._first_s is None:
            return Reason.NOT_RUNNING
        if situation.muted:
            return Reason.MUTED
        if situation.activity is not Activity.RUNNING:
            return Reason.NOT_RUNNING
        if situation.leaving:
            return Reason.LEAVING
        if not asked and now_s - self._first_s < self._settings.warmup_inhibit_s:
            return Reason.WARM_UP
        if now_s - self._changed_s < self._settings.speed_change_inhibit_s:
            return Reason.SPEED_CHANGE
        if situation.speed is None or not math.isfinite(situation.speed.mps):
            return Reason.SPEED_UNKNOWN
        low, high = self._speeds_mps
        return None if low <= situation.speed.mps <= high else Reason.OUT_OF_RANGE

    def low_trust(self, side: Side) -> bool:
        """Whether too many of a leg's last strides are not to be trusted; True for a leg never seen."""
        seen = self._trusted[side]
        return not seen or seen.count(False) > self._settings.confidence_bad_fraction_max * len(seen)

    def unjudgeable(self, side: Side) -> bool:
        """Whether a leg has been looked at for a whole window and still cannot be trusted."""
        return len(self._trusted[side]) == self._settings.window_strides and self.low_trust(side)

    def _compare_speed(self, now_s: float, speed: Speed | None) -> None:
        """Note a change of the belt, not of what is known about it: only speeds of one origin are compared."""
        self._speed = speed
        reference = self._reference
        if reference is None or speed is None or reference.origin != speed.origin:
            self._reference = speed
        # A person or a machine sets a speed at once; an estimate wanders, and its steps are told by the stride time.
        elif (
            speed.origin is not SpeedOrigin.PICTURE
            and abs(speed.mps - reference.mps) > self._settings.speed_change_mps - _ROUNDING_MPS
        ):
            self._reference = speed
            self._note_change(now_s)

    def _detect_time_shift(self, now_s: float) -> None:
        if len(self._times_s) < 2 * _COMPARED_STRIDES:
            return
        times_s = list(self._times_s)
        before_s, after_s = median(times_s[:_COMPARED_STRIDES]), median(times_s[_COMPARED_STRIDES:])
        if abs(after_s - before_s) > self._settings.speed_change_stride_time * before_s:
            self._note_change(now_s)

    def _note_change(self, now_s: float) -> None:
        self._changed_s = now_s
        self._times_s.clear()
