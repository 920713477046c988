"""Changes what the journal keeps: runners, their calibrations, and deleting so that nothing stays in the file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cuecoach.errors import DeviceError, InputError
from cuecoach.journal.file import BUSY_S, error_name, open_for_writing, require_file
from cuecoach.journal.statements import cause, insert

HEIGHTS_M = (1.0, 2.3)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted. `elsewhere`: damaged journals set aside earlier, which may hold the same person's data."""

    sessions: tuple[int, ...]
    runner: str | None
    elsewhere: tuple[Path, ...]


def set_runner(path: Path, name: str, *, height_m: float | None = None, notes: str | None = None) -> None:
    """Change or create a runner's profile; None leaves a field as it is.

    Raises
    ------
    InputError
        The name is empty, the height is no runner's, or `path` is no journal.
    DeviceError
        The journal cannot be written.
    """
    low, high = HEIGHTS_M
    if not name.strip():
        raise InputError("A runner needs a name: give one that is not empty.")
    if height_m is not None and not low <= height_m <= high:
        raise InputError(f"The height {height_m:g} m is not a runner's: give metres from {low:g} to {high:g}.")
    with _writing(path) as connection:
        connection.execute("INSERT OR IGNORE INTO runner (name) VALUES (?)", (name,))
        connection.execute(
            "UPDATE runner SET height_m = ifnull(?, height_m), notes = ifnull(?, notes) WHERE name = ?",
            (height_m, notes, name),
        )


def keep_calibration(path: Path, runner: str, made_at: str, source_name: str, text: str) -> int:
    """Keep a calibration of a runner, who is created when not known yet; the journal as well. Return its number.

    `made_at` is the wall clock, ISO 8601 with zone. Raises as `set_runner`.
    """
    if not runner.strip():
        raise InputError("A calibration belongs to a runner: say whose it is with --runner NAME.")
    open_for_writing(path).connection.close()
    with _writing(path) as connection:
        connection.execute("INSERT OR IGNORE INTO runner (name) VALUES (?)", (runner,))
        found = connection.execute("SELECT id FROM runner WHERE name = ?", (runner,)).fetchone()
        row = {"runner_id": found[0], "made_at": made_at, "source_name": source_name, "calibration_json": text}
        return insert(connection, "calibration", row)


def delete_calibration(path: Path, number: int) -> None:
    """Delete a calibration, and erase it from the file; sessions keep what they were measured with.

    Raises
    ------
    InputError
        There is none with this number.
    DeviceError
        As `delete_sessions`.
    """
    with _writing(path) as connection:
        if not connection.execute("DELETE FROM calibration WHERE id = ?", (number,)).rowcount:
            raise InputError(f"There is no calibration {number} in {path}: `cuecoach calibrate --list` shows them.")
    _wipe(path)


def delete_sessions(path: Path, numbers: Sequence[int]) -> Deleted:
    """Delete sessions, and packs that no other session used, and erase them from the file.

    Raises
    ------
    InputError
        One of the sessions does not exist; nothing is deleted.
    DeviceError
        The journal cannot be written, or another program keeps it from being wiped.
    """
    with _writing(path) as connection:
        for number in numbers:
            if not connection.execute("DELETE FROM session WHERE id = ?", (number,)).rowcount:
                raise InputError(f"There is no session {number} in {path}: nothing was deleted.")
        connection.execute(_UNUSED_PACKS)
    _wipe(path)
    return Deleted(tuple(numbers), None, _set_aside(path))


def forget_runner(path: Path, name: str) -> Deleted:
    """Delete a runner's profile, calibrations and sessions, and erase them; raises as `delete_sessions`."""
    with _writing(path) as connection:
        found = connection.execute("SELECT id FROM runner WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise InputError(f"There is no runner {name!r} in {path}: `cuecoach sessions runners` shows who there is.")
        numbers = connection.execute("SELECT id FROM session WHERE runner_id = ? ORDER BY id", found).fetchall()
        connection.execute("DELETE FROM session WHERE runner_id = ?", found)
        connection.execute("DELETE FROM runner WHERE id = ?", found)
        connection.execute(_UNUSED_PACKS)
    _wipe(path)
    return Deleted(tuple(number for (number,) in numbers), name, _set_aside(path))


_UNUSED_PACKS = "DELETE FROM pack WHERE sha256 NOT IN (SELECT pack_sha256 FROM session)"


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection in one transaction: all of it is written or nothing."""
    require_file(path)
    connection = open_for_writing(path).connection
    try:
        # Overwrites deleted rows with zeros, so that a copy made before VACUUM holds nothing of them either.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as problem:
        raise DeviceError(f"The journal {path} cannot be changed ({cause(problem)}): nothing was.") from None
    finally:
        connection.close()  # which rolls back what was not committed


def _wipe(path: Path) -> None:
    """Rewrite the file without what was deleted, and empty its write-ahead log. Waits while another process writes."""
    give_up_s = time.monotonic() + BUSY_S
    connection = open_for_writing(path).connection
    try:
        while True:
            try:
                connection.execute("VACUUM")
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as problem:
                if not error_name(problem).startswith("SQLITE_BUSY"):
                    raise
                busy = 1
            if not busy:
                return
            if time.monotonic() > give_up_s:
                raise DeviceError(
                    f"Deleted, but another program holds {path}, so traces may stay in the file: end it, then "
                    "`cuecoach sessions wipe` removes them."
                )
            time.sleep(0.1)
    except sqlite3.Error as problem:
        raise DeviceError(
            f"Deleted, but {path} cannot be written anew ({cause(problem)}), so traces may stay in the file: "
            "free some space, then `cuecoach sessions wipe` removes them."
        ) from None
    finally:
        connection.close()


def wipe(path: Path) -> None:
    """Rewrite the journal without traces of what was deleted (raises InputError, DeviceError)."""
    require_file(path)
    _wipe(path)


def _set_aside(path: Path) -> tuple[Path, ...]:
    return tuple(sorted(path.parent.glob(f"{path.name}.damaged-*")))
