"""The options that several verbs share, and the way an error becomes one sentence and an exit code."""

from __future__ import annotations

import dataclasses
import functools
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from cuecoach import config
from cuecoach.errors import EXIT_STOPPED, CueCoachError

if TYPE_CHECKING:
    from cuecoach.session.session import Session

P = ParamSpec("P")
R = TypeVar("R")

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; see config.example.toml.", metavar="FILE")
]
Pack = Annotated[str | None, typer.Option(help="Cue pack: an id (`cuecoach packs list`) or a file.", metavar="ID|FILE")]
Speed = Annotated[float | None, typer.Option(help="Belt speed in m/s (km/h divided by 3.6).", metavar="M_PER_S")]
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
    return config.journal_path(override(config.load(config_file), journal=journal))


def written(journal: Path, sound: Path | None, film: Path | None) -> dict[str, str]:
    """Return what a session has left behind, for its summary; a film without a picture is not there."""
    files = {"Journal": journal, "Sound": sound, "Film": film if film and film.exists() else None}
    return {what: str(path) for what, path in files.items() if path}


def override(settings: config.Settings, section: str = "session", **said: object) -> config.Settings:
    """Return the settings with the keys of a section that the command line gave; None leaves the configured value.

    Raises InputError for a value that the config file would not be allowed either.
    """
    table = {key: str(value) if isinstance(value, Path) else value for key, value in said.items() if value is not None}
    configured = getattr(settings, section)
    checked = config.fill(type(configured), table, "command line", section)
    changed = dataclasses.replace(configured, **{key: getattr(checked, key) for key in table})
    return dataclasses.replace(settings, **{section: changed})


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


class Interrupt:
    """Ctrl-C and SIGTERM end the session properly; `hit` tells that they did. A second Ctrl-C ends at once.

    Make it on the main thread, before the session: handlers cannot be set anywhere else.
    """

    def __init__(self) -> None:
        self.hit = False
        self._session: Session | None = None
        for name in ("SIGINT", "SIGTERM"):
            signal.signal(getattr(signal, name), self._stop)

    def watch(self, session: Session) -> None:
        """Stop this session at the next signal; before it is there a signal ends the program as usual."""
        self._session = session

    def exit_if_hit(self) -> None:
        """Leave with the exit code of a stopped session when there was a signal."""
        if self.hit:
            raise typer.Exit(EXIT_STOPPED)

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        if self._session is None or self.hit:
            raise KeyboardInterrupt
        self.hit = True
        self._session.stop()
