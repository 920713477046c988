"""Strides -> verdicts: which of a pack's faults a stride shows, and by how much. Decides nothing about speaking.

The speed is never known exactly, so a stride shows a fault only if it would at every speed within one standard
uncertainty of the stated one: each limit is taken where it is hardest to break. Where there is no norm, the speed is
unknown or a metric is NaN, the answer is UNKNOWN, which is neither the fault nor its absence.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import IntEnum

from cuecoach.coach.faults import Criterion, Fault, Scope
from cuecoach.coach.pack import Pack
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.table import STRIDE_NORMS
from cuecoach.types import Activity, Finding, Side, Speed, Stride


class Level(IntEnum):
    """How a stride stands to a fault."""

    UNKNOWN = -1
    INSIDE = 0  # well: within the exit limit
    BETWEEN = 1  # no longer well, not yet a fault
    BEYOND = 2  # shows the fault


@dataclass(frozen=True, slots=True)
class Verdict:
    """A level, and the finding when it is BEYOND."""

    level: Level
    finding: Finding | None = None


_PLAIN = {level: Verdict(level) for level in Level}


@dataclass(frozen=True, slots=True)
class _Test:
    """A criterion at one speed: plain numbers, and whether the value is compared with the other leg's."""

    metric: str
    above: bool
    limit: float
    leave: float
    pair: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fault at one speed. A test holds when all its parts do; `judged` tells whether the speed is in its range."""

    fault: Fault
    tests: tuple[tuple[_Test, ...], ...]
    judged: bool
    needs_far_leg: bool


_SPEED_STEP_MPS = 0.01  # limits are kept for reuse on this grid, rounded to the wider interval
_RULES_KEPT = 1000


class Judge:
    """Judges strides by one pack. Holds the running means that compare the legs, and nothing else of the past."""

    def __init__(self, pack: Pack, settings: CoachSettings) -> None:
        self._faults = (*pack.companions, *pack.rules)
        self._asked = len(pack.companions)
        self._settings = settings
        self._rules: dict[tuple[int, int] | None, tuple[_Rule, ...]] = {}
        self._pairs = _Pairs(
            sorted({metric for fault in self._faults if fault.scope is Scope.PAIR for metric in fault.metrics}),
            settings,
        )

    def judge(self, stride: Stride) -> tuple[Verdict | None, ...]:
        """Return a verdict for each of the pack's `rules`, in their order; None where this stride is not asked.

        A fault of the whole body asks only the strides of the near leg.
        """
        if stride.activity is not Activity.RUNNING or not stride.trust >= self._settings.trust_min:
            return tuple(
                None if fault.scope is Scope.BODY and not stride.is_near else _PLAIN[Level.UNKNOWN]
                for fault in self._faults[self._asked :]
            )
        self._pairs.push(stride)
        rules = self._rules_at(stride.speed)
        levels = {rule.fault.id: self._level(rule, stride) for rule in rules}
        return tuple(self._verdict(rule, levels, stride) for rule in rules[self._asked :])

    def _verdict(self, rule: _Rule, levels: dict[str, Level], stride: Stride) -> Verdict | None:
        fault = rule.fault
        if fault.scope is Scope.BODY and not stride.is_near:
            return None
        level = levels[fault.id]
        if level is not Level.BEYOND:
            return _PLAIN[level]
        if fault.only_with and not any(levels[other] is Level.BEYOND for other in fault.only_with):
            return _PLAIN[Level.BETWEEN]
        return Verdict(level, self._finding(rule, stride))

    def _level(self, rule: _Rule, stride: Stride) -> Level:
        fault = rule.fault
        if not rule.judged or (rule.needs_far_leg and not self._pairs.both_seen(stride)):
            return Level.UNKNOWN
        beyond = between = unknown = 0
        for parts in rule.tests:
            level = self._test(parts[0], stride)
            for test in parts[1:]:
                level = min(level, self._test(test, stride), key=_UNSURE_FIRST.__getitem__)
            beyond += level is Level.BEYOND
            between += level is Level.BETWEEN
            unknown += level is Level.UNKNOWN
        if beyond >= fault.needed:
            return Level.BEYOND
        if beyond + between >= fault.needed:
            return Level.BETWEEN
        return Level.UNKNOWN if beyond + between + unknown >= fault.needed else Level.INSIDE

    def _test(self, test: _Test, stride: Stride) -> Level:
        value = self._value(test, stride)
        if not math.isfinite(value) or math.isnan(test.limit):
            return Level.UNKNOWN
        if value > test.limit if test.above else value < test.limit:
            return Level.BEYOND
        if value > test.leave if test.above else value < test.leave:
            return Level.BETWEEN
        return Level.INSIDE

    def _value(self, test: _Test, stride: Stride) -> float:
        if test.pair:
            return self._pairs.difference(test.metric, stride.side)
        return _value_of(stride, test.metric)

    def _finding(self, rule: _Rule, stride: Stride) -> Finding:
        """Return the finding by the first criterion that holds."""
        first = next(
            parts[0] for parts in rule.tests if all(self._test(test, stride) is Level.BEYOND for test in parts)
        )
        value = self._value(first, stride)
        side = None if rule.fault.scope is Scope.BODY else stride.side
        outside = abs(value - first.limit)
        return Finding(rule.fault.id, side, stride.number, first.metric, value, first.limit, outside)

    def _rules_at(self, speed: Speed | None) -> tuple[_Rule, ...]:
        """Return the rules with their limits at a speed; the last ones asked for are kept."""
        key = None if speed is None else _interval(speed)
        rules = self._rules.get(key)
        if rules is None:
            if len(self._rules) >= _RULES_KEPT:
                self._rules.clear()
            rules = self._rules[key] = tuple(_at_speed(fault, key, self._settings) for fault in self._faults)
        return rules


# The weakest part decides; an unknown one can still turn out to be inside, never more than that.
_UNSURE_FIRST = {Level.INSIDE: 0, Level.UNKNOWN: 1, Level.BETWEEN: 2, Level.BEYOND: 3}


class _Pairs:
    """Running means of both legs, to compare them; and whether both legs are seen at all."""

    def __init__(self, metrics: list[str], settings: CoachSettings) -> None:
        self._kept = {metric: {side: deque[float](maxlen=settings.pair_strides) for side in Side} for metric in metrics}
        self._size = settings.pair_strides
        self._stale_s = settings.stale_s
        self._seen_s = dict.fromkeys(Side, -math.inf)

    def push(self, stride: Stride) -> None:
        """Take a trusted stride; a leg that was out of sight starts its mean anew."""
        if stride.closed_s - self._seen_s[stride.side] > self._stale_s:
            for legs in self._kept.values():
                legs[stride.side].clear()
        self._seen_s[stride.side] = stride.closed_s
        for metric, legs in self._kept.items():
            value = _value_of(stride, metric)
            if math.isfinite(value):
                legs[stride.side].append(value)

    def both_seen(self, stride: Stride) -> bool:
        """Whether a trusted stride of the other leg is near enough in time."""
        return abs(stride.closed_s - self._seen_s[stride.side.other]) <= self._stale_s

    def difference(self, metric: str, side: Side) -> float:
        """Return this leg's mean minus the other's; NaN until both have enough strides."""
        own, other = self._kept[metric][side], self._kept[metric][side.other]
        if len(own) < self._size or len(other) < self._size:
            return math.nan
        return (math.fsum(own) - math.fsum(other)) / self._size


def _value_of(stride: Stride, metric: str) -> float:
    if metric in STRIDE_NORMS:
        return float(getattr(stride, metric))
    return stride.metrics.get(metric, math.nan)


def _interval(speed: Speed) -> tuple[int, int] | None:
    """Return the steps of the speed grid that enclose the speed and its uncertainty; None when it is not a number."""
    low, high = speed.mps - speed.sd_mps, speed.mps + speed.sd_mps
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    # A hair inside, so that 2.5 - 0.05 does not become 2.44 by rounding.
    return math.floor(low / _SPEED_STEP_MPS + 1e-6), math.ceil(high / _SPEED_STEP_MPS - 1e-6)


def _at_speed(fault: Fault, interval: tuple[int, int] | None, settings: CoachSettings) -> _Rule:
    low, high = (math.nan, math.nan) if interval is None else (step * _SPEED_STEP_MPS for step in interval)
    slowest, fastest = fault.speeds_mps
    judged = (slowest <= low and high <= fastest) if interval else (slowest <= 0.0 and fastest == math.inf)
    tests = tuple(_tests(criterion, fault, low, high, settings) for criterion in fault.criteria)
    return _Rule(fault, tests, judged, fault.needs_far_leg)


def _tests(
    criterion: Criterion, fault: Fault, low_mps: float, high_mps: float, settings: CoachSettings
) -> tuple[_Test, ...]:
    bounds = []
    for limit in (criterion.limit, criterion.leave or criterion.limit.eased(settings.exit_band_fraction)):
        if math.isnan(low_mps):
            bounds.append(math.nan if limit.uses_norm or limit.table else limit.offset)
        else:
            bounds.append(limit.strictest(criterion.metric, low_mps, high_mps, above=criterion.above))
    test = _Test(criterion.metric, criterion.above, bounds[0], bounds[1], fault.scope is Scope.PAIR)
    return (test, *(_tests(criterion.also, fault, low_mps, high_mps, settings) if criterion.also else ()))
