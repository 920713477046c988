"""How a setting is declared: default, unit, meaning and range in one place, beside the code that uses it.

Pure: no file is read here. `config.py` reads these declarations to check a config file and to write
`config.example.toml`.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What a setting may be: numbers between `low` and `high`, or one of `choices`."""

    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def setting(
    default: Any,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return a dataclass field that carries its own documentation and range.

    The unit belongs in the field's name (`gap_min_s`), the meaning is one plain sentence. A default of None means
    "not set"; the annotation says which type the value has when it is set.
    """
    return dataclasses.field(default=default, metadata={"rule": Rule(meaning, low, high, choices)})
