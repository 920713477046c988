"""The first word meets the wished phase of the named leg's stride, or comes at once; it never comes late."""

from __future__ import annotations

import dataclasses
import math

import pytest
from coach_strides import always, fired, make_stride, run
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.coach.assignment import uniform_draw
from cuecoach.coach.onset import Onset
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.types import Side

PROMPT = CoachSettings(warmup_inhibit_s=0.0)
times = st.floats(0.0, 100.0)


@given(now_s=times, phase=st.floats(0.0, 1.0), latency_s=st.floats(0.0, 0.5), left_s=st.floats(0.0, 2.0))
def test_a_wished_start_is_at_the_phase_soon_and_in_time(
    now_s: float, phase: float, latency_s: float, left_s: float
) -> None:
    onset = Onset(dataclasses.replace(PROMPT, onset_phase=phase, onset_latency_s=latency_s))
    stride = make_stride(0, Side.LEFT, now_s - 0.2, stride_s=0.7)
    onset.add_stride(stride)
    start_s = onset.start_s(now_s, Side.LEFT, now_s + left_s)
    if start_s is None:
        assert left_s < 0.7 + 1e-9  # only because there was no time for it
        return
    assert now_s <= start_s <= min(now_s + 0.7 + 1e-9, now_s + left_s)
    phases = (start_s + latency_s - stride.t_toe_off_s) / 0.7 - phase
    assert phases == pytest.approx(round(phases), abs=1e-6)


@pytest.mark.parametrize(
    ("now_s", "start_s"),
    [(10.0, 10.0), (10.01, 10.7), (10.69, 10.7), (10.7, 10.7), (10.71, 11.4), (9.5, 10.0)],
)
def test_words_begin_at_the_next_toe_off(now_s: float, start_s: float) -> None:
    onset = Onset(PROMPT)
    onset.add_stride(make_stride(0, Side.LEFT, 10.0 + 0.65 * 0.7 + 0.1, stride_s=0.7))
    assert onset.start_s(now_s, Side.LEFT, 99.0) == pytest.approx(start_s)


@pytest.mark.parametrize(
    ("phase", "latency_s", "start_s"), [(0.25, 0.0, 10.175), (0.0, 0.2, 10.5), (0.25, 0.2, 10.675)]
)
def test_phase_and_latency_move_the_beginning(phase: float, latency_s: float, start_s: float) -> None:
    onset = Onset(dataclasses.replace(PROMPT, onset_phase=phase, onset_latency_s=latency_s))
    onset.add_stride(make_stride(0, Side.LEFT, 10.0 + 0.65 * 0.7 + 0.1, stride_s=0.7))
    assert onset.start_s(10.05, Side.LEFT, 99.0) == pytest.approx(start_s)


@pytest.mark.parametrize(
    ("strides", "now_s", "start_s"), [(1.0, 9.4, 10.0), (1.0, 9.2, None), (0.5, 9.7, 10.0), (0.5, 9.6, None)]
)
def test_words_wait_one_stride_at_most(strides: float, now_s: float, start_s: float | None) -> None:
    onset = Onset(dataclasses.replace(PROMPT, onset_delay_max_strides=strides))
    onset.add_stride(make_stride(0, Side.LEFT, 10.0 + 0.65 * 0.7 + 0.1, stride_s=0.7))
    assert onset.start_s(now_s, Side.LEFT, 99.0) == (None if start_s is None else pytest.approx(start_s))
    assert onset.start_s(now_s, Side.LEFT, 9.99) is None  # stale by then


def test_words_that_name_no_leg_begin_at_once() -> None:
    onset = Onset(PROMPT)
    onset.add_stride(make_stride(0, Side.LEFT, 1.0))
    assert onset.start_s(1.1, None, 3.0) is None
    assert onset.start_s(1.1, Side.RIGHT, 3.0) is None  # never seen


def test_it_can_be_switched_off() -> None:
    onset = Onset(dataclasses.replace(PROMPT, onset_aligned=False))
    onset.add_stride(make_stride(0, Side.LEFT, 1.0))
    assert onset.start_s(1.1, Side.LEFT, 3.0) is None


@pytest.mark.parametrize("wrong", [{"t_toe_off_s": math.nan}, {"t_strike_s": 5.0}, {"t_strike_s": 0.9}])
def test_a_stride_without_times_places_nothing(wrong: dict[str, float]) -> None:
    onset = Onset(PROMPT)
    stride = make_stride(0, Side.LEFT, 1.0)
    assert stride.t_next_strike_s == 0.9
    onset.add_stride(dataclasses.replace(stride, **wrong))
    assert onset.start_s(1.1, Side.LEFT, 3.0) is None


def test_a_wait_of_just_one_stride_and_a_beginning_at_the_last_moment_are_in_time() -> None:
    onset = Onset(PROMPT)
    onset.add_stride(
        dataclasses.replace(make_stride(0, Side.LEFT, 1.0), t_strike_s=0, t_toe_off_s=8, t_next_strike_s=1)
    )
    assert onset.start_s(7.0, Side.LEFT, 8.0) == 8.0


def test_a_cue_about_one_leg_carries_its_wished_start() -> None:
    pack = library.find(str(library.shipped_folder() / "pull-under.toml"))
    one = fired(run(Coach(pack, PROMPT), always("lazy-heel", Side.LEFT), 30.0))[0]
    assert one.start_s is not None
    assert one.t_s <= one.start_s <= one.expires_s


def test_draws_are_uniform_repeatable_and_the_same_everywhere() -> None:
    draws = [uniform_draw(7, "lazy-heel", number) for number in range(4000)]
    assert draws == [uniform_draw(7, "lazy-heel", number) for number in range(4000)]
    assert all(0.0 <= draw < 1.0 for draw in draws)
    assert sum(draw < 0.15 for draw in draws) / 4000 == pytest.approx(0.15, abs=0.02)
    assert uniform_draw(7, "lazy-heel", 0) != uniform_draw(8, "lazy-heel", 0) != uniform_draw(8, "flick", 0)
    assert uniform_draw(1, "lazy-heel", 0) == 0.6194693257123491
