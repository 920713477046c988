"""The text of a new pack to start from: the template, or an edition of another pack. Writes no file."""

from __future__ import annotations

import tomllib
from typing import Any

from cuecoach.packs import toml_writer
from cuecoach.packs.faults import Criterion, Fault
from cuecoach.packs.former_keys import with_current_keys
from cuecoach.packs.limits import Limit
from cuecoach.packs.pack import Pack

_OWN = ("format", "id", "name", "faults")


def blank(template: str, pack_id: str, schema: str) -> str:
    """Return the template as a pack of its own; `schema` is the address that an editor reads the schema from."""
    text = template.replace('id = "my-school"', f'id = "{pack_id}"').replace('"My school"', f'"{_title(pack_id)}"')
    return f"#:schema {schema}\n{text}"


def based_on(parent: Pack, pack_id: str, schema: str) -> str:
    """Return a pack that extends `parent` and has everything that can be changed in it as comments."""
    tables, _ = with_current_keys(tomllib.loads(parent.text))
    inherited = {key: value for key, value in tables.items() if key not in _OWN}
    inherited["faults"] = {rule.id: _limits(rule) for rule in parent.rules if rule.id in parent.focus_order}
    comments = "\n".join(f"# {line}" if line else "" for line in toml_writer.write(inherited).splitlines())
    return f"""#:schema {schema}
# Builds on the pack {parent.id!r}: what is not said here is taken from there. Below stands all of it, as comments: take
# away the "# " of a line to change it, and of the [header] above it. To leave a fault alone, name it under
# [ignored_faults] and say why. In another `language`, every text must be given.
format = 1
id = "{pack_id}"
extends = "{parent.id}"
name = "{_title(pack_id)}"

{comments}
"""


def _limits(rule: Fault) -> dict[str, Any]:
    criteria = [part for criterion in rule.criteria for part in (criterion, criterion.also) if part]
    return {
        "needed": rule.needed,
        "only_with": list(rule.only_with),
        "limits": {criterion.metric: _written(criterion) for criterion in criteria},
    }


def _written(criterion: Criterion) -> dict[str, Any]:
    written = {"above" if criterion.above else "below": _value(criterion.limit)}
    return written | ({} if criterion.release is None else {"release": _value(criterion.release)})


def _value(limit: Limit) -> object:
    if limit.table:
        return [list(pair) for pair in limit.table]
    return str(limit) if limit.uses_norm else limit.offset


def _title(pack_id: str) -> str:
    return pack_id.replace("-", " ").capitalize()
