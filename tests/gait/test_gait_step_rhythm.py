"""The rhythm of steps at any speed of a film: how much it is slowed, where that changes, and who does not run."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from gait_stick import MEAN_WALKER, Stick, film, times
from perfect_pose import pose_frames

from cuecoach.gait.step_rhythm import StepRhythm, Stretch, rounded, slowed_times, speed_change
from cuecoach.types import PoseFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

WALKER_BOB_LEG = -0.025


def stretches(frames: list[PoseFrame]) -> list[Stretch]:
    rhythm = StepRhythm()
    for frame in frames:
        if frame.pose is not None:
            rhythm.add(frame.pose)
    return rhythm.stretches()


def running(speed_mps: float, rate_hz: float = 30.0, fault: str = "none", strength: float = 1.0) -> list[PoseFrame]:
    return pose_frames(
        VirtualRunnerSettings(speed_mps=speed_mps, faults=(fault,), strength=strength, rate_hz=rate_hz, duration_s=8.0)
    )


def slowed(frames: list[PoseFrame], slow_times: float, from_s: float = 0.0, to_s: float = math.inf) -> list[PoseFrame]:
    """Return the frames with a part of them played slower."""

    def at(t_s: float) -> float:
        inside = min(max(t_s - from_s, 0.0), to_s - from_s)
        return t_s + (slow_times - 1) * inside

    return [replace(one, t_s=at(one.t_s), pose=one.pose and replace(one.pose, t_s=at(one.t_s))) for one in frames]


@pytest.mark.parametrize("times_slower", [2.0, 3.0, 4.0, 8.0, 10.0, 16.0])
@pytest.mark.parametrize("speed_mps", [2.0, 3.0, 4.5, 6.0])
def test_a_slowed_film_is_noticed_with_its_factor(times_slower: float, speed_mps: float) -> None:
    found = slowed_times(stretches(slowed(running(speed_mps), times_slower)))
    assert found == pytest.approx(times_slower, rel=0.13)


@pytest.mark.parametrize("speed_mps", [2.0, 2.5, 3.0, 4.0, 5.0, 6.0])
@pytest.mark.parametrize("rate_hz", [24.0, 60.0, 240.0])
def test_life_is_not_slowed(speed_mps: float, rate_hz: float) -> None:
    found = stretches(running(speed_mps, rate_hz))
    assert [one.times for one in found] == [pytest.approx(1.0, abs=0.15)]
    assert slowed_times(found) is None


@pytest.mark.parametrize("speed_mps", [2.0, 5.0])
def test_the_lowest_cadence_of_a_runner_is_not_slowed(speed_mps: float) -> None:
    assert slowed_times(stretches(running(speed_mps, fault="low-cadence", strength=1.5))) is None


@pytest.mark.parametrize("stride_s", [0.72, 0.8, 0.857])
def test_a_jogger_with_little_bounce_is_not_slowed(stride_s: float) -> None:
    jogger = film(Stick(stride_s=stride_s, bob_leg=0.03), times(8.0, 30.0))
    found = stretches(jogger)
    assert math.isfinite(found[0].times)
    assert slowed_times(found) is None


@pytest.mark.parametrize("stride_s", [1.0, 1.2, 1.4, 2.5])
def test_a_walker_is_no_slowed_runner(stride_s: float) -> None:
    """The hips of one who walks are highest as the feet pass each other, and lowest for one who runs."""
    walker = film(Stick(stride_s=stride_s, curves=MEAN_WALKER, bob_leg=WALKER_BOB_LEG), times(14.0, 30.0))
    found = stretches(walker)
    assert found
    assert all(math.isnan(one.times) for one in found)
    assert slowed_times(found) is None


def test_confused_legs_and_missing_pictures_do_not_change_the_rhythm() -> None:
    def renamed(t_s: np.ndarray, points: np.ndarray) -> None:
        points[10::7] = points[10::7, ::-1].copy()
        points[5::23, 1] = points[5::23, 0]  # both on one leg

    frames = film(Stick(), times(10.0, 30.0, jitter_s=0.003, drop=0.1), spoil=renamed)
    (found,) = stretches(frames)
    assert found.step_s == pytest.approx(0.36, abs=0.01)
    assert found.times == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("times_slower", [2.0, 4.0, 8.0])
def test_a_speed_that_changes_within_the_film_is_noticed(times_slower: float) -> None:
    found = stretches(slowed(running(3.0, rate_hz=60.0), times_slower, 2.5, 5.0))
    change = speed_change(found)
    assert change is not None
    before, after = change
    assert before.times < 1.3 < 1.6 < after.times
    assert 1.5 < before.end_s < 3.2
    assert after.times == pytest.approx(times_slower, rel=0.2)
    assert slowed_times(found) is None, "most steps are those of life"


def test_a_belt_that_speeds_up_is_no_change_of_the_film() -> None:
    slow, fast = running(2.0), running(6.0)
    ahead_s = slow[-1].t_s + 1 / 30
    later = [
        replace(one, t_s=one.t_s + ahead_s, pose=one.pose and replace(one.pose, t_s=one.t_s + ahead_s)) for one in fast
    ]
    found = stretches(slow + later)
    assert speed_change(found) is None
    assert slowed_times(found) is None


def test_two_people_are_not_one_rhythm() -> None:
    frames = running(3.0)
    jumping = [
        one if k % 2 else replace(one, pose=one.pose and replace(one.pose, points_px=one.pose.points_px + 400.0))
        for k, one in enumerate(frames)
    ]
    assert stretches(jumping) == []


def test_nothing_nobody_and_one_frame_have_no_rhythm() -> None:
    assert stretches([]) == []
    assert stretches(running(3.0)[:1]) == []
    assert slowed_times([]) is None
    assert speed_change([]) is None
    unseen = [
        replace(one, pose=one.pose and replace(one.pose, points_px=np.full((33, 2), np.nan))) for one in running(3.0)
    ]
    assert stretches(unseen) == []


def test_a_factor_is_told_as_precisely_as_it_is_known() -> None:
    assert [rounded(times_slower) for times_slower in (1.9, 2.2, 2.6, 3.8, 9.7)] == [2.0, 2.0, 2.5, 4.0, 10.0]
