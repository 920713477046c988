"""What a pack that extends another one is made of: tables of the parent with the child's laid over them. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cuecoach.packs.toml_lines import Path

_OWN = ("id", "name", "extends")  # never inherited
_NOT_WORDS = ("id", "name", "extends", "language", "focus_order", "faults", "sources")


def inherit(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return `parent` overlaid by `child`.

    Tables are joined key by key; texts, numbers, lists, and the limit of a metric with its exit are replaced. A fault
    that the child refuses leaves the order, and one that the child puts into its order is refused no longer.
    """
    whole = _joined({key: value for key, value in parent.items() if key not in _OWN}, child, ())
    whole.pop("extends", None)
    own_refuses, own_order = _dict(child, "refuses"), child.get("focus_order")
    if own_order is None:
        whole["focus_order"] = [fault for fault in whole["focus_order"] if fault not in own_refuses]
    order = whole["focus_order"] if isinstance(whole["focus_order"], list) else []
    refused = [fault for fault in _dict(whole, "refuses") if fault not in order]
    for key, wanted in (("refuses", refused), ("cues", order), ("faults", [*order, *refused])):
        if isinstance(whole.get(key), dict):
            own = _dict(child, key)
            whole[key] = {fault: value for fault, value in whole[key].items() if fault in wanted or fault in own}
    return whole


def untranslated(parent: Mapping[str, Any], child: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the path of every text that `child`, in a language of its own, would inherit in the parent's."""
    if _tongue(child.get("language", parent["language"])) == _tongue(parent["language"]):
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


def _tongue(language: object) -> str:
    return str(language).split("-")[0]
