"""The JSON Schema of pack files, for editors: made from the same tables that the reader checks with. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cuecoach.gait.metrics import METRICS, has_norm
from cuecoach.packs.faults import FAULTS, Fault, Scope
from cuecoach.packs.former_keys import IN_A_LIMIT, TOP_LEVEL
from cuecoach.packs.limits import FORMULA
from cuecoach.packs.parse import DRILL_KEYS, FORMAT, ID, LANGUAGE, OPTIONAL, REQUIRED, SPEEDS_MPS
from cuecoach.packs.phrases import (
    CAUTION_WORDS_MAX,
    ENGLISH_SIDES,
    LONG_WORDS_MAX,
    PRAISE_WORDS_MAX,
    PROGRAMME,
    SHORT_WORDS_MAX,
)
from cuecoach.types import AttentionFocus

Schema = dict[str, Any]

_NUMBER: Schema = {"type": "number"}
_TABLE: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
    "description": "Rows of speed (m/s) and value.",
}
_FORMULA: Schema = {"type": "string", "pattern": rf"^\s*{FORMULA.pattern}\s*$"}


def schema() -> Schema:
    """Return the schema (draft 7). A pack that extends another needs only what is its own."""
    pack: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "CueCoach cue pack",
        "type": "object",
        "properties": {key: _PROPERTIES[key] for key in (*REQUIRED, *OPTIONAL)},
        "additionalProperties": False,
        "definitions": _DEFINITIONS,
        "if": {"required": ["extends"]},
        "then": {"required": ["id", "name"]},
        "else": {"required": list(REQUIRED)},
    }
    return _with_former_keys(pack, TOP_LEVEL)


def _with_former_keys(table: Schema, current: Mapping[str, str]) -> Schema:
    """Return the schema of a table in which keys of version 0.1 are allowed too, but not beside today's."""
    properties = dict(table["properties"])
    for former, key in current.items():
        properties[former] = {**properties[key], "description": f"The former name of {key}."}
    return table | {"properties": properties, "not": {"anyOf": [{"required": [*pair]} for pair in current.items()]}}


def _text(description: str) -> Schema:
    return {"type": "string", "minLength": 1, "description": description}


def _words(most: int, description: str) -> Schema:
    return {
        "type": "string",
        "pattern": rf"^\s*\S+(\s+\S+){{0,{most - 1}}}\s*$",
        "description": f"{description} At most {most} words.",
    }


def _list(items: Schema, description: str, fewest: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": fewest, "description": description}


def _object(properties: Schema, description: str, required: tuple[str, ...] = ()) -> Schema:
    table: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return table | {"description": description} | ({"required": list(required)} if required else {})


def _by_fault(make: Any, description: str) -> Schema:
    return _object({fault.id: make(fault) for fault in FAULTS.values()}, description)


def _use(definition: str, description: str) -> Schema:
    return {"allOf": [{"$ref": f"#/definitions/{definition}"}], "description": description}


def _rule(fault: Fault) -> Schema:
    parts = [part for criterion in fault.criteria for part in (criterion, criterion.also) if part]
    limits = {}
    for part in parts:
        by_norm = fault.scope is not Scope.PAIR and has_norm(part.metric)
        direction = "above" if part.above else "below"
        meaning = f"{METRICS[part.metric].definition}; usually {direction} {part.limit}"
        limits[part.metric] = _use(f"{direction}_by_norm" if by_norm else direction, meaning)
    properties = {
        "needed": {"type": "integer", "minimum": 1, "maximum": len(fault.criteria)}
        | {"description": f"How many of its questions must hold; usually {fault.needed}."},
        "only_with": _use("faults", "Counts only when the same stride shows one of these too."),
        "limits": _object(limits, "Own limits by metric."),
    }
    return _object(properties, f"Own limits for: {fault.name}.")


def _bound(direction: str, *forms: Schema) -> Schema:
    limit = {"anyOf": list(forms)}
    properties = {
        direction: limit | {"description": f"A fault {direction} this."},
        "release": limit | {"description": "Well again on this side of it."},
    }
    return _with_former_keys(_object(properties, "A limit.", (direction,)), IN_A_LIMIT)


def _programme() -> Schema:
    meanings = {
        "recall": "Said once when a session of a programme begins.",
        "better": "Said at the end of a block; {topic} becomes the fault's topic.",
        "same": "The same, when nothing changed.",
        "worse": "The same, when it became worse.",
        "all_well": "Said when there was no fault.",
    }
    return _object({key: _words(LONG_WORDS_MAX, meanings[key]) for key in PROGRAMME}, "What a programme says.")


_SPEED: Schema = {"type": "number", "minimum": SPEEDS_MPS[0], "maximum": SPEEDS_MPS[1]}
_DRILL = _object(
    {key: _text(meaning) for key, meaning in zip(DRILL_KEYS, ("Its name.", "What to do.", "How much."), strict=True)},
    "An exercise beside the running.",
    DRILL_KEYS,
)
_DEFINITIONS: Schema = {
    "faults": _list({"enum": list(FAULTS)}, "Faults, each once.") | {"uniqueItems": True},
    "cue": _object(
        {
            "long": _words(
                LONG_WORDS_MAX, "Said the first time. {side}, for one leg against the other, names the leg."
            ),
            "short": _words(SHORT_WORDS_MAX, "Said from then on."),
            "focus": {
                "enum": [str(focus) for focus in AttentionFocus],
                "description": "Words about the outside, or about a part of the body.",
            },
            "topic": _words(SHORT_WORDS_MAX, "Names the fault in the summary of a programme."),
        },
        "The words for a fault.",
    ),
    "above": _bound("above", _NUMBER, _TABLE),
    "below": _bound("below", _NUMBER, _TABLE),
    "above_by_norm": _bound("above", _FORMULA, _NUMBER, _TABLE),
    "below_by_norm": _bound("below", _FORMULA, _NUMBER, _TABLE),
}
_PROPERTIES: Schema = {
    "format": {"const": FORMAT, "description": "The version of this format."},
    "id": {"type": "string", "pattern": f"^{ID.pattern}$", "description": "The same as the file's name."},
    "extends": {
        "type": "string",
        "pattern": f"^{ID.pattern}$",
        "description": "Id of the pack that this one builds on: whatever is not given here is taken from there.",
    },
    "name": _text("Its name, as runners read it."),
    "language": {
        "type": "string",
        "pattern": f"^{LANGUAGE.pattern}$",
        "description": 'Language of the spoken words: "en", "de", "pt-br".',
    },
    "school": _text("What the runner should look like, in one sentence."),
    "for_whom": _text("Who should use it, and at which pace."),
    "speeds_mps": _list(_SPEED, "Slowest and fastest speed (m/s) at which it speaks.", 2) | {"maxItems": 2},
    "focus_order": _use("faults", "The faults it works on, most important first; one at a time.") | {"minItems": 1},
    "cues": _by_fault(lambda fault: _use("cue", fault.name), "The words for each fault in focus_order."),
    "praise": _list(_words(PRAISE_WORDS_MAX, "Said once when a fault is over."), "Words of praise, in turn.", 1),
    "sides": _object(
        {side: _words(1, f"The word for {side}.") for side in ENGLISH_SIDES},
        "What {side} becomes; needed in another language than English.",
        tuple(ENGLISH_SIDES),
    ),
    "ignored_faults": _by_fault(
        lambda fault: _text(f"Why this is seen and left alone: {fault.name}."), "What it leaves alone, and why."
    ),
    "faults": _by_fault(_rule, "Own limits."),
    "programme": _programme(),
    "cautions": _list(_words(CAUTION_WORDS_MAX, "A caution."), "Spoken and shown before the first stride."),
    "drills": _list(_DRILL, "Exercises beside the running."),
    "sources": _list(_text("A source."), "Where it comes from."),
}
