"""`sessions report` and `sessions export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cuecoach.cli import options
from cuecoach.report import export as files
from cuecoach.report import page


@options.handle_errors
def report(
    number: Annotated[int, typer.Argument(help="The session's number in the list.", metavar="NO")],
    out: Annotated[
        Path | None, typer.Option(help="The page; otherwise session-NO.html in this folder.", metavar="FILE")
    ] = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Write a session as one page for the coach: opens in any browser, needs no network, prints on two pages."""
    path, unit = options.journal_and_unit(journal, config_file)
    typer.echo(str(page.write(path, number, out or Path(f"session-{number}.html"), unit)))


@options.handle_errors
def export(
    numbers: Annotated[list[int], typer.Argument(help="Sessions by number.", metavar="NO...")],
    out: Annotated[Path, typer.Option(help="Folder for the files.", metavar="FOLDER")],
    kind: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.", metavar="KIND")] = "csv",
    landmarks: Annotated[str, typer.Option(help="Landmark recordings too: none, csv or trc.", metavar="KIND")] = "none",
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Write sessions as tables for other programs; docs/export.md tells every column."""
    path = options.journal_path(journal, config_file)
    for file in files.export(path, numbers, out, kind, landmarks):
        typer.echo(str(file))
