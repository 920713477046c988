"""The sound track holds what was added, where it was added, however it is fetched."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.film.soundtrack import Soundtrack
from cuecoach.voice.base import RATE_HZ

WORDS = np.full(RATE_HZ, 0.5, np.float32)
CLICK = np.full(480, 0.25, np.float32)


@given(cuts_s=st.lists(st.floats(-1.0, 5.0), max_size=12))
def test_the_same_samples_in_whatever_steps(cuts_s: list[float]) -> None:
    whole, steps = Soundtrack(), Soundtrack()
    for track in (whole, steps):
        track.add(3.5, WORDS)
        track.add(1.25, WORDS)
        track.add(1.5, CLICK)
    parts = [steps.fetch(cut_s) for cut_s in [*cuts_s, 5.0]]
    expected = np.zeros(5 * RATE_HZ, np.float32)
    for start_s in (1.25, 3.5):
        expected[round(start_s * RATE_HZ) :][:RATE_HZ] = 0.5
    expected[round(1.5 * RATE_HZ) :][:480] = 0.75
    assert np.array_equal(np.concatenate(parts), expected)
    assert np.array_equal(whole.fetch(5.0), expected)
    assert whole.end_s == 0.0


def test_what_is_taken_back_in_time_is_not_heard() -> None:
    track = Soundtrack()
    track.add(1.0, WORDS)
    before = track.fetch(1.2)
    track.add(1.5, -WORDS[RATE_HZ // 2 :])
    after = track.fetch(3.0)
    assert np.flatnonzero(np.concatenate([before, after]))[[0, -1]].tolist() == [RATE_HZ, round(1.5 * RATE_HZ) - 1]


def test_it_knows_when_the_last_words_end() -> None:
    track = Soundtrack()
    track.add(2.0, WORDS)
    track.fetch(2.5)
    assert track.end_s == 3.0


def test_words_from_before_the_first_picture_are_cut() -> None:
    track = Soundtrack()
    track.add(-0.25, WORDS)
    assert np.flatnonzero(track.fetch(2.0))[[0, -1]].tolist() == [0, round(0.75 * RATE_HZ) - 1]
