"""CLI: one file per verb. Reads the arguments, calls one function, prints. No logic."""

from __future__ import annotations

from typing import Annotated

import typer

import cuecoach
from cuecoach.cli import demo, doctor, measure, packs, run, sessions, setup, voices

app = typer.Typer(
    name="cuecoach",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="A running-cue trainer: one webcam at the side of a treadmill, one short cue, at the right moment.\n\n"
    "Start with [bold]cuecoach demo[/bold]: a virtual runner, no camera and no speaker needed.",
)
app.command(name="demo")(demo.demo)
app.command(name="run")(run.run)
app.command(name="measure")(measure.measure)
app.add_typer(packs.app, name="packs")
app.add_typer(sessions.app, name="sessions")
app.command(name="setup")(setup.setup)
app.command(name="voices")(voices.voices)
app.command(name="doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(cuecoach.__version__)
        raise typer.Exit


@app.callback()
def _root(
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; the entry point of the package."""
    app()
