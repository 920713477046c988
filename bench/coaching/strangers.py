"""Rows of people whose films are off in every stride: who is told what is not there, and who is told what is.

Usual runners run ten minutes before each pack; a cue is false when its fault is not there by the pack's own limits
(`truth.py`). Faulty ones are 5 degrees, or 1.5 SD between runners, beyond the limit of one fault. What measuring is off
by in every stride of a film is that of `reference/steady_errors.csv`, without and with a calibration; what is off by
chance is as everywhere in this benchmark.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from bench.coaching.runner import BETWEEN_RUNNERS, NAMES, SIDES, Dial, Plan, alike, between_runners, make_run, shift_of
from bench.coaching.session import Deaf, coached
from bench.coaching.sessions import draw_plan
from bench.coaching.truth import Truth, judge
from bench.table import Row, stated
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.faults import Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Kind, Side

USUAL_S, FAULTY_S = 600.0, 160.0  # the warm-up, and 90 s from the first chance on
HEARD_BY_S = CoachSettings().warmup_inhibit_s + 90.0
BEYOND_DEG, BEYOND_SD = 5.0, 1.5
STRONGEST = 3.0  # times the distance of the limit: a fault so far out is another one
MOST_FALSE = 0.02
LEAST_HEARD = {False: 0.80, True: 0.95}  # by whether the leg is calibrated

Step = Callable[[], None]


def stranger_rows(packs: Sequence[Pack], runners: int, done: Step) -> list[Row]:
    """Return the rows of so many usual runners, and a sixth as many faulty ones for each fault, before each pack."""
    rows: list[Row] = []
    for calibrated in (False, True):
        data = f"strangers: {'' if calibrated else 'not '}calibrated"
        told, faults, heard = {}, Counter[str](), []
        for pack in packs:
            wrong = [_told_falsely(pack, seed, calibrated) for seed in range(runners)]
            told[pack.id] = sum(map(bool, wrong)) / runners
            faults.update(fault for one in wrong for fault in one)
            for rule in pack.rules:
                if rule.id in pack.focus_order:
                    heard += [_hears(pack, rule, seed, calibrated) for seed in range(max(2, runners // 6))]
            done()
        asked = [one for one in heard if one is not None]
        share = sum(asked) / max(len(asked), 1)
        worst = max(told, key=lambda name: told[name])
        found = f"{100 * np.mean(list(told.values())):.1f} %, worst {100 * told[worst]:.1f} ({worst})"
        rows += [
            Row(
                data,
                "usual runners told something that is not there in 10 minutes",
                f"{100 * MOST_FALSE:.0f} %, every pack",
                found,
                told[worst] <= MOST_FALSE,
            ),
            stated(data, "of them, faults", ", ".join(f"{fault} {n}" for fault, n in faults.most_common(5)) or "none"),
            Row(
                data,
                "limit + 5 deg or 1.5 SD cued within 90 s",
                f"{100 * LEAST_HEARD[calibrated]:.0f} %",
                f"{100 * share:.0f} % of {len(asked)}",
                share >= LEAST_HEARD[calibrated],
            ),
        ]
    return rows


def _told_falsely(pack: Pack, seed: int, calibrated: bool) -> set[str]:
    """Return the faults that a usual runner is told about though they are not there."""
    chance = np.random.default_rng([seed, 3])
    plan = dataclasses.replace(draw_plan(chance, pack, USUAL_S), blurred=(0.0, 0.0))
    run = make_run(chance, plan, own=BETWEEN_RUNNERS * alike(chance, ()), steady=1.0, calibrated=calibrated)
    log = coached(run, Coach(pack), Deaf())
    truth = Truth()
    judge(truth, log, pack, CoachSettings())
    return {fault for fault, count in truth.cues.items() if truth.true[fault] < count}


def _hears(pack: Pack, rule: Fault, seed: int, calibrated: bool) -> bool | None:
    """Return whether a runner with one fault is told in time; None where the fault cannot be shown at this speed."""
    chance = np.random.default_rng([seed, 4])
    drawn = draw_plan(chance, pack, FAULTY_S)
    mps = drawn.speeds[0][1]
    if not rule.speeds_mps[0] <= mps <= rule.speeds_mps[1]:
        return None
    metric, to_limit = next(iter(shift_of(rule, mps).items()))
    beyond = BEYOND_DEG if metric.endswith("_deg") else BEYOND_SD * between_runners(metric)
    level = 1.0 + beyond / abs(to_limit) if to_limit else STRONGEST + 1.0
    if level > STRONGEST:
        return None
    plan = Plan(FAULTY_S, ((0.0, mps),), drawn.origin, drawn.speed_error, drawn.speed_sd, near=drawn.near)
    sides = (Side.LEFT,) if rule.scope is Scope.PAIR else SIDES
    run = make_run(chance, plan, [Dial(rule, level, sides)], np.zeros(len(NAMES)), steady=1.0, calibrated=calibrated)
    log = coached(run, Coach(pack), Deaf())
    return any(said.kind is Kind.FAULT and said.fault == rule.id and said.t_s <= HEARD_BY_S for said in log.said)
