"""Does a fault persist? One `Watch` for each fault of the pack: its windows, its cues so far, its recovery.

Owns persistence and hysteresis. Knows nothing of other faults, of words, or of what else is being said.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from cuecoach.coach.faults import Fault, Scope
from cuecoach.coach.findings import Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.types import Reason, Side, Stride


class Window:
    """The last strides of one leg as levels of one fault.

    `active` with hysteresis: from `enter_strides` beyond the limit until all but `exit_strides` of a full window are
    known to be well.
    """

    __slots__ = ("_levels", "_numbers", "_settings", "active", "closed_s", "last_beyond_s", "stride_s")

    def __init__(self, settings: CoachSettings) -> None:
        self._settings = settings
        self._levels: list[Level] = []
        self._numbers: list[int] = []
        self.active = False
        self.closed_s = -math.inf
        self.last_beyond_s = -math.inf
        self.stride_s = 0.0

    def push(self, level: Level, stride: Stride) -> bool:
        """Take a stride; return whether the fault is over with it. A leg that was out of sight starts anew."""
        settings = self._settings
        if stride.closed_s - self.closed_s > settings.stale_s:
            self.clear()
        elif len(self._levels) == settings.window_strides:
            del self._levels[0], self._numbers[0]
        self._levels.append(level)
        self._numbers.append(stride.number)
        self.closed_s = stride.closed_s
        self.stride_s = max(0.0, stride.t_next_strike_s - stride.t_strike_s)
        if level is Level.BEYOND:
            self.last_beyond_s = stride.closed_s
        if self.active:
            self.active = not self.clean
            return not self.active
        self.active = self.true
        return False

    def clear(self) -> None:
        """Forget all strides, which is no recovery."""
        self._levels.clear()
        self._numbers.clear()
        self.active = False

    @property
    def true(self) -> bool:
        """Whether enough of the strides show the fault."""
        return self._levels.count(Level.BEYOND) >= self._settings.enter_strides

    @property
    def clean(self) -> bool:
        """Whether enough of the strides are known to be well."""
        full = len(self._levels) == self._settings.window_strides
        return full and len(self._levels) - self._levels.count(Level.INSIDE) <= self._settings.exit_strides

    @property
    def expires_s(self) -> float:
        """Until when the last faulty stride is fresh enough to speak about."""
        strides_since = self._levels[::-1].index(Level.BEYOND) if Level.BEYOND in self._levels else math.inf
        if strides_since > self._settings.cue_expiry_strides:
            return -math.inf
        return self.last_beyond_s + self._settings.cue_expiry_strides * self.stride_s

    @property
    def evidence(self) -> tuple[int, ...]:
        """Numbers of the strides that show the fault."""
        pairs = zip(self._levels, self._numbers, strict=True)
        return tuple(number for level, number in pairs if level is Level.BEYOND)


@dataclass(frozen=True, slots=True)
class Speakable:
    """What may be said truthfully: on which leg (None: both, or the body), until when, and by which strides."""

    side: Side | None
    expires_s: float
    evidence: tuple[int, ...]


class Watch:
    """One fault: where it persists, how often it was cued, and whether the runner answered.

    `cues` counts since the last recovery, `said` since the start. `recovered_s` is set by a recovery after a cue, until
    it is praised or passed over.
    """

    def __init__(self, fault: Fault, settings: CoachSettings) -> None:
        self.fault = fault
        self._settings = settings
        self._windows: dict[Side | None, Window] = {
            side: Window(settings) for side in ((None,) if fault.scope is Scope.BODY else Side)
        }
        self.active = False
        self.last_true_s = -math.inf
        self.cues = 0
        self.said = 0
        self.recovered_s: float | None = None
        self._cued_s = -math.inf
        self._cued_step = 0

    def take(self, verdict: Verdict, stride: Stride) -> None:
        """Take the verdict on a stride."""
        window = self._windows[None if None in self._windows else stride.side]
        over = window.push(verdict.level, stride)
        if window.active and window.true:
            self.last_true_s = stride.closed_s
        self.active = any(leg.active for leg in self._windows.values())
        if over and not self.active:
            if self.cues:
                self.recovered_s = stride.closed_s
            self.cues = 0

    @property
    def side(self) -> Side | None:
        """The leg on which the fault persists; None for both legs or the whole body."""
        return self._side([side for side, window in self._windows.items() if window.active])

    @property
    def evidence(self) -> tuple[int, ...]:
        """Numbers of the strides that show it, on the legs where it persists."""
        return tuple(sorted(n for window in self._windows.values() if window.active for n in window.evidence))

    def speakable(self, now_s: float, trusted: Collection[Side | None]) -> Speakable | Reason:
        """Return what is true and fresh at `now_s` on the `trusted` legs (None: the body), or why nothing is."""
        legs = {side: window for side, window in self._windows.items() if window.true}
        if not legs:
            return Reason.NO_LONGER_TRUE
        legs = {side: window for side, window in legs.items() if side in trusted}
        if not legs:
            return Reason.LOW_TRUST
        legs = {side: window for side, window in legs.items() if now_s <= window.expires_s}
        if not legs:
            return Reason.EXPIRED
        side = self._side(list(legs))
        if side is not None:
            legs = {side: legs[side]}
        evidence = tuple(sorted(number for window in legs.values() for number in window.evidence))
        return Speakable(side, min(window.expires_s for window in legs.values()), evidence)

    def clean(self, now_s: float) -> bool:
        """Whether the runner is known to be free of it: at least one leg well, no leg not well."""
        legs = [leg for leg in self._windows.values() if now_s - leg.closed_s <= self._settings.stale_s]
        return not self.active and any(leg.clean for leg in legs)

    def cued(self, now_s: float, step: int) -> None:
        """Note that the fault was cued."""
        self.cues += 1
        self.said += 1
        self.recovered_s = None
        self._cued_s, self._cued_step = now_s, step

    def resting(self, now_s: float, step: int) -> bool:
        """Whether the runner still has time to answer the last cue; `step` counts the steps of the session."""
        if not self.said:
            return False
        waited = now_s - self._cued_s >= self._settings.cue_refractory_s
        return not (waited and step - self._cued_step >= self._settings.cue_refractory_steps)

    @property
    def exhausted(self) -> bool:
        """Whether it was cued as often as makes sense without a recovery."""
        return self.cues >= self._settings.cue_max_firings

    def _side(self, sides: list[Side | None]) -> Side | None:
        if len(sides) == 1:
            return sides[0]
        if sides and self.fault.scope is Scope.PAIR:
            # Both legs cannot lag behind each other: the later word counts.
            return max(sides, key=lambda side: self._windows[side].last_beyond_s)
        return None
