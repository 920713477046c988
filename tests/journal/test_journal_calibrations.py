"""Calibrations in the journal: kept for a runner, listed, deleted, and gone with the runner."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cuecoach.errors import InputError
from cuecoach.journal import edit, read

MADE_AT = "2026-01-05T10:00:00+01:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.sqlite"


def test_they_are_kept_for_each_runner_and_listed_newest_first(path: Path) -> None:
    numbers = [edit.keep_calibration(path, runner, MADE_AT, "a.mp4", runner) for runner in ("Ann", "Ben", "Ann")]
    assert numbers == [1, 2, 3]
    assert [row.id for row in read.calibrations(path)] == [3, 2, 1]
    (newest, _) = read.calibrations(path, "Ann")
    assert (newest.id, newest.runner, newest.made_at, newest.source_name, newest.text) == (
        3,
        "Ann",
        MADE_AT,
        "a.mp4",
        "Ann",
    )
    assert read.calibrations(path, "Cid") == []
    assert [row.name for row in read.runners(path)] == ["Ann", "Ben"]


def test_a_deleted_one_is_gone_from_the_file(path: Path) -> None:
    edit.keep_calibration(path, "Ann", MADE_AT, "a.mp4", "a secret of hers")
    edit.delete_calibration(path, 1)
    assert read.calibrations(path) == []
    assert b"a secret of hers" not in path.read_bytes()
    with pytest.raises(InputError, match="no calibration 1"):
        edit.delete_calibration(path, 1)
    assert edit.keep_calibration(path, "Ann", MADE_AT, "a.mp4", "") == 2


def test_they_go_with_their_runner(path: Path) -> None:
    for runner in ("Ann", "Ben"):
        edit.keep_calibration(path, runner, MADE_AT, "a.mp4", f"of {runner}")
    edit.forget_runner(path, "Ann")
    assert [row.runner for row in read.calibrations(path)] == ["Ben"]
    assert b"of Ann" not in path.read_bytes()


def test_nobodys_calibration_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="--runner NAME"):
        edit.keep_calibration(path, " ", MADE_AT, "a.mp4", "")
    assert not path.exists()


def test_a_journal_of_version_2_has_room_for_them(path: Path) -> None:
    edit.keep_calibration(path, "Ann", MADE_AT, "a.mp4", "")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE calibration")
        connection.execute("ALTER TABLE stride DROP COLUMN calibrated")
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    assert read.calibrations(path) == []
    assert edit.keep_calibration(path, "Ann", MADE_AT, "a.mp4", "") == 1
