"""Event rules on points whose events are known, at any rate, and on too little to find any."""

from __future__ import annotations

import numpy as np
import pytest
from gait_stick import MEAN_WALKER, Stick, times
from hypothesis import given, settings
from hypothesis import strategies as st

from cuecoach.gait.events import find_contacts
from cuecoach.gait.trajectory import smooth_line

BELT_LEG_S = 3.3  # of the mean runner's curves at 3 m/s


@pytest.mark.parametrize("fps", [24, 30, 50, 60, 120, 240])
def test_a_runners_contacts(fps: int) -> None:
    stick = Stick()
    t = times(4.0, fps)
    contacts = find_contacts(t, stick.points(t)[:, 1] * 300.0, 300.0, BELT_LEG_S * 300.0, stick.stride_s)
    inside = [c for c in contacts if c.t_midstance_s < 3.5]
    assert len(inside) == 5
    for k, contact in enumerate(inside):
        # The first strike is at t = 0, before there is any speed to see.
        assert np.isnan(contact.t_strike_s) if k == 0 else abs(contact.t_strike_s - k * stick.stride_s) < 0.03
        assert contact.t_toe_off_s == pytest.approx((k + 0.36) * stick.stride_s, abs=0.03)


def test_a_walkers_foot_leaves_late() -> None:
    stick = Stick(stride_s=1.07, curves=MEAN_WALKER)
    t = times(5.0, 60)
    contacts = find_contacts(t, stick.points(t)[:, 1] * 300.0, 300.0, 1.35 * 300.0, stick.stride_s)
    whole = [c for c in contacts if np.isfinite(c.t_strike_s) and np.isfinite(c.t_toe_off_s)]
    assert len(whole) >= 3
    for contact in whole:
        assert (contact.t_toe_off_s - contact.t_strike_s) / stick.stride_s == pytest.approx(0.63, abs=0.05)


@pytest.mark.parametrize("n", [0, 1, 4, 5, 8])
def test_too_little_to_see_gives_no_strike_and_no_toe_off(n: int) -> None:
    t = np.arange(n) / 30
    for contact in find_contacts(t, Stick().points(t)[:, 1], 1.0, BELT_LEG_S, 0.72):
        assert np.isnan(contact.t_strike_s)
        assert np.isnan(contact.t_toe_off_s)
        assert t[0] < contact.t_midstance_s < t[-1]


@given(
    gaps=st.lists(st.floats(0.004, 0.08), min_size=8, max_size=60),
    rate=st.floats(-1000, 1000),
    start=st.floats(-500, 500),
)
@settings(max_examples=60)
def test_a_straight_line_has_its_slope_whatever_the_capture_times(gaps: list[float], rate: float, start: float) -> None:
    t = np.cumsum(gaps)
    height, rates = smooth_line(t, start + rate * t)
    seen = np.isfinite(rates)
    assert rates[seen] == pytest.approx(rate, abs=1e-6 * max(abs(start), abs(rate), 1))
    assert height == pytest.approx(start + rate * t, abs=1e-6)
