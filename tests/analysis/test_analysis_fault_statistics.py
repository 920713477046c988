"""The faults of a session: what is judged again, and what was read for it."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from coach_strides import make_stride

from bench.journal.story import Story, write
from cuecoach.analysis.fault_statistics import (
    FaultRate,
    fault_statistics,
    grouped_by_block,
    judged_metrics,
    mostly_calibrated,
)
from cuecoach.analysis.intervals import Estimate
from cuecoach.analysis.session import analyse
from cuecoach.coach.policy import CoachSettings
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.packs.faults import FAULTS
from cuecoach.types import Activity, Side


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("statistics") / "journal.sqlite"
    write(path, Story(minutes=4))
    return path


def test_the_metrics_that_are_read_give_the_same_numbers_as_all(journal: Path) -> None:
    quick, every = analyse(journal, 1, all_metrics=False), analyse(journal, 1)
    assert quick.record == every.record
    assert quick.summary.as_dict() == every.summary.as_dict()
    assert quick.summary.faults == every.summary.faults != ()
    assert len(quick.strides[0].metrics) < len(every.strides[0].metrics)


def test_a_fault_that_needs_another_beside_it_is_judged_when_it_alone_was_cued(journal: Path) -> None:
    rules = tuple(FAULTS[name] for name in ("overstride", "low-knee-drive", "weak-push"))
    pack = dataclasses.replace(library.find("pull-under"), rules=rules, companions=())
    cues = [dataclasses.replace(cue, fault="weak-push") for cue in read.session(journal, 1).cues]
    found = fault_statistics(cues, pack, CoachSettings(), read.strides(journal, 1), [0.0])
    assert {one.fault for one in found} == {"weak-push"}
    beside = {metric for rule in rules for metric in rule.metrics}
    assert judged_metrics(cues, pack) == beside


def test_two_minutes_before_the_first_cue_are_compared_with_the_last_two(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=9, blocks=((0.0, "probe 1"), (0.5, "on"))))
    session = analyse(path, 1)
    first_s = next(cue.decided_s for cue in session.record.cues if cue.fires)
    trusted = [stride for stride in session.strides if stride.trust >= CoachSettings().trust_min]
    for fault in session.summary.faults:
        closed_s = [stride.closed_s for stride in trusted if stride.side is fault.side]
        assert fault.before.judged == sum(first_s - 120.0 <= t_s <= first_s for t_s in closed_s)
        last_s = max(stride.closed_s for stride in session.strides if stride.side is fault.side)  # judged or not
        assert fault.end.judged == sum(last_s - 120.0 < t_s for t_s in closed_s)


def test_a_fault_that_was_never_cued_is_compared_from_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=6, blocks=((0.0, "probe 1"),)))
    session = analyse(path, 1)
    trusted = [stride for stride in session.strides if stride.trust >= CoachSettings().trust_min]
    for fault in session.summary.faults:
        closed_s = [stride.closed_s for stride in trusted if stride.side is fault.side]
        assert fault.before.judged == sum(t_s <= closed_s[0] + 120.0 for t_s in closed_s)


@pytest.mark.parametrize(
    ("mean", "low", "high", "above", "better"),
    [
        (-4.0, -6.0, -2.0, True, True),
        (-4.0, -6.0, -2.0, False, False),
        (4.0, 2.0, 6.0, False, True),
        (4.0, 2.0, 6.0, True, False),
        (4.0, -2.0, 10.0, False, None),
        (4.0, math.nan, math.nan, False, None),
    ],
)
def test_better_is_a_sure_change_away_from_the_fault(
    journal: Path, mean: float, low: float, high: float, above: bool, better: bool | None
) -> None:
    fault = analyse(journal, 1).summary.faults[0]
    assert dataclasses.replace(fault, above=above, change=Estimate(mean, low, high, 50)).better is better


@pytest.mark.parametrize(("low", "high", "stayed"), [(-3.0, 4.9, True), (-3.0, 5.1, False), (1.0, 3.0, False)])
def test_a_fault_stayed_that_surely_came_less_than_half_the_way(
    journal: Path, low: float, high: float, stayed: bool
) -> None:
    """The knee folds 80 degrees and should fold 90: it must have come 5 degrees nearer."""
    before = FaultRate(90, 100, Estimate(80.0, 79.0, 81.0, 100))
    fault = dataclasses.replace(analyse(journal, 1).summary.faults[0], above=False, limit=90.0, before=before)
    assert dataclasses.replace(fault, change=Estimate((low + high) / 2, low, high, 100)).stayed is stayed


def test_items_before_the_first_block_are_in_none() -> None:
    times_s = [0.5, 1.0, 1.5, 2.0, 9.0]
    assert grouped_by_block(times_s, [1.0, 2.0], lambda t_s: t_s) == [[1.0, 1.5], [2.0, 9.0]]


@pytest.mark.parametrize(("calibrated", "mostly"), [([], False), ([True, False], False), ([True, True, False], True)])
def test_most_of_the_running_strides_say_whether_limits_are_those_of_a_calibration(
    calibrated: list[bool], mostly: bool
) -> None:
    walked = [dataclasses.replace(make_stride(9, Side.LEFT, 9.0, activity=Activity.WALKING), calibrated=not mostly)] * 9
    run = [dataclasses.replace(make_stride(n, Side.LEFT, float(n)), calibrated=one) for n, one in enumerate(calibrated)]
    assert mostly_calibrated([*walked, *run]) is mostly
