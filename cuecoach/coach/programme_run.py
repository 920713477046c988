"""Where a session stands in its programme: running time, the stage, and how bad each fault was in each block.

Owns what the programme's own words are about. Whether they may be spoken now is decided in `scheduler.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cuecoach.coach.findings import UNKNOWN, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme
from cuecoach.packs.pack import Pack
from cuecoach.types import Cue, Kind, Reason

_STRIDES_MIN = 20  # known strides without which nothing is said about a block
_WELL_SHARE = 0.25  # of the strides may show a fault of which the runner is called free
_CHANGE_SHARE = 0.25  # of a fault must be gained or lost to be called a change
_CHANGE_SE = 3.0  # standard errors: strides that follow each other are alike, so more than the usual two


@dataclass(slots=True)
class Severity:
    """How bad a fault was: mean of what lies beyond the limit over all strides on which it was known, 0 within."""

    known: int = 0
    shown: int = 0
    total: float = 0.0
    squares: float = 0.0

    def take(self, verdict: Verdict) -> None:
        """Take the verdict on a stride."""
        if verdict.level is UNKNOWN:
            return
        self.known += 1
        if verdict.finding is not None:
            outside = verdict.finding.outside
            self.shown += 1
            self.total += outside
            self.squares += outside * outside

    @property
    def mean(self) -> float:
        """In the metric's unit; NaN without strides."""
        return self.total / self.known if self.known else math.nan

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        variance = max(0.0, self.squares / self.known - self.mean**2)
        return math.sqrt(variance / self.known)


def outcome(before: Severity, after: Severity) -> str | None:
    """Return "better", "same" or "worse"; None when too few strides are known."""
    if min(before.known, after.known) < _STRIDES_MIN:
        return None
    change = after.mean - before.mean
    clear = abs(change) > _CHANGE_SE * math.hypot(before.error, after.error)
    if not clear or abs(change) < _CHANGE_SHARE * max(before.mean, after.mean):
        return "same"
    return "worse" if change > 0.0 else "better"


@dataclass(frozen=True, slots=True)
class Words:
    """What the programme wants to say now."""

    kind: Kind
    cue: Cue
    fault: str | None


class ProgrammeRun:
    """Follows one session through its programme."""

    def __init__(self, programme: Programme, pack: Pack, settings: CoachSettings) -> None:
        self._programme = programme
        self._pack = pack
        self._settings = settings
        self._place = 0
        self._running_s = 0.0
        self._last_s = math.nan
        self._first: dict[str, Severity] = {}  # the first probe
        self._block: dict[str, Severity] = {}  # the last block that was no summary
        self._worked = Counter[str]()  # faults cued, in the session
        self._focus: str | None = None  # the one cued last, since the last summary
        self._words: Words | None = None

    @property
    def stage(self) -> Block:
        """Where the session stands."""
        return self._programme.stages[self._place]

    @property
    def quiet(self) -> Reason | None:
        """Why cues are withheld in this block; None where they are allowed."""
        return self.stage.block.quiet

    @property
    def words(self) -> Words | None:
        """What is to be said in this block, until it was said."""
        return self._words

    def spoken(self) -> None:
        """Note that the words of this block were said."""
        self._words = None

    def cued(self, fault: str) -> None:
        """Note that a fault was worked on."""
        self._worked[fault] += 1
        self._focus = fault

    def take(self, now_s: float, verdicts: Sequence[Verdict | None]) -> bool:
        """Take the verdicts on a running stride, in the order of the pack's rules; return whether a block ended."""
        passed_s = now_s - self._last_s
        if 0.0 < passed_s <= self._settings.stale_s:
            self._running_s += passed_s
        self._last_s = now_s
        ended = self._advance()
        if self._place > 0 or self._running_s >= self._settings.warmup_inhibit_s:
            for rule, verdict in zip(self._pack.rules, verdicts, strict=True):
                if verdict is not None:
                    self._block.setdefault(rule.id, Severity()).take(verdict)
        return ended

    def forget(self) -> None:
        """Begin to count anew: blocks are compared only under the same limits."""
        self._first, self._block = {}, {}

    def _advance(self) -> bool:
        place = self._programme.at(self._running_s)
        if place == self._place:
            return False
        if self._place == 0:
            self._first = self._block
        self._place = place
        self._words = self._wanted()
        if self.stage.block is BlockKind.SUMMARY:
            self._focus = None
        self._block = {}
        return True

    def _wanted(self) -> Words | None:
        if self.stage.block is BlockKind.RECALL and self._pack.recall is not None:
            return Words(Kind.RECALL, self._pack.recall, None)
        return self._summary() if self.stage.block is BlockKind.SUMMARY else None

    def _summary(self) -> Words | None:
        """Return the words on the block that has just ended: about the fault worked on, or that all is well."""
        fault = self._focus
        if fault is None and self._worked:
            most = max(self._worked.values())
            fault = next(name for name in self._pack.focus_order if self._worked[name] == most)
        if fault is None:
            well = self._pack.all_well if self._all_well() else None
            return Words(Kind.SUMMARY, well, None) if well else None
        result = outcome(self._first.get(fault, Severity()), self._block.get(fault, Severity()))
        cue = self._pack.summary(fault, result) if result else None
        return Words(Kind.SUMMARY, cue, fault) if cue else None

    def _all_well(self) -> bool:
        mine = [self._block[fault] for fault in self._pack.focus_order if fault in self._block]
        known = [severity for severity in mine if severity.known >= _STRIDES_MIN]
        return bool(known) and all(severity.shown <= _WELL_SHARE * severity.known for severity in known)
