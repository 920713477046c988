"""What may stand where a journal is expected, and how each is answered: one sentence, and nothing overwritten."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from journal_builders import make_info, make_stride

from cuecoach.errors import CueCoachError, DeviceError, InputError
from cuecoach.journal import file, read
from cuecoach.journal.store import Journal
from cuecoach.types import SessionOutcome


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def write_session(path: Path, strides: int = 300) -> bytes:
    """Write a closed session; return the file's bytes."""
    journal = Journal.open(path)
    journal.begin(make_info())
    for number in range(strides):
        journal.stride(make_stride(number))
    journal.end(100.0, SessionOutcome.FINISHED)
    journal.close()
    return path.read_bytes()


@pytest.mark.parametrize("action", [Journal.open, read.sessions])
@pytest.mark.parametrize("content", [b"id = 'not a journal'\n" * 200, b"\x89PNG" + bytes(range(256)) * 8])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    path: Path, content: bytes, action: Callable[[Path], object]
) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a CueCoach journal") as error:
        action(path)
    assert_one_sentence(error.value, path)
    assert path.read_bytes() == content
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("action", [Journal.open, read.sessions])
def test_another_programs_database_is_refused_and_left_alone(path: Path, action: Callable[[Path], object]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="another program"):
        action(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("action", [Journal.open, read.sessions])
def test_a_newer_journal_asks_for_an_update(path: Path, action: Callable[[Path], object]) -> None:
    write_session(path, strides=1)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {file.SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(InputError, match="newer CueCoach") as error:
        action(path)
    assert_one_sentence(error.value, path)


@pytest.mark.parametrize("harm", ["overwritten", "cut"])
def test_a_damaged_journal_is_set_aside_and_named(path: Path, harm: str) -> None:
    whole = write_session(path)
    middle = len(whole) // 2
    harmed = whole[:middle] + (b"\xff" * 20_000 + whole[middle + 20_000 :] if harm == "overwritten" else b"")
    path.write_bytes(harmed)
    journal = Journal.open(path)
    (notice,) = journal.notices()
    aside = next(found for found in path.parent.iterdir() if ".damaged-" in found.name)
    assert aside.name in notice
    assert aside.read_bytes() == harmed
    journal.begin(make_info())
    journal.close()
    assert [row.id for row in read.sessions(path)] == [1]


def test_a_journal_too_large_to_look_through_opens_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "CHECK_S", 0.0)
    write_session(path, strides=1000)
    journal = Journal.open(path)
    assert journal.notices() == ()
    journal.begin(make_info())
    journal.close()
    assert [row.strides for row in read.sessions(path)] == [0, 1000]


def test_two_damaged_journals_in_one_second_are_both_kept(path: Path) -> None:
    for _ in range(2):
        whole = write_session(path)
        path.write_bytes(whole[: len(whole) // 2])
        Journal.open(path).close()
    assert len([found for found in path.parent.iterdir() if ".damaged-" in found.name]) == 2


def write_version_1(path: Path) -> None:
    """Write a journal as the first version did: its schema is kept beside this file."""
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "schema_v1.sql").read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {file.APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("ALTER TABLE stride ADD COLUMN knee_peak_swing_deg REAL")
    connection.execute("INSERT INTO runner (name, height_m) VALUES ('Ann', 1.7)")
    connection.execute("INSERT INTO pack VALUES ('00', 'pull-under', 'id = 1')")
    connection.execute(
        "INSERT INTO session (started_at, runner_id, pack_sha256, source_kind, source_name, version, seed, "
        "settings_json) VALUES ('2025-01-01T10:00:00+00:00', 1, '00', 'camera', '0', '0.1.0', 1, '{}')"
    )
    connection.execute(
        "INSERT INTO stride (session_id, number, side, is_near, closed_s, activity, trust, knee_peak_swing_deg) "
        "VALUES (1, 0, 'left', 1, 2.5, 'running', 0.9, 101.5)"
    )
    connection.commit()
    connection.close()


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
    # In which order columns stand does not matter: everything is read by name.
    query = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
    found = {name: sorted(connection.execute(query, (name,)), key=str) for name in sorted(names)}
    connection.close()
    return found


@pytest.mark.parametrize("action", [read.sessions, lambda path: Journal.open(path).close()])
def test_a_journal_of_version_1_is_brought_up_to_date_whole(path: Path, action: Callable[[Path], object]) -> None:
    write_version_1(path)
    action(path)
    (row,) = read.sessions(path)
    assert (row.runner, row.strides, row.duration_s) == ("Ann", 1, 2.5)
    (stride,) = read.strides(path, 1)
    assert stride.metrics["knee_peak_swing_deg"] == 101.5
    assert read.situations(path, 1) == []
    assert read.runners(path)[0].notes == ""
    fresh = path.with_name("fresh.sqlite3")
    journal = Journal.open(fresh)
    journal.begin(make_info())
    journal.stride(make_stride(0, knee_peak_swing_deg=1.0))
    journal.close()
    assert tables(path) == tables(fresh)


def test_an_old_journal_that_cannot_be_written_is_one_sentence(small_disk: Callable[..., Path]) -> None:
    path = small_disk() / "journal.sqlite3"
    write_version_1(path)
    small_disk("ro")
    with pytest.raises(DeviceError, match="read-only") as error:
        read.sessions(path)
    assert_one_sentence(error.value, path)


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_session(path, strides=2)
    with monkeypatch.context() as patch:
        patch.setattr(file, "SCHEMA_VERSION", file.SCHEMA_VERSION + 1)
        broken = "ALTER TABLE runner ADD COLUMN shoes TEXT;\nDROP TABLE nowhere;\n"
        patch.setattr(file, "MIGRATIONS", (*file.MIGRATIONS, broken))
        with pytest.raises(DeviceError):
            Journal.open(path)
    assert read.sessions(path)[0].strides == 2


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    write_session(path, strides=1)
    assert read.sessions(path)[0].strides == 1


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(InputError, match="is a folder"):
        Journal.open(path)


def test_a_folder_below_a_file_cannot_be_made(path: Path) -> None:
    path.write_text("a file")
    with pytest.raises(DeviceError, match="--journal"):
        Journal.open(path / "journal.sqlite3")


def test_a_missing_journal_says_how_to_begin_one(path: Path) -> None:
    with pytest.raises(InputError, match="no journal at"):
        read.sessions(path)
    assert not path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a Linux folder in which nobody can make files")
@pytest.mark.parametrize("place", ["/proc/journal.sqlite3", "/proc/new/journal.sqlite3"])
def test_a_folder_that_takes_no_files_is_one_sentence(place: str) -> None:
    with pytest.raises(DeviceError) as error:
        Journal.open(Path(place))
    assert_one_sentence(error.value, Path(place))


def test_a_read_only_journal_can_be_read_but_not_continued(small_disk: Callable[..., Path]) -> None:
    path = small_disk() / "journal.sqlite3"
    write_session(path, strides=3)
    small_disk("ro")
    with pytest.raises(DeviceError, match="read-only") as error:
        Journal.open(path)
    assert_one_sentence(error.value, path)
    assert read.sessions(path)[0].strides == 3


def assert_one_sentence(problem: CueCoachError, path: Path) -> None:
    text = str(problem)
    assert str(path) in text
    assert text.endswith(".")
    assert "\n" not in text
