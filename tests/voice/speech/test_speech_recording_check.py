"""What a coach is told of a phrase just spoken: found among noise and knocks, measured, and refused when it is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ
from cuecoach.voice.speech import microphone, recording_check

WORDS_S = 1.0


def words(level: float = 0.3) -> np.ndarray:
    """Return a second of syllables, with a pause as at a comma."""
    time_s = np.arange(round(WORDS_S * RATE_HZ)) / RATE_HZ
    syllables = np.abs(np.sin(2 * np.pi * 2.5 * time_s)) * (np.abs(time_s - 0.5) > 0.1)
    return level * syllables * np.sin(2 * np.pi * 220 * time_s)


def recording(sound: np.ndarray, noise: float, knocks: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return `sound` in a take as it comes from a microphone: a pause, a room, and a key at either end."""
    raw = np.concatenate([np.zeros(RATE_HZ), sound, np.zeros(RATE_HZ)])
    rng = np.random.default_rng(seed)
    knock = knocks * np.exp(-np.arange(1500) / 300) * rng.standard_normal(1500)
    raw[1000:2500] += knock
    raw[-4000:-2500] += knock
    return np.clip(raw + noise * rng.standard_normal(raw.size), -1, 1).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.9), st.floats(0.0, 0.06), st.floats(0.0, 0.3), st.integers(0, 99))
def test_the_words_are_found_whatever_the_level_the_room_and_the_keys(
    level: float, share_of_noise: float, knocks: float, seed: int
) -> None:
    raw = recording(words(level), share_of_noise * level, knocks, seed)
    taken = recording_check.check(raw, "flick.long")
    assert taken.voiced_s == pytest.approx(WORDS_S, abs=0.12)
    again = audio_processing.to_clip(taken.samples, RATE_HZ)  # as the next session reads it
    assert again.size == pytest.approx(taken.samples.size, abs=0.02 * RATE_HZ)


@pytest.mark.parametrize(
    "raw",
    [
        np.zeros(0, np.float32),
        np.zeros(RATE_HZ, np.float32),
        np.full(RATE_HZ, 0.2, np.float32),
        recording(np.zeros(RATE_HZ), 0.01),
        recording(np.zeros(RATE_HZ), 0.01, 0.3),
    ],
    ids=["nothing", "silence", "an offset", "the room", "the room and keys"],
)
def test_a_take_without_words_is_refused(raw: np.ndarray) -> None:
    with pytest.raises(audio_processing.UnusableSoundError, match="no words"):
        recording_check.check(raw, "flick.long")


def test_too_many_words_and_a_forgotten_recording_are_refused() -> None:
    with pytest.raises(audio_processing.UnusableSoundError, match="at most 3 s"):
        recording_check.check(recording(np.tile(words(), 4), 0.001), "flick.long")
    with pytest.raises(audio_processing.UnusableSoundError, match="ends after 20 s"):
        recording_check.check(np.ones(round(microphone.LONGEST_S * RATE_HZ), np.float32), "flick.long")


@pytest.mark.parametrize(
    ("raw", "cue_id", "remark"),
    [
        (recording(words(0.3), 0.001), "flick.long", None),
        (recording(words(0.3), 0.001), "caution.1", None),
        (recording(words(3.0), 0.001), "flick.long", "distorted"),
        (recording(words(0.005), 0.0), "flick.long", "Very soft"),
        (recording(words(0.3), 0.027), "flick.long", "noise of the room"),
        (recording(words(0.3), 0.001), "flick.short.left", "Longer than 0.8 s"),
        (recording(words(0.3), 0.001), "praise.1", "Longer than 0.8 s"),
    ],
)
def test_a_coach_is_told_what_to_better(raw: np.ndarray, cue_id: str, remark: str | None) -> None:
    remarks = recording_check.check(raw, cue_id).remarks
    assert len(remarks) == (remark is not None)
    assert remark is None or remark in remarks[0]
