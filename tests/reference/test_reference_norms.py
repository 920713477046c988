"""Norms: table values, interpolation, and silence outside the table."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.gait.metrics import METRICS, has_norm, norm
from cuecoach.reference.norms import speed_range_mps

WITH_NORM = [metric.name for metric in METRICS.values() if metric.norm_row]


def test_published_values() -> None:
    assert norm("knee_peak_swing_deg", 2.5) == 89.8
    assert norm("knee_peak_swing_deg", 3.5) == 105.2
    assert norm("cadence_spm", 4.5) == 182.6
    assert norm("duty", 2.5) == 0.385
    assert norm("overstride_leg", 3.5) == 0.273


def test_between_columns_is_a_straight_line() -> None:
    assert norm("thigh_max_deg", 2.75) == pytest.approx((27.7 + 31.05) / 2)


@pytest.mark.parametrize("speed", [-1.0, 0.0, 1.24, 1.99, 9.01, math.inf, math.nan])
def test_outside_the_table_there_is_no_norm(speed: float) -> None:
    assert math.isnan(norm("knee_peak_swing_deg", speed))


def test_a_metric_without_a_norm_has_none() -> None:
    assert not has_norm("trunk_lean_deg")
    assert math.isnan(norm("trunk_lean_deg", 3.0))


@pytest.mark.parametrize("metric", WITH_NORM)
@given(speed=st.floats(2.0, 9.0))
def test_every_norm_that_the_table_promises_exists_at_every_speed(metric: str, speed: float) -> None:
    assert has_norm(metric)
    assert math.isfinite(norm(metric, speed))


def test_the_range_is_that_of_running() -> None:
    assert speed_range_mps() == (2.0, 9.0)
