"""The virtual runner as a whole: hears cues, moves and is drawn, frame by frame, each with its ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cuecoach.reference.body import landmarks
from cuecoach.types import FloatArray, Frame, Pose
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.faults import FAULTS
from cuecoach.virtual_runner.kinematics import GaitEvent, RunnerMotion
from cuecoach.virtual_runner.response import CueResponse
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

EVENTS_KEPT_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruth:
    """What is true in a frame of the virtual runner.

    `angles_deg` (2, 4): left and right x thigh, shank, knee, foot; `points_px` (33, 2): the BlazePose landmarks;
    `lean_deg` + forward; `strengths` of every fault; `events` of the last `EVENTS_KEPT_S`, in the order of time.
    """

    t_s: float
    angles_deg: FloatArray
    lean_deg: float
    points_px: FloatArray
    strengths: Mapping[str, float]
    events: tuple[GaitEvent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class VirtualRunnerFrame(Frame):
    """A frame of the virtual runner, with its ground truth."""

    truth: GroundTruth


class VirtualRunner:
    """One virtual runner. Same settings and same cues at the same times give the same run."""

    def __init__(self, settings: VirtualRunnerSettings) -> None:
        self._settings = settings
        self._response = CueResponse(settings)
        self._motion = RunnerMotion(settings, self._response.strength)
        self._drawing = RunnerDrawing(settings)

    def hear(self, fault: str, t_s: float) -> None:
        """Take in a cue for `fault`, heard at `t_s`; see `CueResponse.hear`."""
        self._response.hear(fault, t_s)

    def events(self, since_s: float, until_s: float) -> tuple[GaitEvent, ...]:
        """Return the true events with `since_s` < t <= `until_s`, in the order of time."""
        return self._motion.events(since_s, until_s)

    def truth(self, t_s: float) -> GroundTruth:
        """Return the ground truth at `t_s` >= 0, without drawing it."""
        return self._truth(t_s)[0]

    def pose(self, t_s: float) -> Pose:
        """Return what a perfect pose model would see at `t_s`."""
        points_px = self.truth(t_s).points_px
        return Pose(t_s, points_px, np.ones(len(points_px)), (self._settings.width_px, self._settings.height_px))

    def frame(self, index: int) -> VirtualRunnerFrame:
        """Return picture number `index`, with the truth."""
        t_s = index / self._settings.rate_hz
        truth, points_m = self._truth(t_s)
        return VirtualRunnerFrame(t_s, index, self._drawing.paint(points_m, t_s), truth)

    def _truth(self, t_s: float) -> tuple[GroundTruth, FloatArray]:
        posture = self._motion.posture(t_s)
        points_m = landmarks(posture)
        thigh, knee, foot = posture.legs_deg.T
        truth = GroundTruth(
            t_s=t_s,
            angles_deg=np.stack([thigh, thigh - knee, knee, foot], axis=1),
            lean_deg=posture.lean_deg,
            points_px=self._drawing.landmarks_px(points_m),
            strengths={name: self._response.strength(name, t_s) for name in FAULTS},
            events=self._motion.events(t_s - EVENTS_KEPT_S, t_s),
        )
        return truth, points_m
