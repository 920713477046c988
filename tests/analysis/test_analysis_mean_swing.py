"""Mean strides: what is averaged of a recording, and which moments of a session."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pytest
from journal_builders import write_measured_session

from cuecoach.analysis import mean_swing
from cuecoach.analysis.mean_swing import MeanSwing, norm_swing, session_swings
from cuecoach.analysis.session import AnalysedSession, analyse
from cuecoach.types import PoseFrame, Side


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> AnalysedSession:
    path = tmp_path_factory.mktemp("swing") / "journal.sqlite"
    write_measured_session(path)
    return analyse(path, 1)


def test_the_fault_is_seen_in_the_mean_stride(session: AnalysedSession) -> None:
    swings = session_swings(session)
    assert swings is not None
    assert swings.norm is not None
    assert set(swings.end) == set(Side)
    assert swings.before == {}  # there was no cue
    for swing in swings.end.values():
        assert swing.strides >= 5
        assert swing.knee_deg.max() < swings.norm.knee_deg.max() - 15
        assert abs(float(swing.knee_deg[0]) - float(swing.knee_deg[-1])) < 5  # a stride ends as it begins


def test_a_leg_with_too_few_strides_has_no_mean(session: AnalysedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    swings = session_swings(session)
    assert swings is not None
    most = max(swing.strides for swing in swings.end.values())
    monkeypatch.setattr(mean_swing, "STRIDES_MIN", most + 1)
    fewer = session_swings(session)
    assert fewer is not None
    assert fewer.end == {}


def test_the_end_and_the_time_before_the_first_cue_are_read_with_a_lead_in(
    session: AnalysedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, float]] = []

    def pose_frames(_self: AnalysedSession, from_s: float, until_s: float) -> Iterator[PoseFrame]:
        asked.append((from_s, until_s))
        return iter(())

    monkeypatch.setattr(AnalysedSession, "pose_frames", pose_frames)
    row = dataclasses.replace(session.record.row, duration_s=100.0)
    session_swings(dataclasses.replace(session, record=dataclasses.replace(session.record, row=row)))
    assert asked == [(100.0 - 20.0 - 4.0, 100.0)]


def test_the_norm_is_known_at_running_speeds_only() -> None:
    assert norm_swing(1.9) is None
    assert norm_swing(math.nan) is None
    found = norm_swing(3.0)
    assert found is not None
    assert found.strides == 0


def test_a_stick_has_the_proportions_of_a_leg() -> None:
    """A leg that hangs straight: hip, knee and ankle below each other, one leg length, the foot forward."""
    zeros = np.zeros(101)
    corners = MeanSwing(zeros, zeros, zeros, 1).stick(0.5)
    assert corners[0] == (0.0, 0.0)
    assert corners[1] == pytest.approx((0.0, -0.499))
    assert corners[2] == pytest.approx((0.0, -1.0))
    assert corners[3] == pytest.approx((0.2, -1.0))
