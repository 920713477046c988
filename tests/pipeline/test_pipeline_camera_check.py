"""What a user is told about the place of the camera: the right thing, and only when it is wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cuecoach.cli import app
from cuecoach.gait.gait import Gait
from cuecoach.pipeline.camera_check import CameraObservation, checks, grey_about
from cuecoach.types import FloatArray, Legs, Pose, PoseFrame, Stride
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

TRUST_MIN = 0.6


@pytest.fixture(scope="module", params=["left", "right"])
def good(request: pytest.FixtureRequest) -> CameraObservation:
    """Six seconds of a runner seen as one should be."""
    runner = VirtualRunner(VirtualRunnerSettings(faults=("none",), facing=request.param, duration_s=6.0))
    gait = Gait()
    poses: list[Pose | None] = []
    strides: list[Stride] = []
    live: Legs | None = None
    for index in range(180):
        pose = runner.pose(index / 30)
        step = gait.update(PoseFrame(index / 30, index, pose))
        strides += step.strides
        poses.append(pose)
        live = step.live or live
    assert live is not None
    return CameraObservation(6.0, poses, [120.0] * 180, strides, live.near, live.facing)


def wrong(observation: CameraObservation) -> list[str]:
    return [check.name for check in checks(observation, TRUST_MIN) if not check.good]


def moved(observation: CameraObservation, change: object) -> CameraObservation:
    assert callable(change)
    poses = [
        None if p is None else Pose(p.t_s, change(p.points_px), p.visibility, p.image_size_px)
        for p in observation.poses
    ]
    return replace(observation, poses=poses)


def turned(points: FloatArray) -> FloatArray:
    """Put left shoulder and hip 100 px before the right ones, as a camera from the front quarter shows them."""
    out = points.copy()
    out[[11, 23], 0] += 60
    out[[12, 24], 0] -= 60
    return out


def test_a_good_place_needs_no_advice(good: CameraObservation) -> None:
    assert wrong(good) == []
    text = {check.name: check.found for check in checks(good, TRUST_MIN)}
    assert text["near leg"].startswith(str(good.near))


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("pictures", lambda g: replace(g, seconds=10.0)),
        ("runner", lambda g: replace(g, poses=[None] * 100 + list(g.poses[100:]))),
        ("light", lambda g: replace(g, greys=[20.0] * 180)),
        ("light", lambda g: replace(g, greys=[math.nan] * 180)),
        ("body", lambda g: moved(g, lambda points: points + np.array([0, 400]))),
        ("size", lambda g: moved(g, lambda points: points * 0.3 + 100)),
        ("side-on", lambda g: moved(g, turned)),
        ("strides", lambda g: replace(g, strides=[])),
        ("strides", lambda g: replace(g, strides=[replace(s, trust=0.1) for s in g.strides])),
    ],
)
def test_what_is_wrong_is_told_with_advice(good: CameraObservation, name: str, spoilt: object) -> None:
    assert callable(spoilt)
    observation = spoilt(good)
    assert wrong(observation) == [name]
    assert all(check.advice for check in checks(observation, TRUST_MIN) if not check.good)


def test_nothing_seen_at_all_is_told(good: CameraObservation) -> None:
    assert "runner" in wrong(replace(good, poses=[], greys=[], strides=[], seconds=0.0))


def test_grey_is_measured_about_the_runner_only(good: CameraObservation) -> None:
    pose = good.poses[0]
    assert pose is not None
    width, height = pose.image_size_px
    image = np.zeros((height, width, 3), np.uint8)
    low, high = pose.points_px.min(axis=0).astype(int), pose.points_px.max(axis=0).astype(int)
    image[low[1] : high[1], low[0] : high[0]] = 200
    assert grey_about(image, pose) == pytest.approx(200, abs=1)
    assert math.isnan(grey_about(image, None))


def test_a_recording_has_no_pictures_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "x.landmarks.csv"
    path.write_text("# cuecoach-landmarks 1 fps=30 width=72 height=128\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["setup", "--source", str(path)])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.pose
def test_setup_looks_at_a_film_and_says_what_it_found(shared_data: Path) -> None:
    film = shared_data / "clips" / "male_side.mp4"
    result = CliRunner().invoke(app, ["setup", "--source", str(film), "--seconds", "2"])
    assert result.exit_code == 0, result.output
    assert "good  near leg: left" in result.output
    assert "good  side-on" in result.output
