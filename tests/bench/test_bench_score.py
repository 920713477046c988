"""The scoring of the benchmark can be believed: known errors go in, the same errors come out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy.score import (
    FoundStride,
    contacts_of,
    event_errors,
    match,
    match_strides,
    misassigned,
    share_within,
    toe_off_errors,
)
from bench.data.truth import Contacts, TrueStride
from cuecoach.types import Side

STRIKES_S = np.arange(1.0, 9.0, 0.7)
TRUE = Contacts(STRIKES_S, STRIKES_S + 0.25)
METRIC = "knee_peak_swing_deg"


def true_strides(side: Side = Side.LEFT, start_s: float = 1.0) -> list[TrueStride]:
    strikes = STRIKES_S - 1.0 + start_s
    return [
        TrueStride(side, a, a + 0.25, b, {METRIC: 90.0 + k})
        for k, (a, b) in enumerate(zip(strikes[:-1].tolist(), strikes[1:].tolist(), strict=True))
    ]


def as_found(truth: list[TrueStride], shift_s: float = 0.0, off_deg: float = 0.0) -> list[FoundStride]:
    return [
        FoundStride(
            t.side,
            t.t_strike_s + shift_s,
            t.t_toe_off_s + shift_s,
            t.t_next_strike_s + shift_s,
            0.9,
            {METRIC: t.metrics[METRIC] + off_deg},
        )
        for t in truth
    ]


def test_truth_scores_zero() -> None:
    errors = event_errors(STRIKES_S, STRIKES_S)
    assert (errors.median_abs, errors.bias, errors.sd, errors.missed, errors.invented) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("shift_s", [-0.1, -0.02, 0.013, 0.14])
def test_a_shift_is_the_bias(shift_s: float) -> None:
    errors = event_errors(STRIKES_S + shift_s, STRIKES_S)
    assert errors.bias == pytest.approx(shift_s)
    assert errors.median_abs == pytest.approx(abs(shift_s))
    assert errors.sd == pytest.approx(0.0, abs=1e-12)
    assert (errors.missed, errors.invented) == (0, 0)


def test_a_missing_event_is_counted_and_the_others_are_not_touched() -> None:
    errors = event_errors(np.delete(STRIKES_S, 4), STRIKES_S)
    assert (errors.missed, errors.invented, errors.median_abs) == (1, 0, 0)


def test_an_invented_event_is_counted() -> None:
    errors = event_errors(np.sort(np.append(STRIKES_S, 3.0)), STRIKES_S)
    assert (errors.missed, errors.invented, errors.median_abs) == (0, 1, 0)


def test_an_event_beside_every_true_one_is_half_invented() -> None:
    doubled = np.sort(np.concatenate([STRIKES_S, STRIKES_S + 0.05]))
    errors = event_errors(doubled, STRIKES_S)
    assert (errors.missed, errors.median_abs) == (0, 0)
    assert errors.invented == len(STRIKES_S)


def test_an_event_beyond_the_window_is_both_missed_and_invented() -> None:
    moved = STRIKES_S.copy()
    moved[5] += 0.3
    errors = event_errors(moved, STRIKES_S)
    assert (errors.missed, errors.invented) == (1, 1)


def test_events_outside_the_labelled_time_are_not_judged() -> None:
    errors = event_errors(np.concatenate([[0.2], STRIKES_S, [9.9]]), STRIKES_S)
    assert errors.invented == 0


def test_nothing_found_is_all_missed() -> None:
    errors = event_errors(np.empty(0), STRIKES_S)
    assert errors.missed == len(STRIKES_S)
    assert math.isnan(errors.median_abs)


@given(
    st.lists(st.floats(0, 10), max_size=12, unique=True),
    st.lists(st.floats(0, 10), max_size=12, unique=True),
    st.floats(0.01, 1.0),
)
def test_matching_is_one_to_one_and_within_the_window(found: list[float], true: list[float], window: float) -> None:
    pairs = match(np.array(found), np.array(true), window)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(found[i] - true[j]) <= window for i, j in pairs)
    left = [abs(f - t) for i, f in enumerate(found) for j, t in enumerate(true) if _free(i, j, pairs)]
    assert all(distance > window for distance in left), "two events that fit were left apart"


def _free(i: int, j: int, pairs: list[tuple[int, int]]) -> bool:
    return i not in {a for a, _ in pairs} and j not in {b for _, b in pairs}


def test_contacts_of_counts_a_shared_strike_once() -> None:
    contacts = contacts_of(as_found(true_strides()), Side.LEFT)
    assert contacts.strikes_s == pytest.approx(STRIKES_S)
    assert contacts.toe_offs_s == pytest.approx(STRIKES_S[:-1] + 0.25)
    assert len(contacts_of(as_found(true_strides()), Side.RIGHT).strikes_s) == 0


def test_toe_offs_outside_whole_strides_are_not_asked_for() -> None:
    errors = toe_off_errors(as_found(true_strides(), shift_s=0.01), TRUE, Side.LEFT)
    assert (errors.missed, errors.invented) == (0, 0)
    assert errors.bias == pytest.approx(0.01)


def test_true_strides_match_themselves_on_their_own_leg() -> None:
    truth = true_strides() + true_strides(Side.RIGHT, start_s=1.35)
    result = match_strides(as_found(truth), truth)
    assert (len(result.pairs), result.missed, result.invented) == (len(truth), [], [])
    assert all(found.side is true.side for found, true in result.pairs)


def test_swapped_sides_match_nothing() -> None:
    truth = true_strides() + true_strides(Side.RIGHT, start_s=1.35)
    swapped = [replace(stride, side=stride.side.other) for stride in as_found(truth)]
    result = match_strides(swapped, truth)
    assert result.pairs == []
    assert len(result.missed) == len(truth)


def test_two_strides_taken_as_one_are_missed_and_invented() -> None:
    truth = true_strides()
    found = as_found(truth)
    joined = [*found[:3], replace(found[3], t_next_strike_s=found[4].t_next_strike_s), *found[5:]]
    result = match_strides(joined, truth)
    assert (len(result.missed), len(result.invented)) == (2, 1)


def test_strides_beyond_the_trial_are_not_judged() -> None:
    truth = true_strides()
    early = FoundStride(Side.LEFT, 0.3, 0.55, 1.0)
    assert match_strides([early, *as_found(truth)], truth).invented == []


def test_metric_error_is_found_minus_true() -> None:
    truth = true_strides()
    result = match_strides(as_found(truth, off_deg=-4.0), truth)
    assert result.errors(METRIC).bias == pytest.approx(-4.0)
    assert result.errors(METRIC).sd == pytest.approx(0.0, abs=1e-12)


def test_a_metric_that_was_not_measured_is_missed() -> None:
    truth = true_strides()
    found = as_found(truth)
    found[2] = replace(found[2], metrics={METRIC: math.nan})
    errors = match_strides(found, truth).errors(METRIC)
    assert (errors.missed, len(errors.values)) == (1, len(truth) - 1)


def test_share_within_asks_only_trusted_strides_and_counts_nan_as_wrong() -> None:
    truth = true_strides()
    found = as_found(truth)
    found[0] = replace(found[0], metrics={METRIC: 200.0}, trust=0.1)
    found[1] = replace(found[1], metrics={METRIC: 200.0})
    found[2] = replace(found[2], metrics={METRIC: math.nan})
    share, count = share_within([match_strides(found, truth)], (METRIC,), 8.0, 0.6)
    assert count == len(truth) - 1
    assert share == pytest.approx((count - 2) / count)


def test_misassigned_tells_swapped_lost_and_missing_frames() -> None:
    near = np.tile([[0.0, 0.0], [0.0, 50.0]], (5, 1, 1))
    far = near + np.array([60.0, 0.0])
    seen = near + 3.0
    seen[1] = far[1]  # on the other leg
    seen[2, :, 1] += 45.0  # off both
    seen[3] = np.nan
    assert misassigned(seen, near, far, leg_px=100.0).tolist() == [False, True, True, True, False]


def test_misassigned_forgives_legs_that_lie_on_each_other() -> None:
    near = np.zeros((1, 2, 2))
    assert not misassigned(near + 2.0, near, near + 1.0, leg_px=100.0).any()
