"""The simulated camera shows what it was given, from either side, and adds just the errors it was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from bench.accuracy.rules import raw_angles, raw_legs, raw_stride_metrics, strides_by
from bench.data.camera import Camera, film, project
from bench.data.truth import Mocap
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, TOE, PoseFrame, Side

STRIDE_S = 0.75
RATE_HZ = 150.0
FOOT_M = {HEEL: (-0.06, -0.06), TOE: (0.18, -0.06)}
EXACT = {"noise": 0.0, "jitter_s": 0.0, "dropped": 0.0}


def runner(seconds: float = 6.0) -> Mocap:
    """Make a stick runner in metres: thigh and knee are sine waves, the legs half a stride apart."""
    t_s = np.arange(0.0, seconds, 1 / RATE_HZ)
    points = np.zeros((len(t_s), 2, 5, 3))
    for row, depth_m in ((0, -0.1), (1, 0.1)):
        beat = 2 * np.pi * (t_s / STRIDE_S + row / 2)
        thigh = np.radians(8 + 25 * np.cos(beat))
        shank = thigh - np.radians(50 - 45 * np.cos(beat + 1.0))
        knee = 0.42 * np.stack([np.sin(thigh), -np.cos(thigh)], axis=1)
        ankle = knee + 0.42 * np.stack([np.sin(shank), -np.cos(shank)], axis=1)
        points[:, row, KNEE, :2], points[:, row, ANKLE, :2] = knee, ankle
        for joint, offset in FOOT_M.items():
            points[:, row, joint, :2] = ankle + offset
        points[:, row, :, 2] = depth_m
    points[..., :2] += [2.0, 0.9]
    return Mocap("stick", t_s, points, None, [], 1.75, 2.5)


@pytest.mark.parametrize("near", list(Side))
def test_near_leg_is_larger_and_the_runner_faces_as_seen_from_there(near: Side) -> None:
    mocap = runner()
    seen = project(mocap.points_m, mocap.stature_m, Camera(near))
    length = np.hypot(*np.moveaxis(seen[:, :, KNEE] - seen[:, :, HIP], -1, 0)).mean(axis=0)
    assert length[near.row] / length[near.other.row] == pytest.approx(3.1 / 2.9, rel=0.01)
    toe_ahead = (seen[..., TOE, 0] - seen[..., HEEL, 0]).mean()
    assert np.sign(toe_ahead) == (1 if near is Side.RIGHT else -1)
    assert (seen[..., HIP, 1] < seen[..., ANKLE, 1]).mean() > 0.9, "y grows down"


@pytest.mark.parametrize("near", list(Side))
def test_angles_survive_the_projection_of_a_flat_leg(near: Side) -> None:
    mocap = runner()
    camera = Camera(near, **EXACT)
    true = raw_angles(mocap.points_m[..., :2] * [1, -1], facing=1)["knee"]
    t_s, legs = raw_legs(film(mocap, camera, seed=1))
    knee = raw_angles(legs, camera.facing)["knee"]
    for side in Side:
        expected = np.interp(t_s, mocap.t_s, true[:, side.row])
        assert knee[:, side.row] == pytest.approx(expected, abs=0.3)


def test_same_seed_same_film_other_seed_another() -> None:
    first, again, other = (film(runner(), Camera(Side.LEFT), seed) for seed in (3, 3, 4))
    assert np.array_equal(raw_legs(first)[1], raw_legs(again)[1])
    assert not np.array_equal(raw_legs(first)[1][:50], raw_legs(other)[1][:50])


def test_noise_jitter_and_dropped_frames_are_as_asked() -> None:
    mocap = runner(20.0)
    camera = Camera(Side.LEFT, rate_hz=30.0, noise=0.01, jitter_s=0.003, dropped=0.1)
    pose_frames = film(mocap, camera, seed=5)
    index = np.array([pose_frame.index for pose_frame in pose_frames])
    t_s, legs = raw_legs(pose_frames)
    assert 1 - len(index) / (index[-1] + 1) == pytest.approx(0.1, abs=0.04)
    assert (np.diff(t_s) > 0).all()
    assert np.std(t_s - index / 30.0) == pytest.approx(0.003, rel=0.2)
    clean = project(mocap.points_m, mocap.stature_m, camera)
    at = np.stack([np.interp(t_s, mocap.t_s, column) for column in clean.reshape(len(clean), -1).T], axis=1)
    assert np.std(legs.reshape(len(legs), -1) - at) == pytest.approx(0.01 * camera.stature_px, rel=0.05)


def test_confused_legs_are_swapped_or_merged_now_and_then() -> None:
    mocap = runner(20.0)
    plain = raw_legs(film(mocap, Camera(Side.LEFT, **EXACT), seed=7))[1]
    confused = raw_legs(film(mocap, Camera(Side.LEFT, confused=True, **EXACT), seed=7))[1]
    changed = (plain != confused).any(axis=(1, 2, 3))
    merged = (confused[:, 0] == confused[:, 1]).all(axis=(1, 2))
    swapped = (confused == plain[:, ::-1]).all(axis=(1, 2, 3))
    assert 0.02 < changed.mean() < 0.6
    assert merged.any()
    assert swapped.any()
    assert (merged | swapped)[changed].all()


def test_raw_metrics_of_a_film_are_those_of_the_runner() -> None:
    camera = Camera(Side.LEFT, rate_hz=60.0, **EXACT)
    t_s, legs = raw_legs(film(runner(), camera, seed=1))
    angles = raw_angles(legs, camera.facing)
    metrics = raw_stride_metrics(t_s, angles["thigh"][:, 0], angles["knee"][:, 0], (1.0, 1.0 + STRIDE_S))
    assert metrics["knee_peak_swing_deg"] == pytest.approx(95.0, abs=1.0)
    assert metrics["thigh_max_deg"] == pytest.approx(33.0, abs=1.0)
    assert raw_stride_metrics(t_s, angles["thigh"][:, 0], angles["knee"][:, 0], (50.0, 51.0)) == {}


def test_zeni_finds_every_stride_of_a_regular_runner() -> None:
    pose_frames = film(runner(8.0), Camera(Side.RIGHT), seed=2)
    strides = strides_by("Zeni", pose_frames, facing=1)
    for side in Side:
        own = [s for s in strides if s.side is side]
        assert len(own) >= 8
        assert np.median([s.t_next_strike_s - s.t_strike_s for s in own]) == pytest.approx(STRIDE_S, abs=0.02)


@pytest.mark.parametrize("rule", ["Zeni", "foot height", "foot speed"])
def test_rules_give_nothing_where_nobody_is(rule: str) -> None:
    empty = [PoseFrame(k / 30, k, None) for k in range(60)]
    assert strides_by(rule, empty, facing=1) == []
