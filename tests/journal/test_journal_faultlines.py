"""The faults of a session: what is judged again, and what was read for it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from cuecoach import packs
from cuecoach.coach.faults import FAULTS
from cuecoach.coach.policy import CoachSettings
from cuecoach.journal import read
from cuecoach.journal.faultlines import fault_lines, judged_metrics
from cuecoach.journal.summary import summarise, told

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from _story import Story, write


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faultlines") / "journal.sqlite"
    write(path, Story(minutes=4))
    return path


def test_the_metrics_that_are_read_give_the_same_numbers_as_all(journal: Path) -> None:
    page, summary = told(journal, 1)
    assert page == read.session(journal, 1)
    every = summarise(page, read.strides(journal, 1))
    assert summary.as_dict() == every.as_dict()
    assert summary.faults == every.faults != ()


def test_a_fault_that_needs_another_beside_it_is_judged_when_it_alone_was_cued(journal: Path) -> None:
    rules = tuple(FAULTS[name] for name in ("overstride", "low-knee-drive", "weak-push"))
    pack = dataclasses.replace(packs.find("pull-under"), rules=rules, companions=())
    cues = [dataclasses.replace(cue, fault="weak-push") for cue in read.session(journal, 1).cues]
    lines = fault_lines(cues, pack, CoachSettings(), read.strides(journal, 1), [0.0])
    assert {line.fault for line in lines} == {"weak-push"}
    beside = {metric for rule in rules for metric in rule.metrics}
    assert judged_metrics(cues, pack) == beside
