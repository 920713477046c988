"""The rows of the table and how they look. Computes nothing."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

from _rules import RULES
from _score import Errors
from rich.console import Console
from rich.table import Table

OURS, RAW = "ours", "raw MediaPipe"
WIDTH = 230
LEGEND = (
    "Events: median absolute error (bias ± SD), -missed, +invented. Metrics: bias ± SD within a leg of a trial (worst "
    "bias of one). `live` is the causal picture, without the settling delay. A labelled contact lies half a frame "
    "before the first frame that shows it."
)
METHODS = (OURS, RAW, *RULES)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One measure on one kind of data. `met` None: there is no target. `cells` by METHODS; absent: does not apply."""

    data: str
    measure: str
    target: str
    cells: dict[str, str]
    met: bool | None = None


def number(value: float, digits: int = 1, signed: bool = False) -> str:
    """Return a number for a cell, a question mark for NaN."""
    if math.isnan(value):
        return "?"
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def event_cell(errors: Errors, digits: int = 1) -> str:
    """Return the median absolute error, bias and SD in brackets, and what was missed and invented, if anything."""
    spread = f"{number(errors.bias, digits, signed=True)} ± {number(errors.sd, digits)}"
    lost = f" -{errors.missed}" * (errors.missed > 0) + f" +{errors.invented}" * (errors.invented > 0)
    return f"{number(errors.median_abs, digits)} ({spread}){lost}"


def show(rows: Sequence[Row], title: str) -> None:
    """Print the table."""
    table = Table("data", "measure", "target", "", *METHODS, title=title, title_justify="left")
    before = ""
    for row in rows:
        if row.data != before and before:
            table.add_section()
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[row.met]
        cells = [row.cells.get(method, "") for method in METHODS]
        table.add_row("" if row.data == before else row.data, row.measure, row.target, mark, *cells)
        before = row.data
    console = Console(width=WIDTH)
    console.print(table)
    console.print(LEGEND)


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON, for comparing two states of the code."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")
