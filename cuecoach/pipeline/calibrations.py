"""Making a calibration from a film and its set points, and finding those that a session or a film is measured with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.config import Settings, journal_path
from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration, CalibrationOrigin, Placement
from cuecoach.gait.calibration.placement import LEAST_STRIDES, placement_of
from cuecoach.gait.calibration.points import SetPoint, calibrate_points
from cuecoach.gait.calibration.record import parse_calibration
from cuecoach.gait.calibration.stills import Still
from cuecoach.journal import read
from cuecoach.pipeline.measurement import Measurement, measure_pose_frames
from cuecoach.pipeline.pose_frames import PoseFrames, open_pose_frames
from cuecoach.source.open import open_source
from cuecoach.types import JOINTS, FloatArray, PoseFrame
from cuecoach.view.point_editor import Picture

NONE = "none"  # measure without any calibration
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 92)  # 20 seconds take some 100 MB


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredFilm:
    """A film as it is measured without calibration, and where its camera stands.

    `pictures` are a camera's, by frame, as JPEG: they cannot be read again. They are kept in memory only.
    """

    measurement: Measurement
    placement: Placement
    pictures: Mapping[int, bytes]


def calibrations_for(wanted: str | None, settings: Settings) -> tuple[Calibration, ...]:
    """Return the calibrations that gait may choose from: by points before by standing, then newest first.

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
    found = [parse_calibration(row.text, f"Calibration {row.id}") for row in read.calibrations(journal, runner)]
    # What a person set comes before what standing told, however old: it is that much surer.
    return tuple(sorted(found, key=lambda one: one.origin is CalibrationOrigin.STANDING))


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
    seconds: float,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    notify: Callable[[str], None] = lambda _sentence: None,
) -> MeasuredFilm:
    """Measure a film or recording, or some seconds of a camera, without calibration.

    Raises
    ------
    InputError
        The source is wrong, or shows too few strides to tell where its camera stands.
    DeviceError
        The pose model failed.
    """
    pictures: dict[int, bytes] = {}
    with open_pose_frames(source, settings) as frames:
        live = frames.info.live
        count = round(seconds * frames.info.rate_hz) if live else frames.info.frame_count or 0
        seen = _live_frames(frames, seconds, pictures) if live else frames
        measurement = measure_pose_frames(
            seen, settings.gait, settings.session.speed, lambda done: progress(done, count)
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
    return MeasuredFilm(measurement, placement, pictures)


def _live_frames(frames: PoseFrames, seconds: float, pictures: dict[int, bytes]) -> Iterator[PoseFrame]:
    """Yield who runs in each frame of a camera, for some seconds, and keep the pictures."""
    while (seen := frames.read()) is not None and seen.pose_frame.t_s <= seconds:
        if seen.failure is not None:
            raise seen.failure
        if seen.image_bgr is not None:
            pictures[seen.pose_frame.index] = cv2.imencode(".jpg", seen.image_bgr, _JPEG)[1].tobytes()
        yield seen.pose_frame


def pictures_of(source: str, settings: Settings, film: MeasuredFilm, stills: Sequence[Still]) -> list[Picture]:
    """Return the pictures of stills, with the joints as measured (raises InputError for a source without pictures)."""
    wanted = {still.frame: still for still in stills}
    if film.pictures:
        return [_picture(_decoded(film.pictures[frame]), still) for frame, still in wanted.items()]
    return _read_again(source, settings, wanted)


def _read_again(source: str, settings: Settings, wanted: Mapping[int, Still]) -> list[Picture]:
    found: list[Picture] = []
    with contextlib.closing(open_source(source, settings.source)) as film:
        while len(found) < len(wanted) and (item := film.read()) is not None:
            if isinstance(item, PoseFrame):
                raise InputError(f"{source} holds landmarks, not pictures: give the points with --points FILE.")
            if still := wanted.get(item.index):
                found.append(_picture(item.image_bgr, still))
    return found


def _picture(image_bgr: NDArray[np.uint8], still: Still) -> Picture:
    return Picture(image_bgr, f"{still.moment}, {still.side} leg", still.points_px)


def _decoded(jpeg: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


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
