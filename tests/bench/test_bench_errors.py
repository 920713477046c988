"""Errors over runs are split rightly, are written as the package reads them, and trust is scored as it is meant."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from bench.accuracy.errors import measured, write
from bench.accuracy.pictures import Plot, trust_picture, worst_errors
from bench.accuracy.rows.drawn import RIGHT_DEG, TRUST_MIN, knows_itself
from bench.accuracy.score import FoundStride, StrideMatch
from bench.data.truth import STRIDE_COLUMNS, TrueStride
from cuecoach.gait.metrics import METRICS
from cuecoach.reference import errors
from cuecoach.types import Side

NAMES = METRICS


def matched(*off: float, trust: float = 0.9, invented: int = 0, invented_trust: float = 0.9) -> StrideMatch:
    """One run whose strides have all metrics wrong by `off`."""
    pairs = [
        (
            FoundStride(Side.LEFT, k, k + 0.2, k + 0.7, trust, dict.fromkeys(NAMES, 10.0 + value)),
            TrueStride(Side.LEFT, k, k + 0.2, k + 0.7, dict.fromkeys(NAMES, 10.0)),
        )
        for k, value in enumerate(off)
    ]
    ghosts = [FoundStride(Side.LEFT, 50.0, 50.2, 50.7, invented_trust)] * invented
    return StrideMatch(pairs, [], ghosts)


def test_bias_spread_and_sd_are_told_apart() -> None:
    error = measured([matched(1.0, 3.0), matched(5.0, 7.0)], "here")["thigh_max_deg"]
    assert error.bias == pytest.approx(4.0)
    assert error.spread == pytest.approx(math.sqrt(8.0))
    assert error.sd == pytest.approx(math.sqrt(2.0))
    assert error.strides == 4


def test_one_run_tells_nothing_of_the_spread() -> None:
    assert measured([matched(1.0, 3.0)], "here") == {}


def test_the_package_reads_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "errors.csv"
    write([measured([matched(1, 2), matched(1, 2)], "a"), measured([matched(-3, -4), matched(-3, -4)], "b")], path)
    monkeypatch.setattr(errors, "files", lambda _package: tmp_path)
    errors._table.cache_clear()
    try:
        assert [each.condition for each in errors.conditions("thigh_max_deg")] == ["a", "b"]
        assert errors.error("thigh_max_deg").condition == "b"
        assert errors.error("thigh_max_deg").of_decision == pytest.approx(3.5 + math.sqrt(0.5 / 6), rel=1e-3)
    finally:
        errors._table.cache_clear()


@pytest.mark.parametrize("trust", [0.0, TRUST_MIN, 1.0])
def test_a_wrong_stride_counts_only_when_it_is_trusted(trust: float) -> None:
    share, trusted, right, found, total = knows_itself([matched(0.0, RIGHT_DEG + 0.1, 0.0, 0.0, trust=trust)])
    assert (found, total) == (4, 4)
    assert (share, trusted, right) == ((1.0, 0, 0) if trust < TRUST_MIN else (0.75, 4, 3))


def test_a_trusted_stride_that_nobody_made_is_wrong_and_an_unmeasured_angle_too() -> None:
    assert knows_itself([matched(0.0, invented=1)])[0] == pytest.approx(0.5)
    assert knows_itself([matched(0.0, invented=1, invented_trust=0.1)])[0] == 1.0
    assert knows_itself([matched(math.nan)])[0] == 0.0
    assert math.isnan(knows_itself([])[0])


def test_worst_errors_are_signed_and_unmeasured_strides_left_out() -> None:
    match = matched(-3.0, math.nan)
    match.pairs[0][0].metrics[next(iter(STRIDE_COLUMNS))] = 12.0
    assert worst_errors([match]).tolist() == [[0.9, -3.0]]
    assert worst_errors([]).shape == (0, 2)


def test_pictures_are_small_and_hold_every_kind() -> None:
    points = np.random.default_rng(1).uniform([0, -40], [1, 40], (5000, 2))
    text = trust_picture({"one": points, "two": np.empty((0, 2)), "three": points})
    assert len(text) < 150_000
    assert ">one<" in text
    assert ">two<" not in text


def test_a_curve_is_parted_where_nothing_is_known() -> None:
    plot = Plot((0, 4), (0, 4), "x & x", "t")
    plot.curve(np.arange(5.0), np.array([1, 2, np.nan, 3, 4]), "#000")
    text = plot.svg([0, 4], [0, 4])
    assert text.count("<polyline") == 2
    assert "x &amp; x" in text
    assert "nan" not in text
