"""Reads everything that a pack says: cues, praise, the programme's phrases, cautions. Tables -> cues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cuecoach.packs.diagnostics import Diagnostics, brief, choices
from cuecoach.packs.faults import FAULTS, Scope
from cuecoach.packs.pack import FaultPhrases, Outcome
from cuecoach.packs.rules import is_fault
from cuecoach.packs.toml_lines import Path
from cuecoach.types import AttentionFocus, Cue, Side

LONG_WORDS_MAX = 6  # before and while acting one to six words (Benz 2016, Dalton 2013)
SHORT_WORDS_MAX = 3
PRAISE_WORDS_MAX = 2
CAUTION_WORDS_MAX = 10  # about three seconds: the longest that is spoken at all
CUE_KEYS = ("long", "short", "focus", "topic")
PROGRAMME = ("recall", *Outcome, "all_well")
ENGLISH_SIDES = {"left": "left", "right": "right"}


@dataclass(frozen=True, slots=True)
class PackPhrases:
    """Everything a pack says."""

    phrases: dict[str, FaultPhrases]
    praise: tuple[Cue, ...]
    recall: Cue | None
    summaries: dict[tuple[str, Outcome], Cue]
    all_well: Cue | None
    cautions: tuple[str, ...]


def read_phrases(diagnostics: Diagnostics, tables: Mapping[str, Any], order: tuple[str, ...]) -> PackPhrases:
    """Return the phrases for the faults in `order`; what is wrong goes to `diagnostics`."""
    phrases = _phrases(diagnostics, tables, order)
    programme = diagnostics.table(tables, "programme", ())
    if programme:
        diagnostics.known(programme, ("programme",), PROGRAMME, required=PROGRAMME)
    return PackPhrases(
        phrases=phrases,
        praise=_praise(diagnostics, tables),
        recall=_programme_cue(diagnostics, programme, "recall"),
        summaries=_summaries(diagnostics, tables, programme, phrases) if programme else {},
        all_well=_programme_cue(diagnostics, programme, "all_well"),
        cautions=tuple(
            diagnostics.spoken(text, ("cautions",), CAUTION_WORDS_MAX, text)
            for text in diagnostics.items(tables, "cautions", str, "texts")
        ),
    )


def _phrases(diagnostics: Diagnostics, tables: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, FaultPhrases]:
    cues = diagnostics.table(tables, "cues", ())
    sides = _sides(diagnostics, tables)
    for fault in cues:
        is_fault(diagnostics, fault, order, ("cues", fault), "is never said: the fault is not in focus_order")
    phrases: dict[str, FaultPhrases] = {}
    for fault in order:
        if fault not in cues:
            diagnostics.add(("cues", fault), "is missing: every fault in focus_order needs its words")
            continue
        table = diagnostics.table(cues, fault, ("cues",))
        diagnostics.known(table, ("cues", fault), CUE_KEYS, required=("long", "short"))
        focus = table.get("focus", AttentionFocus.EXTERNAL)
        if focus not in list(AttentionFocus):
            diagnostics.add(("cues", fault, "focus"), f"= {brief(focus)} is not allowed{choices(AttentionFocus)}")
            focus = AttentionFocus.EXTERNAL
        phrases[fault] = FaultPhrases(
            long=_wording(diagnostics, table, fault, "long", LONG_WORDS_MAX, AttentionFocus(focus), sides),
            short=_wording(diagnostics, table, fault, "short", SHORT_WORDS_MAX, AttentionFocus(focus), sides),
        )
    return phrases


def _wording(
    diagnostics: Diagnostics,
    table: Mapping[str, Any],
    fault: str,
    key: str,
    most: int,
    focus: AttentionFocus,
    sides: Mapping[str, str],
) -> dict[Side | None, Cue]:
    path: Path = ("cues", fault, key)
    text = diagnostics.spoken(table.get(key, "-"), path, most)
    if "{side}" not in text:
        return {None: Cue(f"{fault}.{key}", text, focus)}
    if FAULTS[fault].scope is not Scope.PAIR:
        diagnostics.add(path, f"= {text!r}: {{side}} is only for a fault of one leg against the other")
    if not sides:
        diagnostics.add(path, "uses {side}, so [sides] must give the words for left and right in this language")
    words = sides or ENGLISH_SIDES
    return {
        side: Cue(f"{fault}.{key}.{side}", text.replace("{side}", words[side]), focus)
        for side in (Side.LEFT, Side.RIGHT)
    }


def _sides(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> dict[str, str]:
    """Return the words for left and right; none when they are not given in another language than English."""
    sides = diagnostics.table(tables, "sides", ())
    if not sides:
        return ENGLISH_SIDES if str(tables.get("language", "en")).split("-")[0] == "en" else {}
    diagnostics.known(sides, ("sides",), ENGLISH_SIDES, required=ENGLISH_SIDES)
    return {side: diagnostics.spoken(sides.get(side, word), ("sides", side), 1) for side, word in ENGLISH_SIDES.items()}


def _praise(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> tuple[Cue, ...]:
    texts = diagnostics.items(tables, "praise", str, "texts")
    if tables.get("praise") == []:
        diagnostics.add(("praise",), "needs at least one phrase")
    return tuple(
        Cue(f"praise.{place}", diagnostics.spoken(text, ("praise",), PRAISE_WORDS_MAX, text), AttentionFocus.EXTERNAL)
        for place, text in enumerate(texts, start=1)
    )


def _programme_cue(diagnostics: Diagnostics, programme: Mapping[str, Any], key: str) -> Cue | None:
    if key not in programme:
        return None
    text = diagnostics.spoken(programme[key], ("programme", key), LONG_WORDS_MAX)
    return Cue(key.replace("_", "-"), text, AttentionFocus.EXTERNAL)


def _summaries(
    diagnostics: Diagnostics,
    tables: Mapping[str, Any],
    programme: Mapping[str, Any],
    phrases: Mapping[str, FaultPhrases],
) -> dict[tuple[str, Outcome], Cue]:
    """Return the words at the end of a block: the programme's patterns, filled with each fault's topic."""
    summaries = {}
    for fault, worded in phrases.items():
        cue, path = diagnostics.table(tables["cues"], fault, ("cues",)), ("cues", fault, "topic")
        if "topic" not in cue:
            diagnostics.add(path, "is missing: the programme needs a word or two that name the fault in its summary")
        topic = diagnostics.spoken(cue.get("topic", "-"), path, SHORT_WORDS_MAX)
        focus = next(iter(worded.long.values())).focus
        for outcome in Outcome:
            pattern = programme.get(outcome, "-")
            text = pattern.replace("{topic}", topic) if isinstance(pattern, str) else pattern
            words = diagnostics.spoken(text, ("programme", outcome), LONG_WORDS_MAX)
            summaries[fault, outcome] = Cue(f"summary.{fault}.{outcome}", words, focus)
    return summaries
