"""`cuecoach measure`: a film or recording from its first to its last frame, into two files and, if wanted, a film."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from cuecoach.config import Settings
from cuecoach.errors import InputError
from cuecoach.film.output_path import check_output_path
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.pipeline.calibrations import for_model
from cuecoach.pipeline.csv_files import write_files
from cuecoach.pipeline.measurement import Measurement, measure_pose_frames
from cuecoach.pipeline.pose_frames import PoseFrames, open_pose_frames
from cuecoach.source.open import open_source

Progress = Callable[[str, int, int], None]  # what is being done, how many of, how many; of 0: it is not known


def measure_film(
    source: str,
    settings: Settings,
    folder: Path,
    *,
    overlay: Path | None = None,
    calibrations: Sequence[Calibration] = (),
    progress: Progress = lambda _what, _done, _of: None,
    notify: Callable[[str], None] = lambda _sentence: None,
) -> tuple[Measurement, list[Path]]:
    """Measure a film or recording and return what was measured and the files that were written.

    Parameters
    ----------
    source : str
        See `source.open.open_source`; no camera.
    settings : Settings
    folder : Path
        Where `frames.csv` and `strides.csv` go.
    overlay : Path, optional
        Where the film is written with everything that was measured drawn on it.
    calibrations : sequence of Calibration
        The runner's, newest first; the first that fits the camera's place is used.
    progress, notify : callable
        Called with what is being done, how many of, how many; and with each notice.

    Raises
    ------
    InputError
        The source is wrong or a camera; the overlay cannot be written there.
    DeviceError
        A file cannot be written, or the pose model failed.
    """
    if overlay is not None:
        check_output_path("--overlay", overlay, source)
    with open_pose_frames(source, settings) as frames:
        _check_ends(frames, source)
        written = list(write_files(Measurement(), folder))  # before the long wait: can they be written at all?
        count = frames.info.frame_count or 0
        frames.open_detector()
        fitting, other_model = for_model(calibrations, frames.model)
        if other_model:
            notify(other_model)
        measurement = measure_pose_frames(
            frames,
            settings.gait,
            settings.session.speed,
            lambda done: progress("Measuring", done, count),
            keep_pose_frames=overlay is not None,
            calibrations=fitting,
        )
        measurement.counts.slow_motion = frames.seems_slowed
        measurement.model = frames.model
        for sentence in (*frames.notices(), *measurement.notices):
            notify(sentence)
    write_files(measurement, folder)
    if overlay is not None:
        _draw_overlay(source, settings, measurement, overlay, progress)
        written.append(overlay)
    return measurement, written


def _draw_overlay(source: str, settings: Settings, measurement: Measurement, path: Path, progress: Progress) -> None:
    """Read the film once more and write it with everything that was measured drawn on it."""
    from cuecoach.film.overlay import OverlayPainter, write_film  # brings an encoder, for those who want a film

    unit = settings.session.speed_unit
    painter = OverlayPainter(measurement.legs, measurement.strides, measurement.pose_frames, unit)
    count = measurement.counts.frames
    with contextlib.closing(open_source(source, settings.source)) as film:
        write_film(film, painter, path, lambda done: progress("Drawing", done, count))


def _check_ends(frames: PoseFrames, source: str) -> None:
    """Raise InputError for a camera: it has no last frame."""
    if frames.info.live:
        raise InputError(f"measure reads a film or a recording to its end, not {source!r}; use `cuecoach run` for it.")
