"""What the sound callback writes, sample by sample, for any block size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.voice.mixer import Mixer

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
    for channel in range(channels):
        np.testing.assert_array_equal(out[:, channel], expected)


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
    mixer.lose(0.1, "device lost")
    mixer.expire(0.3, "no device")
    play(mixer, [200])
    assert [(state, n, detail) for state, n, _, detail in mixer.events] == [
        ("started", 0, ""),
        ("dropped", 0, "device lost"),
        ("dropped", 1, "no device"),
        ("started", 2, ""),
        ("finished", 2, ""),
    ]
    mixer.lose(0.5, "device lost")
    assert len(mixer.events) == 5
