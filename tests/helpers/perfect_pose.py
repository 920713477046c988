"""Perfect eyes: the virtual runner's true pose as a source, so that a whole session takes a second and no MediaPipe."""

from __future__ import annotations

from pathlib import Path

from cuecoach.source.base import SourceInfo
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import Frame, PoseFrame
from cuecoach.virtual_runner.runner import Runner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


class PerfectPose:
    """A source that keeps the contract and sees the virtual runner without a picture."""

    def __init__(self, athlete: VirtualRunnerSettings) -> None:
        self._athlete = athlete
        self._runner = Runner(athlete)
        self._index = 0
        self._closed = False
        size_px = (athlete.width_px, athlete.height_px)
        frames = round(athlete.duration_s * athlete.rate_hz)
        self.info = SourceInfo("recording", "perfect eyes", size_px, athlete.rate_hz, False, None, frames)

    def hear(self, fault: str, t_s: float) -> None:
        self._runner.hear(fault, t_s)

    def read(self) -> Frame | PoseFrame | None:
        t_s = self._index / self._athlete.rate_hz
        if self._closed or t_s >= self._athlete.duration_s:
            return None
        self._index += 1
        return PoseFrame(t_s, self._index - 1, self._runner.pose(t_s))

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._closed = True


def write_recording(path: Path, athlete: VirtualRunnerSettings) -> Path:
    """Write what perfect eyes see as a landmark recording."""
    eyes = PerfectPose(athlete)
    with RecordingWriter(path, athlete.rate_hz, eyes.info.size_px) as recording:
        while (pose_frame := eyes.read()) is not None:
            assert isinstance(pose_frame, PoseFrame)
            recording.write(pose_frame)
    return path
