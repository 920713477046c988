"""`cuecoach measure`: a film or a recording to two tables, no coaching."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines, seen_sentence
from cuecoach.gait.calibration.record import calibration_line
from cuecoach.pipeline.calibrations import calibrations_for
from cuecoach.pipeline.offline import measure_film


@options.handle_errors
def measure(
    source: Annotated[str, typer.Argument(help="A film or a *.landmarks.csv recording.", metavar="SOURCE")],
    out: Annotated[Path, typer.Option(help="Where frames.csv and strides.csv go.", metavar="FOLDER")] = Path(
        "measured"
    ),
    speed: options.Speed = None,
    height: Annotated[
        float | None, typer.Option(help="The runner's height in m: without --speed it scales the belt.", metavar="M")
    ] = None,
    slow_motion: options.SlowMotion = None,
    overlay_film: Annotated[
        Path | None, typer.Option("--overlay", help="Also draw what was measured on the film.", metavar="FILE.mp4")
    ] = None,
    runner: Annotated[
        str | None, typer.Option(help="Who runs: their calibration in the journal is used.", metavar="NAME")
    ] = None,
    calibration: options.CalibrationFile = None,
    journal: options.JournalFile = None,
    model: options.Model = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Measure every frame and stride of a film; times in the files are the runner's, from the first frame."""
    settings = config.changed(config.load(config_file), "session", speed=speed, runner=runner, journal=journal)
    settings = config.changed(settings, "gait", runner_height_m=height)
    settings = config.changed(settings, "source", slow_motion=slow_motion)
    settings = config.changed(settings, "pose", model=model)
    lines = Lines(quiet=False, silent=json)
    measurement, written = measure_film(
        source,
        settings,
        out,
        overlay=overlay_film,
        calibrations=calibrations_for(calibration, settings),
        progress=lines.progress,
        notify=lines.print_event,
    )
    if json:
        names = {"written": [str(path) for path in written]}
        typer.echo(json_format.dumps(measurement.as_dict() | names, ensure_ascii=False))
    else:
        typer.echo(seen_sentence(measurement.counts))
        if measurement.calibration is not None:
            typer.echo(f"Calibrated: {calibration_line(measurement.calibration)}.")
        if measurement.model:
            typer.echo(f"Pose model: {measurement.model}")
        typer.echo(f"Written: {', '.join(str(path) for path in written)}")
