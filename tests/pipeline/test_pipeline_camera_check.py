"""What a user is told about the place of the camera: the right thing, and only when it is wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cuecoach.cli import app
from cuecoach.gait.calibration.offsets import Calibration, CalibrationOrigin, LegOffsets, Offset, Placement
from cuecoach.gait.gait import Gait
from cuecoach.pipeline.camera_check import CameraObservation, calibration_check, checks, grey_about
from cuecoach.types import LEG_LANDMARKS, FloatArray, Legs, Pose, PoseFrame, Stride
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


def test_why_there_are_no_strides_is_told(good: CameraObservation) -> None:
    nobody_strides = replace(good, strides=[], why="somebody stood there")
    assert {check.name: check.found for check in checks(nobody_strides, TRUST_MIN)}["strides"] == "somebody stood there"
    passing = replace(good, poses=[None] * 100 + list(good.poses[100:]), why="somebody crossed the picture")
    found = {check.name: check.found for check in checks(passing, TRUST_MIN)}["runner"]
    assert found.endswith("of the pictures; somebody crossed the picture")


def leg_px(points: FloatArray) -> float:
    """Return the median length of both legs over all pictures."""
    legs = points[:, np.array(LEG_LANDMARKS)]
    bones = [np.linalg.norm(legs[..., a, :] - legs[..., b, :], axis=-1) for a, b in ((0, 1), (1, 2))]
    return float(np.median(bones[0] + bones[1]))


def with_leg_px(observation: CameraObservation, length_px: float) -> CameraObservation:
    scale = length_px / leg_px(np.array([pose.points_px for pose in observation.poses if pose]))
    return moved(observation, lambda points: points * scale + 100)


def turned_by(observation: CameraObservation, degrees: float) -> CameraObservation:
    """Put shoulders and hip joints so far apart as they are seen when the runner is turned by so much."""
    length_px = leg_px(np.array([pose.points_px for pose in observation.poses if pose]))
    half_px = math.sin(math.radians(degrees)) * 0.32 * length_px / 2

    def turn(points: FloatArray) -> FloatArray:
        out = points.copy()
        for left, right in ((11, 12), (23, 24)):
            out[[left, right], 0] = points[[left, right], 0].mean() + half_px * np.array([1, -1])
        return out

    return moved(observation, turn)


def trusted_in(observation: CameraObservation, share: float) -> CameraObservation:
    """Let this share of the near leg's strides, rounded up, be trusted just enough."""
    near = [stride for stride in observation.strides if stride.side is observation.near] * 10
    count = math.ceil(share * len(near))
    strides = [replace(stride, trust=TRUST_MIN if k < count else TRUST_MIN - 0.01) for k, stride in enumerate(near)]
    return replace(observation, strides=strides)


@pytest.mark.parametrize(
    ("name", "enough", "too_little"),
    [
        ("pictures", lambda o: replace(o, seconds=180 / 24.0), lambda o: replace(o, seconds=180 / 23.9)),
        (
            "runner",
            lambda o: replace(o, poses=[None] * 36 + o.poses[36:]),
            lambda o: replace(o, poses=[None] * 37 + o.poses[37:]),
        ),
        ("light", lambda o: replace(o, greys=[45.0] * 180), lambda o: replace(o, greys=[44.9] * 180)),
        ("size", lambda o: with_leg_px(o, 120.1), lambda o: with_leg_px(o, 119.9)),
        ("side-on", lambda o: turned_by(o, 24.0), lambda o: turned_by(o, 26.0)),
        ("strides", lambda o: trusted_in(o, 0.7), lambda o: trusted_in(o, 0.68)),
    ],
)
def test_each_limit_lies_where_it_is_said_to_lie(
    good: CameraObservation, name: str, enough: object, too_little: object
) -> None:
    assert callable(enough)
    assert callable(too_little)
    assert name not in wrong(enough(good))
    assert name in wrong(too_little(good))


@pytest.mark.parametrize(("edge_share", "frames", "cut"), [(0.009, 10, True), (0.009, 9, False), (0.011, 180, False)])
def test_a_body_is_cut_off_when_it_reaches_the_edge_in_more_than_a_twentieth_of_the_pictures(
    good: CameraObservation, edge_share: float, frames: int, cut: bool
) -> None:
    poses = list(good.poses)
    for k, pose in enumerate(poses[:frames]):
        assert pose is not None
        points = pose.points_px.copy()
        points[LEG_LANDMARKS[0][0], 0] = edge_share * pose.image_size_px[0]
        poses[k] = replace(pose, points_px=points)
    assert ("body" in wrong(replace(good, poses=poses))) == cut


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


def test_a_runners_calibration_fits_or_is_told_why_not(good: CameraObservation) -> None:
    here = Placement(0.3, 0.4, good.facing, 0.0)
    offset = Offset(4.0, 0.8, 0.0, 1.0)
    leg = LegOffsets(offset, offset, 6)
    fits, elsewhere = (
        Calibration(CalibrationOrigin.POINTS, place, leg, None) for place in (here, replace(here, leg_share=0.2))
    )
    seen = replace(good, placement=here)
    assert calibration_check(seen, []).found.startswith("none; `cuecoach calibrate`")
    assert calibration_check(seen, [elsewhere, fits]).found.startswith("left leg thigh +4.0")
    assert "whether it fits is seen when somebody runs" in calibration_check(good, [elsewhere]).found
    moved_away = calibration_check(seen, [elsewhere])
    assert not moved_away.good
    assert moved_away.found == "the camera was moved: the runner is larger in the picture, 1.50 times"
    assert "calibrate again" in moved_away.advice
