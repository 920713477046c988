"""The table that every benchmark prints: its rows, what became worse since the saved baseline, and the exit code.

Computes nothing. A baseline is what a row showed when it was last saved with `--save-baseline`; it is kept in
`bench/baseline/` and goes with the code.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

OURS = "CueCoach"
BASELINE = Path(__file__).resolve().parent / "baseline"
OUT = Path(__file__).resolve().parent / "out"  # what runs leave behind: results, films, recordings of poses
WIDTH = 230
WORSE_FROM = 1.1  # a value this many times its baseline is worse; below, it is the noise of shared machines


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One measure on one kind of data.

    `found` is what came out, or the same by method where others are measured beside (OURS among them). `met` None:
    there is no target. `value` is the number to compare with the baseline, smaller is better; None: it is not compared.
    """

    data: str
    measure: str
    target: str
    found: str | Mapping[str, str]
    met: bool | None = None
    value: float | None = None

    @property
    def key(self) -> str:
        """What tells this row from others of its benchmark."""
        return f"{self.data} | {self.measure}"

    @property
    def cells(self) -> Mapping[str, str]:
        """What came out, by method."""
        return {OURS: self.found} if isinstance(self.found, str) else self.found


def stated(data: str, measure: str, found: str) -> Row:
    """Return a row without a target."""
    return Row(data, measure, "stated", found)


def at_most(data: str, measure: str, value: float, limit: float, unit: str, digits: int = 2) -> Row:
    """Return the row of a value that must not be larger than its limit."""
    return Row(data, measure, f"at most {limit:g} {unit}", f"{value:.{digits}f} {unit}", value <= limit, value)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every benchmark has."""
    parser.add_argument("--save-baseline", action="store_true", help="later runs are compared with this one")


def finish(rows: Sequence[Row], name: str, title: str, *, save_baseline: bool = False, legend: str = "") -> int:
    """Print the table and what became worse, keep both; return the exit code: 1 when a target is missed or worse."""
    before = _read(BASELINE / f"{name}.json")
    worse = [row for row in rows if _is_worse(row, before.get(row.key))]
    console = Console(width=WIDTH)
    console.print(_table(rows, title, before))
    if legend:
        console.print(legend)
    for row in worse:
        console.print(f"Worse than the baseline: {row.key}: {row.cells[OURS]}, was {before[row.key]['found']}.")
    missed = [row for row in rows if row.met is False]
    console.print(f"{len(missed)} of {sum(row.met is not None for row in rows)} targets missed.")
    kept: dict[str, dict[str, object]] = {
        row.key: {"found": row.cells.get(OURS, ""), "met": row.met, "value": row.value} for row in rows
    }
    _write(OUT / f"{name}.json", kept)
    if save_baseline:
        _write(BASELINE / f"{name}.json", before | kept)
    return 1 if missed or worse else 0


def _is_worse(row: Row, before: Mapping[str, object] | None) -> bool:
    if before is None:
        return False
    was = before["value"]
    if row.value is not None and isinstance(was, int | float):
        return row.value > was * WORSE_FROM and row.met is not True
    return row.met is False and before["met"] is True


def _table(rows: Sequence[Row], title: str, before: Mapping[str, Mapping[str, object]]) -> Table:
    methods = list(dict.fromkeys([OURS, *(method for row in rows for method in row.cells)]))
    columns = ["data", "measure", "target", "", *methods, *(["baseline"] if before else [])]
    table = Table(*columns, title=title, title_justify="left")
    last = ""
    for row in rows:
        if row.data != last and last:
            table.add_section()
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[row.met]
        cells = [row.cells.get(method, "") for method in methods]
        was = str(before[row.key]["found"]) if row.key in before else ""
        cells += ["" if was == row.cells.get(OURS) else was] if before else []
        table.add_row("" if row.data == last else row.data, row.measure, row.target, mark, *cells)
        last = row.data
    return table


def _read(path: Path) -> dict[str, dict[str, object]]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _write(path: Path, kept: Mapping[str, object]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
