"""The options that several verbs share, and the way an error becomes one sentence and an exit code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from cuecoach.errors import EXIT_STOPPED, CueCoachError
from cuecoach.gait.speed_units import SpeedUnit

P = ParamSpec("P")
R = TypeVar("R")

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; see config.example.toml.", metavar="FILE")
]
Pack = Annotated[str | None, typer.Option(help="Cue pack: an id (`cuecoach packs list`) or a file.", metavar="ID|FILE")]
Speed = Annotated[
    str | None,
    typer.Option(
        help="Belt speed with its unit: 10km/h, 6.2mph, 5:30/km, 8:51/mi or 2.8m/s; a bare number is m/s.",
        metavar="SPEED",
    ),
]
SlowMotion = Annotated[
    float | None, typer.Option(help="How many times slower than life the film plays.", metavar="TIMES")
]
Runner = Annotated[
    str | None, typer.Option(help="Name under which the session is kept; begins the programme.", metavar="NAME")
]
Programme = Annotated[
    str | None,
    typer.Option(
        help="standard: a named runner's session goes in blocks: a probe without cues, a recall phrase, windows of "
        "cues that shrink over eight sessions, a last probe, a spoken summary. none: a free session, with cues "
        "whenever they are due; so is every session without --runner.",
        metavar="standard|none",
    ),
]
CalibrationFile = Annotated[
    str | None,
    typer.Option(
        "--calibration",
        help="A file of `cuecoach calibrate --out`, or none. Left out: the runner's newest that fits the camera.",
        metavar="FILE|none",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(help="Pose model: auto, full, heavy (`cuecoach models list`) or a .task file.", metavar="NAME|FILE"),
]
JournalFile = Annotated[Path | None, typer.Option("--journal", help="Journal file.", metavar="FILE")]
View = Annotated[str | None, typer.Option(help="What is shown: auto, window or none.", metavar="KIND")]
AudioOut = Annotated[
    Path | None,
    typer.Option(help="Also write everything that is said to a WAV, on the session's time.", metavar="FILE"),
]
Render = Annotated[
    Path | None,
    typer.Option(
        help="Also write the session as a film: the pictures with legs, foot strikes and cues, and what is said as its "
        "sound. This keeps pictures, of a camera too; nothing else does.",
        metavar="FILE.mp4",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the summary only.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]


def journal_path(journal: Path | None, config_file: Path | None) -> Path:
    """Return the journal that the options mean."""
    return journal_and_unit(journal, config_file)[0]


def journal_and_unit(journal: Path | None, config_file: Path | None) -> tuple[Path, SpeedUnit]:
    """Return the journal that the options mean, and the unit in which the settings want speeds shown."""
    from cuecoach import config  # brings the settings of all rooms, which the verbs about packs do without

    settings = config.changed(config.load(config_file), "session", journal=journal)
    return config.journal_path(settings), settings.session.speed_unit


def handle_errors(verb: Callable[P, R]) -> Callable[P, R]:
    """Turn the project's errors into one sentence on standard error and their exit code."""

    @functools.wraps(verb)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except CueCoachError as error:
            typer.echo(f"cuecoach: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_STOPPED) from None

    return wrapped
