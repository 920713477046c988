"""The text of a pack file -> Pack, or everything that is wrong with it: file, line, key, value and what is allowed.

Owns the format. Reads no file: the text is given.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cuecoach.coach.faults import FAULTS, Criterion, Fault, Scope
from cuecoach.coach.limits import Limit, parse_limit
from cuecoach.coach.pack import Drill, Pack, Phrases
from cuecoach.coach.tomlines import Path, find_line
from cuecoach.errors import InputError
from cuecoach.gait.norms import has_norm
from cuecoach.types import Cue, Side

FORMAT = 1
FOCUS = ("external", "internal")
LONG_WORDS_MAX = 6  # before and while acting one to six words (Benz 2016, Dalton 2013)
SHORT_WORDS_MAX = 3
PRAISE_WORDS_MAX = 2
SPEEDS_MPS = (1.0, 12.0)

_REQUIRED = ("format", "id", "name", "language", "school", "for_whom", "speeds_mps", "focus_order", "cues", "praise")
_OPTIONAL = ("sides", "refuses", "faults", "cautions", "drills", "sources")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ENGLISH_SIDES = {"left": "left", "right": "right"}
_CHECKED_MPS = tuple(2.0 + 0.5 * step for step in range(15))  # where limits are compared: 2 to 9 m/s


@dataclass(frozen=True, slots=True)
class Problem:
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

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        more = len(problems) - 1
        first = str(problems[0])
        if more:
            first = f"{first[:-1]} (and {more} more: see `cuecoach packs check`)."
        super().__init__(first)
        self.problems = problems


def parse_pack(text: str, where: str) -> Pack:
    """Return the pack written in `text`; `where` names the file in errors.

    Raises
    ------
    PackError
        Something is wrong with it; an InputError that carries all problems.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+)|end of document).*\)$", str(error))
        line = int(place[1]) if place and place[1] else max(1, len(text.splitlines()))
        reason = str(error)[: place.start()] if place else str(error)
        raise PackError((Problem(where, line, "", f"this is not TOML: {reason.rstrip('.')}"),)) from error
    reader = _Reader(text, where)
    pack = reader.pack(tables)
    if reader.problems:
        raise PackError(tuple(sorted(reader.problems, key=lambda problem: problem.line or 0)))
    return pack


def check_pack(text: str, where: str) -> tuple[Problem, ...]:
    """Return everything that is wrong with the pack written in `text`, in the order of its lines."""
    try:
        parse_pack(text, where)
    except PackError as error:
        return error.problems
    return ()


class _Reader:
    """Reads tables into a Pack and collects problems instead of stopping; a wrong value becomes a harmless one."""

    def __init__(self, text: str, where: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._where = where

    def pack(self, tables: Mapping[str, Any]) -> Pack:
        self._format(tables)
        self._known(tables, (), (*_REQUIRED, *_OPTIONAL), required=_REQUIRED)
        order = self._focus_order(tables)
        refuses = self._refuses(tables, order)
        own = self._table(tables, "faults", ())
        for fault in own:
            self._named(fault, (*order, *refuses), ("faults", fault), "is neither in focus_order nor refused")
        rules = tuple(self._rule(FAULTS[fault], own) for fault in (*order, *refuses))
        wanted = {other for rule in rules for other in rule.only_with} - {rule.id for rule in rules}
        return Pack(
            id=self._matching(tables, "id", _ID, "small letters, digits and single hyphens"),
            name=self._sentence(tables, "name", ()),
            language=self._matching(tables, "language", _LANGUAGE, 'a language tag like "en" or "pt-br"'),
            school=self._sentence(tables, "school", ()),
            for_whom=self._sentence(tables, "for_whom", ()),
            speeds_mps=self._speeds(tables),
            focus_order=order,
            refuses=refuses,
            rules=rules,
            companions=tuple(FAULTS[fault] for fault in FAULTS if fault in wanted),
            phrases=self._phrases(tables, order),
            praise=self._praise(tables),
            cautions=self._sentences(tables, "cautions"),
            drills=self._drills(tables),
            sources=self._sentences(tables, "sources"),
            text=self._text,
        )

    # -- problems

    def _problem(self, path: Path, what: str) -> None:
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        self.problems.append(Problem(self._where, find_line(self._text, path), key, what))

    def _known(
        self, table: Mapping[str, Any], path: Path, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> None:
        names = tuple(allowed)
        for key in table:
            if key not in names:
                self._problem((*path, key), f"is not a key of a pack{_nearest(key, names)}")
        for key in required:
            if key not in table:
                self._problem((*path, key), "is missing")

    def _named(self, fault: str, allowed: Iterable[str], path: Path, otherwise: str) -> bool:
        """Return whether `fault` is one of `allowed`; if not, tell whether it exists at all."""
        if fault in tuple(allowed):
            return True
        self._problem(path, otherwise if fault in FAULTS else f"= {fault!r} is not a fault{_nearest(fault, FAULTS)}")
        return False

    # -- simple values

    def _table(self, table: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self._problem((*path, key), f"= {value!r} must be a table")
        return {}

    def _list(self, table: Mapping[str, Any], key: str, of: type, what: str) -> list[Any]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(item, of) for item in value):
            return value
        self._problem((key,), f"= {_brief(value)} must be a list of {what}")
        return []

    def _sentence(self, table: Mapping[str, Any], key: str, path: Path) -> str:
        value = table.get(key, "-")
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        self._problem((*path, key), f"= {_brief(value)} must be text, and not empty")
        return ""

    def _sentences(self, tables: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(" ".join(item.split()) for item in self._list(tables, key, str, "texts"))

    def _matching(self, tables: Mapping[str, Any], key: str, pattern: re.Pattern[str], allowed: str) -> str:
        value = tables.get(key)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        if key in tables:
            self._problem((key,), f"= {_brief(value)} is not allowed; allowed is {allowed}")
        return ""

    def _format(self, tables: Mapping[str, Any]) -> None:
        value = tables.get("format", FORMAT)
        if value != FORMAT or isinstance(value, bool):
            self._problem(("format",), f"= {_brief(value)} is not a format this program knows; allowed is {FORMAT}")

    def _speeds(self, tables: Mapping[str, Any]) -> tuple[float, float]:
        value = tables.get("speeds_mps", list(SPEEDS_MPS))
        low, high = SPEEDS_MPS
        if isinstance(value, list) and len(value) == 2 and all(_is_number(speed) for speed in value):
            slowest, fastest = float(value[0]), float(value[1])
            if low <= slowest < fastest <= high:
                return slowest, fastest
        self._problem(
            ("speeds_mps",), f"= {_brief(value)} must be the slowest and the fastest speed, {low:g} to {high:g} m/s"
        )
        return SPEEDS_MPS

    # -- faults

    def _focus_order(self, tables: Mapping[str, Any]) -> tuple[str, ...]:
        order: list[str] = []
        listed = self._list(tables, "focus_order", str, "faults")
        if "focus_order" in tables and not listed and isinstance(tables["focus_order"], list) and not self.problems:
            self._problem(("focus_order",), "is empty; name at least one fault")
        for fault in listed:
            if fault in order:
                self._problem(("focus_order",), f"names {fault!r} twice")
            elif self._named(fault, FAULTS, ("focus_order",), ""):
                order.append(fault)
        return tuple(order)

    def _refuses(self, tables: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, str]:
        refuses: dict[str, str] = {}
        for fault, why in self._table(tables, "refuses", ()).items():
            path = ("refuses", fault)
            if not self._named(fault, FAULTS, path, ""):
                continue
            if fault in order:
                self._problem(path, "is in focus_order too; a fault is either worked on or refused")
            elif not isinstance(why, str) or not why.strip():
                self._problem(path, f"= {_brief(why)} must say why the fault is left alone")
            else:
                refuses[fault] = " ".join(why.split())
        return refuses

    def _rule(self, fault: Fault, own: Mapping[str, Any]) -> Fault:
        """Return the catalogue's rule with the pack's own limits in it."""
        path = ("faults", fault.id)
        table = self._table(own, fault.id, ("faults",))
        self._known(table, path, ("needed", "only_with", "limits"))
        limits = self._table(table, "limits", path)
        self._known_metrics(fault, limits, (*path, "limits"))
        criteria = tuple(self._criterion(fault, criterion, limits) for criterion in fault.criteria)
        needed = table.get("needed", fault.needed)
        if isinstance(needed, bool) or not isinstance(needed, int) or not 1 <= needed <= len(criteria):
            self._problem((*path, "needed"), f"= {_brief(needed)} must be a whole number from 1 to {len(criteria)}")
            needed = fault.needed
        only_with = table.get("only_with", list(fault.only_with))
        if not isinstance(only_with, list) or any(name not in FAULTS or name == fault.id for name in only_with):
            self._problem((*path, "only_with"), f"= {_brief(only_with)} must be a list of other faults; [] for none")
            only_with = []
        return dataclasses.replace(fault, criteria=criteria, needed=needed, only_with=tuple(only_with))

    def _known_metrics(self, fault: Fault, limits: Mapping[str, Any], path: Path) -> None:
        for metric in limits:
            if metric not in fault.metrics:
                nearest = _nearest(metric, fault.metrics)
                self._problem((*path, metric), f"is not a metric of this fault{nearest or _choices(fault.metrics)}")

    def _criterion(self, fault: Fault, criterion: Criterion, limits: Mapping[str, Any]) -> Criterion:
        if criterion.also:
            criterion = dataclasses.replace(criterion, also=self._criterion(fault, criterion.also, limits))
        if criterion.metric not in limits:
            return criterion
        path: Path = ("faults", fault.id, "limits", criterion.metric)
        direction = "above" if criterion.above else "below"
        table = limits[criterion.metric]
        if not isinstance(table, dict) or direction not in table:
            self._problem(path, f'= {_brief(table)} must be a table like {{ {direction} = "norm - 12" }}')
            return criterion
        self._known(table, path, (direction, "exit"), required=())
        limit = self._limit(table[direction], (*path, direction))
        leave = self._limit(table["exit"], (*path, "exit")) if "exit" in table else None
        if limit is None or (leave is None and "exit" in table):
            return criterion
        by_norm = fault.scope is not Scope.PAIR and has_norm(criterion.metric)
        if not by_norm and (limit.uses_norm or (leave is not None and leave.uses_norm)):
            self._problem(path, "has no norm by speed; give plain numbers or a table by speed")
        elif leave is None and not limit.uses_norm:
            self._problem(path, "needs `exit` too, the limit of being well again, for it does not follow from a norm")
        elif leave is not None and _outside(leave, limit, criterion):
            side = "below" if criterion.above else "above"
            self._problem((*path, "exit"), f"= {leave} must lie {side} {limit}, nearer to what is good")
        return dataclasses.replace(criterion, limit=limit, leave=leave)

    def _limit(self, value: object, path: Path) -> Limit | None:
        try:
            return parse_limit(value)
        except ValueError as error:
            self._problem(path, f"= {error}")
            return None

    # -- words

    def _phrases(self, tables: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Phrases]:
        cues = self._table(tables, "cues", ())
        words = self._sides(tables)
        for fault in cues:
            self._named(fault, order, ("cues", fault), "is never said: the fault is not in focus_order")
        phrases: dict[str, Phrases] = {}
        for fault in order:
            if fault not in cues:
                self._problem(("cues", fault), "is missing: every fault in focus_order needs its words")
                continue
            table = self._table(cues, fault, ("cues",))
            self._known(table, ("cues", fault), ("long", "short", "focus"), required=("long", "short"))
            focus = table.get("focus", FOCUS[0])
            if focus not in FOCUS:
                self._problem(("cues", fault, "focus"), f"= {_brief(focus)} is not allowed{_choices(FOCUS)}")
            phrases[fault] = Phrases(
                long=self._wording(table, fault, "long", LONG_WORDS_MAX, str(focus), words),
                short=self._wording(table, fault, "short", SHORT_WORDS_MAX, str(focus), words),
            )
        return phrases

    def _wording(
        self, table: Mapping[str, Any], fault: str, key: str, most: int, focus: str, words: Mapping[str, str]
    ) -> dict[Side | None, Cue]:
        path = ("cues", fault, key)
        text = self._spoken(table.get(key, "-"), path, most)
        if "{side}" not in text:
            return {None: Cue(f"{fault}.{key}", text, focus)}
        if FAULTS[fault].scope is not Scope.PAIR:
            self._problem(path, f"= {text!r}: {{side}} is only for a fault of one leg against the other")
        return {
            side: Cue(f"{fault}.{key}.{side}", text.replace("{side}", words[side]), focus)
            for side in (Side.LEFT, Side.RIGHT)
        }

    def _praise(self, tables: Mapping[str, Any]) -> tuple[Cue, ...]:
        texts = self._list(tables, "praise", str, "texts")
        if "praise" in tables and not texts and isinstance(tables["praise"], list):
            self._problem(("praise",), "needs at least one phrase")
        return tuple(
            Cue(f"praise.{place}", self._spoken(text, ("praise",), PRAISE_WORDS_MAX), FOCUS[0])
            for place, text in enumerate(texts, start=1)
        )

    def _spoken(self, value: object, path: Path, most: int) -> str:
        """Return words fit to be spoken: text, one line, not too long for a runner."""
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self._problem(path, f"= {_brief(value)} must be one line of words")
            return ""
        count = len(value.split())
        if count > most:
            self._problem(path, f"= {value!r} has {count} words; at most {most} are allowed")
        return " ".join(value.split())

    def _sides(self, tables: Mapping[str, Any]) -> dict[str, str]:
        sides = self._table(tables, "sides", ())
        self._known(sides, ("sides",), _ENGLISH_SIDES, required=_ENGLISH_SIDES if sides else ())
        return {side: self._spoken(sides.get(side, word), ("sides", side), 1) for side, word in _ENGLISH_SIDES.items()}

    def _drills(self, tables: Mapping[str, Any]) -> tuple[Drill, ...]:
        drills = []
        for place, table in enumerate(self._list(tables, "drills", dict, "tables")):
            path = ("drills", place)
            self._known(table, path, ("name", "how", "dose"), required=("name", "how", "dose"))
            drills.append(Drill(*(self._sentence(table, key, path) for key in ("name", "how", "dose"))))
        return tuple(drills)


def _outside(leave: Limit, limit: Limit, criterion: Criterion) -> bool:
    """Whether the limit of being well again lies beyond the limit of the fault at any speed."""
    for mps in _CHECKED_MPS:
        gap = leave.at(criterion.metric, mps) - limit.at(criterion.metric, mps)
        if gap > 0 if criterion.above else gap < 0:
            return True
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _brief(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _nearest(word: str, allowed: Iterable[str]) -> str:
    """Return the most similar allowed word as a hint, or nothing."""
    near = difflib.get_close_matches(word, tuple(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}" if near else ""


def _choices(allowed: Iterable[str]) -> str:
    return "; allowed: " + ", ".join(allowed)
