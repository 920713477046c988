"""`cuecoach packs`: list, show and check cue packs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cuecoach import packs
from cuecoach.cli import options
from cuecoach.cli.tables import print_table
from cuecoach.coach.pack import describe
from cuecoach.errors import EXIT_INPUT

app = typer.Typer(no_args_is_help=True, help="Cue packs: one file for each coaching philosophy.")

Which = Annotated[str, typer.Argument(help="A pack's id or a file.", metavar="ID|FILE")]


@app.command(name="list")
@options.sentences
def list_packs() -> None:
    """List the packs that are shipped and your own."""
    table = Table("id", "name", "language", "speeds m/s", "cues", "leaves alone", box=None, pad_edge=False)
    for pack in packs.available():
        low, high = pack.speeds_mps
        table.add_row(
            pack.id,
            pack.name,
            pack.language,
            f"{low:g} to {high:g}",
            ", ".join(pack.focus_order),
            ", ".join(pack.refuses) or "-",
        )
    print_table(table)


@app.command()
@options.sentences
def show(which: Which) -> None:
    """Show a pack as a page from the coach."""
    typer.echo(describe(packs.find(which)))


@app.command()
@options.sentences
def check(which: Which) -> None:
    """Check a pack and list everything that is wrong with it."""
    problems = packs.check(which)
    if problems:
        for problem in problems:
            typer.echo(problem, err=True)
        raise typer.Exit(EXIT_INPUT)
    typer.echo(f"{which}: this pack is in order.")
