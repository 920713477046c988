"""Every fault dial moves its own metrics past the limits, stays on its leg, and scales."""

from __future__ import annotations

from itertools import pairwise

import pytest
from runner_strides import metrics, run

from cuecoach.errors import InputError
from cuecoach.types import Side
from cuecoach.virtual_runner.faults import FAULTS
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

# Limits at 2.5, 3.5 and 4.5 m/s: norms of Fukuchi 2017 plus the offsets of the coaching review; (metric, sign, limits),
# sign + when the fault is above its limit. A strength of 1 passes all of them.
LIMITS = {
    "lazy-heel": [("knee_peak", -1, (75, 90, 102)), ("knee_at_vertical", -1, (60, 77, 88))],
    "flick": [("thigh_at_knee60", -1, (-17, -25, -31)), ("thigh_at_heel_peak", -1, (-9, -9, -9))],
    "knee-too-high": [("thigh_max", 1, (43, 49, 56))],
    "overstride": [("ankle_ahead", 1, (0.27, 0.33, 0.38)), ("shank_at_strike", 1, (15, 18, 20))],
    "leaning-back": [("lean", -1, (1, 1, 1))],
    "low-cadence": [("cadence", -1, (148, 157, 168))],
    "weak-push": [("thigh_at_toe_off", 1, (-10, -14, -18)), ("thigh_max", -1, (18, 24, 31))],
}
SPEEDS = (2.5, 3.5, 4.5)
RULES = [
    (fault, metric, sign, speed, limit)
    for fault, rules in LIMITS.items()
    for metric, sign, limits in rules
    for speed, limit in zip(SPEEDS, limits, strict=True)
]


@pytest.fixture(scope="module")
def measured() -> dict[tuple[str, float], dict[str, float]]:
    faults = ("none", *LIMITS)
    return {(fault, speed): metrics(run(fault, speed_mps=speed, seconds=5.0)) for fault in faults for speed in SPEEDS}


@pytest.mark.parametrize(("fault", "metric", "sign", "speed", "limit"), RULES)
def test_strength_one_is_beyond_the_limit_and_none_is_not(
    measured: dict[tuple[str, float], dict[str, float]], fault: str, metric: str, sign: int, speed: float, limit: float
) -> None:
    assert sign * (measured[fault, speed][metric] - limit) > 0
    assert sign * (measured["none", speed][metric] - limit) < 0


def test_every_fault_is_covered() -> None:
    assert set(LIMITS) | {"asymmetric-heel"} == set(FAULTS)


def test_an_asymmetric_heel_is_one_leg_only_and_no_lazy_heel() -> None:
    seen = run("asymmetric-heel", side="right")
    left, right = metrics(seen, Side.LEFT), metrics(seen, Side.RIGHT)
    assert left["knee_peak"] - right["knee_peak"] > 8
    assert right["knee_peak"] > 90.0
    assert left["knee_peak"] == pytest.approx(metrics(run())["knee_peak"], abs=0.5)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_an_asymmetric_heel_is_by_itself_the_near_one(facing: str) -> None:
    seen = run("asymmetric-heel", facing=facing)
    near = Side(facing)
    assert metrics(seen, near)["knee_peak"] < metrics(seen, near.other)["knee_peak"] - 8


def test_a_fault_of_one_leg_leaves_the_other_alone() -> None:
    seen = run("lazy-heel", side="left")
    assert metrics(seen, Side.LEFT)["knee_peak"] < 90.0
    assert metrics(seen, Side.RIGHT)["knee_peak"] == pytest.approx(105.2, abs=2.5)


def test_dials_are_steady_not_switches() -> None:
    peaks = [metrics(run("lazy-heel", strength, seconds=4.0))["knee_peak"] for strength in (0.0, 0.25, 0.5, 0.75, 1.0)]
    steps = [a - b for a, b in pairwise(peaks)]
    assert all(step == pytest.approx(steps[0], rel=0.15) for step in steps)


def test_an_unknown_fault_is_refused_by_name_with_what_is_allowed() -> None:
    with pytest.raises(InputError, match="'lazy-hell'") as caught:
        VirtualRunnerSettings(faults=("lazy-hell",))
    assert all(name in str(caught.value) for name in ("none", *FAULTS))
