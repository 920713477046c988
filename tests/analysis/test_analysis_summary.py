"""The numbers of a session: blocks, legs, sound, and what is worked on."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from journal_builders import make_decision, make_info, make_stride

from bench.journal.story import Story, write
from cuecoach.analysis.session import analyse
from cuecoach.analysis.summary import Summary
from cuecoach.journal.store import Journal
from cuecoach.packs import library
from cuecoach.types import (
    Activity,
    AudioOutput,
    EventKind,
    Reason,
    SessionOutcome,
    Side,
    UtteranceEvent,
    UtteranceState,
)


def summary_of(path: Path, fill: Callable[[Journal], None], end_s: float = 100.0) -> Summary:
    pack = library.find("pull-under")
    journal = Journal.open(path)
    number = journal.begin(make_info(pack_id=pack.id, pack_text=pack.text))
    fill(journal)
    journal.end(end_s, SessionOutcome.FINISHED)
    journal.close()
    return analyse(path, number).summary


def strides(journal: Journal, seconds: float) -> None:
    """Record strides of 0.7 s, one of each leg every 0.72 s."""
    for number in range(int(seconds / 0.36)):
        journal.stride(make_stride(number, 0.36 * (number + 1)))


def test_blocks_are_the_programmes(tmp_path: Path) -> None:
    def fill(journal: Journal) -> None:
        journal.event(10.0, EventKind.BLOCK, "on 1")
        journal.event(60.0, EventKind.BLOCK, "off 1")
        strides(journal, 90.0)
        for t_s in (5.0, 20.0, 30.0, 70.0):
            journal.decision(make_decision(t_s))

    summary = summary_of(tmp_path / "journal.sqlite", fill)
    assert [(block.name, block.begin_s, block.end_s, block.said) for block in summary.blocks] == [
        ("start", 0.0, 10.0, 1),
        ("on 1", 10.0, 60.0, 2),
        ("off 1", 60.0, 100.0, 1),
    ]
    assert summary.blocks[1].minutes_running == pytest.approx(0.7 * 69 / 60, rel=0.03)
    assert summary.blocks[1].cues_per_min == pytest.approx(2 / summary.blocks[1].minutes_running)
    assert summary.minutes_running == pytest.approx(sum(block.minutes_running for block in summary.blocks), rel=0.02)


@pytest.mark.parametrize(
    ("cues", "names"),
    [((), ["whole session"]), ((40.0,), ["before the first cue", "after it"])],
)
def test_without_a_programme_the_first_cue_divides_the_session(
    tmp_path: Path, cues: tuple[float, ...], names: list[str]
) -> None:
    def fill(journal: Journal) -> None:
        strides(journal, 90.0)
        journal.decision(make_decision(10.0, fires=False, reason=Reason.REFRACTORY))  # not yet a cue
        for t_s in cues:
            journal.decision(make_decision(t_s))

    summary = summary_of(tmp_path / "journal.sqlite", fill)
    assert [block.name for block in summary.blocks] == names
    assert [block.begin_s for block in summary.blocks] == [0.0, *cues]


def test_a_leg_is_the_median_of_its_running_strides(tmp_path: Path) -> None:
    def fill(journal: Journal) -> None:
        for number, (trust, contact_s) in enumerate(((0.9, 0.20), (0.9, 0.24), (0.1, 0.28))):
            stride = make_stride(2 * number + 1)  # left, the near leg
            journal.stride(dataclasses.replace(stride, trust=trust, contact_s=contact_s))
        journal.stride(dataclasses.replace(make_stride(7), activity=Activity.WALKING, contact_s=0.9))

    summary = summary_of(tmp_path / "journal.sqlite", fill)
    assert set(summary.legs) == {Side.LEFT}
    leg = summary.legs[Side.LEFT]
    assert (leg.strides, leg.running, leg.is_near, leg.contact_s, leg.trust) == (4, 3, True, 0.24, 0.9)
    assert leg.trusted == pytest.approx(2 / 3)
    assert summary.speed_mps == 2.8


def test_sound_says_what_was_heard_where_and_how_late(tmp_path: Path) -> None:
    def fill(journal: Journal) -> None:
        for utterance, (t_s, late_s, output) in enumerate(
            ((10.0, 0.05, AudioOutput.DEVICE), (20.0, 0.25, AudioOutput.DEVICE), (30.0, 0.15, AudioOutput.NOTHING))
        ):
            journal.decision(make_decision(t_s), utterance)
            journal.utterance_event(UtteranceEvent(utterance, "x", UtteranceState.STARTED, t_s + late_s, output))
        journal.decision(make_decision(40.0), 3)
        journal.utterance_event(UtteranceEvent(3, "x", UtteranceState.DROPPED, 41.0, AudioOutput.NOTHING, "too late"))
        journal.decision(make_decision(50.0, fires=False, reason=Reason.CATCH_TRIAL))

    sound = summary_of(tmp_path / "journal.sqlite", fill).sound
    assert (sound.said, dict(sound.heard), dict(sound.dropped)) == (4, {"device": 2, "nothing": 1}, {"too late": 1})
    assert (sound.delay_median_s, sound.delay_max_s) == (pytest.approx(0.15), pytest.approx(0.25))


def test_the_main_fault_is_the_most_cued_on_the_leg_that_shows_it_most(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=4))
    summary = analyse(path, 1).summary
    assert summary.main is not None
    assert (summary.main.fault, summary.main.side) == ("lazy-heel", Side.LEFT)
    assert summary.main in summary.worked_on
    assert all(fault.before.share <= summary.main.before.share for fault in summary.worked_on)


def test_the_numbers_are_plain_data(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=4))
    summary = analyse(path, 1).summary
    plain = summary.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    (left, _) = plain["faults"]
    assert (left["fault"], left["side"], left["refused"]) == ("lazy-heel", "left", False)
    assert left["before"]["share"] == summary.faults[0].before.share
    assert [rate["share"] for rate in left["blocks"]] == [
        None if math.isnan(rate.share) else rate.share for rate in summary.faults[0].blocks
    ]
    assert plain["legs"]["left"]["is_near"] is True
    assert plain["fired"] == dict(summary.fired)
