"""`cuecoach measure`: a recording of the virtual runner goes in, and its true strides and angles stand in the files."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from cuecoach.cli.measure import measure as verb
from cuecoach.errors import EXIT_DEVICE, EXIT_INPUT
from cuecoach.film import overlay
from cuecoach.gait.metric_table import METRIC_NAMES
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.csv_files import FRAME_COLUMNS, STRIDE_COLUMNS, frame_row, stride_row
from cuecoach.pipeline.measurement import Measurement, measure_pose_frames
from cuecoach.pipeline.pose_frames import open_pose_frames
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import HIP, KNEE, LEG_LANDMARKS, Legs, Pose, PoseFrame, Side, Speed, SpeedOrigin
from cuecoach.virtual_runner.kinematics import EventKind
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SECONDS = 6.0
SIZE_PX = (640, 480)
app = typer.Typer()
app.command()(verb)


def virtual_runner(facing: str = "right", rate_hz: float = 30.0) -> VirtualRunnerSettings:
    return VirtualRunnerSettings(speed_mps=3.0, faults=("none",), facing=facing, rate_hz=rate_hz, duration_s=SECONDS)


@cache
def pose_frames(settings: VirtualRunnerSettings, times: float = 1.0) -> list[PoseFrame]:
    """Return the runner as a perfect pose model sees it; `times`: the film plays that much slower than life."""
    runner = VirtualRunner(settings)
    out = []
    for index in range(round(settings.duration_s * settings.rate_hz)):
        pose = runner.pose(index / settings.rate_hz)
        t_s = times * pose.t_s
        out.append(PoseFrame(t_s, index, replace(pose, t_s=t_s)))
    return out


def recording(path: Path, seen: Sequence[PoseFrame], rate_hz: float = 30.0) -> Path:
    with RecordingWriter(path, rate_hz, SIZE_PX) as writer:
        for pose_frame in seen:
            writer.write(pose_frame)
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return recording(tmp_path / "clean.landmarks.csv", pose_frames(virtual_runner()))


def test_columns_are_those_of_the_design() -> None:
    assert FRAME_COLUMNS[:4] == ("t_s", "near_side", "left_hip_x_px", "left_hip_y_px")
    assert set(FRAME_COLUMNS[2:22]) == {
        f"{side}_{joint}_{axis}_px"
        for side in ("left", "right")
        for joint in ("hip", "knee", "ankle", "heel", "toe")
        for axis in "xy"
    }
    assert FRAME_COLUMNS[22:] == (
        *(f"{side}_{angle}_deg" for side in ("left", "right") for angle in ("thigh", "shank", "knee", "foot")),
        "left_trust",
        "right_trust",
    )
    named = (
        "side is_near t_strike_s t_midstance_s t_toe_off_s t_next_strike_s cadence_spm contact_s duty speed_mps trust"
    )
    assert STRIDE_COLUMNS[:11] == tuple(named.split())
    assert STRIDE_COLUMNS[11:-1] == METRIC_NAMES


@pytest.mark.parametrize(("facing", "near"), [("right", "right"), ("left", "left")])
def test_files_hold_the_true_angles_and_strides(tmp_path: Path, facing: str, near: str) -> None:
    settings = virtual_runner(facing)
    source = recording(tmp_path / "run.landmarks.csv", pose_frames(settings))
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    frames, strides = table(tmp_path / "out" / "frames.csv"), table(tmp_path / "out" / "strides.csv")
    assert len(frames) == SECONDS * 30

    runner = VirtualRunner(settings)
    for row in frames[60:120:9]:
        truth = runner.truth(float(row["t_s"]))
        assert row["near_side"] == near
        for side in Side:
            assert float(row[f"{side}_thigh_deg"]) == pytest.approx(truth.angles_deg[side.row, 0], abs=1.5)
            assert float(row[f"{side}_knee_deg"]) == pytest.approx(truth.angles_deg[side.row, 2], abs=2.5)
            hip = truth.points_px[LEG_LANDMARKS[side.row][HIP]]
            assert float(row[f"{side}_hip_x_px"]) == pytest.approx(hip[0], abs=2.0)

    events = runner.events(0.0, SECONDS)
    for side in Side:
        true = [
            e.t_s for e in events if e.side is side and e.kind is EventKind.FOOT_STRIKE and 1.5 < e.t_s < SECONDS - 1.5
        ]
        found = [float(row["t_strike_s"]) for row in strides if row["side"] == str(side)]
        assert all(min(abs(t - f) for f in found) < 0.04 for t in true)
    assert {(row["side"], row["is_near"]) for row in strides} == {(near, "true"), (str(Side(near).other), "false")}
    assert all(0.0 <= float(row["trust"]) <= 1.0 for row in strides)


def test_foot_angle_is_zero_while_the_foot_is_flat(tmp_path: Path, clean: Path) -> None:
    assert call(clean, "--out", tmp_path).exit_code == 0
    frames, strides = table(tmp_path / "frames.csv"), table(tmp_path / "strides.csv")
    flat = [
        float(frame["right_foot_deg"])
        for stride in strides
        for frame in frames
        if stride["side"] == "right"
        and 0.3 < (float(frame["t_s"]) - float(stride["t_strike_s"])) / float(stride["contact_s"]) < 0.5
    ]
    assert len(flat) > 5
    assert np.median(flat) == pytest.approx(0.0, abs=2.0)


def test_slow_motion_gives_the_strides_of_life(tmp_path: Path) -> None:
    settings = virtual_runner(rate_hz=60.0)
    life = recording(tmp_path / "life.landmarks.csv", pose_frames(settings), 60.0)
    slow = recording(tmp_path / "slow.landmarks.csv", pose_frames(settings, times=8.0), 7.5)
    assert call(life, "--out", tmp_path / "life").exit_code == 0
    assert call(slow, "--out", tmp_path / "slow", "--slow-motion", 8).exit_code == 0
    expected, got = (table(tmp_path / name / "strides.csv") for name in ("life", "slow"))
    assert len(got) == len(expected) > 8
    for one, other in zip(expected, got, strict=True):
        assert float(other["t_strike_s"]) == pytest.approx(float(one["t_strike_s"]), abs=1e-3)
        assert float(other["cadence_spm"]) == pytest.approx(float(one["cadence_spm"]), abs=0.5)


def test_nobody_ends_with_a_sentence_and_headers_only(tmp_path: Path) -> None:
    source = recording(tmp_path / "empty.landmarks.csv", [PoseFrame(k / 30, k, None) for k in range(40)])
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "nobody was seen" in result.output
    assert (tmp_path / "out" / "frames.csv").read_text() == ",".join(FRAME_COLUMNS) + "\n"
    assert (tmp_path / "out" / "strides.csv").read_text() == ",".join(STRIDE_COLUMNS) + "\n"


def test_one_frame_is_no_stride(tmp_path: Path) -> None:
    source = recording(tmp_path / "one.landmarks.csv", pose_frames(virtual_runner())[:1])
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert len(table(tmp_path / "out" / "frames.csv")) == 1
    assert table(tmp_path / "out" / "strides.csv") == []


def test_dropped_frames_and_gaps_leave_no_rows(tmp_path: Path) -> None:
    seen = pose_frames(virtual_runner())
    holes = [PoseFrame(s.t_s, s.index, None) if 75 <= s.index < 120 else s for s in seen if s.index % 10 != 5]
    source = recording(tmp_path / "holes.landmarks.csv", holes)
    assert call(source, "--out", tmp_path / "out").exit_code == 0
    t_s = [float(row["t_s"]) for row in table(tmp_path / "out" / "frames.csv")]
    assert t_s == sorted(set(t_s))
    assert not [t for t in t_s if 3.1 < t < 3.9]


def test_json_says_what_was_measured_and_where(tmp_path: Path, clean: Path) -> None:
    result = call(clean, "--out", tmp_path / "out", "--speed", 3.0, "--json")
    said = json.loads(result.stdout)
    assert said["frames"] == said["frames_with_runner"] == SECONDS * 30
    assert said["speed_mps"] == 3.0
    assert [Path(path).name for path in said["written"]] == ["frames.csv", "strides.csv"]
    assert {row["speed_mps"] for row in table(tmp_path / "out" / "strides.csv")} == {"3.000"}


def test_height_scales_the_belt() -> None:
    short, tall = (
        measure_pose_frames(pose_frames(virtual_runner()), GaitSettings(runner_height_m=height_m)).strides[-1]
        for height_m in (1.6, 1.92)
    )
    assert short.speed is not None
    assert tall.speed is not None
    assert tall.speed.mps / short.speed.mps == pytest.approx(1.2, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("missing.landmarks.csv",), EXIT_INPUT, "missing.landmarks.csv"),
        (("CLEAN", "--height", "9"), EXIT_INPUT, "runner_height_m"),
        (("CLEAN", "--speed", "-1"), EXIT_INPUT, "speed_mps"),
        (("CLEAN", "--overlay", "film.avi"), EXIT_INPUT, ".mp4"),
        (("CLEAN", "--out", "CLEAN"), EXIT_DEVICE, "--out"),
        (("CLEAN", "--overlay", "CLEAN/film.mp4"), EXIT_INPUT, "--overlay"),
    ],
)
def test_what_the_user_got_wrong_is_one_sentence(
    clean: Path, arguments: tuple[str, ...], code: int, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*(argument.replace("CLEAN", str(clean)) for argument in arguments))
    assert result.exit_code == code, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert word in result.stderr


def test_what_was_not_measured_is_an_empty_cell() -> None:
    legs = Legs(0.5, 15, np.full((2, 5, 2), np.nan), np.zeros(2), np.full((2, 2), np.nan), 1, Side.LEFT)
    row = dict(zip(FRAME_COLUMNS, frame_row(legs, dict.fromkeys(Side, math.nan)), strict=True))
    assert (row["t_s"], row["near_side"], row["left_trust"]) == ("0.500000", "left", "0.000")
    assert {row[name] for name in FRAME_COLUMNS if name.endswith(("_px", "_deg"))} == {""}
    stride = measure_pose_frames(pose_frames(virtual_runner()), GaitSettings()).strides[0]
    blank = replace(stride, speed=None, metrics=dict.fromkeys(METRIC_NAMES, math.nan))
    cells = dict(zip(STRIDE_COLUMNS, stride_row(blank), strict=True))
    assert cells["speed_mps"] == cells["knee_peak_swing_deg"] == ""


def test_slow_motion_hastens_times_and_nothing_else(clean: Path) -> None:
    with open_pose_frames(str(clean)) as frames:
        plain = list(frames)
    with open_pose_frames(str(clean), slow_motion=4.0) as frames:
        fast = list(frames)
    assert [s.t_s * 4 for s in fast] == pytest.approx([s.t_s for s in plain])
    assert fast[9].pose is not None
    assert plain[9].pose is not None
    assert fast[9].pose.t_s == fast[9].t_s
    assert np.array_equal(fast[9].pose.points_px, plain[9].pose.points_px)


def test_pose_frames_are_kept_only_when_asked_for() -> None:
    seen = pose_frames(virtual_runner())[:40]
    assert measure_pose_frames(seen, GaitSettings()).pose_frames == []
    told: list[int] = []
    kept = measure_pose_frames(seen, GaitSettings(), progress=told.append, keep_pose_frames=True)
    assert kept.pose_frames == seen
    assert told == list(range(1, 41))


def test_summary_of_nothing_is_none_not_nan() -> None:
    said = Measurement().as_dict()
    assert said["speed_mps"] is None
    json.loads(json.dumps(said, allow_nan=False))


class TestOverlay:
    def test_film_has_every_frame_and_the_legs_on_it(self, tmp_path: Path) -> None:
        source = recording(tmp_path / "run.landmarks.csv", pose_frames(virtual_runner())[:75])
        film = tmp_path / "new" / "film.mp4"
        result = call(source, "--out", tmp_path / "out", "--overlay", film)
        assert result.exit_code == 0, result.output
        capture = cv2.VideoCapture(str(film))
        pictures = []
        while (got := capture.read())[0]:
            pictures.append(got[1])
        assert len(pictures) == 75
        frame = table(tmp_path / "out" / "frames.csv")[40]
        middle = [
            round((float(frame[f"right_hip_{axis}_px"]) + float(frame[f"right_knee_{axis}_px"])) / 2) for axis in "xy"
        ]
        seen = pictures[40][middle[1], middle[0]].astype(int)
        assert np.abs(seen - np.array(overlay.NEAR)).max() < 90, "the near thigh is bright"

    def test_frame_that_was_not_measured_is_kept(self) -> None:
        picture = np.full((120, 160, 3), 90, np.uint8)
        drawn = overlay.OverlayPainter([], [], []).paint(picture, 7)
        assert drawn.shape[1] == 160
        assert drawn.shape[0] > 120
        assert (picture == 90).all(), "the source's own picture is not drawn on"

    def test_only_points_that_were_seen_there_are_full(self) -> None:
        seen = pose_frames(virtual_runner())[0]
        assert seen.pose is not None
        points = np.array(seen.pose.points_px[np.array(LEG_LANDMARKS)])
        legs = Legs(0.0, 0, points, np.ones(2), np.zeros((2, 2)), 1, Side.RIGHT)
        assert not overlay.unseen(legs, seen).any()
        assert not overlay.unseen(replace(legs, points_px=points[::-1]), seen).any(), "put back on their own leg"
        moved = points.copy()
        moved[0, KNEE] += 40.0
        assert np.argwhere(overlay.unseen(replace(legs, points_px=moved), seen)).tolist() == [[0, KNEE]]
        assert overlay.unseen(replace(legs, trust=np.array([0.2, 1.0])), seen).all(axis=1).tolist() == [True, False]
        assert overlay.unseen(legs, PoseFrame(0.0, 0, None)).all()
        lost = Pose(0.0, np.full((33, 2), np.nan), np.zeros(33), SIZE_PX)
        assert overlay.unseen(legs, PoseFrame(0.0, 0, lost)).all()

    def test_stride_at_a_moment(self) -> None:
        strides = measure_pose_frames(
            pose_frames(virtual_runner()), GaitSettings(), Speed(3.0, 0.1, SpeedOrigin.USER)
        ).strides
        own = [stride for stride in strides if stride.side is Side.LEFT]
        assert overlay.stride_at(own, own[1].t_strike_s) is own[1]
        assert overlay.stride_at(own, own[1].t_next_strike_s - 1e-6) is own[1]
        assert overlay.stride_at(own, own[0].t_strike_s - 1e-6) is None
        assert overlay.stride_at(own, own[-1].t_next_strike_s) is None
        assert overlay.stride_at([], 1.0) is None
