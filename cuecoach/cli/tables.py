"""How the verbs print tables: to the width of a terminal, and unshortened into a pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection

from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 200


def plain_table(*names: str, numbers: Collection[str] = (), gap: int = 2) -> Table:
    """Return a table without lines; columns named in `numbers` stand to the right. What is too wide is broken."""
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0))
    for name in names:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def print_table(table: Table) -> None:
    """Print a table on standard output."""
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
