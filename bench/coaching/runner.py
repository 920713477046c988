"""Simulated runners on the level of strides: what they truly do, and what gait would make of it. No pictures.

Owns the statistics of runners and of measuring. Judges nothing. What a runner is made of:

- The usual stride at the speed (`gait.metrics.usual`), plus what sets this runner apart, plus what sets this stride
  apart, plus a slow wandering of the runner. The spread between runners is that of 28 runners at 2.5 m/s (Fukuchi,
  Fukuchi & Duarte 2017, PeerJ 5:e3298) where it is known and judgement elsewhere. A stride strays by a fifth of that:
  2 degrees of knee, 1.2 % of stride time, as in `virtual_runner`. What tells how far the knee folds goes together.
- Faults as dials: 0 is usual, 1 on the pack's own limit at that speed, 2 twice as far.
- Measuring: for each run and leg a shift of `bias` and `spread`, for each stride the `sd` of `reference/errors.csv`.
  The far leg strays half as much again (assumed: it was not measured apart). A stride of trust t has its fold wrong
  by 8 degrees and more with the chance 1 - t^(1/5), which is what trust is calibrated to mean (`gait/trust.py`).
- Strides are missed and legs exchanged; the speed is stated with an error of at most 5 %.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.metrics import STRIDE_METRICS, norm, usual
from cuecoach.packs.faults import FAULTS, Criterion, Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.reference.errors import error
from cuecoach.reference.steady_errors import steady_sd
from cuecoach.types import Activity, FloatArray, Side, Situation, Speed, SpeedOrigin, Stride

NAMES: tuple[str, ...] = (*STRIDE_METRICS, "cadence_spm")
COLUMN: Mapping[str, int] = {name: place for place, name in enumerate(NAMES)}
SIDES = (Side.LEFT, Side.RIGHT)
KNOWN_AFTER_S = 0.35  # from a foot strike until the stride before it is known: gait looks ahead so far

# SD between runners, in the metric's unit. Fukuchi 2017 at 2.5 m/s: knee 9.6 in swing, 5.2 at strike, 4.8 in stance,
# 4.1 at toe-off; thigh 5.3 forward, 4.7 backward; foot 7.4 at strike; ankle 5 in swing; stride time 5.7 %.
_BETWEEN_RUNNERS: Mapping[str, float] = {
    "knee_peak_swing_deg": 9.6,
    "knee_at_thigh_vertical_deg": 9.6,
    "shank_min_deg": 9.0,
    "thigh_at_knee60_deg": 5.0,
    "thigh_max_deg": 5.3,
    "thigh_min_deg": 4.7,
    "thigh_at_toe_off_deg": 4.7,
    "pass_fraction": 0.15,
    "ankle_rise_leg": 0.06,
    "heel_rise_leg": 0.06,
    "thigh_at_heel_peak_deg": 5.0,
    "ankle_swing_deg": 5.0,
    "ankle_at_thigh_max_deg": 5.0,
    "foot_at_strike_deg": 7.4,
    "overstride_leg": 0.03,
    "shank_at_strike_deg": 4.5,
    "knee_at_strike_deg": 5.2,
    "knee_at_toe_off_deg": 4.1,
    "knee_stance_peak_deg": 4.8,
    "hip_height_leg": 0.02,
    "braking_share": 0.03,
    "trunk_lean_deg": 2.0,
    "vertical_oscillation_leg": 0.012,
    "cadence_spm": 9.0,
}


def between_runners(metric: str) -> float:
    """Return the SD of a metric between runners, in its unit."""
    return _BETWEEN_RUNNERS.get(metric, 0.02 if metric.endswith("_leg") else 3.0)


BETWEEN_RUNNERS: FloatArray = np.array([between_runners(name) for name in NAMES])
# What goes up (1) or down (-1) when the knee folds more.
_FOLD = {"knee_peak_swing_deg": 1, "knee_at_thigh_vertical_deg": 1, "shank_min_deg": -1, "pass_fraction": 1}
FOLD: FloatArray = np.array([{**_FOLD, "ankle_rise_leg": 1, "heel_rise_leg": 1}.get(name, 0) for name in NAMES], float)
_SHARED = 0.5  # share of the variance of these that they have in common
_WITHIN, _WANDER, _WANDER_S = 0.21, 0.12, 60.0  # shares of the SD between runners, and how slowly it wanders

_FAR_LEG = 1.5
_SWAPPED = 0.002
_GROSS_DEG = 8.0


@dataclasses.dataclass(frozen=True, slots=True)
class Dial:
    """A fault of a runner: `level` 1 is on the limit of `rule`, on the given legs."""

    rule: Fault
    level: float
    sides: tuple[Side, ...] = SIDES


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a run is: speeds as (from this second on, m/s), how the speed is known, pauses as (second, length)."""

    seconds: float
    speeds: tuple[tuple[float, float], ...]
    origin: SpeedOrigin = SpeedOrigin.USER
    speed_error: float = 0.0
    speed_sd: float = 0.02
    pauses: tuple[tuple[float, float], ...] = ()
    near: Side = Side.LEFT
    blurred: tuple[float, float] = (0.0, 0.0)  # from, to: hardly a stride can be trusted


@dataclasses.dataclass(slots=True, eq=False)
class Run:
    """A run before anybody spoke: arrays over its found strides (n), in the order of time.

    `true` and `measured` (n, NAMES) are without the dials. `shifts` holds for each dial the columns it changes and
    what it adds there at full strength (n, columns), truly and as measured.
    """

    plan: Plan
    dials: tuple[Dial, ...]
    side: NDArray[Any]  # row of the leg
    t_strike_s: FloatArray
    stride_s: FloatArray
    closed_s: FloatArray
    true_mps: FloatArray
    speeds: list[Speed | None]
    trust: FloatArray
    activity: list[Activity]
    true: FloatArray
    measured: FloatArray
    shifts: list[tuple[list[int], FloatArray, FloatArray]]
    situations: list[tuple[float, Situation, bool]]
    calibrated: bool = False


@cache
def usual_stride(mps: float) -> FloatArray:
    """Return what is usual at a speed, in the order of NAMES; 0 where nothing is known and no rule asks."""
    values = np.array([usual(name, mps) for name in NAMES])
    return np.where(np.isnan(values), 0.0, values)


@cache
def _errors() -> FloatArray:
    """Return bias, spread and sd (3, NAMES); 0 where nothing was measured."""
    found = [error(name) for name in NAMES]
    return np.nan_to_num(np.array([[getattr(one, what) for one in found] for what in ("bias", "spread", "sd")]))


def shift_of(rule: Fault, mps: float) -> dict[str, float]:
    """Return what brings the usual stride onto the limits of `rule` at a speed: of as many criteria as it needs."""
    shifts: dict[str, float] = {}

    def take(criterion: Criterion, pair: bool) -> None:
        middle = 0.0 if pair else usual(criterion.metric, mps)
        shifts[criterion.metric] = criterion.limit.at(criterion.metric, mps) - middle
        if (also := criterion.also) is not None:
            take(also, pair)
            # What only confirms, often at the usual itself, is well beyond: the criterion's own limit decides.
            shifts[also.metric] += (2.0 if also.above else -2.0) * _BETWEEN_RUNNERS.get(also.metric, 0.0)

    for criterion in rule.criteria[: rule.needed]:
        take(criterion, rule.scope is Scope.PAIR)
    for name in rule.only_with[:1]:
        shifts = shift_of(FAULTS[name], mps) | shifts
    return shifts


def alike(chance: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Return standard normal numbers (size, NAMES) of which those of the fold go together."""
    own = chance.standard_normal((*size, len(NAMES)))
    common = chance.standard_normal((*size, 1))
    return np.where(FOLD != 0.0, math.sqrt(1 - _SHARED) * own + math.sqrt(_SHARED) * FOLD * common, own)


def make_run(
    chance: np.random.Generator,
    plan: Plan,
    dials: Sequence[Dial] = (),
    own: FloatArray | None = None,
    *,
    errors: tuple[float, float, float] = (1.0, 1.0, 1.0),
    wander: float = _WANDER,
    steady: float = 0.0,
    calibrated: bool = False,
) -> Run:
    """Return a run.

    `own` (NAMES) sets the runner apart; `errors` scales bias, spread and sd of the measuring, `steady` what a film is
    off by in every stride, which is less for `calibrated` ones.
    """
    own = np.zeros(len(NAMES)) if own is None else own.copy()
    for dial in dials:
        for name in shift_of(dial.rule, plan.speeds[0][1]):
            own[COLUMN[name]] = 0.0  # the dial alone says how far off the runner is
    strike_s, stride_s, mps, side = _rhythm(chance, plan, dials, own)
    n = len(strike_s)
    near = side == plan.near.row
    usual_at = {speed: usual_stride(speed) for speed in set(mps.tolist())}
    true = np.stack([usual_at[speed] for speed in mps.tolist()]) + own
    true += _WITHIN * BETWEEN_RUNNERS * alike(chance, (n,)) + wander * BETWEEN_RUNNERS * _wandering(chance, strike_s)
    true[:, -1] = 120.0 / stride_s
    trust = np.where(near, chance.beta(18, 2, n), chance.beta(8, 2, n))
    blurred = (strike_s >= plan.blurred[0]) & (strike_s < plan.blurred[1])
    trust = np.where(blurred, chance.beta(4, 4, n), trust)
    measured = true + _measuring(chance, near, trust, errors)
    if steady:
        measured = measured + steady * _of_film(chance, calibrated)
    shifts = [_shifts(dial, mps, side) for dial in dials]
    swapped = np.flatnonzero(chance.random(n - 1) < _SWAPPED)
    measured[swapped] = measured[swapped + 1]
    pairs = []
    for columns, shift in shifts:
        seen = shift.copy()
        seen[swapped] = shift[swapped + 1]
        pairs.append((columns, shift, seen))
    closed_s = strike_s + stride_s + KNOWN_AFTER_S
    return Run(
        plan,
        tuple(dials),
        side,
        strike_s,
        stride_s,
        closed_s,
        mps,
        _stated(chance, plan, mps),
        trust,
        [Activity.RUNNING] * n,
        true,
        measured,
        pairs,
        _situations(plan),
        calibrated,
    )


def _rhythm(
    chance: np.random.Generator, plan: Plan, dials: Sequence[Dial], own: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[Any]]:
    """Return strikes, stride times, speeds and legs of the strides that are found, pauses cut out."""
    steps = int(plan.seconds * 300 / 60)
    starts, speeds = zip(*plan.speeds, strict=True)
    cadence_of = {}
    for speed in set(speeds):
        added = sum(dial.level * shift_of(dial.rule, speed).get("cadence_spm", 0.0) for dial in dials)
        cadence_of[speed] = max(100.0, norm("cadence_spm", speed) + own[-1] + added)
    noise = 1.0 + 0.012 * chance.standard_normal(steps)
    strike_s = np.empty(steps)
    step_mps = np.empty(steps)
    now_s, count = 0.3, 0
    place = 0
    while now_s < plan.seconds and count < steps:
        while place + 1 < len(starts) and now_s >= starts[place + 1]:
            place += 1
        strike_s[count], step_mps[count] = now_s, speeds[place]
        now_s += 60.0 / cadence_of[speeds[place]] * noise[count]
        count += 1
    strike_s, step_mps = strike_s[:count], step_mps[:count]
    stride_s = strike_s[2:] - strike_s[:-2]
    side = np.arange(count - 2) % 2
    found = chance.random(count - 2) > np.where(side == plan.near.row, 0.02, 0.06)
    for start_s, length_s in plan.pauses:
        found &= (strike_s[2:] < start_s) | (strike_s[:-2] > start_s + length_s)
    return strike_s[:-2][found], stride_s[found], step_mps[:-2][found], side[found]


def _wandering(chance: np.random.Generator, t_s: FloatArray) -> FloatArray:
    """Return slow wandering of SD 1 at times (n,), (n, NAMES), drawn each 5 s and joined by lines."""
    knots = np.arange(0.0, t_s[-1] + 10.0, 5.0)
    kept = math.exp(-5.0 / _WANDER_S)
    news = alike(chance, (len(knots),))
    for row in range(1, len(knots)):
        news[row] = kept * news[row - 1] + math.sqrt(1 - kept * kept) * news[row]
    place = t_s / 5.0
    left = place.astype(int)
    part = (place - left)[:, None]
    return np.asarray((1 - part) * news[left] + part * news[left + 1])


def _measuring(
    chance: np.random.Generator, near: NDArray[Any], trust: FloatArray, scale: tuple[float, float, float]
) -> FloatArray:
    """Return what measuring adds to each stride, (n, NAMES)."""
    bias, spread, sd = (part * factor for part, factor in zip(_errors(), scale, strict=True))
    of_leg = bias + spread * alike(chance, (2,)) * np.array([[_FAR_LEG], [1.0]])  # far, near
    added: FloatArray = (
        of_leg[near.astype(int)] + sd * alike(chance, (len(near),)) * np.where(near, 1.0, _FAR_LEG)[:, None]
    )
    gross = (chance.random(len(near)) > trust**0.2) & (scale[2] > 0.0)
    size_deg = (_GROSS_DEG + 5.0 * np.abs(chance.standard_normal(len(near)))) * chance.choice([-1, -1, 1], len(near))
    added[gross] += (size_deg[gross, None] / BETWEEN_RUNNERS[0]) * FOLD * BETWEEN_RUNNERS
    added[:, -1] = bias[-1] + sd[-1] * chance.standard_normal(len(near))
    return added


def _of_film(chance: np.random.Generator, calibrated: bool) -> FloatArray:
    """Return what measuring is off by in every stride of a film, (NAMES).

    Thigh and shank err apart; the knee is their difference, and what is measured from the hip goes with the thigh.
    """
    thigh, shank = chance.standard_normal(2)
    knee = (thigh - shank) / math.sqrt(2)
    shares = [knee if name.startswith("knee") else shank if name.startswith("shank") else thigh for name in NAMES]
    return np.asarray(np.array([steady_sd(name, calibrated=calibrated) for name in NAMES]) * np.array(shares))


def _shifts(dial: Dial, mps: FloatArray, side: NDArray[Any]) -> tuple[list[int], FloatArray]:
    at = {speed: shift_of(dial.rule, speed) for speed in set(mps.tolist())}
    names = list(next(iter(at.values())))
    mine = np.isin(side, [leg.row for leg in dial.sides])
    rows = np.array([[at[speed][name] for name in names] for speed in mps.tolist()])
    return [COLUMN[name] for name in names], dial.level * rows * mine[:, None]


def _stated(chance: np.random.Generator, plan: Plan, mps: FloatArray) -> list[Speed | None]:
    """Return what is known of the speed at each stride: set once, or an estimate that wanders by 1 %."""
    if plan.origin is SpeedOrigin.USER:
        known = {speed: _speed(speed * (1 + plan.speed_error), plan) for speed in set(mps.tolist())}
        return [known[speed] for speed in mps.tolist()]
    wander = np.convolve(chance.standard_normal(len(mps) + 31), np.ones(32) / math.sqrt(32), "valid")
    stated = mps * (1 + plan.speed_error + 0.01 * wander)
    return [_speed(value, plan) for value in stated.tolist()]


def _speed(mps: float, plan: Plan) -> Speed:
    return Speed(mps, plan.speed_sd * mps, plan.origin)


def _situations(plan: Plan) -> list[tuple[float, Situation, bool]]:
    """Return the pauses as changes of the situation; the speed is that of the last stride, filled in as it runs."""
    changes = [(0.0, Situation(Activity.RUNNING, False, None, False), False)]
    for start_s, length_s in plan.pauses:
        changes.append((start_s + 2.0, Situation(Activity.STANDING, False, None, False), False))
        changes.append((start_s + length_s, Situation(Activity.RUNNING, False, None, False), False))
    return sorted(changes, key=lambda change: change[0])


def stride_of(run: Run, number: int, values: list[float]) -> Stride:
    """Return a stride as gait would; `values` (NAMES) are its measured metrics, the dials included."""
    strike_s, stride_s = float(run.t_strike_s[number]), float(run.stride_s[number])
    side = SIDES[int(run.side[number])]
    return Stride(
        number=number,
        side=side,
        is_near=side is run.plan.near,
        t_strike_s=strike_s,
        t_midstance_s=strike_s + 0.17 * stride_s,
        t_toe_off_s=strike_s + 0.36 * stride_s,
        t_next_strike_s=strike_s + stride_s,
        closed_s=float(run.closed_s[number]),
        cadence_spm=values[-1],
        contact_s=0.36 * stride_s,
        duty=0.36,
        activity=run.activity[number],
        speed=run.speeds[number],
        trust=float(run.trust[number]),
        metrics=dict(zip(STRIDE_METRICS, values, strict=False)),
        calibrated=run.calibrated,
    )


def pick_faults(chance: np.random.Generator, pack: Pack) -> Fault:
    """Return one of the faults that a pack speaks about."""
    spoken = [rule for rule in pack.rules if rule.id in pack.focus_order]
    return spoken[int(chance.integers(len(spoken)))]
