"""The belt's speed: guessed, measured, calibrated, reset; and what happens to strides when the guess is bad."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from gait_stick import LEG_PX, Run, Stick, film, follow, times

from cuecoach.gait.belt import BeltSpeedEstimator
from cuecoach.gait.events import Contact
from cuecoach.gait.segmentation import StrideSegmenter
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.types import Activity, FloatArray, Side, Speed, SpeedOrigin

STICK = Stick()
BELT_LEG_S = 3.2  # the stick's, as heel and toe show it


def sliding(legs_per_s: float, fps: float = 60.0, trust: float = 1.0) -> tuple[LegTrajectory, Contact]:
    """Return half a second of two legs that slide backward at one speed, and the contact over it."""
    t = np.arange(0.0, 0.5, 1 / fps)
    legs = np.zeros((len(t), 2, 5, 2))
    legs[..., 0] = -legs_per_s * LEG_PX * t[:, None, None]
    trunk = np.full((len(t), 2, 2), np.nan)
    trajectory = LegTrajectory(t, legs, np.full((len(t), 2), trust), trunk, np.full(2, LEG_PX), Side.RIGHT)
    return trajectory, Contact(0.1, 0.2, 0.4)


def fed(belt: BeltSpeedEstimator, speeds: list[float], given: Speed | None = None) -> BeltSpeedEstimator:
    for k, legs_per_s in enumerate(speeds):
        trajectory, contact = sliding(legs_per_s)
        belt.add_contact(trajectory, k % 2, contact, given)
    return belt


def test_nothing_is_known_before_anything_was_seen() -> None:
    belt = BeltSpeedEstimator(1.76)
    assert math.isnan(belt.legs_per_s)
    assert belt.speed(None) is None
    given = Speed(3.0, 0.1, SpeedOrigin.USER)
    assert belt.speed(given) is given


def test_one_wild_stance_moves_the_mean_little() -> None:
    belt = fed(BeltSpeedEstimator(1.76), [3.0] * 8 + [9.0])
    assert belt.legs_per_s == pytest.approx(3.0, rel=0.03)
    assert belt.changes == 0


def test_legs_seen_at_different_distances_are_averaged_whatever_their_number() -> None:
    belt = BeltSpeedEstimator(None)
    for row in (0, 1, 1, 1, 1, 1):
        trajectory, contact = sliding(3.1 if row else 2.9)
        belt.add_contact(trajectory, row, contact, None)
    assert belt.legs_per_s == pytest.approx(3.0, rel=0.001)


def test_a_stance_that_was_not_seen_says_nothing() -> None:
    belt = BeltSpeedEstimator(1.76)
    trajectory, contact = sliding(3.0, trust=0.2)
    belt.add_contact(trajectory, 0, contact, None)
    belt.add_contact(trajectory, 0, Contact(math.nan, 0.2, 0.4), None)
    assert belt.speed(None) is None


def test_uncertainty_shrinks_with_stances_and_with_calibration_and_grows_with_noise() -> None:
    rng = np.random.default_rng(4)
    noisy = (3.0 * (1 + 0.1 * rng.normal(size=12))).tolist()
    given = Speed(2.6, 0.02, SpeedOrigin.USER)
    one, many = fed(BeltSpeedEstimator(1.76), [3.0]).speed(None), fed(BeltSpeedEstimator(1.76), [3.0] * 12).speed(None)
    calibrated, restless = (
        fed(BeltSpeedEstimator(1.76), [3.0] * 12, given).speed(None),
        fed(BeltSpeedEstimator(1.76), noisy, given).speed(None),
    )
    assert one
    assert many
    assert calibrated
    assert restless
    assert one.sd_mps > many.sd_mps > calibrated.sd_mps
    assert restless.sd_mps > 1.3 * calibrated.sd_mps
    assert calibrated.mps == pytest.approx(2.6, rel=1e-6)
    assert abs(restless.mps - 2.6) < 2 * restless.sd_mps


def test_the_scale_survives_another_speed() -> None:
    belt = fed(BeltSpeedEstimator(1.76), [3.0] * 12, Speed(2.6, 0.02, SpeedOrigin.USER))
    fed(belt, [3.6] * 6)
    speed = belt.speed(None)
    assert speed is not None
    assert speed.mps == pytest.approx(2.6 * 3.6 / 3.0, rel=0.01)


@pytest.mark.parametrize(("share", "changes"), [(1.02, 0), (1.12, 1), (0.88, 1)])
def test_another_speed_is_detected_within_three_strides(share: float, changes: int) -> None:
    rng = np.random.default_rng(6)
    before = (3.0 * (1 + 0.02 * rng.normal(size=16))).tolist()
    after = (3.0 * share * (1 + 0.02 * rng.normal(size=6))).tolist()
    belt = fed(BeltSpeedEstimator(1.76), before)
    assert belt.changes == 0
    assert fed(belt, after).changes == changes


def test_a_steady_belt_never_seems_to_change() -> None:
    rng = np.random.default_rng(7)
    assert fed(BeltSpeedEstimator(1.76), (3.0 * (1 + 0.05 * rng.normal(size=600))).tolist()).changes == 0


@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize(("before_s", "after_s"), [(0.76, 0.66), (0.66, 0.76)])
def test_the_step_says_when_the_speed_changed(before_s: float, after_s: float, fps: int) -> None:
    before, after = Stick(stride_s=before_s), Stick(stride_s=after_s)
    clip = film(before, times(8.0, fps)) + film(after, times(6.0, fps) + 8.0)
    run = follow(clip)
    given = [s.t_s for s, step in zip(clip, run.steps, strict=False) if step.speed_changed]
    assert given
    assert 8.0 < given[0] < 8.0 + 3 * after_s + 1.0, "three strides, and the time until the third is known"
    speeds = [s.speed.mps for s in run.strides if s.speed and s.t_strike_s > 11.5]
    usual = [s.speed.mps for s in run.strides if s.speed and 4.0 < s.t_next_strike_s < 8.0]
    assert np.mean(speeds) / np.mean(usual) == pytest.approx(before_s / after_s, rel=0.04)
    assert not any(step.speed_changed for step in follow(film(before, times(8.0, fps))).steps)


def trajectory_of(run: Run) -> LegTrajectory:
    return LegTrajectory.of(run.settled)


def test_the_first_guess_is_how_feet_pass_under_the_hip() -> None:
    trajectory = trajectory_of(follow(film(STICK, times(3.0, 30))))
    assert BeltSpeedEstimator(None).search_speed_legs_per_s(trajectory, STICK.stride_s, None) == pytest.approx(
        BELT_LEG_S, rel=0.1
    )


def test_what_the_user_says_corrects_a_guess_that_contradicts_it() -> None:
    trajectory = trajectory_of(follow(film(STICK, times(3.0, 30))))
    consistent = BeltSpeedEstimator(1.76).search_speed_legs_per_s(
        trajectory, STICK.stride_s, Speed(2.7, 0.1, SpeedOrigin.USER)
    )
    assert consistent == pytest.approx(BELT_LEG_S, rel=0.1)
    other = BeltSpeedEstimator(1.76).search_speed_legs_per_s(
        trajectory, STICK.stride_s, Speed(5.5, 0.1, SpeedOrigin.USER)
    )
    assert other == pytest.approx(5.5 / (0.98 * 0.864), rel=0.01)


def wild_start(t_s: FloatArray, points: FloatArray) -> None:
    """For 1.2 s the legs change names in every second frame: feet seem to fly backward."""
    wrong = (t_s < 1.2) & (np.arange(len(t_s)) % 2 == 0)
    points[wrong] = points[wrong][:, ::-1]


@pytest.mark.parametrize("facing", [1, -1])
def test_a_bad_start_does_not_stick(facing: int) -> None:
    run = follow(film(STICK, times(7.0, 30), facing=facing, spoil=wild_start))
    after = [s for s in run.strides if s.t_strike_s > 1.3]
    assert len(after) >= 2 * int((7.0 - 1.3 - 2 * STICK.stride_s) / STICK.stride_s)
    assert {s.activity for s in after} == {Activity.RUNNING}


@pytest.mark.parametrize("wrong", [5.67, 1.2])
def test_a_wrong_speed_is_reset_when_it_finds_nothing(wrong: float) -> None:
    belt = fed(BeltSpeedEstimator(None), [wrong] * 6)
    segmenter = StrideSegmenter(belt)
    settled = follow(film(STICK, times(9.0, 30))).settled
    strides = []
    for k in range(0, len(settled), 8):
        segmenter.add_legs(tuple(settled[k : k + 8]), STICK.stride_s)
        while segmenter.busy:
            strides += segmenter.work(None, settled[min(k + 7, len(settled) - 1)].t_s)
    late = [s for s in strides if s.t_strike_s > 4.5]
    assert len(late) >= 8
    assert belt.legs_per_s == pytest.approx(BELT_LEG_S, rel=0.1)


def stances(*speeds: float, rows: tuple[int, ...] = (0, 1), given: Speed | None = None) -> BeltSpeedEstimator:
    """Return the estimator of a runner of 1.76 m after stances at these speeds (leg lengths a second)."""
    belt = BeltSpeedEstimator(1.76)
    for k, legs_per_s in enumerate(speeds):
        trajectory, contact = sliding(legs_per_s)
        belt.add_contact(trajectory, rows[k % len(rows)], contact, given)
    return belt


@pytest.mark.parametrize(
    ("height_m", "metres_per_leg", "relative_sd"), [(None, 0.98 * 0.864, 0.10), (1.7, 0.98 * 0.491 * 1.7, 0.065)]
)
def test_metres_come_from_the_height_or_an_average_leg(
    height_m: float | None, metres_per_leg: float, relative_sd: float
) -> None:
    speed = fed(BeltSpeedEstimator(height_m), [3.0]).speed(None)
    assert speed is not None
    assert speed.mps == pytest.approx(3.0 * metres_per_leg)
    # One stance: 4 % of its own, worth five with the prior of four: 0.04 * sqrt(4 / 5).
    assert speed.sd_mps / speed.mps == pytest.approx(math.hypot(relative_sd, 0.04 * math.sqrt(0.8)))


def test_the_error_of_quiet_stances_shrinks_with_their_number() -> None:
    speed = stances(*[3.0] * 12, rows=(0,)).speed(None)
    assert speed is not None
    assert speed.sd_mps / speed.mps == pytest.approx(math.hypot(0.065, 0.04 * math.sqrt(4 / 16 / 12)))


def test_three_stances_with_a_given_speed_calibrate_the_scale() -> None:
    given = Speed(2.7, 0.027, SpeedOrigin.USER)
    two, three = (stances(*[3.0] * n, rows=(0,), given=given).speed(None) for n in (2, 3))
    assert two is not None
    assert three is not None
    assert two.mps == pytest.approx(3.0 * 0.98 * 0.491 * 1.76)
    assert three.mps == pytest.approx(2.7)
    noise = 0.04 * math.sqrt(4 / 7 / 3)  # of the speed in leg lengths, and again of the scale
    assert three.sd_mps / three.mps == pytest.approx(math.hypot(0.02, 0.01, noise, noise))


def test_the_speed_is_the_mean_of_the_last_sixteen_stances() -> None:
    belt = stances(*[3.0 * (1 + 0.001 * k) for k in range(40)])
    assert belt.legs_per_s == pytest.approx(3.0 * 1.0315, rel=1e-5), "the mean of 24 to 39"
    assert belt.changes == 0


def test_the_scale_is_the_mean_of_the_last_48_stances() -> None:
    belt = BeltSpeedEstimator(1.76)
    trajectory, contact = sliding(3.0)
    for k in range(100):
        belt.add_contact(trajectory, k % 2, contact, Speed(2.6 * (1 + 0.001 * k), 0.0, SpeedOrigin.USER))
    speed = belt.speed(None)
    assert speed is not None
    assert speed.mps == pytest.approx(2.6 * 1.0755, rel=1e-5), "the mean of 52 to 99"


def test_a_wild_stance_counts_as_15_percent_off() -> None:
    assert stances(*[3.0] * 8, 6.0, rows=(0,)).legs_per_s == pytest.approx((8 * 3.0 + 3.45) / 9)
    assert stances(*[3.0] * 8, 1.0, rows=(0,)).legs_per_s == pytest.approx((8 * 3.0 + 2.55) / 9)


def test_a_stance_counts_by_its_trust() -> None:
    belt = BeltSpeedEstimator(1.76)
    for legs_per_s, trust in ((3.0, 0.4), (3.3, 0.8)):
        trajectory, contact = sliding(legs_per_s, trust=trust)
        belt.add_contact(trajectory, 0, contact, None)
    assert belt.legs_per_s == pytest.approx(3.2)


def moving(x_leg: Callable[[FloatArray], FloatArray], fps: float) -> LegTrajectory:
    """Return 0.5 s of legs whose heels and toes are at x(t), in leg lengths."""
    t = np.arange(0.0, 0.5, 1 / fps)
    legs = np.zeros((len(t), 2, 5, 2))
    legs[..., 3:, 0] = LEG_PX * x_leg(t)[:, None, None]
    return LegTrajectory(t, legs, np.ones((len(t), 2)), np.full((len(t), 2, 2), np.nan), np.full(2, LEG_PX), Side.RIGHT)


def test_the_belt_is_read_from_15_to_60_percent_of_stance_and_half_a_frame_around() -> None:
    begin_s, end_s = 0.1 + 0.15 * 0.3, 0.1 + 0.6 * 0.3
    middle_s, half_s = (begin_s + end_s) / 2, (end_s - begin_s) / 2 + 0.017
    contact = Contact(0.1, 0.2, 0.4)
    # A line through a parabola has the slope of the parabola in the middle of the window.
    belt = BeltSpeedEstimator(1.76)
    belt.add_contact(moving(lambda t: -3.0 * t - 4.0 * (t - 0.1) ** 2, 2000.0), 0, contact, None)
    assert belt.legs_per_s == pytest.approx(3.0 + 8.0 * (middle_s - 0.1), rel=1e-3)
    # A line through a cubic about the middle has 3/5 of its slope at the end of the window.
    belt = BeltSpeedEstimator(1.76)
    belt.add_contact(moving(lambda t: -3.0 * t - 100.0 * (t - middle_s) ** 3, 4000.0), 0, contact, None)
    assert belt.legs_per_s == pytest.approx(3.0 + 0.6 * 100.0 * half_s**2, rel=2e-3)


@pytest.mark.parametrize(("fps", "counts"), [(12.0, False), (15.0, True)])
def test_a_stance_needs_three_frames(fps: float, counts: bool) -> None:
    trajectory, contact = sliding(3.0, fps=fps)  # between 0.128 and 0.297 s: two frames at 12 fps, three at 15
    belt = BeltSpeedEstimator(1.76)
    belt.add_contact(trajectory, 0, contact, None)
    assert math.isfinite(belt.legs_per_s) == counts


@pytest.mark.parametrize(("trust", "counts"), [(0.28, False), (0.32, True)])
def test_every_frame_of_a_stance_must_be_trusted(trust: float, counts: bool) -> None:
    trajectory, contact = sliding(3.0)
    trajectory.trust[12, 0] = trust
    belt = BeltSpeedEstimator(1.76)
    belt.add_contact(trajectory, 0, contact, None)
    assert math.isfinite(belt.legs_per_s) == counts


def test_a_foot_that_goes_forward_is_not_on_the_belt() -> None:
    assert math.isnan(stances(-0.5).legs_per_s)


def test_contacts_are_found_by_the_first_guess_until_three_stances_are_known() -> None:
    trajectory = trajectory_of(follow(film(STICK, times(3.0, 30))))
    two, three = (stances(*[2.0] * n).search_speed_legs_per_s(trajectory, STICK.stride_s, None) for n in (2, 3))
    assert two == pytest.approx(BELT_LEG_S, rel=0.1)
    assert three == pytest.approx(2.0)


@pytest.mark.parametrize("share", [1 / 1.36, 1 / 1.30, 1.30, 1.36])
def test_a_first_guess_is_kept_within_a_third_of_the_given_speed(share: float) -> None:
    trajectory = trajectory_of(follow(film(STICK, times(3.0, 30))))
    belt = BeltSpeedEstimator(None)
    guess = belt.search_speed_legs_per_s(trajectory, STICK.stride_s, None)
    given = Speed(guess / share * 0.98 * 0.864, 0.0, SpeedOrigin.USER)
    expected = guess if 1 / 1.33 < share < 1.33 else guess / share
    assert belt.search_speed_legs_per_s(trajectory, STICK.stride_s, given) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rows", "step", "changes"),
    [
        # Both legs: 13 quiet stances before, and four of their standard errors (with the three newest) are 6.4 %.
        ((0, 1), 0.060, 0),
        ((0, 1), 0.068, 1),
        # One leg: four standard errors are 5.0 %, but no less than 6 % is a step.
        ((0,), 0.056, 0),
        ((0,), 0.064, 1),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_of_speed_is_beyond_what_quiet_stances_vary(
    rows: tuple[int, ...], step: float, changes: int, sign: int
) -> None:
    assert stances(*[3.0] * 16, *[3.0 * (1 + sign * step)] * 3, rows=rows).changes == changes


def test_three_stances_show_a_step_and_begin_the_new_mean() -> None:
    assert stances(*[3.0] * 16, 3.4, 3.4).changes == 0
    after = stances(*[3.0] * 16, 3.4, 3.4, 3.4)
    assert after.changes == 1
    assert after.legs_per_s == pytest.approx(3.4)
    assert stances(*[3.0] * 16, 3.4, 2.6, 3.4).changes == 0, "they must agree"
    assert stances(*[3.0] * 16, 3.4, 3.05, 3.4).changes == 0, "each by half of a step at least"


@pytest.mark.parametrize(("before", "changes"), [(5, 0), (6, 1)])
def test_a_step_needs_six_stances_before_it(before: int, changes: int) -> None:
    assert stances(*[3.0] * before, *[3.5] * 3).changes == changes


def changes_of(*stride_times_s: float) -> int:
    belt = BeltSpeedEstimator(1.76)
    for stride_s in stride_times_s:
        belt.add_stride_time(stride_s)
    return belt.changes


@pytest.mark.parametrize("sign", [1, -1])
def test_two_stride_times_5_percent_off_show_another_speed(sign: int) -> None:
    assert changes_of(*[0.7] * 8, *[0.7 * (1 + sign * 0.046)] * 2) == 0
    assert changes_of(*[0.7] * 8, *[0.7 * (1 + sign * 0.054)] * 2) == 1
    assert changes_of(*[0.7] * 8, 0.7 * (1 + sign * 0.054)) == 0
    assert changes_of(*[0.7] * 8, 0.7 * (1 + sign * 0.054), 0.7 * (1 - sign * 0.054)) == 0


def test_five_stride_times_are_enough_to_compare_with() -> None:
    assert changes_of(*[0.7] * 3, 0.8, 0.8) == 0
    assert changes_of(*[0.7] * 4, 0.8, 0.8) == 1


def test_stride_times_are_compared_with_the_last_ten() -> None:
    slower = [0.7 + 0.004 * k for k in range(20)]  # the median of the nine before a jump is 0.76
    assert changes_of(*slower, 0.796, 0.796) == 0
    assert changes_of(*slower, 0.800, 0.800) == 1
