"""The virtual runner's true pose without pictures or MediaPipe: as a source, and as a pose backend.

A whole session with `PerfectPose` takes a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from cuecoach.errors import DeviceError
from cuecoach.pose.base import Candidate, Detections
from cuecoach.source.base import SourceInfo
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import LANDMARKS, Frame, Pose, PoseFrame, SourceKind
from cuecoach.virtual_runner.runner import VirtualRunner, VirtualRunnerFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

CLEAN_S = 6.0  # how long the clean runner runs
SIZE_PX = (640, 480)


class PerfectPose:
    """A source that keeps the contract and gives the virtual runner's pose without a picture."""

    def __init__(self, virtual_runner: VirtualRunnerSettings) -> None:
        self._virtual_runner = virtual_runner
        self._runner = VirtualRunner(virtual_runner)
        self._index = 0
        self._closed = False
        size_px = (virtual_runner.width_px, virtual_runner.height_px)
        rate_hz = virtual_runner.rate_hz
        frames = round(virtual_runner.duration_s * rate_hz)
        self.info = SourceInfo(SourceKind.RECORDING, "perfect pose", size_px, rate_hz, False, None, frames)

    def hear(self, fault: str, t_s: float) -> None:
        self._runner.hear(fault, t_s)

    def read(self) -> Frame | PoseFrame | None:
        t_s = self._index / self._virtual_runner.rate_hz
        if self._closed or t_s >= self._virtual_runner.duration_s:
            return None
        self._index += 1
        return PoseFrame(t_s, self._index - 1, self._runner.pose(t_s))

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._closed = True


class PerfectDetector:
    """A pose backend that finds the virtual runner where its frames say it is, and nobody in other pictures."""

    model = "perfect"

    def __init__(self) -> None:
        self._closed = False

    def start_workers(self) -> int:
        return 2

    def detect(self, frame: Frame) -> PoseFrame:
        return self.select_runner(frame, self.detect_all(frame))

    def detect_all(self, frame: Frame, worker: int = 0) -> Detections:
        if self._closed:
            raise DeviceError("The perfect detector is closed already.")
        if not isinstance(frame, VirtualRunnerFrame):
            return Detections(())
        return Detections((Candidate(frame.truth.points_px, np.ones(len(LANDMARKS))),))

    def select_runner(self, frame: Frame, detections: Detections) -> PoseFrame:
        height_px, width_px = frame.image_bgr.shape[:2]
        poses = [
            Pose(frame.t_s, person.points_px, person.visibility, (width_px, height_px)) for person in detections.people
        ]
        return PoseFrame(frame.t_s, frame.index, poses[0] if poses else None)

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._closed = True


def write_recording(path: Path, virtual_runner: VirtualRunnerSettings) -> Path:
    """Write the virtual runner's true pose as a landmark recording."""
    source = PerfectPose(virtual_runner)
    with RecordingWriter(path, virtual_runner.rate_hz, source.info.size_px) as recording:
        while (pose_frame := source.read()) is not None:
            assert isinstance(pose_frame, PoseFrame)
            recording.write(pose_frame)
    return path


def clean_runner(facing: str = "right", rate_hz: float = 30.0) -> VirtualRunnerSettings:
    """Return a virtual runner without a fault."""
    return VirtualRunnerSettings(speed_mps=3.0, faults=("none",), facing=facing, rate_hz=rate_hz, duration_s=CLEAN_S)


@cache
def pose_frames(settings: VirtualRunnerSettings, times: float = 1.0) -> list[PoseFrame]:
    """Return the runner as a perfect pose model sees it; `times`: the film plays that much slower than life."""
    runner = VirtualRunner(settings)
    out = []
    for index in range(round(settings.duration_s * settings.rate_hz)):
        pose = runner.pose(index / settings.rate_hz)
        t_s = times * pose.t_s
        out.append(PoseFrame(t_s, index, replace(pose, t_s=t_s)))
    return out


def write_pose_frames(path: Path, seen: Iterable[PoseFrame], rate_hz: float = 30.0) -> Path:
    """Write pose frames as a landmark recording."""
    with RecordingWriter(path, rate_hz, SIZE_PX) as recording:
        for pose_frame in seen:
            recording.write(pose_frame)
    return path
