"""Errors as data: every metric is there, the larger counts, and a decision is never better than its bias."""

from __future__ import annotations

import math

import pytest

from cuecoach.gait.metrics import METRICS
from cuecoach.reference.errors import MetricError, conditions, error


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_an_error_that_is_the_largest_of_its_conditions(metric: str) -> None:
    stated = error(metric)
    assert stated.strides > 20
    assert stated.of_decision == max(each.of_decision for each in conditions(metric))
    assert stated.of_decision >= abs(stated.bias)


def test_bias_and_spread_count_in_full_and_single_strides_average_out() -> None:
    assert MetricError(-2.0, 0.0, 0.0, 9, "").of_decision == 2.0
    assert MetricError(0.0, 3.0, 0.0, 9, "").of_decision == 3.0
    assert MetricError(0.0, 0.0, 6.0, 9, "").of_decision == pytest.approx(math.sqrt(6.0))


def test_what_was_not_measured_is_not_a_number() -> None:
    assert math.isnan(error("shoe_size").of_decision)
    assert conditions("shoe_size") == ()
