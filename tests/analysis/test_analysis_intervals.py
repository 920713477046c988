"""Means with an interval: against scipy's t, and against intervals worked out one batch at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cuecoach.analysis.intervals import BATCH, difference, mean_of


@given(st.integers(3 * BATCH, 60 * BATCH), st.integers(0, 99))
def test_the_interval_of_a_mean_is_that_of_its_batches(n: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(50.0, 10.0, n)
    batches = np.array([part.mean() for part in np.array_split(values, n // BATCH)])
    low, high = stats.t.interval(0.95, len(batches) - 1, values.mean(), stats.sem(batches))
    found = mean_of(np.insert(values, n // 2, math.nan))
    assert (found.mean, found.n) == (pytest.approx(values.mean()), n)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


@given(st.integers(3, 50), st.integers(3, 50), st.floats(0.1, 10.0), st.integers(0, 99))
def test_the_interval_of_a_difference_is_welchs(first: int, second: int, spread: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    means = [rng.normal(size=first), rng.normal(2.0, spread, second)]
    before, after = (np.repeat(part, BATCH) for part in means)
    interval = stats.ttest_ind(means[1], means[0], equal_var=False).confidence_interval(0.95)
    found = difference(before, after)
    assert (found.low, found.high) == (pytest.approx(interval.low, rel=1e-9), pytest.approx(interval.high, rel=1e-9))


@pytest.mark.parametrize("n", [0, 1, 3 * BATCH - 1])
def test_too_few_values_have_no_interval(n: int) -> None:
    found = mean_of(np.arange(n, dtype=float))
    assert math.isnan(found.low)
    assert not found.sure
    assert not difference(np.zeros(n), np.arange(100.0)).sure


def test_a_batch_is_eight_strides() -> None:
    """24 values are three batches, whatever happens within them: the interval is that of three means."""
    values = np.repeat([0.0, 1.0, 5.0], 8)
    low, high = stats.t.interval(0.95, 2, 2.0, stats.sem([0.0, 1.0, 5.0]))
    found = mean_of(values)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
