"""`cuecoach setup`: is the camera where a runner can be measured, and what to change if not."""

from __future__ import annotations

import json as json_format
from contextlib import ExitStack, closing
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.errors import InputError
from cuecoach.pipeline.camera_check import CameraObservation, checks, look
from cuecoach.pipeline.prefetch import PrefetchingDetector
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.source.open import open_source


@options.sentences
def setup(
    source: Annotated[
        str, typer.Option(help="camera, a camera's number, a URL, or a film.", metavar="SOURCE")
    ] = "camera",
    seconds: Annotated[float, typer.Option(help="How long to look.", min=2.0, max=120.0, metavar="SECONDS")] = 15.0,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Look at the runner for some seconds and say whether the camera stands right, and what to change if not.

    Run on the belt at an easy pace meanwhile. Nothing is kept.
    """
    settings = config.load(config_file)
    glance = _look(source, settings, seconds, Lines(quiet=False, silent=json))
    found = checks(glance, settings.coach.trust_min)
    if json:
        typer.echo(json_format.dumps([{"check": c.name, "good": c.good, "found": c.found} for c in found]))
        return
    for check in found:
        typer.echo(f"{'good' if check.good else 'LOOK':4}  {check.name}: {check.found}.")
        if not check.good:
            typer.echo(f"      {check.advice}")
    bad = sum(not check.good for check in found)
    typer.echo("All good: `cuecoach run` can begin." if not bad else f"{bad} to look at; then run this again.")


def _look(source: str, settings: config.Settings, seconds: float, lines: Lines) -> CameraObservation:
    """Open what is needed and watch the runner."""
    with ExitStack() as stack:
        film = open_source(source, settings.source)
        stack.callback(film.close)
        if film.info.kind == "recording":
            raise InputError(f"setup looks at pictures, and {source!r} has none: give a camera or a film.")
        detector = stack.enter_context(closing(PoseDetector(settings.pose, config.cache_folder())))
        eyes = stack.enter_context(closing(PrefetchingDetector(film, detector)))
        frames = round(seconds * film.info.rate_hz)
        glance = look(eyes, eyes, seconds, settings.gait, lambda done: lines.progress("Looking", done, frames))
        for sentence in eyes.notices():
            lines.tell(sentence)
        return glance
