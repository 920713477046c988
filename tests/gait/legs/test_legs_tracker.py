"""Legs that a pose model swaps, merges or throws about in mid-swing, done on purpose, against known truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from gait_stick import HIP_PX, LEG_PX, Run, Stick, film, follow, times

from cuecoach.gait.angles import knee_flexion, segment_angles, to_runner_axes
from cuecoach.types import ANKLE, LEG_LANDMARKS, FloatArray, Side

STICK = Stick()


def truth_px(t_s: FloatArray, facing: int = 1) -> FloatArray:
    return STICK.points(t_s) * np.array([facing, -1.0]) * LEG_PX + HIP_PX


def in_swing(t_s: FloatArray, row: int, start: float, end: float) -> np.ndarray:
    """Return which frames lie between two shares of the stride of a leg (0 left, 1 right)."""
    share = (t_s / STICK.stride_s + (0.5 if row == 0 else 0.0)) % 1.0
    return (share > start) & (share < end)


def merge(row: int) -> Callable[[FloatArray, FloatArray], None]:
    """Return a spoiler that puts one leg onto the other in the first half of its swing, as real pose models do."""

    def spoil(t_s: FloatArray, points: FloatArray) -> None:
        hidden = in_swing(t_s, row, 0.45, 0.58)
        points[hidden, row] = points[hidden, 1 - row] + 4.0

    return spoil


def swap(t_s: FloatArray, points: FloatArray) -> None:
    wrong = in_swing(t_s, 0, 0.5, 0.62) | in_swing(t_s, 1, 0.5, 0.62)
    points[wrong] = points[wrong][:, ::-1]


def ankle_errors(run: Run, facing: int = 1, after_s: float = 2.0) -> FloatArray:
    """Return the distance (n, 2) of settled ankles from truth, in leg lengths."""
    legs = [one for one in run.settled if one.t_s > after_s]
    true = truth_px(np.array([one.t_s for one in legs]), facing)
    seen = np.array([one.points_px for one in legs])
    return np.hypot(*np.moveaxis((seen - true)[:, :, ANKLE], -1, 0)) / LEG_PX


@pytest.mark.parametrize("facing", [1, -1])
def test_swapped_legs_are_put_right(facing: int) -> None:
    run = follow(film(STICK, times(6.0, 30), facing=facing, spoil=swap))
    assert ankle_errors(run, facing).max() < 0.15
    assert np.median([s.trust for s in run.strides]) > 0.8
    assert len(run.strides) >= 13


@pytest.mark.parametrize("row", [0, 1])
def test_a_leg_hidden_by_the_other_is_rebuilt_and_marked(row: int) -> None:
    t = times(8.0, 30)
    run = follow(film(STICK, t, spoil=merge(row)))
    errors = ankle_errors(run)
    assert np.percentile(errors[:, row], 90) < 0.15
    assert errors[:, 1 - row].max() < 0.08, "the leg that was seen stays as it was seen"
    late = [one for one in run.settled if one.t_s > 2.0]
    hidden = in_swing(np.array([one.t_s for one in late]), row, 0.46, 0.57)
    trust = np.array([one.trust for one in late])
    assert trust[hidden, row].max() < 0.5
    assert np.median(trust[~hidden, row]) > 0.8
    hurt = Side.LEFT if row == 0 else Side.RIGHT
    worth, clean = (np.mean([s.trust for s in one.strides if s.side is hurt]) for one in (run, follow(film(STICK, t))))
    assert worth < clean - 0.05
    peaks = [s.metrics["knee_peak_swing_deg"] for s in run.strides if s.side is hurt]
    assert np.median(peaks) == pytest.approx(STICK.peak_knee_deg(), abs=6.0)


def test_raw_points_of_a_hidden_leg_would_have_read_a_lazy_heel() -> None:
    """The damage is real: without the tracker the same film reads far too little knee flexion."""
    t = times(4.0, 30)
    points = truth_px(t)
    merge(1)(t, points)
    hidden = in_swing(t, 1, 0.46, 0.57)
    raw = knee_flexion(segment_angles(to_runner_axes(points[hidden, 1], 1)))
    true = knee_flexion(segment_angles(to_runner_axes(truth_px(t)[hidden, 1], 1)))
    assert (true - raw).min() > 15.0


def test_wild_points_do_not_reach_the_measurement() -> None:
    rng = np.random.default_rng(5)

    def spoil(t_s: FloatArray, points: FloatArray) -> None:
        wild = rng.random(len(t_s)) < 0.05
        points[wild, 0] += rng.normal(0.0, 0.4 * LEG_PX, (int(wild.sum()), 5, 2))

    run = follow(film(STICK, times(8.0, 30), spoil=spoil))
    assert np.percentile(ankle_errors(run)[:, 0], 98) < 0.15
    peaks = [s.metrics["knee_peak_swing_deg"] for s in run.strides if s.trust > 0.5]
    assert len(peaks) > 12
    assert np.abs(np.array(peaks) - STICK.peak_knee_deg()).max() < 10.0


def test_noise_of_single_pictures_is_not_kept() -> None:
    """A leg is where the frames around agree that it is: less noise than single frames have, and no bias."""
    pose_frames = film(STICK, times(8.0, 30))
    late = [one for one in follow(pose_frames).settled if one.t_s > 3.0]
    landmarks = np.array([pose.points_px for pose in (pose_frames[one.index].pose for one in late) if pose is not None])
    true = _knees(truth_px(np.array([one.t_s for one in late])))
    seen = _knees(landmarks[:, np.array(LEG_LANDMARKS)]) - true
    settled = _knees(np.array([one.points_px for one in late])) - true
    assert settled.std() < 0.65 * seen.std()
    assert np.abs(settled.mean(axis=0)).max() < 0.5


def _knees(points_px: FloatArray) -> FloatArray:
    return knee_flexion(segment_angles(to_runner_axes(points_px, 1)))


def test_live_legs_are_filled_too() -> None:
    t = times(8.0, 30)
    run = follow(film(STICK, t, spoil=merge(0)))
    live = [step.live for step in run.steps if step.live and step.live.t_s > 3.0]
    true = truth_px(np.array([one.t_s for one in live]))
    error = np.hypot(*np.moveaxis((np.array([one.points_px for one in live]) - true)[:, 0, ANKLE], -1, 0)) / LEG_PX
    hidden = in_swing(np.array([one.t_s for one in live]), 0, 0.46, 0.57)
    assert hidden.sum() > 10
    assert np.percentile(error[hidden], 90) < 0.25
    assert max(one.trust[0] for one, gone in zip(live, hidden, strict=True) if gone) < 0.5


def test_noise_alone_is_not_periodic() -> None:
    rng = np.random.default_rng(3)

    def spoil(t_s: FloatArray, points: FloatArray) -> None:
        points[:] = HIP_PX + rng.normal(0.0, 0.5 * LEG_PX, points.shape)

    run = follow(film(STICK, times(6.0, 30), spoil=spoil))
    assert all(legs.trust.max() <= 0.41 for legs in run.settled)
    assert all(s.trust < 0.4 for s in run.strides)
