"""Follows the runner through the pose frames of a whole film or recording: the legs and strides of all of it.

Opens nothing, writes nothing, coaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from cuecoach.gait.angles import FOOT, leg_angles
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.gait import Gait
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.counts import MeasurementCounts
from cuecoach.types import Legs, PoseFrame, Side, Speed, Stride

_FLAT_FROM, _FLAT_TO = 0.2, 0.6  # the part of contact in which the foot lies on the belt


@dataclass(slots=True, eq=False)
class Measurement:
    """Everything measured in one film or recording.

    `legs` are settled, of the frames with somebody in them; `pose_frames` are kept only when asked for.
    `calibration` is the one in use at the end, and `notices` say when it changed. `model` is the pose model's name, ""
    for a recording.
    """

    legs: list[Legs] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)
    pose_frames: list[PoseFrame] = field(default_factory=list)
    counts: MeasurementCounts = field(default_factory=MeasurementCounts)
    calibration: Calibration | None = None
    notices: list[str] = field(default_factory=list)
    model: str = ""

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

    def as_dict(self) -> dict[str, object]:
        """Return the summary as plain data for `--json`; what was not measured is None."""
        speeds = [stride.speed.mps for stride in self.strides if stride.speed]
        activities = [stride.activity for stride in self.strides]
        return self.counts.as_dict() | {
            "activity_strides": {str(activity): activities.count(activity) for activity in sorted(set(activities))},
            "pose_model": self.model or None,
            "speed_mps": round(float(np.median(speeds)), 3) if speeds else None,
        }


def measure_pose_frames(
    pose_frames: Iterable[PoseFrame],
    settings: GaitSettings,
    speed: Speed | None = None,
    progress: Callable[[int], None] = lambda _done: None,
    keep_pose_frames: bool = False,
    calibrations: Sequence[Calibration] = (),
) -> Measurement:
    """Follow the runner through all pose frames.

    Parameters
    ----------
    pose_frames : iterable of PoseFrame
        In the order of time.
    settings : GaitSettings
    speed : Speed or None
        The belt's; None to have it measured.
    progress : callable
        Called with the number of pose frames so far.
    keep_pose_frames : bool
        Keep what the pose model saw, for the overlay: about 2 kB a frame.
    calibrations : sequence of Calibration
        The runner's, newest first.
    """
    gait = Gait(settings, calibrations)
    measurement = Measurement()
    measurement.counts.height_m = settings.runner_height_m
    for pose_frame in pose_frames:
        if keep_pose_frames:
            measurement.pose_frames.append(pose_frame)
        step = gait.update(pose_frame, speed)
        if step.notice:
            measurement.notices.append(step.notice)
        measurement.counts.add_frame(pose_frame, speed)
        measurement.legs += step.settled
        measurement.strides += step.strides
        progress(measurement.counts.frames)
    measurement.calibration = gait.calibration
    last = gait.finish()
    measurement.legs += last.settled
    measurement.strides += last.strides
    measurement.legs = [legs for legs in measurement.legs if np.isfinite(legs.points_px).any()]
    for stride in measurement.strides:
        measurement.counts.add_stride(stride)
    return measurement
