"""Rows of faulty virtual runners: whether a fault that lies a stated way beyond a pack's limit is found in time.

The runners are seen by a perfect pose model plus noise, so these rows judge gait and coach together. How strong the
virtual runner's fault must be for that is found first, from what gait measures on exact landmarks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from bench.accuracy.rows.virtual import decisions, gait_steps, noisy, shipped
from bench.data.filmed import FACINGS, SPEEDS_MPS, exact, strides_as_truth
from bench.table import OURS, Row
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.gait import GaitStep
from cuecoach.packs.faults import Criterion, Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Kind, Side
from cuecoach.virtual_runner.faults import FAULTS
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

FOUND_WITHIN = 15  # strides of a leg
BEYOND_DEG = 5.0
# 1.5 SD between runners of what is not in degrees. The catalogue's own offsets are 1.5 SD (`coach/faults.py`); cadence
# 9 steps a minute (Malisoux 2023, 860 runners).
BEYOND = {
    "overstride_leg": 0.06,
    "pass_fraction": 0.20,
    "hip_height_leg": 0.06,
    "braking_share": 0.10,
    "vertical_oscillation_leg": 0.04,
    "cadence_spm": 13.5,
}
_STRENGTHS = np.linspace(0.0, 2.0, 5)
_MEASURED_S = 5.0
_STRIDE_S = 0.78  # the longest usual one

Step = tuple[float, GaitStep]
Mean = Mapping[Side, Mapping[str, float]]


def faulty_rows(runners: int) -> list[Row]:
    """Return one row for each fault that a shipped pack judges and the virtual runner can show, and what is left."""
    packs = shipped()
    rows = [_Case(fault, runners).row(packs) for fault in FAULTS]
    unshown = sorted({rule.id for pack in packs for rule in pack.rules} - set(FAULTS))
    cell = {OURS: ", ".join(unshown)}
    return [*rows, Row(rows[0].data, "judged by shipped packs, but the virtual runner cannot show it", "", cell)]


class Kept:
    """Steps that are made when they are first asked for, and kept for the next who asks: few packs need them all."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps
        self._made: list[Step] = []

    def __iter__(self) -> Iterator[Step]:
        """Yield them from the first one on."""
        for number in itertools.count():
            if number == len(self._made):
                step = next(self._steps, None)
                if step is None:
                    return
                self._made.append(step)
            yield self._made[number]


@dataclass(slots=True)
class _Case:
    """One fault in `runners` runners at every speed and facing."""

    fault: str
    runners: int
    _steps: dict[tuple[float, float, str, int], Kept] = field(default_factory=dict)
    _means: dict[tuple[float, float], Mean] = field(default_factory=dict)

    def row(self, packs: list[Pack]) -> Row:
        """Return how often the packs that judge it found it in time."""
        needed: list[float] = []
        unreachable: set[str] = set()
        waits: list[float] = []
        for pack, speed_mps in product(packs, SPEEDS_MPS):
            rule = next((rule for rule in pack.rules if rule.id == self.fault), None)
            low, high = pack.speeds_mps
            if rule is None or not low <= speed_mps <= high:
                continue
            strength = self._strength(pack, rule, speed_mps)
            if np.isnan(strength):
                unreachable.add(f"{speed_mps:g}")
                continue
            needed.append(strength)
            for facing, seed in product(FACINGS, range(1, self.runners + 1)):
                waits.append(self._strides_until_found(pack, (strength, speed_mps, facing, seed)))
        return self._said(needed, waits, unreachable)

    def _said(self, needed: list[float], waits: list[float], unreachable: set[str]) -> Row:
        within, total = self.within, len(waits)
        found = sum(wait <= within for wait in waits)
        if not total:
            cell = "not reachable" if unreachable else "no shipped pack asks for it"
        else:
            cell = f"{100 * found / total:.1f} % of {total}, median {np.median(waits):.0f}"
            cell += f" (strength {min(needed):.2f}-{max(needed):.2f})"
            cell += f"; not reachable at {', '.join(sorted(unreachable))} m/s" if unreachable else ""
        data = f"virtual runner, faulty: limit + {BEYOND_DEG:g} deg or 1.5 SD"
        measure = f"{self.fault}: found within {within} strides, runs x packs"
        return Row(data, measure, "95 %", cell, found >= 0.95 * total if total else None)

    @property
    def within(self) -> int:
        """How many strides it may take: where legs are compared, their means must be full first."""
        return FOUND_WITHIN + (CoachSettings().pair_strides if self.fault == "asymmetric-heel" else 0)

    def _strength(self, pack: Pack, rule: Fault, speed_mps: float) -> float:
        """Return the strength at which the true stride is as far beyond the limit as asked; NaN when none is."""
        below, weaker = -np.inf, 0.0
        for strength in _STRENGTHS.tolist():
            mean = self._mean(strength, speed_mps)
            beyond = how_far_beyond(rule, pack, mean, speed_mps) if mean else float("nan")
            if beyond >= 1.0:
                return float(np.interp(1.0, (below, beyond), (weaker, strength))) if strength else 0.0
            below, weaker = beyond, strength
        return float("nan")

    def _mean(self, strength: float, speed_mps: float) -> Mean:
        key = (strength, speed_mps)
        if key not in self._means:
            self._means[key] = mean_stride(self._virtual_runner(strength, speed_mps, "left", 1, _MEASURED_S))
        return self._means[key]

    def _strides_until_found(self, pack: Pack, key: tuple[float, float, str, int]) -> float:
        """Return after how many strides of the busier leg the fault was told of, infinite when not at all."""
        if key not in self._steps:
            virtual_runner = self._virtual_runner(*key, _STRIDE_S * (self.within + 1))
            self._steps[key] = Kept(gait_steps(noisy(virtual_runner), key[1]))
        told = decisions(self._steps[key], pack)
        return next((n for d, n in told if d.fault == self.fault and d.kind is Kind.FAULT), float("inf"))

    def _virtual_runner(
        self, strength: float, speed_mps: float, facing: str, seed: int, seconds: float
    ) -> VirtualRunnerSettings:
        return VirtualRunnerSettings(
            speed_mps=speed_mps,
            faults=(self.fault,),
            strength=strength,
            facing=facing,
            seed=seed,
            duration_s=seconds,
        )


def mean_stride(virtual_runner: VirtualRunnerSettings) -> Mean:
    """Return the mean of every metric over the runner's true strides, by leg; empty when a leg has no stride."""
    strides = strides_as_truth(exact(virtual_runner))
    means = {}
    for side in Side:
        own = [stride.metrics for stride in strides if stride.side is side]
        if not own:
            return {}
        means[side] = {name: float(np.mean([metrics[name] for metrics in own])) for name in own[0]}
    return means


def how_far_beyond(rule: Fault, pack: Pack, mean: Mean, speed_mps: float) -> float:
    """Return how far the worse leg is beyond the rule, in parts of what is asked: 1 is limit + 5 degrees or 1.5 SD.

    Where other faults have to go with it, one of them must be beyond its own limit.
    """
    return max(_leg_beyond(rule, pack, mean, side, speed_mps) for side in Side)


def _leg_beyond(rule: Fault, pack: Pack, mean: Mean, side: Side, speed_mps: float) -> float:
    parts = sorted((_part(criterion, rule.scope, mean, side, speed_mps) for criterion in rule.criteria), reverse=True)
    own = parts[rule.needed - 1]
    others = [other for other in (*pack.rules, *pack.companions) if other.id in rule.only_with]
    if not others:
        return own
    return min(own, 1.0 + max(_leg_beyond(other, pack, mean, side, speed_mps) for other in others))


def _part(criterion: Criterion, scope: Scope, mean: Mean, side: Side, speed_mps: float) -> float:
    name = criterion.metric
    value = mean[side][name] - (mean[side.other][name] if scope is Scope.PAIR else 0.0)
    past = value - criterion.limit.at(name, speed_mps)
    part = (past if criterion.above else -past) / (BEYOND_DEG if name.endswith("_deg") else BEYOND[name])
    return min(part, _part(criterion.also, scope, mean, side, speed_mps)) if criterion.also else part
