"""Writes a running session to the journal, in a thread of its own so that the loop never waits for the disk.

Never asks for the time and never reads a session back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from cuecoach.errors import DeviceError
from cuecoach.journal import landmarks
from cuecoach.journal.file import open_for_writing
from cuecoach.journal.statements import cause, insert, update
from cuecoach.types import Decision, EventKind, PoseFrame, SessionOutcome, Situation, SourceKind, Stride, UtteranceEvent

COMMIT_S = 0.5  # the pause between transactions: what a kill can cost, with room to spare below one second
RETRY_MAX_S = 10.0
BATCH_ROWS = 2_000  # rows of one transaction, so that another process never waits long
PENDING_MAX_ROWS = 30_000  # about two hours of strides and decisions, 40 MB, while the disk takes nothing
PENDING_MAX_POSE_FRAMES = 10_000  # about five minutes at 30 frames/s, 14 MB
CLOSE_S = 10.0

_Write = Callable[[], object]


@dataclasses.dataclass(frozen=True, slots=True)
class SessionInfo:
    """What is known of a session when it begins. `started_at` is the wall clock, ISO 8601 with zone."""

    started_at: str
    source_kind: SourceKind
    source_name: str
    rate_hz: float
    pack_id: str
    pack_text: str
    settings: Mapping[str, Any]  # anything JSON can hold
    seed: int
    version: str
    runner: str | None = None
    runner_height_m: float | None = None


class Journal:
    """One open journal file. Everything but `open`, `begin` and `close` returns at once.

    Rows that cannot be written (full disk, a drive that is gone, another program's lock) are kept in memory and tried
    again, later and later; `notices` says so once, and once again when all is well.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._session = 0
        self._numbers = {"cue": 0, "event": 0, "situation": 0}
        self._next_stride = 0
        self._situation = ""  # the last one written
        self._file_lock = threading.Lock()  # held during a transaction; guards the connection and the columns
        self._metrics: set[str] = set()  # metric columns known to exist
        self._chunk = 0  # number of the recording's last chunk
        self._chunk_open: list[PoseFrame] = []  # what it holds: written already, and again when more follows
        self._queue_lock = threading.Lock()  # held for moments; guards the queues and the notices
        self._rows: deque[_Write] = deque()
        self._pose_frames: deque[PoseFrame] = deque()
        self._notices: list[str] = []
        self._lost = 0
        self._failing = False
        self._stopping = threading.Event()
        self._writer = threading.Thread(target=self._run, name="journal", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Open the journal at `path`; folders and file are made as needed, a damaged journal is set aside.

        Raises
        ------
        InputError
            `path` is a folder, another program's file, or a journal of a newer CueCoach.
        DeviceError
            Folder or file cannot be created or written.
        """
        opened = open_for_writing(path)
        journal = cls(opened.connection, path)
        if opened.notice:
            journal._notify(opened.notice)
        return journal

    def begin(self, info: SessionInfo) -> int:
        """Write the start of the session and return its number. One `Journal` writes one session.

        Raises
        ------
        DeviceError
            The file takes no more.
        """
        if self._session:
            raise ValueError("this journal has begun its session already; open another one")
        with self._file_lock:
            try:
                with self._transaction():
                    session = self._insert_session(info)
            except sqlite3.Error as problem:
                raise DeviceError(
                    f"The journal {self.path} cannot be written ({cause(problem)}): "
                    "free the disk or name another file with --journal."
                ) from None
        self._session = session
        return session

    def stride(self, stride: Stride) -> None:
        """Record a finished stride; a metric that is NaN is kept as NULL."""
        self._next_stride = int(stride.number) + 1
        speed = stride.speed
        row: dict[str, Any] = {
            "session_id": self._session,
            "number": int(stride.number),
            "side": str(stride.side),
            "is_near": int(stride.is_near),
            "t_strike_s": float(stride.t_strike_s),
            "t_midstance_s": float(stride.t_midstance_s),
            "t_toe_off_s": float(stride.t_toe_off_s),
            "t_next_strike_s": float(stride.t_next_strike_s),
            "closed_s": float(stride.closed_s),
            "cadence_spm": float(stride.cadence_spm),
            "contact_s": float(stride.contact_s),
            "duty": float(stride.duty),
            "activity": str(stride.activity),
            "speed_mps": float(speed.mps) if speed else None,
            "speed_sd_mps": float(speed.sd_mps) if speed else None,
            "speed_origin": str(speed.origin) if speed else None,
            "trust": float(stride.trust),
            "calibrated": int(stride.calibrated),
        }
        metrics = {name: float(value) for name, value in stride.metrics.items()}

        def write() -> None:
            self._add_metric_columns(metrics)
            insert(self._connection, "stride", row | metrics)

        self._enqueue(write)

    def decision(self, decision: Decision, utterance: int | None = None) -> None:
        """Record a cue fired or withheld; `utterance` is the number under which the voice reports on it."""
        cue = decision.cue
        row = {
            "session_id": self._session,
            "number": self._next_number("cue"),
            "decided_s": float(decision.t_s),
            "fires": int(decision.fires),
            "kind": str(decision.kind),
            "reason": str(decision.reason),
            "fault": decision.fault,
            "side": str(decision.side) if decision.side else None,
            "cue_id": cue.id if cue else None,
            "text": cue.text if cue else None,
            "focus": cue.focus if cue else None,
            "evidence_json": json.dumps([int(number) for number in decision.strides], separators=(",", ":")),
            "utterance": utterance,
        }
        self._enqueue(lambda: insert(self._connection, "cue", row))

    def situation(self, t_s: float, situation: Situation, asked: bool) -> None:
        """Record the coach's situation, if it changed; to be called before the frame's strides.

        `asked`: the runner asked for a cue at this frame.
        """
        text = json.dumps(dataclasses.asdict(situation), ensure_ascii=False, separators=(",", ":"))
        if text == self._situation and not asked:
            return
        self._situation = text
        row = {
            "session_id": self._session,
            "number": self._next_number("situation"),
            "t_s": float(t_s),
            "next_stride": self._next_stride,
            "asked": int(asked),
            "situation_json": text,
        }
        self._enqueue(lambda: insert(self._connection, "situation", row))

    def utterance_event(self, heard: UtteranceEvent) -> None:
        """Record what became of an utterance; one that no decision asked for (a signal tone) becomes an event."""
        t_s, number = float(heard.t_s), self._next_number("event")
        found = {"session_id": self._session, "utterance": int(heard.utterance)}
        changes = {f"{heard.state}_s": t_s, "heard_on": str(heard.output), "heard_detail": heard.detail or None}
        detail = f"{heard.cue_id}: {heard.state} on {heard.output}" + (f", {heard.detail}" if heard.detail else "")
        event = {
            "session_id": self._session,
            "number": number,
            "t_s": t_s,
            "kind": str(EventKind.SOUND),
            "detail": detail,
        }

        def write() -> None:
            if not update(self._connection, "cue", changes, found):
                insert(self._connection, "event", event)

        self._enqueue(write)

    def event(self, t_s: float, kind: EventKind, detail: str = "") -> None:
        """Record an event that is neither a stride nor a decision."""
        number = self._next_number("event")
        row = {"session_id": self._session, "number": number, "t_s": float(t_s), "kind": str(kind), "detail": detail}
        self._enqueue(lambda: insert(self._connection, "event", row))

    def pose_frame(self, pose_frame: PoseFrame) -> None:
        """Record landmarks; to be called for every frame of a session that keeps a landmark recording."""
        with self._queue_lock:
            if len(self._pose_frames) < PENDING_MAX_POSE_FRAMES:
                self._pose_frames.append(pose_frame)
            else:
                self._lost += 1

    def end(self, t_s: float, outcome: SessionOutcome) -> None:
        """Record that the session ended, and how. A session without this shows as not closed."""
        found = {"id": self._session}
        changes = {"ended_s": float(t_s), "outcome": str(outcome)}
        self._enqueue(lambda: update(self._connection, "session", changes, found))

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences for the user that came up since the last call."""
        with self._queue_lock:
            notices, self._notices = tuple(self._notices), []
        return notices

    def close(self) -> None:
        """Write what is left, for at most CLOSE_S, and close the file. May be called more than once."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._writer.join(CLOSE_S)
        with self._queue_lock:
            missing = len(self._rows) + len(self._pose_frames) + self._lost
        if missing:
            self._notify(f"The journal {self.path} did not take {missing} records of this session.")
        if not self._writer.is_alive():
            self._connection.close()

    def _next_number(self, table: str) -> int:
        self._numbers[table] += 1
        return self._numbers[table]

    def _enqueue(self, write: _Write) -> None:
        with self._queue_lock:
            if len(self._rows) < PENDING_MAX_ROWS:
                self._rows.append(write)
            else:
                self._lost += 1

    def _notify(self, sentence: str) -> None:
        with self._queue_lock:
            self._notices.append(sentence)

    # From here on: the writer's thread, or another that holds `_file_lock`.

    def _run(self) -> None:
        pause_s = COMMIT_S
        while not self._stopping.wait(pause_s):
            pause_s = COMMIT_S if self._write_all() else min(2 * pause_s, RETRY_MAX_S)
        self._write_all()

    def _write_all(self) -> bool:
        """Write all that is queued; return False, keeping it, when it cannot be written."""
        with self._file_lock:
            while True:
                with self._queue_lock:
                    rows = list(islice(self._rows, BATCH_ROWS))
                    pose_frames = list(self._pose_frames)
                if not rows and not pose_frames:
                    self._recover()
                    return True
                try:
                    self._write_batch(rows, pose_frames)
                except sqlite3.Error as problem:
                    self._fail(problem)
                    return False
                with self._queue_lock:
                    for _ in rows:
                        self._rows.popleft()
                    for _ in pose_frames:
                        self._pose_frames.popleft()

    def _write_batch(self, rows: list[_Write], pose_frames: list[PoseFrame]) -> None:
        refused = 0
        with self._transaction():
            for write in rows:
                try:
                    write()
                except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
                    refused += 1  # a row that can never be written must not keep the others waiting for ever
            chunk, chunk_open = self._write_recording(pose_frames)
        self._chunk, self._chunk_open = chunk, chunk_open
        with self._queue_lock:
            self._lost += refused

    def _write_recording(self, pose_frames: list[PoseFrame]) -> tuple[int, list[PoseFrame]]:
        """Fill the open chunk and begin new ones; return the number and content of the last."""
        chunk, run = self._chunk, self._chunk_open
        if not pose_frames:
            return chunk, run
        for chunk, (size_px, run) in enumerate(landmarks.chunks(self._chunk_open + pose_frames), self._chunk):
            values = (self._session, chunk, run[0].t_s, run[-1].t_s, len(run), *size_px, landmarks.encode(run))
            self._connection.execute(_RECORDING, values)
        return chunk, run

    def _add_metric_columns(self, metrics: Mapping[str, float]) -> None:
        """Give every metric a column, so that a new metric needs no migration."""
        if self._metrics.issuperset(metrics):
            return
        self._metrics = {row[1] for row in self._connection.execute("PRAGMA table_info(stride)")}
        for name in metrics:
            if name not in self._metrics:
                self._connection.execute(f'ALTER TABLE stride ADD COLUMN "{name}" REAL')
                self._metrics.add(name)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
                self._metrics = set()  # new columns went with it

    def _fail(self, problem: sqlite3.Error) -> None:
        if not self._failing:
            self._failing = True
            self._notify(
                f"The journal {self.path} cannot be written ({cause(problem)}): the session goes on, its record waits."
            )

    def _recover(self) -> None:
        if self._failing:
            self._failing = False
            with self._queue_lock:
                lost, self._lost = self._lost, 0
            rest = f"{lost} records found no room and are lost" if lost else "nothing is lost"
            self._notify(f"The journal {self.path} is written again: {rest}.")

    def _insert_session(self, info: SessionInfo) -> int:
        sha256 = hashlib.sha256(info.pack_text.encode()).hexdigest()
        execute = self._connection.execute
        execute("INSERT OR IGNORE INTO pack VALUES (?, ?, ?)", (sha256, info.pack_id, info.pack_text))
        runner_id = None
        if info.runner is not None:
            (runner_id,) = execute(_RUNNER, (info.runner, info.runner_height_m)).fetchone()
        row = {
            "started_at": info.started_at,
            "runner_id": runner_id,
            "pack_sha256": sha256,
            "source_kind": str(info.source_kind),
            "source_name": info.source_name,
            "rate_hz": info.rate_hz,
            "version": info.version,
            "seed": info.seed,
            "settings_json": json.dumps(info.settings, sort_keys=True, ensure_ascii=False),
        }
        return insert(self._connection, "session", row)


# Metrics are columns, not JSON: SQL and every export see named numbers with a documented unit, NaN is NULL, and a
# stride takes 0.4 kB, where JSON repeats its 31 names for 0.6 kB more (10,000 strides: 4.3 MB, recording apart).
_RECORDING = """
    INSERT INTO recording VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id, chunk) DO UPDATE SET
    last_t_s = excluded.last_t_s, frame_count = excluded.frame_count, width_px = excluded.width_px,
    height_px = excluded.height_px, landmarks = excluded.landmarks
"""
_RUNNER = """
    INSERT INTO runner (name, height_m) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET
    height_m = ifnull(excluded.height_m, height_m) RETURNING id
"""
