"""Limits: how a pack may write them, and that uncertainty about the speed only ever makes them stricter."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.gait.metrics import STRIDE_METRICS, has_norm, norm
from cuecoach.packs.limits import parse_limit

NORMED = sorted(filter(has_norm, STRIDE_METRICS))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (52, 52.0),
        (-0.5, -0.5),
        ("norm", 97.5),
        ("norm - 15", 82.5),
        ("norm+0.5", 98.0),
        ("0.9 * norm", 87.75),
        ("0.9*norm - 1", 86.75),
        ([[2.0, 10], [4.0, 20]], 15.0),
    ],
)
def test_what_may_be_written(written: object, expected: float) -> None:
    assert parse_limit(written).at("knee_peak_swing_deg", 3.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    "written",
    [
        "norm -",
        "15 - norm",
        "norms - 3",
        "",
        True,
        None,
        math.nan,
        math.inf,
        {},
        [],
        [[1]],
        [[3, 1], [2, 1]],
        [[1, "x"]],
    ],
)
def test_what_may_not_be_written(written: object) -> None:
    with pytest.raises(ValueError, match=r"allowed is|must rise"):
        parse_limit(written)


@pytest.mark.parametrize("written", [52, -8.5, "norm - 15", "norm", "0.9 * norm + 2"])
def test_a_limit_prints_as_it_is_written(written: object) -> None:
    assert str(parse_limit(written)) == str(written)


def test_a_table_is_held_beyond_its_ends() -> None:
    limit = parse_limit([[5.0, -9], [6.6, -17], [9.0, -26]])
    assert [limit.at("", mps) for mps in (2.0, 5.0, 5.8, 9.0, 12.0)] == pytest.approx([-9, -9, -13, -26, -26])


def test_no_norm_no_limit() -> None:
    assert math.isnan(parse_limit("norm - 15").at("knee_peak_swing_deg", 20.0))
    assert math.isnan(parse_limit("norm - 15").strictest("knee_peak_swing_deg", 8.9, 20.0, above=True))
    assert parse_limit(52).at("", 20.0) == 52


@given(
    metric=st.sampled_from(NORMED),
    middle=st.floats(2.5, 8.5),
    half=st.floats(0.0, 0.5),
    inside=st.floats(0.0, 1.0),
    above=st.booleans(),
    factor=st.sampled_from([0.9, 1.0, 1.1]),
)
def test_beyond_the_strictest_is_beyond_at_every_speed_in_between(
    metric: str, middle: float, half: float, inside: float, above: bool, factor: float
) -> None:
    low, high = middle - half, middle + half
    limit = parse_limit(f"{factor} * norm {'+' if above else '-'} 5")
    strictest = limit.strictest(metric, low, high, above=above)
    somewhere = limit.at(metric, low + inside * (high - low))
    assert strictest >= somewhere - 1e-9 if above else strictest <= somewhere + 1e-9


@given(metric=st.sampled_from(NORMED), mps=st.floats(2.0, 9.0), fraction=st.floats(0.0, 0.9))
def test_eased_moves_towards_the_norm(metric: str, mps: float, fraction: float) -> None:
    for written in ("norm - 15", "norm + 9", "0.89 * norm"):
        limit = parse_limit(written)
        middle = norm(metric, mps)
        distance = abs(limit.towards_norm(fraction).at(metric, mps) - middle)
        assert distance == pytest.approx(abs(limit.at(metric, mps) - middle) * (1 - fraction), abs=1e-9)
