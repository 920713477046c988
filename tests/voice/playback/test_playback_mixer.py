"""What the sound callback writes, sample by sample, for any block size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.voice.playback.mixer import Mixer

RATE_HZ = 1000
CLIPS = {"a": np.linspace(0.1, 0.5, 137, dtype=np.float32), "b": np.full(64, 0.7, np.float32)}


def play(mixer: Mixer, blocks: list[int], channels: int = 2) -> np.ndarray:
    """Return everything played, (n, channels), from time 0 on."""
    out, at = [], 0
    for frames in blocks:
        buffer = np.full((frames, channels), np.nan, np.float32)
        mixer.fill(buffer, at / RATE_HZ)
        out.append(buffer)
        at += frames
    return np.concatenate(out)


@given(st.lists(st.integers(1, 200), min_size=40, max_size=60), st.integers(1, 2))
def test_clips_are_whole_in_order_and_at_the_told_times(blocks: list[int], channels: int) -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    for utterance, cue_id in enumerate("aba"):
        mixer.add(utterance, cue_id, 100.0)
    out = play(mixer, [*blocks, *[200] * 5], channels)
    times = {(state, n): at_s for state, n, at_s, _ in mixer.events}
    expected = np.zeros(len(out), np.float32)
    for utterance, cue_id in enumerate("aba"):
        start = round(times["started", utterance] * RATE_HZ)
        assert not expected[start : start + CLIPS[cue_id].size].any()
        expected[start : start + CLIPS[cue_id].size] = CLIPS[cue_id]
        assert times["finished", utterance] == pytest.approx((start + CLIPS[cue_id].size) / RATE_HZ)
    power = (out.astype(np.float64) ** 2).sum(axis=1)
    np.testing.assert_allclose(np.sqrt(power), expected, atol=1e-6)  # as loud on two channels as on one


@given(st.lists(st.integers(1, 300), min_size=30, max_size=40), st.integers(0, 3000))
def test_a_scheduled_clip_begins_at_its_sample(blocks: list[int], start: int) -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    mixer.add(0, "b", 100.0, start / RATE_HZ)
    out = play(mixer, [*blocks, *[300] * 12], 1)[:, 0]
    np.testing.assert_array_equal(np.flatnonzero(out), np.arange(start, start + 64))
    assert mixer.events[0] == ("started", 0, pytest.approx(start / RATE_HZ), "")


@pytest.mark.parametrize("channels", [1, 2])
def test_a_buffer_of_any_length_is_filled_as_many_short_ones(channels: int) -> None:
    heard = []
    for blocks in ([10_000], [100] * 100):
        mixer = Mixer(CLIPS, RATE_HZ, noise_level=0.01)
        for utterance in range(40):
            mixer.add(utterance, "ab"[utterance % 2], 100.0, utterance * 0.25)
        heard.append(play(mixer, blocks, channels))
    np.testing.assert_allclose(heard[0], heard[1], atol=1e-6)


def test_a_clip_that_waits_for_its_moment_holds_up_no_other() -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    mixer.add(0, "a", 5.0, 1.0)
    mixer.add(1, "b", 5.0)
    play(mixer, [100] * 20)
    assert [n for state, n, _, _ in mixer.events if state == "started"] == [1, 0]


@given(st.floats(-1, 1))
def test_the_side_changes_where_it_sounds_and_not_how_loud(pan: float) -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    mixer.add(0, "b", 5.0, pan=pan)
    power = (play(mixer, [100]).astype(np.float64) ** 2).sum(axis=0)
    assert power.sum() == pytest.approx((CLIPS["b"].astype(np.float64) ** 2).sum(), rel=1e-5)
    assert np.sign(power[1] - power[0]) in (np.sign(pan), 0.0)


def test_seven_tenths_to_a_side_is_twelve_decibels() -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    mixer.add(0, "b", 5.0, pan=0.7)
    left, right = (play(mixer, [100]).astype(np.float64) ** 2).sum(axis=0)
    assert 10 * np.log10(right / left) == pytest.approx(12.4, abs=0.1)


def clicks(out: np.ndarray) -> list[int]:
    """Return the samples at which something begins."""
    loud = np.flatnonzero(out)
    return [] if not loud.size else [int(n) for n in loud[np.r_[True, np.diff(loud) > 1]]]


@given(st.lists(st.integers(1, 300), min_size=20, max_size=30))
def test_the_metronome_clicks_on_its_grid_whatever_the_blocks(blocks: list[int]) -> None:
    mixer = Mixer(CLIPS, RATE_HZ, click=np.full(7, 0.5, np.float32))
    mixer.set_metronome(60 / 0.35, -10.0)
    out = play(mixer, blocks, 1)[:, 0]
    first = 150  # -10 s + 29 * 0.35 s
    assert clicks(out) == list(range(first, len(out), 350))
    mixer.set_metronome(None)
    silent = np.ones((400, 1), np.float32)
    mixer.fill(silent, 100.0)
    mixer.fill(silent, 100.4)
    assert not silent.any()


def test_clicks_are_softer_under_words_and_come_back() -> None:
    clip = {"a": np.zeros(1000, np.float32)}
    mixer = Mixer(clip, RATE_HZ, click=np.ones(1, np.float32))
    mixer.set_metronome(240.0, 0.0)
    mixer.add(0, "a", 9.0, 0.5)
    out = play(mixer, [50] * 60, 1)[:, 0]
    levels = [float(out[n]) for n in clicks(out)]
    np.testing.assert_allclose(levels[:2], 1.0)
    np.testing.assert_allclose(levels[2:6], 0.25)
    assert 0.25 < levels[7] < 1.0
    np.testing.assert_allclose(levels[8:], 1.0)


def test_a_speaker_that_must_not_sleep_hears_a_noise_all_the_time() -> None:
    mixer = Mixer(CLIPS, RATE_HZ, noise_level=0.001)
    out = play(mixer, [333] * 9)
    assert np.abs(out).max() < 0.01
    assert np.sqrt((out**2).mean(axis=1)).reshape(-1, 111).mean(axis=1) == pytest.approx(0.001, rel=0.5)
    np.testing.assert_array_equal(out[:RATE_HZ], out[RATE_HZ : 2 * RATE_HZ])  # a second of it, again and again


def test_a_hole_in_the_words_is_told() -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    buffer = np.zeros((100, 2), np.float32)
    mixer.fill(buffer, 0.0, underrun=True)  # nothing sounded: nothing was interrupted
    mixer.add(0, "a", 5.0)
    mixer.fill(buffer, 0.1)
    mixer.fill(buffer, 0.3, underrun=True)
    assert [(state, detail) for state, _, _, detail in mixer.events] == [("started", ""), ("finished", "1 underrun")]
    assert mixer.interrupted_clips == 1


def test_silence_is_written_when_nothing_is_said() -> None:
    assert not play(Mixer(CLIPS, RATE_HZ), [64, 1, 7]).any()


def test_a_late_clip_is_dropped_unheard() -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    mixer.add(0, "a", 1.0)
    mixer.add(1, "b", 0.05)
    mixer.add(2, "b", 1.0)
    play(mixer, [100] * 5)
    assert [(state, n, detail) for state, n, _, detail in mixer.events] == [
        ("started", 0, ""),
        ("finished", 0, ""),
        ("dropped", 1, "expired"),
        ("started", 2, ""),
        ("finished", 2, ""),
    ]


def test_a_lost_device_drops_what_sounds_and_keeps_what_may_still_be_in_time() -> None:
    mixer = Mixer(CLIPS, RATE_HZ)
    for utterance, start_by_s in enumerate((1.0, 0.2, 5.0)):
        mixer.add(utterance, "a", start_by_s)
    play(mixer, [100])
    mixer.drop_playing(0.1, "device lost")
    mixer.drop_expired(0.3, "no device")
    play(mixer, [200])
    assert [(state, n, detail) for state, n, _, detail in mixer.events] == [
        ("started", 0, ""),
        ("dropped", 0, "device lost"),
        ("dropped", 1, "no device"),
        ("started", 2, ""),
        ("finished", 2, ""),
    ]
    mixer.drop_playing(0.5, "device lost")
    assert len(mixer.events) == 5
