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
    """Return `sound` as it comes from a microphone: a pause, a room, and a key at either end."""
    raw = np.concatenate([np.zeros(RATE_HZ), sound, np.zeros(RATE_HZ)])
    rng = np.random.default_rng(seed)
    knock = knocks * np.exp(-np.arange(1500) / 300) * rng.standard_normal(1500)
    raw[1000:2500] += knock
    raw[-4000:-2500] += knock
    return np.clip(raw + noise * rng.standard_normal(raw.size), -1, 1).astype(np.float32)


def square(level: float, duration_s: float) -> np.ndarray:
    """Return a square wave, whose RMS is its amplitude."""
    return level * np.where(np.arange(round(duration_s * RATE_HZ)) % 96 < 48, 1.0, -1.0)


def steady(level: float, duration_s: float, room: float = 0.0) -> np.ndarray:
    """Return a sound of steady level between two seconds of a room's noise of steady level."""
    around = square(room, 1.0)
    return np.concatenate([around, square(level, duration_s), around]).astype(np.float32)


@settings(max_examples=30)
@given(st.floats(0.02, 0.9), st.floats(0.0, 0.06), st.floats(0.0, 0.3), st.integers(0, 99))
def test_the_words_are_found_whatever_the_level_the_room_and_the_keys(
    level: float, share_of_noise: float, knocks: float, seed: int
) -> None:
    raw = recording(words(level), share_of_noise * level, knocks, seed)
    checked = recording_check.check(raw, "flick.long")
    assert checked.voiced_s == pytest.approx(WORDS_S, abs=0.12)
    again = audio_processing.to_clip(checked.samples, RATE_HZ)  # as the next session reads it
    assert again.size == pytest.approx(checked.samples.size, abs=0.02 * RATE_HZ)


@pytest.mark.parametrize(
    "raw",
    [
        np.zeros(0, np.float32),
        np.zeros(RATE_HZ, np.float32),
        np.full(RATE_HZ, 0.2, np.float32),
        recording(np.zeros(RATE_HZ), 0.01),
        recording(np.zeros(RATE_HZ), 0.01, 0.3),
        np.tile(np.concatenate([square(0.01, 1.0), square(0.016, 1.0)]), 2).astype(np.float32),
    ],
    ids=["nothing", "silence", "an offset", "the room", "the room and keys", "a fan that comes and goes"],
)
def test_a_recording_without_words_is_refused(raw: np.ndarray) -> None:
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


@pytest.mark.parametrize(
    ("raw", "remark"),
    [
        (steady(0.079, 1.0, 0.01), "noise of the room"),
        (steady(0.081, 1.0, 0.01), None),  # 18 dB above it
        (steady(0.0053, 1.0), "Very soft"),
        (steady(0.0060, 1.0), None),  # -45 dB
        (steady(0.3, 1.45), None),
        (steady(0.3, 1.55), "Longer than 1.5 s"),
    ],
)
def test_a_remark_begins_at_its_limit(raw: np.ndarray, remark: str | None) -> None:
    remarks = recording_check.check(raw, "flick.long").remarks
    assert len(remarks) == (remark is not None)
    assert remark is None or remark in remarks[0]


def test_words_that_hardly_stand_out_from_the_room_can_be_used() -> None:
    (remark,) = recording_check.check(steady(0.025, 0.9, 0.01), "caution.1").remarks
    assert "noise of the room" in remark


@pytest.mark.parametrize(("peak", "samples", "clipped"), [(0.995, 4, True), (0.995, 3, False), (0.985, 4, False)])
def test_four_samples_at_full_scale_are_distortion(peak: float, samples: int, clipped: bool) -> None:
    raw = steady(0.3, 1.0)
    raw[70_000 : 70_000 + samples] = peak
    assert bool(recording_check.check(raw, "flick.long").remarks) is clipped


@pytest.mark.parametrize(("raw", "usable"), [(steady(0.3, 0.05), False), (steady(0.3, 0.07), True)])
def test_a_knock_alone_is_no_word(raw: np.ndarray, usable: bool) -> None:
    if usable:
        assert recording_check.check(raw, "flick.long").voiced_s == pytest.approx(0.07, abs=0.01)
        return
    with pytest.raises(audio_processing.UnusableSoundError, match="no words"):
        recording_check.check(raw, "flick.long")


def test_how_long_words_may_be_depends_on_what_they_are_for() -> None:
    allowed = {cue_id: recording_check.allowed_s(cue_id) for cue_id in ("flick.long", "flick.short", "praise.1")}
    assert allowed == {"flick.long": 1.5, "flick.short": 0.8, "praise.1": 0.8}
    assert recording_check.allowed_s("caution.1") == 3.0
