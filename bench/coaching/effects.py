"""Do the intervals hold? Runners whose answer to a cue is known, and what `coach.outcomes` finds out about it.

Owns these runners and their truth. Each shows a lazy heel that wanders about the limit (7 degrees SD, within minutes),
runs some sessions with the coach, and answers to every cue by folding the knee a known number of degrees more
for a while. The answers add up and do not depend on how bad the fault is, so what one cue is worth is known: its mean
over the strides that are compared. One in three runners only regresses to the mean: nothing changes them, and cues
come when it happens to be bad. What such a runner did would have been the same with another assignment, so the
assignment can be drawn again as often as one likes: that tells an interval that is wrong from one that had bad luck.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from bench.coaching.runner import Dial, Plan, make_run
from bench.coaching.session import LATENCY_S, Log, coached, profile
from cuecoach.analysis.cue_effects import AFTER_STRIDES, AFTER_STRIDES_SKIPPED, Effect, Trial, effects, trials_of
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.pack import Pack
from cuecoach.virtual_runner.response import DELAY_S

FAULT = "lazy-heel"
MPS = 3.0
CATCH_SHARE = 0.3
MINUTES = 15.0
REDRAWS = 20
_RELAPSE_S = 30.0
_WANDER = 0.7  # of the SD between runners
_SPREAD = 0.3  # one answer differs from the next
_OFFSET_DEG = 15.0  # of the limit from the norm: what level 1 of the dial adds


class Known:
    """A runner who folds the knee `worth_deg` more after each cue, for a while; answers add up."""

    def __init__(self, worth_deg: float, level: float, chance: np.random.Generator) -> None:
        self._worth_deg = worth_deg
        self._unit_deg = level * _OFFSET_DEG
        self._chance = chance
        self._answers: list[tuple[float, float]] = []

    def hear(self, fault: str, t_s: float) -> None:
        """Answer later, about as much as always."""
        if fault == FAULT:
            worth = self._worth_deg * (1.0 + _SPREAD * float(self._chance.uniform(-1, 1)))
            self._answers.append((t_s + float(self._chance.uniform(*DELAY_S)), worth))

    def strength(self, dial: int, t_s: float) -> float:
        """Return the strength that is left, which may be less than none."""
        del dial
        self._answers = [answer for answer in self._answers if t_s - answer[0] < 8 * _RELAPSE_S]
        better = sum(worth * profile(t_s - onset_s, _RELAPSE_S) for onset_s, worth in self._answers)
        return 1.0 - better / self._unit_deg


@dataclasses.dataclass(frozen=True, slots=True)
class Studied:
    """One runner after all sessions: what a cue is truly worth (negative is better), what was found, and before-after.

    `naive_deg` and its interval are what comparing after with before would say, without catch trials. `redrawn` is the
    share of intervals that include zero when the assignment is drawn anew; NaN for who answers.
    """

    truth_deg: float
    effect: Effect | None
    naive_deg: float
    naive_half_deg: float
    redrawn: float

    @property
    def covers(self) -> bool:
        """Whether the interval holds the truth."""
        e = self.effect
        return e is not None and e.low is not None and e.high is not None and e.low <= self.truth_deg <= e.high


def study(seed: int, pack: Pack, sessions: int, *, deaf: bool) -> Studied:
    """Let a runner run its sessions and return what is known of it then."""
    chance = np.random.default_rng([seed, 3])
    worth_deg = 0.0 if deaf else float(chance.uniform(0.0, 9.0))
    level = float(chance.uniform(0.8, 1.15))
    settings = CoachSettings(catch_trial_share=CATCH_SHARE)
    rule = next(rule for rule in pack.rules if rule.id == FAULT)
    trials: list[Trial] = []
    worth: list[float] = []
    for session in range(sessions):
        plan = Plan(60 * MINUTES, ((0.0, MPS),), speed_error=float(chance.normal(0, 0.01)))
        run = make_run(chance, plan, [Dial(rule, level)], wander=_WANDER)
        coach = Coach(pack, settings, None, seed=int(chance.integers(2**31)))
        log = coached(run, coach, Known(worth_deg, level, np.random.default_rng([seed, session, 4])))
        found = trials_of(log.decisions, log.strides, pack, settings, runner="r", session=session)
        found = [trial for trial in found if trial.fault == FAULT]
        trials += found
        worth += [_worth(log, trial, worth_deg) for trial in found]
    result = effects(trials, by=("runner", "fault"))
    naive_deg, half_deg = _naive(trials)
    truth_deg = float(np.mean(worth)) if worth else math.nan
    redrawn = _redrawn(trials, np.random.default_rng([seed, 5])) if deaf else math.nan
    return Studied(truth_deg, result[0] if result else None, naive_deg, half_deg, redrawn)


def _worth(log: Log, trial: Trial, worth_deg: float) -> float:
    """Return what a cue at this moment changes in the mean over the strides that are compared, spoken or not."""
    run = log.run
    legs = [trial.side.row] if trial.side else [0, 1]
    shares = []
    for leg in legs:
        mine = run.closed_s[(run.side == leg) & (run.closed_s > trial.t_s)][AFTER_STRIDES_SKIPPED:AFTER_STRIDES]
        for delay_s in np.linspace(*DELAY_S, 5):
            onset_s = trial.t_s + LATENCY_S + delay_s
            shares += [profile(closed_s - 0.65 - onset_s, _RELAPSE_S) for closed_s in mine.tolist()]
    return -worth_deg * float(np.mean(shares)) if shares else math.nan


def _redrawn(trials: Sequence[Trial], chance: np.random.Generator) -> float:
    lots = (
        [dataclasses.replace(trial, fired=bool(chance.random() >= CATCH_SHARE)) for trial in trials]
        for _ in range(REDRAWS)
    )
    found = [effect for again in lots for effect in effects(again, by=("runner", "fault"))]
    held = [one.low <= 0.0 <= one.high for one in found if one.low is not None and one.high is not None]
    return float(np.mean(held)) if held else math.nan


def _naive(trials: Sequence[Trial]) -> tuple[float, float]:
    """Return after minus before of the spoken cues, and half its 95 % interval."""
    changes = [trial.after - trial.before for trial in trials if trial.fired]
    if len(changes) < 3:
        return math.nan, math.nan
    return float(np.mean(changes)), 1.96 * float(np.std(changes, ddof=1)) / math.sqrt(len(changes))
