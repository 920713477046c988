"""`cuecoach demo`: the virtual runner through the real loop."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.run import run_session
from cuecoach.session.demo import demo_request, demo_settings


@options.handle_errors
def demo(
    fault: Annotated[
        str, typer.Option(help="What the virtual runner does wrong; `none` for a clean one.", metavar="FAULT")
    ] = "lazy-heel",
    seconds: Annotated[float, typer.Option(help="How long it runs.", min=5.0, max=3600.0)] = 60.0,
    pack: options.Pack = None,
    speed: options.Speed = None,
    view: options.View = None,
    audio_out: options.AudioOut = None,
    render: options.Render = None,
    journal: options.JournalFile = None,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as it goes, even where there is a speaker.")] = False,
    config_file: options.Config = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Watch the whole loop work: a drawn runner with a fault hears the cues and answers them.

    Everything behind the drawing is real: MediaPipe finds the runner, strides are measured, the pack decides, the cue
    is spoken. With a speaker it runs at its own pace; without one as fast as it goes, and the sound goes to a file.
    The waits between cues are shorter than in a real session, so that one minute shows several.
    """
    settings = config.changed(config.load(config_file), "session", pack=pack, view=view, journal=journal)
    settings = demo_settings(settings, fault, seconds, speed)
    request = dataclasses.replace(demo_request(settings, fast), audio_out=audio_out, render=render)
    run_session(request, settings, quiet, json)
