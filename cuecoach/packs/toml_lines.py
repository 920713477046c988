"""Finds the line of a key in TOML text, so that an error can name it. Never fails: None is an answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

Path = tuple[str | int, ...]  # keys, and positions in lists, from the top: ("cues", "flick", "long")

_PART = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


def find_line(text: str, path: Path) -> int | None:
    """Return the number (from 1) of the line that holds `path`, or its nearest parent; None when nothing is found."""
    best, best_line = 0, None
    for line, found in _keys(text):
        shared = _shared(found, path)
        if shared > best and shared == len(found):
            best, best_line = shared, line
    return best_line


def find_item(text: str, path: Path, item: str) -> int | None:
    """Return the line of a quoted `item` in the list at `path`; the line of the list when it is not found."""
    start = find_line(text, path)
    if start is None:
        return None
    following = text.splitlines()[start - 1 :]
    for number, line in enumerate(following, start=start):
        if number > start and (_HEADER.match(line) or _KEY.match(line)):
            break
        if f'"{item}"' in line or f"'{item}'" in line:
            return number
    return start


def _keys(text: str) -> Iterator[tuple[int, Path]]:
    """Yield every table header and key with its line, outside of multi-line strings."""
    table: Path = ()
    seen: Counter[Path] = Counter()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            if inside in line:
                inside = ""
            continue
        header = _HEADER.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                seen[table] += 1
                table = (*table, seen[table] - 1)
            yield number, table
            continue
        key = _KEY.match(line)
        if key:
            yield number, table + _parts(key[1])
        for quotes in ('"""', "'''"):
            if line.count(quotes) % 2:
                inside = quotes


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _shared(found: Path, path: Path) -> int:
    count = 0
    for left, right in zip(found, path, strict=False):
        if left != right:
            break
        count += 1
    return count
