"""The room's face: pose frames in, live legs and finished strides out. Pure: all time is the pose frames' own.

Owns the order in which the parts are asked, and what is said about the runner as a whole: activity, leaving, speed.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.belt import Belt
from cuecoach.gait.leg_tracker import LegTracker
from cuecoach.gait.segmentation import StrideSegmenter
from cuecoach.gait.settings import GaitSettings
from cuecoach.types import ANKLE, HIP, Activity, Legs, PoseFrame, Speed, Stride

_DEFAULTS = GaitSettings()
_RECENT_S = 2.0  # strides older than this say nothing about now
_STILL_LEG = 0.2  # ankles that move less than this against the hips, in leg lengths, belong to somebody standing
_STILL_S = 1.0
_EDGE = 0.02  # of the picture's width: hips or ankles this near to its side are leaving
_HOME_S = 20.0  # how slowly the place where the runner runs is learnt
_AWAY_LEG = 0.9  # this far from home, in leg lengths, the runner drifts off the belt


@dataclass(frozen=True, slots=True, eq=False)
class GaitStep:
    """What one pose frame brought: `live` None when nobody is there; `settled` and `strides` oldest first.

    `speed_changed`: the newest stances or strides tell that the belt runs at another speed than before.
    """

    live: Legs | None
    settled: tuple[Legs, ...]
    strides: tuple[Stride, ...]
    activity: Activity
    leaving: bool
    speed: Speed | None
    speed_changed: bool = False


class Gait:
    """Follows one runner from pose frame to stride."""

    def __init__(self, settings: GaitSettings = _DEFAULTS) -> None:
        self._legs = LegTracker(settings.near_side, settings.settle_s)
        self._belt = Belt(settings.runner_height_m)
        self._maker = StrideSegmenter(self._belt)
        self._last: Stride | None = None
        self._reach: deque[tuple[float, float, float]] = deque()
        self._home_px: float | None = None
        self._now_s = 0.0
        self._said: Speed | None = None

    def update(self, pose_frame: PoseFrame, speed: Speed | None = None) -> GaitStep:
        """Take one pose frame in.

        Parameters
        ----------
        pose frame : times must grow; `pose` None means nobody was seen.
        speed : belt speed as the user or the machine says it now; None when nobody says, then the belt is measured.
        """
        self._now_s, self._said = pose_frame.t_s, speed
        runner, changes = self._legs.runner, self._belt.changes
        live, settled = self._legs.update(pose_frame)
        gone = self._legs.runner != runner
        strides = self._close(settled, last=gone)
        if gone:
            self._forget()
        if live is not None:
            self._watch(live)
        changed = self._belt.changes != changes
        leaving = self._leaving(live, pose_frame)
        return GaitStep(live, settled, strides, self._activity(), leaving, self._belt.speed(speed), changed)

    def finish(self) -> GaitStep:
        """End of input: close what can still be closed."""
        settled = self._legs.finish()
        strides = self._close(settled, last=True)
        self._forget()
        return GaitStep(None, settled, strides, Activity.NOBODY, False, self._belt.speed(self._said))

    def _close(self, settled: tuple[Legs, ...], last: bool) -> tuple[Stride, ...]:
        """Hand on settled legs, and do one slice of the work on strides in a frame that is otherwise quiet."""
        strides: list[Stride] = []
        if settled or last:
            while self._maker.busy:  # what came before comes first
                strides += self._maker.work(self._said, self._now_s)
            hint = 1.0 / self._legs.rhythm.hz if self._legs.locked else math.nan
            self._maker.take(settled, hint, last)
        while self._maker.busy and (last or not self._legs.worked):
            strides += self._maker.work(self._said, self._now_s)
            if not last:
                break
        if strides:
            self._last = strides[-1]
        return tuple(strides)

    def _forget(self) -> None:
        self._maker.forget()
        self._last, self._home_px = None, None
        self._reach.clear()

    def _watch(self, live: Legs) -> None:
        """Remember how far the ankles reach from the hips, and where the hips usually are."""
        points = live.points_px
        hip = float(points[0, HIP, 0] + points[1, HIP, 0]) / 2
        if math.isnan(hip):
            return
        if self._home_px is None or not self._reach:
            self._home_px = hip
        else:
            self._home_px += (hip - self._home_px) * min((live.t_s - self._reach[-1][0]) / _HOME_S, 1.0)
        self._reach.append((live.t_s, float(points[0, ANKLE, 0]) - hip, float(points[1, ANKLE, 0]) - hip))
        while self._reach[0][0] < live.t_s - _STILL_S:
            self._reach.popleft()

    def _activity(self) -> Activity:
        if self._home_px is None:
            return Activity.NOBODY
        if self._last and self._now_s - self._last.closed_s < _RECENT_S:
            return self._last.activity
        reach = np.array(self._reach)
        leg_px = self._legs.leg_px
        if len(reach) > 5 and np.ptp(reach[:, 1:], axis=0).max() < _STILL_LEG * leg_px:
            return Activity.STANDING
        return Activity.UNSURE

    def _leaving(self, live: Legs | None, pose_frame: PoseFrame) -> bool:
        if live is None or pose_frame.pose is None or self._home_px is None:
            return False
        width = pose_frame.pose.image_size_px[0]
        hip = float(live.points_px[0, HIP, 0] + live.points_px[1, HIP, 0]) / 2
        out = not _EDGE * width < hip < (1 - _EDGE) * width
        away = abs(hip - self._home_px) > _AWAY_LEG * self._legs.leg_px
        return out or away
