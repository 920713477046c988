"""Mixes a film's sound track, to be fetched in the order of time. One thread adds, another fetches."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice.base import RATE_HZ

Samples = NDArray[np.float32]


class Soundtrack:
    """What was added, mixed; see `voice.base.SoundWriter`. The film that it belongs to tells what goes wrong."""

    def __init__(self) -> None:
        self.writable = True  # until the film says otherwise
        self._lock = threading.Lock()
        self._pending: list[tuple[int, Samples]] = []  # index of the first sample, samples
        self._fetched = 0

    def add(self, start_s: float, samples: Samples) -> None:
        """See `voice.base.SoundWriter`. What was fetched already stays as it was."""
        with self._lock:
            self._pending.append((round(start_s * RATE_HZ), samples))

    def extend(self, t_s: float) -> None:
        """See `voice.base.SoundWriter`: the pictures say how long a film is."""

    def notices(self) -> tuple[str, ...]:
        """See `voice.base.SoundWriter`."""
        return ()

    def close(self, t_s: float) -> None:
        """See `voice.base.SoundWriter`: the film ends after its last picture and its last words."""

    def fetch(self, until_s: float) -> Samples:
        """Return the samples from the end of the last call (at first 0 s) until `until_s`."""
        first, end = self._fetched, max(self._fetched, round(until_s * RATE_HZ))
        mixed = np.zeros(end - first, dtype=np.float32)
        with self._lock:
            for start, samples in self._pending:
                part = samples[max(0, first - start) : max(0, end - start)]
                at = max(0, start - first)
                mixed[at : at + part.size] += part
            self._pending = [part for part in self._pending if part[0] + part[1].size > end]
        self._fetched = end
        return mixed

    @property
    def end_s(self) -> float:
        """When the last part ends that was not fetched to its end; 0 without any."""
        with self._lock:
            return max((start + samples.size for start, samples in self._pending), default=0) / RATE_HZ
