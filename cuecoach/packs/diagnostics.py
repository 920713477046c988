"""What is wrong with a pack file: file, line, key, value and what is allowed. All of it is collected.

Owns the shape of the sentences and the checks that several parts of a pack need.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cuecoach.errors import InputError
from cuecoach.packs.former_keys import current_name
from cuecoach.packs.toml_lines import Path, find_item, find_line


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with a pack file. As a string: one sentence."""

    where: str
    line: int | None
    key: str
    what: str

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        key = f"{self.key} " if self.key else ""
        return f"{self.where}{line}: {key}{self.what}."


class PackError(InputError):
    """A pack that cannot be used. The message is the first of `diagnostics`."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        more = len(diagnostics) - 1
        first = str(diagnostics[0])
        if more:
            first = f"{first[:-1]} (and {more} more: see `cuecoach packs check`)."
        super().__init__(first)
        self.diagnostics = diagnostics


class Diagnostics:
    """Collects diagnostics instead of stopping at the first. What cannot be used is read as something harmless.

    Parameters
    ----------
    text, where : str
        The file, and its name in sentences.
    written : mapping of Path to Path
        Under which key of version 0.1 a value is written in the file, by the path of today.
    """

    def __init__(self, text: str, where: str, written: Mapping[Path, Path] | None = None) -> None:
        self._text = text
        self._where = where
        self._written = written or {}
        self._entries: list[Diagnostic] = []

    @property
    def entries(self) -> tuple[Diagnostic, ...]:
        """All diagnostics so far, in the order of their lines; each once."""
        return tuple(sorted(dict.fromkeys(self._entries), key=lambda entry: entry.line or 0))

    def add(self, path: Path, what: str, item: object = None, beside: Path = ()) -> None:
        """Note what is wrong with the value at `path`; `item` is the one text in a list that it is about.

        What is not in the file is told at the line of `beside`; what is in another pack's, where that is extended.
        """
        path = self._as_written(path)
        line = find_item(self._text, path, item) if isinstance(item, str) else find_line(self._text, path)
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        line = line or find_line(self._text, beside) or find_line(self._text, ("extends",))
        self._entries.append(Diagnostic(self._where, line, key, what))

    def _as_written(self, path: Path) -> Path:
        for end in range(len(path), 0, -1):
            if path[:end] in self._written:
                return self._written[path[:end]] + path[end:]
        return path

    def known(self, table: Mapping[str, Any], path: Path, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """Note keys that do not exist and keys that are missing."""
        names = tuple(allowed)
        for key in table:
            if key in names:
                continue
            current = current_name(key, names)
            if current is None:
                self.add((*path, key), f"is not a key of a pack{nearest(key, names)}")
            else:
                self.add((*path, key), f"is the former name of {current}, which is given too; give only one of them")
        for key in required:
            if key not in table:
                self.add((*path, key), "is missing")

    def table(self, table: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
        """Return the table under `key`, empty when there is none."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.add((*path, key), f"= {brief(value)} must be a table")
        return {}

    def items(self, table: Mapping[str, Any], key: str, of: type, what: str) -> list[Any]:
        """Return the list under the top-level `key`, empty when there is none."""
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(item, of) for item in value):
            return value
        self.add((key,), f"= {brief(value)} must be a list of {what}")
        return []

    def sentence(self, table: Mapping[str, Any], key: str, path: Path) -> str:
        """Return a text that is read, on one line."""
        value = table.get(key, "-")
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        self.add((*path, key), f"= {brief(value)} must be text, and not empty")
        return ""

    def spoken(self, value: object, path: Path, most: int, item: object = None) -> str:
        """Return a text that is spoken: one line, and at most `most` words."""
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.add(path, f"= {brief(value)} must be one line of words", item)
            return ""
        count = len(value.split())
        if count > most:
            self.add(path, f"= {value!r} has {count} words; at most {most} are allowed", item)
        return " ".join(value.split())


def is_number(value: object) -> bool:
    """Whether a value of a TOML file is a number that can be computed with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def brief(value: object) -> str:
    """Return a value as it may stand in a sentence."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return the most similar allowed word as a hint, or nothing."""
    near = difflib.get_close_matches(word, tuple(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}" if near else ""


def choices(allowed: Iterable[str]) -> str:
    """Return what is allowed, to end a sentence with."""
    return "; allowed: " + ", ".join(allowed)
