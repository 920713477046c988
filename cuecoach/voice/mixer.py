"""What the sound callback does: silence, and one clip after the other. No PortAudio, no clock, no lock, no new arrays.

Owns the queue of clips inside the sound process. `add` is called by one thread, `fill` by the audio thread while a
stream is open, `lose` and `expire` by the supervisor while none is. They meet only in deques, whose ends are atomic.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WAITING_MAX = 64
_EVENTS_MAX = 1024


@dataclass(frozen=True, slots=True)
class _Job:
    utterance: int
    samples: NDArray[np.float32]  # (n, 1): one column fills any number of channels
    start_by_s: float


class Mixer:
    """Plays the clips of a session, first come first served. All times are seconds on the monotonic clock.

    `events` fills with (state, utterance, time, detail): "started", "finished" or "dropped".
    """

    def __init__(self, clips: Mapping[str, NDArray[np.float32]], rate_hz: int) -> None:
        self._clips = {cue_id: np.ascontiguousarray(samples).reshape(-1, 1) for cue_id, samples in clips.items()}
        self._rate_hz = rate_hz
        self._waiting: deque[_Job] = deque(maxlen=_WAITING_MAX)
        self._job: _Job | None = None
        self._position = 0
        self.fills = 0  # how often `fill` was called: stands still when the device has died
        self.events: deque[tuple[str, int, float, str]] = deque(maxlen=_EVENTS_MAX)

    def add(self, utterance: int, cue_id: str, start_by_s: float) -> None:
        """Queue a clip; it is dropped if it cannot start by `start_by_s`."""
        self._waiting.append(_Job(utterance, self._clips[cue_id], start_by_s))

    def fill(self, out: NDArray[Any], at_s: float) -> None:
        """Fill `out` (frames, channels), whose first frame will sound at `at_s`."""
        self.fills += 1
        out.fill(0.0)
        if self._job is None:
            self._job = self._next(at_s)
            if self._job is None:
                return
            self._position = 0
            self.events.append(("started", self._job.utterance, at_s, ""))
        samples = self._job.samples
        count = min(out.shape[0], samples.shape[0] - self._position)
        out[:count] = samples[self._position : self._position + count]
        self._position += count
        if self._position == samples.shape[0]:
            self.events.append(("finished", self._job.utterance, at_s + count / self._rate_hz, ""))
            self._job = None

    def lose(self, now_s: float, detail: str) -> None:
        """Drop the clip that was sounding when the stream died."""
        if self._job is not None:
            self.events.append(("dropped", self._job.utterance, now_s, detail))
            self._job = None

    def expire(self, now_s: float, detail: str) -> None:
        """Drop the clips at the head of the queue that can no longer start in time."""
        while self._waiting and self._waiting[0].start_by_s < now_s:
            self.events.append(("dropped", self._waiting.popleft().utterance, now_s, detail))

    def _next(self, at_s: float) -> _Job | None:
        self.expire(at_s, "expired")
        return self._waiting.popleft() if self._waiting else None
