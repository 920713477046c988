"""`cuecoach run`: a session."""

from __future__ import annotations

import dataclasses
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines, print_summary
from cuecoach.errors import EXIT_STOPPED, InputError
from cuecoach.pipeline.calibrations import calibrations_for
from cuecoach.session import assembly
from cuecoach.session.session import Session


@options.handle_errors
def run(
    source: Annotated[
        str,
        typer.Option(
            help="camera, a camera's number, a URL, a film, or a *.landmarks.csv recording.", metavar="SOURCE"
        ),
    ] = "camera",
    pack: options.Pack = None,
    speed: options.Speed = None,
    slow_motion: options.SlowMotion = None,
    runner: options.Runner = None,
    programme: options.Programme = None,
    view: options.View = None,
    audio_out: options.AudioOut = None,
    render: options.Render = None,
    record: Annotated[bool, typer.Option("--record", help="Keep the landmarks of every frame in the journal.")] = False,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play a film at its own pace, with sound.")] = False,
    calibration: options.CalibrationFile = None,
    model: options.Model = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Coach a runner: from the camera at the side of the treadmill, or from a film.

    Keys in the window: up and down change the belt speed that CueCoach reckons with, m mutes, space says what to
    work on now, r repeats, e and h ask for easier and harder, q ends; of a remote, play mutes, next tells, previous
    repeats. Ctrl-C ends as well; everything recorded is kept.
    """
    settings = config.changed(
        config.load(config_file),
        "session",
        pack=pack,
        speed=speed,
        runner=runner,
        programme=programme,
        view=view,
        journal=journal,
        record_landmarks=record or None,
    )
    settings = config.changed(settings, "source", slow_motion=slow_motion)
    settings = config.changed(settings, "pose", model=model)
    if programme == "standard" and not settings.session.runner:
        raise InputError("--programme standard is kept for each runner: say who runs with --runner NAME.")
    request = assembly.Request(source, realtime, audio_out, render, calibrations_for(calibration, settings))
    run_session(request, settings, quiet, json)


def run_session(request: assembly.Request, settings: config.Settings, quiet: bool, json: bool) -> None:
    """Run a session, print its events and its summary; after Ctrl-C leave with the exit code of a stopped one."""
    lines = Lines(quiet, silent=json)
    interrupt = Interrupt()
    request = dataclasses.replace(request, on_open=interrupt.watch)
    counts = assembly.run(request, settings, [lines.print_event], lines.progress)
    print_summary(counts, json, written(config.journal_path(settings), request.audio_out, request.render))
    interrupt.exit_if_hit()


def written(journal: Path, sound: Path | None, film: Path | None) -> dict[str, str]:
    """Return what a session has left behind, for its summary; a film without a picture is not there."""
    files = {"Journal": journal, "Sound": sound, "Film": film if film and film.exists() else None}
    return {what: str(path) for what, path in files.items() if path}


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
