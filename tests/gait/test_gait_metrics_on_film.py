"""The metrics of whole films, through following, repair and events: right, or not measured, whatever a camera drops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from gait_stick import LEG_PX, Stick, film, follow, times

from cuecoach.gait.events import Contact
from cuecoach.gait.metrics import METRICS, STRIDE_METRICS, measure
from cuecoach.gait.stride_window import Cycle, StrideWindow, flat_foot_deg
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.gait.units import DEGREES
from cuecoach.types import FloatArray, Side, Stride

SECONDS = 6.0
NEAR_DEG, NEAR = 1.3, 0.012
NEAR_PEAK_DEG, NEAR_PEAK_LEG = 2.2, 0.017  # the heel is highest for so long that the moment is not sharp
AT_HEEL_PEAK = {"thigh_at_heel_peak_deg": NEAR_PEAK_DEG, "heel_back_at_peak_leg": NEAR_PEAK_LEG}


@pytest.fixture(scope="module")
def exact() -> LegTrajectory:
    """Return the figure at 240 frames a second, as it is."""
    t_s = times(SECONDS, 240)
    trunk = np.full((len(t_s), 2, 2), math.nan)
    return LegTrajectory(
        t_s, Stick().points(t_s) * LEG_PX, np.ones((len(t_s), 2)), trunk, np.full(2, LEG_PX), Side.RIGHT
    )


def contact(stride: Stride) -> Contact:
    return Contact(stride.t_strike_s, stride.t_midstance_s, stride.t_toe_off_s)


def true_metrics(exact: LegTrajectory, stride: Stride, strides: Sequence[Stride]) -> dict[str, float]:
    """Return what the exact figure shows between the events that were found."""
    own, others = ([contact(one) for one in strides if (one.side is stride.side) is mine] for mine in (True, False))
    row = stride.side.row
    zero_deg = float(np.median([flat_foot_deg(exact, row, one) for one in own]))
    window = StrideWindow.of(exact, Cycle(row, contact(stride), stride.t_next_strike_s, others), zero_deg)
    assert window is not None
    return measure(window)


def nothing_lost(_t_s: FloatArray, _points: FloatArray) -> None:
    pass


def unseen(t_s: FloatArray, points: FloatArray) -> None:
    """Make what is seen for 40 ms of every half second not a number."""
    points[t_s % 0.5 < 0.04] = math.nan


@pytest.mark.parametrize("lost", ["nothing", "frames", "points"])
@pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
@pytest.mark.parametrize("fps", [24, 60, 240])
def test_a_trusted_stride_is_measured_right(exact: LegTrajectory, fps: int, facing: int, lost: str) -> None:
    t_s = times(SECONDS, fps, drop=0.06 if lost == "frames" else 0.0)
    spoil = unseen if lost == "points" else nothing_lost
    strides = follow(film(Stick(), t_s, facing=facing, noise=0.0, spoil=spoil)).strides
    trusted = [stride for stride in strides if stride.trust >= 0.6 and 0.4 < stride.t_strike_s < SECONDS - 1.2]
    assert {stride.side for stride in trusted} == set(Side)
    assert len(trusted) >= 8
    for stride in trusted:
        true = true_metrics(exact, stride, strides)
        for name in STRIDE_METRICS:
            value = stride.metrics[name]
            near = AT_HEEL_PEAK.get(name, NEAR_DEG if METRICS[name].unit is DEGREES else NEAR)
            assert math.isnan(value) or value == pytest.approx(true[name], abs=near), (name, stride.number)
        measured = {name for name in STRIDE_METRICS if math.isfinite(stride.metrics[name])}
        assert set(STRIDE_METRICS) - measured == {"trunk_lean_deg", "trunk_range_deg"}  # the figure has no trunk
