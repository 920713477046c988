"""Reads the journal: lists of sessions and runners, and one session's record, strides and landmarks. Opens read-only.

A session whose process was killed has no end: it is read like any other, with `SessionRow.closed` False.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from cuecoach.errors import InputError
from cuecoach.journal import landmarks
from cuecoach.journal.file import open_for_reading, reading_error
from cuecoach.journal.records import (
    CalibrationRow,
    CueRow,
    EventRow,
    RunnerRow,
    SessionRecord,
    SessionRow,
    SituationRow,
)
from cuecoach.types import (
    Activity,
    AttentionFocus,
    AudioOutput,
    EventKind,
    Kind,
    PoseFrame,
    Reason,
    SessionOutcome,
    Side,
    Situation,
    Speed,
    SpeedOrigin,
    Stride,
)

E = TypeVar("E", bound=StrEnum)


def sessions(
    path: Path,
    *,
    limit: int | None = None,
    runner: str | None = None,
    pack: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> list[SessionRow]:
    """Return the sessions in the journal at `path`, newest first.

    Parameters
    ----------
    path : Path
    limit : int or None
        How many at most.
    runner, pack : str or None
        Only sessions of this runner's name, with this pack's id.
    since, until : str or None
        Only sessions that began on or after, on or before this day, "2026-01-31"; the day is the session's own.

    Raises
    ------
    InputError
        There is no journal at `path`, or it is something else.
    DeviceError
        It is damaged or cannot be read.
    """
    filters = (
        ("runner.name = ?", runner),
        ("pack.pack_id = ?", pack),
        ("substr(session.started_at, 1, 10) >= ?", since),
        ("substr(session.started_at, 1, 10) <= ?", until),
    )
    given = [(condition, value) for condition, value in filters if value is not None]
    where = f" WHERE {' AND '.join(condition for condition, _ in given)}" if given else ""
    values = (*(value for _, value in given), -1 if limit is None else limit)
    with _reading(path) as connection:
        found = connection.execute(f"{_SESSIONS}{where} ORDER BY session.id DESC LIMIT ?", values)
        return [_session_row(row) for row in found]


def runners(path: Path) -> list[RunnerRow]:
    """Return the runners by name; raises as `sessions`."""
    with _reading(path) as connection:
        return [RunnerRow(*row) for row in connection.execute(_RUNNERS)]


def calibrations(path: Path, runner: str | None = None) -> list[CalibrationRow]:
    """Return the calibrations, of one runner or of all, newest first; raises as `sessions`."""
    with _reading(path) as connection:
        return [CalibrationRow(*row) for row in connection.execute(_CALIBRATIONS, (runner, runner))]


def programme_sessions(path: Path, runner: str) -> int:
    """Return how many sessions of a runner came to the programme's first window of feedback; raises as `sessions`."""
    with _reading(path) as connection:
        return int(connection.execute(_PROGRAMME_SESSIONS, (runner,)).fetchone()[0])


def session(path: Path, session_id: int) -> SessionRecord:
    """Return one session; raises as `sessions`, and InputError when there is none with this number."""
    with _reading(path) as connection:
        row = _find(connection, path, session_id)
        cues = tuple(_cue_row(cue) for cue in connection.execute(_CUES, (session_id,)))
        events = tuple(
            EventRow(t_s, _member(EventKind, kind), detail)
            for t_s, kind, detail in connection.execute(_EVENTS, (session_id,))
        )
        counted = connection.execute(_REASONS, (session_id,)).fetchall()
        unmeasured = _unmeasured(connection, session_id)
    return SessionRecord(
        row=_session_row(row),
        pack_sha256=row["pack_sha256"],
        pack_text=row["pack_text"],
        settings=json.loads(row["settings_json"]),
        seed=row["seed"],
        rate_hz=row["rate_hz"],
        cues=cues,
        events=events,
        fired={_member(Reason, reason): count for fires, reason, count in counted if fires},
        withheld={_member(Reason, reason): count for fires, reason, count in counted if not fires},
        unmeasured=unmeasured,
    )


def strides(
    path: Path,
    session_id: int,
    from_s: float = -math.inf,
    until_s: float = math.inf,
    metrics: Collection[str] | None = None,
) -> list[Stride]:
    """Return the strides of a session in order, NaN where nothing was measured; raises as `session`.

    `from_s` and `until_s` keep those that became known between two times. With `metrics` no others are read.
    """
    with _reading(path) as connection:
        _find(connection, path, session_id)
        names = [name for name in _metrics(connection) if metrics is None or name in metrics]
        columns = ", ".join((*_STRIDE_ORDER, *(f'"{name}"' for name in names)))
        query = f"SELECT {columns} FROM stride WHERE session_id = ? AND closed_s BETWEEN ? AND ? ORDER BY number"  # noqa: S608 - names of columns
        connection.row_factory = None
        return _strides(connection.execute(query, (session_id, from_s, until_s)), names)


def situations(path: Path, session_id: int) -> list[SituationRow]:
    """Return the coach's situations in order; none in sessions of schema version 1. Raises as `session`."""
    with _reading(path) as connection:
        _find(connection, path, session_id)
        found = connection.execute(_SITUATIONS, (session_id,))
        return [
            SituationRow(row["t_s"], row["next_stride"], bool(row["asked"]), _situation(row["situation_json"]))
            for row in found
        ]


def pose_frames(
    path: Path, session_id: int, from_s: float = -math.inf, until_s: float = math.inf
) -> Iterator[PoseFrame]:
    """Return the landmark recording of a session, or the part between two times; raises as `session`.

    InputError also when the session was not recorded.
    """
    with _reading(path) as connection:
        if _find(connection, path, session_id)["frame_count"] == 0:
            raise InputError(
                f"Session {session_id} in {path} has no landmark recording: `cuecoach run --record` makes one."
            )
        chunks = connection.execute(_RECORDING, (session_id, from_s, until_s)).fetchall()
    every = (pose_frame for blob, *size_px in chunks for pose_frame in landmarks.decode(blob, (size_px[0], size_px[1])))
    return (pose_frame for pose_frame in every if from_s <= pose_frame.t_s <= until_s)


_SESSIONS = """
    SELECT session.*, runner.name AS runner, pack.pack_id, pack.text AS pack_text
    FROM session JOIN pack ON pack.sha256 = pack_sha256 LEFT JOIN runner ON runner.id = runner_id
"""
_CUES = """
    SELECT decided_s, fires, kind, reason, fault, side, cue_id, text, focus, evidence_json, utterance,
    queued_s, started_s, finished_s, dropped_s, heard_on, heard_detail FROM cue WHERE session_id = ? ORDER BY number
"""
_PROGRAMME_SESSIONS = """
    SELECT count(DISTINCT event.session_id) FROM event JOIN session ON session.id = event.session_id
    JOIN runner ON runner.id = runner_id WHERE runner.name = ? AND kind = 'block' AND detail = 'on 1'
"""
_EVENTS = "SELECT t_s, kind, detail FROM event WHERE session_id = ? ORDER BY number"
_REASONS = "SELECT fires, reason, count(*) AS n FROM cue WHERE session_id = ? GROUP BY 1, 2 ORDER BY n DESC, reason"
_SITUATIONS = "SELECT t_s, next_stride, asked, situation_json FROM situation WHERE session_id = ? ORDER BY number"
_RUNNERS = """
    SELECT name, height_m, notes, count(session.id), max(started_at)
    FROM runner LEFT JOIN session ON runner_id = runner.id GROUP BY runner.id ORDER BY name
"""
_CALIBRATIONS = """
    SELECT calibration.id, runner.name, made_at, source_name, calibration_json
    FROM calibration JOIN runner ON runner.id = runner_id WHERE ? IS NULL OR runner.name = ?
    ORDER BY calibration.id DESC
"""
_RECORDING = """
    SELECT landmarks, width_px, height_px FROM recording
    WHERE session_id = ? AND last_t_s >= ? AND first_t_s <= ? ORDER BY chunk
"""
# Columns that are fields of `Stride`, in the order of `_strides`. Every other column is a metric.
_STRIDE_ORDER = (
    "number",
    "side",
    "is_near",
    "t_strike_s",
    "t_midstance_s",
    "t_toe_off_s",
    "t_next_strike_s",
    "closed_s",
    "cadence_spm",
    "contact_s",
    "duty",
    "trust",
    "calibrated",
    "activity",
    "speed_mps",
    "speed_sd_mps",
    "speed_origin",
)
_STRIDE_FIELDS = frozenset((*_STRIDE_ORDER, "session_id"))
_SIDES = {str(side): side for side in Side}
_ACTIVITIES = {str(activity): activity for activity in Activity}
_ORIGINS = {value: SpeedOrigin(value) for value in (*SpeedOrigin, "belt")}  # "belt" in version 0.1
_FIRST_METRIC = len(_STRIDE_ORDER)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_for_reading(path)
    try:
        yield connection
    except sqlite3.Error as problem:
        raise reading_error(path, problem) from None
    finally:
        connection.close()


def _find(connection: sqlite3.Connection, path: Path, session_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(f"{_SESSIONS} WHERE session.id = ?", (session_id,)).fetchone()
    if row is None:
        raise InputError(f"There is no session {session_id} in {path}: `cuecoach sessions list` shows those there are.")
    return row


def _metrics(connection: sqlite3.Connection) -> list[str]:
    """Return the metrics that the journal has columns for."""
    columns = connection.execute("SELECT name FROM pragma_table_info('stride')")
    return [name for (name,) in columns if name not in _STRIDE_FIELDS]


def _unmeasured(connection: sqlite3.Connection, session_id: int) -> dict[str, float]:
    names = _metrics(connection)
    counts = ", ".join(("count(*)", *(f'count("{name}")' for name in names)))
    query = f"SELECT {counts} FROM stride WHERE session_id = ? AND activity = ?"  # noqa: S608 - names of columns
    running, *known = connection.execute(query, (session_id, str(Activity.RUNNING))).fetchone()
    missing = {name: 1.0 - count / running for name, count in zip(names, known, strict=True)} if running else {}
    return {name: share for name, share in missing.items() if share > 0.5}


def _session_row(row: sqlite3.Row) -> SessionRow:
    closed = row["ended_s"] is not None
    return SessionRow(
        id=row["id"],
        started_at=row["started_at"],
        runner=row["runner"],
        pack_id=row["pack_id"],
        source_kind=row["source_kind"],
        source_name=row["source_name"],
        version=row["version"],
        duration_s=row["ended_s"] if closed else row["last_s"],
        closed=closed,
        outcome=_member(SessionOutcome, row["outcome"]) if closed else SessionOutcome.NOT_CLOSED,
        strides=row["stride_count"],
        fired=row["fired_count"],
        withheld=row["withheld_count"],
        recorded_frames=row["frame_count"],
    )


def _cue_row(row: sqlite3.Row) -> CueRow:
    values = dict(row)
    evidence = tuple(json.loads(values.pop("evidence_json")))
    enums = {
        "fires": bool(row["fires"]),
        "kind": _member(Kind, row["kind"]),
        "reason": _member(Reason, row["reason"]),
        "side": row["side"] and _member(Side, row["side"]),
        "focus": row["focus"] and _member(AttentionFocus, row["focus"]),
        "heard_on": row["heard_on"] and _member(AudioOutput, row["heard_on"]),
    }
    return CueRow(strides=evidence, **(values | enums))


def _situation(text: str) -> Situation:
    stored = json.loads(text)
    return Situation(
        _member(Activity, stored["activity"]),
        stored["leaving"],
        None if stored["speed"] is None else _speed(**stored["speed"]),
        stored["muted"],
        stored.get("easier_steps", stored.get("ease", 0)),  # `ease` in version 0.1
    )


def _speed(mps: float, sd_mps: float, origin: str) -> Speed:
    return Speed(mps, sd_mps, _member(SpeedOrigin, origin))


def _member(kind: type[E], value: str) -> E:
    """Return a stored value as a member of its enum (raises InputError when it is none)."""
    try:
        return kind(value)
    except ValueError:
        raise InputError(
            f"The journal holds the {kind.__name__} {value!r}, which this CueCoach does not know: update CueCoach."
        ) from None


def _strides(rows: Iterable[tuple[Any, ...]], metrics: Sequence[str]) -> list[Stride]:
    """Return the strides of rows in the order of _STRIDE_ORDER, metrics behind. Equal speeds that follow are one."""
    speed: Speed | None = None
    found = []
    for row in rows:
        known: list[Any] = [math.nan if value is None else value for value in row]
        number, side, is_near, strike_s, midstance_s, toe_off_s, next_strike_s, closed_s = known[:8]
        cadence_spm, contact_s, duty, trust, calibrated, activity, mps, sd_mps, origin = known[8:_FIRST_METRIC]
        if math.isnan(mps):
            speed = None
        elif speed is None or (mps, sd_mps, _ORIGINS[origin]) != (speed.mps, speed.sd_mps, speed.origin):
            speed = Speed(mps, sd_mps, _ORIGINS[origin])
        found.append(
            Stride(
                number,
                _SIDES[side],
                bool(is_near),
                strike_s,
                midstance_s,
                toe_off_s,
                next_strike_s,
                closed_s,
                cadence_spm,
                contact_s,
                duty,
                _ACTIVITIES[activity],
                speed,
                trust,
                dict(zip(metrics, known[_FIRST_METRIC:], strict=True)),
                bool(calibrated),
            )
        )
    return found
