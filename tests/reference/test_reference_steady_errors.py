"""What a film is off by in every stride: every row is a metric, and calibration makes none of them worse."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from cuecoach.gait.metrics import METRICS
from cuecoach.reference.steady_errors import steady_sd


def metrics() -> list[str]:
    text = files("cuecoach.reference").joinpath("steady_errors.csv").read_text(encoding="utf-8")
    return [row["metric"] for row in csv.DictReader(text.splitlines())]


def test_every_row_is_a_metric_once() -> None:
    assert len(metrics()) == len(set(metrics()))
    assert set(metrics()) <= set(METRICS)


@pytest.mark.parametrize("metric", metrics())
def test_calibration_leaves_less(metric: str) -> None:
    assert 0.0 < steady_sd(metric, calibrated=True) < steady_sd(metric, calibrated=False)


def test_angles_of_the_leg_have_a_row_each() -> None:
    angles = {name for name in METRICS if name.endswith("_deg") and name.startswith(("knee", "thigh", "shank"))}
    assert angles <= set(metrics())


def test_where_none_is_known_there_is_none() -> None:
    assert steady_sd("cadence_spm", calibrated=False) == 0.0
