"""Reads the text of a pack file: text -> Pack, or everything that is wrong with it. Owns the format.

Pure: the texts are given, those of packs that may be extended too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NoReturn

from cuecoach.packs import toml_writer
from cuecoach.packs.diagnostics import Diagnostic, Diagnostics, PackError, brief, choices, is_number, nearest
from cuecoach.packs.former_keys import with_current_keys
from cuecoach.packs.inherit import inherit, untranslated
from cuecoach.packs.pack import Drill, Pack
from cuecoach.packs.phrases import read_phrases
from cuecoach.packs.rules import read_rules
from cuecoach.packs.toml_lines import Path

FORMAT = 1
SPEEDS_MPS = (1.0, 12.0)
REQUIRED = ("format", "id", "name", "language", "school", "for_whom", "speeds_mps", "focus_order", "cues", "praise")
OPTIONAL = ("extends", "sides", "ignored_faults", "faults", "programme", "cautions", "drills", "sources")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
DRILL_KEYS = ("name", "how", "dose")

NO_OTHERS: Mapping[str, str] = {}


def parse_pack(text: str, where: str, others: Mapping[str, str] = NO_OTHERS) -> Pack:
    """Return the pack written in `text`.

    Parameters
    ----------
    text : str
    where : str
        Names the file in errors.
    others : mapping of str to str
        Texts of the packs by id that this one may extend.

    Raises
    ------
    PackError
        Something is wrong with it; an InputError that carries all diagnostics.
    """
    tables, written = with_current_keys(_tables(text, where))
    diagnostics = Diagnostics(text, where, written)
    if "extends" in tables:
        tables = _with_inherited(diagnostics, tables, others)
        text = toml_writer.write(tables)
    pack = _pack(diagnostics, tables, text)
    if diagnostics.entries:
        raise PackError(diagnostics.entries)
    return pack


def check_pack(text: str, where: str, others: Mapping[str, str] = NO_OTHERS) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with the pack written in `text`, in the order of its lines."""
    try:
        parse_pack(text, where, others)
    except PackError as error:
        return error.diagnostics
    return ()


def _tables(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+)|end of document).*\)$", str(error))
        line = int(place[1]) if place and place[1] else max(1, len(text.splitlines()))
        reason = str(error)[: place.start()] if place else str(error)
        raise PackError((Diagnostic(where, line, "", f"this is not TOML: {reason.rstrip('.')}"),)) from error


def _with_inherited(diagnostics: Diagnostics, tables: dict[str, Any], others: Mapping[str, str]) -> dict[str, Any]:
    """Return the tables with everything in them that the pack inherits."""
    lineage = [tables]
    names = [str(tables.get("id", "this pack"))]
    written: list[Mapping[Path, Path]] = [{}]  # this pack's own is known to `diagnostics`
    while "extends" in lineage[-1]:
        parent = lineage[-1]["extends"]
        names.append(str(parent))
        if not isinstance(parent, str) or parent not in others:
            hint = nearest(str(parent), others) or choices(sorted(others) or ["nothing here"])
            which = brief(parent) if len(lineage) == 1 else f"{names[1]!r} leads to {brief(parent)}, which"
            _give_up(diagnostics, f"= {which} is not a pack{hint}")
        if parent in names[:-1]:
            _give_up(diagnostics, f"= {tables['extends']!r} goes round in a circle: {' -> '.join(names)}")
        try:
            inherited, renamed = with_current_keys(_tables(others[parent], parent))
        except PackError as error:
            _give_up(diagnostics, f"= {parent!r} is a pack that is not in order: {str(error).rstrip('.')}")
        lineage.append(inherited)
        written.append(renamed)
    whole = lineage.pop()
    for place in reversed(range(len(lineage))):
        about_parent = Diagnostics(others[names[place + 1]], names[place + 1], written[place + 1])
        _pack(about_parent, whole, "")
        if about_parent.entries:
            first = str(about_parent.entries[0]).rstrip(".")
            _give_up(diagnostics, f"= {names[place + 1]!r} is a pack that is not in order: {first}")
        child = lineage[place]
        if place == 0:
            for path in untranslated(whole, child):
                diagnostics.add(path, f"is still in the language of {names[1]!r} ({whole['language']}); translate it")
        whole = inherit(whole, child)
    return whole


def _give_up(diagnostics: Diagnostics, what: str) -> NoReturn:
    diagnostics.add(("extends",), what)
    raise PackError(diagnostics.entries)


def _pack(diagnostics: Diagnostics, tables: Mapping[str, Any], text: str) -> Pack:
    if tables.get("format", FORMAT) != FORMAT or isinstance(tables.get("format"), bool):
        value = brief(tables["format"])
        diagnostics.add(("format",), f"= {value} is not a format this program knows; allowed is {FORMAT}")
    diagnostics.known(tables, (), (*REQUIRED, *OPTIONAL), required=REQUIRED)
    rules = read_rules(diagnostics, tables)
    phrases = read_phrases(diagnostics, tables, rules.order)
    return Pack(
        id=_matching(diagnostics, tables, "id", ID, "small letters, digits and single hyphens"),
        name=diagnostics.sentence(tables, "name", ()),
        language=_matching(diagnostics, tables, "language", LANGUAGE, 'a language tag like "en" or "pt-br"'),
        school=diagnostics.sentence(tables, "school", ()),
        for_whom=diagnostics.sentence(tables, "for_whom", ()),
        speeds_mps=_speeds(diagnostics, tables),
        focus_order=rules.order,
        ignored_faults=rules.ignored,
        rules=rules.faults,
        companions=rules.companions,
        phrases=phrases.phrases,
        praise=phrases.praise,
        recall=phrases.recall,
        summaries=phrases.summaries,
        all_well=phrases.all_well,
        cautions=phrases.cautions,
        drills=_drills(diagnostics, tables),
        sources=tuple(" ".join(text.split()) for text in diagnostics.items(tables, "sources", str, "texts")),
        text=text,
    )


def _matching(
    diagnostics: Diagnostics, tables: Mapping[str, Any], key: str, pattern: re.Pattern[str], allowed: str
) -> str:
    value = tables.get(key)
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    if key in tables:
        diagnostics.add((key,), f"= {brief(value)} is not allowed; allowed is {allowed}")
    return ""


def _speeds(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> tuple[float, float]:
    value = tables.get("speeds_mps", list(SPEEDS_MPS))
    low, high = SPEEDS_MPS
    if isinstance(value, list) and len(value) == 2 and all(is_number(speed) for speed in value):
        slowest, fastest = float(value[0]), float(value[1])
        if low <= slowest < fastest <= high:
            return slowest, fastest
    wrong = f"= {brief(value)} must be the slowest and the fastest speed, {low:g} to {high:g} m/s"
    diagnostics.add(("speeds_mps",), wrong)
    return SPEEDS_MPS


def _drills(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> tuple[Drill, ...]:
    drills = []
    for place, table in enumerate(diagnostics.items(tables, "drills", dict, "tables")):
        path = ("drills", place)
        diagnostics.known(table, path, DRILL_KEYS, required=DRILL_KEYS)
        drills.append(Drill(*(diagnostics.sentence(table, key, path) for key in DRILL_KEYS)))
    return tuple(drills)
