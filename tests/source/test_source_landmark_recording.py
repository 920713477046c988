"""Landmark recordings: a round trip is exact, and an error names file and line."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import needs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuecoach.errors import DeviceError, InputError
from cuecoach.source.landmark_recording import NEEDED, RecordingSource, RecordingWriter
from cuecoach.types import LANDMARKS, Pose, PoseFrame

SIZE_PX = (720, 1280)
HEAD = "# cuecoach-landmarks 1 fps=30 width=720 height=1280"
COLUMNS = ",".join(["t_s", *(f"{name}_{field}" for name in NEEDED for field in ("x_px", "y_px", "visibility"))])
ROW = ",".join(["1.5,2.25,0.9"] * len(NEEDED))


def all_of(source: RecordingSource) -> list[PoseFrame]:
    """Return all pose frames to the end."""
    pose_frames = []
    while (pose_frame := source.read()) is not None:
        pose_frames.append(pose_frame)
    return pose_frames


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def assert_same(one: PoseFrame, two: PoseFrame) -> None:
    assert two.t_s == one.t_s
    assert (two.pose is None) == (one.pose is None)
    if one.pose is not None and two.pose is not None:
        np.testing.assert_array_equal(two.pose.points_px, one.pose.points_px)
        np.testing.assert_array_equal(two.pose.visibility, one.pose.visibility)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), packed=st.booleans(), hidden=st.floats(0.0, 0.5))
def test_what_is_written_is_read_back_exactly(tmp_path: Path, seed: int, packed: bool, hidden: float) -> None:
    rng = np.random.default_rng(seed)
    pose_frames = []
    for i in range(12):
        points = rng.uniform(-200, 2000, (33, 2)).round(2)
        seen = rng.random(33) >= hidden
        points[~seen] = math.nan
        visibility = np.where(seen, rng.random(33).round(3), 0.0)
        t_s = round(i / 30 + float(rng.uniform(0, 0.02)), 6)
        nobody = i == 4 or not seen.any()
        pose_frames.append(PoseFrame(t_s, i, None if nobody else Pose(t_s, points, visibility, SIZE_PX)))
    path = tmp_path / ("run.landmarks.csv.gz" if packed else "run.landmarks.csv")
    with RecordingWriter(path, 59.94, SIZE_PX) as writer:
        for pose_frame in pose_frames:
            writer.write(pose_frame)
    source = RecordingSource(path)
    assert source.info.rate_hz == 59.94
    assert source.info.size_px == SIZE_PX
    for one, two in zip(pose_frames, all_of(source), strict=True):
        assert_same(one, two)


def test_a_subset_of_landmarks_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "legs.landmarks.csv"
    with RecordingWriter(path, 30, SIZE_PX, landmarks=NEEDED) as writer:
        writer.write(PoseFrame(0.0, 0, Pose(0.0, np.full((33, 2), 7.0), np.ones(33), SIZE_PX)))
    (pose_frame,) = all_of(RecordingSource(path))
    assert pose_frame.pose is not None
    kept = [LANDMARKS.index(name) for name in NEEDED]
    others = [row for row in range(33) if row not in kept]
    assert (pose_frame.pose.points_px[kept] == 7.0).all()
    assert np.isnan(pose_frame.pose.points_px[others]).all()
    assert (pose_frame.pose.visibility[others] == 0.0).all()


def test_without_a_column_of_visibility_what_has_a_place_was_seen(tmp_path: Path) -> None:
    columns = ",".join(["t_s", *(f"{name}_{axis}_px" for name in NEEDED for axis in "xy")])
    cells = ["5", "6"] * (len(NEEDED) - 1)
    path = written(tmp_path / "a.csv", HEAD, columns, ",".join(["0", *cells, "5", ""]))
    (pose_frame,) = all_of(RecordingSource(path))
    assert pose_frame.pose is not None
    first, last = LANDMARKS.index(NEEDED[0]), LANDMARKS.index(NEEDED[-1])
    assert pose_frame.pose.visibility[first] == 1.0
    assert pose_frame.pose.visibility[last] == 0.0
    assert np.isnan(pose_frame.pose.points_px[last]).all(), "one coordinate alone is no place"


def test_the_times_are_those_of_the_file(tmp_path: Path) -> None:
    times = ["0.000000", "0.033000", "0.200000", "3.141593"]
    path = written(tmp_path / "a.csv", HEAD, COLUMNS, *(f"{t},{ROW}" for t in times))
    assert [pose_frame.t_s for pose_frame in all_of(RecordingSource(path))] == [float(t) for t in times]


def test_a_recording_without_rows_ends_at_once(tmp_path: Path) -> None:
    source = RecordingSource(written(tmp_path / "a.csv", HEAD, COLUMNS))
    assert source.info.frame_count == 0
    assert source.read() is None


@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_whose_writer_was_killed_is_read_up_to_there(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("a.landmarks.csv.gz" if packed else "a.landmarks.csv")
    with RecordingWriter(path, 30, SIZE_PX) as writer:
        for i in range(90):
            pose = Pose(i / 30, np.random.default_rng(i).uniform(0, 700, (33, 2)), np.ones(33), SIZE_PX)
            writer.write(PoseFrame(i / 30, i, pose))
    path.write_bytes(path.read_bytes()[:-400])
    source = RecordingSource(path)
    assert 80 <= len(all_of(source)) < 90
    (notice,) = source.notices()
    assert path.name in notice
    assert source.notices() == ()


@pytest.mark.parametrize("packed", [False, True])
def test_at_most_a_second_is_not_on_disk_while_writing(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("a.landmarks.csv.gz" if packed else "a.landmarks.csv")
    writer = RecordingWriter(path, 30, SIZE_PX)
    for i in range(100):
        writer.write(PoseFrame(i / 30, i, Pose(i / 30, np.full((33, 2), i + 0.5), np.ones(33), SIZE_PX)))
    copy = tmp_path / f"copy-{path.name}"
    copy.write_bytes(path.read_bytes())
    assert len(all_of(RecordingSource(copy))) >= 100 - 31
    writer.close()
    assert len(all_of(RecordingSource(path))) == 100


@pytest.mark.parametrize(
    ("lines", "place", "says"),
    [
        (["t_s,left_hip_x_px", "0,1"], "line 1", "# cuecoach-landmarks 1 fps=30"),
        (["# cuecoach-landmarks 2 fps=30 width=1 height=1", COLUMNS], "line 1", "format 2"),
        (["# cuecoach-landmarks 1 fps=0 width=10 height=10", COLUMNS], "line 1", "above 0"),
        (["# cuecoach-landmarks 1 fps=ten width=10 height=10", COLUMNS], "line 1", "above 0"),
        ([HEAD], "line 2", "t_s"),
        ([HEAD, COLUMNS.replace("t_s", "time")], "line 2", "'time'"),
        ([HEAD, COLUMNS + ",left_toe_x_px"], "line 2", "'left_toe_x_px'"),
        ([HEAD, COLUMNS + ",left_hip_x_px"], "line 2", "twice"),
        ([HEAD, COLUMNS.replace("right_heel_y_px", "nose_y_px")], "line 2", "right_heel_y_px"),
        ([HEAD, COLUMNS, f"0,{ROW}", f"0.1,{ROW},5", f"0.2,{ROW}"], "line 4", "cells"),
        ([HEAD, COLUMNS, f"0,{ROW}", f"0.1,{ROW}".replace("2.25", "two", 1)], "line 4", "'two'"),
        ([HEAD, COLUMNS, f"0,{ROW}".replace("2.25", "inf", 1)], "line 3", "'inf'"),
        ([HEAD, COLUMNS, f"0,{ROW}".replace("2.25", "nan", 1)], "line 3", "'nan'"),
        ([HEAD, COLUMNS, f"0,{ROW}", f"0,{ROW}"], "line 4", "rise"),
        ([HEAD, COLUMNS, f",{ROW}"], "line 3", "t_s"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, lines: list[str], place: str, says: str) -> None:
    path = written(tmp_path / "wrong.landmarks.csv", *lines)
    with pytest.raises(InputError) as caught:
        RecordingSource(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert place in sentence
    assert says in sentence
    assert "\n" not in sentence


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary.landmarks.csv"
    binary.write_bytes(bytes(range(256)) * 40)
    packed = tmp_path / "not-packed.landmarks.csv.gz"
    packed.write_text("no gzip at all")
    broken = tmp_path / "broken.landmarks.csv.gz"
    broken.write_bytes(gzip.compress((HEAD + "\n").encode())[:15])
    for path in (binary, packed, broken, tmp_path / "missing.landmarks.csv", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            RecordingSource(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="nowhere"):
        RecordingWriter(tmp_path / "nowhere" / "a.landmarks.csv", 30, SIZE_PX)


def test_a_full_disk_is_told() -> None:
    full = needs.full_device()
    writer = RecordingWriter(full, 30, SIZE_PX)
    with pytest.raises(DeviceError, match="/dev/full"):
        writer.write(PoseFrame(0.0, 0, None))
