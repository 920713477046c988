"""Making a calibration from a film and its set points, and finding those that a session or a film is measured with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cuecoach.config import Settings, journal_path
from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration, Placement
from cuecoach.gait.calibration.placement import LEAST_STRIDES, placement_of
from cuecoach.gait.calibration.points import SetPoint, calibrate_points
from cuecoach.gait.calibration.record import parse_calibration
from cuecoach.gait.calibration.stills import Still
from cuecoach.journal import read
from cuecoach.pipeline.measurement import Measurement, measure_pose_frames
from cuecoach.pipeline.pose_frames import open_pose_frames
from cuecoach.source.open import open_source
from cuecoach.types import JOINTS, FloatArray, PoseFrame
from cuecoach.view.point_editor import Picture

NONE = "none"  # measure without any calibration


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredFilm:
    """A film as it is measured without calibration, and where its camera stands."""

    measurement: Measurement
    placement: Placement


def calibrations_for(wanted: str | None, settings: Settings) -> tuple[Calibration, ...]:
    """Return the calibrations that gait may choose from, newest first.

    Parameters
    ----------
    wanted : a file that `cuecoach calibrate --out` wrote; none; None for those of the settings' runner in the journal.
    settings : Settings

    Raises
    ------
    InputError
        The file cannot be read or is no calibration.
    DeviceError
        The journal cannot be read.
    """
    if wanted == NONE:
        return ()
    if wanted is not None:
        return (parse_calibration(read_text(Path(wanted), "--calibration"), wanted),)
    runner, journal = settings.session.runner, journal_path(settings)
    if not runner or not journal.is_file():
        return ()
    return tuple(parse_calibration(row.text, f"Calibration {row.id}") for row in read.calibrations(journal, runner))


def for_model(calibrations: Sequence[Calibration], model: str) -> tuple[tuple[Calibration, ...], str]:
    """Return the calibrations that hold for a pose model (empty: any), and a sentence when there are only others."""
    fitting = tuple(one for one in calibrations if not (model and one.model and one.model != model))
    if fitting or not calibrations:
        return fitting, ""
    made_with = calibrations[0].model
    return (
        (),
        f"The calibration was made with the pose model {made_with} and is not used with {model}: calibrate again.",
    )


def measure_to_calibrate(
    source: str,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    notify: Callable[[str], None] = lambda _sentence: None,
) -> MeasuredFilm:
    """Measure a film or recording without calibration.

    Raises
    ------
    InputError
        The source is wrong, a camera, or shows too few strides to tell where its camera stands.
    DeviceError
        The pose model failed.
    """
    with open_pose_frames(source, settings) as frames:
        if frames.info.live:
            raise InputError(
                f"calibrate reads a film or a recording to its end, not {source!r}: film the runner first."
            )
        count = frames.info.frame_count or 0
        measurement = measure_pose_frames(
            frames, settings.gait, settings.session.speed, lambda done: progress(done, count)
        )
        measurement.model = frames.model
        for sentence in frames.notices():
            notify(sentence)
        height_px = frames.info.size_px[1]
    placement = placement_of(measurement.legs, measurement.strides, height_px)
    if placement is None:
        raise InputError(
            f"{source} shows fewer than {LEAST_STRIDES} strides of the leg nearer to the camera: "
            "film some seconds of running from the side."
        )
    return MeasuredFilm(measurement, placement)


def pictures_of(source: str, settings: Settings, stills: Sequence[Still]) -> list[Picture]:
    """Return the pictures of stills, with the joints as measured (raises InputError for a source without pictures)."""
    wanted = {still.frame: still for still in stills}
    found: list[Picture] = []
    with contextlib.closing(open_source(source, settings.source)) as film:
        while len(found) < len(wanted) and (item := film.read()) is not None:
            if isinstance(item, PoseFrame):
                raise InputError(f"{source} holds landmarks, not pictures: give the points with --points FILE.")
            if still := wanted.get(item.index):
                found.append(Picture(item.image_bgr, f"{still.moment}, {still.side} leg", still.points_px))
    return found


def points_of(source: str, stills: Sequence[Still], points_px: Sequence[FloatArray]) -> tuple[SetPoint, ...]:
    """Return the joints (5, 2) px that a person set on stills as points."""
    return tuple(
        SetPoint(still.frame, str(still.side), joint, float(x), float(y), Path(source).name)
        for still, joints in zip(stills, points_px, strict=True)
        for joint, (x, y) in zip(JOINTS, joints.tolist(), strict=True)
    )


def calibrate_film(film: MeasuredFilm, points: tuple[SetPoint, ...]) -> Calibration:
    """Return the calibration that points on a measured film give (raises InputError when they are too few)."""
    legs = {legs.index: legs for legs in film.measurement.legs}
    return replace(calibrate_points(points, legs, film.placement), model=film.measurement.model)


def read_text(path: Path, option: str) -> str:
    """Return the text of a file that an option names (raises InputError when it cannot be read)."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{option} {path} cannot be read ({why}).") from None
