"""How often each fault was seen on each leg, in each block of a session, and whether that changed.

The strides are judged again by the pack and the settings that the journal keeps, as the coach judged them.
"""

from __future__ import annotations

import bisect
import dataclasses
import math
import statistics
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cuecoach.analysis.intervals import Estimate, difference, mean_of
from cuecoach.coach.findings import UNKNOWN, VIOLATED, Judge, uncertainty_margin
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import value_of
from cuecoach.journal.records import CueRow
from cuecoach.packs.faults import Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, FloatArray, Kind, Reason, Side, Stride

T = TypeVar("T")

COMPARED_S = 120.0  # the stretches that are compared: before the first cue, and before the end


@dataclass(frozen=True, slots=True)
class FaultRate:
    """One fault on one leg in one part of the session: strides faulty, strides judged, and the mean of its metric."""

    faulty: int
    judged: int
    value: Estimate

    @property
    def share(self) -> float:
        """Return the share of faulty strides, NaN when none could be judged."""
        return self.faulty / self.judged if self.judged else math.nan


@dataclass(frozen=True, slots=True)
class FaultStatistics:
    """One fault on one leg (None: the whole body) over the session.

    `metric` is that of the fault's first criterion, `limit` where the fault begins and `target` where it is over, at
    the median speed; a value `above` (or below) the limit is faulty. `change` is `end` minus `before` of the metric.
    """

    fault: str
    name: str
    side: Side | None
    metric: str
    pair: bool  # the value is this leg minus the other
    above: bool
    limit: float
    target: float
    said: int
    held_back: int  # due, and withheld on purpose: catch trials
    ignored: bool  # by the pack
    blocks: tuple[FaultRate, ...]
    before: FaultRate  # up to COMPARED_S before the first cue on this fault; without one, of the beginning
    end: FaultRate  # the last COMPARED_S of the session, after that
    change: Estimate

    @property
    def better(self) -> bool | None:
        """Whether the metric surely moved away from the fault, surely towards it (False), or not surely (None)."""
        if not self.change.sure:
            return None
        return (self.change.mean < 0.0) is self.above

    @property
    def stayed(self) -> bool:
        """Whether the metric surely has not come half the way from where it was to the limit."""
        if self.change.sure:
            return False
        away = self.before.value.mean - self.limit if self.above else self.limit - self.before.value.mean
        gained = -self.change.low if self.above else self.change.high
        return away > 0.0 and gained < away / 2


def values_of(strides: Iterable[Stride], metric: str) -> FloatArray:
    """Return a metric of several strides, (n,)."""
    return np.array([value_of(stride, metric) for stride in strides], dtype=np.float64)


def is_fault_cue(cue: CueRow) -> bool:
    """Return whether a decision is a cue about a fault that was said, or was due and withheld as a catch trial."""
    return cue.kind is Kind.FAULT and (cue.fires or cue.reason is Reason.CATCH_TRIAL)


def cues_about(cues: Iterable[CueRow], fault: str, side: Side | None) -> list[CueRow]:
    """Return the cues about a fault, said or withheld as catch trials, that concern a leg (None: either)."""
    about = [cue for cue in cues if is_fault_cue(cue) and cue.fault == fault]
    return [cue for cue in about if side is None or cue.side in (None, side)]


def grouped_by_block(items: Sequence[T], begins_s: Sequence[float], time_of: Callable[[T], float]) -> list[list[T]]:
    """Return the items of each block; those before the first block are in none."""
    groups: list[list[T]] = [[] for _ in begins_s]
    for item in items:
        block = bisect.bisect_right(begins_s, time_of(item)) - 1
        if block >= 0:
            groups[block].append(item)
    return groups


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """The strides of one leg as judged for one fault, in the order of time, (n,) each."""

    t_s: FloatArray
    level: FloatArray
    value: FloatArray

    def where(self, chosen: NDArray[np.bool_]) -> _Judged:
        """Return those that are `chosen`, (n,) bool."""
        return _Judged(self.t_s[chosen], self.level[chosen], self.value[chosen])

    @property
    def known(self) -> FloatArray:
        """The values of those that could be judged."""
        known: FloatArray = self.value[self.level != UNKNOWN]
        return known

    def rate(self) -> FaultRate:
        """Return how many of them are faulty, and their mean."""
        return FaultRate(int(np.count_nonzero(self.level == VIOLATED)), len(self.known), mean_of(self.known))


def fault_statistics(
    cues: Sequence[CueRow],
    pack: Pack,
    settings: CoachSettings,
    strides: Sequence[Stride],
    begins_s: Sequence[float],
    faults: Collection[str] = (),
) -> tuple[FaultStatistics, ...]:
    """Return each leg of every fault that a decision was about (others never persisted), most cued first.

    Parameters
    ----------
    cues, strides
        All of a session, or, when only `before` and `end` are wanted, strides of its beginning and end.
    pack, settings
        What the strides are judged by.
    begins_s : sequence of float
        Where the blocks begin.
    faults : collection of str
        Only these, whether or not there was a decision.
    """
    judging = _judging_pack(cues, pack, faults)
    rules = judging.rules
    if not rules:
        return ()
    speed_mps, calibrated = median_speed_mps(strides), mostly_calibrated(strides)
    found = [
        _statistics(
            cues,
            rule,
            side,
            judged,
            begins_s,
            limit_and_target(rule, settings, speed_mps, calibrated=calibrated),
            rule.id in pack.ignored_faults,
        )
        for rule, side, judged in _judge_all(judging, settings, strides)
    ]
    order = {rule.id: place for place, rule in enumerate(rules)}
    cued = Counter(cue.fault for cue in cues if is_fault_cue(cue))
    return tuple(sorted(found, key=lambda one: (-cued[one.fault], order[one.fault], str(one.side))))


def judged_metrics(cues: Sequence[CueRow], pack: Pack) -> set[str]:
    """Return the metrics of a stride that `fault_statistics` looks at."""
    judging = _judging_pack(cues, pack)
    return {metric for rule in (*judging.companions, *judging.rules) for metric in rule.metrics}


def _judging_pack(cues: Sequence[CueRow], pack: Pack, faults: Collection[str] = ()) -> Pack:
    """Return the pack with only the rules to be judged, and as companions those that they are judged together with."""
    about = faults or {cue.fault for cue in cues if cue.fault}
    rules = tuple(rule for rule in pack.rules if rule.id in about)
    beside = {other for rule in rules for other in rule.only_with}.difference(about)
    companions = tuple(rule for rule in (*pack.companions, *pack.rules) if rule.id in beside)
    return dataclasses.replace(pack, rules=rules, companions=companions)


def median_speed_mps(strides: Iterable[Stride]) -> float:
    """Return the median speed of the running strides, NaN when it was never known."""
    speeds = [stride.speed.mps for stride in strides if stride.speed and stride.activity is Activity.RUNNING]
    return statistics.median(speeds) if speeds else math.nan


def mostly_calibrated(strides: Iterable[Stride]) -> bool:
    """Return whether more running strides were measured with a calibration than without."""
    running = [stride.calibrated for stride in strides if stride.activity is Activity.RUNNING]
    return 2 * sum(running) > len(running)


def _judge_all(
    pack: Pack, settings: CoachSettings, strides: Sequence[Stride]
) -> list[tuple[Fault, Side | None, _Judged]]:
    """Judge every stride; return each fault on each leg with its judged strides."""
    judge = Judge(pack, settings)
    metrics = [_FaultMetric(rule, settings) for rule in pack.rules]
    found: list[dict[Side | None, list[tuple[float, float, float]]]] = [{} for _ in pack.rules]
    for stride in strides:
        for metric, by_leg, verdict in zip(metrics, found, judge.judge(stride), strict=True):
            if verdict is not None:
                level = verdict.level
                value = metric.value(stride) if level is not UNKNOWN else math.nan
                by_leg.setdefault(metric.leg(stride), []).append((stride.closed_s, level, value))
    return [
        (rule, side, _Judged(*np.array(judged, dtype=np.float64).T))
        for rule, by_leg in zip(pack.rules, found, strict=True)
        for side, judged in by_leg.items()
    ]


class _FaultMetric:
    """The value that a fault is described by: its first metric; for a fault of a pair, minus the other leg's mean."""

    def __init__(self, rule: Fault, settings: CoachSettings) -> None:
        self._metric = rule.criteria[0].metric
        self._body, self._pair = rule.scope is Scope.BODY, rule.scope is Scope.PAIR
        self._recent = {side: deque[float](maxlen=settings.pair_strides) for side in Side}

    def leg(self, stride: Stride) -> Side | None:
        """Return the leg whose fault it would be, None for the whole body."""
        return None if self._body else stride.side

    def value(self, stride: Stride) -> float:
        """Return the value of the next stride that can be judged."""
        own = value_of(stride, self._metric)
        if not self._pair:
            return own
        self._recent[stride.side].append(own)
        other = self._recent[stride.side.other]
        return own - math.fsum(other) / len(other) if other else math.nan


def _statistics(
    cues: Sequence[CueRow],
    rule: Fault,
    side: Side | None,
    judged: _Judged,
    begins_s: Sequence[float],
    limits: tuple[float, float],
    ignored: bool,
) -> FaultStatistics:
    about = cues_about(cues, rule.id, None)
    mine = cues_about(cues, rule.id, side)
    t_s, begin_s, last_s = judged.t_s, float(judged.t_s[0]), float(judged.t_s[-1])
    first_s = about[0].decided_s if about else min(begin_s + COMPARED_S, (begin_s + last_s) / 2)
    before = judged.where((first_s - COMPARED_S <= t_s) & (t_s <= first_s))
    end = judged.where(t_s > max(first_s, last_s - COMPARED_S))
    block = np.searchsorted(begins_s, t_s, side="right") - 1
    return FaultStatistics(
        fault=rule.id,
        name=rule.name,
        side=side,
        metric=rule.criteria[0].metric,
        pair=rule.scope is Scope.PAIR,
        above=rule.criteria[0].above,
        limit=limits[0],
        target=limits[1],
        said=sum(cue.fires for cue in mine),
        held_back=sum(not cue.fires for cue in mine),
        ignored=ignored,
        blocks=tuple(judged.where(block == place).rate() for place in range(len(begins_s))),
        before=before.rate(),
        end=end.rate(),
        change=difference(before.known, end.known),
    )


def limit_and_target(
    rule: Fault, settings: CoachSettings, speed_mps: float, *, calibrated: bool = False
) -> tuple[float, float]:
    """Return where a fault begins and where it is over, in its first metric at a speed; NaN without a norm there.

    It begins where the coach judges it as one: beyond the pack's limit by what measuring errors may explain, which is
    less for `calibrated` strides.
    """
    criterion = rule.criteria[0]
    margin = uncertainty_margin(criterion, rule.scope, settings, calibrated=calibrated)
    margin *= 1.0 if criterion.above else -1.0
    target = criterion.release or criterion.limit.towards_norm(settings.hysteresis_fraction)
    return criterion.limit.at(criterion.metric, speed_mps) + margin, target.at(criterion.metric, speed_mps)
