"""The faults of a session: what is judged again, and what was read for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench.journal.story import Story, write
from cuecoach.analysis.fault_statistics import fault_statistics, judged_metrics
from cuecoach.analysis.session import analyse
from cuecoach.coach.policy import CoachSettings
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.packs.faults import FAULTS


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
