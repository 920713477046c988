"""What is wrong with a pack file: file, line, key, value and what is allowed. Collected, never the first one only.

Owns the sentences' shape and the checks that every part of a pack needs. Knows no key of a pack.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cuecoach.errors import InputError
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
    """A pack that cannot be used. The message is the first of `problems`."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        more = len(problems) - 1
        first = str(problems[0])
        if more:
            first = f"{first[:-1]} (and {more} more: see `cuecoach packs check`)."
        super().__init__(first)
        self.problems = problems


class Diagnostics:
    """Collects problems instead of stopping. What cannot be used is read as something harmless."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._problems: list[Diagnostic] = []

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """All problems so far, in the order of their lines; each once."""
        return tuple(sorted(dict.fromkeys(self._problems), key=lambda problem: problem.line or 0))

    def add(self, path: Path, what: str, item: object = None, beside: Path = ()) -> None:
        """Note what is wrong with the value at `path`; `item` is the one text in a list that it is about.

        What is not in the file is told at the line of `beside`; what is in another pack's, where that is extended.
        """
        line = find_item(self._text, path, item) if isinstance(item, str) else find_line(self._text, path)
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        line = line or find_line(self._text, beside) or find_line(self._text, ("extends",))
        self._problems.append(Diagnostic(self._where, line, key, what))

    def known(self, table: Mapping[str, Any], path: Path, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """Note keys that do not exist and keys that are missing."""
        names = tuple(allowed)
        for key in table:
            if key not in names:
                self.add((*path, key), f"is not a key of a pack{nearest(key, names)}")
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
