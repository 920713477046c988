"""Opens the journal file: creates it, checks it for damage, migrates an older one, sets a damaged one aside.

Every failure is one sentence for the user. A file that is not a journal is never touched, and a damaged journal is
never overwritten.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from cuecoach.errors import CueCoachError, DeviceError, InputError
from cuecoach.journal.migrations import MIGRATIONS, SCHEMA_VERSION

APPLICATION_ID = 0x43756543  # "CueC"

BUSY_S = 5.0  # how long one process waits for another one's transaction
CHECK_S = 1.0  # how long opening may look for damage: about 1 GB is checked in that time


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal; `notice` is the sentence for the user when a damaged file was set aside."""

    connection: sqlite3.Connection
    notice: str | None


def open_for_writing(path: Path) -> Opened:
    """Open the journal at `path`, creating folders and file, and prove that it can be written.

    The connection may be used from any thread, one at a time, and is in autocommit mode.

    Raises
    ------
    InputError
        `path` is a folder, another program's file, or a journal of a newer CueCoach.
    DeviceError
        Folder or file cannot be created or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DeviceError(
            f"The folder for the journal {path} cannot be made ({problem.strerror}): {_ELSEWHERE}"
        ) from None
    if path.is_dir():
        raise InputError(f"The journal {path} is a folder: name a file with --journal.")
    notice = None
    try:
        connection = _open_writer(path)
    except _DamagedError:
        notice = _set_aside(path)
        connection = _open_writer(path)
    return Opened(connection, notice)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the journal at `path` read-only; rows come as `sqlite3.Row`. An older journal is brought up to date first.

    Raises
    ------
    InputError
        There is no such file, it is no journal, or it is of a newer CueCoach.
    DeviceError
        It is damaged or cannot be read, or is old and cannot be written.
    """
    require_file(path)
    connection, version = _open_reader(path)
    if 0 < version < SCHEMA_VERSION:
        connection.close()
        open_for_writing(path).connection.close()
        connection, version = _open_reader(path)
    if version != SCHEMA_VERSION:
        connection.close()
        raise InputError(f"{path} is empty and no journal: `cuecoach run` or `cuecoach demo` begins one.")
    connection.row_factory = sqlite3.Row
    return connection


def require_file(path: Path) -> None:
    """Raise InputError when there is no file at `path`."""
    if not path.is_file():
        raise InputError(f"There is no journal at {path}: `cuecoach run` or `cuecoach demo` begins one.")


def _open_reader(path: Path) -> tuple[sqlite3.Connection, int]:
    """Return a read-only connection and the journal's version."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    log = path.with_name(path.name + "-wal")
    try:
        try:
            connection = _reader(uri)
        except sqlite3.OperationalError as problem:
            # On read-only media SQLite cannot make its working files; a journal with an empty log needs none.
            if error_name(problem) != "SQLITE_CANTOPEN" or (log.exists() and log.stat().st_size > 0):
                raise
            connection = _reader(f"{uri}&immutable=1")
        return connection, _version(connection, path)
    except sqlite3.Error as problem:
        raise reading_error(path, problem) from None


def error_name(problem: sqlite3.Error) -> str:
    """Return SQLite's name of an error, empty when the error is Python's own."""
    return str(getattr(problem, "sqlite_errorname", ""))


def reading_error(path: Path, problem: sqlite3.Error) -> CueCoachError:
    """Return the sentence for a failed reading."""
    if error_name(problem) == "SQLITE_NOTADB":
        return InputError(f"{path} is not a CueCoach journal: name another file with --journal.")
    if error_name(problem) in _DAMAGE:
        return DeviceError(
            f"The journal {path} is damaged ({problem}): the next session sets it aside and begins a new one."
        )
    return DeviceError(
        f"The journal {path} cannot be read ({problem}): copy it, with its -wal file, to a folder of yours."
    )


_ELSEWHERE = "make it writable or name another file with --journal."
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "SQLITE_CORRUPT_SEQUENCE", "SQLITE_CORRUPT_VTAB")


class _DamagedError(Exception):
    """The file is a journal, and SQLite finds it damaged."""


def _reader(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _open_writer(path: Path) -> sqlite3.Connection:
    """Open, trying for BUSY_S: another process may hold the file in ways for which SQLite itself does not wait."""
    give_up_s = time.monotonic() + BUSY_S
    while True:
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            _check(connection, path)
            _make_ready(connection)
        except (sqlite3.Error, CueCoachError, _DamagedError) as problem:
            if connection:
                connection.close()
            if not isinstance(problem, sqlite3.Error):
                raise
            name = error_name(problem)
            if name.startswith("SQLITE_BUSY") and time.monotonic() < give_up_s:
                time.sleep(0.05)
                continue
            if name in _DAMAGE:
                raise _DamagedError from None
            raise _opening_error(path, problem) from None
        return connection


def _opening_error(path: Path, problem: sqlite3.Error) -> CueCoachError:
    name = error_name(problem)
    if name == "SQLITE_NOTADB":
        return InputError(f"{path} is not a CueCoach journal and was left as it is: name another file with --journal.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return DeviceError(f"The journal {path} cannot be written, the file or its folder is read-only: {_ELSEWHERE}")
    if name == "SQLITE_FULL":
        return DeviceError(f"The disk is full, the journal {path} cannot be begun: free some space or use --journal.")
    if name.startswith("SQLITE_BUSY"):
        return DeviceError(f"Another program holds the journal {path}: end it or name another file with --journal.")
    return DeviceError(f"The journal {path} cannot be used ({problem}): {_ELSEWHERE}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version, 0 for an empty file; another program's database and a newer journal are refused."""
    # In one statement, hence at one moment: another process may be making the file a journal just now.
    application, version, tables = connection.execute(
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), "
        "(SELECT count(*) FROM sqlite_schema)"
    ).fetchone()
    if application == APPLICATION_ID:
        if version > SCHEMA_VERSION:
            raise InputError(
                f"The journal {path} was written by a newer CueCoach (version {version}, this one knows "
                f"{SCHEMA_VERSION}): update CueCoach or name another file with --journal."
            )
        return int(version)
    if application or tables:
        raise InputError(f"{path} is another program's database and was left as it is: use --journal to name a file.")
    return 0


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse files that are no journal, and raise _DamagedError for damage found within CHECK_S."""
    if _version(connection, path) == 0:
        return
    stop_at = time.monotonic() + CHECK_S
    connection.set_progress_handler(lambda: time.monotonic() > stop_at, 10_000)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as problem:
        if error_name(problem) != "SQLITE_INTERRUPT":
            raise
        verdict = "ok"  # as far as it was checked
    finally:
        connection.set_progress_handler(None, 0)
    if verdict != "ok":
        raise _DamagedError


def _make_ready(connection: sqlite3.Connection) -> None:
    """Set the modes, create or migrate the tables, and prove that the file can be written."""
    # WAL: a killed process leaves whole transactions only, and no reader is ever in the way of the session. With a
    # rollback journal 1 kill in 50 left a file that a reader could not open before a writer had repaired it. FULL: the
    # writer's own thread waits for the disk at every commit, so that a power cut costs no more than a kill.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        schema = resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
        for script in MIGRATIONS[version - 1 :] if version else (schema,):
            _run(connection, script)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements one by one: `executescript` would commit the transaction they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _set_aside(path: Path) -> str:
    """Rename the damaged journal and its working files; return the sentence that names the new place."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 0
    while True:
        aside = path.with_name(f"{path.name}.damaged-{stamp}" + (f"-{number}" if number else ""))
        if not aside.exists():
            break
        number += 1
    try:
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    except OSError as problem:
        raise DeviceError(
            f"The journal {path} is damaged and cannot be set aside ({problem.strerror}): "
            "move it away or name another file with --journal."
        ) from None
    return f"The journal {path} was damaged: it is kept as {aside.name} beside it, and a new one was begun."
