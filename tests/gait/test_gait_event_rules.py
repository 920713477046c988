"""Each rule for mid-stance, foot strike and toe-off, with a value just inside its limit and one just outside."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scripted_leg import (
    BELT_PX_S,
    FOLDS,
    FOOT,
    HIP_X_PX,
    LEG,
    PX,
    REAR,
    STRIDE_S,
    STRIKE,
    TOE_LEAVES,
    Leg,
    contacts_of,
    near,
    shifted,
)

from cuecoach.gait.events import midstance_speeds_px_s
from cuecoach.types import ANKLE, HEEL, TOE, FloatArray


def test_the_three_events() -> None:
    contact = LEG.contact()
    assert contact.t_strike_s == near(STRIKE)
    assert contact.t_midstance_s == near(0.0)
    assert contact.t_toe_off_s == near((FOLDS + REAR) / 2)


@pytest.mark.parametrize(("rate", "within"), [(30.0, 0.025), (75.0, 0.01), (300.0, 0.002)])
def test_the_three_events_at_24_60_and_240_fps_and_with_dropped_frames(rate: float, within: float) -> None:
    leg = replace(LEG, rate=rate)
    for t in (leg.t, np.delete(leg.t, slice(3, None, 7))):
        (contact,) = leg.contacts(t=t)
        assert contact.t_strike_s == near(STRIKE, within)
        assert contact.t_midstance_s == near(0.0, within)
        assert contact.t_toe_off_s == near((FOLDS + REAR) / 2, within)


def test_a_time_lies_on_the_line_between_the_frames_around_it() -> None:
    """At 32 fps: the speed bends a frame after the one at 0.30, the flexion a frame after the one at 0.225."""
    rear = (*FOOT[:2], (0.25, 1.0), (0.325, 0.25), (0.35, -2.0))
    contact = replace(LEG, rate=40.0, ankle=rear, heel=rear).contact()
    assert contact.t_strike_s == near(STRIKE, 0.001)
    assert contact.t_midstance_s == near(0.0, 0.001)
    assert contact.t_toe_off_s == near((FOLDS + REAR) / 2, 0.001)


def test_points_that_were_not_seen_give_no_contact() -> None:
    t, points = LEG.t, LEG.points(LEG.t)
    points[(t > -0.1) & (t < 0.1)] = np.nan
    assert contacts_of(t, points) == []


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
    t, points = LEG.t, LEG.points(LEG.t)
    noise = np.random.default_rng(1).permutation(np.flatnonzero(np.abs(t) > 0.1))[: round(share * len(t))]
    points[noise, HEEL, 1] -= np.linspace(0.2, 0.4, len(noise)) * PX
    assert bool(contacts_of(t, points)) == stands


def passing(*at: float) -> list[float]:
    """Return the mid-stances of a foot that passes backward under the hip at these times, and forward between."""
    t = np.arange(-0.1, at[-1] + 0.1, 0.001)
    points = LEG.points(t)
    turns = np.interp(t, [-0.1, *at, at[-1] + 0.1], [-0.5, *range(len(at)), len(at) - 0.5])
    points[..., 0] += (HIP_X_PX - points[:, ANKLE, 0] - 0.06 * PX * np.sin(2 * np.pi * turns))[:, None]
    points[:, :2] = [[HIP_X_PX, 0.0], [HIP_X_PX, -0.5 * PX]]
    return [contact.t_midstance_s for contact in contacts_of(t, points)]


def test_two_midstances_are_0_35_of_a_stride_apart() -> None:
    assert passing(0.0, 0.34) == near([0.0], 0.005)
    assert passing(0.0, 0.36) == near([0.0, 0.36], 0.005)
    assert passing(0.0, 0.36, 0.60) == near([0.0, 0.36], 0.005), "each from the one before"


@pytest.mark.parametrize("stands_from", [-0.025, 0.025])
def test_one_of_the_two_frames_around_midstance_must_stand(stands_from: float) -> None:
    """At 30 frames a stride mid-stance lies between two of them; the foot is lifted in the other one."""
    t = (np.arange(-20, 25) + 0.5) / 30
    points = LEG.points(t)
    lifted = t > 0 if stands_from < 0 else t < 0
    points[lifted, HEEL:, 1] += 0.3 * PX
    assert len(contacts_of(t, points)) == 1
    lifted = np.abs(t) < 0.04
    points[lifted, HEEL:, 1] += 0.3 * PX
    assert contacts_of(t, points) == []


@pytest.mark.parametrize("joint", [HEEL, TOE])
def test_the_lower_one_of_heel_and_toe_stands(joint: int) -> None:
    points = LEG.points(LEG.t)
    points[np.abs(LEG.t) < 0.1, joint, 1] += 0.3 * PX
    assert len(contacts_of(LEG.t, points)) == 1


def test_a_foot_that_passes_forward_makes_no_midstance() -> None:
    forward = ((0.0, -1.0),)
    assert replace(LEG, ankle=forward, heel=forward, toe=forward).contacts() == []


@pytest.mark.parametrize(("n", "count"), [(4, 0), (5, 1)])
def test_five_frames_are_the_least(n: int, count: int) -> None:
    t = (np.arange(n) - 1.5) / 30
    assert len(LEG.contacts(t=t)) == count
    assert len(midstance_speeds_px_s(t * STRIDE_S, LEG.points(t), PX, STRIDE_S)) == count


def test_earlier_frames_tell_only_where_the_ground_is() -> None:
    assert LEG.contacts(since=0.05) == []
    low_before = replace(LEG, height=((-0.6, -0.3), (-0.3, -0.3), (-0.25, 0.0)))
    assert low_before.contacts(since=-0.24) == [], "it stands above the ground that was seen before"


# -- foot strike -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bottom", "strike_s"), [(0.22, -0.34), (0.18, -0.0940)])
def test_a_foot_slower_than_0_2_of_the_belt_is_off_it(bottom: float, strike_s: float) -> None:
    """A standing foot that seems to slow down has not struck again; one that nearly stops has."""
    dip = ((-0.5, -1.0), (-0.3, 1.0), (-0.25, 1.0), (-0.21, bottom), (-0.12, bottom), (-0.06, 1.0), (0.25, 1.0))
    foot = (*dip, (0.45, -1.0))
    if bottom < 0.2:
        strike_s = -0.12 + 0.06 * (0.6 - bottom) / (1.0 - bottom)
    assert replace(LEG, ankle=foot, heel=foot, toe=foot).contact().t_strike_s == near(strike_s, 0.004)


@pytest.mark.parametrize(("off_belt", "seen"), [(-0.44, True), (-0.46, False)])
def test_a_strike_is_looked_for_0_45_of_a_stride_before_midstance(off_belt: float, seen: bool) -> None:
    """The foot has 0.2 of the belt's speed at `off_belt` and 0.6 of it 0.04 s later."""
    foot = ((off_belt - 0.12, -1.0), (off_belt + 0.08, 1.0), *FOOT[2:])
    strike_s = replace(LEG, ankle=foot, heel=foot, toe=foot, start=-0.9).contact().t_strike_s
    assert strike_s == near(off_belt + 0.04) if seen else math.isnan(strike_s)


def test_a_strike_before_the_first_frame_is_unknown() -> None:
    assert math.isnan(replace(LEG, start=-0.15).contact().t_strike_s)


def test_a_foot_that_never_takes_up_the_speed_of_the_belt_has_not_struck() -> None:
    slow = ((-0.35, -1.0), (-0.2, 0.5), (0.25, 0.5), (0.45, -1.0))
    assert math.isnan(replace(LEG, ankle=slow, heel=slow, toe=slow).contact().t_strike_s)


def test_the_strike_is_that_of_ankle_heel_and_toe_together() -> None:
    """One of three points is 60 ms late: the mean of the three, which has 0.6 of the speed 20 ms later."""
    for joint in ("ankle", "heel", "toe"):
        late = (*shifted(FOOT[:2], 0.06), *FOOT[2:])
        assert replace(LEG, **{joint: late}).contact().t_strike_s == near(STRIKE + 0.02, 0.003)


# -- toe-off -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folded_deg", "counts"), [(23.0, False), (27.0, True)])
def test_a_knee_that_folds_by_25_degrees_surely_folds(folded_deg: float, counts: bool) -> None:
    flexion = ((0.15, 10.0), (0.25, 15.0), (0.25 + (folded_deg - 5.0) / 300.0, 10.0 + folded_deg))
    toe_off_s = replace(LEG, flexion=flexion).contact().t_toe_off_s
    assert toe_off_s == near((FOLDS + REAR) / 2 if counts else REAR)


@pytest.mark.parametrize(("peak_deg", "counts"), [(70.0, True), (58.0, False)])
def test_the_knee_is_straightest_within_0_36_of_a_stride(peak_deg: float, counts: bool) -> None:
    """Its flexion is 38 degrees at 0.36 s; 56 at 0.27 s and 26 at 0.42 s do not count."""
    flexion = ((0.25, 60.0), (0.42, 26.0), (0.42 + (peak_deg - 26.0) / 1000.0, peak_deg))
    toe_off_s = replace(LEG, flexion=flexion).contact().t_toe_off_s
    assert (toe_off_s > 0.32) == counts
    assert counts or toe_off_s == near(REAR)


@pytest.mark.parametrize("rate", [1000.0, 42.0])
def test_the_knee_folds_within_a_quarter_of_a_stride(rate: float) -> None:
    """Surely folded at 0.3325, so straightest at 0.0825, though it was straighter before."""
    foot = ((-0.35, -1.0), (-0.15, 1.0), (0.17, 1.0), (0.37, -1.0))
    flexion = ((-0.1, 6.0), (0.0, 10.0), (0.30, 22.0), (0.40, 62.0))
    surely = math.ceil(0.3325 * rate) / rate  # the first frame
    straightest = math.ceil((surely - 0.25) * rate) / rate
    folds, rear = straightest + 3.0 / 40.0, 0.21
    toe_off = replace(LEG, ankle=foot, heel=foot, toe=foot, flexion=flexion, rate=rate).contact().t_toe_off_s
    assert toe_off == near((folds + rear) / 2, 0.004)


@pytest.mark.parametrize(("after_s", "walks"), [(0.10, False), (0.12, True)])
def test_a_toe_that_stays_0_11_of_a_stride_after_the_knee_folds_walks(after_s: float, walks: bool) -> None:
    toe = (*FOOT[:2], *shifted(FOOT[2:], FOLDS + after_s - TOE_LEAVES))
    toe_off_s = replace(LEG, toe=toe).contact().t_toe_off_s
    assert toe_off_s == near(FOLDS + after_s if walks else (FOLDS + REAR) / 2)


@pytest.mark.parametrize(("height_leg", "walks"), [(0.09, True), (0.11, False)])
def test_a_toe_that_is_up_already_does_not_push_as_in_walking(height_leg: float, walks: bool) -> None:
    toe = (*FOOT[:2], *shifted(FOOT[2:], FOLDS + 0.14 - TOE_LEAVES))
    height = ((FOLDS, 0.0), (FOLDS + 0.1, height_leg))
    toe_off_s = replace(LEG, toe=toe, height=height).contact().t_toe_off_s
    assert toe_off_s == near(FOLDS + 0.14 if walks else (FOLDS + REAR) / 2)


@pytest.mark.parametrize(("before_s", "belong"), [(0.14, True), (0.16, False)])
def test_signs_of_toe_off_0_15_of_a_stride_apart_do_not_belong_together(before_s: float, belong: bool) -> None:
    """The rear foot leaves this much before the knee folds, which then counts alone."""
    rear = (*FOOT[:2], *shifted(FOOT[2:], FOLDS - before_s - REAR))
    toe_off_s = replace(LEG, ankle=rear, heel=rear).contact().t_toe_off_s
    assert toe_off_s == near(FOLDS - before_s / 2 if belong else FOLDS)


@pytest.mark.parametrize(("forward_s", "counts"), [(0.48, True), (0.52, False)])
def test_the_foot_goes_forward_within_half_a_stride(forward_s: float, counts: bool) -> None:
    foot = (*FOOT[:2], *shifted(FOOT[2:], forward_s - 0.35))
    leg = replace(LEG, ankle=foot, heel=foot, toe=foot, flexion=((0.0, 10.0),))
    toe_off_s = leg.contact().t_toe_off_s
    assert toe_off_s == near(REAR + forward_s - 0.35) if counts else math.isnan(toe_off_s)


def test_without_a_rear_foot_that_leaves_the_knee_alone_tells() -> None:
    stays = (*FOOT[:2], (0.25, 1.0))
    assert replace(LEG, ankle=stays, heel=stays).contact().t_toe_off_s == near(FOLDS)


def test_a_toe_still_on_the_belt_at_the_end_may_still_be_pushing() -> None:
    """The knee folds and the rear foot has left, but the toe is not seen to go forward."""
    toe = (*FOOT[:2], *shifted(FOOT[2:], 0.1))
    assert math.isnan(replace(LEG, toe=toe, end=0.42).contact().t_toe_off_s)
    assert math.isfinite(replace(LEG, toe=toe, end=0.52).contact().t_toe_off_s)
    assert math.isfinite(replace(LEG, end=0.45).contact().t_toe_off_s), "this toe has left"


def test_a_toe_on_the_belt_for_more_than_half_a_stride_says_nothing() -> None:
    toe = (*FOOT[:2], *shifted(FOOT[2:], 0.2))
    assert replace(LEG, toe=toe).contact().t_toe_off_s == near((FOLDS + REAR) / 2)


def test_the_foot_leaves_before_it_first_goes_forward() -> None:
    """It seems to come back to the belt, and goes forward again within half a stride."""
    foot = (*FOOT[:2], (0.15, 1.0), (0.27, -0.2), (0.33, 1.0), (0.39, 1.0), (0.45, -1.0))
    leaves = 0.15 + 0.12 * 0.4 / 1.2
    leg = replace(LEG, ankle=foot, heel=foot, toe=foot, flexion=((0.0, 10.0),))
    assert leg.contact().t_toe_off_s == near(leaves)


def test_the_rear_foot_leaves_where_it_is_slow_for_good() -> None:
    """A dip in its speed before it goes forward does not count."""
    dip = (*FOOT[:2], (0.05, 1.0), (0.09, 0.4), (0.12, 0.4), (0.16, 1.0), *FOOT[2:])
    assert replace(LEG, ankle=dip, heel=dip).contact().t_toe_off_s == near((FOLDS + REAR) / 2)


# -- the speed of feet that pass under the hip -------------------------------------------------------------------------


def speeds(leg: Leg) -> FloatArray:
    return midstance_speeds_px_s(leg.t * STRIDE_S, leg.points(leg.t), PX, STRIDE_S)


def test_feet_pass_under_the_hip_at_the_speed_of_the_belt() -> None:
    assert speeds(LEG) == pytest.approx([BELT_PX_S], rel=1e-3)
    slow = replace(LEG, heel=((0.0, -0.3),), toe=((0.0, -2.0),))
    assert len(speeds(slow)) == 0, "the foot as a whole goes forward"
