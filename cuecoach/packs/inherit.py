"""A pack that extends another one: the tables of the parent, overlaid by those of the child, under today's keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cuecoach.packs.toml_lines import Path

_OWN = ("id", "name", "extends")  # never inherited
_NOT_WORDS = ("id", "name", "extends", "language", "focus_order", "faults", "sources")


def inherit(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return `parent` overlaid by `child`.

    Tables are joined key by key; texts, numbers, lists, and the limit of a metric with its release limit are replaced.
    A fault that the child ignores leaves the order, and one that the child puts into its order is ignored no longer.
    """
    whole = _joined({key: value for key, value in parent.items() if key not in _OWN}, child, ())
    whole.pop("extends", None)
    own_ignored, own_order = _dict(child, "ignored_faults"), child.get("focus_order")
    if own_order is None:
        whole["focus_order"] = [fault for fault in whole["focus_order"] if fault not in own_ignored]
    order = whole["focus_order"] if isinstance(whole["focus_order"], list) else []
    ignored = [fault for fault in _dict(whole, "ignored_faults") if fault not in order]
    for key, wanted in (("ignored_faults", ignored), ("cues", order), ("faults", [*order, *ignored])):
        if isinstance(whole.get(key), dict):
            own = _dict(child, key)
            whole[key] = {fault: value for fault, value in whole[key].items() if fault in wanted or fault in own}
    return whole


def untranslated(parent: Mapping[str, Any], child: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the path of every text that `child`, in a language of its own, would inherit in the parent's."""
    if _base_language(child.get("language", parent["language"])) == _base_language(parent["language"]):
        return
    whole = inherit(parent, child)
    for path in _texts(whole, ()):
        if path[0] not in _NOT_WORDS and path[-1] != "focus" and not _holds(child, path):
            yield path


def _joined(parent: Mapping[str, Any], child: Mapping[str, Any], path: Path) -> dict[str, Any]:
    joined = dict(parent)
    for key, value in child.items():
        before = parent.get(key)
        both = isinstance(value, dict) and isinstance(before, dict)
        a_limit = len(path) == 3 and path[0] == "faults" and path[2] == "limits"
        joined[key] = _joined(before, value, (*path, key)) if both and not a_limit else value  # type: ignore[arg-type]
    return joined


def _texts(table: Mapping[str, Any], path: Path) -> Iterator[Path]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, (*path, key))
        elif isinstance(value, str) or (isinstance(value, list) and any(isinstance(v, str | dict) for v in value)):
            yield (*path, key)


def _holds(table: Mapping[str, Any], path: Path) -> bool:
    inner: Any = table
    for key in path:
        if not isinstance(inner, dict) or key not in inner:
            return False
        inner = inner[key]
    return True


def _dict(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _base_language(language: object) -> str:
    return str(language).split("-")[0]
