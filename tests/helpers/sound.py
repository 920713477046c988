"""What tests of sound share: where a recording has energy, and how a WAV is read without our own code."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_WINDOW_S = 0.005
_THRESHOLD = 0.003  # RMS, -50 dBFS: 30 dB below the level of a cue


def energy_spans(samples: NDArray[np.floating], rate_hz: int, join_s: float = 0.3) -> list[tuple[float, float]]:
    """Return (start_s, end_s) of every stretch of sound in `samples` (n,), float -1..1, in the order of time.

    Stretches closer than `join_s` are one: a comma inside a phrase is about 0.2 s of silence. Ends are true to 5 ms.
    """
    width = round(_WINDOW_S * rate_hz)
    padded = np.pad(np.asarray(samples, dtype=np.float64), (0, -len(samples) % width))
    loud = np.sqrt((padded.reshape(-1, width) ** 2).mean(axis=1)) > _THRESHOLD
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0]))))
    spans: list[tuple[float, float]] = []
    for first, end in zip(edges[::2] * _WINDOW_S, edges[1::2] * _WINDOW_S, strict=True):
        if spans and first - spans[-1][1] < join_s:
            spans[-1] = (spans[-1][0], float(end))
        else:
            spans.append((float(first), float(end)))
    return spans


def read_wav(path: Path) -> tuple[NDArray[np.float64], int]:
    """Return a mono 16-bit WAV as float -1..1 (n,), and its rate in Hz."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        data = file.readframes(file.getnframes())
        assert len(data) == 2 * file.getnframes()
        return np.frombuffer(data, "<i2") / 32768.0, file.getframerate()
