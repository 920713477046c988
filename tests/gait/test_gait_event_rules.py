"""Each event rule on a leg whose events are known in closed form: foot speeds and knee flexion are lines between knots.

The stride takes 1 s and mid-stance is at 0 s, so that a share of the stride reads as a time; the belt runs at one leg
length a second. Beside each rule stands a value just inside and one just outside its limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cuecoach.gait.events import Contact, closing_foot_strike, find_contacts, midstance_speeds_px_s
from cuecoach.types import ANKLE, HEEL, KNEE, TOE, FloatArray

PX = 1000.0  # leg length, and the belt's speed in pixels a second
Knots = tuple[tuple[float, float], ...]  # (time, value)

# Forward until the foot strikes, with the belt until it leaves, forward again: in speeds of the belt, + backward.
FOOT: Knots = ((-0.35, -1.0), (-0.15, 1.0), (0.25, 1.0), (0.45, -1.0))
# The knee begins to fold at 0.15 s: by 3 degrees at 0.21 s, by 25 at 0.317 s.
FLEXION: Knots = ((0.15, 10.0), (0.25, 15.0), (0.45, 75.0))
STRIKE_S = -0.19  # the foot has 0.6 of the belt's speed
FOLDS_S, REAR_S, TOE_S = 0.21, 0.29, 0.28  # 3 degrees; 0.6 of the belt's speed; 0.7 of it


def line(knots: Knots, t_s: FloatArray) -> FloatArray:
    return np.interp(t_s, *np.array(knots).T)


@dataclass(frozen=True)
class Leg:
    """Backward speed of ankle, heel and toe (belt speeds), knee flexion (deg) and height of the foot (legs)."""

    ankle: Knots = FOOT
    heel: Knots = FOOT
    toe: Knots = FOOT
    flexion: Knots = FLEXION
    height: Knots = ((0.0, 0.0),)
    start_s: float = -0.6
    end_s: float = 0.8
    fps: float = 1000.0

    @property
    def t_s(self) -> FloatArray:
        """Return the capture times: one frame at 0 s."""
        return np.arange(math.ceil(self.start_s * self.fps), math.floor(self.end_s * self.fps) + 1) / self.fps

    def points(self, t_s: FloatArray) -> FloatArray:
        """Return joints (n, 5, 2) in px at any times."""
        fine = np.linspace(self.start_s - 0.1, self.end_s + 0.1, 20001)

        def x(speed: Knots) -> FloatArray:
            v = line(speed, fine)
            way = np.concatenate([[0.0], np.cumsum((v[1:] + v[:-1]) / 2 * np.diff(fine))])
            return np.interp(t_s, fine, np.interp(0.0, fine, way) - way)

        joints = np.zeros((len(t_s), 5, 2))
        joints[:, ANKLE] = np.stack([x(self.ankle), np.full(len(t_s), -0.9)], 1)
        joints[:, HEEL] = np.stack([x(self.heel) - 0.05, line(self.height, t_s) - 1.0], 1)
        joints[:, TOE] = np.stack([x(self.toe) + 0.2, line(self.height, t_s) - 1.0], 1)
        half = np.radians(line(self.flexion, t_s)) / 2  # thigh and shank of one length: a half of it at each end
        reach = np.hypot(*joints[:, ANKLE].T)
        thigh = np.arctan2(joints[:, ANKLE, 0], -joints[:, ANKLE, 1]) + half
        joints[:, KNEE] = (reach / 2 / np.cos(half))[:, None] * np.stack([np.sin(thigh), -np.cos(thigh)], 1)
        return joints * PX

    def contacts(self, since_s: float = -math.inf, t_s: FloatArray | None = None) -> list[Contact]:
        t_s = self.t_s if t_s is None else t_s
        return find_contacts(t_s, self.points(t_s), PX, PX, 1.0, since_s)

    def contact(self) -> Contact:
        """Return the one contact there is."""
        (contact,) = self.contacts()
        return contact


LEG = Leg()


def shifted(knots: Knots, by_s: float) -> Knots:
    return tuple((t + by_s, value) for t, value in knots)


def near(seconds: float | list[float], within: float = 0.0015) -> Any:
    return pytest.approx(seconds, abs=within)


def test_the_three_events() -> None:
    contact = LEG.contact()
    assert contact.t_strike_s == near(STRIKE_S)
    assert contact.t_midstance_s == near(0.0)
    assert contact.t_toe_off_s == near((FOLDS_S + REAR_S) / 2)


@pytest.mark.parametrize(("fps", "within_s"), [(24.0, 0.03), (60.0, 0.01), (240.0, 0.003)])
def test_the_three_events_at_other_rates_and_with_dropped_frames(fps: float, within_s: float) -> None:
    leg = replace(LEG, fps=fps)
    whole = leg.t_s
    for t_s in (whole, np.delete(whole, slice(3, None, 7))):
        (contact,) = leg.contacts(t_s=t_s)
        assert contact.t_strike_s == near(STRIKE_S, within_s)
        assert contact.t_midstance_s == near(0.0, within_s)
        assert contact.t_toe_off_s == near((FOLDS_S + REAR_S) / 2, within_s)


def test_points_that_were_not_seen_give_no_contact() -> None:
    t_s, points = LEG.t_s, LEG.points(LEG.t_s)
    points[(t_s > -0.1) & (t_s < 0.1)] = np.nan
    assert find_contacts(t_s, points, PX, PX, 1.0) == []


# -- mid-stance --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "stands"), [(0.33, True), (0.27, False)])
def test_an_ankle_slower_than_0_3_of_the_belt_is_not_on_it(speed: float, stands: bool) -> None:
    assert bool(replace(LEG, ankle=((-0.35, -1.0), (-0.3, speed), (0.25, speed), (0.45, -1.0))).contacts()) == stands


@pytest.mark.parametrize(("flexion", "stands"), [(72.0, True), (78.0, False)])
def test_a_knee_folded_by_more_than_75_degrees_does_not_stand(flexion: float, stands: bool) -> None:
    assert bool(replace(LEG, flexion=((0.0, flexion),)).contacts()) == stands


@pytest.mark.parametrize(("height", "stands"), [(0.14, True), (0.16, False)])
def test_a_foot_0_15_leg_lengths_above_the_ground_does_not_stand(height: float, stands: bool) -> None:
    lifted = ((-0.3, 0.0), (-0.2, height), (0.2, height), (0.3, 0.0))
    assert bool(replace(LEG, height=lifted).contacts()) == stands


@pytest.mark.parametrize(("share", "stands"), [(0.045, True), (0.055, False)])
def test_frames_below_the_ground_are_noise_up_to_5_percent(share: float, stands: bool) -> None:
    t_s, points = LEG.t_s, LEG.points(LEG.t_s)
    points[: round(share * len(t_s)), HEEL, 1] -= 0.3 * PX
    assert bool(find_contacts(t_s, points, PX, PX, 1.0)) == stands


@pytest.mark.parametrize(("apart_s", "count"), [(0.34, 1), (0.36, 2)])
def test_two_midstances_are_0_35_of_a_stride_apart(apart_s: float, count: int) -> None:
    t_s = np.arange(-0.1, 0.5, 0.001)
    points = LEG.points(t_s)
    points[..., 0] += (-points[:, ANKLE, 0] - np.sin(2 * np.pi * t_s / apart_s) * apart_s / 2 / np.pi * PX)[:, None]
    points[:, :2] = [[0.0, 0.0], [0.0, -0.5 * PX]]
    found = find_contacts(t_s, points, PX, PX, 1.0)
    assert [contact.t_midstance_s for contact in found] == near([0.0, apart_s][:count], 0.002)


def test_a_foot_that_passes_forward_makes_no_midstance() -> None:
    forward = ((0.0, -1.0),)
    assert replace(LEG, ankle=forward, heel=forward, toe=forward).contacts() == []


@pytest.mark.parametrize(("n", "count"), [(4, 0), (5, 1)])
def test_five_frames_are_the_least(n: int, count: int) -> None:
    t_s = (np.arange(n) - 1.5) / 30
    assert len(LEG.contacts(t_s=t_s)) == count
    assert len(midstance_speeds_px_s(t_s, LEG.points(t_s), PX, 1.0)) == count


def test_earlier_frames_tell_only_where_the_ground_is() -> None:
    assert LEG.contacts(since_s=0.05) == []
    low_before = replace(LEG, height=((-0.6, -0.3), (-0.3, -0.3), (-0.25, 0.0)))
    assert low_before.contacts(since_s=-0.24) == [], "it stands above the ground that was seen before"


# -- foot strike -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bottom", "strike_s"), [(0.22, -0.34), (0.18, -0.0940)])
def test_a_foot_slower_than_0_2_of_the_belt_is_off_it(bottom: float, strike_s: float) -> None:
    """A standing foot that seems to slow down has not struck again; one that nearly stops has."""
    dip = ((-0.5, -1.0), (-0.3, 1.0), (-0.25, 1.0), (-0.21, bottom), (-0.12, bottom), (-0.06, 1.0), (0.25, 1.0))
    foot = (*dip, (0.45, -1.0))
    if bottom < 0.2:
        strike_s = -0.12 + 0.06 * (0.6 - bottom) / (1.0 - bottom)
    assert replace(LEG, ankle=foot, heel=foot, toe=foot).contact().t_strike_s == near(strike_s, 0.004)


@pytest.mark.parametrize(("off_belt_s", "seen"), [(-0.44, True), (-0.46, False)])
def test_a_strike_is_looked_for_0_45_of_a_stride_before_midstance(off_belt_s: float, seen: bool) -> None:
    """The foot has 0.2 of the belt's speed at `off_belt_s` and 0.6 of it 0.04 s later."""
    foot = ((off_belt_s - 0.12, -1.0), (off_belt_s + 0.08, 1.0), *FOOT[2:])
    strike_s = replace(LEG, ankle=foot, heel=foot, toe=foot, start_s=-0.9).contact().t_strike_s
    assert strike_s == near(off_belt_s + 0.04) if seen else math.isnan(strike_s)


def test_a_strike_before_the_first_frame_is_unknown() -> None:
    assert math.isnan(replace(LEG, start_s=-0.15).contact().t_strike_s)


def test_a_foot_that_never_takes_up_the_speed_of_the_belt_has_not_struck() -> None:
    slow = ((-0.35, -1.0), (-0.2, 0.5), (0.25, 0.5), (0.45, -1.0))
    assert math.isnan(replace(LEG, ankle=slow, heel=slow, toe=slow).contact().t_strike_s)


def test_the_strike_is_that_of_ankle_heel_and_toe_together() -> None:
    """One of three points is 60 ms late: the mean of the three, which has 0.6 of the speed 20 ms later."""
    for joint in ("ankle", "heel", "toe"):
        late = (*shifted(FOOT[:2], 0.06), *FOOT[2:])
        assert replace(LEG, **{joint: late}).contact().t_strike_s == near(STRIKE_S + 0.02, 0.003)


# -- toe-off -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folded_deg", "counts"), [(23.0, False), (27.0, True)])
def test_a_knee_that_folds_by_25_degrees_surely_folds(folded_deg: float, counts: bool) -> None:
    flexion = ((0.15, 10.0), (0.25, 15.0), (0.25 + (folded_deg - 5.0) / 300.0, 10.0 + folded_deg))
    toe_off_s = replace(LEG, flexion=flexion).contact().t_toe_off_s
    assert toe_off_s == near((FOLDS_S + REAR_S) / 2 if counts else REAR_S)


@pytest.mark.parametrize(("peak_deg", "counts"), [(70.0, True), (58.0, False)])
def test_the_knee_is_straightest_within_0_36_of_a_stride(peak_deg: float, counts: bool) -> None:
    """Its flexion is 38 degrees at 0.36 s; 56 at 0.27 s and 26 at 0.42 s do not count."""
    flexion = ((0.25, 60.0), (0.42, 26.0), (0.42 + (peak_deg - 26.0) / 1000.0, peak_deg))
    toe_off_s = replace(LEG, flexion=flexion).contact().t_toe_off_s
    assert (toe_off_s > 0.32) == counts
    assert counts or toe_off_s == near(REAR_S)


def test_the_knee_folds_within_a_quarter_of_a_stride() -> None:
    """Surely folded at 0.3325 s, so straightest at 0.0825 s, though it was straighter before."""
    foot = ((-0.35, -1.0), (-0.15, 1.0), (0.17, 1.0), (0.37, -1.0))
    flexion = ((-0.1, 6.0), (0.0, 10.0), (0.30, 22.0), (0.40, 62.0))
    folds_s, rear_s = (10.0 + 40.0 * 0.0825 + 3.0 - 10.0) / 40.0, 0.21
    toe_off_s = replace(LEG, ankle=foot, heel=foot, toe=foot, flexion=flexion).contact().t_toe_off_s
    assert toe_off_s == near((folds_s + rear_s) / 2, 0.004)


@pytest.mark.parametrize(("after_s", "walks"), [(0.10, False), (0.12, True)])
def test_a_toe_that_stays_0_11_of_a_stride_after_the_knee_folds_walks(after_s: float, walks: bool) -> None:
    toe = (*FOOT[:2], *shifted(FOOT[2:], FOLDS_S + after_s - TOE_S))
    toe_off_s = replace(LEG, toe=toe).contact().t_toe_off_s
    assert toe_off_s == near(FOLDS_S + after_s if walks else (FOLDS_S + REAR_S) / 2)


@pytest.mark.parametrize(("before_s", "belong"), [(0.14, True), (0.16, False)])
def test_signs_of_toe_off_0_15_of_a_stride_apart_do_not_belong_together(before_s: float, belong: bool) -> None:
    """The rear foot leaves this much before the knee folds, which then counts alone."""
    rear = (*FOOT[:2], *shifted(FOOT[2:], FOLDS_S - before_s - REAR_S))
    toe_off_s = replace(LEG, ankle=rear, heel=rear).contact().t_toe_off_s
    assert toe_off_s == near(FOLDS_S - before_s / 2 if belong else FOLDS_S)


@pytest.mark.parametrize(("forward_s", "counts"), [(0.48, True), (0.52, False)])
def test_the_foot_goes_forward_within_half_a_stride(forward_s: float, counts: bool) -> None:
    foot = (*FOOT[:2], *shifted(FOOT[2:], forward_s - 0.35))
    leg = replace(LEG, ankle=foot, heel=foot, toe=foot, flexion=((0.0, 10.0),))
    toe_off_s = leg.contact().t_toe_off_s
    assert toe_off_s == near(REAR_S + forward_s - 0.35) if counts else math.isnan(toe_off_s)


def test_without_a_rear_foot_that_leaves_the_knee_alone_tells() -> None:
    stays = (*FOOT[:2], (0.25, 1.0))
    assert replace(LEG, ankle=stays, heel=stays).contact().t_toe_off_s == near(FOLDS_S)


def test_a_toe_still_on_the_belt_at_the_end_may_still_be_pushing() -> None:
    """The knee folds and the rear foot has left, but the toe is not seen to go forward."""
    toe = (*FOOT[:2], *shifted(FOOT[2:], 0.1))
    assert math.isnan(replace(LEG, toe=toe, end_s=0.42).contact().t_toe_off_s)
    assert math.isfinite(replace(LEG, toe=toe, end_s=0.52).contact().t_toe_off_s)


def test_the_rear_foot_leaves_where_it_is_slow_for_good() -> None:
    """A dip in its speed before it goes forward does not count."""
    dip = (*FOOT[:2], (0.05, 1.0), (0.09, 0.4), (0.12, 0.4), (0.16, 1.0), *FOOT[2:])
    assert replace(LEG, ankle=dip, heel=dip).contact().t_toe_off_s == near((FOLDS_S + REAR_S) / 2)


# -- a foot strike at the very end ------------------------------------------------------------------------------------


def closing(leg: Leg, since_s: float) -> float:
    t_s = leg.t_s
    return closing_foot_strike(t_s, leg.points(t_s), PX, PX, 1.0, since_s)


END = replace(LEG, end_s=-0.05)  # before mid-stance


def test_a_strike_at_the_end_is_where_the_foot_takes_up_the_belts_speed() -> None:
    assert closing(END, -0.5) == near(STRIKE_S)
    assert math.isnan(closing(replace(LEG, end_s=0.1), -0.5)), "the ankle is not in front any more"
    assert math.isnan(closing(replace(END, height=((-0.25, 0.0), (-0.2, 0.2))), -0.5)), "the foot is not low"
    assert math.isnan(closing(replace(LEG, end_s=-0.23), -0.6)), "it is not on the belt yet"


@pytest.mark.parametrize(("since_s", "counts"), [(-0.41, True), (-0.39, False)])
def test_a_strike_at_the_end_is_not_that_of_the_contact_before(since_s: float, counts: bool) -> None:
    assert math.isfinite(closing(END, since_s)) == counts
    later = replace(LEG, end_s=-0.05, start_s=-0.6)
    assert math.isnan(closing(later, -0.2)), "the foot was last off the belt before"


@pytest.mark.parametrize("t", [0.0, 0.001])
def test_a_foot_that_stays_on_the_belt_from_the_first_frame_on_did_not_strike(t: float) -> None:
    standing = ((0.0, 1.0),)
    leg = replace(LEG, ankle=standing, heel=standing, toe=standing, start_s=-0.5, end_s=-0.05 + t)
    assert math.isnan(closing(leg, -0.6))


@pytest.mark.parametrize(("fraction", "counts"), [(0.55, False), (0.65, True)])
def test_a_strike_at_the_end_needs_0_6_of_the_belts_speed(fraction: float, counts: bool) -> None:
    foot = ((-0.35, -1.0), (-0.2, fraction), (0.0, fraction))
    assert math.isfinite(closing(replace(END, ankle=foot, heel=foot, toe=foot), -0.5)) == counts


# -- the speed of feet that pass under the hip -------------------------------------------------------------------------


def test_feet_pass_under_the_hip_at_the_speed_of_the_belt() -> None:
    assert midstance_speeds_px_s(LEG.t_s, LEG.points(LEG.t_s), PX, 1.0) == pytest.approx([PX], rel=1e-3)
    forward = ((-0.6, -0.3), (0.8, -0.3))
    leg = replace(LEG, heel=forward, toe=((-0.6, -2.0), (0.8, -2.0)))
    assert len(midstance_speeds_px_s(leg.t_s, leg.points(leg.t_s), PX, 1.0)) == 0, "the foot as a whole goes forward"
