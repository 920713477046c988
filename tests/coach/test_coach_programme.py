"""The programme: blocks by running time, feedback that fades over sessions, its own words, and silence in probes."""

from __future__ import annotations

import dataclasses

import pytest
from coach_strides import FAULTY, always, fired, run, situation, strides_of, well

from cuecoach.coach.factory import make_coach
from cuecoach.coach.findings import Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme, ProgrammeSettings, plan
from cuecoach.coach.programme_run import ProgrammeRun, Severity, outcome
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.pack import Outcome, Pack
from cuecoach.types import Activity, Decision, Finding, Kind, Reason, Side

MINUTE = CoachSettings(catch_trial_share=0.0)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return library.find(str(library.shipped_folder() / "pull-under.toml"))


def lengths_s(programme: Programme, kind: BlockKind) -> list[float]:
    starts_s = [one.start_s for one in programme.blocks]
    pairs = zip(programme.blocks, [*starts_s[1:], starts_s[-1]], strict=True)
    return [end_s - one.start_s for one, end_s in pairs if one.kind is kind]


@pytest.mark.parametrize(
    ("number", "minutes", "on_share"),
    [(1, 15, 1), (2, 18, 1), (3, 21, 1), (4, 24, 1), (5, 27, 0.75), (6, 30, 0.5), (7, 30, 0.25), (8, 30, 0.1)],
)
def test_a_session_is_as_long_and_as_talkative_as_its_place_in_the_programme(
    number: int, minutes: float, on_share: float
) -> None:
    programme = plan(number)
    on_s, off_s = lengths_s(programme, BlockKind.ON), lengths_s(programme, BlockKind.OFF)
    assert (programme.session_number, programme.minutes, programme.on_share) == (number, minutes, on_share)
    assert programme.blocks[-1].start_s == pytest.approx(60 * programme.minutes - (15 if number == 1 else 0), abs=16)
    assert sum(on_s) / (sum(on_s) + sum(off_s)) == pytest.approx(on_share)
    assert len(on_s) == 3
    assert max(on_s) == pytest.approx(min(on_s))


def test_the_blocks_of_a_first_and_of_a_sixth_session() -> None:
    """Probes of 120, 75 and 90 s, 15 s for each recall and summary, three windows of equal length, two pauses."""
    assert [(block.name, block.start_s) for block in plan(1).blocks] == [
        ("probe 1", 0.0),
        ("probe 2", 120.0),
        ("on 1", 195.0),
        ("summary 1", 380.0),
        ("on 2", 395.0),
        ("summary 2", 580.0),
        ("on 3", 595.0),
        ("probe 3", 780.0),
        ("summary 3", 870.0),
        ("off 1", 885.0),
    ]
    starts_s = [block.start_s for block in plan(6).blocks]
    assert starts_s == [
        *(0.0, 120.0, 135.0),
        *(210.0, 452.5, 467.5, 831.25, 1073.75, 1088.75, 1452.5),
        *(1695.0, 1785.0, 1800.0),
    ]


def test_a_plan_takes_its_settings_and_counts_from_one() -> None:
    planned = plan(0, ProgrammeSettings(minutes=20.0, probe_s=100.0, recall_s=50.0, last_probe_s=60.0))
    assert (planned.session_number, planned.minutes) == (1, 20.0)
    starts_s = {block.name: block.start_s for block in planned.blocks}
    assert (starts_s["probe 2"], starts_s["on 1"], starts_s["summary 3"], starts_s["off 1"]) == (100, 150, 1170, 1185)
    assert starts_s["summary 3"] - starts_s["probe 3"] == 60.0


@pytest.mark.parametrize(
    ("running_s", "name"),
    [(-1.0, "probe 1"), (0.0, "probe 1"), (119.9, "probe 1"), (120.0, "probe 2"), (884.9, "summary 3"), (9e9, "off 1")],
)
def test_a_block_lasts_until_the_next_begins(running_s: float, name: str) -> None:
    planned = plan(1)
    assert planned.blocks[planned.index_at(running_s)].name == name


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (BlockKind.PROBE, Reason.PROBE),
        (BlockKind.RECALL, Reason.PROBE),
        (BlockKind.ON, None),
        (BlockKind.OFF, Reason.FADED),
        (BlockKind.SUMMARY, Reason.FADED),
    ],
)
def test_why_cues_are_withheld_in_a_block(kind: BlockKind, reason: Reason | None) -> None:
    assert kind.withheld_for is reason


def test_a_window_of_a_second_is_still_one() -> None:
    planned = plan(1, ProgrammeSettings(minutes=(345.0 + 3.0) / 60.0))
    assert [block.name for block in planned.blocks if block.kind is BlockKind.ON] == ["on 1", "on 2", "on 3"]


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
    assert [block.name for block in programme.blocks] == [
        *("probe 1", "recall 1", "probe 2", "summary 1", "summary 2", "probe 3", "summary 3", "off 1")
    ]
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


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([10.0] * 20, [7.4] * 20, "better"),
        ([10.0] * 20, [7.6] * 20, "same"),  # less than a quarter of it
        ([7.4] * 20, [10.0] * 20, "worse"),
        ([7.6] * 20, [10.0] * 20, "same"),
        ([10.0] * 19, [0.0] * 20, None),  # too few strides
        ([10.0] * 20, [0.0] * 19, None),
        ([10.0] * 20, [0.0] * 20, "better"),
        ([5.0, 15.0] * 10, [2.9, 10.3] * 10, "same"),  # by a third, but only 2.4 standard errors
        ([1.0, 19.0] * 10, [0.0, 8.0] * 10, "same"),  # 2.7
        ([1.0, 19.0] * 10, [0.0, 6.0] * 10, "better"),  # 3.3
    ],
)
def test_a_change_must_be_large_and_clear(before: list[float], after: list[float], expected: str | None) -> None:
    assert outcome(severity(*before), severity(*after)) == expected


def test_severity_is_the_mean_beyond_the_limit_over_known_strides() -> None:
    found = severity(4.0, 0.0, 2.0, 0.0)
    found.add(Verdict(Level.UNKNOWN))
    found.add(Verdict(Level.IN_BAND))
    assert (found.known, found.shown, found.mean) == (5, 2, pytest.approx(1.2))
    assert found.error == pytest.approx((2.56 / 5) ** 0.5)
    assert severity().mean != severity().mean


def run_of(pack: Pack, *, warm_up_s: float = 0.0) -> ProgrammeRun:
    blocks = (
        (BlockKind.PROBE, 1, 0.0),
        (BlockKind.ON, 1, 30.0),
        (BlockKind.SUMMARY, 1, 60.0),
        (BlockKind.OFF, 1, 70.0),
    )
    planned = Programme(1, 1.0, 1.0, tuple(Block(*block) for block in blocks))
    return ProgrammeRun(planned, pack, dataclasses.replace(MINUTE, warmup_inhibit_s=warm_up_s))


def feed(
    run_: ProgrammeRun, pack: Pack, until_s: float, outside: float, *, since_s: float = 0.0, shown: str = "V"
) -> None:
    """Feed a lazy heel that is beyond its limit by so much in the strides V of a pattern, one each second."""
    for second in range(int(since_s), int(until_s)):
        faulty = outside > 0.0 and shown[second % len(shown)] == "V"
        finding = Finding("lazy-heel", Side.LEFT, 0, "knee_peak_swing_deg", 0.0, 0.0, outside) if faulty else None
        verdict = Verdict(Level.VIOLATED, finding) if finding else Verdict(Level.OK)
        run_.add_verdicts(float(second), [verdict if rule.id == "lazy-heel" else None for rule in pack.rules])


@pytest.mark.parametrize(("shown", "all_well"), [("Vooo", True), ("VVVooooooo", False)])
def test_all_is_well_while_at_most_a_quarter_of_the_strides_are_faulty(pack: Pack, shown: str, all_well: bool) -> None:
    run_ = run_of(pack)
    feed(run_, pack, 61.0, 5.0, shown=shown)
    assert (run_.pending is not None and run_.pending.cue is pack.all_well) is all_well


def test_nothing_is_said_of_a_block_with_fewer_than_twenty_strides(pack: Pack) -> None:
    for first_s, said in ((42, False), (41, False), (40, True)):
        run_ = run_of(pack)
        for second in range(61):
            known = Verdict(Level.OK if second >= first_s else Level.UNKNOWN)
            run_.add_verdicts(float(second), [known for _ in pack.rules])
        assert (run_.pending is not None) is said, first_s


def test_the_summary_is_about_the_fault_cued_last_in_the_block_else_most_in_the_session(pack: Pack) -> None:
    def about(*cued: str, again: tuple[str, ...] = ()) -> str | None:
        blocks = ((BlockKind.PROBE, 1, 0.0), (BlockKind.ON, 1, 30.0), (BlockKind.SUMMARY, 1, 60.0))
        later = ((BlockKind.ON, 2, 70.0), (BlockKind.SUMMARY, 2, 100.0))
        planned = Programme(1, 1.0, 1.0, tuple(Block(*block) for block in (*blocks, *later)))
        run_ = ProgrammeRun(planned, pack, dataclasses.replace(MINUTE, warmup_inhibit_s=0.0))
        for second in range(101):
            for fault in {40: cued, 80: again}.get(second, ()):
                run_.note_cue(fault)
            run_.add_verdicts(float(second), [Verdict(Level.OK) for _ in pack.rules])
        return run_.pending.fault if run_.pending else None

    assert about() is None
    assert about("flick", "flick", "lazy-heel") == "flick"
    assert about("lazy-heel", "flick") == "lazy-heel"  # equally often: the pack's order
    assert about("flick", "flick", again=("lazy-heel",)) == "lazy-heel"


def test_strides_of_the_warm_up_are_not_compared(pack: Pack) -> None:
    """The fault is there for the first ten seconds only; with a warm-up of ten the block is as before."""
    for warm_up_s, expected in ((0.0, "better"), (10.0, "same")):
        run_ = run_of(pack, warm_up_s=warm_up_s)
        feed(run_, pack, 10.0, 5.0)
        feed(run_, pack, 30.0, 0.0, since_s=10.0)
        run_.note_cue("lazy-heel")
        feed(run_, pack, 61.0, 0.0, since_s=30.0)
        assert run_.pending is not None
        assert run_.pending.cue == pack.summary("lazy-heel", Outcome(expected))


def test_running_time_stands_still_while_no_stride_comes_for_five_seconds(pack: Pack) -> None:
    run_ = run_of(pack)
    for now_s in (0.0, 5.0, 10.0, 15.0, 20.0, 25.0):
        run_.add_verdicts(now_s, [None for _ in pack.rules])
    assert run_.add_verdicts(30.1, [None for _ in pack.rules]) is False
    assert run_.add_verdicts(30.1, [None for _ in pack.rules]) is False
    assert run_.add_verdicts(35.1, [None for _ in pack.rules]) is True
    assert run_.block.name == "on 1"


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
