"""Follows one runner: pose frames in, live legs and finished strides out. Pure: all time is that of the pose frames.

Owns the order in which the parts are called, and what holds for the whole runner: activity, leaving, belt speed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.belt import BeltSpeedEstimator
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.calibration.placement import CalibrationChoice
from cuecoach.gait.legs.tracker import LegTracker
from cuecoach.gait.segmentation import StrideSegmenter
from cuecoach.gait.settings import GaitSettings
from cuecoach.types import ANKLE, HIP, Activity, Legs, PoseFrame, Speed, Stride

_DEFAULTS = GaitSettings()
RECENT_S = 2.0  # an older stride says nothing about the activity now
_STANDING_REACH_LEG = 0.2  # who stands moves the ankles less than this against the hips, in leg lengths ...
_STANDING_S = 1.0  # ... in so long ...
_STANDING_LEAST_FRAMES = 6  # ... and so many frames
_PICTURE_EDGE = 0.02  # of its width: hips this near to its side are leaving it
_USUAL_HIP_TIME_CONSTANT_S = 20.0  # of the mean place of the hips
_DRIFT_LEG = 0.9  # hips this far from their mean place, in leg lengths, drift off the belt


@dataclass(frozen=True, slots=True, eq=False)
class GaitStep:
    """What one pose frame gives: `live` None when nobody is there; `settled` and `strides` oldest first.

    `speed_changed`: the newest stances or strides show that the belt runs at another speed than before. `notice`: what
    became of the calibration, as a sentence, when that changed with this frame.
    """

    live: Legs | None
    settled: tuple[Legs, ...]
    strides: tuple[Stride, ...]
    activity: Activity
    leaving: bool
    speed: Speed | None
    speed_changed: bool = False
    notice: str = ""


class Gait:
    """Follows one runner from pose frame to stride.

    Parameters
    ----------
    settings : GaitSettings
    calibrations : this runner's, newest first. The first that fits the camera's place is used; events, activity and
        belt speed are those of the legs as seen.
    """

    def __init__(self, settings: GaitSettings = _DEFAULTS, calibrations: Sequence[Calibration] = ()) -> None:
        self._choice = CalibrationChoice(calibrations)
        self._height_px = math.nan
        self._leg_tracker = LegTracker(settings.near_side, settings.settle_s)
        self._belt = BeltSpeedEstimator(settings.runner_height_m)
        self._segmenter = StrideSegmenter(self._belt)
        self._last: Stride | None = None
        self._ankle_reach: deque[tuple[float, float, float]] = deque()
        self._usual_hip_px: float | None = None
        self._now_s = 0.0
        self._given_speed: Speed | None = None

    def update(self, pose_frame: PoseFrame, speed: Speed | None = None) -> GaitStep:
        """Add one pose frame.

        Parameters
        ----------
        pose_frame : times must grow; `pose` None means nobody was seen.
        speed : belt speed as given by the user or the machine at this time; None: it is measured from the picture.
        """
        self._now_s, self._given_speed = pose_frame.t_s, speed
        if pose_frame.pose is not None:
            self._height_px = float(pose_frame.pose.image_size_px[1])
        runner, changes = self._leg_tracker.runner_number, self._belt.changes
        live, settled = self._leg_tracker.update(pose_frame)
        runner_changed = self._leg_tracker.runner_number != runner
        strides = self._segment(settled, last=runner_changed)
        if runner_changed:
            self._reset()
        if live is not None:
            self._remember_position(live)
        changed = self._belt.changes != changes
        leaving = self._leaving(live, pose_frame)
        live, settled = self._calibrated(live, settled)
        notice = self._choice.take_notice()
        return GaitStep(live, settled, strides, self._activity(), leaving, self._belt.speed(speed), changed, notice)

    def finish(self) -> GaitStep:
        """Close what can still be closed at the end of the input, and forget the runner."""
        settled = self._leg_tracker.finish()
        strides = self._segment(settled, last=True)
        self._reset()
        _, settled = self._calibrated(None, settled)
        return GaitStep(None, settled, strides, Activity.NOBODY, False, self._belt.speed(self._given_speed))

    def _segment(self, settled: tuple[Legs, ...], last: bool) -> tuple[Stride, ...]:
        """Pass on settled legs, and do one slice of the work on strides in a frame without other heavy work."""
        strides: list[Stride] = []
        self._segmenter.calibration = self._choice.active
        if settled or last:
            while self._segmenter.busy:  # earlier legs first
                strides += self._segmenter.work(self._given_speed, self._now_s)
            hint = 1.0 / self._leg_tracker.phase_estimator.hz if self._leg_tracker.locked else math.nan
            self._segmenter.add_legs(settled, hint, last)
        while self._segmenter.busy and (last or not self._leg_tracker.did_work):
            strides += self._segmenter.work(self._given_speed, self._now_s)
            if not last:
                break
        if strides:
            self._last = strides[-1]
        self._choice.add(settled, strides, self._height_px)
        return tuple(strides)

    def _calibrated(self, live: Legs | None, settled: tuple[Legs, ...]) -> tuple[Legs | None, tuple[Legs, ...]]:
        """Return the legs as they are passed on: without their steady offsets, where these are known."""
        calibration = self._choice.active
        if calibration is None:
            return live, settled
        corrected = tuple(calibration.corrected_legs(legs) for legs in settled)
        return (None if live is None else calibration.corrected_legs(live)), corrected

    @property
    def calibration(self) -> Calibration | None:
        """The calibration in use, None without one or when the camera was moved."""
        return self._choice.active

    def _reset(self) -> None:
        self._choice.restart()
        self._segmenter.reset()
        self._last, self._usual_hip_px = None, None
        self._ankle_reach.clear()

    def _remember_position(self, live: Legs) -> None:
        """Remember how far the ankles reach from the hips, and where the hips usually are."""
        points = live.points_px
        hip = float(points[0, HIP, 0] + points[1, HIP, 0]) / 2
        if math.isnan(hip):
            return
        if self._usual_hip_px is None or not self._ankle_reach:
            self._usual_hip_px = hip
        else:
            self._usual_hip_px += (hip - self._usual_hip_px) * min(
                (live.t_s - self._ankle_reach[-1][0]) / _USUAL_HIP_TIME_CONSTANT_S, 1.0
            )
        self._ankle_reach.append((live.t_s, float(points[0, ANKLE, 0]) - hip, float(points[1, ANKLE, 0]) - hip))
        while self._ankle_reach[0][0] < live.t_s - _STANDING_S:
            self._ankle_reach.popleft()

    def _activity(self) -> Activity:
        if self._usual_hip_px is None:
            return Activity.NOBODY
        if self._last and self._now_s - self._last.closed_s < RECENT_S:
            return self._last.activity
        reach = np.array(self._ankle_reach)
        leg_px = self._leg_tracker.leg_px
        if len(reach) >= _STANDING_LEAST_FRAMES and np.ptp(reach[:, 1:], axis=0).max() < _STANDING_REACH_LEG * leg_px:
            return Activity.STANDING
        return Activity.UNSURE

    def _leaving(self, live: Legs | None, pose_frame: PoseFrame) -> bool:
        if live is None or pose_frame.pose is None or self._usual_hip_px is None:
            return False
        width = pose_frame.pose.image_size_px[0]
        hip = float(live.points_px[0, HIP, 0] + live.points_px[1, HIP, 0]) / 2
        out = not _PICTURE_EDGE * width < hip < (1 - _PICTURE_EDGE) * width
        away = abs(hip - self._usual_hip_px) > _DRIFT_LEG * self._leg_tracker.leg_px
        return out or away
