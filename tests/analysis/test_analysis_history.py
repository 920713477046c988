"""A runner's sessions together: which of them count, and how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.journal.story import Story, write
from cuecoach.analysis import history
from cuecoach.analysis.history import earlier_sessions, fault_trend, pooled_effects
from cuecoach.analysis.session import analyse


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write sessions 1, 2 and 4 of Ann, 3 of nobody and 5 of Ben."""
    path = tmp_path_factory.mktemp("history") / "journal.sqlite"
    for runner in ("Ann", "Ann", None, "Ann", "Ben"):
        write(path, Story(minutes=4, cue_every_s=20.0, held_back=0.4, runner=runner))
    return path


def test_the_trend_goes_over_the_runners_own_sessions(journal: Path) -> None:
    for number, expected in ((4, [1, 2, 4]), (2, [1, 2]), (3, [3]), (5, [5])):
        session = analyse(journal, number)
        assert [point.row.id for point in fault_trend(session, earlier_sessions(session))] == expected


def test_a_point_of_the_trend_is_the_sessions_own_main_fault(journal: Path) -> None:
    session = analyse(journal, 4)
    first, _, last = fault_trend(session, earlier_sessions(session))
    main = analyse(journal, 1).summary.main
    assert main is not None
    assert first.statistics.before == main.before
    # The last two minutes of the session, there of the strides: they differ by a stride.
    assert first.statistics.end.judged == pytest.approx(main.end.judged, abs=1)
    assert first.statistics.end.share == pytest.approx(main.end.share, abs=0.01)
    assert last.statistics == session.summary.main


def test_a_session_without_a_main_fault_has_no_trend(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=2, missing_deg=0.0, blocks=()))
    assert fault_trend(analyse(path, 1), []) == ()


def test_the_trend_is_of_twelve_sessions_at_most(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert history.TREND_SESSIONS_MAX == 12  # as many as a chart of 400 px has room for
    monkeypatch.setattr(history, "TREND_SESSIONS_MAX", 2)
    session = analyse(journal, 4)
    assert [point.row.id for point in fault_trend(session, earlier_sessions(session))] == [2, 4]


def test_effects_are_pooled_over_the_same_packs_sessions(journal: Path) -> None:
    session = analyse(journal, 4)
    found, count = pooled_effects(session, earlier_sessions(session))
    assert count == 3
    trials = sum(len(analyse(journal, number).summary.trials) for number in (1, 2, 4))
    assert sum(effect.n_fired + effect.n_catch for effect in found) == trials


def test_pooling_stops_where_the_page_would_become_slow(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = analyse(journal, 4)
    strides = session.record.row.strides  # as many as each earlier session has
    monkeypatch.setattr(history, "POOLED_STRIDES_MAX", strides)
    assert pooled_effects(session, earlier_sessions(session))[1] == 2
    monkeypatch.setattr(history, "POOLED_STRIDES_MAX", strides - 1)
    assert pooled_effects(session, earlier_sessions(session))[1] == 1
