"""`cuecoach sessions`: list, show, compare and report what the journal holds; runners; deleting."""

from __future__ import annotations

import dataclasses
import json as json_text
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cuecoach.cli import options, sessions_files, sessions_show
from cuecoach.cli.tables import print_table
from cuecoach.errors import InputError
from cuecoach.journal import edit, read
from cuecoach.report import page as report_page

app = typer.Typer(no_args_is_help=True, help="What was recorded: every session with its cues, said and withheld.")
app.command()(sessions_show.show)
app.command()(sessions_show.compare)
app.command()(sessions_files.export)
app.command()(sessions_files.replay)


@app.command(name="list")
@options.sentences
def list_sessions(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    runner: Annotated[str | None, typer.Option(help="Only this runner's.", metavar="NAME")] = None,
    pack: Annotated[str | None, typer.Option(help="Only with this pack.", metavar="ID")] = None,
    since: Annotated[str | None, typer.Option(help="Only from this day on.", metavar="YYYY-MM-DD")] = None,
    until: Annotated[str | None, typer.Option(help="Only up to this day.", metavar="YYYY-MM-DD")] = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """List the sessions, newest first."""
    path = options.journal_path(journal, config_file)
    since, until = (sessions_show.day(value, name) for name, value in (("--since", since), ("--until", until)))
    found = read.sessions(path, limit=limit, runner=runner, pack=pack, since=since, until=until)
    if json:
        typer.echo(json_text.dumps([dataclasses.asdict(row) for row in found], ensure_ascii=False))
        return
    table = Table(
        "no.", "started", "runner", "pack", "source", "minutes", "strides", "said", "withheld", "end", box=None
    )
    for row in found:
        table.add_row(
            str(row.id),
            row.started_at[:16].replace("T", " "),
            row.runner or "-",
            row.pack_id,
            row.source_kind,
            f"{row.duration_s / 60:.1f}",
            str(row.strides),
            str(row.fired),
            str(row.withheld),
            row.outcome,
        )
    print_table(table)


@app.command()
@options.sentences
def report(
    number: sessions_show.Number,
    out: Annotated[
        Path | None, typer.Option(help="The page; otherwise session-NO.html in this folder.", metavar="FILE")
    ] = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Write a session as one page for the coach: opens in any browser, needs no network, prints on two pages."""
    path = options.journal_path(journal, config_file)
    typer.echo(str(report_page.write(path, number, out or Path(f"session-{number}.html"))))


@app.command()
@options.sentences
def runners(journal: options.JournalFile = None, config_file: options.Config = None) -> None:
    """List the runners with their profiles."""
    table = Table("name", "height m", "sessions", "last", "notes", box=None)
    for row in read.runners(options.journal_path(journal, config_file)):
        height = "-" if row.height_m is None else f"{row.height_m:.2f}"
        table.add_row(row.name, height, str(row.sessions), (row.last_started_at or "-")[:10], row.notes)
    print_table(table)


@app.command()
@options.sentences
def runner(
    name: Annotated[str, typer.Argument(help="The runner's name.", metavar="NAME")],
    height: Annotated[float | None, typer.Option(help="Height in metres.", metavar="M")] = None,
    notes: Annotated[str | None, typer.Option(help="Anything worth knowing next time.", metavar="TEXT")] = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Keep a runner's profile: name, height, notes."""
    edit.set_runner(options.journal_path(journal, config_file), name, height_m=height, notes=notes)


@app.command()
@options.sentences
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


@app.command()
@options.sentences
def wipe(journal: options.JournalFile = None, config_file: options.Config = None) -> None:
    """Write the journal's file anew without traces of what was deleted; `delete` does so itself when it can."""
    edit.wipe(options.journal_path(journal, config_file))
