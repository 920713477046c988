"""The coach's own types from a session's record: its decisions, its pack and its settings."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.calibration.record import parse_calibration
from cuecoach.journal.records import SessionRecord
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import parse_pack
from cuecoach.settings import as_recorded
from cuecoach.types import AttentionFocus, Cue, Decision

S = TypeVar("S")


def decisions_of(record: SessionRecord) -> list[Decision]:
    """Return the session's decisions as the coach made them, without `expires_s` and `start_s`, which are not kept."""
    return [
        Decision(
            t_s=cue.decided_s,
            fires=cue.fires,
            kind=cue.kind,
            reason=cue.reason,
            fault=cue.fault,
            side=cue.side,
            cue=Cue(cue.cue_id, cue.text or "", cue.focus or AttentionFocus.EXTERNAL) if cue.cue_id else None,
            strides=cue.strides,
        )
        for cue in record.cues
    ]


def settings_of(record: SessionRecord, section: str, kind: type[S]) -> S:
    """Return one section of a session's settings as its dataclass, without keys that this version does not know."""
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    stored = as_recorded(kind, record.settings.get(section, {}))
    return kind(**{key: value for key, value in stored.items() if key in known})


def calibrations_of(record: SessionRecord) -> tuple[Calibration, ...]:
    """Return the calibrations that a session was run with, newest first (raises InputError when one is not known)."""
    name = f"A calibration of session {record.row.id}"
    return tuple(parse_calibration(text, name) for text in record.settings.get("calibrations", ()))


def pack_of(record: SessionRecord) -> Pack:
    """Return the session's pack (raises InputError when this version cannot read its text)."""
    return parse_pack(record.pack_text, f"the pack of session {record.row.id}")


def readable_pack_of(record: SessionRecord) -> tuple[Pack | None, str]:
    """Return the session's pack, or None and the sentence that says why it cannot be read."""
    try:
        return pack_of(record), ""
    except InputError as error:
        return None, str(error)
