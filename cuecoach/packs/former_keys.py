"""Keys of pack files that version 0.1 called otherwise. Packs written with them are read as if they had today's.

The format stays 1: a pack of version 0.1 works for ever, from a file, from a journal and as the parent of another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cuecoach.packs.toml_lines import Path

TOP_LEVEL: Mapping[str, str] = {"refuses": "ignored_faults"}
IN_A_LIMIT: Mapping[str, str] = {"exit": "release"}


def with_current_keys(tables: Mapping[str, Any]) -> tuple[dict[str, Any], dict[Path, Path]]:
    """Return the tables of a pack under the keys of today, and the path in the file of each one that was renamed.

    A table that has a key under both names keeps both, which the pack's check then tells.
    """
    written: dict[Path, Path] = {}
    return _renamed(tables, (), written), written


def current_name(key: str, allowed: Collection[str]) -> str | None:
    """Return which of the `allowed` keys version 0.1 called `key`; None when it is none of them."""
    current = TOP_LEVEL.get(key) or IN_A_LIMIT.get(key)
    return current if current in allowed else None


def _renamed(table: Mapping[str, Any], path: Path, written: dict[Path, Path]) -> dict[str, Any]:
    is_limit = len(path) == 4 and path[0] == "faults" and path[2] == "limits"
    names = {} if path and not is_limit else TOP_LEVEL if not path else IN_A_LIMIT
    renamed = {}
    for key, value in table.items():
        current = key if names.get(key, key) in table else names[key]
        if current != key:
            written[*path, current] = (*path, key)
        deeper = isinstance(value, dict) and (path or key == "faults")
        renamed[current] = _renamed(value, (*path, key), written) if deeper else value
    return renamed
