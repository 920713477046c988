"""`cuecoach run`: a session."""

from __future__ import annotations

from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines, print_summary
from cuecoach.errors import InputError
from cuecoach.film.output_path import check_place
from cuecoach.session import assembly
from cuecoach.source.open import open_source


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
    runner: options.Runner = None,
    programme: options.Programme = None,
    view: options.View = None,
    audio_out: options.AudioOut = None,
    render: options.Render = None,
    record: Annotated[bool, typer.Option("--record", help="Keep the landmarks of every frame in the journal.")] = False,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play a film at its own pace, with sound.")] = False,
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
    settings = config.load(config_file)
    settings = options.override(
        settings,
        pack=pack,
        speed_mps=speed,
        runner=runner,
        programme=programme,
        view=view,
        journal=journal,
        record_landmarks=record or None,
    )
    if programme == "standard" and not settings.session.runner:
        raise InputError("--programme standard is kept for each runner: say who runs with --runner NAME.")
    if render:
        check_place("--render", render, source)
    lines = Lines(quiet, silent=json)
    interrupt = options.Interrupt()
    request = assembly.Request(
        source=lambda: open_source(source, settings.source, realtime),
        audio_out=audio_out,
        render=render,
        on_open=interrupt.watch,
    )
    counts = assembly.run(request, settings, [lines.tell], lines.progress)
    print_summary(counts, json, options.written(config.journal_path(settings), audio_out, render))
    interrupt.exit_if_hit()
