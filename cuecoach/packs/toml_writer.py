"""Tables -> TOML text. Owns only what packs need: texts, numbers, truth values, lists, tables, lists of tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_INLINE = "limits"  # tables inside a table of this name are written on one line each
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write(tables: Mapping[str, Any]) -> str:
    """Return TOML text that reads back as `tables`: values first, then a section for each table."""
    return "\n".join(_section(tables, "")).strip() + "\n"


def _section(table: Mapping[str, Any], name: str) -> list[str]:
    inline = name.rpartition(".")[2] == _INLINE
    sections = {} if inline else {key: value for key, value in table.items() if _is_section(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in sections]
    for key, value in sections.items():
        inner = f"{name}.{_key(key)}" if name else _key(key)
        header, parts = (f"[[{inner}]]", value) if isinstance(value, list) else (f"[{inner}]", [value])
        for part in parts:
            only_sections = part and isinstance(value, dict) and all(map(_is_section, part.values()))
            implied = only_sections and key != _INLINE
            lines += [*([] if implied else ["", header]), *_section(part, inner)]
    return lines


def _is_section(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def _value(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
    return str(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else str(_value(key))
