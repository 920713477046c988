"""What other programs read: every column documented, every number the same after reading it back."""

from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from perfect_pose import PerfectPose

from cuecoach.errors import DeviceError, InputError
from cuecoach.journal import read
from cuecoach.report.export import export
from cuecoach.report.export_tables import TABLES, documentation
from cuecoach.report.trc import to_metres
from cuecoach.source.landmark_recording import RecordingSource
from cuecoach.types import LANDMARKS, PoseFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

ROOT = Path(__file__).resolve().parents[2]


def test_the_documentation_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "export.md").read_text(encoding="utf-8") == documentation()


def test_the_tables_have_the_documented_columns_and_all_rows(journal: Path, tmp_path: Path) -> None:
    export(journal, [1, 2], tmp_path)
    for table in TABLES:
        with (tmp_path / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == [column.name for column in table.columns]
        for column in table.columns:
            cells = {row[column.name] for row in rows}
            assert "" not in cells or column.empty, column.name
    assert [row.strides for row in reversed(read.sessions(journal)[1:])] == [
        sum(row["session"] == str(number) for row in _csv(tmp_path / "strides.csv")) for number in (1, 2)
    ]


def test_numbers_read_back_are_the_same(journal: Path, tmp_path: Path) -> None:
    export(journal, [2], tmp_path)
    export(journal, [2], tmp_path, "jsonl")
    strides = read.strides(journal, 2)
    lines = [json.loads(line) for line in (tmp_path / "strides.jsonl").read_text(encoding="utf-8").splitlines()]
    for stride, row, line in zip(strides, _csv(tmp_path / "strides.csv"), lines, strict=True):
        assert float(row["closed_s"]) == line["closed_s"] == stride.closed_s
        assert row["is_near"] == json.dumps(line["is_near"]) == ("true" if stride.is_near else "false")
        for name, value in stride.metrics.items():
            known = None if math.isnan(value) else value
            assert line[name] == known
            assert (float(row[name]) if row[name] else None) == known


def test_landmarks_come_back_as_they_were_kept(journal: Path, tmp_path: Path) -> None:
    export(journal, [2], tmp_path, landmarks="csv")
    source = RecordingSource(tmp_path / "session-2.landmarks.csv.gz")
    for kept in read.pose_frames(journal, 2):
        found = source.read()
        assert found is not None
        assert found.t_s == pytest.approx(kept.t_s, abs=1e-6)
        assert (found.pose is None) == (kept.pose is None)
        if kept.pose and found.pose:  # type: ignore[union-attr]
            np.testing.assert_array_equal(found.pose.points_px, kept.pose.points_px)  # type: ignore[union-attr]
    assert source.read() is None


def test_a_trc_file_has_its_head_and_metres(journal: Path, tmp_path: Path) -> None:
    export(journal, [2], tmp_path, landmarks="trc")
    lines = (tmp_path / "session-2.trc").read_text(encoding="utf-8").splitlines()
    pose_frames = list(read.pose_frames(journal, 2))
    rate, _, frames, markers, unit = lines[2].split("\t")[:5]
    assert (float(rate), int(frames), int(markers), unit) == (30.0, len(pose_frames), 33, "m")
    assert [name for name in lines[3].split("\t")[2:] if name] == list(LANDMARKS)
    assert lines[4].split("\t")[2:5] == ["X1", "Y1", "Z1"]
    assert lines[5] == ""
    assert len(lines) == 6 + len(pose_frames)
    first = lines[6].split("\t")
    assert first[0] == "1"
    assert len(first) == 2 + 3 * 33


@pytest.mark.parametrize("facing", ["left", "right"])
def test_metres_are_scaled_by_the_leg_and_look_forward(facing: str) -> None:
    source = PerfectPose(VirtualRunnerSettings(duration_s=2.0, facing=facing))
    pose_frames = [pose_frame for _ in range(60) if isinstance(pose_frame := source.read(), PoseFrame)]
    small, tall = to_metres(pose_frames, 1.5), to_metres(pose_frames, 1.8)
    np.testing.assert_allclose(tall[..., :2] / 1.8, small[..., :2] / 1.5, atol=1e-9)
    toe, heel, hip, ankle = (
        tall[:, LANDMARKS.index(f"left_{name}")] for name in ("foot_index", "heel", "hip", "ankle")
    )
    assert np.nanmedian(toe[:, 0] - heel[:, 0]) > 0.1
    assert np.nanmedian(hip[:, 1] - ankle[:, 1]) == pytest.approx(0.75, abs=0.15)
    assert np.nanmin(tall[:, [29, 30, 31, 32], 1]) == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_exported_is_one_sentence(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no landmark recording"):
        export(journal, [1], tmp_path, landmarks="trc")
    with pytest.raises(InputError, match="is one of csv, jsonl, parquet"):
        export(journal, [1], tmp_path, "xlsx")
    with pytest.raises(InputError, match="no session 9"):
        export(journal, [9], tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="--out"):
        export(journal, [1], tmp_path / "file" / "folder")


def test_parquet_without_duckdb_says_what_to_install(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"cuecoach\[parquet\]"):
        export(journal, [1], tmp_path, "parquet")


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
