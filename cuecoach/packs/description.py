"""A pack as a page of plain text, as a coach would present it to a runner. Owns the layout."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from cuecoach.gait.metrics import METRICS
from cuecoach.packs.faults import Criterion, Fault, Scope
from cuecoach.packs.pack import Outcome, Pack
from cuecoach.types import AttentionFocus

PAGE_COLUMNS = 88


def describe(pack: Pack) -> str:
    """Return the pack as a page of plain text, as the coach would present it to a runner."""
    rules = {rule.id: rule for rule in pack.rules}
    left = [f"{_capital(rules[fault].name)}. {why}" for fault, why in pack.ignored_faults.items()]
    drills = [f"{drill.name}: {drill.how} Dose: {drill.dose}" for drill in pack.drills]
    parts = [
        f"{pack.name.upper()}\n{_wrapped(pack.school)}",
        _wrapped(f"For: {pack.for_whom} {_speeds(pack)} Language: {pack.language}."),
        _listed("Before you start", pack.cautions),
        "What I work on, in this order, one thing at a time\n"
        + "\n".join(_worked_on(place, rules[fault], pack) for place, fault in enumerate(pack.focus_order, start=1)),
        _listed("What I see and leave alone", left),
        "What else you will hear\n" + _wrapped(_praise(pack)) + _programme(pack),
        _listed("Drills", drills),
        _listed("Where this comes from", pack.sources),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _speeds(pack: Pack) -> str:
    low, high = pack.speeds_mps
    return f"I speak at {low:g} to {high:g} m/s ({_pace(low)} to {_pace(high)} minutes a kilometre)."


def _pace(mps: float) -> str:
    minutes, seconds = divmod(round(1000 / mps), 60)
    return f"{minutes}:{seconds:02d}"


def _praise(pack: Pack) -> str:
    words = " or ".join(f'"{cue.text}"' for cue in pack.praise)
    return (
        f"When a fault is over I say {words}, once. Otherwise silence means: carry on. "
        "What measuring errors may explain I do not call a fault. "
        "You may ask me for less, easier, or go back with harder; I never ask for more than is written here."
    )


def _programme(pack: Pack) -> str:
    if not (pack.recall and pack.all_well):
        return ""
    examples = " or ".join(f'"{cue.text}"' for cue in (pack.summary(pack.focus_order[0], o) for o in Outcome) if cue)
    return "\n" + _wrapped(
        f'In a programme, a session opens with "{pack.recall.text}". A block ends with how it went, like {examples}; '
        f'without a fault, with "{pack.all_well.text}".'
    )


def _worked_on(place: int, rule: Fault, pack: Pack) -> str:
    phrases = pack.phrases[rule.id]
    long, short = (next(iter(wording.values())) for wording in (phrases.long, phrases.short))
    points = "at a part of the body" if long.focus is AttentionFocus.INTERNAL else "outside the body"
    said = f'"{long.text}"' if long.text == short.text else f'"{long.text}", then "{short.text}"'
    return "\n".join(
        [
            _wrapped(f"{place}. {_capital(rule.name)}", hang="   "),
            _wrapped(f"I say: {said} (points {points})", start="   ", hang="   "),
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
    name = METRICS[criterion.metric].brief
    if scope is Scope.PAIR:
        name += ", this leg minus the other,"
    words = f"{name} is {_bound(criterion)}"
    return f"{words}, and {_question(criterion.also, scope)}" if criterion.also else words


def _bound(criterion: Criterion) -> str:
    """Return the limit in words: "above 52 deg", "more than 15 deg below the norm", "below 0.89 of the norm"."""
    direction = "above" if criterion.above else "below"
    limit, unit = criterion.limit, METRICS[criterion.metric].unit.text
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


def _listed(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(_wrapped(line, start="- ", hang="  ") for line in lines)]) if lines else ""


def _wrapped(text: str, start: str = "", hang: str = "") -> str:
    return textwrap.fill(
        text,
        PAGE_COLUMNS,
        initial_indent=start,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
