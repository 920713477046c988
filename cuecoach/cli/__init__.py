"""CLI: one file per verb. Reads the arguments, calls one function, prints. No logic."""

from __future__ import annotations

from typing import Annotated

import typer

import cuecoach
from cuecoach.cli.verbs import Verb, group_of
from cuecoach.errors import missing_library

VERBS = (
    Verb(
        "demo",
        "cuecoach.cli.demo:demo",
        "Watch the whole loop work: a drawn runner with a fault hears the cues and answers them.",
    ),
    Verb(
        "run",
        "cuecoach.cli.run:run",
        "Coach a runner: from the camera at the side of the treadmill, or from a film.",
    ),
    Verb(
        "measure",
        "cuecoach.cli.measure:measure",
        "Measure every frame and stride of a film; times in the files are the runner's, from the first frame.",
    ),
    Verb("packs", "cuecoach.cli.packs:app", "Cue packs: one file for each coaching philosophy."),
    Verb(
        "sessions",
        "cuecoach.cli.sessions:app",
        "What was recorded: every session with its cues, said and withheld.",
    ),
    Verb(
        "setup",
        "cuecoach.cli.setup:setup",
        "Look at the runner for some seconds and say whether the camera stands right, and what to change if not.",
    ),
    Verb(
        "calibrate",
        "cuecoach.cli.calibrate:calibrate",
        "Find how far a runner's thigh and shank are steadily misread here, and take it off from then on.",
    ),
    Verb(
        "models",
        "cuecoach.cli.models:app",
        "Pose models: which are here, what each is worth, and how a better one comes here.",
    ),
    Verb(
        "voices",
        "cuecoach.cli.voices:voices",
        'List the speech engine\'s voices, or try one: --say "pull under" --voice NAME --rate 170.',
    ),
    Verb(
        "doctor",
        "cuecoach.cli.doctor:doctor",
        "Say what is there and what is missing: versions, model, camera, speaker, voices, paths.",
    ),
)

app = typer.Typer(
    name="cuecoach",
    cls=group_of(VERBS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="A running-cue trainer: one webcam at the side of a treadmill, one short cue, at the right moment.\n\n"
    "Start with [bold]cuecoach demo[/bold]: a virtual runner, no camera and no speaker needed.",
)


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
    try:
        app()
    except (ImportError, OSError) as error:
        missing = missing_library(error)
        if missing is None:
            raise
        typer.echo(f"cuecoach: {missing}", err=True)
        raise SystemExit(missing.exit_code) from error
