"""Follows one fault through its states: whether it persists on each leg, and whether it may be cued again.

A leg (for a fault of the body the near one) has two states, with hysteresis between them:

    state       until                                                        then
    ----------  -----------------------------------------------------------  ----------------------------------------
    clear       evident: `enter_strides` of the window violate the limit     persists
    persists    well: all but `release_strides` of a full window are OK      clear; on the last leg it is a recovery
    either      out of sight for `stale_s`, or judged by other limits        clear, which is no recovery

The fault has four, `CueState`. A cue that was withheld as a catch trial counts like one that was spoken:

    state       until                                                        then
    ----------  -----------------------------------------------------------  ----------------------------------------
    READY       a cue                                                        REFRACTORY, or LAST_CUE if it is the
                                                                             `cue_max_firings`-th since the last reset
    REFRACTORY  `cue_refractory_s` and `cue_refractory_steps` have passed    READY
                a cue that the runner asked for                              REFRACTORY or LAST_CUE, as from READY
    LAST_CUE    the same time and steps have passed                          GIVEN_UP
                a recovery or a summary, which reset the count               REFRACTORY
    GIVEN_UP    a recovery or a summary                                      READY

Knows nothing of other faults, of words, or of what else is being said.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from cuecoach.coach.findings import OK, VIOLATED, Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.packs.faults import Fault, Scope
from cuecoach.types import Reason, Side, Stride


class CueState(Enum):
    """Whether a fault may be cued, as far as its own earlier cues go."""

    READY = auto()
    REFRACTORY = auto()  # the runner still has time to answer the last cue
    LAST_CUE = auto()  # the same, and there will be no other one
    GIVEN_UP = auto()  # as many cues as make sense, without a recovery


_CUE_STATES = {  # by whether the cues are used up, and whether the runner still has time to answer
    (False, False): CueState.READY,
    (False, True): CueState.REFRACTORY,
    (True, True): CueState.LAST_CUE,
    (True, False): CueState.GIVEN_UP,
}


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

    def add_stride(self, stride: Stride) -> None:
        """Add a running stride, before the verdicts on it go to the windows."""
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
    """The last strides of one leg as levels of one fault, and whether the fault persists on that leg.

    `all_ok`: every stride of a full window is; then another one that is OK changes nothing.
    """

    __slots__ = ("_leg", "_ok", "_settings", "_violated", "_whole", "all_ok", "last_violated_s", "persists")

    def __init__(self, settings: CoachSettings, leg: Leg) -> None:
        self._settings = settings
        self._leg = leg
        leg.windows.append(self)
        self._whole = (1 << settings.window_strides) - 1
        # One bit for each stride, the newest the lowest.
        self._violated = 0
        self._ok = 0
        self.persists = False
        self.all_ok = False
        self.last_violated_s = -math.inf

    def push(self, level: Level) -> bool:
        """Add the level of the stride that was added to the leg last; return whether the fault is over with it."""
        self._violated = (self._violated << 1) & self._whole
        self._ok = (self._ok << 1) & self._whole
        if level is OK:
            self._ok |= 1
        elif level is VIOLATED:
            self._violated |= 1
            self.last_violated_s = self._leg.closed_s
        self.all_ok = self._ok == self._whole
        if self.persists:
            self.persists = not self.well
            return not self.persists
        self.persists = self.evident
        return False

    def clear(self) -> None:
        """Forget all strides, which is no recovery."""
        self._violated = self._ok = 0
        self.persists = self.all_ok = False

    @property
    def closed_s(self) -> float:
        """When the last stride of the leg became known."""
        return self._leg.closed_s

    @property
    def evident(self) -> bool:
        """Whether enough of the strides show the fault."""
        return self._violated.bit_count() >= self._settings.enter_strides

    @property
    def well(self) -> bool:
        """Whether enough of the strides are known to be OK."""
        full = len(self._leg.numbers) == self._settings.window_strides
        return full and self._ok.bit_count() >= self._settings.window_strides - self._settings.release_strides

    @property
    def expires_s(self) -> float:
        """Until when the last faulty stride is fresh enough to speak about."""
        strides_since = (self._violated & -self._violated).bit_length() - 1
        if not 0 <= strides_since <= self._settings.cue_expiry_strides:
            return -math.inf
        return self.last_violated_s + self._settings.cue_expiry_strides * self._leg.stride_s

    @property
    def evidence(self) -> tuple[int, ...]:
        """Numbers of the strides that show the fault."""
        newest_first = enumerate(reversed(self._leg.numbers))
        return tuple(reversed([number for back, number in newest_first if self._violated >> back & 1]))


@dataclass(frozen=True, slots=True)
class Speakable:
    """What may be said truthfully: on which leg (None: both, or the body), until when, and by which strides."""

    side: Side | None
    expires_s: float
    evidence: tuple[int, ...]


class FaultTracker:
    """One fault: where it persists, how often it was cued, and whether the runner answered.

    `due_count` counts its cues since the start, those withheld as catch trials among them, `spoken_count` only what was
    spoken. `recovered_s` is set by a recovery after spoken words, until it is praised or passed over. `legs` has the
    two legs, and under None the near one, on which faults of the body are judged.
    """

    def __init__(self, fault: Fault, settings: CoachSettings, legs: Mapping[Side | None, Leg]) -> None:
        self.fault = fault
        self._settings = settings
        self._windows: dict[Side | None, Window] = {
            side: Window(settings, legs[side]) for side in ((None,) if fault.scope is Scope.BODY else Side)
        }
        self._body = self._windows.get(None)
        self.persists = False
        self.last_evident_s = -math.inf
        self.due_count = 0
        self.spoken_count = 0
        self.recovered_s: float | None = None
        self._cues = 0  # since the last recovery or summary
        self._cued_s = -math.inf
        self._cued_step = 0
        self._awaits_praise = False

    def window(self, side: Side) -> Window:
        """Return the window that strides of a leg go to; one for both legs when the fault is of the whole body."""
        return self._body or self._windows[side]

    # -- persistence

    def add_verdict(self, verdict: Verdict, stride: Stride) -> None:
        """Add the verdict on a stride, which was added to its leg already.

        May be left out for a stride that is OK when the window is `all_ok`.
        """
        window = self.window(stride.side)
        over = window.push(verdict.level)
        if window.persists:
            self.persists = True
            if window.evident:
                self.last_evident_s = stride.closed_s
        elif self.persists:
            self.persists = any(leg.persists for leg in self._windows.values())
            if over and not self.persists:
                self._recover(stride.closed_s)

    def _recover(self, now_s: float) -> None:
        if self._awaits_praise:
            self.recovered_s = now_s
        self._awaits_praise = False
        self._cues = 0

    def legs_cleared(self) -> None:
        """Follow the legs, which were cleared: nothing persists, and a recovery comes too late for praise."""
        self.persists = False
        if self.recovered_s is not None:
            self.recovered_s = -math.inf

    @property
    def side(self) -> Side | None:
        """The leg on which the fault persists; None for both legs or the whole body."""
        return self._side([side for side, window in self._windows.items() if window.persists])

    @property
    def evidence(self) -> tuple[int, ...]:
        """Numbers of the strides that show it, on the legs where it persists."""
        return tuple(sorted(n for window in self._windows.values() if window.persists for n in window.evidence))

    def speakable(self, now_s: float, trusted: Collection[Side | None]) -> Speakable | Reason:
        """Return what is true and fresh at `now_s` on the `trusted` legs (None: the body), or why nothing is."""
        legs = {side: window for side, window in self._windows.items() if window.evident}
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

    def well(self, now_s: float) -> bool:
        """Whether the runner is known to be free of it: at least one leg well, and none on which it persists."""
        legs = [leg for leg in self._windows.values() if now_s - leg.closed_s <= self._settings.stale_s]
        return not self.persists and any(leg.well for leg in legs)

    def _side(self, sides: list[Side | None]) -> Side | None:
        if len(sides) == 1:
            return sides[0]
        if sides and self.fault.scope is Scope.PAIR:
            # Both legs cannot lag behind each other: the later word counts.
            return max(sides, key=lambda side: self._windows[side].last_violated_s)
        return None

    # -- cues

    def note_cue(self, now_s: float, step: int, *, spoken: bool) -> None:
        """Note that the fault was cued, or would have been but for a catch trial; `step` counts the session's steps."""
        self._cues += 1
        self.due_count += 1
        self.spoken_count += spoken
        self._awaits_praise |= spoken
        self.recovered_s = None
        self._cued_s, self._cued_step = now_s, step

    def note_summary(self) -> None:
        """Begin to count cues anew: a block has ended, and its summary was given."""
        self._cues = 0

    def cue_state(self, now_s: float, step: int) -> CueState:
        """Return where the fault stands between its cues; `step` counts the steps of the session."""
        waited = now_s - self._cued_s >= self._settings.cue_refractory_s
        waits = self.due_count > 0 and not (waited and step - self._cued_step >= self._settings.cue_refractory_steps)
        return _CUE_STATES[self.out_of_cues, waits]

    @property
    def out_of_cues(self) -> bool:
        """Whether it was cued as often as makes sense without a recovery."""
        return self._cues >= self._settings.cue_max_firings
