"""`cuecoach calibrate`: steady offsets of a runner's legs, from points on stills or from standing; list and delete."""

from __future__ import annotations

import dataclasses
import datetime
import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.errors import DeviceError, InputError
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.calibration.points import SetPoint, format_points, parse_points
from cuecoach.gait.calibration.record import (
    calibration_line,
    calibration_report,
    calibration_text,
    parse_calibration,
)
from cuecoach.gait.calibration.stills import choose_stills
from cuecoach.journal import edit, read
from cuecoach.pipeline.calibrations import (
    MeasuredFilm,
    calibrate_film,
    measure_to_calibrate,
    pictures_of,
    points_of,
    read_text,
)
from cuecoach.pipeline.pose_frames import open_pose_frames
from cuecoach.pipeline.standing_trial import standing_trial


@options.handle_errors
def calibrate(
    source: Annotated[
        str | None,
        typer.Argument(help="A film, a *.landmarks.csv recording, camera or a camera's number.", metavar="[SOURCE]"),
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="How long a camera watches the run.", min=5.0, max=60.0, metavar="SECONDS")
    ] = 15.0,
    points: Annotated[
        Path | None, typer.Option(help="Points set on its pictures, as docs/calibration.md describes.", metavar="FILE")
    ] = None,
    save_points: Annotated[
        Path | None, typer.Option(help="Where points set in the window are kept as well.", metavar="FILE")
    ] = None,
    standing: Annotated[
        bool, typer.Option("--standing", help="Three seconds of standing side-on instead; much less sure than points.")
    ] = False,
    runner: Annotated[
        str | None, typer.Option(help="Whose it is: it is kept in the journal and used from then on.", metavar="NAME")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where it is written, for --calibration FILE.", metavar="FILE")
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List what the journal holds.")] = False,
    delete: Annotated[
        int | None, typer.Option(help="Delete one, by its number in the list, for good.", metavar="NO")
    ] = None,
    model: options.Model = None,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Find how far a runner's thigh and shank are steadily misread here, and take it off from then on.

    Give a film of the runner, or run before the camera: six pictures are shown, and you drag hip, knee, ankle, heel and
    toe to where they are. Without a window give the points as a file.
    """
    settings = config.changed(config.load(config_file), "session", runner=runner, journal=journal)
    settings = config.changed(settings, "pose", model=model)
    path = config.journal_path(settings)
    if list_them:
        _print_list(path, runner, json)
        return
    if delete is not None:
        edit.delete_calibration(path, delete)
        typer.echo(f"Deleted calibration {delete}.")
        return
    name = settings.session.runner
    if not name and out is None:
        raise InputError("Say whose calibration it is with --runner NAME, or where to write it with --out FILE.")
    lines = Lines(quiet=False, silent=json)
    if standing:
        found: Calibration | None = _standing(source or "camera", settings, lines)
    else:
        found = _from_points(_source_of(source), seconds, points, save_points, settings, lines)
    if found is None:
        typer.echo("Nothing was saved: there is no calibration.", err=True)
        return
    _keep(found, source or "camera", name, path, out)
    if json:
        typer.echo(calibration_text(found))
        return
    for line in calibration_report(found):
        typer.echo(line)
    typer.echo("Kept: " + " and ".join(filter(None, [f"for {name} in {path}" if name else "", str(out or "")])))


def _source_of(source: str | None) -> str:
    if source is None:
        raise InputError("Name the film to calibrate with, or camera; or say --standing.")
    return source


def _from_points(
    source: str,
    seconds: float,
    points: Path | None,
    save_points: Path | None,
    settings: config.Settings,
    lines: Lines,
) -> Calibration | None:
    """Return the calibration by a file of points, or by points set in a window; None when that was left."""
    ready = None if points is None else parse_points(read_text(points, "--points"), str(points))
    film = measure_to_calibrate(
        source, settings, seconds, lambda done, of: lines.progress("Measuring", done, of), lines.print_event
    )
    chosen = ready or _ask(source, film, settings)
    if not chosen:
        return None
    if save_points is not None:
        _write(save_points, format_points(chosen))
    return calibrate_film(film, chosen)


def _ask(source: str, film: MeasuredFilm, settings: config.Settings) -> tuple[SetPoint, ...]:
    """Return the points that a person sets in a window, none when it was left."""
    from cuecoach.view.points_window import set_points  # brings OpenCV's windows, for those who want one

    stills = choose_stills(film.measurement.legs, film.measurement.strides)
    pictures = pictures_of(source, settings, film, stills)
    joints_px = set_points(pictures)
    return () if joints_px is None else points_of(source, stills, joints_px)


def _standing(source: str, settings: config.Settings, lines: Lines) -> Calibration:
    """Return the calibration of a standing trial, led by spoken words before a camera."""
    from cuecoach.voice.speech.preview import preview  # brings the sound device

    with open_pose_frames(source, settings) as frames:
        frames.open_detector()

        def say(sentence: str) -> None:
            lines.print_event(sentence)
            if not frames.info.live or not settings.voice.enabled:
                return
            try:
                preview(sentence, "en", settings.voice)
            except DeviceError as error:
                lines.print_event(f"This was not heard: {error}")

        return dataclasses.replace(standing_trial(frames, settings.gait.near_side, say), model=frames.model)


def _keep(calibration: Calibration, source: str, runner: str, journal: Path, out: Path | None) -> None:
    if out is not None:
        _write(out, calibration_text(calibration) + "\n")
    if runner:
        made_at = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        edit.keep_calibration(journal, runner, made_at, Path(source).name, calibration_text(calibration))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeviceError(f"{path} cannot be written ({error.strerror}): name another place.") from None


def _print_list(journal: Path, runner: str | None, as_json: bool) -> None:
    rows = read.calibrations(journal, runner)
    if as_json:
        plain = [
            {
                "number": row.id,
                "runner": row.runner,
                "made_at": row.made_at,
                "source": row.source_name,
                "calibration": json_format.loads(row.text),
            }
            for row in rows
        ]
        typer.echo(json_format.dumps(plain, ensure_ascii=False))
        return
    table = plain_table("no", "runner", "made", "of", "offsets", numbers=("no",))
    for row in rows:
        line = calibration_line(parse_calibration(row.text, f"Calibration {row.id}"))
        table.add_row(str(row.id), row.runner, row.made_at[:16].replace("T", " "), row.source_name, line)
    print_table(table)
