"""Does a fault persist? One `Watch` for each fault of the pack: its windows, its cues so far, its recovery.

Owns persistence and hysteresis. Knows nothing of other faults, of words, or of what else is being said.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cuecoach.coach.findings import BEYOND, INSIDE, Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.packs.faults import Fault, Scope
from cuecoach.types import Reason, Side, Stride


class Leg:
    """The last strides of one leg, shared by the windows of all faults on it.

    A leg that was out of sight for too long starts anew, and so do its windows.
    """

    __slots__ = ("_settings", "closed_s", "numbers", "stride_s", "windows")

    def __init__(self, settings: CoachSettings) -> None:
        self._settings = settings
        self.numbers: deque[int] = deque(maxlen=settings.window_strides)
        self.windows: list[Window] = []
        self.closed_s = -math.inf
        self.stride_s = 0.0

    def take(self, stride: Stride) -> None:
        """Take a running stride, before the verdicts on it go to the windows."""
        if stride.closed_s - self.closed_s > self._settings.stale_s:
            self.clear()
        self.numbers.append(stride.number)
        self.closed_s = stride.closed_s
        self.stride_s = max(0.0, stride.t_next_strike_s - stride.t_strike_s)

    def clear(self) -> None:
        """Forget all strides, and what they showed."""
        self.numbers.clear()
        for window in self.windows:
            window.clear()


class Window:
    """The last strides of one leg as levels of one fault.

    `active` with hysteresis: from `enter_strides` beyond the limit until all but `exit_strides` of a full window are
    known to be well. `settled` when all of them are: then another stride that is well changes nothing.
    """

    __slots__ = ("_beyond", "_inside", "_leg", "_settings", "_whole", "active", "last_beyond_s", "settled")

    def __init__(self, settings: CoachSettings, leg: Leg) -> None:
        self._settings = settings
        self._leg = leg
        leg.windows.append(self)
        self._whole = (1 << settings.window_strides) - 1
        # One bit for each stride, the newest the lowest.
        self._beyond = 0
        self._inside = 0
        self.active = False
        self.settled = False
        self.last_beyond_s = -math.inf

    def push(self, level: Level) -> bool:
        """Take the level of the stride that the leg took last; return whether the fault is over with it."""
        self._beyond = (self._beyond << 1) & self._whole
        self._inside = (self._inside << 1) & self._whole
        if level is INSIDE:
            self._inside |= 1
        elif level is BEYOND:
            self._beyond |= 1
            self.last_beyond_s = self._leg.closed_s
        self.settled = self._inside == self._whole
        if self.active:
            self.active = not self.clean
            return not self.active
        self.active = self.true
        return False

    def clear(self) -> None:
        """Forget all strides, which is no recovery."""
        self._beyond = self._inside = 0
        self.active = self.settled = False

    @property
    def closed_s(self) -> float:
        """When the last stride of the leg became known."""
        return self._leg.closed_s

    @property
    def true(self) -> bool:
        """Whether enough of the strides show the fault."""
        return self._beyond.bit_count() >= self._settings.enter_strides

    @property
    def clean(self) -> bool:
        """Whether enough of the strides are known to be well."""
        full = len(self._leg.numbers) == self._settings.window_strides
        return full and self._inside.bit_count() >= self._settings.window_strides - self._settings.exit_strides

    @property
    def expires_s(self) -> float:
        """Until when the last faulty stride is fresh enough to speak about."""
        strides_since = (self._beyond & -self._beyond).bit_length() - 1
        if not 0 <= strides_since <= self._settings.cue_expiry_strides:
            return -math.inf
        return self.last_beyond_s + self._settings.cue_expiry_strides * self._leg.stride_s

    @property
    def evidence(self) -> tuple[int, ...]:
        """Numbers of the strides that show the fault."""
        newest_first = enumerate(reversed(self._leg.numbers))
        return tuple(reversed([number for back, number in newest_first if self._beyond >> back & 1]))


@dataclass(frozen=True, slots=True)
class Speakable:
    """What may be said truthfully: on which leg (None: both, or the body), until when, and by which strides."""

    side: Side | None
    expires_s: float
    evidence: tuple[int, ...]


class FaultTracker:
    """One fault: where it persists, how often it was cued, and whether the runner answered.

    `cues` counts since the last recovery, those withheld on purpose among them; `turns` counts the same since the
    start, `said` only what was spoken. `recovered_s` is set by a recovery after spoken words, until it is praised or
    passed over. `legs` has the two legs, and under None the near one, on which faults of the body are judged.
    """

    def __init__(self, fault: Fault, settings: CoachSettings, legs: Mapping[Side | None, Leg]) -> None:
        self.fault = fault
        self._settings = settings
        self._windows: dict[Side | None, Window] = {
            side: Window(settings, legs[side]) for side in ((None,) if fault.scope is Scope.BODY else Side)
        }
        self.active = False
        self.last_true_s = -math.inf
        self._body = self._windows.get(None)
        self.cues = 0
        self.turns = 0
        self.said = 0
        self._unpraised = False
        self.recovered_s: float | None = None
        self._cued_s = -math.inf
        self._cued_step = 0

    def window(self, side: Side) -> Window:
        """Return the window that strides of a leg go to; one for both legs when the fault is of the whole body."""
        return self._body or self._windows[side]

    def take(self, verdict: Verdict, stride: Stride) -> None:
        """Take the verdict on a stride, which the leg has taken already.

        May be passed over for a stride that is well when the window is settled.
        """
        window = self.window(stride.side)
        over = window.push(verdict.level)
        if window.active:
            self.active = True
            if window.true:
                self.last_true_s = stride.closed_s
        elif self.active:
            self.active = any(leg.active for leg in self._windows.values())
            if over and not self.active:
                self._recover(stride.closed_s)

    def _recover(self, now_s: float) -> None:
        if self._unpraised:
            self.recovered_s = now_s
        self._unpraised = False
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

    def cued(self, now_s: float, step: int, *, spoken: bool) -> None:
        """Note that the fault was cued, or would have been but for a catch trial."""
        self.cues += 1
        self.turns += 1
        self.said += spoken
        self._unpraised |= spoken
        self.recovered_s = None
        self._cued_s, self._cued_step = now_s, step

    def forget(self) -> None:
        """Take in that the legs were cleared: nothing persists, and a recovery comes too late for praise."""
        self.active = False
        if self.recovered_s is not None:
            self.recovered_s = -math.inf

    def resting(self, now_s: float, step: int) -> bool:
        """Whether the runner still has time to answer the last cue; `step` counts the steps of the session."""
        if not self.turns:
            return False
        waited = now_s - self._cued_s >= self._settings.cue_refractory_s
        return not (waited and step - self._cued_step >= self._settings.cue_refractory_steps)

    def forgive(self) -> None:
        """Begin to count cues anew: a block has ended, and its summary was given."""
        self.cues = 0

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
