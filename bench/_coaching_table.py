"""The table of `bench/coaching.py`: its rows, how they look, where they are kept. Computes nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

WIDTH = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One measure. `met` None: there is no target, the value is stated."""

    part: str
    measure: str
    target: str
    ours: str
    met: bool | None = None


def stated(part: str, measure: str, ours: str) -> Row:
    """Return a row without a target."""
    return Row(part, measure, "stated", ours)


def show(rows: Sequence[Row], title: str) -> None:
    """Print the table."""
    table = Table("part", "measure", "target", "", "CueCoach", title=title, title_justify="left")
    before = ""
    for row in rows:
        if row.part != before and before:
            table.add_section()
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[row.met]
        table.add_row("" if row.part == before else row.part, row.measure, row.target, mark, row.ours)
        before = row.part
    Console(width=WIDTH).print(table)


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON, for comparing two states of the code."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")
