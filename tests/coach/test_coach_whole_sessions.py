"""Rate and truth, whatever the strides: arbitrary streams never make the coach speak too much, untruly or at random."""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeVar

import pytest
from coach_strides import FAULTY, make_stride, situation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme, ProgrammeSettings, plan
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, Kind, Reason, Side, Situation, Speed, SpeedOrigin, Stride

PACKS = [library.find(str(path)) for path in sorted(library.shipped_folder().glob("*.toml"))]


STRIDE_MOST_S = 0.9

T = TypeVar("T")


@dataclass(frozen=True)
class Turn:
    """One call of `step`, as it was made."""

    now_s: float
    strides: tuple[Stride, ...]
    situation: Situation
    asked: bool


class Wild:
    """A session made by chance: mostly a runner with faults, and `wildness` of everything that can go wrong."""

    def __init__(self, pack: Pack, seed: int, wildness: float) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - not a secret
        self._wildness = wildness
        low, high = pack.speeds_mps
        self._speeds_mps = [low, 0.5 * (low + high), high]
        self._mps: float | None = self._speeds_mps[1]
        self._number = 0
        # Mostly faults that this pack knows, and those that its rules ask for.
        self._faults = [*FAULTY] + 8 * [rule.id for rule in (*pack.rules, *pack.companions) if rule.id in FAULTY]

    def turns(self) -> list[Turn]:
        """Return a session of several spells; strides come late, are lost, doubled and out of order."""
        turns: list[Turn] = []
        now_s = 0.0
        for _ in range(self._chance.randint(1, 6)):
            spell = self._spell()
            now_s += self._rarely([2.0, 20.0, 90.0], 0.0)
            for _ in range(self._chance.choice([20, 100, 400])):
                now_s += spell.stride_s / 2 * self._rarely([0, 2, 5], 1)
                strides = tuple(self._stride(spell, now_s) for _ in range(self._rarely([0, 2], 1)))
                turns.append(Turn(now_s, strides, spell.situation, self._chance.random() < 0.02))
        return turns

    def _rarely(self, odd: list[T], usual: T) -> T:
        return self._chance.choice(odd) if self._chance.random() < self._wildness else usual

    def _spell(self) -> Spell:
        self._mps = self._rarely([*self._speeds_mps, None, 1.0, 15.0, math.nan], self._mps)
        sd_mps, origin = (
            self._rarely([0.1, 0.5], 0.0),
            self._rarely([SpeedOrigin.PICTURE, SpeedOrigin.MACHINE], SpeedOrigin.USER),
        )
        return Spell(
            faults=self._chance.sample(self._faults, self._chance.randint(0, 3)),
            share=self._chance.choice([0.3, 0.6, 0.9, 1.0]),
            trust=self._rarely([0.5, math.nan], 1.0),
            activity=self._rarely(list(Activity), Activity.RUNNING),
            near=self._rarely([Side.RIGHT], Side.LEFT),
            only=self._rarely([Side.LEFT, Side.RIGHT], None),
            stride_s=self._rarely([0.64, 0.5, STRIDE_MOST_S], 0.7),
            situation=situation(
                activity=self._rarely(list(Activity), Activity.RUNNING),
                leaving=self._rarely([True], False),
                muted=self._rarely([True], False),
                easier_steps=self._rarely([1, 2, 3], 0),
                speed=None if self._mps is None else Speed(self._mps, sd_mps, origin),
            ),
        )

    def _stride(self, spell: Spell, now_s: float) -> Stride:
        added: dict[str, float] = {}
        for fault in spell.faults:
            if self._chance.random() < spell.share:
                added |= FAULTY[fault]
        added |= self._rarely([{"knee_peak_swing_deg": math.nan, "trunk_lean_deg": math.nan}], {})
        speed = spell.situation.speed
        self._number += 1
        return make_stride(
            self._number,
            spell.only or self._rarely(list(Side), list(Side)[self._number % 2]),
            now_s,
            mps=speed.mps if speed else None,
            sd_mps=speed.sd_mps if speed else 0.0,
            added=added,
            trust=self._rarely([0.1], spell.trust),
            near=spell.near,
            activity=spell.activity,
            stride_s=spell.stride_s,
        )


@dataclass(frozen=True)
class Spell:
    """What stays the same for a while."""

    faults: list[str]
    share: float
    trust: float
    activity: Activity
    near: Side
    only: Side | None
    stride_s: float
    situation: Situation


seeds = st.integers(0, 2**32)
wildnesses = st.sampled_from([0.0, 0.02, 0.1, 0.4])
policies = st.builds(
    CoachSettings,
    warmup_inhibit_s=st.sampled_from([0.0, 10.0]),
    cue_refractory_s=st.sampled_from([0.0, 10.0, 40.0]),
    cue_refractory_steps=st.sampled_from([0, 20, 120]),
    bucket_capacity=st.integers(1, 3),
    bucket_refill_s=st.sampled_from([5.0, 30.0]),
    gap_min_s=st.sampled_from([2.0, 8.0]),
    speed_change_inhibit_s=st.sampled_from([0.0, 15.0]),
    cue_max_firings=st.integers(1, 3),
    chattiness=st.sampled_from([0.5, 1.0, 1.5]),
    catch_trial_share=st.sampled_from([0.0, 0.3]),
    onset_aligned=st.booleans(),
    onset_phase=st.sampled_from([0.0, 0.4]),
)
SHORT = ProgrammeSettings(minutes=4.0, probe_s=20.0, recall_s=20.0, last_probe_s=20.0)
programmes = st.sampled_from([None, plan(1, SHORT), plan(6, SHORT), plan(8, SHORT)])


def play(
    pack: Pack, policy: CoachSettings, turns: list[Turn], programme: Programme | None = None, seed: int | None = None
) -> list[Decision]:
    coach = Coach(pack, policy, programme, seed)
    return [d for turn in turns for d in coach.step(turn.now_s, turn.strides, turn.situation, turn.asked)]


@settings(max_examples=80)
@given(pack=st.sampled_from(PACKS), policy=policies, programme=programmes, seed=seeds, wildness=wildnesses)
@example(  # a second recovery within a minute of the first, its praise withheld for the same reason
    pack=next(pack for pack in PACKS if pack.id == "pose-pull"),
    policy=CoachSettings(
        warmup_inhibit_s=0.0,
        cue_refractory_s=0.0,
        cue_refractory_steps=0,
        bucket_capacity=1,
        bucket_refill_s=5.0,
        gap_min_s=2.0,
        speed_change_inhibit_s=0.0,
        cue_max_firings=1,
        chattiness=0.5,
        catch_trial_share=0.0,
        onset_aligned=False,
    ),
    programme=None,
    seed=244,
    wildness=0.0,
)
def test_no_session_ever_hears_too_much_or_what_is_not_so(
    pack: Pack, policy: CoachSettings, programme: Programme | None, seed: int, wildness: float
) -> None:
    turns = Wild(pack, seed, wildness).turns()
    coach = Coach(pack, policy, programme, seed)
    block = coach.block
    due: list[Decision] = []  # spoken, or withheld on purpose
    seen: list[Stride] = []
    unanswered: dict[str, int] = defaultdict(int)
    by_number = {stride.number: stride for turn in turns for stride in turn.strides}
    first_run_s = next(
        (turn.now_s for turn in turns if any(s.activity is Activity.RUNNING for s in turn.strides)), math.inf
    )
    for turn in turns:
        decisions = coach.step(turn.now_s, turn.strides, turn.situation, turn.asked)
        seen += turn.strides
        if coach.block is not block and coach.block and coach.block.kind is BlockKind.SUMMARY:
            unanswered.clear()
        block = coach.block
        assert all(decision.t_s == turn.now_s for decision in decisions)
        new = [decision for decision in decisions if decision.fires or decision.reason is Reason.CATCH_TRIAL]
        assert len(new) <= 1
        assert not (turn.asked and not any(d.kind in (Kind.FAULT, Kind.PRAISE) for d in decisions))
        for decision in new:
            due.append(decision)
            if decision.reason is not Reason.PROGRAMME:
                _check_situation(decision, turn, pack, policy, first_run_s, block)
            assert _may_be_heard(turn.situation)
            if decision.kind is Kind.FAULT:
                _check_evidence(decision, by_number, seen, policy)
                assert decision.fault in pack.focus_order
        for decision in decisions:
            if decision.kind is Kind.PRAISE and decision.fault:
                unanswered[decision.fault] = 0  # a recovery, praised or not
            elif decision.fires and decision.kind is Kind.FAULT and decision.fault:
                # A recovery after a catch trial is passed over without a word: only what was spoken is counted here.
                unanswered[decision.fault] += 1
                assert unanswered[decision.fault] <= policy.cue_max_firings
    _check_rate([decision.t_s for decision in due], policy)
    _check_rate([decision.t_s if decision.start_s is None else decision.start_s for decision in due], policy)
    _check_repeats(due, policy)


def _may_be_heard(now: Situation) -> bool:
    return now.activity is Activity.RUNNING and not now.muted and not now.leaving


def _check_situation(
    decision: Decision, turn: Turn, pack: Pack, policy: CoachSettings, first_run_s: float, block: Block | None
) -> None:
    now = turn.situation
    assert now.speed is not None
    assert (
        block is None or block.kind is BlockKind.ON or (turn.asked and block.kind in (BlockKind.OFF, BlockKind.SUMMARY))
    )
    assert pack.speeds_mps[0] <= now.speed.mps <= pack.speeds_mps[1]
    assert decision.cue in pack.cues()
    assert turn.asked is (decision.reason is Reason.ASKED) or decision.kind is Kind.PRAISE
    assert turn.asked or turn.now_s - first_run_s >= policy.warmup_inhibit_s


def _check_evidence(
    decision: Decision, by_number: dict[int, Stride], seen: list[Stride], policy: CoachSettings
) -> None:
    strides = [by_number[number] for number in decision.strides]
    assert all(stride.activity is Activity.RUNNING and stride.trust >= policy.trust_min for stride in strides)
    sides = {stride.side for stride in strides} if decision.side else {decision.side}
    assert sides == {decision.side}
    assert len(strides) >= policy.enter_strides
    begins_s = decision.t_s if decision.start_s is None else decision.start_s
    assert decision.t_s <= begins_s <= decision.expires_s
    newest_s = max(stride.closed_s for stride in strides)
    assert decision.expires_s - newest_s <= policy.cue_expiry_strides * STRIDE_MOST_S + 1e-9
    if decision.side:
        later = [
            s for s in seen if s.side is decision.side and s.closed_s > newest_s and s.activity is Activity.RUNNING
        ]
        assert len(later) <= policy.cue_expiry_strides


def _check_rate(times_s: list[float], policy: CoachSettings) -> None:
    refill_s = policy.bucket_refill_s / policy.chattiness
    for first, last in itertools.combinations(range(len(times_s)), 2):
        allowed = policy.bucket_capacity + (times_s[last] - times_s[first]) / refill_s
        assert last - first + 1 <= allowed + 1e-9
    assert all(after - before >= policy.gap_min_s for before, after in itertools.pairwise(times_s))


def _check_repeats(spoken: list[Decision], policy: CoachSettings) -> None:
    by_fault: dict[str | None, list[Decision]] = defaultdict(list)
    for decision in spoken:
        if decision.kind is Kind.FAULT:
            by_fault[decision.fault].append(decision)
    for decisions in by_fault.values():
        for before, after in itertools.pairwise(decisions):
            assert after.reason is Reason.ASKED or after.t_s - before.t_s >= policy.cue_refractory_s


@settings(max_examples=15)
@given(pack=st.sampled_from(PACKS), policy=policies, programme=programmes, seed=seeds, wildness=wildnesses)
def test_the_same_session_gives_the_same_decisions(
    pack: Pack, policy: CoachSettings, programme: Programme | None, seed: int, wildness: float
) -> None:
    turns = Wild(pack, seed, wildness).turns()
    assert play(pack, policy, turns, programme, seed) == play(pack, policy, turns, programme, seed)


@settings(max_examples=15)
@given(pack=st.sampled_from(PACKS), policy=policies, seed=seeds, wildness=wildnesses)
def test_what_is_written_down_about_a_fault_is_always_news(
    pack: Pack, policy: CoachSettings, seed: int, wildness: float
) -> None:
    turns = Wild(pack, seed, wildness).turns()
    asked_s = {turn.now_s for turn in turns if turn.asked}
    last: dict[tuple[object, ...], Decision] = {}
    for decision in play(pack, policy, turns):
        before = last.get((decision.fault, decision.kind))
        if before and not decision.fires and not before.fires and decision.t_s not in asked_s:
            told_anew = decision.t_s - before.t_s >= 60.0
            assert told_anew or (decision.side, decision.reason) != (before.side, before.reason)
        last[decision.fault, decision.kind] = decision


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_all_metrics_unknown_is_silence(pack: Pack) -> None:
    nothing = dict.fromkeys(["knee_peak_swing_deg", "thigh_max_deg", "trunk_lean_deg", "pass_fraction"], math.nan)
    coach = Coach(pack, CoachSettings(warmup_inhibit_s=0.0))
    held = situation(speed=Speed(6.0, 0.0, SpeedOrigin.USER))
    for number in range(100):
        stride = make_stride(number, list(Side)[number % 2], 0.35 * number, mps=6.0, added=nothing)
        assert coach.step(stride.closed_s, [stride], held) == ()


def test_the_sessions_of_these_tests_reach_every_reason() -> None:
    policy = CoachSettings(warmup_inhibit_s=10.0, cue_refractory_s=10.0, cue_refractory_steps=20)
    decisions = [
        decision
        for seed in range(20)
        for pack in PACKS
        for decision in play(
            pack,
            policy,
            Wild(pack, seed, (0.0, 0.02, 0.1, 0.4)[seed % 4]).turns(),
            plan(6, SHORT) if seed % 2 else None,
            seed,
        )
    ]
    assert {decision.reason for decision in decisions} == set(Reason)
    assert sum(decision.fires for decision in decisions) > 100
