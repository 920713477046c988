"""When a buffer sounds: smooth where a host's report jitters, and honest where the stream was interrupted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.voice.playback.sample_clock import SampleClock

RATE_HZ = 48_000
FRAMES = 192


@given(st.integers(0, 1000), st.floats(-500e-6, 500e-6))
def test_jitter_is_smoothed_and_drift_followed(seed: int, drift: float) -> None:
    clock = SampleClock(RATE_HZ)
    true_s = 100.0 + np.arange(3000) * FRAMES / RATE_HZ * (1 + drift)
    jitter_s = np.random.default_rng(seed).uniform(-0.0015, 0.0015, true_s.size)
    told_s = [clock.at(float(at_s), FRAMES) for at_s in true_s + jitter_s]
    error_s = (np.array(told_s) - true_s)[300:]
    assert np.abs(error_s).max() < 0.0007
    assert error_s.std() < 0.2 * jitter_s.std()
    assert clock.jumps == 0


def test_an_interruption_is_a_jump_and_believed_at_once() -> None:
    clock = SampleClock(RATE_HZ)
    for n in range(100):
        clock.at(n * FRAMES / RATE_HZ, FRAMES)
    assert clock.at(5.0, FRAMES) == 5.0
    assert clock.jumps == 1
    assert clock.at(5.0 + FRAMES / RATE_HZ, FRAMES) == pytest.approx(5.0 + FRAMES / RATE_HZ)


def test_another_stream_is_no_jump() -> None:
    clock = SampleClock(RATE_HZ)
    clock.at(0.0, FRAMES)
    clock.restart()
    assert clock.at(7.0, FRAMES) == 7.0
    assert clock.jumps == 0


@pytest.mark.parametrize(("late_s", "jumps"), [(0.0059, 0), (-0.0059, 0), (0.0061, 1), (-0.0061, 1)])
def test_six_milliseconds_are_more_than_jitter(late_s: float, jumps: int) -> None:
    clock = settled()
    clock.at(200 * FRAMES / RATE_HZ + late_s, FRAMES)
    assert clock.jumps == jumps


def test_a_settled_clock_follows_a_hundredth_of_each_report() -> None:
    expected_s = 200 * FRAMES / RATE_HZ
    assert settled().at(expected_s + 0.001, FRAMES) - expected_s == pytest.approx(0.00001, rel=1e-3)


def settled() -> SampleClock:
    """Return the clock of a stream whose first 200 buffers were reported exactly."""
    clock = SampleClock(RATE_HZ)
    for n in range(200):
        clock.at(n * FRAMES / RATE_HZ, FRAMES)
    return clock
