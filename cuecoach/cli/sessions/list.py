"""`sessions list`."""

from __future__ import annotations

import dataclasses
import datetime
import json as json_text
from typing import Annotated

import typer

from cuecoach.analysis import labels
from cuecoach.cli import options
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.errors import InputError
from cuecoach.journal import read


@options.handle_errors
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
    since, until = (_day(value, name) for name, value in (("--since", since), ("--until", until)))
    found = read.sessions(path, limit=limit, runner=runner, pack=pack, since=since, until=until)
    if json:
        typer.echo(json_text.dumps([dataclasses.asdict(row) for row in found], ensure_ascii=False))
        return
    if not found:
        typer.echo("No such session.")
        return
    numbers = ("no.", "min", "strides", "said", "held")
    table = plain_table("no.", "started", "runner", "pack", "min", "strides", "said", "held", "", numbers=numbers)
    table.columns[1].no_wrap = True
    for row in found:
        table.add_row(
            str(row.id),
            labels.started(row.started_at),
            row.runner or "-",
            row.pack_id,
            f"{row.duration_s / 60:.1f}",
            str(row.strides),
            str(row.fired),
            str(row.withheld),
            ", ".join(word for word in (row.source_kind, row.outcome) if word not in ("camera", "finished")),
        )
    print_table(table)


def _day(value: str | None, option: str) -> str | None:
    """Return a day as the journal writes it (raises InputError)."""
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        raise InputError(f"{option} {value} is not a day: write it like 2026-01-31.") from None
