"""The drawing: whole, at any size, the same in both directions, and seen by the real pose model where it is true."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cuecoach.config import cache_folder
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.settings import PoseSettings
from cuecoach.reference.body import landmarks
from cuecoach.types import LANDMARKS, LEG_LANDMARKS, FloatArray
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.kinematics import RunnerMotion
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

PAIRS = {"left": "right", "right": "left"}
EXCHANGED = [LANDMARKS.index("_".join(PAIRS.get(word, word) for word in name.split("_"))) for name in LANDMARKS]

SIZES = [(640, 480), (320, 240), (1280, 720), (720, 1280), (480, 480), (161, 923)]


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_whole_runner_is_in_the_picture_at_any_size(width: int, height: int, facing: str) -> None:
    runner = VirtualRunner(VirtualRunnerSettings(width_px=width, height_px=height, facing=facing, speed_mps=4.5))
    for index in range(0, 30, 5):
        frame = runner.frame(index)
        assert frame.image_bgr.shape == (height, width, 3)
        assert frame.image_bgr.dtype == np.uint8
        x, y = frame.truth.points_px.T
        assert x.min() > 0 and x.max() < width  # noqa: PT018
        assert y.min() > 0 and y.max() < height  # noqa: PT018


def test_the_runner_fills_enough_of_the_picture_to_be_measured() -> None:
    y = VirtualRunner(VirtualRunnerSettings()).truth(1.0).points_px[:, 1]
    assert np.ptp(y) > 0.6 * 480


def test_facing_right_is_the_mirror_image_of_facing_left() -> None:
    """A runner facing right shows the right leg: the mirror image of one is the other with its sides exchanged."""
    left, right = (RunnerDrawing(VirtualRunnerSettings(facing=facing)) for facing in ("left", "right"))
    points = landmarks(RunnerMotion(VirtualRunnerSettings(), lambda _name, _t_s: 0.0).posture(2.0))
    exchanged = points[EXCHANGED]
    ours, theirs = left.landmarks_px(points), right.landmarks_px(exchanged)[EXCHANGED]
    np.testing.assert_allclose(ours * (-1, 1) + (640, 0), theirs)
    difference = left.paint(points, 0.0)[:, ::-1].astype(int) - right.paint(exchanged, 0.0)
    assert np.mean(np.abs(difference) > 30) < 0.02  # edges only: the pixels' own grid is shifted by one


def test_pictures_of_the_same_moment_are_the_same_at_any_rate() -> None:
    slow, fast = VirtualRunner(VirtualRunnerSettings(rate_hz=24.0)), VirtualRunner(VirtualRunnerSettings(rate_hz=240.0))
    assert (slow.frame(24).image_bgr == fast.frame(240).image_bgr).all()
    assert slow.frame(24).truth.events == fast.frame(240).truth.events


def test_the_belt_moves_under_a_runner_who_stays() -> None:
    runner = VirtualRunner(VirtualRunnerSettings(rate_hz=60.0))
    belt = [runner.frame(index).image_bgr[-60:-44] for index in range(2)]
    assert (belt[0] != belt[1]).any()


def test_a_frame_cannot_be_changed_by_the_next() -> None:
    runner = VirtualRunner(VirtualRunnerSettings())
    first = runner.frame(0)
    before = first.image_bgr.copy()
    runner.frame(5)
    assert (first.image_bgr == before).all()


FILMED = [
    {"facing": "left", "speed_mps": 2.5, "faults": ("none",)},
    {"facing": "right", "speed_mps": 3.5, "faults": ("none",)},
    {"facing": "left", "speed_mps": 3.0, "faults": ("lazy-heel",)},
    {"facing": "right", "speed_mps": 3.0, "faults": ("lazy-heel",), "width_px": 320, "height_px": 240},
]


def knee(points_px: FloatArray, facing: str) -> float:
    """Return knee flexion in degrees from (5, 2) points of a leg."""
    hip, joint, ankle = points_px[:3] * (1 if facing == "right" else -1, 1)
    thigh, shank = joint - hip, ankle - joint
    return float(np.degrees(np.arctan2(thigh[0], thigh[1]) - np.arctan2(shank[0], shank[1])))


@pytest.mark.pose
def test_mediapipe_sees_the_runner_and_its_knees() -> None:
    """An error of the knee's peak of 8 degrees leaves a clean runner clean and a lazy heel lazy (15 to the limit)."""
    detector = PoseDetector(PoseSettings(model="full"), cache_folder())
    missed = total = 0
    for number, case in enumerate(FILMED):
        settings = VirtualRunnerSettings(rate_hz=30.0, **case)  # type: ignore[arg-type]
        runner = VirtualRunner(settings)
        rows = list(LEG_LANDMARKS[settings.near.row])
        true, seen = [], []
        for index in range(30, 64):
            frame = runner.frame(index)
            people = detector.detect_all(dataclasses.replace(frame, t_s=100.0 * number + frame.t_s)).people
            total += 1
            missed += not people
            if people:
                assert len(people) == 1, case
                true.append(knee(frame.truth.points_px[rows], settings.facing))
                seen.append(knee(people[0].points_px[rows], settings.facing))
        assert np.median(np.abs(np.array(seen) - true)) < 4.0, case
        assert max(seen) == pytest.approx(max(true), abs=8.0), case
    detector.close()
    assert missed <= 0.01 * total
