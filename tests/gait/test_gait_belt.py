"""The belt's speed: guessed, measured, calibrated, reset; and what happens to strides when the guess is bad."""

from __future__ import annotations

import math

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


@pytest.mark.parametrize(("share", "told"), [(1.02, 0), (1.12, 1), (0.88, 1)])
def test_another_speed_is_told_within_three_strides(share: float, told: int) -> None:
    rng = np.random.default_rng(6)
    before = (3.0 * (1 + 0.02 * rng.normal(size=16))).tolist()
    after = (3.0 * share * (1 + 0.02 * rng.normal(size=6))).tolist()
    belt = fed(BeltSpeedEstimator(1.76), before)
    assert belt.changes == 0
    assert fed(belt, after).changes == told


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
    """For 1.2 s the legs change names in every second picture: feet seem to fly backward."""
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
