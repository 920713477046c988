"""Easier: a runner may ask for less than the pack does, never for more, and no cue rests on two kinds of limits."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import replace

import pytest
from coach_strides import FAULTY, always, fired, make_stride, run, situation, strides_of
from hypothesis import given, settings
from hypothesis import strategies as st

from cuecoach.coach.findings import Judge, Level
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import plan
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.metrics import STRIDE_METRICS
from cuecoach.packs import library
from cuecoach.packs.faults import FAULTS, Scope, distance
from cuecoach.packs.pack import Pack
from cuecoach.types import Finding, Kind, Reason, Side

PACKS = [library.find(str(path)) for path in sorted(library.shipped_folder().glob("*.toml"))]
PROMPT = CoachSettings(warmup_inhibit_s=0.0, cue_refractory_s=10.0, cue_refractory_steps=0, bucket_refill_s=5.0)
EXACT = CoachSettings(uncertainty_margin_sd=0.0)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return library.find(str(library.shipped_folder() / "pull-under.toml"))


def found(
    pack: Pack, easier_steps: int, fault: str, added: dict[str, float], sides: tuple[Side, ...]
) -> Finding | None:
    """Return what the last of 44 strides shows of a fault, on a leg that has it."""
    judge = Judge(pack, EXACT)
    judge.make_easier(easier_steps)
    finding = None
    for number in range(44):
        side = (Side.RIGHT, Side.LEFT)[number % 2]
        stride = make_stride(number, side, 0.35 * number, added=added if side in sides else {})
        for rule, verdict in zip(pack.rules, judge.judge(stride), strict=True):
            if rule.id == fault and side in sides and verdict:
                finding = verdict.finding
    return finding


@pytest.mark.parametrize(
    ("fault", "own", "step"),
    [
        ("lazy-heel", -15.0, -3.75),  # from the norm
        ("leaning-back", 1.0, -1.5),  # a number: 7 is usual
        ("asymmetric-heel", -10.0, -2.5),  # between the legs nothing is
    ],
)
@pytest.mark.parametrize(("easier_steps", "steps"), [(0, 0), (1, 1), (3, 3), (-1, 0), (9, 3)])
def test_a_step_is_a_quarter_of_the_way_from_what_is_usual(
    pack: Pack, fault: str, own: float, step: float, easier_steps: int, steps: int
) -> None:
    pair = fault == "asymmetric-heel"
    added = {name: 3 * by for name, by in FAULTY["lazy-heel" if pair else fault].items()}
    finding = found(pack, easier_steps, fault, added, (Side.LEFT,) if pair else tuple(Side))
    assert finding is not None
    middle = finding.value - added[finding.metric] if fault == "lazy-heel" else 0.0
    assert finding.limit - middle == pytest.approx(own + steps * step)


def test_what_is_usual_is_known_for_every_limit_of_the_catalogue() -> None:
    for fault in FAULTS.values():
        mps = max(3.0, fault.speeds_mps[0])
        assert all(distance(criterion, fault.scope, mps) > 0.0 for criterion in fault.criteria), fault.id


_ORDER = {Level.OK: 0, Level.IN_BAND: 1, Level.VIOLATED: 2}


@settings(max_examples=150)
@given(
    pack=st.sampled_from(PACKS),
    easier_steps=st.integers(0, 2),
    mps=st.sampled_from([2.5, 3.1, 4.0, 6.0, 8.5]),
    sd_mps=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 2**32),
)
def test_who_asks_for_less_is_never_found_worse(
    pack: Pack, easier_steps: int, mps: float, sd_mps: float, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    less, more = Judge(pack, CoachSettings()), Judge(pack, CoachSettings())
    less.make_easier(easier_steps + 1)
    more.make_easier(easier_steps)
    tilt = {side: {name: chance.gauss(0.0, 12.0) for name in (*STRIDE_METRICS, "cadence_spm")} for side in Side}
    for number in range(50):
        side = list(Side)[number % 2]
        added = {
            name: by * (0.01 if name.endswith(("_leg", "fraction", "share")) else 1.0)
            for name, by in tilt[side].items()
        }
        stride = make_stride(number, side, 0.35 * number, mps=mps, sd_mps=sd_mps, added=added)
        for mild, strict in zip(less.judge(stride), more.judge(stride), strict=True):
            assert (mild is None) is (strict is None)
            if mild and strict and Level.UNKNOWN not in (mild.level, strict.level):
                assert _ORDER[mild.level] <= _ORDER[strict.level]
            assert not (mild and strict and mild.level is Level.VIOLATED and strict.level is Level.UNKNOWN)


def test_the_same_strides_are_cued_less_the_more_a_runner_asks_for(pack: Pack) -> None:
    def cues(easier_steps: int, lower_deg: float) -> int:
        added = dict.fromkeys(FAULTY["lazy-heel"], -lower_deg)
        return len(
            fired(
                run(
                    Coach(pack, replace(PROMPT, steady_error_share=0.0)),
                    lambda _t, _s: {"added": added},
                    90.0,
                    lambda _t: situation(easier_steps=easier_steps),
                )
            )
        )

    # The limit is 15, and 3.75 more with each step; errors by chance may explain 2 more.
    assert [[cues(easier_steps, deg) for deg in (20.0, 23.5, 27.0, 35.0)] for easier_steps in range(4)] == [
        [3, 3, 3, 3],
        [0, 3, 3, 3],
        [0, 0, 3, 3],
        [0, 0, 0, 3],
    ]


@settings(max_examples=25)
@given(
    changes=st.lists(st.tuples(st.floats(1.0, 170.0), st.integers(0, 3)), min_size=1, max_size=8),
    pack=st.sampled_from(PACKS),
)
def test_no_evidence_is_older_than_the_limits_it_is_judged_by(changes: list[tuple[float, int]], pack: Pack) -> None:
    changes = sorted(changes)
    times_s = [t_s for t_s, _ in changes]
    mps = sum(pack.speeds_mps) / 2
    fault = {name: 4 * by for name, by in FAULTY[next(f for f in pack.focus_order if f in FAULTY)].items()}
    coach, easier_steps, since_s = Coach(pack, PROMPT), 0, 0.0
    closed_s = {}
    for stride in strides_of(lambda _t, _s: {"added": fault, "mps": mps}, 180.0):
        place = bisect_right(times_s, stride.closed_s)
        now = changes[place - 1][1] if place else 0
        if now != easier_steps:
            easier_steps, since_s = now, stride.closed_s
        closed_s[stride.number] = stride.closed_s
        for decision in coach.step(stride.closed_s, [stride], situation(easier_steps=easier_steps, speed=stride.speed)):
            assert all(closed_s[number] >= since_s for number in decision.strides)
            assert not decision.fires or decision.kind is not Kind.FAULT or len(decision.strides) >= 6


def test_the_same_level_again_changes_nothing(pack: Pack) -> None:
    """Only a change begins anew; cues said before it still count."""
    plain = run(Coach(pack, PROMPT), always("lazy-heel"), 90.0)
    assert run(Coach(pack, PROMPT), always("lazy-heel"), 90.0, lambda _t: situation(easier_steps=0)) == plain
    doubled = lambda _t, _s: {"added": {name: 3 * by for name, by in FAULTY["lazy-heel"].items()}}  # noqa: E731
    there_and_back = run(Coach(pack, PROMPT), doubled, 300.0, lambda t: situation(easier_steps=int(t // 20) % 2))
    assert len([d for d in fired(there_and_back) if d.kind is Kind.FAULT]) == 3


def test_a_recovery_under_other_limits_is_not_praised(pack: Pack) -> None:
    """The runner gets well at 12 s; praise has to wait for the gap after the cue, and by then less is asked."""
    slow = CoachSettings(warmup_inhibit_s=0.0, gap_min_s=12.0, praise_expiry_s=20.0)

    def praise(changed_s: float) -> list[tuple[bool, Reason]]:
        decisions = run(
            Coach(pack, slow),
            lambda t, _s: {"added": FAULTY["lazy-heel"] if t < 5.0 else {}},
            60.0,
            lambda t: situation(easier_steps=int(t > changed_s)),
        )
        return [(d.fires, d.reason) for d in decisions if d.kind is Kind.PRAISE]

    assert praise(99.0)[-1] == (True, Reason.DUE)
    assert praise(14.0)[-1] == (False, Reason.EXPIRED)


def test_right_after_a_change_nothing_is_known(pack: Pack) -> None:
    coach = Coach(pack, PROMPT)
    for stride in strides_of(always("lazy-heel"), 20.0):
        coach.step(stride.closed_s, [stride], situation())
    (answer,) = coach.step(20.1, [], situation(easier_steps=1), asked=True)
    assert (answer.kind, answer.fires, answer.reason, answer.fault) == (Kind.PRAISE, False, Reason.WARM_UP, None)


def test_a_summary_compares_no_blocks_under_other_limits(pack: Pack) -> None:
    def summaries(changed_s: float) -> int:
        coach = Coach(pack, CoachSettings(), plan(6))
        return sum(
            decision.fires and decision.kind is Kind.SUMMARY
            for stride in strides_of(always("lazy-heel"), 1860.0)
            for decision in coach.step(
                stride.closed_s, [stride], situation(easier_steps=int(stride.closed_s > changed_s))
            )
        )

    assert summaries(9999.0) == 3
    assert summaries(800.0) == 1


def test_equal_legs_stay_equal(pack: Pack) -> None:
    rule = next(rule for rule in pack.rules if rule.scope is Scope.PAIR)
    assert found(pack, 3, rule.id, FAULTY["lazy-heel"], tuple(Side)) is None
