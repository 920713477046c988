"""The rows of faults and of speed ask what they say they ask."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from bench.accuracy.rows.faulty import BEYOND_DEG, Kept, how_far_beyond
from bench.accuracy.rows.speed import spliced
from bench.accuracy.rows.virtual import shipped
from bench.data.camera import Camera, film
from bench.data.truth import Mocap, TrueStride
from cuecoach.gait.metrics import STRIDE_METRICS, norm
from cuecoach.packs.faults import FAULTS, Fault
from cuecoach.packs.pack import Pack
from cuecoach.types import ANKLE, HIP, Side

MPS = 3.0


@pytest.fixture(scope="module")
def pack() -> Pack:
    return shipped()[0]


def mean(**changed: float) -> dict[Side, dict[str, float]]:
    usual = {name: norm(name, MPS) for name in STRIDE_METRICS} | changed
    return {side: dict(usual) for side in Side}


def beyond(rule: Fault, pack: Pack, **changed: float) -> float:
    return how_far_beyond(rule, pack, mean(**changed), MPS)


@pytest.mark.parametrize(("past_deg", "expected"), [(0.0, 0.0), (BEYOND_DEG, 1.0), (-BEYOND_DEG, -1.0)])
def test_one_is_five_degrees_beyond_the_limit(pack: Pack, past_deg: float, expected: float) -> None:
    rule = FAULTS["knee-too-high"]
    limit = rule.criteria[0].limit.at("thigh_max_deg", MPS)
    assert beyond(rule, pack, thigh_max_deg=limit + past_deg) == pytest.approx(expected)


def test_every_needed_criterion_must_be_beyond(pack: Pack) -> None:
    rule = FAULTS["lazy-heel"]
    low = {c.metric: c.limit.at(c.metric, MPS) - 2 * BEYOND_DEG for c in rule.criteria}
    assert beyond(rule, pack, **low) == pytest.approx(2.0)
    low[rule.criteria[0].metric] += BEYOND_DEG
    assert beyond(rule, pack, **low) == pytest.approx(1.0)


def test_the_legs_are_compared_where_the_rule_compares_them(pack: Pack) -> None:
    rule = FAULTS["asymmetric-heel"]
    legs = mean()
    assert how_far_beyond(rule, pack, legs, MPS) < 0
    legs[Side.LEFT]["knee_peak_swing_deg"] += rule.criteria[0].limit.at("knee_peak_swing_deg", MPS) - BEYOND_DEG
    assert how_far_beyond(rule, pack, legs, MPS) == pytest.approx(1.0)


def test_kept_steps_are_made_once_and_only_when_asked_for() -> None:
    made = []

    def steps() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    kept = Kept(steps())  # type: ignore[arg-type]  # numbers do as steps
    assert next(iter(kept)) == 0
    assert made == [0]
    assert list(kept) == list(kept) == [0, 1, 2, 3, 4]
    assert made == [0, 1, 2, 3, 4]


def trial(name: str, stride_s: float) -> Mocap:
    t_s = np.arange(0.0, 30.0, 1 / 150)
    points = np.zeros((len(t_s), 2, 5, 3))
    points[..., ANKLE, 0] = 0.3 * np.cos(2 * np.pi * (t_s - 0.5) / stride_s)[:, None]
    points[..., 0] += 2.0 * (stride_s < 0.75)  # elsewhere on the belt
    strikes = np.arange(0.5, 29.0, stride_s)
    strides = [TrueStride(Side.LEFT, t, t + 0.2, t + stride_s, {}) for t in strikes]
    return Mocap(name, t_s, points, None, strides, 1.75, 2.5)


def test_a_splice_goes_on_in_time_and_place_with_the_other_trial() -> None:
    splice = spliced(trial("a_2.5", 0.8), trial("a_3.5", 0.7), 9.0)
    mocap = splice.mocap
    assert splice.stride_s == pytest.approx(0.7)
    assert splice.change_s >= 9.0
    assert 0 < np.diff(mocap.t_s).max() < 0.02
    assert np.diff(mocap.t_s).min() > 0
    assert np.ptp(mocap.points_m[:, :, HIP, 0]) == pytest.approx(0.0, abs=1e-9)
    assert np.abs(np.diff(mocap.points_m[:, 0, ANKLE, 0])).max() < 0.05
    assert math.isfinite(film(mocap, Camera(Side.LEFT), 1)[-1].t_s)
