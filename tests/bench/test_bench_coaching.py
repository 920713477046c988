"""The benchmark of the coach can be believed: what is wrong is counted, what is right is not, and it runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bench.coaching import effects as effects
from bench.coaching import learning as learning
from bench.coaching.__main__ import QUICK, run
from bench.coaching.rules import Broken, View, check, shows
from bench.coaching.runner import COLUMN, NAMES, SIDES, Dial, Plan, Run, make_run, shift_of, usual_stride
from bench.coaching.session import Deaf, Log, Willing, coached
from bench.coaching.sessions import hostile_session
from bench.coaching.truth import Truth, judge
from cuecoach.coach.findings import Judge, Level
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.faults import FAULTS, Scope
from cuecoach.reference.errors import error
from cuecoach.types import AttentionFocus, Cue, Decision, Kind, Reason, Side

PACK = library.find("pull-under")
RULE = next(rule for rule in PACK.rules if rule.id == "lazy-heel")
SETTINGS = CoachSettings()
CUE = Cue("lazy-heel.short", "pull under", AttentionFocus.EXTERNAL)


def lazy(level: float, seconds: float = 200.0, sides: tuple[Side, ...] = SIDES, exact: bool = False) -> Run:
    scale = (0.0, 0.0, 0.0) if exact else (1.0, 1.0, 1.0)
    return make_run(np.random.default_rng(1), Plan(seconds, ((0.0, 3.0),)), [Dial(RULE, level, sides)], errors=scale)


def logged(found: Run, *said: Decision) -> Log:
    """Return a session in which a coach said just this."""
    log = coached(found, Coach(PACK), Deaf())
    log.decisions[:] = said
    return log


def cue(t_s: float, side: Side | None = None, **changes: object) -> Decision:
    usual = Decision(t_s, True, Kind.FAULT, Reason.DUE, "lazy-heel", side, CUE)
    return dataclasses.replace(usual, **changes)  # type: ignore[arg-type]


def broken_by(found: Run, *said: Decision) -> Broken:
    broken = Broken()
    check(broken, logged(found, *said), PACK, SETTINGS, "test")
    return broken


@pytest.mark.parametrize("fault", [f for f in FAULTS.values() if f.scope is not Scope.PAIR], ids=lambda f: f.id)
def test_level_1_of_a_dial_is_on_the_limit(fault: object) -> None:
    mps = 3.8
    for level, there in ((0.97, False), (1.03, True)):
        values = usual_stride(mps).copy()
        for name, by in shift_of(fault, mps).items():  # type: ignore[arg-type]
            values[COLUMN[name]] += level * by
        at = np.array([mps])
        assert shows(fault, View(values[None], at, at))[0] == there  # type: ignore[arg-type]


def test_measuring_errs_as_was_measured() -> None:
    chance = np.random.default_rng(3)
    plan = Plan(60.0, ((0.0, 3.0),))
    runs = [make_run(chance, plan) for _ in range(60)]
    for name in ("thigh_max_deg", "trunk_lean_deg", "foot_at_strike_deg"):
        known = error(name)
        off = [(one.measured - one.true)[one.side == Side.LEFT.row, COLUMN[name]] for one in runs]
        assert np.mean([part.mean() for part in off]) == pytest.approx(known.bias, abs=0.35 * known.spread)
        assert np.std([part.mean() for part in off]) == pytest.approx(known.spread, rel=0.35, abs=0.3 * known.sd)


def test_the_rules_agree_with_the_coach_on_plain_strides() -> None:
    found = lazy(1.0, exact=True)
    log = coached(found, Coach(PACK), Deaf())
    mps = found.true_mps
    mine = shows(RULE, View(log.values(true=False), mps, mps), pack=PACK)
    place = [rule.id for rule in PACK.rules].index("lazy-heel")
    same = 0
    coach = Judge(PACK, dataclasses.replace(SETTINGS, uncertainty_margin_sd=0.0))  # the rules know no errors
    for row, stride in enumerate(log.strides):
        verdict = coach.judge(dataclasses.replace(stride, speed=dataclasses.replace(stride.speed, sd_mps=0.0)))[place]
        assert verdict is not None
        if stride.trust >= SETTINGS.trust_min and verdict.level is not Level.UNKNOWN:
            assert (verdict.level is Level.VIOLATED) <= mine[row]
            same += (verdict.level is Level.VIOLATED) == mine[row]
    assert same > 0.95 * len(log.strides) * 0.9
    assert 0.1 < mine.mean() < 0.9


def test_a_coach_who_keeps_the_promises_breaks_none() -> None:
    broken = broken_by(lazy(2.0), cue(70.0), cue(115.0), cue(160.0))
    assert (broken.spoken, broken.cues, broken.examples) == (3, 3, [])


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("gap", (cue(70.0), cue(77.9))),
        ("onset_gap", (cue(70.0, start_s=70.5), cue(78.2))),
        ("rate", (cue(70.0), cue(80.0), cue(90.0))),
        ("repeats", (cue(60.0), cue(101.0), cue(142.0), cue(183.0))),
        ("refractory", (cue(70.0), cue(109.0))),
        ("ignored", (cue(70.0, fault="low-knee-drive"),)),
    ],
)
def test_a_broken_promise_is_counted(what: str, said: tuple[Decision, ...]) -> None:
    assert getattr(broken_by(lazy(2.0), *said), what) == 1


def test_words_about_what_is_over_are_stale_and_a_recovery_allows_more() -> None:
    found = lazy(2.0, 400.0)
    columns, true, seen = found.shifts[0]
    well = (found.closed_s > 120.0) & (found.closed_s < 180.0)
    true[well] = seen[well] = 0.0
    found.shifts[0] = columns, true, seen
    assert broken_by(found, cue(119.0)).stale == 0
    assert broken_by(found, cue(123.0)).stale == 1
    assert broken_by(found, cue(70.0), cue(111.0), cue(190.0), cue(231.0)).repeats == 0


def test_nobody_is_spoken_to_who_stands() -> None:
    plan = Plan(200.0, ((0.0, 3.0),), pauses=((100.0, 20.0),))
    found = make_run(np.random.default_rng(1), plan, [Dial(RULE, 2.0)])
    assert broken_by(found, cue(110.0)).silence == 1
    assert broken_by(found, cue(90.0)).silence == 0


def test_a_true_cue_a_false_one_and_one_about_the_wrong_leg() -> None:
    truth = Truth()
    judge(truth, logged(lazy(2.0, sides=(Side.LEFT,)), cue(100.0, Side.LEFT), cue(150.0, Side.RIGHT)), PACK, SETTINGS)
    judge(truth, logged(lazy(0.3), cue(100.0)), PACK, SETTINGS)
    assert truth.cues["lazy-heel"] == 3
    assert truth.true["lazy-heel"] == 1
    assert (truth.sided["lazy-heel"], truth.wrong["lazy-heel"]) == (2, 1)


def test_truth_looks_at_what_is_so_and_not_at_what_is_measured() -> None:
    found = lazy(0.6)
    found.measured[:, COLUMN["knee_peak_swing_deg"]] -= 40.0
    found.measured[:, COLUMN["knee_at_thigh_vertical_deg"]] -= 40.0
    log = coached(found, Coach(PACK), Deaf())
    assert [decision.fault for decision in log.said][:1] == ["lazy-heel"]
    truth = Truth()
    judge(truth, log, PACK, SETTINGS)
    assert truth.share("true") == 0.0


def test_a_willing_runner_answers_later_and_relapses() -> None:
    runner = Willing(["lazy-heel"], 0.8, 30.0, np.random.default_rng(1))
    runner.hear("lazy-heel", 10.0)
    assert [runner.strength(0, t_s) for t_s in (9.0, 11.5)] == [1.0, 1.0]
    assert runner.strength(0, 18.0) < 0.6 < runner.strength(0, 100.0)


def test_hostile_sessions_are_hostile() -> None:
    logs = [hostile_session(seed, PACK, 130.0)[0] for seed in range(12)]
    assert any(np.isnan(log.run.measured).any() for log in logs)
    assert any(None in log.run.speeds for log in logs)
    assert any((np.diff(log.run.side) == 0).mean() > 0.2 for log in logs)
    assert any(situation.muted for log in logs for _, situation, _ in log.run.situations)
    assert any(asked for log in logs for _, _, asked in log.run.situations)
    assert all(len(log.run.speeds) == len(log.strides) for log in logs)


def test_the_known_effect_is_what_a_cue_changes() -> None:
    runner = effects.Known(9.0, 1.0, np.random.default_rng(1))
    runner.hear("lazy-heel", 0.0)
    better_deg = 15.0 * (1.0 - runner.strength(0, 8.0))
    assert 9.0 * 0.7 * 0.75 < better_deg < 9.0 * 1.3


def test_a_learner_keeps_more_with_less_feedback() -> None:
    kept = {}
    for gap_s in (5.0, 60.0):
        world = learning.World(0.0, 5000.0)
        learner = learning.Learner(np.random.default_rng(1), world)
        for t_s in np.arange(0.0, 1200.0, 0.35):
            if t_s % gap_s < 0.3:
                learner.hear("lazy-heel", float(t_s))
            learner.strength(0, float(t_s))
        kept[gap_s] = learner.kept
    assert 0.0 < kept[5.0] < kept[60.0] < 1.0


def test_without_cues_nothing_is_learnt() -> None:
    learner = learning.Learner(np.random.default_rng(1), learning.GUIDED)
    assert all(learner.strength(0, float(t_s)) == 1.0 for t_s in np.arange(0.0, 100.0, 0.7))


def test_a_little_of_everything() -> None:
    rows = run(QUICK, None)
    assert list(dict.fromkeys(row.data.split(":")[0] for row in rows)) == [
        "dose",
        "truth",
        "did it work?",
        "programme",
        "strangers",
        "replay of a journal",
        "cost",
    ]
    kept = [row for row in rows if row.data.startswith(("dose", "replay")) and row.met is not None]
    assert len(kept) >= 15
    assert all(row.met for row in kept), [row for row in kept if not row.met]


def test_names_are_the_metrics_of_the_table() -> None:
    assert len(NAMES) == len(COLUMN)
    assert NAMES[-1] == "cadence_spm"
