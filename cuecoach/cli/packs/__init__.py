"""`cuecoach packs`: list, show, check and start cue packs."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from cuecoach.cli import options
from cuecoach.cli.tables import print_table
from cuecoach.cli.verbs import Verb, group_of
from cuecoach.errors import EXIT_INPUT
from cuecoach.packs import library
from cuecoach.packs.description import describe
from cuecoach.packs.schema import schema

VERBS = (
    Verb(
        "record",
        "cuecoach.cli.packs.record:record",
        "Record a pack's phrases in your own voice; they win over speech, phrase by phrase.",
    ),
)

app = typer.Typer(cls=group_of(VERBS), no_args_is_help=True, help="Cue packs: one file for each coaching philosophy.")

Which = Annotated[str, typer.Argument(help="A pack's id or a file.", metavar="ID|FILE")]
Name = Annotated[str, typer.Argument(help="The new pack's id, or a .toml file to write.", metavar="NAME|FILE")]
From = Annotated[str | None, typer.Option("--from", help="Pack to build on.", metavar="ID|FILE")]


@app.command(name="list")
@options.handle_errors
def list_packs() -> None:
    """List the packs that are shipped and your own."""
    table = Table("id", "name", "language", "speeds m/s", "cues", "leaves alone", box=None, pad_edge=False)
    listed = library.available()
    for pack in [entry.pack for entry in listed if entry.pack]:
        low, high = pack.speeds_mps
        table.add_row(
            pack.id,
            pack.name,
            pack.language,
            f"{low:g} to {high:g}",
            ", ".join(pack.focus_order),
            ", ".join(pack.ignored_faults) or "-",
        )
    print_table(table)
    for entry in listed:
        if entry.error:
            typer.echo(f"{entry.id} cannot be used: {entry.error}", err=True)


@app.command()
@options.handle_errors
def show(which: Which) -> None:
    """Show a pack as a page from the coach."""
    typer.echo(describe(library.find(which)))


@app.command()
@options.handle_errors
def check(which: Which) -> None:
    """Check a pack: everything that is wrong with it, and what should be thought over."""
    diagnostics = library.check(which)
    if diagnostics:
        for diagnostic in diagnostics:
            typer.echo(diagnostic, err=True)
        raise typer.Exit(EXIT_INPUT)
    warnings = library.warnings(which)
    for warning in warnings:
        typer.echo(f"Think over: {warning}")
    typer.echo(f"{which}: this pack is in order.")


@app.command()
@options.handle_errors
def new(name: Name, parent: From = None) -> None:
    """Start a pack of your own: from a template with comments, or building on another pack."""
    path = library.create(name, parent)
    typer.echo(f"{path}: a new pack. Edit it, then `cuecoach packs check {name}` and `cuecoach run --pack {name}`.")


@app.command(name="schema")
def print_schema() -> None:
    """Print the JSON Schema of pack files, for editors."""
    typer.echo(json.dumps(schema(), indent=2))
