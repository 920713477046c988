"""`cuecoach measure`: a film or a recording to two tables, no coaching."""

from __future__ import annotations

import dataclasses
import json as json_format
import statistics
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.errors import InputError
from cuecoach.film import overlay
from cuecoach.film.output_path import check_place
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.offline import Measured, see, summary, write_files
from cuecoach.pipeline.offline import measure as measure_sightings
from cuecoach.pipeline.prefetch import PrefetchingDetector
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.source.base import Source
from cuecoach.source.open import open_source
from cuecoach.types import Speed, SpeedOrigin


@options.sentences
def measure(
    source: Annotated[str, typer.Argument(help="A film or a *.landmarks.csv recording.", metavar="SOURCE")],
    out: Annotated[Path, typer.Option(help="Where frames.csv and strides.csv go.", metavar="FOLDER")] = Path(
        "measured"
    ),
    speed: options.Speed = None,
    height: Annotated[
        float | None, typer.Option(help="The runner's height in m: without --speed it scales the belt.", metavar="M")
    ] = None,
    slow_motion: Annotated[
        float, typer.Option(help="How many times slower than life the film plays.", min=1.0, max=100.0, metavar="TIMES")
    ] = 1.0,
    overlay_film: Annotated[
        Path | None, typer.Option("--overlay", help="Also draw what was measured on the film.", metavar="FILE.mp4")
    ] = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Measure every frame and stride of a film; times in the files are the runner's, from the first frame."""
    settings = _settings(config.load(config_file), speed, height)
    lines = Lines(quiet=False, silent=json)
    if overlay_film is not None:
        check_place("--overlay", overlay_film, source)
    with closing(_opened(source, settings)) as film:
        written = list(write_files(Measured(), out))  # before the long wait: can they be written at all?
        measured = _measured(film, settings, slow_motion, lines, keep=overlay_film is not None)
        for sentence in film.notices():
            lines.tell(sentence)
    write_files(measured, out)
    if overlay_film is not None:
        with closing(_opened(source, settings)) as film:
            overlay.write_film(film, measured, overlay_film, _counter(lines, "Drawing", measured.counts.frames))
        written.append(overlay_film)
    if json:
        names = {"written": [str(path) for path in written]}
        typer.echo(json_format.dumps(summary(measured) | names, ensure_ascii=False))
    else:
        typer.echo(_sentence(measured))
        typer.echo(f"Written: {', '.join(str(path) for path in written)}")


def _settings(configured: config.Settings, speed_mps: float | None, height_m: float | None) -> config.Settings:
    """Return the configured settings with what the command line says (raises InputError)."""
    settings = options.override(configured, speed_mps=speed_mps)
    if height_m is None:
        return settings
    checked = config.fill(GaitSettings, {"runner_height_m": height_m}, "command line", "gait")
    gait = dataclasses.replace(settings.gait, runner_height_m=checked.runner_height_m)
    return dataclasses.replace(settings, gait=gait)


def _measured(film: Source, settings: config.Settings, slow_motion: float, lines: Lines, keep: bool) -> Measured:
    """Take the film through pose and gait."""
    mps = settings.session.speed_mps
    speed = None if mps is None else Speed(mps, mps * settings.session.speed_sd_fraction, SpeedOrigin.USER)
    with ExitStack() as stack:
        source, eyes = film, None
        if film.info.kind != "recording":
            detector = stack.enter_context(closing(PoseDetector(settings.pose, config.cache_folder())))
            source = eyes = stack.enter_context(closing(PrefetchingDetector(film, detector)))
        tell = _counter(lines, "Measuring", film.info.frame_count or 0)
        return measure_sightings(see(source, eyes, slow_motion), settings.gait, speed, tell, keep)


def _counter(lines: Lines, what: str, of: int) -> Callable[[int], None]:
    """Return what shows a number of frames as progress; a film that does not state its length shows none."""
    return lambda done: lines.progress(what, done, of) if of else None


def _opened(source: str, settings: config.Settings) -> Source:
    film = open_source(source, settings.source)
    if film.info.live:
        film.close()
        raise InputError(f"measure reads a film or a recording to its end, not {source!r}; use `cuecoach run` for it.")
    return film


def _sentence(measured: Measured) -> str:
    counts = measured.counts
    seen = f"{counts.frames} frames, {counts.duration_s:.1f} s"
    if not counts.frames_with_runner:
        return f"{seen}: nobody was seen, so nothing was measured."
    if not measured.strides:
        return f"{seen}: nobody was seen running, so no stride was measured."
    legs = " and ".join(f"{count} {side}" for side, count in sorted(counts.strides.items()))
    cadence = f"cadence {counts.cadence_spm:.1f} spm" if counts.cadences_spm else "none of them running"
    return f"{seen}: {legs} strides, {cadence}, trust {statistics.median(counts.trusts):.2f}."
