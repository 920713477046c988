"""The answers to a coach's questions: what is said of which numbers, and where one answer becomes another."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench.journal.story import Story, write
from cuecoach.analysis.cue_effects import Effect
from cuecoach.analysis.fault_statistics import FaultRate
from cuecoach.analysis.intervals import Estimate
from cuecoach.analysis.session import analyse
from cuecoach.analysis.summary import Summary
from cuecoach.report.answers import Answer, answers
from cuecoach.report.data import gather
from cuecoach.types import Reason, Side

WHICH, LEG, CHANGE, CAUSE, SURE, NEXT = range(6)


def test_the_answers_name_fault_leg_change_cause_and_next_step(journal: Path) -> None:
    data = gather(journal, 2)
    which, leg, change, cause, sure, after = answers(data.summary, data.pooled, data.pooled_sessions)
    assert which.short == "Lazy heel"
    assert leg.short == "The left"
    assert change.short == "Yes, better"
    assert change.tone == "good"
    assert cause.short in ("Because of the cues", "Not told apart")
    assert "silences" in cause.detail
    assert sure.detail
    assert after.short


def test_the_leg_that_shows_it_more_is_told_from_one_that_shows_it_alone(tmp_path: Path) -> None:
    write(tmp_path / "journal.sqlite", Story(minutes=3, missing_deg=30.0))
    assert answers(gather(tmp_path / "journal.sqlite", 1).summary)[1].short == "The left, more than the right"


def test_without_a_cue_nothing_is_claimed(journal: Path) -> None:
    found = answers(gather(journal, 3).summary)
    assert found[0].short == "None"
    assert "silence means carry on" in found[0].detail
    assert found[2].short == "Nothing to change"
    assert found[3].short == "Does not apply"


def test_a_fault_that_was_never_cued_is_still_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=3, blocks=((0.0, "probe 1"),)))
    found = answers(gather(path, 1).summary)
    assert found[0].short == "None"
    assert "a block without cues" in found[0].detail
    assert found[5].short == "Work on lazy heel"


def test_without_silences_on_purpose_the_cause_cannot_be_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, held_back=0.0))
    found = answers(gather(path, 1).summary)
    assert found[2].short == "Yes, better"
    assert found[3].short == "Cannot be told"


def test_a_fault_that_grows_is_said_to_grow(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, missing_deg=18.0, answer_deg=-6.0))
    found = answers(gather(path, 1).summary)
    assert found[2].short == "No, it got worse"
    assert found[5].short == "Other words, or the drill"


def test_a_fault_that_cues_do_not_move_is_said_to_stay(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, missing_deg=22.0, answer_deg=0.0))
    _, leg, change, _, sure, after = answers(gather(path, 1).summary)
    assert leg.short == "The left"  # the right one lacks 9 degrees less
    assert change.short == "No"
    assert "among themselves" not in sure.detail
    assert after.short == "Other words, or the drill"


@pytest.fixture(scope="module")
def summary(journal: Path) -> Summary:
    return analyse(journal, 1).summary


def rate(share: float, judged: int = 100) -> FaultRate:
    return FaultRate(round(share * judged), judged, Estimate(80.0, 79.0, 81.0, judged))


def changed(summary: Summary, left: dict[str, object], right: dict[str, object], **others: object) -> list[Answer]:
    """Return the answers with other numbers of the fault on either leg."""
    by_side = {Side.LEFT: left, Side.RIGHT: right}
    faults = tuple(dataclasses.replace(fault, **by_side[fault.side]) for fault in summary.faults if fault.side)  # type: ignore[arg-type]
    assert {fault.fault for fault in faults} == {"lazy-heel"}
    return answers(dataclasses.replace(summary, faults=faults, **others))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        (0.25, "The left"),
        (0.26, "The left, more than the right"),
        (0.46, "Both legs alike"),
        (0.44, "The left, more than the right"),
    ],
)
def test_a_leg_has_the_fault_alone_more_or_alike(summary: Summary, right: float, answer: str) -> None:
    assert changed(summary, {"before": rate(0.6)}, {"before": rate(right)})[LEG].short == answer


def test_a_leg_that_was_not_seen_is_said_so(summary: Summary) -> None:
    found = changed(summary, {"before": rate(0.6)}, {"before": rate(0.0, judged=0)})[LEG]
    assert (found.short, "not seen well enough" in found.detail) == ("The left", True)


@pytest.mark.parametrize(("end", "answer"), [(0.25, "Fewer cues"), (0.26, "Stay with it"), (0.0, "Fewer cues")])
def test_a_fault_that_is_gone_needs_fewer_cues(summary: Summary, end: float, answer: str) -> None:
    better = Estimate(12.0, 8.0, 16.0, 100)
    assert changed(summary, {"end": rate(end), "change": better}, {})[NEXT].short == answer


@pytest.mark.parametrize(("trusted", "sure"), [(0.8, "Quite sure"), (0.79, "Fairly")])
def test_numbers_of_few_judged_strides_are_not_relied_on(summary: Summary, trusted: float, sure: str) -> None:
    legs = {side: dataclasses.replace(leg, trusted=trusted) for side, leg in summary.legs.items()}
    better = Estimate(12.0, 8.0, 16.0, 100)
    found = changed(summary, {"before": rate(0.9), "end": rate(0.1), "change": better}, {}, legs=legs)[SURE]
    assert found.short == sure
    assert ("79 % of the strides were seen well enough" in found.detail) == (sure == "Fairly")


def test_each_doubt_is_named(summary: Summary) -> None:
    legs = {side: dataclasses.replace(leg, trusted=0.5, is_near=False) for side, leg in summary.legs.items()}
    unsure = Estimate(1.0, -3.0, 5.0, 40)
    found = changed(summary, {"before": rate(0.9, 20), "end": rate(0.8, 20), "change": unsure}, {}, legs=legs)[SURE]
    assert (found.short, found.tone) == ("Not very", "bad")
    for doubt in ("only 50 %", "farther from the camera", "few strides", "among themselves"):
        assert doubt in found.detail


@pytest.mark.parametrize(
    ("estimate", "low", "high", "answer", "tone"),
    [
        (-8.0, -12.0, -4.0, "Because of the cues", "good"),
        (8.0, 4.0, 12.0, "The cues did harm", "bad"),
        (-8.0, -20.0, 1.0, "Not told apart", "plain"),
        (8.0, -1.0, 20.0, "Not told apart", "plain"),
    ],
)
def test_the_cause_follows_the_interval(
    summary: Summary, estimate: float, low: float, high: float, answer: str, tone: str
) -> None:
    effect = Effect({"fault": "lazy-heel"}, "knee_peak_swing_deg", estimate, low, high, 9, 5)
    found = answers(dataclasses.replace(summary, effects=(effect,)))[CAUSE]
    assert (found.short, found.tone) == (answer, tone)
    assert "8° more" in found.detail
    assert "(9 cues, 5 silences)" in found.detail


def test_effects_over_several_sessions_are_used_when_one_is_not_enough(summary: Summary) -> None:
    alone = Effect({"fault": "lazy-heel"}, "", None, None, None, 2, 1, "too few")
    together = Effect({"fault": "lazy-heel"}, "knee_peak_swing_deg", -8.0, -12.0, -4.0, 9, 5)
    few = dataclasses.replace(summary, effects=(alone,))
    assert answers(few)[CAUSE].short == "Cannot be told"
    found = answers(few, pooled=(together,), sessions=3)[CAUSE]
    assert (found.short, "over 3 sessions" in found.detail) == ("Because of the cues", True)


def test_a_fault_that_could_not_be_judged_at_the_end_leads_to_the_camera(summary: Summary) -> None:
    left = {"end": rate(0.0, judged=9)}
    assert changed(summary, left, {}, withheld={Reason.LOW_TRUST: 1})[NEXT].short == "Look at the camera first"
    assert changed(summary, left, {}, withheld={})[NEXT].short == "Fewer cues"
