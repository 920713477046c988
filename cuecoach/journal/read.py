"""Reading the journal: lists and pages of sessions, strides and recordings. Opens read-only; never changes a file.

A session that was killed has no end: it reads like any other and says so (`SessionRow.closed`).
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cuecoach.errors import InputError
from cuecoach.journal import landmarks
from cuecoach.journal.file import open_for_reading, reading_error
from cuecoach.types import Activity, Side, Sighting, Speed, Stride


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the list. `duration_s` runs to the end, or to the last record when there is no end."""

    id: int
    started_at: str
    runner: str | None
    pack_id: str
    source_kind: str
    source_name: str
    version: str
    duration_s: float
    closed: bool
    outcome: str  # "not closed" when there is none
    strides: int
    fired: int
    withheld: int
    recorded_frames: int


@dataclass(frozen=True, slots=True)
class CueRow:
    """One decision and what became of its sound; times in s on the session's clock, None where it did not happen."""

    decided_s: float
    fires: bool
    kind: str
    reason: str
    fault: str | None
    side: str | None
    cue_id: str | None
    text: str | None
    strides: tuple[int, ...]
    utterance: int | None
    queued_s: float | None
    started_s: float | None
    finished_s: float | None
    dropped_s: float | None
    heard_on: str | None
    heard_detail: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something else that happened at `t_s`."""

    t_s: float
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class StrideSums:
    """The strides of one side: how many, and means over those with a value (NaN when none has)."""

    count: int
    trust: float
    cadence_spm: float


@dataclass(frozen=True, slots=True)
class SessionPage:
    """All that is told of one session at a glance."""

    row: SessionRow
    pack_sha256: str
    pack_text: str
    settings: Mapping[str, Any]
    seed: int
    rate_hz: float | None
    cues: tuple[CueRow, ...]
    events: tuple[EventRow, ...]
    fired: Mapping[str, int]  # by reason, most frequent first
    withheld: Mapping[str, int]
    strides: Mapping[str, StrideSums]  # by side


def sessions(path: Path, *, limit: int | None = None) -> list[SessionRow]:
    """Return the sessions in the journal at `path`, newest first.

    Raises
    ------
    InputError
        There is no journal at `path`, or it is something else.
    DeviceError
        It is damaged or cannot be read.
    """
    with _reading(path) as connection:
        found = connection.execute(f"{_SESSIONS} ORDER BY session.id DESC LIMIT ?", (-1 if limit is None else limit,))
        return [_session_row(row) for row in found]


def session(path: Path, session_id: int) -> SessionPage:
    """Return one session; raises as `sessions`, and InputError when there is none with this number."""
    with _reading(path) as connection:
        row = _find(connection, path, session_id)
        cues = tuple(_cue_row(cue) for cue in connection.execute(_CUES, (session_id,)))
        events = tuple(EventRow(*event) for event in connection.execute(_EVENTS, (session_id,)))
        counted = connection.execute(_REASONS, (session_id,)).fetchall()
        sums = connection.execute(_STRIDE_SUMS, (session_id,)).fetchall()
    return SessionPage(
        row=_session_row(row),
        pack_sha256=row["pack_sha256"],
        pack_text=row["pack_text"],
        settings=json.loads(row["settings_json"]),
        seed=row["seed"],
        rate_hz=row["rate_hz"],
        cues=cues,
        events=events,
        fired={reason: count for fires, reason, count in counted if fires},
        withheld={reason: count for fires, reason, count in counted if not fires},
        strides={side: StrideSums(count, _number(trust), _number(cadence)) for side, count, trust, cadence in sums},
    )


def strides(path: Path, session_id: int) -> list[Stride]:
    """Return the strides of a session in order, NaN where nothing was measured; raises as `session`."""
    with _reading(path) as connection:
        _find(connection, path, session_id)
        found = connection.execute("SELECT * FROM stride WHERE session_id = ? ORDER BY number", (session_id,))
        metrics = [column[0] for column in found.description if column[0] not in _STRIDE_FIELDS]
        return [_stride(row, metrics) for row in found]


def sightings(path: Path, session_id: int) -> Iterator[Sighting]:
    """Return the landmark recording of a session, frame by frame; raises as `session`.

    InputError also when the session was not recorded.
    """
    with _reading(path) as connection:
        if _find(connection, path, session_id)["frame_count"] == 0:
            raise InputError(f"Session {session_id} in {path} has no landmark recording, so it cannot be replayed.")
        chunks = connection.execute(_RECORDING, (session_id,)).fetchall()
    return (sighting for blob, *size_px in chunks for sighting in landmarks.decode(blob, (size_px[0], size_px[1])))


_SESSIONS = """
    SELECT session.*, runner.name AS runner, pack.pack_id, pack.text AS pack_text
    FROM session JOIN pack ON pack.sha256 = pack_sha256 LEFT JOIN runner ON runner.id = runner_id
"""
_CUES = """
    SELECT decided_s, fires, kind, reason, fault, side, cue_id, text, evidence_json, utterance,
    queued_s, started_s, finished_s, dropped_s, heard_on, heard_detail FROM cue WHERE session_id = ? ORDER BY number
"""
_EVENTS = "SELECT t_s, kind, detail FROM event WHERE session_id = ? ORDER BY number"
_REASONS = "SELECT fires, reason, count(*) AS n FROM cue WHERE session_id = ? GROUP BY 1, 2 ORDER BY n DESC, reason"
_STRIDE_SUMS = "SELECT side, count(*), avg(trust), avg(cadence_spm) FROM stride WHERE session_id = ? GROUP BY side"
_RECORDING = "SELECT landmarks, width_px, height_px FROM recording WHERE session_id = ? ORDER BY chunk"
# Every other column of `stride` is a metric.
_STRIDE_FIELDS = frozenset(
    """session_id number side is_near t_strike_s t_midstance_s t_toe_off_s t_next_strike_s closed_s cadence_spm
    contact_s duty activity speed_mps speed_sd_mps speed_origin trust""".split()  # noqa: SIM905
)


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
        outcome=row["outcome"] if closed else "not closed",
        strides=row["stride_count"],
        fired=row["fired_count"],
        withheld=row["withheld_count"],
        recorded_frames=row["frame_count"],
    )


def _cue_row(row: sqlite3.Row) -> CueRow:
    values = dict(row)
    evidence = tuple(json.loads(values.pop("evidence_json")))
    return CueRow(strides=evidence, **(values | {"fires": bool(row["fires"])}))


def _stride(row: sqlite3.Row, metrics: list[str]) -> Stride:
    speed = None
    if row["speed_mps"] is not None:
        speed = Speed(row["speed_mps"], _number(row["speed_sd_mps"]), row["speed_origin"])
    return Stride(
        number=row["number"],
        side=Side(row["side"]),
        is_near=bool(row["is_near"]),
        t_strike_s=_number(row["t_strike_s"]),
        t_midstance_s=_number(row["t_midstance_s"]),
        t_toe_off_s=_number(row["t_toe_off_s"]),
        t_next_strike_s=_number(row["t_next_strike_s"]),
        closed_s=row["closed_s"],
        cadence_spm=_number(row["cadence_spm"]),
        contact_s=_number(row["contact_s"]),
        duty=_number(row["duty"]),
        activity=Activity(row["activity"]),
        speed=speed,
        trust=_number(row["trust"]),
        metrics={name: _number(row[name]) for name in metrics},
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value
