"""Somebody larger is painted before the runner, where it is said, and the runner is never moved."""

from __future__ import annotations

import numpy as np
import pytest

from bench.data.bystanders import (
    AHEAD,
    BEFORE_LEG,
    COMES_LATER,
    REAR_FOOT_HIDDEN,
    STANDS_S,
    Foreground,
    ForegroundSource,
)
from cuecoach.types import LANDMARKS
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

HIP, ANKLE = (LANDMARKS.index(f"left_{joint}") for joint in ("hip", "ankle"))
NOSE = LANDMARKS.index("nose")


def source(other: Foreground, facing: str = "left") -> ForegroundSource:
    runner = VirtualRunnerSettings(faults=("none",), duration_s=1.0, seed=1, width_px=320, height_px=240, facing=facing)
    return ForegroundSource(runner, other)


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("other", [AHEAD, REAR_FOOT_HIDDEN, COMES_LATER, BEFORE_LEG])
def test_the_other_person_is_larger_and_where_it_is_said(other: Foreground, facing: str) -> None:
    shown = source(other, facing)
    runner_px, other_px = shown.runner_px(0.5), shown.other_px(0.5)
    ahead = 1.0 if facing == "right" else -1.0
    assert np.sign((other_px[HIP] - runner_px[HIP])[0]) == np.sign(other.ahead_m) * ahead
    runner_height, other_height = (points[ANKLE, 1] - points[NOSE, 1] for points in (runner_px, other_px))
    assert other_height == pytest.approx(other.size * runner_height, rel=0.1)


def test_the_runner_stands_and_then_runs_as_the_virtual_runner_does() -> None:
    shown = source(AHEAD)
    assert shown.runner_px(0.0) == pytest.approx(shown.runner_px(STANDS_S - 0.1), abs=25)
    runner = VirtualRunner(VirtualRunnerSettings(faults=("none",), seed=1, width_px=320, height_px=240))
    assert shown.runner_px(STANDS_S + 0.4) == pytest.approx(runner.truth(0.4).points_px)


def test_pictures_are_the_same_again_and_somebody_who_comes_later_is_not_there_before() -> None:
    pictures = []
    for other in (AHEAD, AHEAD, COMES_LATER):
        shown = source(other)
        frames = []
        while (frame := shown.read()) is not None:
            frames.append(frame)
        assert len(frames) == shown.count == round((STANDS_S + 1.0) * 30)
        pictures.append(frames[10].image_bgr)
    assert np.array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()
