"""Follows one session through its programme: running time, block, and how bad each fault was in each block.

Owns what the programme's own cues are about. Whether they may be spoken now is decided in `scheduler.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cuecoach.coach.findings import UNKNOWN, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme
from cuecoach.packs.pack import Outcome, Pack
from cuecoach.types import Cue, Kind

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

    def add(self, verdict: Verdict) -> None:
        """Add the verdict on a stride."""
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


def outcome(before: Severity, after: Severity) -> Outcome | None:
    """Return how a fault changed from one block to another; None when too few strides are known."""
    if min(before.known, after.known) < _STRIDES_MIN:
        return None
    change = after.mean - before.mean
    clear = abs(change) > _CHANGE_SE * math.hypot(before.error, after.error)
    if not clear or abs(change) < _CHANGE_SHARE * max(before.mean, after.mean):
        return Outcome.SAME
    return Outcome.WORSE if change > 0.0 else Outcome.BETTER


@dataclass(frozen=True, slots=True)
class ProgrammeCue:
    """What the programme wants to say in its block."""

    kind: Kind
    cue: Cue
    fault: str | None


class ProgrammeRun:
    """Follows one session through its programme."""

    def __init__(self, programme: Programme, pack: Pack, settings: CoachSettings) -> None:
        self._programme = programme
        self._pack = pack
        self._settings = settings
        self._index = 0
        self._running_s = 0.0
        self._last_s = math.nan
        self._first_probe: dict[str, Severity] = {}
        self._severities: dict[str, Severity] = {}  # of this block
        self._cue_counts = Counter[str]()  # by fault, in the session
        self._focus: str | None = None  # the one cued last, since the last summary
        self._pending: ProgrammeCue | None = None

    @property
    def block(self) -> Block:
        """Where the session stands."""
        return self._programme.blocks[self._index]

    @property
    def pending(self) -> ProgrammeCue | None:
        """What is to be said in this block, until it was said."""
        return self._pending

    def note_spoken(self) -> None:
        """Note that the cue of this block was spoken."""
        self._pending = None

    def note_cue(self, fault: str) -> None:
        """Note that a fault was cued."""
        self._cue_counts[fault] += 1
        self._focus = fault

    def add_verdicts(self, now_s: float, verdicts: Sequence[Verdict | None]) -> bool:
        """Add the verdicts on a running stride, in the order of the pack's rules; return whether a block ended."""
        passed_s = now_s - self._last_s
        if 0.0 < passed_s <= self._settings.stale_s:
            self._running_s += passed_s
        self._last_s = now_s
        ended = self._advance()
        if self._index > 0 or self._running_s >= self._settings.warmup_inhibit_s:
            for rule, verdict in zip(self._pack.rules, verdicts, strict=True):
                if verdict is not None:
                    self._severities.setdefault(rule.id, Severity()).add(verdict)
        return ended

    def forget_severities(self) -> None:
        """Begin to count anew: blocks are compared only under the same limits."""
        self._first_probe, self._severities = {}, {}

    def _advance(self) -> bool:
        index = self._programme.index_at(self._running_s)
        if index == self._index:
            return False
        if self._index == 0:
            self._first_probe = self._severities
        self._index = index
        self._pending = self._cue_of_block()
        if self.block.kind is BlockKind.SUMMARY:
            self._focus = None
        self._severities = {}
        return True

    def _cue_of_block(self) -> ProgrammeCue | None:
        if self.block.kind is BlockKind.RECALL and self._pack.recall is not None:
            return ProgrammeCue(Kind.RECALL, self._pack.recall, None)
        return self._summary() if self.block.kind is BlockKind.SUMMARY else None

    def _summary(self) -> ProgrammeCue | None:
        """Return the words on the block that has just ended: about the fault worked on, or that all is well."""
        fault = self._focus
        if fault is None and self._cue_counts:
            most = max(self._cue_counts.values())
            fault = next(name for name in self._pack.focus_order if self._cue_counts[name] == most)
        if fault is None:
            well = self._pack.all_well if self._all_well() else None
            return ProgrammeCue(Kind.SUMMARY, well, None) if well else None
        result = outcome(self._first_probe.get(fault, Severity()), self._severities.get(fault, Severity()))
        cue = self._pack.summary(fault, result) if result else None
        return ProgrammeCue(Kind.SUMMARY, cue, fault) if cue else None

    def _all_well(self) -> bool:
        mine = [self._severities[fault] for fault in self._pack.focus_order if fault in self._severities]
        known = [severity for severity in mine if severity.known >= _STRIDES_MIN]
        return bool(known) and all(severity.shown <= _WELL_SHARE * severity.known for severity in known)
