"""What is usual without a norm, and tables by speed: linear between rows, held beyond the ends."""

from __future__ import annotations

import math

import pytest

from cuecoach.gait.metrics import METRICS, has_norm, norm, usual
from cuecoach.packs.faults import FAULTS
from cuecoach.reference.norms import rows
from cuecoach.reference.usual import between, usual_without_norm

TABLE = ((2.0, 10.0), (3.0, 20.0), (5.0, 0.0))


@pytest.mark.parametrize(
    ("speed_mps", "value"),
    [(0.0, 10.0), (2.0, 10.0), (2.25, 12.5), (3.0, 20.0), (4.5, 5.0), (5.0, 0.0), (9.0, 0.0)],
)
def test_a_table_is_linear_between_its_rows_and_held_beyond_them(speed_mps: float, value: float) -> None:
    assert between(TABLE, speed_mps) == pytest.approx(value)


def test_published_values() -> None:
    assert usual_without_norm("trunk_lean_deg", 2.0) == usual_without_norm("trunk_lean_deg", 8.0) == 7.0
    assert usual_without_norm("braking_share", 3.0) == pytest.approx(0.33)
    assert usual_without_norm("foot_at_strike_deg", 3.5) == 13.7
    assert usual_without_norm("hip_height_leg", 3.5) == 0.81


def test_the_norm_is_what_is_usual_where_there_is_one() -> None:
    assert usual("thigh_max_deg", 3.3) == norm("thigh_max_deg", 3.3)
    assert usual("trunk_lean_deg", 3.3) == 7.0
    assert math.isnan(usual("trunk_range_deg", 3.3))
    assert math.isnan(usual("shoe_size", 3.3))


def test_every_metric_that_a_fault_is_judged_by_has_something_usual() -> None:
    for fault in FAULTS.values():
        for metric in fault.metrics:
            assert math.isfinite(usual(metric, 3.3)), metric
    assert not any(math.isfinite(usual_without_norm(metric, 3.3)) for metric in METRICS if has_norm(metric))


def test_the_rows_of_the_norms_are_those_of_the_registry() -> None:
    assert sorted(rows()) == sorted(metric.norm_row for metric in METRICS.values() if metric.norm_row)
