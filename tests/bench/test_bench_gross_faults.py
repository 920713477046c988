"""The rows of gross faults: their truth is right where nothing is gross, and what they ask for holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.accuracy.rows.gross_fault import (
    BELIEVED_WITHIN,
    RIGHT_DEG,
    TRUST_MIN,
    false_findings,
    matched,
    off_deg,
    strides_until_believed,
)
from bench.accuracy.rows.virtual import shipped
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

LAZY = {"knee_peak_swing_deg": 50.0, "knee_at_thigh_vertical_deg": 30.0, "shank_min_deg": -20.0}


@pytest.mark.parametrize("rate_hz", [30.0, 60.0])
@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize(("fault", "strength"), [("flick", 2.0), ("knee-too-high", 2.0), ("lazy-heel", 1.5)])
def test_gross_faults_are_read_right_or_not_trusted(fault: str, strength: float, facing: str, rate_hz: float) -> None:
    runner = VirtualRunnerSettings(
        speed_mps=3.5, faults=(fault,), strength=strength, facing=facing, rate_hz=rate_hz, duration_s=5.0
    )
    pairs, missed = matched(runner, lambda _t_s: strength)
    trusted = [(found, true) for found, true in pairs if found.trust >= TRUST_MIN]
    assert missed == 0
    assert all(off_deg(found, true) <= RIGHT_DEG for found, true in trusted)
    assert len(trusted) > 0.4 * len(pairs)


def test_true_strides_are_those_of_gait_where_nothing_is_gross() -> None:
    runner = VirtualRunnerSettings(speed_mps=3.0, faults=("none",), rate_hz=60.0, duration_s=4.0)
    pairs, missed = matched(replace(runner, faults=("flick",)), lambda _t_s: 0.0)
    assert missed == 0
    assert max(off_deg(found, true) for found, true in pairs) < 2.0


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(("fault", "strength"), [("flick", 1.25), ("knee-too-high", 1.2), ("lazy-heel", 0.5)])
def test_a_change_of_technique_is_believed_within_three_strides(fault: str, strength: float, back: bool) -> None:
    assert strides_until_believed(fault, strength, "left", 30.0, back) <= BELIEVED_WITHIN


def test_a_stride_that_is_read_right_is_told_as_nothing_else_and_one_that_is_not_is_told() -> None:
    runner = VirtualRunnerSettings(speed_mps=3.0, faults=("flick",), rate_hz=60.0, duration_s=4.0)
    pairs, _ = matched(runner, lambda _t_s: 0.0)
    assert false_findings(pairs, shipped(), 3.0) == []
    flat = [
        (replace(found, metrics={**found.metrics, **LAZY}), true) for found, true in pairs if found.trust >= TRUST_MIN
    ]
    assert "lazy-heel" in false_findings(flat, shipped(), 3.0)
