"""How the verbs print tables: to the width of a terminal, and unshortened into a pipe."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 200


def print_table(table: Table) -> None:
    """Print a table on standard output."""
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
