"""Judges strides by the rules of a pack: which faults a stride shows, and by how much.

The speed is never known exactly, so a stride shows a fault only if it would at every speed within one standard
uncertainty of the stated one: each limit is taken where it is hardest to break. Nor is the metric: a value must be
beyond its limit by more than measuring errors explain. Where there is no norm, the speed is
unknown or a metric is NaN, the answer is UNKNOWN, which is neither the fault nor its absence.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from cuecoach.coach.policy import EASIER_STEP_FRACTION, EASIER_STEPS_MAX, CoachSettings
from cuecoach.gait.metrics import STRIDE_FIELDS, value_of
from cuecoach.packs.faults import Criterion, Fault, Scope, distance
from cuecoach.packs.pack import Pack
from cuecoach.reference import errors
from cuecoach.reference.steady_errors import steady_sd
from cuecoach.types import Activity, Finding, Side, Speed, Stride


class Level(IntEnum):
    """How a stride stands to a fault."""

    UNKNOWN = -1
    OK = 0  # within the release limit
    IN_BAND = 1  # in the hysteresis band: beyond the release limit, but not known to be beyond the fault's own
    VIOLATED = 2  # shows the fault


# Looked up on its class a member costs ten times as much as a name of the module, and each stride asks dozens of times.
UNKNOWN, OK, IN_BAND, VIOLATED = Level


@dataclass(frozen=True, slots=True)
class Verdict:
    """A level, and the finding when it is VIOLATED."""

    level: Level
    finding: Finding | None = None


_PLAIN = {level: Verdict(level) for level in Level}


@dataclass(frozen=True, slots=True)
class _Test:
    """A criterion at one speed in plain numbers, turned so that more is worse: `sign` x value against `limit`.

    `pair`: the value is compared with the other leg's. Both limits are NaN where one of them is not known.
    """

    metric: str
    sign: float
    limit: float
    release: float
    pair: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fault at one speed. A test holds when all its parts do; `judged` tells whether the speed is in its range.

    `screen` serves the quick test of `Judge._levels`: of each test's first part the metric if it is a plain one, sign,
    release limit and part. `companions` are the places of the faults of `only_with`.
    """

    fault: Fault
    tests: tuple[tuple[_Test, ...], ...]
    judged: bool
    needs_far_leg: bool
    body: bool
    needed: int
    screen: tuple[tuple[str | None, float, float, _Test], ...]
    companions: tuple[int, ...]


_BOTH_LEGS = 1.8  # the far leg errs about 1.5 times as much as the near one: sqrt(1 + 1.5^2)
_STRIDES = errors.STRIDES_OF_A_DECISION
_SPEED_STEP_MPS = 0.01  # limits are kept for reuse on this grid, rounded to the wider interval
_RULES_KEPT = 1000


class Judge:
    """Judges strides by one pack. Holds the running means that compare the legs, and nothing else of the past."""

    def __init__(self, pack: Pack, settings: CoachSettings) -> None:
        self._faults = (*pack.companions, *pack.rules)
        self._companion_count = len(pack.companions)
        self._settings = settings
        self._easier_steps = 0
        self._rules: dict[tuple[tuple[int, int] | None, bool], tuple[_Rule, ...]] = {}
        self._last_rules: tuple[Speed | None, bool, tuple[_Rule, ...]] | None = None
        self._pairs = _Pairs(
            sorted({metric for fault in self._faults if fault.scope is Scope.PAIR for metric in fault.metrics}),
            settings,
        )

    def make_easier(self, steps: int) -> None:
        """Ask less from now on: move every limit away from what is usual by so many steps; 0 for the pack's own."""
        self._easier_steps = min(EASIER_STEPS_MAX, max(0, steps))
        self._rules.clear()
        self._last_rules = None

    def judge(self, stride: Stride) -> tuple[Verdict | None, ...]:
        """Return a verdict for each of the pack's `rules`, in their order; None where this stride is not asked.

        A fault of the whole body asks only the strides of the near leg.
        """
        is_near = stride.is_near
        if stride.activity is not Activity.RUNNING or not stride.trust >= self._settings.trust_min:
            return tuple(
                None if fault.scope is Scope.BODY and not is_near else _PLAIN[UNKNOWN]
                for fault in self._faults[self._companion_count :]
            )
        self._pairs.add_stride(stride)
        rules = self._rules_at(stride.speed, stride.calibrated)
        far_leg = self._pairs.both_seen(stride)
        levels = self._levels(rules, stride, far_leg)
        verdicts: list[Verdict | None] = []
        for rule, level in zip(rules[self._companion_count :], levels[self._companion_count :], strict=True):
            if rule.body and not is_near:
                verdicts.append(None)
            elif level is VIOLATED:
                verdicts.append(self._verdict(rule, levels, stride))
            else:
                verdicts.append(_PLAIN[level])
        return tuple(verdicts)

    def _verdict(self, rule: _Rule, levels: list[Level], stride: Stride) -> Verdict:
        """Return the verdict on a fault whose limits are broken: it may need another fault beside it."""
        if rule.companions and not any(levels[place] is VIOLATED for place in rule.companions):
            return _PLAIN[IN_BAND]
        return Verdict(VIOLATED, self._finding(rule, stride))

    def _levels(self, rules: tuple[_Rule, ...], stride: Stride, far_leg: bool) -> list[Level]:
        """Return the level of each rule. Seldom are so many tests not clearly well that one must be looked at closely.

        One flat loop: this is where the coach spends its time.
        """
        plain_value, nan, least = stride.metrics.get, math.nan, -math.inf
        levels = []
        for rule in rules:
            if not rule.judged or (rule.needs_far_leg and not far_leg):
                levels.append(UNKNOWN)
                continue
            not_ok = 0
            for plain, sign, release, test in rule.screen:
                value = sign * (plain_value(plain, nan) if plain else self._value(test, stride))
                if not least < value <= release:
                    not_ok += 1
            levels.append(OK if not_ok < rule.needed else self._level(rule, stride))
        return levels

    def _level(self, rule: _Rule, stride: Stride) -> Level:
        levels = [min((self._test(test, stride) for test in parts), key=_SEVERITY.__getitem__) for parts in rule.tests]
        violated, in_band, unknown = (levels.count(level) for level in (VIOLATED, IN_BAND, UNKNOWN))
        if violated >= rule.needed:
            return VIOLATED
        if violated + in_band >= rule.needed:
            return IN_BAND
        return UNKNOWN if violated + in_band + unknown >= rule.needed else OK

    def _test(self, test: _Test, stride: Stride) -> Level:
        value = self._value(test, stride)
        if not math.isfinite(value):
            return UNKNOWN
        value *= test.sign
        if value > test.limit:
            return VIOLATED
        if value > test.release:
            return IN_BAND
        return OK if value <= test.release else UNKNOWN

    def _value(self, test: _Test, stride: Stride) -> float:
        if test.pair:
            return self._pairs.difference(test.metric, stride.side)
        return value_of(stride, test.metric)

    def _finding(self, rule: _Rule, stride: Stride) -> Finding:
        """Return the finding by the first criterion that holds."""
        first = next(parts[0] for parts in rule.tests if all(self._test(test, stride) is VIOLATED for test in parts))
        value, limit = self._value(first, stride), first.sign * first.limit
        side = None if rule.body else stride.side
        return Finding(rule.fault.id, side, stride.number, first.metric, value, limit, abs(value - limit))

    def _rules_at(self, speed: Speed | None, calibrated: bool) -> tuple[_Rule, ...]:
        """Return the rules with their limits at a speed; the last ones asked for are kept."""
        if self._last_rules is not None and self._last_rules[0] is speed and self._last_rules[1] is calibrated:
            return self._last_rules[2]
        interval = None if speed is None else _interval(speed)
        rules = self._rules.get((interval, calibrated))
        if rules is None:
            if len(self._rules) >= _RULES_KEPT:
                self._rules.clear()
            places = {fault.id: place for place, fault in enumerate(self._faults)}
            rules = self._rules[interval, calibrated] = tuple(
                _at_speed(fault, interval, places, calibrated, self._settings, self._easier_steps)
                for fault in self._faults
            )
        self._last_rules = speed, calibrated, rules
        return rules


# The mildest part of a test decides; one that is unknown can still turn out to be OK.
_SEVERITY = {OK: 0, UNKNOWN: 1, IN_BAND: 2, VIOLATED: 3}


class _Pairs:
    """Running means of both legs, to compare them; and whether both legs are seen at all."""

    def __init__(self, metrics: list[str], settings: CoachSettings) -> None:
        self._kept = {metric: {side: deque[float](maxlen=settings.pair_strides) for side in Side} for metric in metrics}
        self._means = {metric: dict.fromkeys(Side, math.nan) for metric in metrics}  # NaN until there are enough
        self._size = settings.pair_strides
        self._stale_s = settings.stale_s
        self._seen_s = dict.fromkeys(Side, -math.inf)

    def add_stride(self, stride: Stride) -> None:
        """Add a trusted stride; a leg that was out of sight starts its mean anew."""
        if stride.closed_s - self._seen_s[stride.side] > self._stale_s:
            for metric, legs in self._kept.items():
                legs[stride.side].clear()
                self._means[metric][stride.side] = math.nan
        self._seen_s[stride.side] = stride.closed_s
        for metric, legs in self._kept.items():
            value = value_of(stride, metric)
            if math.isfinite(value):
                leg = legs[stride.side]
                leg.append(value)
                if len(leg) == self._size:
                    self._means[metric][stride.side] = math.fsum(leg) / self._size

    def both_seen(self, stride: Stride) -> bool:
        """Whether a trusted stride of the other leg is near enough in time."""
        return abs(stride.closed_s - self._seen_s[stride.side.other]) <= self._stale_s

    def difference(self, metric: str, side: Side) -> float:
        """Return this leg's mean minus the other's; NaN until both have enough strides."""
        means = self._means[metric]
        return means[side] - means[side.other]


def _interval(speed: Speed) -> tuple[int, int] | None:
    """Return the steps of the speed grid that enclose the speed and its uncertainty; None when it is not a number."""
    low, high = speed.mps - speed.sd_mps, speed.mps + speed.sd_mps
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    # A little inside, so that 2.5 - 0.05 does not become 2.44 by rounding.
    return math.floor(low / _SPEED_STEP_MPS + 1e-6), math.ceil(high / _SPEED_STEP_MPS - 1e-6)


def _at_speed(
    fault: Fault,
    interval: tuple[int, int] | None,
    places: Mapping[str, int],
    calibrated: bool,
    settings: CoachSettings,
    easier_steps: int,
) -> _Rule:
    low, high = (math.nan, math.nan) if interval is None else (step * _SPEED_STEP_MPS for step in interval)
    slowest, fastest = fault.speeds_mps
    judged = (slowest <= low and high <= fastest) if interval else (slowest <= 0.0 and fastest == math.inf)
    tests = tuple(
        _tests(criterion, fault, low, high, calibrated, settings, easier_steps) for criterion in fault.criteria
    )
    companions = tuple(places[other] for other in fault.only_with)
    screen = tuple(
        (None if part.pair or part.metric in STRIDE_FIELDS else part.metric, part.sign, part.release, part)
        for part, *_ in tests
    )
    body = fault.scope is Scope.BODY
    return _Rule(fault, tests, judged, fault.needs_far_leg, body, fault.needed, screen, companions)


def _tests(
    criterion: Criterion,
    fault: Fault,
    low_mps: float,
    high_mps: float,
    calibrated: bool,
    settings: CoachSettings,
    easier_steps: int,
) -> tuple[_Test, ...]:
    bounds = []
    for limit in (criterion.limit, criterion.release or criterion.limit.towards_norm(settings.hysteresis_fraction)):
        if math.isnan(low_mps):
            bounds.append(math.nan if limit.uses_norm or limit.table else limit.offset)
        else:
            bounds.append(limit.strictest(criterion.metric, low_mps, high_mps, above=criterion.above))
    sign = 1.0 if criterion.above else -1.0
    enter, release = (math.nan, math.nan) if any(math.isnan(bound) for bound in bounds) else bounds
    # Where nothing is known to be usual (NaN), or the limit is not on the fault's side of it, a limit stays.
    from_usual = max(0.0, *(distance(criterion, fault.scope, mps) for mps in (low_mps, high_mps)))
    release += sign * EASIER_STEP_FRACTION * easier_steps * from_usual
    enter += sign * (
        EASIER_STEP_FRACTION * easier_steps * from_usual
        + uncertainty_margin(criterion, fault.scope, settings, calibrated=calibrated)
    )
    test = _Test(criterion.metric, sign, sign * enter, sign * release, fault.scope is Scope.PAIR)
    if criterion.also is None:
        return (test,)
    return (test, *_tests(criterion.also, fault, low_mps, high_mps, calibrated, settings, easier_steps))


def uncertainty_margin(
    criterion: Criterion, scope: Scope, settings: CoachSettings, *, calibrated: bool = False
) -> float:
    """Return how far measuring errors may carry a value beyond its limit, in the metric's unit.

    The worst of the conditions in which the errors were measured; a bias counts where it feigns the fault, never where
    it hides it, for another camera may not have it. Between the legs the common bias cancels. What a film is off by in
    every stride is added to what is left to chance. 0: no error is known.
    """
    if settings.uncertainty_margin_sd == 0.0:
        return 0.0
    steady = settings.steady_error_share * steady_sd(criterion.metric, calibrated=calibrated)
    worst = settings.uncertainty_margin_sd * steady
    pair, sign = scope is Scope.PAIR, 1.0 if criterion.above else -1.0
    for error in errors.conditions(criterion.metric):
        bias = 0.0 if pair else max(0.0, sign * error.bias)
        chance = _BOTH_LEGS * error.spread if pair else math.hypot(error.spread, error.sd / math.sqrt(_STRIDES))
        margin = bias + settings.uncertainty_margin_sd * math.hypot(chance, steady)
        if margin > worst:  # never for NaN
            worst = margin
    return worst
