"""How a setting is declared: default, unit, meaning and range in one place, beside the code that uses it.

No file is read here: `config.py` reads the declarations to check a config file and to write `config.example.toml`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What a setting may be: numbers between `low` and `high`, or one of `choices`; and its names in older versions."""

    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()


def setting(
    default: Any,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    formerly: tuple[str, ...] = (),
) -> Any:
    """Return a dataclass field that carries its own documentation and range.

    The unit belongs in the field's name (`gap_min_s`), the meaning is one plain sentence. A default of None means
    "not set"; the annotation says which type the value has when it is set. A file that still has one of the names in
    `formerly` is read as if it had today's.
    """
    return dataclasses.field(default=default, metadata={"rule": Rule(meaning, low, high, choices, formerly)})


def with_current_names(kind: type, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a table with every key of an older version under its name of today."""
    today = {
        old: field.name
        for field in dataclasses.fields(kind)
        for old in field.metadata["rule"].formerly
        if field.name not in table
    }
    return {today.get(key, key): value for key, value in table.items()}


def data_folder() -> Path:
    """Return the user's data folder: the journal, own packs and own recordings."""
    return Path(platformdirs.user_data_dir("cuecoach", appauthor=False))
