"""`sessions runners`, `runner`, `delete` and `wipe`: who is in the journal, and taking out of it what must not stay."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cuecoach.cli import options
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.errors import InputError
from cuecoach.journal import edit, read


@options.handle_errors
def runners(journal: options.JournalFile = None, config_file: options.Config = None) -> None:
    """List the runners with their profiles."""
    table = plain_table("name", "height m", "sessions", "last", "notes", numbers=("height m", "sessions"))
    for row in read.runners(options.journal_path(journal, config_file)):
        height = "-" if row.height_m is None else f"{row.height_m:.2f}"
        table.add_row(row.name, height, str(row.sessions), (row.last_started_at or "-")[:10], row.notes)
    print_table(table)


@options.handle_errors
def runner(
    name: Annotated[str, typer.Argument(help="The runner's name.", metavar="NAME")],
    height: Annotated[float | None, typer.Option(help="Height in metres.", metavar="M")] = None,
    notes: Annotated[str | None, typer.Option(help="Anything worth knowing next time.", metavar="TEXT")] = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Keep a runner's profile: name, height, notes."""
    edit.set_runner(options.journal_path(journal, config_file), name, height_m=height, notes=notes)


@options.handle_errors
def delete(
    numbers: Annotated[list[int] | None, typer.Argument(help="Sessions by number.", metavar="[NO]...")] = None,
    runner: Annotated[
        str | None, typer.Option(help="A runner's profile and all their sessions.", metavar="NAME")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Delete sessions, or all that is kept of a runner, for good: nothing stays in the journal's file."""
    path = options.journal_path(journal, config_file)
    if bool(numbers) is bool(runner):
        raise InputError("Say what to delete: numbers of sessions, or --runner NAME.")
    what = f"all sessions and the profile of {runner}" if runner else f"session {', '.join(map(str, numbers or []))}"
    if not yes:
        if not sys.stdin.isatty():
            raise InputError(f"To delete {what} without being asked, say --yes.")
        typer.confirm(f"Delete {what} for good?", abort=True)
    gone = edit.forget_runner(path, runner) if runner else edit.delete_sessions(path, numbers or [])
    typer.echo(f"Deleted {len(gone.sessions)} session{'' if len(gone.sessions) == 1 else 's'}.")
    for aside in gone.elsewhere:
        typer.echo(f"A damaged journal was set aside earlier and may hold them too: {aside}", err=True)


@options.handle_errors
def wipe(journal: options.JournalFile = None, config_file: options.Config = None) -> None:
    """Write the journal's file anew without traces of what was deleted; `delete` does so itself when it can."""
    edit.wipe(options.journal_path(journal, config_file))
