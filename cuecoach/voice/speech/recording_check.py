"""What a coach is told of a phrase just spoken into a microphone: usable or not, how long, what could be better.

Pure: neither records nor prompts. What the clip becomes is `shaping.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ
from cuecoach.voice.speech import microphone

LONG_S, SHORT_S, CAUTION_S = 1.5, 0.8, 3.0  # a stride takes 0.7 s; cautions are said before the first

_CLIPPED, _CLIPPED_SAMPLES = 0.99, 4
_SOFT_DB = -45.0  # 25 dB below the level of a cue: as much louder becomes the microphone's own hiss
_OVER_ROOM = 8.0  # the louder quarter of the words above the room's noise: 18 dB
_WORDS_OVER_ROOM = 2.0  # less is the room alone
_NO_NOISE = 1e-6
_SHORTEST_S = 0.1  # of words; less is a knock
_NO_WORDS = "no words stand out from the room; is this the right microphone, and on?"


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A usable take: the clip's samples (n,) at RATE_HZ, how long the words are, and sentences about what to better."""

    samples: NDArray[np.float32]
    voiced_s: float
    remarks: tuple[str, ...]


def allowed_s(cue_id: str) -> float:
    """Return how long the words of a cue may take."""
    if cue_id.startswith("caution."):
        return CAUTION_S
    return SHORT_S if ".short" in cue_id or cue_id.startswith("praise.") else LONG_S


def judged(raw: NDArray[np.float32], cue_id: str) -> Take:
    """Return what was recorded, (n,) at RATE_HZ, as a take of a cue.

    Raises
    ------
    UnusableSoundError
        It is none; the message says why.
    """
    if raw.size >= microphone.LONGEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(f"a recording ends after {microphone.LONGEST_S:g} s")
    if raw.size < _SHORTEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(_NO_WORDS)
    centred = raw - np.median(raw)
    first, last = audio_processing.spoken(centred, RATE_HZ)
    words = centred[first:last]
    noise = max(float(np.percentile(audio_processing.levels(centred, RATE_HZ), 10)), _NO_NOISE)
    over_room = float(np.percentile(audio_processing.levels(words, RATE_HZ), 75)) / noise
    if over_room < _WORDS_OVER_ROOM or words.size < _SHORTEST_S * RATE_HZ:
        raise audio_processing.UnusableSoundError(_NO_WORDS)
    samples = audio_processing.shape(raw, RATE_HZ)
    voiced_s = audio_processing.voiced_s(samples)
    remarks = []
    if np.count_nonzero(np.abs(raw[first:last]) >= _CLIPPED) >= _CLIPPED_SAMPLES:
        remarks.append("Too loud, it is distorted: step back, or turn the microphone down.")
    if over_room < _OVER_ROOM:
        remarks.append("Hard to tell from the noise of the room: come closer.")
    elif np.sqrt(np.mean(words**2)) < audio_processing.ratio(_SOFT_DB):
        remarks.append("Very soft: come closer, or turn the microphone up.")
    if voiced_s > allowed_s(cue_id):
        remarks.append(f"Longer than {allowed_s(cue_id):g} s: say it faster.")
    return Take(samples, voiced_s, tuple(remarks))
