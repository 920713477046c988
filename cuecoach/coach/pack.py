"""A cue pack: one coaching philosophy as data, and the page that presents it. Reads no file and checks nothing.

A pack decides which faults exist for its school, which are left alone and why, in what order they are worked on, and
in which words. `packfile.py` makes one from its text.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cuecoach.coach.faults import Criterion, Fault, Scope
from cuecoach.gait.table import METRICS
from cuecoach.types import Cue, Side

PAGE_COLUMNS = 88

_MEANINGS = {metric.name: re.split(r"[;:]|, \+", metric.meaning)[0] for metric in METRICS} | {
    "cadence_spm": "cadence",
    "contact_s": "ground contact",
    "duty": "share of the stride on the ground",
}
_UNITS = {metric.name: {"deg": " deg", "leg": " of leg length"}.get(metric.unit, "") for metric in METRICS} | {
    "cadence_spm": " steps a minute",
    "contact_s": " s",
    "duty": "",
}


@dataclass(frozen=True, slots=True)
class Phrases:
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
    """A philosophy. `rules` holds every fault it judges, in its own limits: first `focus_order`, then the refused.

    `companions` are judged only because another rule's `only_with` asks for them. `text` is the file it was made from.
    """

    id: str
    name: str
    language: str
    school: str
    for_whom: str
    speeds_mps: tuple[float, float]
    focus_order: tuple[str, ...]
    refuses: Mapping[str, str]
    rules: tuple[Fault, ...]
    companions: tuple[Fault, ...]
    phrases: Mapping[str, Phrases]
    praise: tuple[Cue, ...]
    cautions: tuple[str, ...]
    drills: tuple[Drill, ...]
    sources: tuple[str, ...]
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("refuses", "phrases"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def cue(self, fault: str, side: Side | None, *, first: bool) -> Cue:
        """Return the words for `fault` on `side` (None: the whole body or both legs). KeyError for a refused fault."""
        phrases = self.phrases[fault]
        wording = phrases.long if first else phrases.short
        return wording[side if side in wording else None]

    def cues(self) -> tuple[Cue, ...]:
        """Return every cue that may ever be said, each once, in the order of the pack."""
        spoken = [
            cue
            for fault in self.focus_order
            for wording in (self.phrases[fault].long, self.phrases[fault].short)
            for cue in wording.values()
        ]
        return (*spoken, *self.praise)


def describe(pack: Pack) -> str:
    """Return the pack as a page of plain text, as the coach would present it to a runner."""
    low, high = pack.speeds_mps
    rules = {rule.id: rule for rule in pack.rules}
    parts = [
        f"{pack.name.upper()}\n{_wrapped(pack.school)}",
        _wrapped(f"For: {pack.for_whom} Speeds: {low:g} to {high:g} m/s. Language: {pack.language}."),
    ]
    if pack.cautions:
        parts.append("Before you start\n" + _bullets(pack.cautions))
    parts.append(
        "What I work on, in this order, one thing at a time\n"
        + "\n".join(_worked_on(place, rules[fault], pack) for place, fault in enumerate(pack.focus_order, start=1))
    )
    if pack.refuses:
        left = [f"{rules[fault].name}. {why}" for fault, why in pack.refuses.items()]
        parts.append("What I see and leave alone\n" + _bullets(left))
    parts.append(
        _wrapped(
            "When it is good I say "
            + " or ".join(f'"{cue.text}"' for cue in pack.praise)
            + ", once. Otherwise silence means: carry on."
        )
    )
    if pack.drills:
        parts.append("Drills\n" + _bullets([f"{drill.name}: {drill.how} Dose: {drill.dose}" for drill in pack.drills]))
    if pack.sources:
        parts.append("Where this comes from\n" + _bullets(pack.sources))
    return "\n\n".join(parts) + "\n"


def _worked_on(place: int, rule: Fault, pack: Pack) -> str:
    phrases = pack.phrases[rule.id]
    long, short = (next(iter(wording.values())) for wording in (phrases.long, phrases.short))
    said = f'"{long.text}"' if long.text == short.text else f'"{long.text}", then "{short.text}"'
    return "\n".join(
        [
            _wrapped(f"{place}. {rule.name}", hang="   "),
            _wrapped(f"I say: {said} ({long.focus} focus)", start="   ", hang="   "),
            _wrapped(f"I speak when: {_rule(rule)}", start="   ", hang="   "),
        ]
    )


def _rule(rule: Fault) -> str:
    """Return the rule of a fault in words: metrics, limits and how many must hold."""
    questions = [_question(criterion, rule.scope) for criterion in rule.criteria]
    if len(questions) == 1:
        words = questions[0]
    elif rule.needed == len(questions):
        words = " and ".join(questions)
    elif rule.needed == 1:
        words = " or ".join(questions)
    else:
        words = f"{rule.needed} of these hold: " + "; ".join(questions)
    if rule.only_with:
        words += f", together with {' or '.join(rule.only_with)}"
    slowest, fastest = rule.speeds_mps
    if slowest > 0:
        words += f", from {slowest:g} m/s"
    if math.isfinite(fastest):
        words += f", up to {fastest:g} m/s"
    return words


def _question(criterion: Criterion, scope: Scope) -> str:
    name = _MEANINGS[criterion.metric]
    if scope is Scope.PAIR:
        name += ", this leg minus the other,"
    words = f"{name} is {_bound(criterion)}"
    return f"{words}, and {_question(criterion.also, scope)}" if criterion.also else words


def _bound(criterion: Criterion) -> str:
    """Return the limit in words: "above 52 deg", "more than 15 deg below the norm", "below 0.89 of the norm"."""
    direction = "above" if criterion.above else "below"
    limit, unit = criterion.limit, _UNITS[criterion.metric]
    if limit.table:
        return f"{direction} " + ", ".join(f"{value:g}{unit} at {mps:g} m/s" for mps, value in limit.table)
    if not limit.uses_norm:
        return f"{direction} {limit.offset:g}{unit}"
    norm_part = "the norm" if limit.factor == 1.0 else f"{limit.factor:g} of the norm"
    if not limit.offset:
        return f"{direction} {norm_part}"
    if (limit.offset > 0) is criterion.above:
        return f"more than {abs(limit.offset):g}{unit} {direction} {norm_part}"
    return f"{direction} {norm_part} {'plus' if limit.offset > 0 else 'minus'} {abs(limit.offset):g}{unit}"


def _bullets(lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join(_wrapped(line, start="- ", hang="  ") for line in lines)


def _wrapped(text: str, start: str = "", hang: str = "") -> str:
    return textwrap.fill(
        text,
        PAGE_COLUMNS,
        initial_indent=start,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
