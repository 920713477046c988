"""Sessions by the thousand, drawn from a seed: runners of every kind before every pack, and streams no runner makes.

Owns what is drawn. `usual_session` is what a treadmill brings; `hostile_session` is what the promises must survive.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from bench.coaching.runner import BETWEEN_RUNNERS, Dial, Plan, Run, alike, make_run, pick_faults
from bench.coaching.session import Answer, Deaf, Log, Willing, coached
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings, plan
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.faults import Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Side, Situation, Speed, SpeedOrigin

KINDS = ("as they come", "one fault", "one leg", "two faults", "near a limit")
_RELAPSE_S = 60.0


def draw_plan(chance: np.random.Generator, pack: Pack, seconds: float) -> Plan:
    """Return a run at the pack's speeds, its speed known within 5 %, with changes of speed and pauses."""
    low, high = max(2.2, pack.speeds_mps[0]), min(8.6, pack.speeds_mps[1])
    # Most runners are at the slower end of what a pack is for.
    speed = round(low + (high - low) * float(chance.beta(1.5, 3.0)), 1)
    speeds = [(0.0, speed)]
    while chance.random() < 0.4:
        start_s = speeds[-1][0] + chance.uniform(90.0, 300.0)
        speeds.append((start_s, round(float(np.clip(speeds[-1][1] + chance.normal(0, 0.4), low, high)), 1)))
    said = chance.random() < 0.6
    sd = 0.02 if said else 0.05
    pauses = []
    if chance.random() < 0.3:
        pauses.append((float(chance.uniform(0.3, 1.0)) * seconds, float(chance.uniform(3, 40))))
    blur_s = float(chance.uniform(60, seconds))
    return Plan(
        seconds,
        tuple(speeds),
        SpeedOrigin.USER if said else SpeedOrigin.PICTURE,
        float(np.clip(chance.normal(0, 0.02 if said else 0.03), -0.05, 0.05)),
        sd,
        tuple(pauses),
        Side.LEFT if chance.random() < 0.5 else Side.RIGHT,
        (blur_s, blur_s + 30.0) if chance.random() < 0.3 else (0.0, 0.0),
    )


def draw_dials(chance: np.random.Generator, pack: Pack, kind: str) -> list[Dial]:
    """Return the faults of a runner of a kind, all of them faults that the pack speaks about."""
    if kind == "as they come":
        return []
    first = pick_faults(chance, pack)
    one_sided = first.scope is Scope.PAIR or (kind == "one leg" and first.scope is Scope.LEG)
    sides = ((Side.LEFT, Side.RIGHT)[int(chance.integers(2))],) if one_sided else (Side.LEFT, Side.RIGHT)
    level = chance.uniform(0.85, 1.15) if kind == "near a limit" else chance.uniform(1.0, 2.2)
    dials = [Dial(first, float(level), sides)]
    if kind == "two faults":
        second = pick_faults(chance, pack)
        if not set(first.metrics) & set(second.metrics) and second.scope is not Scope.PAIR:
            dials.append(Dial(second, float(chance.uniform(1.0, 2.2))))
    return dials


def draw_answer(chance: np.random.Generator, dials: list[Dial]) -> Answer:
    """Return how the runner answers: one in four not at all."""
    if chance.random() < 0.25:
        return Deaf()
    share = float(chance.uniform(0.3, 0.9))
    return Willing([dial.rule.id for dial in dials], share, _RELAPSE_S, np.random.default_rng(chance.integers(2**32)))


def usual_session(
    seed: int, pack: Pack, kind: str, seconds: float, errors: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> Log:
    """Return a session with the settings as shipped."""
    chance = np.random.default_rng([seed, 1])
    dials = draw_dials(chance, pack, kind)
    own = BETWEEN_RUNNERS * alike(chance, ())
    run = make_run(chance, draw_plan(chance, pack, seconds), dials, own, errors=errors)
    return coached(run, Coach(pack), draw_answer(chance, dials))


def draw_settings(chance: np.random.Generator) -> CoachSettings:
    """Return settings somewhere in what is allowed."""
    window = int(chance.integers(4, 15))
    enter = int(chance.integers(2, window + 1))
    uniform = chance.uniform
    return CoachSettings(
        window_strides=window,
        enter_strides=enter,
        release_strides=int(chance.integers(0, enter)),
        pair_strides=int(chance.integers(5, 30)),
        stale_s=float(uniform(2, 10)),
        trust_min=float(uniform(0, 0.8)),
        confidence_bad_fraction_max=float(uniform(0, 1)),
        cue_refractory_steps=int(chance.integers(0, 200)),
        cue_refractory_s=float(uniform(0, 60)),
        cue_max_firings=int(chance.integers(1, 6)),
        focus_dwell_s=float(uniform(0, 60)),
        bucket_capacity=int(chance.integers(1, 5)),
        bucket_refill_s=float(uniform(5, 60)),
        chattiness=float(chance.choice([0.25, 0.5, 1.0, 1.5, 2.0])),
        gap_min_s=float(uniform(2, 20)),
        internal_prompt_gap_s=float(uniform(2, 60)),
        cue_expiry_strides=int(chance.integers(1, 4)),
        warmup_inhibit_s=float(uniform(0, 60)),
        speed_change_inhibit_s=float(uniform(0, 30)),
        onset_aligned=bool(chance.random() < 0.7),
        onset_phase=float(uniform(0, 1)),
        onset_delay_max_strides=float(uniform(0, 2)),
        catch_trial_share=float(uniform(0, 0.5)),
        praise_gap_s=float(uniform(0, 120)),
    )


def hostile_session(seed: int, pack: Pack, seconds: float) -> tuple[Log, CoachSettings]:
    """Return a session of odd settings: NaN, gaps, sides out of turn, steps of speed and much asking."""
    chance = np.random.default_rng([seed, 2])
    settings = CoachSettings() if chance.random() < 0.3 else draw_settings(chance)
    dials = draw_dials(chance, pack, KINDS[int(chance.integers(1, len(KINDS)))])
    run = make_run(chance, draw_plan(chance, pack, seconds), dials, BETWEEN_RUNNERS * alike(chance, ()))
    spoil(chance, run)
    programme = plan(int(chance.integers(1, 10)), ProgrammeSettings(minutes=8.0)) if chance.random() < 0.4 else None
    lots = int(chance.integers(2**31)) if chance.random() < 0.5 else None
    return coached(run, Coach(pack, settings, programme, lots), draw_answer(chance, dials)), settings


def spoil(chance: np.random.Generator, run: Run) -> None:
    """Make a run hostile, each way with a chance of its own."""
    n = len(run.side)
    if chance.random() < 0.5:
        run.measured[chance.random(run.measured.shape) < chance.uniform(0, 0.3)] = np.nan
    if chance.random() < 0.3:
        run.measured[chance.random(run.measured.shape) < 0.01] = chance.choice([math.inf, -math.inf, 1e9, -1e9])
    if chance.random() < 0.5:
        _mix_sides(chance, run)
    if chance.random() < 0.4:
        run.trust[:] = np.where(chance.random(n) < chance.uniform(0, 0.6), chance.uniform(0, 0.7, n), run.trust)
        run.trust[chance.random(n) < 0.005] = np.nan
    if chance.random() < 0.4:
        run.closed_s += np.maximum.accumulate(np.where(chance.random(n) < 0.02, chance.uniform(0, 15, n), 0.0))
        run.closed_s[:] = np.maximum.accumulate(run.closed_s)
    if chance.random() < 0.4:
        _step_speeds(chance, run)
    if chance.random() < 0.3:
        kinds = [Activity.WALKING, Activity.UNSURE, Activity.STANDING]
        for row in np.flatnonzero(chance.random(n) < 0.1):
            run.activity[row] = kinds[int(chance.integers(3))]
    if chance.random() < 0.2:
        run.stride_s[chance.random(n) < 0.05] = chance.choice([0.0, 0.05, 5.0])
    command(chance, run)


def _mix_sides(chance: np.random.Generator, run: Run) -> None:
    """Let sides come out of turn: single strides of the wrong leg, or one leg only for a while."""
    n = len(run.side)
    wrong = chance.random(n) < chance.uniform(0, 0.3)
    run.side[wrong] = 1 - run.side[wrong]
    if chance.random() < 0.5:
        start = int(chance.integers(n))
        run.side[start : start + int(chance.integers(10, 200))] = int(chance.integers(2))


def _step_speeds(chance: np.random.Generator, run: Run) -> None:
    """Let what is known of the speed jump, vanish, or be no number."""
    bad: list[Speed | None] = [
        None,
        Speed(math.nan, 0.1, SpeedOrigin.PICTURE),
        Speed(3.0, math.inf, SpeedOrigin.USER),
        Speed(-1.0, 0.0, SpeedOrigin.USER),
    ]
    for row in np.flatnonzero(chance.random(len(run.side)) < 0.02).tolist():
        new = (
            bad[int(chance.integers(4))]
            if chance.random() < 0.4
            else Speed(float(chance.uniform(1, 10)), 0.05, SpeedOrigin.USER)
        )
        end = min(len(run.speeds), row + int(chance.integers(1, 60)))
        run.speeds[row:end] = [new] * (end - row)


def command(chance: np.random.Generator, run: Run) -> None:
    """Let the runner mute, leave, walk and ask, sometimes without end."""
    end_s = float(run.closed_s[-1])
    state = run.situations[0][1]
    changes = list(run.situations)
    for _ in range(int(chance.integers(0, 12))):
        what = int(chance.integers(4))
        t_s = float(chance.uniform(0, end_s))
        if what == 0:
            new = dataclasses.replace(state, muted=True)
        elif what == 1:
            new = dataclasses.replace(state, leaving=True)
        elif what == 2:
            new = Situation(Activity.WALKING, False, None, False)
        else:
            new = dataclasses.replace(state, activity=Activity.UNSURE)
        changes += [(t_s, new, False), (t_s + float(chance.uniform(1, 30)), state, False)]
    changes.sort(key=lambda change: change[0])
    asks = int(chance.integers(0, 200)) if chance.random() < 0.3 else int(chance.integers(0, 4))
    for t_s in sorted(chance.uniform(0, end_s, asks).tolist()):
        now = [change for change in changes if change[0] <= t_s][-1][1]
        changes.append((t_s, now, True))
    run.situations = sorted(changes, key=lambda change: change[0])
