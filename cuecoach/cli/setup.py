"""`cuecoach setup`: is the camera where a runner can be measured, and what to change if not."""

from __future__ import annotations

import json as json_format
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.pipeline.calibrations import calibrations_for
from cuecoach.pipeline.camera_check import check_camera


@options.handle_errors
def setup(
    source: Annotated[
        str, typer.Option(help="camera, a camera's number, a URL, or a film.", metavar="SOURCE")
    ] = "camera",
    seconds: Annotated[float, typer.Option(help="How long to look.", min=2.0, max=120.0, metavar="SECONDS")] = 15.0,
    runner: Annotated[
        str | None, typer.Option(help="Who runs: does their calibration fit the camera?", metavar="NAME")
    ] = None,
    calibration: options.CalibrationFile = None,
    journal: options.JournalFile = None,
    model: options.Model = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Look at the runner for some seconds and say whether the camera stands right, and what to change if not.

    Run on the belt at an easy pace meanwhile. Nothing is kept.
    """
    lines = Lines(quiet=False, silent=json)
    settings = config.changed(config.load(config_file), "session", runner=runner, journal=journal)
    settings = config.changed(settings, "pose", model=model)
    named = settings.session.runner or calibration
    found = check_camera(
        source,
        settings,
        seconds,
        lambda done, of: lines.progress("Looking", done, of),
        lines.print_event,
        calibrations_for(calibration, settings) if named else None,
    )
    if json:
        typer.echo(json_format.dumps([{"check": c.name, "good": c.good, "found": c.found} for c in found]))
        return
    for check in found:
        typer.echo(f"{'good' if check.good else 'LOOK':4}  {check.name}: {check.found}.")
        if not check.good:
            typer.echo(f"      {check.advice}")
    bad = sum(not check.good for check in found)
    typer.echo("All good: `cuecoach run` can begin." if not bad else f"{bad} to look at; then run this again.")
