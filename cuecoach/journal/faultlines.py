"""The faults of a session, stride by stride: how often, on which leg, in which block, and whether that changed.

Owns the judging of kept strides. Strides are judged again by the pack and the settings that the journal kept, as the
coach judged them. Knows nothing of sound and of words.
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

from cuecoach.coach import CoachSettings
from cuecoach.coach.faults import Fault, Scope
from cuecoach.coach.findings import Judge, Level, doubt
from cuecoach.coach.pack import Pack
from cuecoach.gait.table import METRICS, STRIDE_NORMS
from cuecoach.journal.read import CueRow
from cuecoach.journal.stats import Estimate, difference, mean_of
from cuecoach.types import Activity, FloatArray, Kind, Reason, Side, Stride

T = TypeVar("T")

COMPARED_S = 120.0  # how long before the first cue, and before the end, is looked at to tell whether something changed
UNITS = {metric.name: metric.unit for metric in METRICS} | {"cadence_spm": "spm", "contact_s": "s", "duty": ""}
MEANINGS = {metric.name: metric.meaning for metric in METRICS} | {
    "cadence_spm": "cadence",
    "contact_s": "ground contact",
    "duty": "share of the stride on the ground",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault on one leg in one stretch: strides judged, strides faulty, and the metric it is told by."""

    faulty: int
    judged: int
    value: Estimate

    @property
    def share(self) -> float:
        """Return the share of faulty strides, NaN when none could be judged."""
        return self.faulty / self.judged if self.judged else math.nan


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault on one leg (None: the whole body) over the session.

    `metric` is the first that the fault is told by, `limit` where the fault begins and `target` where it is over, at
    the median speed; a value `above` (or below) the limit is faulty. `change` is `end` minus `before` of the metric.
    """

    fault: str
    name: str
    side: Side | None
    metric: str
    pair: bool  # told as this leg minus the other
    above: bool
    limit: float
    target: float
    said: int
    held_back: int  # due, and kept silent on purpose: catch trials
    refused: bool
    blocks: tuple[Cell, ...]
    before: Cell  # up to COMPARED_S before the first cue on this fault; without one, of the beginning
    end: Cell  # the last COMPARED_S of the session, after that
    change: Estimate

    @property
    def better(self) -> bool | None:
        """Whether the metric surely moved away from the fault, surely towards it (False), or not surely (None)."""
        if not self.change.sure:
            return None
        return (self.change.mean < 0.0) is self.above


def value_of(stride: Stride, metric: str) -> float:
    """Return a metric of a stride, or one of its own fields that has a norm; NaN when it is not there."""
    if metric in STRIDE_NORMS:
        return float(getattr(stride, metric))
    return stride.metrics.get(metric, math.nan)


def values_of(strides: Iterable[Stride], metric: str) -> FloatArray:
    """Return a metric of several strides, (n,)."""
    return np.array([value_of(stride, metric) for stride in strides], dtype=np.float64)


def about_a_fault(cue: CueRow) -> bool:
    """Return whether it is a cue about a fault that was said, or was due and held back as a catch trial."""
    return cue.kind == str(Kind.FAULT) and (cue.fires or cue.reason == str(Reason.CATCH_TRIAL))


def apart(things: Sequence[T], begins_s: Sequence[float], time_of: Callable[[T], float]) -> list[list[T]]:
    """Return the things of each block; what was before the first belongs to none."""
    parts: list[list[T]] = [[] for _ in begins_s]
    for thing in things:
        place = bisect.bisect_right(begins_s, time_of(thing)) - 1
        if place >= 0:
            parts[place].append(thing)
    return parts


@dataclass(frozen=True, slots=True)
class _Judged:
    """One stride's level for one fault."""

    t_s: float
    level: Level
    value: float


def fault_lines(
    cues: Sequence[CueRow],
    pack: Pack,
    settings: CoachSettings,
    strides: Sequence[Stride],
    begins_s: Sequence[float],
    faults: Collection[str] = (),
) -> tuple[FaultLine, ...]:
    """Return a line for each leg of every fault that a decision was about (others never persisted), most cued first.

    Parameters
    ----------
    cues, strides
        All of a session, or, when only `before` and `end` are wanted, strides of its beginning and end.
    pack, settings
        What strides are judged by.
    begins_s : sequence of float
        Where the blocks begin.
    faults : collection of str
        Only these, whether or not there was a decision.
    """
    about = faults or {cue.fault for cue in cues if cue.fault}
    rules = tuple(rule for rule in pack.rules if rule.id in about)
    if not rules:
        return ()
    judged = _judge_all(dataclasses.replace(pack, rules=rules), settings, strides)
    speed_mps = median_speed_mps(strides)
    lines = [
        _fault_line(cues, rule, side, found, begins_s, band(rule, settings, speed_mps), rule.id in pack.refuses)
        for rule in rules
        for side, found in judged[rule.id].items()
    ]
    order = {rule.id: place for place, rule in enumerate(rules)}
    cued = Counter(cue.fault for cue in cues if about_a_fault(cue))
    return tuple(sorted(lines, key=lambda line: (-cued[line.fault], order[line.fault], str(line.side))))


def median_speed_mps(strides: Iterable[Stride]) -> float:
    """Return the median speed of the running strides, NaN when it was never known."""
    speeds = [stride.speed.mps for stride in strides if stride.speed and stride.activity is Activity.RUNNING]
    return statistics.median(speeds) if speeds else math.nan


def _judge_all(
    pack: Pack, settings: CoachSettings, strides: Sequence[Stride]
) -> dict[str, dict[Side | None, list[_Judged]]]:
    """Judge every stride; by fault and leg, in the order of time."""
    judge = Judge(pack, settings)
    found: dict[str, dict[Side | None, list[_Judged]]] = {rule.id: {} for rule in pack.rules}
    tellers = [_Teller(rule, settings) for rule in pack.rules]
    for stride in strides:
        for rule, teller, verdict in zip(pack.rules, tellers, judge.judge(stride), strict=True):
            if verdict is not None:
                side = None if rule.scope is Scope.BODY else stride.side
                value = teller.value(stride) if verdict.level is not Level.UNKNOWN else math.nan
                found[rule.id].setdefault(side, []).append(_Judged(stride.closed_s, verdict.level, value))
    return found


class _Teller:
    """The number that a fault is told by: its first metric; for one leg against the other, less the other's mean."""

    def __init__(self, rule: Fault, settings: CoachSettings) -> None:
        self._metric = rule.criteria[0].metric
        self._pair = rule.scope is Scope.PAIR
        self._kept = {side: deque[float](maxlen=settings.pair_strides) for side in Side}

    def value(self, stride: Stride) -> float:
        own = value_of(stride, self._metric)
        if not self._pair:
            return own
        self._kept[stride.side].append(own)
        other = self._kept[stride.side.other]
        return own - math.fsum(other) / len(other) if other else math.nan


def _fault_line(
    cues: Sequence[CueRow],
    rule: Fault,
    side: Side | None,
    judged: Sequence[_Judged],
    begins_s: Sequence[float],
    limits: tuple[float, float],
    refused: bool,
) -> FaultLine:
    about = [cue for cue in cues if about_a_fault(cue) and cue.fault == rule.id]
    mine = [cue for cue in about if side is None or cue.side in (None, str(side))]
    last_s = judged[-1].t_s
    first_s = about[0].decided_s if about else min(judged[0].t_s + COMPARED_S, (judged[0].t_s + last_s) / 2)
    before = [one for one in judged if first_s - COMPARED_S <= one.t_s <= first_s]
    end = [one for one in judged if one.t_s > max(first_s, last_s - COMPARED_S)]
    return FaultLine(
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
        refused=refused,
        blocks=tuple(_cell(part) for part in apart(judged, begins_s, lambda one: one.t_s)),
        before=_cell(before),
        end=_cell(end),
        change=difference(_known(before), _known(end)),
    )


def band(rule: Fault, settings: CoachSettings, speed_mps: float) -> tuple[float, float]:
    """Return where a fault begins and where it is over, in its first metric at a speed; NaN without a norm there.

    It begins where the coach takes it for one: beyond the pack's limit by what measuring errors may explain.
    """
    criterion = rule.criteria[0]
    beyond = doubt(criterion, rule.scope, settings) * (1.0 if criterion.above else -1.0)
    leave = criterion.leave or criterion.limit.eased(settings.exit_band_fraction)
    return criterion.limit.at(criterion.metric, speed_mps) + beyond, leave.at(criterion.metric, speed_mps)


def _cell(judged: Sequence[_Judged]) -> Cell:
    levels = Counter(one.level for one in judged)
    known = len(judged) - levels[Level.UNKNOWN]
    return Cell(levels[Level.BEYOND], known, mean_of(_known(judged)))


def _known(judged: Sequence[_Judged]) -> FloatArray:
    return np.array([one.value for one in judged if one.level is not Level.UNKNOWN], dtype=np.float64)
