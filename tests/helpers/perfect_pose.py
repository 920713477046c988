"""Perfect eyes: the virtual runner's true pose as a source, so that a whole session takes a second and no MediaPipe."""

from __future__ import annotations

from pathlib import Path

from cuecoach.source.base import SourceInfo
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import Frame, PoseFrame
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


class PerfectPose:
    """A source that keeps the contract and sees the virtual runner without a picture."""

    def __init__(self, virtual_runner: VirtualRunnerSettings) -> None:
        self._virtual_runner = virtual_runner
        self._runner = VirtualRunner(virtual_runner)
        self._index = 0
        self._closed = False
        size_px = (virtual_runner.width_px, virtual_runner.height_px)
        frames = round(virtual_runner.duration_s * virtual_runner.rate_hz)
        self.info = SourceInfo("recording", "perfect eyes", size_px, virtual_runner.rate_hz, False, None, frames)

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


def write_recording(path: Path, virtual_runner: VirtualRunnerSettings) -> Path:
    """Write what perfect eyes see as a landmark recording."""
    eyes = PerfectPose(virtual_runner)
    with RecordingWriter(path, virtual_runner.rate_hz, eyes.info.size_px) as recording:
        while (pose_frame := eyes.read()) is not None:
            assert isinstance(pose_frame, PoseFrame)
            recording.write(pose_frame)
    return path
