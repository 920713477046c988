"""Everything the page tells, read and computed once. Owns how far back and how much is looked at; words nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cuecoach.analysis.cue_effects import Effect, effects
from cuecoach.analysis.fault_statistics import COMPARED_S, FaultStatistics, about_a_fault, fault_statistics
from cuecoach.analysis.summary import Summary, settings_of, summarise, told
from cuecoach.gait.settings import GaitSettings
from cuecoach.journal import read
from cuecoach.journal.records import SessionRecord, SessionRow
from cuecoach.report.swing import MeanSwing, mean_swings, norm_swing
from cuecoach.types import Side, Speed, SpeedOrigin, Stride

TREND_SESSIONS = 12  # this one and those before it
POOLED_STRIDES_MAX = 20_000  # of earlier sessions: more would make the page slow
_STRETCH_S = 20.0  # about 28 strides of each leg: a mean that stands still
_WARM_S = 4.0  # before it, for the legs to be recognised


@dataclass(frozen=True, slots=True)
class PreviousSession:
    """The main fault on one leg in one of the runner's sessions."""

    row: SessionRow
    line: FaultStatistics


@dataclass(frozen=True, slots=True, eq=False)
class Swings:
    """Mean strides by leg, at the end of the session and before the first cue (empty without one), and the norm's."""

    end: dict[Side, MeanSwing]
    before: dict[Side, MeanSwing]
    norm: MeanSwing | None


@dataclass(frozen=True, slots=True, eq=False)
class ReportData:
    """What the page is made of. `swings` is None without a recording; `pooled` are effects over several sessions."""

    page: SessionRecord
    strides: Sequence[Stride]
    summary: Summary
    swings: Swings | None
    trend: tuple[PreviousSession, ...]
    pooled: tuple[Effect, ...]
    pooled_sessions: int


def gather(path: Path, number: int) -> ReportData:
    """Read a session and what belongs to it (raises InputError, DeviceError as `journal.read.session`)."""
    page = read.session(path, number)
    strides = read.strides(path, number)
    summary = summarise(page, strides)
    earlier = _earlier(path, page.row)
    pooled, count = _pooled(path, summary, earlier)
    return ReportData(
        page, strides, summary, _swings(path, page, summary), _trend(path, summary, earlier), pooled, count
    )


def _earlier(path: Path, row: SessionRow) -> list[SessionRow]:
    """Return the same runner's sessions before this one, newest first. Who has no name has no past."""
    if row.runner is None:
        return []
    return [other for other in read.sessions(path, runner=row.runner) if other.id < row.id and other.strides]


def _trend(path: Path, summary: Summary, earlier: Sequence[SessionRow]) -> tuple[PreviousSession, ...]:
    main = summary.main
    if main is None or summary.pack is None:
        return ()
    past = [PreviousSession(summary.row, main)]
    for row in earlier[: TREND_SESSIONS - 1]:
        cues = [cue for cue in read.session(path, row.id).cues if cue.fault == main.fault]
        first_s = next((cue.decided_s for cue in cues if about_a_fault(cue)), COMPARED_S)
        until_s, end_s = first_s, row.duration_s - COMPARED_S
        strides = read.strides(path, row.id, first_s - COMPARED_S, until_s)
        strides += read.strides(path, row.id, math.nextafter(max(until_s, end_s), math.inf))
        lines = fault_statistics(cues, summary.pack, summary.settings, strides, [0.0], {main.fault})
        past += [PreviousSession(row, line) for line in lines if line.side is main.side and line.before.judged]
    return tuple(reversed(past))


def _pooled(path: Path, summary: Summary, earlier: Sequence[SessionRow]) -> tuple[tuple[Effect, ...], int]:
    """Return the effects over this and the newest earlier sessions with the same pack, and how many they are."""
    trials, left, count = list(summary.trials), POOLED_STRIDES_MAX, 1
    for row in earlier:
        left -= row.strides
        if left < 0:
            break
        if row.pack_id == summary.row.pack_id and row.fired:
            trials += told(path, row.id)[1].trials
            count += 1
    return tuple(effects(trials, by=("fault", "side", "cue_id"))), count


def _swings(path: Path, page: SessionRecord, summary: Summary) -> Swings | None:
    if not page.row.recorded_frames:
        return None
    first_s = next((cue.decided_s for cue in page.cues if about_a_fault(cue)), None)
    end_s = page.row.duration_s
    before = _stretch(path, page, summary, first_s) if first_s is not None else {}
    return Swings(_stretch(path, page, summary, end_s), before, norm_swing(summary.speed_mps))


def _stretch(path: Path, page: SessionRecord, summary: Summary, until_s: float) -> dict[Side, MeanSwing]:
    """Return the mean strides of the last _STRETCH_S before a moment."""
    from_s = max(0.0, until_s - _STRETCH_S)
    speed = (
        None if math.isnan(summary.speed_mps) else Speed(summary.speed_mps, 0.02 * summary.speed_mps, SpeedOrigin.USER)
    )
    pose_frames = read.pose_frames(path, page.row.id, from_s - _WARM_S, until_s)
    return mean_swings(pose_frames, settings_of(page, "gait", GaitSettings), speed, from_s, summary.settings.trust_min)
