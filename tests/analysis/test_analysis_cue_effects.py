"""What cues are worth: the difference to catch trials, free of regression to the mean, with an interval that holds."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations, count

import numpy as np
import pytest
from coach_strides import FAULTY, make_stride, run, situation, strides_of

from cuecoach.analysis.cue_effects import Effect, Trial, difference, effects, excess, trials_of
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.faults import FAULTS
from cuecoach.packs.pack import Pack
from cuecoach.types import AttentionFocus, Cue, Decision, Kind, Reason, Side, Stride

SETTINGS = CoachSettings(warmup_inhibit_s=0.0, catch_trial_share=0.3)
KNEE = "knee_peak_swing_deg"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return library.find(str(library.shipped_folder() / "pull-under.toml"))


def trial(fired: bool, before: float, after: float, **changes: object) -> Trial:
    usual = Trial("Ada", 1, "lazy-heel", "lazy-heel.short", Side.LEFT, KNEE, fired, 100.0, before, after)
    return dataclasses.replace(usual, **changes)  # type: ignore[arg-type]


def random_trials(
    rng: np.random.Generator, n: int, worth: float, share: float = 0.25, stay: float = 0.4
) -> list[Trial]:
    """One runner's trials: `before` is high because it was chosen, `after` falls back by itself and by `worth`."""
    trials = []
    for _ in range(n):
        fired = bool(rng.random() >= share)
        usual = rng.normal(3.0, 1.0)
        before = usual + abs(rng.normal(0.0, 2.0))  # it is cued because it is high just now
        noise = rng.normal(0.0, 1.5 if fired else 1.0)  # the answers scatter, too
        trials.append(trial(fired, before, usual + stay * (before - usual) + worth * fired + noise))
    return trials


@pytest.mark.parametrize(("worth", "n"), [(-4.0, 24), (0.0, 24), (-2.0, 80)])
def test_intervals_cover_the_truth_as_often_as_they_say(worth: float, n: int) -> None:
    """400 runners: 95 % of the intervals hold the true effect, give or take what chance allows (3.3 SD)."""
    rng = np.random.default_rng(4)
    found: list[Effect] = []
    while len(found) < 400:
        (effect,) = effects(random_trials(rng, n, worth))
        if effect.estimate is not None:
            found.append(effect)
    covered = sum(e.low <= worth <= e.high for e in found if e.low is not None and e.high is not None) / len(found)
    assert 0.95 - 3.3 * math.sqrt(0.95 * 0.05 / 400) <= covered <= 0.95 + 3.3 * math.sqrt(0.95 * 0.05 / 400)
    assert np.mean([e.estimate for e in found if e.estimate is not None]) == pytest.approx(worth, abs=0.15)


@pytest.mark.parametrize("n", [8, 10])
def test_of_all_assignments_one_in_twenty_misleads(n: int) -> None:
    """A drifting runner whom no cue changes: the same strides with every assignment, none of which matters."""
    rng = np.random.default_rng(9)
    before = rng.normal(3.0, 2.0, n)
    after = np.cumsum(rng.normal(0.0, 2.0, n)) + rng.standard_cauchy(n)
    missed = []
    for chosen in combinations(range(n), 4):
        fired = np.isin(np.arange(n), chosen).astype(float)
        _, low, high = difference(fired, before, after)
        missed.append(not low <= 0.0 <= high)
    assert 0.0 < np.mean(missed) <= 0.05


def test_the_assignments_of_many_trials_are_sampled_and_always_the_same() -> None:
    trials = random_trials(np.random.default_rng(5), 60, -2.0)
    assert effects(trials) == effects(trials)


def test_a_runner_who_only_falls_back_to_the_mean_has_no_effect() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(40):
        trials = random_trials(rng, 60, 0.0)
        assert np.mean([t.after - t.before for t in trials if t.fired]) < -0.3  # it looks as if the cue had helped
        (effect,) = effects(trials)
        held += effect.low is not None and effect.high is not None and effect.low < 0.0 < effect.high
    assert held >= 34


def test_more_trials_make_a_narrower_interval() -> None:
    rng = np.random.default_rng(2)

    def width(n: int) -> float:
        (effect,) = effects(random_trials(rng, n, -2.0))
        assert effect.low is not None
        assert effect.high is not None
        return effect.high - effect.low

    assert width(300) < 0.6 * width(40)


@pytest.mark.parametrize(("spoken", "held"), [(0, 0), (20, 0), (30, 1), (7, 2), (4, 3)])
def test_too_few_trials_have_no_interval_but_a_reason(spoken: int, held: int) -> None:
    trials = [trial(n < spoken, 5.0, 3.0) for n in range(spoken + held)]
    for effect in effects(trials):
        assert (effect.estimate, effect.low, effect.high) == (None, None, None)
        assert (effect.n_fired, effect.n_catch) == (spoken, held)
        assert "too few" in effect.why_not
    assert len(effects(trials)) == (spoken + held > 0)


@pytest.mark.parametrize(("spoken", "held"), [(4, 4), (5, 3), (8, 2), (2, 8)])
def test_few_equal_trials_are_a_certain_effect(spoken: int, held: int) -> None:
    (effect,) = effects([trial(n < spoken, 5.0, 1.0 if n < spoken else 4.0) for n in range(spoken + held)])
    assert (effect.estimate, effect.low, effect.high) == (pytest.approx(-3.0),) * 3


def test_groups_are_kept_apart_and_metrics_never_mixed() -> None:
    trials = [trial(n % 2 == 0, 5.0, 1.0, side=side) for n in range(8) for side in (Side.LEFT, Side.RIGHT, None)]
    assert [dict(e.group) for e in effects(trials, by=("fault", "side"))] == [
        {"fault": "lazy-heel", "side": side} for side in ("both", "left", "right")
    ]
    mixed = [*trials, trial(True, 1.0, 1.0, fault="leaning-back", metric="trunk_lean_deg")]
    (effect,) = effects(mixed, by=("runner",))
    assert effect.estimate is None
    assert "different metrics" in effect.why_not
    with pytest.raises(ValueError, match="phrase"):
        effects(trials, by=("phrase",))


def cued(t_s: float, fired: bool = True, reason: Reason = Reason.DUE, side: Side | None = Side.LEFT) -> Decision:
    cue = Cue("lazy-heel.short", "pull under", AttentionFocus.EXTERNAL)
    return Decision(t_s, fired, Kind.FAULT, reason, "lazy-heel", side, cue)


def strides(better_from_s: float, seconds: float = 60.0) -> list[Stride]:
    return list(strides_of(lambda t, _s: {"added": FAULTY["lazy-heel"] if t < better_from_s else {}}, seconds))


def test_before_and_after_are_distances_to_the_limit(pack: Pack) -> None:
    (found,) = trials_of([cued(30.0)], strides(33.0), pack, SETTINGS, runner="Ada", session=7)
    assert (found.runner, found.session, found.cue_id, found.fired) == ("Ada", 7, "lazy-heel.short", True)
    assert found.metric == KNEE
    assert found.before == pytest.approx(25.0 - 15.0)  # 25 below the norm, the limit 15 below it
    assert found.after == pytest.approx(-15.0)


@pytest.mark.parametrize(
    "decision",
    [
        cued(30.0, reason=Reason.ASKED),  # not assigned at random
        cued(30.0, fired=False, reason=Reason.REFRACTORY),
        cued(2.0),  # too few strides before
        cued(55.0),  # and after
        dataclasses.replace(cued(30.0), kind=Kind.PRAISE),
        dataclasses.replace(cued(30.0), fault="unknown"),
    ],
)
def test_what_is_no_trial(pack: Pack, decision: Decision) -> None:
    assert trials_of([decision], strides(33.0), pack, SETTINGS) == []


def test_a_pause_after_the_cue_leaves_nothing_to_compare(pack: Pack) -> None:
    run_ = [stride for stride in strides(33.0, 120.0) if not 32.0 < stride.closed_s < 80.0]
    assert trials_of([cued(30.0)], run_, pack, SETTINGS) == []


def left_strides(found: list[Stride]) -> list[Stride]:
    return [stride for stride in found if stride.side is Side.LEFT]


def test_ten_strides_before_are_compared_with_the_eleventh_to_twentieth_after(pack: Pack) -> None:
    """The knee folds less and less, so that any other strides would have another mean."""
    worsening = list(strides_of(lambda t, _s: {"added": {KNEE: -t}}, 60.0))
    (found,) = trials_of([cued(30.0)], worsening, pack, SETTINGS)
    excesses = [excess(FAULTS["lazy-heel"], stride) for stride in left_strides(worsening)]
    now = sum(stride.closed_s <= 30.0 for stride in left_strides(worsening))
    assert found.before == pytest.approx(np.mean(excesses[now - 10 : now]))
    assert found.after == pytest.approx(np.mean(excesses[now + 10 : now + 20]))


@pytest.mark.parametrize(("trusted", "trials"), [(8, 1), (7, 0)])
def test_eight_of_twenty_strides_before_must_be_trusted(pack: Pack, trusted: int, trials: int) -> None:
    all_ = strides(33.0)
    early = [stride for stride in left_strides(all_) if stride.closed_s <= 30.0]
    doubtful = {stride.number for stride in early[: len(early) - trusted]}
    run_ = [dataclasses.replace(stride, trust=0.0) if stride.number in doubtful else stride for stride in all_]
    assert len(trials_of([cued(30.0)], run_, pack, SETTINGS)) == trials


@pytest.mark.parametrize(("trusted", "trials"), [(5, 1), (4, 0)])
def test_five_of_the_ten_strides_after_must_be_trusted(pack: Pack, trusted: int, trials: int) -> None:
    all_ = strides(33.0)
    late = [stride for stride in left_strides(all_) if stride.closed_s > 30.0][10:20]
    doubtful = {stride.number for stride in late[trusted:]}
    run_ = [dataclasses.replace(stride, trust=0.0) if stride.number in doubtful else stride for stride in all_]
    assert len(trials_of([cued(30.0)], run_, pack, SETTINGS)) == trials


@pytest.mark.parametrize(("known", "trials"), [(8, 1), (7, 0)])
def test_strides_of_half_a_minute_ago_no_longer_count_as_before(pack: Pack, known: int, trials: int) -> None:
    early = [stride for stride in left_strides(strides(0.0)) if stride.closed_s <= 20.0]
    t_s = early[-known - 1].closed_s + 30.001  # so that the last `known` ones are younger
    run_ = [stride for stride in strides(0.0, 120.0) if not 20.0 < stride.closed_s <= t_s]
    assert len(trials_of([cued(t_s)], run_, pack, SETTINGS)) == trials


@pytest.mark.parametrize(("pause_s", "trials"), [(15.0, 1), (17.0, 0)])
def test_twenty_strides_after_must_be_there_within_half_a_minute(pack: Pack, pause_s: float, trials: int) -> None:
    run_ = [stride for stride in strides(33.0, 120.0) if not 31.0 < stride.closed_s <= 31.0 + pause_s]
    assert len(trials_of([cued(30.0)], run_, pack, SETTINGS)) == trials


def test_both_legs_count_for_a_cue_without_a_side(pack: Pack) -> None:
    left_only = list(
        strides_of(lambda t, side: {"added": FAULTY["lazy-heel"] if side is Side.LEFT or t < 33 else {}}, 60.0)
    )
    (found,) = trials_of([cued(30.0, side=None)], left_only, pack, SETTINGS)
    assert found.after == pytest.approx((10.0 - 15.0) / 2)


def test_excess_knows_its_sign_and_what_is_not_known() -> None:
    lazy, lean = FAULTS["lazy-heel"], FAULTS["leaning-forward"]
    faulty = make_stride(0, Side.LEFT, 1.0, added=FAULTY["lazy-heel"])
    assert excess(lazy, faulty) == pytest.approx(10.0)
    assert math.isnan(excess(lazy, dataclasses.replace(faulty, speed=None)))
    leaning = make_stride(0, Side.LEFT, 1.0, added=FAULTY["leaning-forward"], mps=None)
    assert excess(lean, leaning) > 0.0


def test_a_catch_trial_leaves_the_coach_as_if_it_had_spoken(pack: Pack) -> None:
    """Two coaches, the same runner, who does not answer: they are due at the same moments, spoken or not."""

    def due(share: float) -> list[Decision]:
        coach = Coach(pack, dataclasses.replace(SETTINGS, catch_trial_share=share), seed=3)
        decisions = run(coach, lambda _t, _s: {"added": FAULTY["lazy-heel"]}, 300.0)
        return [d for d in decisions if d.fires or d.reason is Reason.CATCH_TRIAL]

    always_spoken, sometimes_held = due(0.0), due(0.5)
    assert [d.t_s for d in always_spoken] == [d.t_s for d in sometimes_held]
    assert {d.fires for d in sometimes_held} == {True, False}
    first_words = next(d.cue.id for d in sometimes_held if d.fires and d.cue)
    assert first_words == "lazy-heel.long"


def test_nobody_is_praised_for_what_was_never_said(pack: Pack) -> None:
    never = dataclasses.replace(SETTINGS, catch_trial_share=1.0)
    decisions = run(Coach(pack, never, seed=1), lambda t, _s: {"added": FAULTY["lazy-heel"] if t < 8 else {}}, 60.0)
    assert [d.reason for d in decisions if d.reason is Reason.CATCH_TRIAL] == [Reason.CATCH_TRIAL]
    assert not [d for d in decisions if d.kind is Kind.PRAISE]


def test_catch_trials_come_as_often_as_set_and_never_when_asked(pack: Pack) -> None:
    held, spoken = 0, 0
    for seed in range(40):
        coach, numbers = Coach(pack, SETTINGS, seed=seed), count()
        for turn in range(3):  # three spells, each with a first cue and a recovery
            for stride in strides_of(
                lambda t, _s, start=turn * 100.0: {"added": FAULTY["lazy-heel"] if t < start + 12 else {}},
                60.0,
                start_s=turn * 100.0,
            ):
                renumbered = dataclasses.replace(stride, number=next(numbers))
                for decision in coach.step(stride.closed_s, [renumbered], situation()):
                    held += decision.reason is Reason.CATCH_TRIAL
                    spoken += decision.fires and decision.kind is Kind.FAULT
    assert held / (held + spoken) == pytest.approx(0.3, abs=0.12)
    never = Coach(pack, dataclasses.replace(SETTINGS, catch_trial_share=1.0), seed=1)
    decisions = run(never, lambda _t, _s: {"added": FAULTY["lazy-heel"]}, 30.0, asked_at=(26.0,))
    assert [d.reason for d in decisions if d.fires] == [Reason.ASKED]
