"""Perfect eyes: the virtual runner's true pose as a source, so that a whole session takes a second and no MediaPipe."""

from __future__ import annotations

from pathlib import Path

from cuecoach.athlete.runner import Runner
from cuecoach.athlete.settings import AthleteSettings
from cuecoach.source.base import SourceInfo
from cuecoach.source.recording import RecordingWriter
from cuecoach.types import Frame, Sighting


class PerfectEyes:
    """A source that keeps the contract and sees the virtual runner without a picture."""

    def __init__(self, athlete: AthleteSettings) -> None:
        self._athlete = athlete
        self._runner = Runner(athlete)
        self._index = 0
        self._closed = False
        size_px = (athlete.width_px, athlete.height_px)
        frames = round(athlete.duration_s * athlete.rate_hz)
        self.info = SourceInfo("recording", "perfect eyes", size_px, athlete.rate_hz, False, None, frames)

    def hear(self, fault: str, t_s: float) -> None:
        self._runner.hear(fault, t_s)

    def read(self) -> Frame | Sighting | None:
        t_s = self._index / self._athlete.rate_hz
        if self._closed or t_s >= self._athlete.duration_s:
            return None
        self._index += 1
        return Sighting(t_s, self._index - 1, self._runner.pose(t_s))

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._closed = True


def write_recording(path: Path, athlete: AthleteSettings) -> Path:
    """Write what perfect eyes see as a landmark recording."""
    eyes = PerfectEyes(athlete)
    with RecordingWriter(path, athlete.rate_hz, eyes.info.size_px) as recording:
        while (sighting := eyes.read()) is not None:
            assert isinstance(sighting, Sighting)
            recording.write(sighting)
    return path
