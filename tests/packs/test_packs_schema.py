"""The schema that editors use, held against packs by a small validator: it must agree with the program's own checks."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from cuecoach.packs import library
from cuecoach.packs.parse import check_pack
from cuecoach.packs.schema import schema

SCHEMA = schema()
IDS = sorted(path.stem for path in library.shipped_folder().glob("*.toml"))
TEMPLATE = (library.shipped_folder() / library.TEMPLATE).read_text(encoding="utf-8")
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


def valid(value: Any, rule: dict[str, Any]) -> bool:
    """Return whether `value` keeps `rule`: the keywords that the schema uses, no others."""
    if "$ref" in rule:
        return valid(value, SCHEMA["definitions"][rule["$ref"].rpartition("/")[2]])
    known = {"type", "properties", "additionalProperties", "required", "items", "minItems", "maxItems", "uniqueItems"}
    known |= {
        "enum",
        "const",
        "pattern",
        "minLength",
        "minimum",
        "maximum",
        "allOf",
        "anyOf",
        "not",
        "if",
        "then",
        "else",
    }
    assert set(rule) <= known | {"description", "title", "$schema", "definitions"}, rule
    if "type" in rule and (not isinstance(value, TYPES[rule["type"]]) or isinstance(value, bool)):
        return False
    checks = [
        value in rule.get("enum", [value]),
        value == rule.get("const", value),
        all(valid(value, part) for part in rule.get("allOf", [])),
        "anyOf" not in rule or any(valid(value, part) for part in rule["anyOf"]),
        "not" not in rule or not valid(value, rule["not"]),
    ]
    if "if" in rule:
        checks.append(valid(value, rule["then"] if valid(value, rule["if"]) else rule["else"]))
    if isinstance(value, str):
        checks += [bool(re.search(rule.get("pattern", ""), value)), len(value) >= rule.get("minLength", 0)]
    if isinstance(value, int | float):
        checks.append(rule.get("minimum", value) <= value <= rule.get("maximum", value))
    if isinstance(value, list):
        checks.append(rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)))
        checks.append(not rule.get("uniqueItems") or len(set(value)) == len(value))
        checks += [valid(item, rule.get("items", {})) for item in value]
    if isinstance(value, dict):
        inner = rule.get("properties", {})
        checks += [key in value for key in rule.get("required", [])]
        checks += [key in inner or rule.get("additionalProperties", True) for key in value]
        checks += [valid(item, inner[key]) for key, item in value.items() if key in inner]
    return all(checks)


@pytest.mark.parametrize("pack_id", IDS)
def test_shipped_packs_keep_the_schema(pack_id: str) -> None:
    text = (library.shipped_folder() / f"{pack_id}.toml").read_text(encoding="utf-8")
    assert valid(tomllib.loads(text), SCHEMA)


def test_the_template_keeps_the_schema() -> None:
    assert valid(tomllib.loads(TEMPLATE), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ('id = "my-school"', 'id = "My School"'),
        ('name = "My school"', 'nmae = "My school"'),
        ('language = "en"', 'language = "english!"'),
        ("[2.2, 5.0]", "[2.2]"),
        ("[2.2, 5.0]", "[2.2, 50.0]"),
        ('["lazy-heel", "leaning-back", "asymmetric-heel"]', '["lazy-heels"]'),
        ('["lazy-heel", "leaning-back", "asymmetric-heel"]', "[]"),
        ('["nice", "that\'s it"]', '["very nice indeed"]'),
        ('["nice", "that\'s it"]', "[]"),
        ('short = "pull under"', 'short = "pull it under you"'),
        ('topic = "pull"', 'topics = "pull"'),
        ('left = "left"', 'left = "on the left"'),
        ('all_well = "all good"', 'all_good = "all good"'),
        ('"We do not drive the knee."', '""'),
        ("needed = 2", "needed = 3"),
        ("[ignored_faults]", '[refuses]\nflick = "No."\n[ignored_faults]'),
        ('release = "norm - 14" }', 'release = "norm - 14", exit = "norm - 14" }'),
        ('{ below = "norm - 18", release = "norm - 14" }', '{ above = "norm - 18" }'),
        ('"norm - 18"', '"norms - 18"'),
        ('dose = "Ten on each leg before the run."', "dose = 10"),
    ],
)
def test_what_the_program_rejects_the_schema_rejects_too(old: str, new: str) -> None:
    assert TEMPLATE.count(old) == 1
    broken = TEMPLATE.replace(old, new)
    assert check_pack(broken, "x.toml")
    assert not valid(tomllib.loads(broken), SCHEMA)


def test_keys_of_version_0_1_keep_the_schema() -> None:
    former = TEMPLATE.replace("[ignored_faults]", "[refuses]").replace("release = ", "exit = ")
    assert check_pack(former, "x.toml") == ()
    assert valid(tomllib.loads(former), SCHEMA)


def test_a_pack_that_extends_needs_only_its_own() -> None:
    assert valid({"id": "x", "name": "X", "extends": "recoil"}, SCHEMA)
    assert not valid({"id": "x", "name": "X"}, SCHEMA)
