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


def level_of(level: float, duration_s: float) -> np.ndarray:
    """Return a square wave whose RMS is its amplitude."""
    return level * np.where(np.arange(round(duration_s * RATE_HZ)) % 96 < 48, 1.0, -1.0)


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
    assert np.abs(audio_processing.to_clip(sound, RATE_HZ)).max() == pytest.approx(PEAK, rel=1e-3)


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
        (speech_like(0.19, RATE_HZ), "0.19 s"),
        (np.zeros(RATE_HZ), "silence"),
        (np.full(RATE_HZ, 0.3), "silence"),
        (np.full(RATE_HZ, np.nan), "broken"),
        (speech_like(3.5, RATE_HZ), "3.5 s long"),
        (speech_like(3.1, RATE_HZ), "3.1 s long, at most 3 s"),
        (speech_like(1.0, RATE_HZ, 0.0009 / 1.5), "silence"),
    ],
)
def test_what_cannot_be_a_cue_is_refused_with_a_reason(sound: np.ndarray, reason: str) -> None:
    with pytest.raises(audio_processing.UnusableSoundError, match=reason):
        audio_processing.to_clip(sound, RATE_HZ)


@pytest.mark.parametrize(
    "sound",
    [speech_like(0.21, RATE_HZ), speech_like(2.9, RATE_HZ), speech_like(1.0, RATE_HZ, 0.0011 / 1.5)],
    ids=["short", "long", "soft"],
)
def test_what_is_just_long_or_loud_enough_is_taken(sound: np.ndarray) -> None:
    assert audio_processing.to_clip(sound, RATE_HZ).size / RATE_HZ == pytest.approx(sound.size / RATE_HZ, abs=0.01)


def test_a_clip_fades_in_and_out_within_five_milliseconds_and_keeps_two_hundredths_behind_its_words() -> None:
    clip = audio_processing.to_clip(padded(level_of(0.1, 0.5), RATE_HZ, 0.0, 0.1), RATE_HZ)
    assert clip.size == RATE_HZ * 52 // 100
    ramp = np.abs(clip[:480]) / np.abs(clip[1000])
    np.testing.assert_allclose(ramp, np.minimum(1.0, np.arange(480) / 239), atol=1e-5)
    inside = audio_processing.to_clip(padded(level_of(0.1, 0.5), RATE_HZ, 0.1, 0.0), RATE_HZ)
    assert inside.size == round(0.505 * RATE_HZ), "the fade begins before the words"
    np.testing.assert_allclose(np.abs(inside[-480:]) / np.abs(inside[1000]), np.minimum(1.0, ramp[::-1]), atol=1e-5)


def test_levels_are_those_of_hundredths_of_a_second() -> None:
    sound = np.concatenate([level_of(0.1, 0.01), level_of(0.3, 0.02)])
    np.testing.assert_allclose(audio_processing.frame_levels(sound, RATE_HZ), [0.1, 0.3, 0.3])


def test_audible_is_what_is_within_forty_decibels_of_the_peak() -> None:
    sound = np.array([0.0, 0.0099, 0.0101, -1.0, 0.5, -0.0101, 0.0099, 0.0])
    assert audio_processing.audible_range(sound) == (2, 6)
    assert audio_processing.audible_range(np.zeros(5)) == (0, 0)


@pytest.mark.parametrize(
    ("noise", "soft", "is_words"),
    [
        (0.02, 0.038, False),
        (0.02, 0.042, True),  # twice the noise of the room
        (0.1, 0.155, False),
        (0.1, 0.165, True),  # 16 dB below the loudest, where the room is loud
        (0.001, 0.0095, False),
        (0.001, 0.0105, True),  # 40 dB below the loudest, where the room is quiet
    ],
)
def test_soft_sounds_after_the_words_are_words_when_they_stand_out_from_the_room(
    noise: float, soft: float, is_words: bool
) -> None:
    sound = np.concatenate([level_of(noise, 1.0), level_of(1.0, 0.3), level_of(soft, 0.3), level_of(noise, 1.0)])
    first, last = audio_processing.find_words(sound, RATE_HZ)
    assert first == round((1.0 - 0.02) * RATE_HZ)
    assert last == round((1.3 + 0.3 * is_words + 0.02) * RATE_HZ)


@pytest.mark.parametrize(("around_s", "cut"), [(0.14, False), (0.16, True)])
def test_little_silence_around_the_words_stays(around_s: float, cut: bool) -> None:
    sound = padded(level_of(0.3, 0.5), RATE_HZ, around_s, around_s)
    removed = round((around_s - 0.02) * RATE_HZ) if cut else 0
    assert audio_processing.find_words(sound, RATE_HZ) == (removed, sound.size - removed)


@pytest.mark.parametrize(
    ("knock_s", "gap_s", "is_knock"), [(0.08, 0.25, True), (0.09, 0.25, False), (0.08, 0.24, False)]
)
def test_a_short_sound_far_from_the_words_is_a_knock(knock_s: float, gap_s: float, is_knock: bool) -> None:
    knock, gap = level_of(0.3, knock_s), np.zeros(round(gap_s * RATE_HZ))
    edge = np.zeros(RATE_HZ)
    sound = np.concatenate([edge, knock, gap, level_of(0.3, 0.5), gap, knock, edge])
    removed = round((1.0 + (knock_s + gap_s) * is_knock - 0.02) * RATE_HZ)
    assert audio_processing.find_words(sound, RATE_HZ) == (removed, sound.size - removed)


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


@pytest.mark.parametrize(("number", "hz"), list(enumerate((440.0, 587.3, 784.0, 1046.5, 1396.9))))
def test_a_tones_first_note_is_its_own_and_the_second_the_lowest(number: int, hz: float) -> None:
    tone = audio_processing.tone(number)
    assert tone.size == round(0.29 * RATE_HZ), "two notes of 0.12 s and 0.05 s between them"
    note = round(0.12 * RATE_HZ)
    assert pitch_hz(tone[:note]) == pytest.approx(hz, rel=0.005)
    assert not tone[note : tone.size - note].any()
    assert pitch_hz(tone[-note:]) == pytest.approx(440.0, rel=0.005)


def test_words_follow_their_tone_after_a_tenth_of_a_second() -> None:
    words, tone = np.full(480, 0.5, np.float32), audio_processing.tone(2)
    both = audio_processing.with_tone(words, 2)
    np.testing.assert_array_equal(both[: tone.size], tone)
    assert np.flatnonzero(both[tone.size :])[0] == RATE_HZ // 10
    np.testing.assert_array_equal(both[-480:], words)


def test_a_click_is_short_and_decays_and_has_the_level_that_was_asked_for() -> None:
    click = audio_processing.click(-6.0)
    assert click.size == round(0.03 * RATE_HZ)
    assert pitch_hz(click) == pytest.approx(1500.0, rel=0.01)
    assert 20 * np.log10(np.sqrt(np.mean(click**2))) == pytest.approx(-26.0, abs=0.1)
    period = RATE_HZ // 1500
    peaks = [np.abs(click[n * period : (n + 1) * period]).max() for n in range(12)]
    assert peaks[9] / peaks[0] == pytest.approx(np.exp(-9 / 1500 / 0.006), rel=0.01), "6 ms to a third"


def test_what_the_cache_holds_is_told_by_its_version() -> None:
    """A change of what a clip sounds like needs another VERSION, or kept clips would sound as before."""
    sound = padded(speech_like(0.6, 22050), 22050, 0.2, 0.2)
    clip = audio_processing.to_clip(sound, 22050)
    found = (audio_processing.VERSION, clip.size, *clip[[300, 4000, 12000, 20000, 28000]].tolist())
    assert found == pytest.approx((2, 29998, 0.08242, -0.02012, -0.01292, -0.00828, -0.02012), abs=1e-4)


def pitch_hz(sound: np.ndarray) -> float:
    """Return the frequency with the most power."""
    spectrum = np.abs(np.fft.rfft(sound, 1 << 18))
    return float(np.argmax(spectrum)) * RATE_HZ / (1 << 18)
