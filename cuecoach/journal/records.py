"""The rows that reading the journal returns: frozen dataclasses of what is stored, without any judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cuecoach.types import AttentionFocus, AudioOutput, EventKind, Kind, Reason, SessionOutcome, Side, Situation


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a list shows it. `duration_s` runs to the end, or to the last record when there is no end."""

    id: int
    started_at: str
    runner: str | None
    pack_id: str
    source_kind: str  # a SourceKind, but for sessions that a benchmark wrote
    source_name: str
    version: str
    duration_s: float
    closed: bool
    outcome: SessionOutcome
    strides: int
    fired: int
    withheld: int
    recorded_frames: int


@dataclass(frozen=True, slots=True)
class CueRow:
    """One decision and what became of its sound; times in s on the session's clock, None where it did not happen."""

    decided_s: float
    fires: bool
    kind: Kind
    reason: Reason
    fault: str | None
    side: Side | None
    cue_id: str | None
    text: str | None
    focus: AttentionFocus | None
    strides: tuple[int, ...]
    utterance: int | None
    queued_s: float | None
    started_s: float | None
    finished_s: float | None
    dropped_s: float | None
    heard_on: AudioOutput | None
    heard_detail: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something other than a stride or a decision that happened at `t_s`."""

    t_s: float
    kind: EventKind
    detail: str


@dataclass(frozen=True, slots=True)
class RunnerRow:
    """A runner's profile, and how many sessions there are; `last_started_at` is None without any."""

    name: str
    height_m: float | None
    notes: str
    sessions: int
    last_started_at: str | None


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """A calibration of a runner; `text` is what it holds, as gait writes it."""

    id: int
    runner: str
    made_at: str
    source_name: str
    text: str


@dataclass(frozen=True, slots=True)
class SituationRow:
    """The coach's situation from `t_s` on; `next_stride` is the number of the first stride judged in it, or later."""

    t_s: float
    next_stride: int
    asked: bool
    situation: Situation


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session without its strides: settings, pack, decisions, events and counts."""

    row: SessionRow
    pack_sha256: str
    pack_text: str
    settings: Mapping[str, Any]
    seed: int
    rate_hz: float | None
    cues: tuple[CueRow, ...]
    events: tuple[EventRow, ...]
    fired: Mapping[Reason, int]  # by reason, most frequent first
    withheld: Mapping[Reason, int]
    unmeasured: Mapping[str, float]  # metrics by the share of running strides without a value, where above half
