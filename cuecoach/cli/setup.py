"""`cuecoach setup`: is the camera where a runner can be measured, and what to change if not."""

from __future__ import annotations

import json as json_format
import time
from contextlib import ExitStack, closing
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.errors import DeviceError, InputError
from cuecoach.eyes import Eyes
from cuecoach.gait import Gait
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.source.open import open_source
from cuecoach.types import Frame, Legs, Pose, Sighting, Stride
from cuecoach.vantage import Glance, checks, grey_about


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


def _look(source: str, settings: config.Settings, seconds: float, lines: Lines) -> Glance:
    """Watch the runner for some seconds."""
    gait = Gait(settings.gait)
    poses: list[Pose | None] = []
    greys: list[float] = []
    strides: list[Stride] = []
    live: Legs | None = None
    with ExitStack() as stack:
        film = open_source(source, settings.source)
        stack.callback(film.close)
        if film.info.kind == "recording":
            raise InputError(f"setup looks at pictures, and {source!r} has none: give a camera or a film.")
        detector = stack.enter_context(closing(PoseDetector(settings.pose, config.cache_folder())))
        eyes = stack.enter_context(closing(Eyes(film, detector)))
        started_s = last_s = time.monotonic()
        while (frame := eyes.read()) is not None and frame.t_s <= seconds:
            assert isinstance(frame, Frame)  # noqa: S101 - a recording was refused above
            try:
                sighting = eyes.detect(frame)
            except DeviceError as error:
                lines.tell(str(error))
                sighting = Sighting(frame.t_s, frame.index, None)
            poses.append(sighting.pose)
            greys.append(grey_about(frame.image_bgr, sighting.pose))
            step = gait.update(sighting)
            strides += step.strides
            live = step.live or live
            last_s = frame.t_s if not film.info.live else time.monotonic() - started_s
            lines.progress("Looking", min(round(frame.t_s), round(seconds)), round(seconds))
        for sentence in eyes.notices():
            lines.tell(sentence)
    strides += gait.finish().strides
    near, facing = (live.near, live.facing) if live else (None, 0)
    return Glance(last_s if poses else 0.0, poses, greys, strides, near, facing)
