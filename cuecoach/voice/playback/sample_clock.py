"""Estimates when the first sample of a buffer sounds: what a host reports jitters by milliseconds. Pure."""

from __future__ import annotations

_JUMP_S = 0.006  # a stream that was interrupted is somewhere else; jitter is smaller
_GAIN_MIN = 0.01  # share of the error taken over: follows a drift of 500 ppm to within 0.2 ms at 4 ms a buffer


class SampleClock:
    """Predicts each buffer's time from the one before, and corrects it a little by every report.

    A first-order delay-locked loop after Adriaensen (2005, "Using a DLL to filter time"); the first buffers are
    averaged, so that it is right at once.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._expected_s = 0.0
        self._buffers = 0
        self.jumps = 0  # how often the stream was interrupted

    def restart(self) -> None:
        """Forget everything: another stream begins."""
        self._buffers = 0

    def at(self, reported_s: float, frames: int) -> float:
        """Return when a buffer of `frames` begins to sound, reported as `reported_s`."""
        error_s = reported_s - self._expected_s
        if self._buffers == 0 or abs(error_s) > _JUMP_S:
            self.jumps += self._buffers > 0
            self._buffers, at_s = 1, reported_s
        else:
            self._buffers += 1
            at_s = self._expected_s + error_s * max(1.0 / self._buffers, _GAIN_MIN)
        self._expected_s = at_s + frames / self._rate_hz
        return at_s
