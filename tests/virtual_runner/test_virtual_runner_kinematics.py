"""The virtual runner's motion: a body with rigid bones on a moving belt, and a function of time alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runner_strides import ALL, RATE_HZ, metrics, run, stances, toe_speed

from cuecoach.reference.body import LEG_M, SHANK_M, THIGH_M, landmarks
from cuecoach.reference.mean_stride import mean_stride
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LANDMARKS, TOE, Side
from cuecoach.virtual_runner.kinematics import GaitEventKind, RunnerMotion
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SPEEDS = st.floats(2.0, 6.0)


def healthy(_name: str, _t_s: float) -> float:
    return 0.0


@settings(max_examples=25)
@given(speed=SPEEDS, fault=st.sampled_from(ALL), strength=st.floats(0.0, 1.5), seed=st.integers(0, 99))
def test_bones_keep_their_length_and_feet_stay_above_the_belt(
    speed: float, fault: str, strength: float, seed: int
) -> None:
    points = run(fault, strength, speed, seconds=2.0, seed=seed).points
    for a, b, length_m in ((HIP, KNEE, THIGH_M), (KNEE, ANKLE, SHANK_M)):
        np.testing.assert_allclose(np.hypot(*(points[:, :, a] - points[:, :, b]).T), length_m, rtol=1e-9)
    foot = np.hypot(*(points[:, :, HEEL] - points[:, :, TOE]).T)
    np.testing.assert_allclose(foot, foot[0, 0], rtol=1e-9)
    assert points[..., 1].min() > -0.003


@pytest.mark.parametrize("speed", [2.0, 2.5, 3.0, 4.0, 5.0, 6.0])
def test_a_stance_foot_lies_on_the_belt_and_travels_with_it(speed: float) -> None:
    seen = run(speed_mps=speed)
    for side in Side:
        for stance in stances(seen, side):
            points = seen.points[stance, side.row]
            middle = points[len(points) // 5 : len(points) * 4 // 5]
            assert middle[:, (HEEL, TOE), 1].min(axis=1).max() < 0.005
            assert toe_speed(points[:, TOE, 0]) == pytest.approx(speed, rel=0.08)  # one stance, at 200 Hz
    assert metrics(seen)["toe_mps"] == pytest.approx(speed, rel=0.05)


@pytest.mark.parametrize("fault", ALL)
def test_the_belt_carries_the_foot_whatever_the_fault(fault: str) -> None:
    assert metrics(run(fault))["toe_mps"] == pytest.approx(3.5, rel=0.05)


@pytest.mark.parametrize(
    ("speed", "knee_peak", "cadence", "contact"),
    [(2.5, 89.8, 161, 0.287), (3.5, 105.2, 171, 0.237), (4.5, 116.8, 183, 0.212)],
)
def test_without_a_fault_it_is_the_measured_mean_runner(
    speed: float, knee_peak: float, cadence: float, contact: float
) -> None:
    """Fukuchi 2017, 28 runners."""
    found = metrics(run(speed_mps=speed))
    assert found["knee_peak"] == pytest.approx(knee_peak, abs=2.5)
    assert found["cadence"] == pytest.approx(cadence, rel=0.02)
    assert found["contact"] == pytest.approx(contact, abs=0.01)


def test_between_measured_speeds_the_knee_follows_the_pace_and_beyond_them_it_grows_more_slowly() -> None:
    peaks = [float(mean_stride(speed).curves(np.arange(1, 2, 0.01))[:, 1].max()) for speed in np.arange(2.0, 6.1, 0.5)]
    steps = np.diff(peaks)
    assert (steps > 0).all()
    assert steps[-1] < 0.6 * steps[3]


@pytest.mark.parametrize("fault", ALL)
def test_events_of_a_leg_come_in_their_order_and_legs_alternate(fault: str) -> None:
    motion = run(fault).motion
    events = motion.events(0.0, 10.0)
    assert [event.t_s for event in events] == sorted(event.t_s for event in events)
    for side in Side:
        phases = [event.kind for event in events if event.side is side and not event.kind.endswith("peak")]
        order = [GaitEventKind.FOOT_STRIKE, GaitEventKind.MID_STANCE, GaitEventKind.TOE_OFF]
        first = order.index(phases[0])
        assert phases == [order[(first + step) % 3] for step in range(len(phases))]
    strikes = [event.side for event in events if event.kind is GaitEventKind.FOOT_STRIKE]
    assert len(strikes) > 20
    assert all(one is not other for one, other in pairwise(strikes))
    knee_peaks = [event for event in events if event.kind is GaitEventKind.KNEE_PEAK and event.side is Side.LEFT]
    assert len(knee_peaks) == pytest.approx(len(strikes) / 2, abs=1)


def test_events_are_where_the_motion_has_them() -> None:
    seen = run()
    for event in seen.motion.events(3.0, 6.0):
        leg = run_at(seen.motion, event.t_s)[event.side.row]
        if event.kind is GaitEventKind.MID_STANCE:
            assert abs(leg[ANKLE, 0]) < 0.005 * LEG_M
        knee = seen.motion.posture(event.t_s).legs_deg[event.side.row, 1]
        if event.kind is not GaitEventKind.THIGH_PEAK:
            assert event.value_deg == pytest.approx(knee, abs=0.5)
        if event.kind is GaitEventKind.KNEE_PEAK:
            near = np.abs(seen.t_s - event.t_s) < 0.1
            assert event.value_deg == pytest.approx(seen.angles[near, event.side.row, 1].max(), abs=0.2)


def run_at(motion: RunnerMotion, t_s: float) -> np.ndarray:
    """Return (2, 5, 2) leg points of one moment, from the 33 landmarks."""
    points = landmarks(motion.posture(t_s))
    joints = ("hip", "knee", "ankle", "heel", "foot_index")
    return np.array([[points[LANDMARKS.index(f"{side}_{joint}")] for joint in joints] for side in Side])


@settings(max_examples=20)
@given(rate=st.sampled_from([24.0, 25.0, 30.0, 60.0, 120.0, 240.0]), t_s=st.floats(0.0, 6.0))
def test_the_rate_of_looking_changes_nothing(rate: float, t_s: float) -> None:
    often, once = RunnerMotion(VirtualRunnerSettings(), healthy), RunnerMotion(VirtualRunnerSettings(), healthy)
    for step in range(int(t_s * rate)):
        often.posture(step / rate)
    assert often.posture(t_s).legs_deg.tolist() == once.posture(t_s).legs_deg.tolist()
    assert often.events(0.0, t_s) == once.events(0.0, t_s)


def test_a_motion_has_no_jumps() -> None:
    for fault in ALL:
        angles = run(fault, seconds=4.0).angles[:, :, :2]
        assert np.abs(np.diff(angles, axis=0)).max() * RATE_HZ < 1500.0  # deg/s; a sprinter's shank reaches 1230


def test_seeds_make_runs() -> None:
    def strikes(seed: int) -> list[float]:
        events = RunnerMotion(VirtualRunnerSettings(seed=seed), healthy).events(0.0, 8.0)
        return [event.t_s for event in events if event.kind is GaitEventKind.FOOT_STRIKE]

    assert strikes(3) == strikes(3)
    assert strikes(3) != strikes(4)
    gaps = np.diff(strikes(3)[::2])
    assert 0.004 < gaps.std() / gaps.mean() < 0.03  # strides differ, as a runner's do
