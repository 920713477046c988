"""Reads and writes the coach's own recordings: a folder of sound files named after cues (`lazy-heel.short.wav`)."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Phrase

SUFFIXES = (".wav", ".flac", ".ogg", ".aiff", ".aif")


def find(folder: Path | None, phrases: Sequence[Phrase]) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Return the recordings of `phrases` in `folder` as clips by cue id, and a sentence for each that is of no use."""
    sounds: dict[str, NDArray[np.float32]] = {}
    notices: list[str] = []
    if folder is None or not folder.is_dir():
        return sounds, notices
    for cue_id in dict.fromkeys(phrase.cue_id for phrase in phrases):
        path = path_of(folder, cue_id)
        if path is None:
            continue
        try:
            sounds[cue_id] = read(path)
        except audio_processing.UnusableSoundError as error:
            notices.append(f"The recording {path} cannot be used ({error}): speech takes its place.")
    return sounds, notices


def path_of(folder: Path, cue_id: str) -> Path | None:
    """Return the recording of a cue, None when there is none."""
    candidates = [folder / f"{cue_id}{suffix}" for suffix in SUFFIXES]
    return next((path for path in candidates if path.is_file()), None)


def read(path: Path) -> NDArray[np.float32]:
    """Return a sound file as a clip, read by content: macOS writes AIFF whatever the name says.

    Raises
    ------
    UnusableSoundError
        It is no sound, or none that can become a clip.
    """
    import soundfile  # here, because a session whose clips are all cached never needs it

    try:
        samples, rate_hz = soundfile.read(path, dtype="float32")
    except (soundfile.SoundFileError, OSError) as error:
        raise audio_processing.UnusableSoundError("it is no sound file") from error
    return audio_processing.to_clip(samples, rate_hz)


def save(folder: Path, cue_id: str, samples: NDArray[np.float32]) -> Path:
    """Write a clip, (n,) at RATE_HZ, as the recording of a cue, and return its path. One there is replaced.

    Raises
    ------
    DeviceError
        It cannot be written.
    """
    path = folder / f"{cue_id}.wav"
    part = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with wave.open(str(part), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes((np.clip(samples, -1.0, 1.0) * 32767).round().astype("<i2").tobytes())
        part.replace(path)
    except OSError as error:
        raise DeviceError(f"The recording {path} cannot be written ({error.strerror}): check the folder.") from error
    return path
