"""The scheduler: it teaches with tact. Every rule of the policy, each on a runner made for it."""

from __future__ import annotations

import dataclasses
import itertools
import random

import pytest
from coach_strides import FAULTY, Plan, always, between, fired, make_stride, run, situation, strides_of, well

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, Kind, Reason, Side, Speed, SpeedOrigin

PROMPT = CoachSettings(warmup_inhibit_s=0.0)  # speaks as soon as a fault persists
EAGER = dataclasses.replace(
    PROMPT, cue_refractory_s=10.0, cue_refractory_steps=0, bucket_refill_s=5.0, bucket_capacity=5, cue_max_firings=10
)


@pytest.fixture(scope="module")
def pull_under() -> Pack:
    return library.find(str(library.shipped_folder() / "pull-under.toml"))


@pytest.fixture(scope="module")
def recoil() -> Pack:
    return library.find(str(library.shipped_folder() / "recoil.toml"))


def reasons(decisions: list[Decision], fault: str | None = "lazy-heel") -> list[Reason]:
    return [decision.reason for decision in decisions if decision.fault == fault and decision.kind is Kind.FAULT]


def faults_and_times(decisions: list[Decision]) -> list[tuple[str | None, float]]:
    return [(decision.fault, round(decision.t_s, 1)) for decision in fired(decisions)]


def test_a_clean_runner_hears_nothing(pull_under: Pack) -> None:
    assert run(Coach(pull_under), well, 300.0) == []


def test_a_fault_is_cued_after_six_strides_of_the_leg_not_before(pull_under: Pack) -> None:
    first = fired(run(Coach(pull_under, PROMPT), always("lazy-heel", Side.LEFT), 30.0))[0]
    assert first.cue is not None
    assert (first.fault, first.side, first.cue.text) == ("lazy-heel", Side.LEFT, "pull under, don't flick")
    assert len(first.strides) == 6
    assert first.t_s == pytest.approx(11 * 0.35, abs=0.05)  # the sixth left stride is the eleventh in all
    assert first.t_s < first.expires_s <= first.t_s + 2 * 0.7


def test_both_legs_have_no_side_in_common_cues(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 60.0)
    assert fired(decisions)[1].side is None


def test_first_the_long_words_then_the_short_and_three_times_at_most(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 1200.0)
    said = [decision.cue.text for decision in fired(decisions) if decision.cue]
    assert said == ["pull under, don't flick", "pull under", "pull under"]
    assert reasons(decisions)[-1] is Reason.GAVE_UP


def test_the_same_cue_waits_for_the_longer_of_seconds_and_steps(pull_under: Pack) -> None:
    def gap(settings: CoachSettings) -> float:
        times = [decision.t_s for decision in fired(run(Coach(pull_under, settings), always("lazy-heel"), 150.0))]
        return times[1] - times[0]

    assert gap(PROMPT) == pytest.approx(120 * 0.35, abs=1.0)
    assert gap(dataclasses.replace(PROMPT, cue_refractory_s=60.0)) == pytest.approx(60.0, abs=1.0)
    assert gap(dataclasses.replace(PROMPT, cue_refractory_steps=0)) == pytest.approx(40.0, abs=1.0)


def test_steps_are_counted_even_when_only_one_leg_is_seen(pull_under: Pack) -> None:
    coach = Coach(pull_under, PROMPT)
    times = []
    for stride in strides_of(always("lazy-heel"), 100.0):
        if stride.side is Side.LEFT:
            times += [decision.t_s for decision in coach.step(stride.closed_s, [stride], situation()) if decision.fires]
    assert times[1] - times[0] == pytest.approx(42.0, abs=1.0)


def test_silence_in_the_first_minute(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under), always("lazy-heel"), 70.0)
    assert reasons(decisions)[0] is Reason.WARM_UP
    assert 60.0 <= fired(decisions)[0].t_s < 62.0


def test_the_fault_that_comes_first_in_the_pack_is_worked_on_first(pull_under: Pack) -> None:
    both = {**FAULTY["knee-too-high"], **FAULTY["lazy-heel"]}
    decisions = run(Coach(pull_under, PROMPT), lambda _t, _s: {"added": both}, 300.0)
    spoken = [fault for fault, _ in faults_and_times(decisions)]
    assert spoken == ["lazy-heel"] * 3 + ["knee-too-high"] * 3
    assert Reason.OTHER_FOCUS in reasons(decisions, "knee-too-high")


def test_a_fault_keeps_the_floor_though_a_more_important_one_appears(pull_under: Pack) -> None:
    def plan(now_s: float, _side: Side) -> dict[str, object]:
        return {"added": FAULTY["knee-too-high"] | (FAULTY["lazy-heel"] if now_s > 20 else {})}

    decisions = run(Coach(pull_under, PROMPT), plan, 100.0)
    assert [fault for fault, _ in faults_and_times(decisions)] == ["knee-too-high"] * 3
    assert reasons(decisions)[0] is Reason.OTHER_FOCUS


def test_the_next_fault_waits_a_while_after_a_recovery(pull_under: Pack) -> None:
    def plan(now_s: float, _side: Side) -> dict[str, object]:
        return {"added": FAULTY["knee-too-high"] | (FAULTY["lazy-heel"] if now_s < 10 else {})}

    times = dict(reversed(faults_and_times(run(Coach(pull_under, EAGER), plan, 60.0))))
    assert times["knee-too-high"] > 10 + PROMPT.focus_dwell_s


def test_praise_once_after_a_recovery_and_not_without_a_cue(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under, PROMPT), between("lazy-heel", 0.0, 8.0), 200.0)
    assert [decision.kind for decision in fired(decisions)] == [Kind.FAULT, Kind.PRAISE]
    praise = fired(decisions)[1]
    assert praise.fault == "lazy-heel"
    assert 8.0 < praise.t_s < 20.0
    uncued = run(Coach(pull_under), between("lazy-heel", 0.0, 40.0), 200.0)
    assert fired(uncued) == []


@pytest.mark.parametrize(("strides", "stride_s"), [(2, 0.7), (3, 0.7), (2, 0.6)])
def test_praise_is_fresh_for_as_long_as_a_cue(pull_under: Pack, strides: int, stride_s: float) -> None:
    coach = Coach(pull_under, dataclasses.replace(PROMPT, cue_expiry_strides=strides))
    made = strides_of(between("lazy-heel", 0.0, 8.0), 60.0, stride_s=stride_s)
    decisions = [decision for one in made for decision in coach.step(one.closed_s, (one,), situation())]
    (praise,) = (decision for decision in fired(decisions) if decision.kind is Kind.PRAISE)
    assert praise.expires_s - praise.t_s == pytest.approx(strides * stride_s)


def test_a_withheld_cue_has_the_words_that_would_have_been_said(pull_under: Pack) -> None:
    held = run(Coach(pull_under), always("lazy-heel"), 120.0)  # a warm-up, then a cue, then the wait after it
    words = {d.reason: d.cue.id for d in held if d.cue and not d.fires and d.fault == "lazy-heel"}
    assert (words[Reason.WARM_UP], words[Reason.REFRACTORY]) == ("lazy-heel.long", "lazy-heel.short")


def test_a_recovery_makes_room_for_three_more(pull_under: Pack) -> None:
    def plan(now_s: float, _side: Side) -> dict[str, object]:
        return {} if 200 < now_s < 260 else {"added": FAULTY["lazy-heel"]}

    spoken = fired(run(Coach(pull_under, PROMPT), plan, 600.0))
    assert [decision.kind for decision in spoken] == [Kind.FAULT] * 3 + [Kind.PRAISE] + [Kind.FAULT] * 3
    assert [decision.cue.id for decision in spoken[4:] if decision.cue] == ["lazy-heel.short"] * 3


def test_half_a_recovery_is_none(pull_under: Pack) -> None:
    on_the_way = {"knee_peak_swing_deg": -14.0, "knee_at_thigh_vertical_deg": -14.0}

    def plan(now_s: float, _side: Side) -> dict[str, object]:
        return {"added": FAULTY["lazy-heel"] if now_s < 8 else on_the_way}

    decisions = run(Coach(pull_under, PROMPT), plan, 120.0)
    assert len(fired(decisions)) == 1
    assert reasons(decisions)[-1] is Reason.NO_LONGER_TRUE


def test_what_stopped_being_true_is_not_said(pull_under: Pack) -> None:
    """Six faulty strides during the warm-up, then a better one each: at its end there is nothing to say."""
    decisions = run(Coach(pull_under), between("lazy-heel", 50.0, 58.0), 90.0)
    assert fired(decisions) == []


def test_a_leg_that_is_no_longer_seen_is_not_spoken_about(pull_under: Pack) -> None:
    settings = dataclasses.replace(PROMPT, warmup_inhibit_s=12.0)
    coach = Coach(pull_under, settings)
    decisions: list[Decision] = []
    for stride in strides_of(lambda _t, side: {"added": FAULTY["lazy-heel"]} if side is Side.RIGHT else {}, 40.0):
        if stride.side is Side.LEFT or stride.closed_s < 10.0:
            decisions += coach.step(stride.closed_s, [stride], situation())
    assert fired(decisions) == []
    assert reasons(decisions)[-1] is Reason.EXPIRED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"muted": True}, Reason.MUTED),
        ({"leaving": True}, Reason.LEAVING),
        ({"activity": Activity.WALKING}, Reason.NOT_RUNNING),
        ({"activity": Activity.UNSURE}, Reason.NOT_RUNNING),
        ({"activity": Activity.NOBODY}, Reason.NOT_RUNNING),
        ({"speed": None}, Reason.SPEED_UNKNOWN),
        ({"speed": Speed(7.0, 0.1, SpeedOrigin.USER)}, Reason.OUT_OF_RANGE),
    ],
)
def test_silence_whatever_is_seen(pull_under: Pack, change: dict[str, object], reason: Reason) -> None:
    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 60.0, lambda _t: situation(**change))
    assert fired(decisions) == []
    assert set(reasons(decisions)) == {reason}


def test_stopping_is_written_down_at_once_though_no_stride_comes(pull_under: Pack) -> None:
    coach = Coach(pull_under)
    run(coach, always("lazy-heel"), 30.0)
    (decision,) = coach.step(30.5, [], situation(activity=Activity.STANDING))
    assert (decision.fault, decision.reason) == ("lazy-heel", Reason.NOT_RUNNING)
    assert coach.step(30.6, [], situation(activity=Activity.STANDING)) == ()


def test_walking_strides_are_not_judged(pull_under: Pack) -> None:
    plan: Plan = lambda _t, _s: {"added": FAULTY["lazy-heel"], "activity": Activity.WALKING}  # noqa: E731
    assert run(Coach(pull_under, PROMPT), plan, 60.0) == []


def test_an_unknown_speed_is_written_down_once(pull_under: Pack) -> None:
    plan: Plan = lambda _t, _s: {"added": FAULTY["lazy-heel"], "mps": None}  # noqa: E731
    decisions = run(Coach(pull_under, PROMPT), plan, 300.0, lambda _t: situation(speed=None))
    assert [(decision.kind, decision.reason) for decision in decisions] == [(Kind.INFO, Reason.SPEED_UNKNOWN)]


def test_untrusted_strides_are_silent_and_written_down_once(pull_under: Pack) -> None:
    plan: Plan = lambda _t, _s: {"added": FAULTY["lazy-heel"], "trust": 0.3}  # noqa: E731
    decisions = run(Coach(pull_under, PROMPT), plan, 300.0)
    assert [(decision.kind, decision.reason) for decision in decisions] == [(Kind.INFO, Reason.LOW_TRUST)]


def test_a_quarter_of_untrusted_strides_is_too_many(pull_under: Pack) -> None:
    coach = Coach(pull_under, PROMPT)
    decisions: list[Decision] = []
    for number in range(40):
        trust = 0.3 if number % 4 == 0 else 1.0
        stride = make_stride(number, Side.LEFT, 0.7 * (number + 1), added=FAULTY["lazy-heel"], trust=trust)
        decisions += coach.step(stride.closed_s, [stride], situation())
    assert [decision.reason for decision in decisions if decision.fires] == []
    assert Reason.LOW_TRUST in reasons(decisions)


def test_an_untrusted_far_leg_does_not_silence_the_near_one(pull_under: Pack) -> None:
    plan: Plan = lambda _t, side: {"added": FAULTY["lazy-heel"], "trust": 0.2 if side is Side.RIGHT else 1.0}  # noqa: E731
    decisions = fired(run(Coach(pull_under, PROMPT), plan, 60.0))
    assert {decision.side for decision in decisions} == {Side.LEFT}


def test_a_step_of_the_belt_makes_silent_for_fifteen_seconds(pull_under: Pack) -> None:
    def at(now_s: float) -> object:
        return situation(speed=Speed(3.0 if now_s < 28 else 3.1, 0.0, SpeedOrigin.USER))

    plan = between("lazy-heel", 25.0, 100.0)
    decisions = run(Coach(pull_under, dataclasses.replace(PROMPT, warmup_inhibit_s=29.0)), plan, 100.0, at)  # type: ignore[arg-type]
    assert 43.0 <= fired(decisions)[0].t_s < 44.0
    assert Reason.SPEED_CHANGE in reasons(decisions)


def test_small_steps_of_a_machine_add_up_to_a_change(pull_under: Pack) -> None:
    def at(now_s: float) -> object:
        return situation(speed=Speed(3.0 + 0.03 * min(20, int(now_s)), 0.01, SpeedOrigin.MACHINE))

    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 60.0, at)  # type: ignore[arg-type]
    assert fired(decisions)[0].t_s >= 34.0


def test_an_estimate_that_wanders_or_becomes_known_is_no_change(pull_under: Pack) -> None:
    def at(now_s: float) -> object:
        return situation(
            speed=None if now_s < 2 else Speed(3.0 + 0.1 * (int(now_s * 3) % 3), 0.15, SpeedOrigin.PICTURE)
        )

    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 30.0, at)  # type: ignore[arg-type]
    assert fired(decisions)[0].t_s < 6.0


def test_a_shift_of_the_stride_time_is_a_change_of_speed(pull_under: Pack) -> None:
    coach = Coach(pull_under, dataclasses.replace(PROMPT, warmup_inhibit_s=12.0))
    slow = list(strides_of(always("lazy-heel"), 10.0))
    fast = list(strides_of(always("lazy-heel"), 40.0, start_s=10.0, stride_s=0.64))
    decisions = [d for s in slow + fast for d in coach.step(s.closed_s, [s], situation())]
    assert Reason.SPEED_CHANGE in reasons(decisions)
    assert fired(decisions)[0].t_s > 26.0


def test_after_a_pause_the_runner_settles_first(pull_under: Pack) -> None:
    coach = Coach(pull_under, PROMPT)
    run(coach, well, 30.0)
    decisions = run(coach, always("lazy-heel"), 40.0, start_s=60.0)
    assert 75.0 <= fired(decisions)[0].t_s < 76.0


def test_chattiness_stretches_the_rate_cap(pull_under: Pack) -> None:
    def count(chattiness: float) -> int:
        settings = dataclasses.replace(
            EAGER, bucket_refill_s=30.0, bucket_capacity=1, cue_refractory_s=0.0, chattiness=chattiness
        )
        return len(fired(run(Coach(pull_under, settings), always("lazy-heel"), 130.0)))

    assert (count(0.5), count(1.0), count(2.0)) == (3, 5, 9)


def test_internal_cues_are_spaced_further_apart() -> None:
    pack = library.find(str(library.shipped_folder() / "step-over.toml"))
    settings = dataclasses.replace(EAGER, cue_refractory_s=9.0, internal_prompt_gap_s=30.0)
    plan: Plan = lambda _t, _s: {"added": FAULTY["sitting"], "mps": 6.5}  # noqa: E731
    times = [
        d.t_s
        for d in fired(
            run(Coach(pack, settings), plan, 80.0, lambda _t: situation(speed=Speed(6.5, 0, SpeedOrigin.USER)))
        )
    ]
    assert len(times) == 3
    assert min(b - a for a, b in itertools.pairwise(times)) >= 30.0


def test_tell_me_now_says_the_focus_early_and_long_before_its_turn(pull_under: Pack) -> None:
    decisions = fired(run(Coach(pull_under), always("lazy-heel"), 30.0, asked_at=(10.0, 20.0)))
    assert [(round(d.t_s), d.reason, d.fault) for d in decisions] == [
        (10, Reason.ASKED, "lazy-heel"),
        (20, Reason.ASKED, "lazy-heel"),
    ]


def test_tell_me_now_keeps_the_gap(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under), always("lazy-heel"), 30.0, asked_at=(10.0, 14.0))
    assert len(fired(decisions)) == 1
    assert [d.reason for d in decisions if 13.9 < d.t_s < 14.1] == [Reason.MIN_GAP]


def test_tell_me_now_praises_a_clean_runner(pull_under: Pack) -> None:
    (decision,) = run(Coach(pull_under), well, 30.0, asked_at=(20.0,))
    assert (decision.fires, decision.kind, decision.reason) == (True, Kind.PRAISE, Reason.ASKED)


@pytest.mark.parametrize(
    ("plan", "asked_s", "change", "reason"),
    [
        (well, 0.1, {}, Reason.NOT_RUNNING),
        (well, 2.0, {}, Reason.WARM_UP),
        (well, 20.0, {"muted": True}, Reason.MUTED),
        (well, 20.0, {"speed": None}, Reason.SPEED_UNKNOWN),
        (lambda _t, _s: {"trust": 0.1}, 20.0, {}, Reason.LOW_TRUST),
    ],
)
def test_tell_me_now_is_always_answered_in_the_log(
    pull_under: Pack, plan: Plan, asked_s: float, change: dict[str, object], reason: Reason
) -> None:
    coach = Coach(pull_under)
    decisions = run(coach, plan, 25.0, lambda _t: situation(**change), asked_at=(asked_s,))
    answers = [decision for decision in decisions if decision.kind is Kind.PRAISE]
    assert [(decision.fires, decision.reason) for decision in answers] == [(False, reason)]


def test_tell_me_now_after_giving_up_stays_silent(pull_under: Pack) -> None:
    decisions = run(Coach(pull_under, PROMPT), always("lazy-heel"), 400.0, asked_at=(300.0,))
    (answer,) = [decision for decision in decisions if 299.9 < decision.t_s < 300.1]
    assert (answer.fires, answer.reason) == (False, Reason.GAVE_UP)


def test_a_refused_fault_is_written_down_once_and_never_said(recoil: Pack) -> None:
    decisions = run(Coach(recoil, PROMPT), always("lazy-heel", Side.LEFT, Side.RIGHT), 600.0)
    assert fired(decisions) == []
    assert set(reasons(decisions)) == {Reason.IGNORED_BY_PACK}
    assert len(decisions) <= 3
    assert all(decision.cue is None for decision in decisions)


SCHOOLS = {
    "lazy-heel": {"pull-under": "pull under, don't flick", "recoil": None, "step-over": None},
    "flick": {"pull-under": "smaller, and underneath", "recoil": None, "step-over": None},
    "weak-push": {"pull-under": None, "recoil": "push the belt away", "step-over": None},
    "overstride": {"pull-under": "keep it under you", "recoil": None, "step-over": None},
    "leaning-back": {"pull-under": "run tall over the belt", "recoil": None, "step-over": None},
    "asymmetric-heel": {"pull-under": "pull the right as well", "recoil": None, "step-over": None},
}
REFUSED = {("lazy-heel", "recoil"), ("flick", "recoil"), ("asymmetric-heel", "recoil")}


@pytest.mark.parametrize("pack_id", ["pull-under", "recoil", "step-over"])
@pytest.mark.parametrize("fault", SCHOOLS)
def test_the_same_runner_under_different_schools(fault: str, pack_id: str) -> None:
    """At 3 m/s: what each school says first to the same runner, and where it sees the fault and keeps silent."""
    slight = {"knee_peak_swing_deg": -14.0}  # one leg, less than a lazy heel
    one_leg: Plan = lambda _t, side: {"added": slight} if side is Side.RIGHT else {}  # noqa: E731
    plan = one_leg if fault == "asymmetric-heel" else always(fault)
    pack = library.find(str(library.shipped_folder() / f"{pack_id}.toml"))
    decisions = run(Coach(pack, PROMPT), plan, 60.0)
    first = next((decision.cue.text for decision in fired(decisions) if decision.cue), None)
    assert first == SCHOOLS[fault][pack_id]
    assert (Reason.IGNORED_BY_PACK in reasons(decisions, fault)) == ((fault, pack_id) in REFUSED)


@pytest.mark.parametrize(("share", "most"), [(0.0, 0), (0.3, 100), (0.5, 300), (0.7, 200), (1.0, 20)])
def test_half_an_hour_makes_a_short_log(pull_under: Pack, share: float, most: int) -> None:
    """Strides that are faulty at random, each leg for itself: about half of them is the worst case for flapping."""
    chance = random.Random(1)  # noqa: S311 - not a secret

    def plan(_now_s: float, _side: Side) -> dict[str, object]:
        added = FAULTY["lazy-heel"] if chance.random() < share else {}
        return {"added": added | (FAULTY["leaning-back"] if chance.random() < share else {})}

    coach = Coach(pull_under)
    decisions = [d for s in strides_of(plan, 1800.0) for d in coach.step(s.closed_s, [s], situation())]
    assert len(decisions) <= most


def test_frames_without_strides_cost_and_say_nothing(pull_under: Pack) -> None:
    run(coach := Coach(pull_under), always("lazy-heel"), 30.0)
    assert all(coach.step(30.0 + 0.01 * n, [], situation()) == () for n in range(100))
