"""The programme: blocks by running time, feedback that fades over sessions, its own words, and silence in probes."""

from __future__ import annotations

import dataclasses

import pytest
from coach_strides import FAULTY, always, fired, run, situation, strides_of, well

from cuecoach.coach.factory import make_coach
from cuecoach.coach.findings import Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import MINUTES, ON_SHARE, BlockKind, Programme, ProgrammeSettings, plan
from cuecoach.coach.programme_run import Severity, outcome
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, Finding, Kind, Reason, Side

MINUTE = CoachSettings(catch_trial_share=0.0)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return library.find(str(library.shipped_folder() / "pull-under.toml"))


def lengths_s(programme: Programme, kind: BlockKind) -> list[float]:
    starts_s = [one.start_s for one in programme.blocks]
    pairs = zip(programme.blocks, [*starts_s[1:], starts_s[-1]], strict=True)
    return [end_s - one.start_s for one, end_s in pairs if one.kind is kind]


@pytest.mark.parametrize("number", range(1, 9))
def test_a_session_is_as_long_and_as_talkative_as_its_place_in_the_programme(number: int) -> None:
    programme = plan(number)
    on_s, off_s = lengths_s(programme, BlockKind.ON), lengths_s(programme, BlockKind.OFF)
    assert programme.minutes == MINUTES[number - 1]
    assert programme.blocks[-1].start_s == pytest.approx(60 * programme.minutes - (15 if number == 1 else 0), abs=16)
    assert sum(on_s) / (sum(on_s) + sum(off_s)) == pytest.approx(ON_SHARE[number - 1])
    assert len(on_s) == 3
    assert max(on_s) == pytest.approx(min(on_s))


def test_feedback_fades_over_the_sessions_and_never_grows_again() -> None:
    shares = [plan(number).on_share for number in range(1, 30)]
    assert shares == sorted(shares, reverse=True)
    assert plan(29).blocks == plan(8).blocks


def test_the_order_of_the_blocks() -> None:
    assert [block.name for block in plan(6).blocks] == [
        *("probe 1", "recall 1", "probe 2", "on 1", "summary 1", "off 1", "on 2", "summary 2", "off 2", "on 3"),
        *("probe 3", "summary 3", "off 3"),
    ]
    assert "recall 1" not in [block.name for block in plan(1).blocks]  # nothing to recall yet


def test_a_session_too_short_for_feedback_has_none_and_still_ends_well() -> None:
    programme = plan(3, ProgrammeSettings(minutes=1.0))
    assert lengths_s(programme, BlockKind.ON) == []
    assert [block.start_s for block in programme.blocks] == sorted(block.start_s for block in programme.blocks)


def session(pack: Pack, number: int, plan_: object, minutes: float = 31.0) -> tuple[Coach, list[tuple[str, Decision]]]:
    coach = Coach(pack, MINUTE, plan(number))
    told = []
    for stride in strides_of(plan_, 60 * minutes):  # type: ignore[arg-type]
        decisions = coach.step(stride.closed_s, [stride], situation())
        assert coach.block is not None
        told += [(coach.block.name, decision) for decision in decisions]
    return coach, told


def test_cues_are_spoken_in_windows_only_and_withheld_ones_say_why(pack: Pack) -> None:
    _, told = session(pack, 6, always("lazy-heel"))
    assert {name[:2] for name, d in told if d.fires and d.kind is Kind.FAULT} == {"on"}
    probes = {d.reason for name, d in told if name.startswith("probe") and d.kind is Kind.FAULT}
    assert probes == {Reason.WARM_UP, Reason.PROBE}
    assert Reason.FADED in {d.reason for name, d in told if name.startswith("summary")}


def test_one_recall_and_a_summary_after_each_window(pack: Pack) -> None:
    _, told = session(pack, 6, always("lazy-heel"))
    words = [(name, d.kind, d.reason) for name, d in told if d.fires and d.kind in (Kind.RECALL, Kind.SUMMARY)]
    assert words == [
        ("recall 1", Kind.RECALL, Reason.PROGRAMME),
        *((f"summary {number}", Kind.SUMMARY, Reason.PROGRAMME) for number in (1, 2, 3)),
    ]
    assert {d.cue for _, d in told if d.fires and d.kind is Kind.SUMMARY} == {pack.summary("lazy-heel", "same")}


def test_a_summary_ends_the_silence_after_three_cues(pack: Pack) -> None:
    _, told = session(pack, 1, always("lazy-heel"), 16.0)
    cues = [name for name, d in told if d.fires and d.kind is Kind.FAULT]
    assert cues == ["on 1"] * 3 + ["on 2"] * 3 + ["on 3"] * 3


def test_the_summary_says_better_to_a_runner_who_got_better(pack: Pack) -> None:
    _, told = session(pack, 6, lambda t, _s: {"added": FAULTY["lazy-heel"] if t < 600 else {}})
    (last,) = [d for name, d in told if name == "summary 3" and d.fires]
    assert last.cue == pack.summary("lazy-heel", "better")
    assert last.fault == "lazy-heel"


def test_a_clean_runner_is_told_that_all_is_well(pack: Pack) -> None:
    _, told = session(pack, 6, well)
    assert {d.cue for _, d in told if d.fires and d.kind is Kind.SUMMARY} == {pack.all_well}
    assert not [d for _, d in told if d.kind is Kind.FAULT]


def test_blocks_wait_while_the_runner_pauses(pack: Pack) -> None:
    coach = Coach(pack, MINUTE, plan(2))
    run(coach, well, 100.0)
    run(coach, well, 10.0, start_s=500.0)
    assert coach.block is not None
    assert coach.block.name == "probe 1"
    run(coach, well, 20.0, start_s=510.0)
    assert coach.block.name == "recall 1"


def test_nobody_who_cannot_hear_is_told_the_recall(pack: Pack) -> None:
    coach = Coach(pack, MINUTE, plan(2))
    told = run(coach, well, 200.0, lambda _t: situation(muted=True))
    assert [(d.kind, d.reason) for d in told] == [(Kind.RECALL, Reason.MUTED)]


def test_tell_me_now_is_answered_in_faded_blocks_but_never_in_a_probe(pack: Pack) -> None:
    def asked_in(block: str) -> Decision:
        coach = Coach(pack, MINUTE, plan(6))
        told = {}
        for stride in strides_of(always("lazy-heel"), 900.0):
            now = coach.block
            ask = now is not None and now.name == block and now.start_s + 30 < stride.closed_s < now.start_s + 30.4
            for decision in coach.step(stride.closed_s, [stride], situation(), ask):
                if ask:
                    told[decision.kind] = decision
        return told.get(Kind.FAULT) or told[Kind.PRAISE]

    assert (asked_in("probe 2").fires, asked_in("probe 2").reason) == (False, Reason.PROBE)
    assert (asked_in("off 1").fires, asked_in("off 1").reason) == (True, Reason.ASKED)


def test_walking_does_not_count_as_running_time(pack: Pack) -> None:
    coach = Coach(pack, MINUTE, plan(2))
    run(coach, lambda _t, _s: {"activity": Activity.WALKING}, 400.0)
    assert coach.block is not None
    assert coach.block.name == "probe 1"


def severity(*outsides: float) -> Severity:
    found = Severity()
    for outside in outsides:
        finding = Finding("f", Side.LEFT, 0, "knee_peak_swing_deg", 0.0, 0.0, outside)
        found.add(Verdict(Level.VIOLATED, finding) if outside else Verdict(Level.OK))
    return found


def test_outcome_of_a_block() -> None:
    much, little, none = severity(*[10, 12] * 20), severity(*[4, 5] * 20), severity(*[0] * 40)
    assert (outcome(much, little), outcome(little, much), outcome(much, much)) == ("better", "worse", "same")
    assert (outcome(much, none), outcome(none, much), outcome(none, none)) == ("better", "worse", "same")
    assert outcome(much, severity(1, 2, 3)) is None
    assert outcome(much, severity(*[9, 11] * 20)) == "same"  # a tenth of it is no news


def test_who_gets_a_programme_and_who_catch_trials(pack: Pack) -> None:
    def opened(kind: str, runner: str) -> Coach:
        settings = dataclasses.replace(MINUTE, warmup_inhibit_s=0.0, catch_trial_share=0.5)
        return make_coach(pack, settings, ProgrammeSettings(session=3), kind=kind, runner=runner, seed=1)

    def catches(coach: Coach) -> bool:
        decisions = run(coach, lambda t, _s: {"added": FAULTY["lazy-heel"] if t % 60 < 30 else {}}, 600.0)
        return Reason.CATCH_TRIAL in {decision.reason for decision in decisions}

    assert opened("standard", "").block is None
    assert not catches(opened("standard", ""))
    assert opened("none", "Ada").block is None
    assert catches(opened("none", "Ada"))
    assert opened("standard", "Ada").block is not None
    assert fired(run(opened("standard", "Ada"), always("lazy-heel"), 100.0)) == []
