"""How a setting is declared: default, unit, meaning and range in one place, beside the code that uses it.

No file is read here: `config.py` reads the declarations to check a config file and to write `config.example.toml`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A number that people write as a text with a unit, under a `key` without one ("speed" for `speed_mps`).

    `parse` takes what was written, `low` and `high`, and raises ValueError with the end of a sentence; `allowed` says
    in words what it takes. A file may still give the plain number under the field's own name.
    """

    key: str
    parse: Callable[[object, float, float], float]
    allowed: Callable[[float, float], str]


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What a setting may be: numbers between `low` and `high`, or one of `choices`; and how older versions had it.

    `absent` is its value in sessions that were recorded before there was this setting; None: the default.
    """

    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    written: Written | None = None
    absent: Any = None

    def parse(self, value: object) -> float:
        """Return the number of a text with a unit (raises ValueError); only where there is `written`."""
        written, low, high = self._written()
        return written.parse(value, low, high)

    def allowed_text(self) -> str:
        """Return in words what `parse` takes."""
        written, low, high = self._written()
        return written.allowed(low, high)

    def _written(self) -> tuple[Written, float, float]:
        if self.written is None or self.low is None or self.high is None:
            raise TypeError(f"the setting “{self.meaning}” is not written with a unit between two limits")
        return self.written, self.low, self.high


def setting(
    default: Any,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    formerly: tuple[str, ...] = (),
    written: Written | None = None,
    absent: Any = None,
) -> Any:
    """Return a dataclass field that carries its own documentation and range.

    The unit belongs in the field's name (`gap_min_s`), the meaning is one plain sentence. A default of None means
    "not set"; the annotation says which type the value has when it is set. A file that still has one of the names in
    `formerly` is read as if it had today's. `written` is how people write it, where that is a text with a unit; it
    needs `low` and `high`. `absent` is its value in sessions that were recorded before there was this setting, where
    that is not the default: they are decided again as they were.
    """
    rule = Rule(meaning, low, high, choices, formerly, written, absent)
    return dataclasses.field(default=default, metadata={"rule": rule})


def as_recorded(kind: type, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a session's record, under their names of today, with those that it could not have yet."""
    absent = {field.name: field.metadata["rule"].absent for field in dataclasses.fields(kind)}
    return {key: value for key, value in absent.items() if value is not None} | with_current_names(kind, table)


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
