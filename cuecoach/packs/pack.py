"""A cue pack: one coaching philosophy as data. Reads no file, checks nothing, presents nothing.

A pack decides which faults exist for its school, which are left alone and why, in what order they are worked on, and
in which words. `parse.py` makes one from its text, `description.py` presents it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cuecoach.packs.faults import Fault
from cuecoach.types import AttentionFocus, Cue, Side


class Outcome(StrEnum):
    """What a summary may say about a fault that was worked on."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class FaultPhrases:
    """The words for one fault: `long` the first time, `short` from then on.

    A phrase that names the leg has a cue for each `Side`; all others have one, under None.
    """

    long: Mapping[Side | None, Cue]
    short: Mapping[Side | None, Cue]


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise beside the running, and its dose."""

    name: str
    how: str
    dose: str


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A philosophy. `rules` holds every fault it judges, in its own limits: first `focus_order`, then the ignored.

    `companions` are judged only because another rule's `only_with` asks for them. `recall` opens a session of a
    programme; `summaries` close a block, by fault and outcome, or `all_well` when no fault was
    seen; a pack without words for a programme has none of them. `text` alone makes the same pack again.
    """

    id: str
    name: str
    language: str
    school: str
    for_whom: str
    speeds_mps: tuple[float, float]
    focus_order: tuple[str, ...]
    ignored_faults: Mapping[str, str]
    rules: tuple[Fault, ...]
    companions: tuple[Fault, ...]
    phrases: Mapping[str, FaultPhrases]
    praise: tuple[Cue, ...]
    recall: Cue | None
    summaries: Mapping[tuple[str, Outcome], Cue]
    all_well: Cue | None
    cautions: tuple[str, ...]
    drills: tuple[Drill, ...]
    sources: tuple[str, ...]
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("ignored_faults", "phrases", "summaries"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def cue(self, fault: str, side: Side | None, *, first: bool) -> Cue:
        """Return the words for `fault` on `side` (None: the whole body or both legs). KeyError for an ignored fault."""
        phrases = self.phrases[fault]
        wording = phrases.long if first else phrases.short
        return wording[side if side in wording else None]

    def summary(self, fault: str, outcome: Outcome) -> Cue | None:
        """Return what is said at the end of a block about `fault`; None: no words."""
        return self.summaries.get((fault, outcome))

    def caution_cues(self) -> tuple[Cue, ...]:
        """Return the cautions as cues "caution.1", "caution.2" and so on, to be said before the first stride."""
        return tuple(
            Cue(f"caution.{place}", text, AttentionFocus.EXTERNAL) for place, text in enumerate(self.cautions, start=1)
        )

    def coaching_cues(self) -> tuple[Cue, ...]:
        """Return every cue that may be said to somebody who runs, each once, in the order of the pack."""
        spoken = [
            cue
            for fault in self.focus_order
            for wording in (self.phrases[fault].long, self.phrases[fault].short)
            for cue in wording.values()
        ]
        programme = [cue for cue in (self.recall, *self.summaries.values(), self.all_well) if cue]
        return (*spoken, *self.praise, *programme)

    def cues(self) -> tuple[Cue, ...]:
        """Return every cue that may ever be said, the cautions included."""
        return (*self.coaching_cues(), *self.caution_cues())
