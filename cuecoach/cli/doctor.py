"""`cuecoach doctor`: what is there and what is missing, as text for a bug report."""

from __future__ import annotations

import json as json_module

import typer
from rich.table import Table

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.tables import print_table
from cuecoach.session.doctor import examine


@options.handle_errors
def doctor(config_file: options.Config = None, json: options.Json = False) -> None:
    """Say what is there and what is missing: versions, model, camera, speaker, voices, paths."""
    findings = examine(config.load(config_file))
    if json:
        typer.echo(json_module.dumps(findings))
        return
    table = Table("what", "found", box=None, pad_edge=False)
    for what, found in findings.items():
        table.add_row(what, found)
    print_table(table)
