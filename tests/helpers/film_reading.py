"""Reads written films without our own code."""

from __future__ import annotations

import contextlib
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def read_pictures(path: Path) -> tuple[list[float], list[NDArray[np.uint8]]]:
    """Return the time of every picture in s, and the pictures, blue, green, red; like a player, up to a broken one."""
    frames = []
    with av.open(str(path)) as film, contextlib.suppress(av.error.InvalidDataError):
        for frame in film.decode(video=0):
            frames.append(frame)  # noqa: PERF402 - those before a broken one are kept
    return [float(frame.time) for frame in frames], [frame.to_ndarray(format="bgr24") for frame in frames]


def read_sound(path: Path, rate_hz: int = 48_000) -> NDArray[np.float32]:
    """Return the sound track as mono samples from 0 s on."""
    with av.open(str(path)) as film:
        frames = list(film.decode(audio=0))
    track = np.zeros(max((round(frame.time * rate_hz) + frame.samples for frame in frames), default=0), np.float32)
    for frame in frames:
        first = round(frame.time * rate_hz)
        track[first : first + frame.samples] = frame.to_ndarray()[0]
    return track


def duration_s(path: Path) -> float:
    """Return how long the pictures play."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        return float(stream.duration * stream.time_base)
