"""When the first sample of a buffer sounds, smoothed: what a host reports jitters by milliseconds, its samples do not.

Pure. Owns nothing but that estimate.
"""

from __future__ import annotations

_JUMP_S = 0.006  # a stream that was interrupted is somewhere else; jitter is smaller
_PULL_MIN = 0.01  # share of the error taken over: follows a drift of 500 ppm to within 0.2 ms at 4 ms a buffer


class SampleClock:
    """Predicts each buffer's time from the one before, and leans a little on every report.

    A first-order delay-locked loop after Adriaensen (2005, "Using a DLL to filter time"); the first buffers are
    averaged, so that it is right at once.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._expected_s = 0.0
        self._seen = 0
        self.jumps = 0  # how often the stream went on somewhere else

    def restart(self) -> None:
        """Forget everything: another stream begins."""
        self._seen = 0

    def at(self, reported_s: float, frames: int) -> float:
        """Return when a buffer of `frames` begins to sound, reported as `reported_s`."""
        error_s = reported_s - self._expected_s
        if self._seen == 0 or abs(error_s) > _JUMP_S:
            self.jumps += self._seen > 0
            self._seen, at_s = 1, reported_s
        else:
            self._seen += 1
            at_s = self._expected_s + error_s * max(1.0 / self._seen, _PULL_MIN)
        self._expected_s = at_s + frames / self._rate_hz
        return at_s
