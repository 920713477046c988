"""Profiles are kept, and what is deleted is really gone: from the tables, the file and its log."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from journal_builders import make_decision, make_info, make_pose_frame, make_stride

from cuecoach.errors import DeviceError, InputError
from cuecoach.journal import edit, read
from cuecoach.journal.store import Journal
from cuecoach.types import EventKind, SessionOutcome

SECRET = "Wilhelmine Quastenflosser"  # noqa: S105


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def write_session(path: Path, runner: str | None = None, **changes: object) -> int:
    journal = Journal.open(path)
    number = journal.begin(make_info(runner=runner, **changes))
    for stride in range(40):
        journal.stride(make_stride(stride))
        journal.pose_frame(make_pose_frame(stride))
    journal.decision(make_decision(3.0))
    journal.event(4.0, EventKind.NOTICE, f"{runner} waves")
    journal.end(15.0, SessionOutcome.FINISHED)
    journal.close()
    return number


def bytes_of(path: Path) -> bytes:
    return b"".join(part.read_bytes() for part in path.parent.glob(path.name + "*"))


def test_a_profile_is_begun_and_changed(path: Path) -> None:
    write_session(path, "Ann", runner_height_m=1.7)
    edit.set_runner(path, "Ann", notes="left calf in spring")
    edit.set_runner(path, "Ben", height_m=1.85)
    ann, ben = read.runners(path)
    assert (ann.name, ann.height_m, ann.notes, ann.sessions) == ("Ann", 1.7, "left calf in spring", 1)
    assert (ben.name, ben.height_m, ben.notes, ben.sessions, ben.last_started_at) == ("Ben", 1.85, "", 0, None)
    write_session(path, "Ann")
    assert read.runners(path)[0].height_m == 1.7  # a session that knows no height forgets none


@pytest.mark.parametrize(("name", "height_m"), [(" ", None), ("Ann", 17.0), ("Ann", float("nan"))])
def test_a_profile_that_cannot_be_is_refused(path: Path, name: str, height_m: float | None) -> None:
    write_session(path)
    with pytest.raises(InputError):
        edit.set_runner(path, name, height_m=height_m)
    assert read.runners(path) == []


def test_a_runner_who_is_forgotten_leaves_no_trace(path: Path) -> None:
    write_session(path, "Ann")
    write_session(path, SECRET, pack_text=f"# for {SECRET} alone")
    write_session(path, SECRET)
    edit.set_runner(path, SECRET, notes=f"{SECRET} again")
    assert SECRET.encode() in bytes_of(path)
    gone = edit.forget_runner(path, SECRET)
    assert (gone.sessions, gone.runner, gone.elsewhere) == ((2, 3), SECRET, ())
    assert SECRET.encode() not in bytes_of(path)
    assert [row.runner for row in read.sessions(path)] == ["Ann"]
    assert [runner.name for runner in read.runners(path)] == ["Ann"]
    assert len(read.strides(path, 1)) == 40
    assert write_session(path, "Ann") == 4  # the number of a deleted session is never given again


def test_a_deleted_session_takes_all_its_rows_with_it(path: Path) -> None:
    for _ in range(3):
        write_session(path, SECRET)
    edit.delete_sessions(path, [1, 3])
    connection = sqlite3.connect(path)
    for table in ("stride", "cue", "event", "recording", "situation"):
        assert set(connection.execute(f"SELECT DISTINCT session_id FROM {table}")) <= {(2,)}  # noqa: S608
    connection.close()
    assert bytes_of(path).count(f"{SECRET} waves".encode()) == 1


def test_deleting_what_is_not_there_deletes_nothing(path: Path) -> None:
    write_session(path)
    with pytest.raises(InputError, match="no session 7"):
        edit.delete_sessions(path, [1, 7])
    with pytest.raises(InputError, match="no runner"):
        edit.forget_runner(path, "Nobody")
    assert [row.id for row in read.sessions(path)] == [1]
    with pytest.raises(InputError, match="no journal"):
        edit.delete_sessions(path.with_name("other.sqlite3"), [1])
    assert not path.with_name("other.sqlite3").exists()


def test_damaged_journals_beside_it_are_named(path: Path) -> None:
    write_session(path)
    aside = path.with_name(path.name + ".damaged-20260101-100000")
    aside.write_bytes(b"old")
    assert edit.delete_sessions(path, [1]).elsewhere == (aside,)


def test_while_another_process_reads_the_user_is_told_that_traces_may_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_session(path, SECRET)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM session").fetchone()
    monkeypatch.setattr(edit, "BUSY_S", 0.3)
    with pytest.raises(DeviceError, match="traces may stay"):
        edit.forget_runner(path, SECRET)
    reader.close()
    assert read.sessions(path) == []
    edit.wipe(path)
    assert SECRET.encode() not in bytes_of(path)
