"""Everything that the report of a session shows, read and computed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cuecoach.analysis.cue_effects import Effect
from cuecoach.analysis.history import TrendPoint, earlier_sessions, fault_trend, pooled_effects
from cuecoach.analysis.mean_swing import SessionSwings, session_swings
from cuecoach.analysis.session import AnalysedSession, analyse
from cuecoach.analysis.summary import Summary
from cuecoach.gait.speed_units import SpeedUnit


@dataclass(frozen=True, slots=True, eq=False)
class ReportData:
    """What the page is made of. `swings` is None without a recording; `pooled` are effects over several sessions."""

    session: AnalysedSession
    swings: SessionSwings | None
    trend: tuple[TrendPoint, ...]
    pooled: tuple[Effect, ...]
    pooled_sessions: int
    speed_unit: SpeedUnit

    @property
    def summary(self) -> Summary:
        """The session's numbers."""
        return self.session.summary


def gather(path: Path, number: int, speed_unit: SpeedUnit = SpeedUnit.M_PER_S) -> ReportData:
    """Read a session and its runner's earlier ones (raises InputError, DeviceError as `analyse`)."""
    session = analyse(path, number)
    earlier = earlier_sessions(session)
    pooled, count = pooled_effects(session, earlier)
    return ReportData(session, session_swings(session), fault_trend(session, earlier), pooled, count, speed_unit)
