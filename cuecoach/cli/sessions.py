"""`cuecoach sessions`: list and show what the journal holds."""

from __future__ import annotations

import math
from typing import Annotated

import typer
from rich.table import Table

from cuecoach import assemble, config
from cuecoach.cli import options
from cuecoach.cli.lines import REASONS
from cuecoach.cli.tables import print_table
from cuecoach.journal import read
from cuecoach.journal.read import CueRow, SessionPage

app = typer.Typer(no_args_is_help=True, help="What was recorded: every session with its cues, said and withheld.")


@app.command(name="list")
@options.sentences
def list_sessions(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """List the sessions, newest first."""
    path = assemble.journal_path(options.override(config.load(config_file), journal=journal))
    table = Table(
        "no.", "started", "runner", "pack", "source", "minutes", "strides", "said", "withheld", "end", box=None
    )
    for row in read.sessions(path, limit=limit):
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
def show(
    number: Annotated[int, typer.Argument(help="The session's number in the list.", metavar="NO")],
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Show one session: strides of each leg, every cue that was said, and why others were not."""
    page = read.session(assemble.journal_path(options.override(config.load(config_file), journal=journal)), number)
    for line in _head(page):
        typer.echo(line)
    table = Table("time s", "", "about", "words", "why", "heard", box=None, title="Cues", title_justify="left")
    for cue in page.cues:
        about = " ".join(filter(None, [cue.fault or cue.kind, cue.side]))
        why = cue.reason if cue.fires else REASONS.get(cue.reason, cue.reason)
        table.add_row(f"{cue.decided_s:.1f}", "SAID" if cue.fires else "held", about, cue.text or "", why, _heard(cue))
    print_table(table)
    for event in page.events:
        typer.echo(f"{event.t_s:7.1f} s  {event.kind}: {event.detail}")


def _head(page: SessionPage) -> list[str]:
    row = page.row
    lines = [
        f"Session {row.id}, {row.started_at}, {row.duration_s / 60:.1f} minutes, {row.outcome}",
        f"Pack {row.pack_id}; source {row.source_kind} {row.source_name}; runner {row.runner or 'not named'}",
    ]
    for side, sums in page.strides.items():
        cadence = "" if math.isnan(sums.cadence_spm) else f", cadence {sums.cadence_spm:.1f} spm"
        trust = "" if math.isnan(sums.trust) else f", trust {sums.trust:.2f}"
        lines.append(f"{side.capitalize()}: {sums.count} strides{cadence}{trust}")
    return lines


def _heard(cue: CueRow) -> str:
    if cue.started_s is not None:
        return f"{cue.started_s:.2f} s on {cue.heard_on}"
    if cue.dropped_s is not None:
        return f"not heard: {cue.heard_detail}"
    return ""
