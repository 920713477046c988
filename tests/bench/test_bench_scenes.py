"""The scenes hide, darken and add what they say, and never move the runner; the looks are those of many runners."""

from __future__ import annotations

import numpy as np
import pytest

from bench.data.filmed import FACINGS, RUNNERS, RUNS, SPEEDS_MPS, true_strides, whom
from bench.data.scenes import (
    BYSTANDER,
    CONSOLE,
    DARK,
    FOOT_HIDDEN,
    HARD_SCENES,
    PLAIN,
    Detections,
    SceneSource,
    looked_at,
)
from cuecoach.types import LANDMARKS
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

VIRTUAL_RUNNER = VirtualRunnerSettings(faults=("none",), duration_s=0.5, seed=1, width_px=320, height_px=240)


def picture(scene: str, index: int = 5) -> np.ndarray:
    source = SceneSource(VIRTUAL_RUNNER, scene)
    frames = [source.read() for _ in range(index + 1)]
    assert frames[-1] is not None
    return frames[-1].image_bgr


def test_the_plain_scene_is_what_the_runner_draws() -> None:
    drawn = VirtualRunner(VIRTUAL_RUNNER).frame(5).image_bgr
    assert np.abs(picture(PLAIN).astype(int) - drawn).max() <= 2


def test_points_come_back_from_their_pixels() -> None:
    drawing = RunnerDrawing(VIRTUAL_RUNNER)
    points_m = np.random.default_rng(1).uniform(-1, 2, (len(LANDMARKS), 2))
    assert drawing.points_m(drawing.landmarks_px(points_m)) == pytest.approx(points_m)


@pytest.mark.parametrize("scene", HARD_SCENES)
def test_every_scene_shows_the_same_again_and_something_else_than_the_plain_one(scene: str) -> None:
    shown = picture(scene)
    assert np.array_equal(shown, picture(scene))
    assert (shown != picture(PLAIN)).any(axis=-1).mean() > 0.004


def test_only_the_lowest_part_of_the_picture_is_hidden_by_the_board() -> None:
    changed = (picture(FOOT_HIDDEN) != picture(PLAIN)).any(axis=(1, 2))
    lowest = np.flatnonzero(changed).min()
    knee_px = VirtualRunner(VIRTUAL_RUNNER).truth(5 / 30).points_px[[25, 26], 1].max()
    assert lowest > knee_px


def test_the_console_covers_no_part_of_the_near_leg() -> None:
    plain, behind = picture(PLAIN), picture(CONSOLE)
    points = VirtualRunner(VIRTUAL_RUNNER).truth(5 / 30).points_px
    near = [LANDMARKS.index(f"{VIRTUAL_RUNNER.near}_{joint}") for joint in ("knee", "ankle")]
    for x, y in points[near].round().astype(int):
        assert np.array_equal(plain[y, x], behind[y, x])


def test_the_dark_is_dark_and_the_bystander_leaves_the_runner_in_front() -> None:
    assert picture(DARK).mean() < 0.5 * picture(PLAIN).mean()
    x, y = VirtualRunner(VIRTUAL_RUNNER).truth(5 / 30).points_px[[23, 24]].mean(axis=0).round().astype(int)
    assert np.array_equal(picture(BYSTANDER)[y, x], picture(PLAIN)[y, x])


def test_a_source_ends_and_stays_ended() -> None:
    source = SceneSource(VIRTUAL_RUNNER)
    times = [frame.t_s for frame in iter(source.read, None)]
    assert len(times) == 15
    assert (np.diff(times) > 0).all()
    assert source.read() is None


def test_a_look_makes_larger_and_brighter() -> None:
    image = np.full((60, 80, 3), 100, np.uint8)
    image[25:35, 35:45] = 10
    seen = looked_at(image, Detections(size=2.0, light=1.5))
    assert seen[2, 2].tolist() == [150] * 3
    assert (seen[..., 0] == 15).sum() == pytest.approx(400, rel=0.15)


def test_all_runs_are_every_runner_at_every_speed_and_facing_once() -> None:
    runs = [(a.seed, a.speed_mps, a.facing) for a, _ in whom(RUNS)]
    assert len(set(runs)) == len(runs) == RUNNERS * len(SPEEDS_MPS) * len(FACINGS)
    assert len({(speed, facing) for _, speed, facing in runs[:8]}) == 8
    assert len({seed for seed, _, _ in runs[:8]}) == 8


def test_truth_has_both_legs_and_every_metric() -> None:
    strides = true_strides(VirtualRunnerSettings(faults=("none",), duration_s=3.0, speed_mps=3.0))
    assert len({stride.side for stride in strides}) == 2
    assert all(np.isfinite(list(stride.metrics.values())).all() for stride in strides)
    assert {"cadence_spm", "pass_fraction"} <= strides[0].metrics.keys()
