"""The table of the benchmarks: a missed target and a value worse than its baseline end with 1, all else with 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import table
from bench.coaching import __main__ as coaching
from bench.coaching.replay import Replayed
from bench.table import OURS, Row, at_most, finish, stated


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BASELINE", tmp_path / "baseline")
    monkeypatch.setattr(table, "OUT", tmp_path / "out")


def test_only_a_missed_target_ends_with_1() -> None:
    good = [Row("data", "measure", "0", "0", met=True), stated("data", "other", "5")]
    assert finish(good, "name", "Title") == 0
    assert finish([*good, Row("data", "third", "0", "1", met=False)], "name", "Title") == 1
    assert finish([], "name", "Title") == 0


@pytest.mark.parametrize(
    ("value", "limit", "code"),
    [(1.0, 9.0, 0), (1.05, 0.5, 1), (1.5, 9.0, 0)],  # within the target nothing is called worse
)
def test_a_limit_decides(value: float, limit: float, code: int) -> None:
    finish([at_most("data", "time", 1.0, 9.0, "s")], "name", "Title", save_baseline=True)
    assert finish([at_most("data", "time", value, limit, "s")], "name", "Title") == code


def test_what_became_worse_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    before = Row("data", "cost", "stated", {OURS: "1.0 s", "other": "2 s"}, value=1.0)
    assert finish([before], "name", "Title", save_baseline=True) == 0
    assert finish([Row("data", "cost", "stated", "1.05 s", value=1.05)], "name", "Title") == 0
    capsys.readouterr()
    assert finish([Row("data", "cost", "stated", "1.2 s", value=1.2)], "name", "Title") == 1
    assert "data | cost: 1.2 s, was 1.0 s" in capsys.readouterr().out
    assert finish([Row("data", "cost", "all", "none", met=False)], "name", "Title") == 1


def test_a_part_of_the_rows_keeps_the_baseline_of_the_others() -> None:
    finish(
        [at_most("data", "first", 1.0, 9.0, "s"), stated("data", "second", "2")], "name", "Title", save_baseline=True
    )
    finish([stated("data", "second", "3")], "name", "Title", save_baseline=True)
    kept = table._read(table.BASELINE / "name.json")
    assert [kept[key]["found"] for key in ("data | first", "data | second")] == ["1.00 s", "3"]


@pytest.mark.parametrize(("different", "code"), [(0, 0), (1, 1)])
def test_a_replay_that_decides_otherwise_ends_with_1(
    different: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coaching.replaying, "again", lambda _path: Replayed(1, 9, different, "abc"))
    monkeypatch.setattr("sys.argv", ["coaching", "--only", "replay", "--quick"])
    assert coaching.main() == code
