"""What `measure --overlay` draws: every frame, the legs where they are, and which points were not seen."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from perfect_pose import SIZE_PX, clean_runner, pose_frames, write_pose_frames
from typer.testing import CliRunner

from cuecoach.cli import app
from cuecoach.film import overlay
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.types import KNEE, LEG_LANDMARKS, Legs, Pose, PoseFrame, Side, Speed, SpeedOrigin


def test_film_has_every_frame_and_the_legs_on_it(tmp_path: Path) -> None:
    source = write_pose_frames(tmp_path / "run.landmarks.csv", pose_frames(clean_runner())[:75])
    film = tmp_path / "new" / "film.mp4"
    result = CliRunner().invoke(app, ["measure", str(source), "--out", str(tmp_path / "out"), "--overlay", str(film)])
    assert result.exit_code == 0, result.output
    capture = cv2.VideoCapture(str(film))
    pictures = []
    while (got := capture.read())[0]:
        pictures.append(got[1])
    assert len(pictures) == 75
    with (tmp_path / "out" / "frames.csv").open(newline="") as file:
        frame = list(csv.DictReader(file))[40]
    middle = [
        round((float(frame[f"right_hip_{axis}_px"]) + float(frame[f"right_knee_{axis}_px"])) / 2) for axis in "xy"
    ]
    seen = pictures[40][middle[1], middle[0]].astype(int)
    assert np.abs(seen - np.array(overlay.NEAR)).max() < 90, "the near thigh is bright"


def test_frame_that_was_not_measured_is_kept() -> None:
    picture = np.full((120, 160, 3), 90, np.uint8)
    drawn = overlay.OverlayPainter([], [], []).paint(picture, 7)
    assert drawn.shape[1] == 160
    assert drawn.shape[0] > 120
    assert (picture == 90).all(), "the source's own picture is not drawn on"


def test_picture_that_repeats_another_is_drawn_on_like_it() -> None:
    seen = pose_frames(clean_runner())[:120]
    measured = [replace(one, index=2 * one.index) for one in seen]  # every picture comes twice
    measurement = measure_pose_frames(measured, GaitSettings(), keep_pose_frames=True)
    painter = overlay.OverlayPainter(measurement.legs, measurement.strides, measurement.pose_frames)
    picture = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    assert (painter.paint(picture, 101) == painter.paint(picture, 100)).all()
    assert (painter.paint(picture, 102) != painter.paint(picture, 100)).any()


def test_only_points_that_were_seen_there_are_full() -> None:
    seen = pose_frames(clean_runner())[0]
    assert seen.pose is not None
    points = np.array(seen.pose.points_px[np.array(LEG_LANDMARKS)])
    legs = Legs(0.0, 0, points, np.ones(2), np.zeros((2, 2)), 1, Side.RIGHT)
    assert not overlay.unseen_joints(legs, seen).any()
    assert not overlay.unseen_joints(replace(legs, points_px=points[::-1]), seen).any(), "put back on their own leg"
    moved = points.copy()
    moved[0, KNEE] += 40.0
    assert np.argwhere(overlay.unseen_joints(replace(legs, points_px=moved), seen)).tolist() == [[0, KNEE]]
    assert overlay.unseen_joints(replace(legs, trust=np.array([0.2, 1.0])), seen).all(axis=1).tolist() == [True, False]
    assert overlay.unseen_joints(legs, PoseFrame(0.0, 0, None)).all()
    lost = Pose(0.0, np.full((33, 2), np.nan), np.zeros(33), SIZE_PX)
    assert overlay.unseen_joints(legs, PoseFrame(0.0, 0, lost)).all()


def test_stride_at_a_moment() -> None:
    strides = measure_pose_frames(
        pose_frames(clean_runner()), GaitSettings(), Speed(3.0, 0.1, SpeedOrigin.USER)
    ).strides
    own = [stride for stride in strides if stride.side is Side.LEFT]
    assert overlay.stride_at(own, own[1].t_strike_s) is own[1]
    assert overlay.stride_at(own, own[1].t_next_strike_s - 1e-6) is own[1]
    assert overlay.stride_at(own, own[0].t_strike_s - 1e-6) is None
    assert overlay.stride_at(own, own[-1].t_next_strike_s) is None
    assert overlay.stride_at([], 1.0) is None
