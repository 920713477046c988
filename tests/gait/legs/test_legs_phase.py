"""Phase and frequency of legs that move by the mean stride, in windows of known damage."""

from __future__ import annotations

import numpy as np
import pytest

from cuecoach.gait.legs.phase import TWO_PI, GaitPhaseEstimator, _Window
from cuecoach.gait.legs.stride_curve import MeanStrideCurve
from cuecoach.types import FloatArray

CURVE = MeanStrideCurve()


def window(hz: float, start: float = 1.0, fps: float = 30.0, seconds: float = 1.6) -> tuple[FloatArray, FloatArray]:
    """Return times and exact angles (n, 2, 3) of a window; `start` is the left leg's phase at 0 s."""
    t_s = np.arange(0.0, seconds, 1 / fps)
    return t_s, CURVE.angles(start + TWO_PI * hz * t_s)


def fitted(t_s: FloatArray, angles: FloatArray, weight: FloatArray | None = None) -> GaitPhaseEstimator:
    estimator = GaitPhaseEstimator()
    estimator.fit(t_s, angles, np.ones((len(t_s), 2)) if weight is None else weight, CURVE)
    return estimator


def phase_error(estimator: GaitPhaseEstimator, t_s: float, true: float) -> float:
    return float((estimator.phase_at(t_s) - true + np.pi) % TWO_PI - np.pi)


@pytest.mark.parametrize("hz", [0.62, 0.9, 1.4, 1.9, 2.45])
@pytest.mark.parametrize("fps", [24.0, 60.0, 240.0])
def test_phase_and_frequency_of_an_exact_runner(hz: float, fps: float) -> None:
    t_s, angles = window(hz, fps=fps)
    estimator = fitted(t_s, angles)
    assert estimator.hz == pytest.approx(hz, abs=0.012)
    assert estimator.quality > 0.99
    for t in (0.0, 0.8, 1.5):
        assert phase_error(estimator, t, 1.0 + TWO_PI * hz * t) == pytest.approx(0.0, abs=0.1)
    assert estimator.phase(np.array([0.3])) == pytest.approx([estimator.phase_at(0.3)])


@pytest.mark.parametrize(("true_hz", "found_hz"), [(0.58, 0.6), (2.6, 2.5)])
def test_strides_are_between_0_6_and_2_5_a_second(true_hz: float, found_hz: float) -> None:
    assert fitted(*window(true_hz)).hz == pytest.approx(found_hz, abs=1e-9)


def test_the_next_fit_follows_and_a_reset_searches_again() -> None:
    estimator = fitted(*window(1.4))
    t_s, angles = window(1.45, start=1.2)
    estimator.fit(t_s, angles, np.ones((len(t_s), 2)), CURVE)
    assert estimator.hz == pytest.approx(1.45, abs=0.012)
    estimator.reset()
    assert (estimator.hz, estimator.quality) == (0.0, 0.0)
    t_s, angles = window(2.3, start=4.0)
    estimator.fit(t_s, angles, np.ones((len(t_s), 2)), CURVE)
    assert estimator.hz == pytest.approx(2.3, abs=0.012)


def test_swapped_and_missing_legs_in_some_frames_do_not_disturb() -> None:
    t_s, angles = window(1.4)
    angles[::3] = angles[::3, ::-1]
    angles[1::5, 0] = np.nan
    estimator = fitted(t_s, angles)
    assert estimator.hz == pytest.approx(1.4, abs=0.012)
    assert phase_error(estimator, 0.8, 1.0 + TWO_PI * 1.4 * 0.8) == pytest.approx(0.0, abs=0.1)


def cost(seen: FloatArray, t_s: FloatArray, hz: float, start: float = 1.0) -> float:
    one = _Window(t_s, seen[..., :2], np.ones((len(t_s), 2)), CURVE)
    return float(one.costs(np.array([start + TWO_PI * hz * one.t0_s]), np.array([hz]))[0])


@pytest.mark.parametrize(("channel", "off_deg"), [(0, 15.0), (1, 22.0)])
def test_the_half_cost_of_thigh_and_shank(channel: int, off_deg: float) -> None:
    """Geman-McClure: an error of this size costs 1/2, one of twice the size 4/5."""
    t_s, angles = window(1.4)
    for times, share in ((1, 0.5), (2, 0.8)):
        seen = angles.copy()
        seen[..., channel] -= times * off_deg
        assert cost(seen, t_s, 1.4) == pytest.approx(share, abs=0.01)


def test_a_swap_costs_0_3_of_a_leg() -> None:
    t_s, angles = window(1.4)
    apart = np.abs(angles[:, 0] - angles[:, 1])[:, :2].max(axis=1) > 40.0
    swapped = angles[apart][:, ::-1]
    assert cost(swapped, t_s[apart], 1.4) == pytest.approx(0.3 / 2, abs=0.01)


def test_the_table_of_phases_is_fine_enough() -> None:
    """Rounding the phase of an exact runner costs 0.0010 with 128 bins a stride, 0.0017 with 96, 0.0006 with 160."""
    t_s, angles = window(1.37, fps=240.0)
    assert cost(angles, t_s, 1.37) == pytest.approx(0.0010, abs=0.0002)
