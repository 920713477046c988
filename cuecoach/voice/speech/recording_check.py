"""Checks a phrase that was just recorded with a microphone: is it usable, how long, what could be better. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ
from cuecoach.voice.speech import microphone

_LONG_S, _SHORT_S, _CAUTION_S = 1.5, 0.8, 3.0  # a stride takes 0.7 s; cautions are said before the first

_CLIPPED, _CLIPPED_SAMPLES = 0.99, 4
_SOFT_DB = -45.0  # 25 dB below the level of a cue: as much louder becomes the microphone's own hiss
_CLEAR_RATIO = 8.0  # of the louder quarter of the words to the room's noise: 18 dB
_NOISE_RATIO = 2.0  # less is the room alone
_NO_NOISE = 1e-6
_SHORTEST_S = 0.1  # of words; less is a knock
_NO_WORDS = "no words stand out from the room; is this the right microphone, and on?"


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRecording:
    """A usable recording: its clip's samples (n,) at RATE_HZ, the length of the words, and how it could be better."""

    samples: NDArray[np.float32]
    voiced_s: float
    remarks: tuple[str, ...]


def allowed_s(cue_id: str) -> float:
    """Return how long the words of a cue may take."""
    if cue_id.startswith("caution."):
        return _CAUTION_S
    return _SHORT_S if ".short" in cue_id or cue_id.startswith("praise.") else _LONG_S


def check(raw: NDArray[np.float32], cue_id: str) -> CheckedRecording:
    """Return what was recorded for a cue, (n,) at RATE_HZ, as a clip with remarks.

    Raises
    ------
    UnusableSoundError
        It cannot be used; the message says why.
    """
    if raw.size >= microphone.LONGEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(f"a recording ends after {microphone.LONGEST_S:g} s")
    if raw.size < _SHORTEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(_NO_WORDS)
    centred = raw - np.median(raw)
    first, last = audio_processing.find_words(centred, RATE_HZ)
    words = centred[first:last]
    noise = max(float(np.percentile(audio_processing.frame_levels(centred, RATE_HZ), 10)), _NO_NOISE)
    signal_to_noise = float(np.percentile(audio_processing.frame_levels(words, RATE_HZ), 75)) / noise
    if signal_to_noise < _NOISE_RATIO or words.size < _SHORTEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(_NO_WORDS)
    samples = audio_processing.to_clip(raw, RATE_HZ)
    voiced_s = audio_processing.voiced_s(samples)
    remarks = []
    if np.count_nonzero(np.abs(raw[first:last]) >= _CLIPPED) >= _CLIPPED_SAMPLES:
        remarks.append("Too loud, it is distorted: step back, or turn the microphone down.")
    if signal_to_noise < _CLEAR_RATIO:
        remarks.append("Hard to tell from the noise of the room: come closer.")
    elif np.sqrt(np.mean(words**2)) < audio_processing.amplitude(_SOFT_DB):
        remarks.append("Very soft: come closer, or turn the microphone up.")
    if voiced_s > allowed_s(cue_id):
        remarks.append(f"Longer than {allowed_s(cue_id):g} s: say it faster.")
    return CheckedRecording(samples, voiced_s, tuple(remarks))
