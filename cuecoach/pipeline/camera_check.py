"""Checks whether the camera stands where a runner can be measured: it watches for some seconds and says what to change.

Owns the limits of a usable picture and the advice. All limits are engineering choices, written beside them; the
strides that could be trusted are the proof, the rest says what to change. Prints nothing.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.config import Settings, cache_folder
from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration, Placement
from cuecoach.gait.calibration.placement import placement_of, why_moved
from cuecoach.gait.calibration.record import calibration_line
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.calibrations import for_model
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.pipeline.pose_frames import PoseFrames, open_pose_frames
from cuecoach.pose.model_choice import heavy_hint
from cuecoach.types import (
    ANKLE,
    HIP,
    KNEE,
    LEG_LANDMARKS,
    SHOULDERS,
    Activity,
    FloatArray,
    Pose,
    PoseFrame,
    Side,
    SourceKind,
    Stride,
)

_SLOWEST_HZ = 24.0  # below, a swing of 0.45 s has less than ten pictures
_DARKEST = 45.0  # mean grey value about the runner, of 255: cameras then expose long, and legs blur
_LEAST_LEG_PX = 120.0  # a shorter leg has 1 degree in less than a pixel
_MARGIN = 0.01  # of the picture: a landmark outside is cut off
_CUT_SHARE = 0.05  # of the pictures
_MOST_TURNED_DEG = 25.0  # cos 25 deg = 0.91: angles seen from further round are not those of the side
_BREADTH_LEG = 0.32  # mean of shoulder and hip joint breadth as a pose model places them, in leg lengths
_SEEN_SHARE = 0.8  # of the pictures that must show the runner
_TRUSTED_SHARE = 0.7  # of the near leg's strides


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the camera's place: whether it is good, what was found, and what to do when it is not."""

    name: str
    good: bool
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CameraObservation:
    """What `seconds` of watching gave: a pose (or None) and the grey value about the runner of each picture."""

    seconds: float
    poses: Sequence[Pose | None]
    greys: Sequence[float]
    strides: Sequence[Stride]
    near: Side | None
    facing: int
    placement: Placement | None = None
    why: str = ""  # what there is to say about strides that are missing


def check_camera(
    source: str,
    settings: Settings,
    seconds: float,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    notify: Callable[[str], None] = lambda _sentence: None,
    calibrations: Sequence[Calibration] | None = None,
) -> list[Check]:
    """Watch the runner for some seconds and return the checks, in the order in which it should be put right.

    Parameters
    ----------
    source : str
        A camera or film; see `source.open.open_source`.
    settings : Settings
    seconds : float
        Of the source's own time.
    progress, notify : callable
        Called with (frames so far, frames in all), and with each notice.
    calibrations : sequence of Calibration, optional
        Of the runner, newest first; None when nobody was named.

    Raises
    ------
    InputError, DeviceError
        The source or the pose model cannot be opened, or the source has no pictures.
    """
    with open_pose_frames(source, settings) as frames:
        if frames.info.kind is SourceKind.RECORDING:
            raise InputError(f"setup looks at pictures, and {source!r} has none: give a camera or a film.")
        count = round(seconds * frames.info.rate_hz)
        observation = observe(frames, seconds, settings.gait, lambda done: progress(done, count))
        fitting, other_model = for_model(calibrations or (), frames.model)
        for sentence in (*frames.notices(), *filter(None, [heavy_hint(settings.pose, cache_folder()), other_model])):
            notify(sentence)
    found = checks(observation, settings.coach.trust_min)
    return found if calibrations is None else [*found, calibration_check(observation, fitting)]


def observe(
    frames: PoseFrames, seconds: float, settings: GaitSettings, progress: Callable[[int], None] = lambda _done: None
) -> CameraObservation:
    """Watch the runner for some seconds of the source's own time."""
    greys: list[float] = []
    frames.open_detector()
    began_s = time.monotonic()
    measurement = measure_pose_frames(_seen(frames, seconds, greys), settings, None, progress, keep_pose_frames=True)
    seen = measurement.pose_frames
    last = measurement.legs[-1] if measurement.legs else None
    # A live source is also judged by how many pictures were lost; a film has its own time.
    took_s = time.monotonic() - began_s if frames.info.live else (seen[-1].t_s if seen else 0.0)
    near, facing = (last.near, last.facing) if last else (None, 0)
    measurement.counts.slow_motion = frames.seems_slowed
    placement = placement_of(measurement.legs, measurement.strides, frames.info.size_px[1])
    poses = [pose_frame.pose for pose_frame in seen]
    why = measurement.counts.why
    return CameraObservation(took_s, poses, greys, measurement.strides, near, facing, placement, why)


def _seen(frames: PoseFrames, seconds: float, greys: list[float]) -> Iterator[PoseFrame]:
    """Yield who is in each picture, and note how bright it is about the runner."""
    while (seen := frames.read()) is not None and seen.pose_frame.t_s <= seconds:
        if seen.failure is not None:
            raise seen.failure
        if seen.image_bgr is not None:
            greys.append(grey_about(seen.image_bgr, seen.pose_frame.pose))
        yield seen.pose_frame


def checks(observation: CameraObservation, trust_min: float) -> list[Check]:
    """Return the checks of what was observed, in the order in which it should be put right."""
    poses = [pose for pose in observation.poses if pose is not None]
    rate_hz = len(observation.poses) / observation.seconds if observation.seconds > 0 else 0.0
    out = [
        Check(
            "pictures",
            rate_hz >= _SLOWEST_HZ,
            f"{rate_hz:.0f} a second are measured",
            f"At least {_SLOWEST_HZ:g} are needed: more light, a smaller picture, or fewer other programs.",
        )
    ]
    seen = len(poses) / max(len(observation.poses), 1)
    if seen < _SEEN_SHARE:
        advice = "Stand on the belt, wholly in the picture, alone, against a background of another colour."
        found = f"seen in {100 * seen:.0f} % of the pictures" + (f"; {observation.why}" if observation.why else "")
        return [*out, Check("runner", False, found, advice)]
    out.append(Check("runner", True, f"seen in {100 * seen:.0f} % of the pictures"))
    points = np.array([pose.points_px for pose in poses])
    size_px = poses[-1].image_size_px
    return [*out, _light(observation.greys), _whole(points, size_px), *_place(points), *_legs(observation, trust_min)]


def grey_about(image_bgr: NDArray[np.uint8], pose: Pose | None) -> float:
    """Return the mean grey value (0 to 255) of the picture about the runner; NaN without one."""
    if pose is None or not np.isfinite(pose.points_px).any():
        return math.nan
    height, width = image_bgr.shape[:2]
    low = np.clip(np.nanmin(pose.points_px, axis=0), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.nanmax(pose.points_px, axis=0), 1, (width, height)).astype(int)
    box = image_bgr[low[1] : max(high[1], low[1] + 1) : 4, low[0] : max(high[0], low[0] + 1) : 4]
    return float(box.mean())


def _light(greys: Sequence[float]) -> Check:
    grey = float(np.nanmedian(greys)) if np.isfinite(greys).any() else math.nan
    return Check(
        "light",
        grey >= _DARKEST,
        f"grey value about the runner {grey:.0f} of 255",
        "Put a lamp on the camera's side of the runner, none behind; fast legs blur in the dark.",
    )


def _whole(points: FloatArray, size_px: tuple[int, int]) -> Check:
    body = points[:, [*SHOULDERS, *LEG_LANDMARKS[0], *LEG_LANDMARKS[1]]] / size_px
    beyond = {
        "left": body[..., 0].min(axis=1) < _MARGIN,
        "right": body[..., 0].max(axis=1) > 1 - _MARGIN,
        "top": body[..., 1].min(axis=1) < _MARGIN,
        "bottom": body[..., 1].max(axis=1) > 1 - _MARGIN,
    }
    cut = [edge for edge, frames in beyond.items() if frames.mean() > _CUT_SHARE]
    if not cut:
        return Check("body", True, "shoulders to toes are in the picture")
    found = f"cut off at the {' and the '.join(cut)}"
    return Check("body", False, found, "Move the camera back, or turn it towards that side.")


def _place(points: FloatArray) -> list[Check]:
    """Judge how large and how square to the camera the runner is."""
    legs = points[:, np.array(LEG_LANDMARKS)]
    length_px = float(np.median(_distance(legs, HIP, KNEE) + _distance(legs, KNEE, ANKLE)))
    # Shoulders and hips turn to and fro in every stride; the median of many pictures is how the body stands.
    apart_px = [float(np.median(points[:, a, 0] - points[:, b, 0])) for a, b in (SHOULDERS, (23, 24))]
    turned = min(abs(statistics.mean(apart_px)) / (_BREADTH_LEG * max(length_px, 1.0)), 1.0)
    turned_deg = math.degrees(math.asin(turned))
    return [
        Check(
            "size",
            length_px >= _LEAST_LEG_PX,
            f"a leg is {length_px:.0f} px long",
            f"At least {_LEAST_LEG_PX:g} px are needed: come nearer, turn the camera upright, or take larger pictures.",
        ),
        Check(
            "side-on",
            turned_deg <= _MOST_TURNED_DEG,
            f"the runner is turned by about {turned_deg:.0f} degrees",
            "Put the camera at hip height, square to the middle of the belt.",
        ),
    ]


def _distance(legs: FloatArray, a: int, b: int) -> FloatArray:
    return np.asarray(np.linalg.norm(legs[..., a, :] - legs[..., b, :], axis=-1))


def _legs(observation: CameraObservation, trust_min: float) -> list[Check]:
    """Say which leg is near, and, when somebody ran, how many of its strides could be trusted."""
    if observation.near is None:
        return []
    to = "right" if observation.facing > 0 else "left"
    out = [Check("near leg", True, f"{observation.near}; the runner faces the picture's {to}")]
    near = [s for s in observation.strides if s.side is observation.near and s.activity is Activity.RUNNING]
    if not near:
        advice = "Run at an easy pace while this looks: only strides show whether the legs can be told apart."
        return [*out, Check("strides", False, observation.why or "nobody ran", advice)]
    trusted = sum(stride.trust >= trust_min for stride in near)
    return [
        *out,
        Check(
            "strides",
            trusted >= _TRUSTED_SHARE * len(near),
            f"{trusted} of {len(near)} strides of the near leg can be trusted",
            "More light, tight trousers of another colour than the background, and nothing before the legs help.",
        ),
    ]


def calibration_check(observation: CameraObservation, calibrations: Sequence[Calibration]) -> Check:
    """Say whether one of the runner's calibrations fits where the camera stands."""
    name, now = "calibration", observation.placement
    if not calibrations:
        return Check(name, True, "none; `cuecoach calibrate` makes one, and the angles are surer with it")
    newest = calibrations[0]
    if now is None:
        return Check(name, True, f"{calibration_line(newest)}; whether it fits is seen when somebody runs")
    fits = next((one for one in calibrations if not why_moved(one.placement, now)), None)
    if fits is not None:
        return Check(name, True, calibration_line(fits))
    advice = "Put the camera back where it stood, or calibrate again."
    return Check(name, False, f"the camera was moved: {why_moved(newest.placement, now)}", advice)
