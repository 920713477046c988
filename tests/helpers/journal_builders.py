"""Builders that the journal's tests, and the child processes of these, share."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
from perfect_pose import PerfectPose

from cuecoach.gait.gait import Gait
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.types import (
    Activity,
    AttentionFocus,
    Cue,
    Decision,
    Kind,
    Pose,
    PoseFrame,
    Reason,
    SessionOutcome,
    Side,
    SourceKind,
    Speed,
    SpeedOrigin,
    Stride,
)
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

PACK_TEXT = 'id = "pull-under"\n# Ferse unter dir höchziehen\n'


def make_info(**changes: object) -> SessionInfo:
    known: dict[str, object] = {
        "started_at": "2024-05-01T10:00:00+02:00",
        "source_kind": SourceKind.VIRTUAL,
        "source_name": "lazy-heel",
        "rate_hz": 30.0,
        "pack_id": "pull-under",
        "pack_text": PACK_TEXT,
        "settings": {"coach": {"gap_min_s": 12.0}},
        "seed": 7,
        "version": "0.1.0",
    }
    return SessionInfo(**(known | changes))  # type: ignore[arg-type]


def make_stride(number: int, t_s: float | None = None, **metrics: float) -> Stride:
    closed_s = 0.36 * number + 1.0 if t_s is None else t_s
    return Stride(
        number=number,
        side=Side.LEFT if number % 2 else Side.RIGHT,
        is_near=bool(number % 2),
        t_strike_s=closed_s - 0.8,
        t_midstance_s=closed_s - 0.7,
        t_toe_off_s=closed_s - 0.5,
        t_next_strike_s=closed_s - 0.1,
        closed_s=closed_s,
        cadence_spm=168.5,
        contact_s=0.26,
        duty=0.36,
        activity=Activity.RUNNING,
        speed=Speed(2.8, 0.1, SpeedOrigin.USER) if number % 3 else None,
        trust=0.9,
        metrics=metrics or {"knee_peak_swing_deg": 101.25, "flight_s": math.nan},
    )


def make_decision(t_s: float, *, fires: bool = True, reason: Reason = Reason.DUE) -> Decision:
    cue = Cue("lazy-heel.short", "Ferse höch", AttentionFocus.EXTERNAL)
    return Decision(t_s, fires, Kind.FAULT, reason, "lazy-heel", Side.LEFT, cue, (3, 4, 5))


def make_pose_frame(index: int, t_s: float | None = None) -> PoseFrame:
    rng = np.random.default_rng(index)
    t_s = index / 30 if t_s is None else t_s
    if index % 7 == 6:
        return PoseFrame(t_s, index, None)
    points = np.round(300 + 50 * rng.random((33, 2)), 2)
    points[index % 33] = np.nan
    return PoseFrame(t_s, index, Pose(t_s, points, np.round(rng.random(33), 3), (720, 1280)))


def wait_for_notice(journal: Journal, words: str, patience_s: float = 30.0) -> str:
    """Return the first notice that contains `words`; others on the way are forgotten."""
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        for sentence in journal.notices():
            if words in sentence:
                return sentence
        time.sleep(0.05)
    raise AssertionError(f"no notice with {words!r} within {patience_s} s")


def write_measured_session(path: Path, *, duration_s: float = 14.0) -> None:
    """Write a session of a virtual runner with a lazy heel at 3 m/s, with its strides and its landmarks."""
    source = PerfectPose(VirtualRunnerSettings(duration_s=duration_s, faults=("lazy-heel",)))
    gait, speed = Gait(), Speed(3.0, 0.06, SpeedOrigin.USER)
    pack = library.find("pull-under")
    journal = Journal.open(path)
    journal.begin(make_info(pack_id=pack.id, pack_text=pack.text, settings={}))
    while isinstance(pose_frame := source.read(), PoseFrame):
        journal.pose_frame(pose_frame)
        for stride in gait.update(pose_frame, speed).strides:
            journal.stride(stride)
    journal.end(duration_s, SessionOutcome.FINISHED)
    journal.close()
