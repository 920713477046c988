"""A runner's sessions together: how the main fault changed from one to the next, and effects of cues over several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cuecoach.analysis.cue_effects import Effect, effects
from cuecoach.analysis.fault_statistics import COMPARED_S, FaultStatistics, fault_statistics, is_fault_cue
from cuecoach.analysis.session import AnalysedSession, analyse
from cuecoach.journal import read
from cuecoach.journal.records import SessionRow

TREND_SESSIONS_MAX = 12  # this one and those before it
POOLED_STRIDES_MAX = 20_000  # of earlier sessions: more would make the page slow


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The main fault on one leg in one of the runner's sessions."""

    row: SessionRow
    statistics: FaultStatistics


def earlier_sessions(session: AnalysedSession) -> list[SessionRow]:
    """Return the same runner's sessions with strides before this one, newest first; none without a runner's name."""
    row = session.record.row
    if row.runner is None:
        return []
    return [other for other in read.sessions(session.path, runner=row.runner) if other.id < row.id and other.strides]


def fault_trend(session: AnalysedSession, earlier: Sequence[SessionRow]) -> tuple[TrendPoint, ...]:
    """Return the session's main fault in the `earlier` sessions and in itself, oldest first; () without one."""
    summary = session.summary
    main = summary.main
    if main is None or summary.pack is None:
        return ()
    trend = [TrendPoint(summary.row, main)]
    for row in earlier[: TREND_SESSIONS_MAX - 1]:
        cues = [cue for cue in read.session(session.path, row.id).cues if cue.fault == main.fault]
        first_s = next((cue.decided_s for cue in cues if is_fault_cue(cue)), COMPARED_S)
        end_s = row.duration_s - COMPARED_S
        strides = read.strides(session.path, row.id, first_s - COMPARED_S, first_s)
        strides += read.strides(session.path, row.id, math.nextafter(max(first_s, end_s), math.inf))
        found = fault_statistics(cues, summary.pack, summary.settings, strides, [0.0], {main.fault})
        trend += [TrendPoint(row, one) for one in found if one.side is main.side and one.before.judged]
    return tuple(reversed(trend))


def pooled_effects(session: AnalysedSession, earlier: Sequence[SessionRow]) -> tuple[tuple[Effect, ...], int]:
    """Return effects over this session and the newest `earlier` ones with its pack, and how many sessions these are."""
    trials, strides_left, count = list(session.summary.trials), POOLED_STRIDES_MAX, 1
    for row in earlier:
        strides_left -= row.strides
        if strides_left < 0:
            break
        if row.pack_id == session.record.row.pack_id and row.fired:
            trials += analyse(session.path, row.id, all_metrics=False).summary.trials
            count += 1
    return tuple(effects(trials, by=("fault", "side", "cue_id"))), count
