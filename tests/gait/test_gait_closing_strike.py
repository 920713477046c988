"""The foot strike at the very end of a film, whose mid-stance is not seen any more: each rule from both sides."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from scripted_leg import BELT_PX_S, LEG, PX, START_S, STRIDE_S, STRIKE, Leg, near, seconds, strides

from cuecoach.gait.events import closing_foot_strike


def closing(leg: Leg, since: float, stride_s: float = STRIDE_S) -> float:
    found = closing_foot_strike(START_S + STRIDE_S * leg.t, leg.points(leg.t), PX, BELT_PX_S, stride_s, seconds(since))
    return strides(found)


END = replace(LEG, end=-0.05)  # before mid-stance


def test_a_strike_at_the_end_is_where_the_foot_takes_up_the_belts_speed() -> None:
    assert closing(END, -0.5) == near(STRIKE)
    assert math.isnan(closing(replace(LEG, end=0.1), -0.5)), "the ankle is not in front any more"
    assert math.isnan(closing(replace(END, height=((-0.25, 0.0), (-0.2, 0.2))), -0.5)), "the foot is not low"
    assert math.isnan(closing(replace(LEG, end=-0.23), -0.6)), "it is not on the belt yet"


@pytest.mark.parametrize(("since", "counts"), [(-0.41, True), (-0.39, False)])
def test_a_strike_at_the_end_comes_0_35_of_a_stride_after_the_contact_before(since: float, counts: bool) -> None:
    assert math.isfinite(closing(END, since)) == counts
    coarse = replace(END, rate=20.0)  # its last frame is at -0.05, the one before at -0.10
    assert math.isfinite(closing(coarse, since)) == counts


@pytest.mark.parametrize(("bottom", "again"), [(0.22, False), (0.18, True)])
def test_a_foot_slower_than_0_2_of_the_belt_at_the_end_was_off_it(bottom: float, again: bool) -> None:
    dip = ((-0.5, -1.0), (-0.3, 1.0), (-0.25, 1.0), (-0.21, bottom), (-0.13, bottom), (-0.08, 1.0), (0.0, 1.0))
    strike = closing(replace(END, ankle=dip, heel=dip, toe=dip), -0.6)
    assert (strike > -0.2) == again
    assert again or strike == near(-0.34, 0.002)


def on_frames(frame_of: float, **changes: Any) -> Leg:
    """Return END at 40 frames a stride (32 fps), its foot with 0.15, 0.40, 0.65 and 0.90 of the belt's speed there.

    The line through these four frames begins at `frame_of`; around them the speed bends.
    """
    f = frame_of
    foot = ((f - 0.05, -1.0), (f - 0.025, -1.0), (f, 0.15), (f + 0.075, 0.90), (f + 0.1, 1.6), (0.2, 1.6))
    return replace(END, rate=40.0, ankle=foot, heel=foot, toe=foot, **changes)


def test_a_strike_at_the_end_lies_on_the_line_between_the_frames_around_it() -> None:
    assert closing(on_frames(-0.25), -0.5) == near(-0.225 + 0.025 * 0.2 / 0.25, 0.0005)


@pytest.mark.parametrize(("lifted_until", "counts"), [(-0.24, True), (-0.215, False)])
def test_the_foot_must_be_low_from_the_first_frame_on_the_belt_on(lifted_until: float, counts: bool) -> None:
    """The last frame off the belt is at -0.25, the next one at -0.225."""
    height = ((lifted_until - 0.001, 0.2), (lifted_until + 0.001, 0.0))
    assert math.isfinite(closing(on_frames(-0.25, height=height), -0.6)) == counts


@pytest.mark.parametrize(("since", "counts"), [(-0.26, True), (-0.25, False), (-0.24, False)])
def test_the_foot_must_have_been_off_the_belt_since_the_contact_before(since: float, counts: bool) -> None:
    """The last frame off the belt is at -0.25; the stride is so short that only this tells."""
    assert math.isfinite(closing(on_frames(-0.25), since, 0.3 * STRIDE_S)) == counts


def test_a_foot_that_stays_on_the_belt_from_the_first_frame_on_did_not_strike() -> None:
    standing = ((0.0, 1.0),)
    leg = replace(LEG, ankle=standing, heel=standing, toe=standing, start=-0.5, end=-0.05)
    assert math.isnan(closing(leg, -0.6))


@pytest.mark.parametrize(("fraction", "counts"), [(0.55, False), (0.65, True)])
def test_a_strike_at_the_end_needs_0_6_of_the_belts_speed(fraction: float, counts: bool) -> None:
    foot = ((-0.35, -1.0), (-0.2, fraction), (0.0, fraction))
    assert math.isfinite(closing(replace(END, ankle=foot, heel=foot, toe=foot), -0.5)) == counts


@pytest.mark.parametrize(("frames", "counts"), [(0, False), (4, False), (5, True)])
def test_five_frames_are_the_least_for_a_strike_at_the_end(frames: int, counts: bool) -> None:
    leg = on_frames(-0.25)
    t = leg.t[(leg.t > -0.29)][:frames]
    found = closing_foot_strike(START_S + STRIDE_S * t, leg.points(t), PX, BELT_PX_S, 0.1, seconds(-0.26))
    assert math.isfinite(found) == counts
