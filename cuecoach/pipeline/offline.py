"""A film or a recording from end to end: what was seen in every frame and stride, and the two files that hold it.

Owns the columns of `frames.csv` and `strides.csv` and the way from a source to them. Coaches nothing, draws nothing
(`overlay.py`), prints nothing.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cuecoach.errors import DeviceError
from cuecoach.gait.angles import FOOT, SHANK, THIGH, knee_flexion, segment_angles, to_runner_axes
from cuecoach.gait.gait import Gait
from cuecoach.gait.metric_table import METRIC_NAMES
from cuecoach.gait.settings import GaitSettings
from cuecoach.pose.base import Detector
from cuecoach.session.counts import SessionCounts
from cuecoach.source.base import Source
from cuecoach.types import JOINTS, FloatArray, Legs, Pose, PoseFrame, Side, Speed, Stride

FRAMES, STRIDES = "frames.csv", "strides.csv"

ANGLES = ("thigh", "shank", "knee", "foot")
FRAME_COLUMNS: tuple[str, ...] = (
    "t_s",
    "near_side",
    *(f"{side}_{joint}_{axis}_px" for side in Side for joint in JOINTS for axis in "xy"),
    *(f"{side}_{angle}_deg" for side in Side for angle in ANGLES),
    *(f"{side}_trust" for side in Side),
)
STRIDE_COLUMNS: tuple[str, ...] = (
    "side",
    "is_near",
    "t_strike_s",
    "t_midstance_s",
    "t_toe_off_s",
    "t_next_strike_s",
    "cadence_spm",
    "contact_s",
    "duty",
    "speed_mps",
    "trust",
    *METRIC_NAMES,
    "activity",
)

_FLAT_FROM, _FLAT_TO = 0.2, 0.6  # the part of contact in which the foot lies on the belt


@dataclass(slots=True, eq=False)
class Measured:
    """Everything measured in one film or recording.

    `legs` are settled, of the frames with somebody in them; `pose frames` are kept only when asked for.
    """

    legs: list[Legs] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)
    pose_frames: list[PoseFrame] = field(default_factory=list)
    counts: SessionCounts = field(default_factory=SessionCounts)

    def foot_flat_deg(self, side: Side) -> float:
        """Return the foot's angle while it lies on the belt: the zero of the foot angle, NaN when it never did."""
        t_s = np.array([legs.t_s for legs in self.legs])
        flat: list[float] = []
        for stride in self.strides:
            if stride.side is side:
                begin = stride.t_strike_s + _FLAT_FROM * stride.contact_s
                rows = slice(*np.searchsorted(t_s, (begin, stride.t_strike_s + _FLAT_TO * stride.contact_s)))
                flat += [float(leg_angles(legs)[side.row, FOOT]) for legs in self.legs[rows]]
        return float(np.nanmedian(flat)) if np.isfinite(flat).any() else math.nan


def see(source: Source, detector: Detector | None, slow_motion: float = 1.0) -> Iterator[PoseFrame]:
    """Yield who runs in each frame of a source, in the runner's own time.

    Parameters
    ----------
    source : Source
        Read to its end; not closed.
    detector : Detector or None
        None for a source that gives pose frames itself.
    slow_motion : float
        How many times slower than life the film plays; the runner's time passes that much faster than the film's.
    """
    while (item := source.read()) is not None:
        if isinstance(item, PoseFrame):
            yield _hastened(item, slow_motion)
        elif detector is not None:
            yield detector.detect(replace(item, t_s=item.t_s / slow_motion))


def measure(
    pose_frames: Iterable[PoseFrame],
    settings: GaitSettings,
    speed: Speed | None = None,
    progress: Callable[[int], None] = lambda _done: None,
    keep_pose_frames: bool = False,
) -> Measured:
    """Follow the runner through all pose frames.

    Parameters
    ----------
    pose frames : iterable of PoseFrame
        In the order of time.
    settings : GaitSettings
    speed : Speed or None
        The belt's; None to have it measured.
    progress : callable
        Told the number of pose frames so far.
    keep_pose_frames : bool
        Keep what the pose model saw, for the overlay: about 2 kB a frame.
    """
    gait = Gait(settings)
    measured = Measured()
    for pose_frame in pose_frames:
        if keep_pose_frames:
            measured.pose_frames.append(pose_frame)
        step = gait.update(pose_frame, speed)
        measured.counts.pose_frame(pose_frame, step.activity)
        measured.legs += step.settled
        measured.strides += step.strides
        progress(measured.counts.frames)
    last = gait.finish()
    measured.legs += last.settled
    measured.strides += last.strides
    measured.legs = [legs for legs in measured.legs if np.isfinite(legs.points_px).any()]
    for stride in measured.strides:
        measured.counts.stride(stride)
    return measured


def leg_angles(legs: Legs) -> FloatArray:
    """Return (2, 3) thigh, shank and foot angle of left and right leg in degrees, foot not zeroed."""
    return segment_angles(to_runner_axes(legs.points_px, legs.facing))


def write_files(measured: Measured, folder: Path) -> tuple[Path, Path]:
    """Write `frames.csv` and `strides.csv` into a folder, which is made, and return their paths.

    Raises
    ------
    DeviceError
        A file cannot be written.
    """
    zero_deg = {side: measured.foot_flat_deg(side) for side in Side}
    files = (
        (FRAMES, FRAME_COLUMNS, (frame_row(legs, zero_deg) for legs in measured.legs)),
        (STRIDES, STRIDE_COLUMNS, (stride_row(stride) for stride in measured.strides)),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns, rows in files:
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(rows)
    except OSError as error:
        raise DeviceError(
            f"{folder} cannot be written ({error.strerror or error}); give another folder with --out."
        ) from error
    return folder / FRAMES, folder / STRIDES


def frame_row(legs: Legs, foot_flat_deg: dict[Side, float]) -> list[str]:
    """Return the cells of one frame, by FRAME_COLUMNS; `foot_flat_deg` is subtracted from the foot angle."""
    angles = leg_angles(legs)
    knee = knee_flexion(angles)
    row = [_cell(legs.t_s, 6), str(legs.near)]
    row += [_cell(value, 2) for value in legs.points_px.ravel()]
    for side in Side:
        thigh, shank, foot = (float(angles[side.row, segment]) for segment in (THIGH, SHANK, FOOT))
        row += [_cell(value, 2) for value in (thigh, shank, float(knee[side.row]), foot - foot_flat_deg[side])]
    return row + [_cell(value, 3) for value in legs.trust]


def stride_row(stride: Stride) -> list[str]:
    """Return the cells of one stride, by STRIDE_COLUMNS."""
    times = (stride.t_strike_s, stride.t_midstance_s, stride.t_toe_off_s, stride.t_next_strike_s)
    speed_mps = math.nan if stride.speed is None else stride.speed.mps
    return [
        str(stride.side),
        "true" if stride.is_near else "false",
        *(_cell(t_s, 5) for t_s in times),
        _cell(stride.cadence_spm, 3),
        _cell(stride.contact_s, 5),
        _cell(stride.duty, 4),
        _cell(speed_mps, 3),
        _cell(stride.trust, 3),
        *(_cell(stride.metrics[name], 2 if name.endswith("_deg") else 5) for name in METRIC_NAMES),
        str(stride.activity),
    ]


def summary(measured: Measured) -> dict[str, object]:
    """Return the count as plain data for `--json`; what was not measured is None."""
    counted = measured.counts.as_dict()
    wanted = ("frames", "frames_with_runner", "duration_s", "strides", "foot_strikes", "cadence_spm", "trust_median")
    speeds = [stride.speed.mps for stride in measured.strides if stride.speed]
    return {key: counted[key] for key in wanted} | {
        "activity_strides": {
            str(word): sum(stride.activity is word for stride in measured.strides)
            for word in sorted({stride.activity for stride in measured.strides})
        },
        "speed_mps": round(float(np.median(speeds)), 3) if speeds else None,
    }


def _hastened(pose_frame: PoseFrame, times: float) -> PoseFrame:
    pose = pose_frame.pose
    t_s = pose_frame.t_s / times
    if pose is not None:
        pose = Pose(t_s, pose.points_px, pose.visibility, pose.image_size_px)
    return PoseFrame(t_s, pose_frame.index, pose)


def _cell(value: float, digits: int) -> str:
    """Return a number with this many digits; nothing for what was not measured."""
    return "" if math.isnan(value) else f"{value:.{digits}f}"
