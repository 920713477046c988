"""Raw sound becomes a clip of known level, length and edges, or is refused with a reason."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ

PEAK = 10 ** (-1 / 20)


def speech_like(duration_s: float, rate_hz: int, level: float = 0.1) -> np.ndarray:
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return level * np.sin(2 * np.pi * 300 * time_s) * (1 + 0.5 * np.sin(2 * np.pi * 4 * time_s))


def padded(sound: np.ndarray, rate_hz: int, before_s: float, after_s: float) -> np.ndarray:
    return np.concatenate([np.zeros(round(before_s * rate_hz)), sound, np.zeros(round(after_s * rate_hz))])


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("level", [0.003, 0.1, 1.0])
def test_any_recording_comes_out_at_one_level_rate_and_length(rate_hz: int, level: float) -> None:
    clip = audio_processing.to_clip(padded(speech_like(0.8, rate_hz, level / 1.5), rate_hz, 0.048, 0.284), rate_hz)
    assert clip.dtype == np.float32
    assert clip.size / RATE_HZ == pytest.approx(0.8, abs=0.03)
    assert audio_processing.voiced_s(clip) == pytest.approx(0.8, abs=0.02)
    assert 20 * np.log10(np.sqrt(np.mean(clip**2))) == pytest.approx(-20, abs=0.3)
    assert np.abs(clip).max() <= PEAK
    assert clip[0] == clip[-1] == 0


def test_pitch_is_kept_by_resampling() -> None:
    clip = audio_processing.to_clip(speech_like(1.0, 22050), 22050)
    spectrum = np.abs(np.fft.rfft(clip))
    assert np.argmax(spectrum) * RATE_HZ / clip.size == pytest.approx(300, abs=2)


def test_a_click_in_a_quiet_recording_never_passes_the_peak() -> None:
    sound = speech_like(0.5, RATE_HZ, 0.01)
    sound[RATE_HZ // 4] = 1.0
    assert np.abs(audio_processing.to_clip(sound, RATE_HZ)).max() <= PEAK + 1e-6


def test_stereo_and_a_constant_offset_are_taken_in_stride() -> None:
    mono = speech_like(0.5, RATE_HZ)
    stereo = np.column_stack([mono, mono]) + 0.2
    np.testing.assert_allclose(
        audio_processing.to_clip(stereo, RATE_HZ), audio_processing.to_clip(mono, RATE_HZ), atol=0.01
    )


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.empty(0), "0.00 s"),
        (speech_like(0.15, RATE_HZ), "0.15 s"),
        (np.zeros(RATE_HZ), "silence"),
        (np.full(RATE_HZ, 0.3), "silence"),
        (np.full(RATE_HZ, np.nan), "broken"),
        (speech_like(3.5, RATE_HZ), "3.5 s long"),
    ],
)
def test_what_cannot_be_a_cue_is_refused_with_a_reason(sound: np.ndarray, reason: str) -> None:
    with pytest.raises(audio_processing.UnusableSoundError, match=reason):
        audio_processing.to_clip(sound, RATE_HZ)


@given(st.floats(-30, 12))
def test_gain_never_clips_and_louder_is_louder(gain_db: float) -> None:
    clip = audio_processing.tone(3)
    louder = audio_processing.amplify(clip, gain_db)
    assert np.abs(louder).max() <= PEAK + 1e-6
    rms = [float(np.sqrt(np.mean(sound**2))) for sound in (audio_processing.amplify(clip, gain_db - 1), louder)]
    assert rms[0] < rms[1]


def test_every_tone_is_a_melody_of_its_own() -> None:
    tones = [audio_processing.tone(number) for number in range(60)]
    assert all(0.2 < audio_processing.voiced_s(tone) < 1.0 for tone in tones)
    assert all(20 * np.log10(np.sqrt(np.mean(tone**2))) == pytest.approx(-20, abs=1) for tone in tones)
    for a, b in itertools.combinations(tones, 2):  # no two are the same notes in the same order
        both = min(a.size, b.size)
        assert a[:both] @ b[:both] < 0.9 * np.sqrt((a @ a) * (b @ b))
