"""`cuecoach calibrate`, and its calibration in `measure`, `run`, `setup`, `sessions show` and a replay."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from perfect_pose import PerfectDetector, pose_frames, write_pose_frames
from typer.testing import CliRunner, Result

from cuecoach.analysis.replay import replay_session
from cuecoach.cli import app
from cuecoach.gait.calibration.points import SetPoint, format_points
from cuecoach.gait.calibration.record import calibration_text, parse_calibration
from cuecoach.journal import read
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.source.base import SourceInfo
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.types import JOINTS, LEG_LANDMARKS, FloatArray, PoseFrame, Side, SourceKind
from cuecoach.view.point_editor import Picture
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

OFF_DEG = 5.0
RUNNER = VirtualRunnerSettings(speed_mps=3.0, faults=("none",), facing="right", duration_s=9.0)
FRAMES = (70, 95, 120, 143, 169, 194)


def call(*arguments: object, rc: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == rc, result.output
    return result


def hips_off(seen: PoseFrame) -> PoseFrame:
    """Turn every hip about its knee, so that thighs read too far forward."""
    assert seen.pose is not None
    points = seen.pose.points_px.copy()
    a = -np.radians(OFF_DEG)  # the image's y grows down
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    for hip, knee, *_ in LEG_LANDMARKS:
        points[hip] = points[knee] + turn @ (points[hip] - points[knee])
    return replace(seen, pose=replace(seen.pose, points_px=points))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a recording of a runner whose hips are seen at a wrong place, and the true points of six frames."""
    folder = tmp_path_factory.mktemp("calibrate")
    true = pose_frames(RUNNER)
    write_pose_frames(folder / "run.landmarks.csv", [hips_off(seen) for seen in true])
    points = []
    for frame in FRAMES:
        pose = true[frame].pose
        assert pose is not None
        joints = pose.points_px[list(LEG_LANDMARKS[Side.RIGHT.row])]
        points += [SetPoint(frame, "near", j, *map(float, xy)) for j, xy in zip(JOINTS, joints, strict=True)]
    (folder / "points.csv").write_text(format_points(points))
    return folder


@pytest.fixture(scope="module")
def journal(folder: Path) -> Path:
    path = folder / "journal.sqlite"
    said = call(
        "calibrate", folder / "run.landmarks.csv", "--points", folder / "points.csv", "--runner", "Ann",
        "--journal", path, "--out", folder / "ann.json",
    ).stdout  # fmt: skip
    assert "too far forward" in said
    assert "without calibration it is 3.9" in said
    assert f"Kept: for Ann in {path} and {folder / 'ann.json'}" in said
    return path


def thigh_max_deg(folder: Path, *options: object) -> float:
    call("measure", folder / "run.landmarks.csv", "--out", folder / "measured", *options)
    with (folder / "measured" / "strides.csv").open() as file:
        near = [row for row in csv.DictReader(file) if row["is_near"] in ("1", "True", "true")]
    return float(np.median([float(row["thigh_max_deg"]) for row in near]))


def test_measure_uses_the_runners_own_or_a_file_or_none(folder: Path, journal: Path) -> None:
    plain = thigh_max_deg(folder, "--calibration", "none", "--runner", "Ann", "--journal", journal)
    assert plain - thigh_max_deg(folder, "--runner", "Ann", "--journal", journal) == pytest.approx(OFF_DEG, abs=0.7)
    assert plain - thigh_max_deg(folder, "--calibration", folder / "ann.json") == pytest.approx(OFF_DEG, abs=0.7)
    assert thigh_max_deg(folder, "--runner", "Ben", "--journal", journal) == plain
    said = call("measure", folder / "run.landmarks.csv", "--out", folder, "--calibration", folder / "ann.json").stdout
    assert "Calibrated: right leg thigh +" in said


def test_a_session_keeps_its_calibration_for_a_replay_and_shows_it(folder: Path, journal: Path) -> None:
    source = folder / "run.landmarks.csv"
    call("run", "--source", source, "--runner", "Ann", "--journal", journal, "--record", "--view", "none", "--quiet")
    number = read.sessions(journal)[0].id
    assert "Calibrated: right leg thigh +" in call("sessions", "show", number, "--journal", journal).stdout
    calibrated = read.strides(journal, number)
    call(
        "run", "--source", source, "--journal", journal, "--calibration", "none", "--runner", "Ann", "--view", "none",
        "--quiet",
    )  # fmt: skip
    plain = read.strides(journal, number + 1)
    assert "Not calibrated" in call("sessions", "show", number + 1, "--journal", journal).stdout
    off = [a.metrics["thigh_max_deg"] - b.metrics["thigh_max_deg"] for a, b in zip(plain, calibrated, strict=True)]
    assert np.median([o for o, stride in zip(off, plain, strict=True) if stride.is_near]) > 0.8 * OFF_DEG
    again = replay_session(journal, number, landmarks=True)
    assert [str(s) + repr(dict(s.metrics)) for s in again.strides] == [
        str(s) + repr(dict(s.metrics)) for s in calibrated
    ]


@pytest.mark.usefixtures("journal")
def test_a_session_whose_camera_was_moved_says_so(folder: Path, tmp_path: Path) -> None:
    found = parse_calibration((folder / "ann.json").read_text(), "")
    moved = replace(found, placement=replace(found.placement, leg_share=2 * found.placement.leg_share))
    (tmp_path / "moved.json").write_text(calibration_text(moved))
    path = tmp_path / "j.sqlite"
    said = call(
        "run", "--source", folder / "run.landmarks.csv", "--calibration", tmp_path / "moved.json", "--journal", path,
        "--view", "none", "--quiet",
    )  # fmt: skip
    assert "not used any more, the camera was moved: the runner is smaller in the picture" in said.stderr
    assert "left out when the camera was moved" in call("sessions", "show", 1, "--journal", path).stdout


def test_they_are_listed_and_deleted(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite"
    for name in ("Ann", "Ben"):
        call(
            "calibrate", folder / "run.landmarks.csv", "--points", folder / "points.csv", "--runner", name,
            "--journal", path,
        )  # fmt: skip
    assert "Ben" in call("calibrate", "--list", "--journal", path).stdout
    rows = json.loads(call("calibrate", "--list", "--journal", path, "--json").stdout)
    assert [row["number"] for row in rows] == [2, 1]
    assert rows[0]["calibration"]["right"]["frames"] == len(FRAMES)
    assert call("calibrate", "--delete", 2, "--journal", path).stdout == "Deleted calibration 2.\n"
    assert "no calibration 2" in call("calibrate", "--delete", 2, "--journal", path, rc=2).stderr
    call("sessions", "delete", "--runner", "Ann", "--yes", "--journal", path)
    assert read.calibrations(path) == []


@pytest.mark.parametrize(
    ("arguments", "rc", "says"),
    [
        (["--runner", "Ann"], 2, "Name the film"),
        (["run.landmarks.csv"], 2, "--runner NAME, or where to write it with --out FILE"),
        (["run.landmarks.csv", "--runner", "Ann", "--points", "nowhere.csv"], 2, "cannot be read"),
        (["run.landmarks.csv", "--runner", "Ann"], 2, "holds landmarks, not pictures"),
        (["nowhere.mp4", "--runner", "Ann"], 2, "nowhere.mp4"),
        (["run.landmarks.csv", "--standing", "--runner", "Ann"], 2, "No standing trial was good"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], rc: int, says: str
) -> None:
    monkeypatch.chdir(folder)
    result = call("calibrate", *arguments, "--journal", tmp_path / "j.sqlite", rc=rc)
    assert says in result.stderr
    assert not (tmp_path / "j.sqlite").exists()


def test_points_that_are_too_few_and_a_file_that_is_none(folder: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("\n".join((folder / "points.csv").read_text().splitlines()[:11]) + "\n")
    result = call("calibrate", folder / "run.landmarks.csv", "--points", few, "--out", tmp_path / "c.json", rc=2)
    assert "at least 3 pictures" in result.stderr
    result = call("measure", folder / "run.landmarks.csv", "--out", tmp_path, "--calibration", few, rc=2)
    assert "is no calibration" in result.stderr


def test_a_camera_is_watched_for_some_seconds_and_its_pictures_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    class Camera(VirtualSource):
        def __init__(self) -> None:
            super().__init__(replace(RUNNER, duration_s=30.0))
            opened.append(1)

        @property
        def info(self) -> SourceInfo:
            return replace(super().info, kind=SourceKind.CAMERA, live=True)

    def shown(pictures: list[Picture]) -> list[FloatArray]:
        assert [picture.image_bgr.shape for picture in pictures] == [(RUNNER.height_px, RUNNER.width_px, 3)] * 6
        assert all((picture.image_bgr != pictures[0].image_bgr).any() for picture in pictures[1:])
        return [picture.points_px - [3.0, 0.0] * (np.arange(5) == 0)[:, None] for picture in pictures]

    monkeypatch.setattr(
        "cuecoach.pipeline.calibrations.open_pose_frames", lambda *_: PoseFrames(Camera, PerfectDetector)
    )
    monkeypatch.setattr("cuecoach.view.points_window.set_points", shown)
    out, kept = tmp_path / "c.json", tmp_path / "points.csv"
    said = call("calibrate", "camera", "--seconds", 8, "--out", out, "--save-points", kept).stdout
    assert opened == [1], "a camera's pictures cannot be read again"
    assert "right leg: the thigh was measured" in said
    assert len(kept.read_text().splitlines()) == 1 + 6 * 5


def _standing(thigh_deg: float) -> list[PoseFrame]:
    seen = pose_frames(RUNNER)[0]
    assert seen.pose is not None
    points: FloatArray = np.full((33, 2), 200.0)
    points[[11, 12]] = [320.0, 80.0]
    thigh, shank = np.radians(thigh_deg), np.radians(-3.1)
    hip = np.array([320.0, 200.0])
    knee = hip + 90 * np.array([np.sin(thigh), np.cos(thigh)])
    ankle = knee + 90 * np.array([np.sin(shank), np.cos(shank)])
    for row in LEG_LANDMARKS:
        points[list(row)] = [hip, knee, ankle, np.add(ankle, (-10, 12)), np.add(ankle, (32, 12))]
    return [
        PoseFrame(k / 30, k, replace(seen.pose, t_s=k / 30, points_px=points, visibility=np.ones(33)))
        for k in range(100)
    ]


def test_a_film_of_standing_calibrates_with_wide_doubt(tmp_path: Path) -> None:
    film = write_pose_frames(tmp_path / "stand.landmarks.csv", _standing(2.4))
    result = call("calibrate", film, "--standing", "--out", tmp_path / "c.json")
    assert "Stand still, side-on." in result.stderr
    assert "Good" in result.stderr
    found = parse_calibration((tmp_path / "c.json").read_text(), "")
    assert found.right is not None
    assert 2.0 < found.right.thigh.deg < 8.0
    assert found.right.thigh.sd_deg > 2.0
