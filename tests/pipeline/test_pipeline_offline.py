"""`cuecoach measure`: a recording of the virtual runner goes in, and its true strides and angles stand in the files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from perfect_pose import CLEAN_S, clean_runner, pose_frames, write_pose_frames
from typer.testing import CliRunner, Result

from cuecoach.cli.measure import measure as verb
from cuecoach.errors import EXIT_DEVICE, EXIT_INPUT
from cuecoach.pipeline.csv_files import FRAME_COLUMNS, STRIDE_COLUMNS
from cuecoach.types import HIP, LEG_LANDMARKS, PoseFrame, Side
from cuecoach.virtual_runner.kinematics import GaitEventKind
from cuecoach.virtual_runner.runner import VirtualRunner

app = typer.Typer()
app.command()(verb)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write_pose_frames(tmp_path / "clean.landmarks.csv", pose_frames(clean_runner()))


@pytest.mark.parametrize(("facing", "near"), [("right", "right"), ("left", "left")])
def test_files_hold_the_true_angles_and_strides(tmp_path: Path, facing: str, near: str) -> None:
    settings = clean_runner(facing)
    source = write_pose_frames(tmp_path / "run.landmarks.csv", pose_frames(settings))
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    frames, strides = table(tmp_path / "out" / "frames.csv"), table(tmp_path / "out" / "strides.csv")
    assert len(frames) == CLEAN_S * 30

    runner = VirtualRunner(settings)
    for row in frames[60:120:9]:
        truth = runner.truth(float(row["t_s"]))
        assert row["near_side"] == near
        for side in Side:
            assert float(row[f"{side}_thigh_deg"]) == pytest.approx(truth.angles_deg[side.row, 0], abs=1.5)
            assert float(row[f"{side}_knee_deg"]) == pytest.approx(truth.angles_deg[side.row, 2], abs=2.5)
            hip = truth.points_px[LEG_LANDMARKS[side.row][HIP]]
            assert float(row[f"{side}_hip_x_px"]) == pytest.approx(hip[0], abs=2.0)

    events = runner.events(0.0, CLEAN_S)
    for side in Side:
        true = [
            e.t_s
            for e in events
            if e.side is side and e.kind is GaitEventKind.FOOT_STRIKE and 1.5 < e.t_s < CLEAN_S - 1.5
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
    settings = clean_runner(rate_hz=60.0)
    life = write_pose_frames(tmp_path / "life.landmarks.csv", pose_frames(settings), 60.0)
    slow = write_pose_frames(tmp_path / "slow.landmarks.csv", pose_frames(settings, times=8.0), 7.5)
    assert call(life, "--out", tmp_path / "life").exit_code == 0
    assert call(slow, "--out", tmp_path / "slow", "--slow-motion", 8).exit_code == 0
    expected, got = (table(tmp_path / name / "strides.csv") for name in ("life", "slow"))
    assert len(got) == len(expected) > 8
    for one, other in zip(expected, got, strict=True):
        assert float(other["t_strike_s"]) == pytest.approx(float(one["t_strike_s"]), abs=1e-3)
        assert float(other["cadence_spm"]) == pytest.approx(float(one["cadence_spm"]), abs=0.5)


def test_nobody_ends_with_a_sentence_and_headers_only(tmp_path: Path) -> None:
    source = write_pose_frames(tmp_path / "empty.landmarks.csv", [PoseFrame(k / 30, k, None) for k in range(40)])
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "nobody was seen" in result.output
    assert (tmp_path / "out" / "frames.csv").read_text() == ",".join(FRAME_COLUMNS) + "\n"
    assert (tmp_path / "out" / "strides.csv").read_text() == ",".join(STRIDE_COLUMNS) + "\n"


def test_one_frame_is_no_stride(tmp_path: Path) -> None:
    source = write_pose_frames(tmp_path / "one.landmarks.csv", pose_frames(clean_runner())[:1])
    result = call(source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert len(table(tmp_path / "out" / "frames.csv")) == 1
    assert table(tmp_path / "out" / "strides.csv") == []


def test_dropped_frames_and_gaps_leave_no_rows(tmp_path: Path) -> None:
    seen = pose_frames(clean_runner())
    holes = [PoseFrame(s.t_s, s.index, None) if 75 <= s.index < 120 else s for s in seen if s.index % 10 != 5]
    source = write_pose_frames(tmp_path / "holes.landmarks.csv", holes)
    assert call(source, "--out", tmp_path / "out").exit_code == 0
    t_s = [float(row["t_s"]) for row in table(tmp_path / "out" / "frames.csv")]
    assert t_s == sorted(set(t_s))
    assert not [t for t in t_s if 3.1 < t < 3.9]


def test_json_says_what_was_measured_and_where(tmp_path: Path, clean: Path) -> None:
    result = call(clean, "--out", tmp_path / "out", "--speed", 3.0, "--json")
    said = json.loads(result.stdout)
    assert said["frames"] == said["frames_with_runner"] == CLEAN_S * 30
    assert said["speed_mps"] == 3.0
    assert [Path(path).name for path in said["written"]] == ["frames.csv", "strides.csv"]
    assert {row["speed_mps"] for row in table(tmp_path / "out" / "strides.csv")} == {"3.000"}


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("missing.landmarks.csv",), EXIT_INPUT, "missing.landmarks.csv"),
        (("CLEAN", "--height", "9"), EXIT_INPUT, "runner_height_m"),
        (("CLEAN", "--speed", "-1"), EXIT_INPUT, 'speed = "-1"'),
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
