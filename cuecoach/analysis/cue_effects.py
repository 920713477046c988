"""The effect of cues on a fault, estimated against due cues that were withheld on purpose (catch trials).

A fault is cued when it happens to be large, so the strides after any cue look better than those before (regression to
the mean). Those after a catch trial look better by exactly as much, which is why only the difference between the two
is called an effect.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np

from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import value_of
from cuecoach.packs.faults import Criterion, Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, FloatArray, Kind, Reason, Side, Stride

BEFORE_STRIDES = 10  # of that leg, the last ones before the decision
BEFORE_STRIDES_MIN = 8
AFTER_STRIDES = 20  # of that leg, of which the first half is the time to respond
AFTER_STRIDES_SKIPPED = 10
AFTER_STRIDES_MIN = 5
_BEFORE_MOST_S = 30.0
_AFTER_MOST_S = 30.0  # 20 strides take 14 s; longer gaps between them leave open what was run
ENOUGH = "4 of each, 3 and 5, or 2 and 8 would do"  # then there are 40 possible assignments, 2.5 % each
_TAIL = 0.025
_ASSIGNMENTS_MAX = 4000
_TINY = 1e-9

GROUPS = ("runner", "fault", "side", "cue_id")


@dataclass(frozen=True, slots=True)
class Trial:
    """One due cue, spoken or withheld on purpose, and the strides around it.

    `before` and `after` are means of how far `metric` is beyond the fault's limit, in the metric's unit: positive is
    beyond, negative within. `side` None: both legs or the whole body.
    """

    runner: str
    session: int
    fault: str
    cue_id: str
    side: Side | None
    metric: str
    fired: bool
    t_s: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What speaking changed, compared with keeping silent: `estimate` in the unit of `metric`, negative is better.

    `low` to `high` is the 95 % interval. All three are None when there are too few trials; `why_not` then says so.
    `group` names what was pooled, such as {"fault": "lazy-heel", "side": "left"}; a side of both legs is "both".
    """

    group: Mapping[str, str]
    metric: str
    estimate: float | None
    low: float | None
    high: float | None
    n_fired: int
    n_catch: int
    why_not: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "group", MappingProxyType(dict(self.group)))


def excess(fault: Fault, stride: Stride) -> float:
    """Return how far a stride is beyond the limit of the fault's first criterion, in its metric's unit.

    Positive is beyond, negative within; NaN where the metric or the limit is not known. Of a fault that compares the
    legs it is this leg's own part: the difference of the two legs' means is then beyond or within.
    """
    criterion = fault.criteria[0]
    value = value_of(stride, criterion.metric)
    sign = 1.0 if criterion.above else -1.0
    if fault.scope is Scope.PAIR:
        return sign * value
    return sign * (value - _limit(criterion, stride))


def trials_of(
    decisions: Iterable[Decision],
    strides: Iterable[Stride],
    pack: Pack,
    settings: CoachSettings,
    *,
    runner: str = "",
    session: int = 0,
) -> list[Trial]:
    """Return the trials of one session, in the order of time.

    Cues that the runner asked for are left out, for they were not assigned at random, and so are cues without enough
    trusted strides before and after.
    """
    faults = {fault.id: fault for fault in pack.rules}
    run = _Strides(strides, settings.trust_min)
    trials = []
    for decision in decisions:
        assigned = decision.reason is Reason.DUE if decision.fires else decision.reason is Reason.CATCH_TRIAL
        fault = faults.get(decision.fault or "")
        if not assigned or decision.kind is not Kind.FAULT or fault is None or decision.cue is None:
            continue
        before, after = run.around(fault, decision.side, decision.t_s)
        if math.isfinite(before) and math.isfinite(after):
            metric, cue_id = fault.criteria[0].metric, decision.cue.id
            trial = Trial(
                runner, session, fault.id, cue_id, decision.side, metric, decision.fires, decision.t_s, before, after
            )
            trials.append(trial)
    return trials


def effects(trials: Iterable[Trial], by: Sequence[str] = ("fault", "side", "cue_id")) -> list[Effect]:
    """Return the effect of speaking for each group of trials, sorted by group.

    `by` names what groups are formed by, out of GROUPS (raises ValueError for others). The interval assumes one effect
    and one share of catch trials, so pool several runners only to describe, and keep "runner" in `by` to judge.
    """
    unknown = set(by) - set(GROUPS)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: trials are grouped by {', '.join(GROUPS)} only")
    groups: dict[tuple[str, ...], list[Trial]] = {}
    for trial in trials:
        key = tuple("both" if name == "side" and trial.side is None else str(getattr(trial, name)) for name in by)
        groups.setdefault(key, []).append(trial)
    return [_effect(dict(zip(by, key, strict=True)), groups[key]) for key in sorted(groups)]


def _effect(group: Mapping[str, str], trials: Sequence[Trial]) -> Effect:
    fired = np.array([trial.fired for trial in trials], dtype=float)
    n_fired = int(fired.sum())
    n_catch = len(trials) - n_fired
    metrics = sorted({trial.metric for trial in trials})
    if len(metrics) > 1:
        return Effect(group, "", None, None, None, n_fired, n_catch, f"different metrics: {', '.join(metrics)}")
    before = np.array([trial.before for trial in trials])
    after = np.array([trial.after for trial in trials])
    estimate, low, high = difference(fired, before, after)
    if math.isfinite(low) and math.isfinite(high):
        return Effect(group, metrics[0], estimate, low, high, n_fired, n_catch)
    why_not = f"too few: {n_fired} spoken and {n_catch} withheld on purpose; {ENOUGH}"
    return Effect(group, metrics[0], None, None, None, n_fired, n_catch, why_not)


def difference(fired: FloatArray, before: FloatArray, after: FloatArray) -> tuple[float, float, float]:
    """Return the difference in `after` between spoken (1) and withheld (0) trials, and its 95 % interval.

    The estimate is that of least squares of after on fired and before (ANCOVA). The interval is that of a randomisation
    test: it holds every effect which, were it the same in each trial, at least 2.5 % of all possible assignments would
    show as strongly, to either side (Fisher 1935; with a covariate Rosenbaum 2002, Statistical Science 17:286). So
    nothing is assumed of how trials scatter, or how alike successive ones are. The ends are infinite when fewer than 40
    assignments were possible.
    """
    others = np.stack([np.ones_like(before), before - before.mean()], axis=1)
    free = np.eye(len(fired)) - others @ np.linalg.pinv(others)  # what is left of a column beside the others
    own, rest = free @ fired, free @ after
    assignments = _assignments(fired)
    contrast = (fired - assignments) @ own  # how much more of the effect the actual assignment shows than each other
    differs = contrast > _TINY * (fired @ own)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = float(fired @ rest / (fired @ own))
        ends = (fired - assignments) @ rest / contrast  # the effect at which the two assignments show the same
    tail = int(len(assignments) * _TAIL)
    low = np.sort(np.where(differs, ends, -math.inf))[tail]
    high = np.sort(np.where(differs, ends, math.inf))[-1 - tail]
    return estimate, float(low), float(high)


def _assignments(fired: FloatArray) -> FloatArray:
    """Return the possible assignments (m, n): all, or the actual one and many others."""
    n, spoken = len(fired), int(fired.sum())
    if math.comb(n, spoken) <= _ASSIGNMENTS_MAX:
        every = np.zeros((math.comb(n, spoken), n))
        for assignment, chosen in zip(every, combinations(range(n), spoken), strict=True):
            assignment[list(chosen)] = 1.0
        return every
    rng = np.random.default_rng(0)  # always the same, so that a report is reproducible
    return np.vstack([fired, rng.permuted(np.broadcast_to(fired, (_ASSIGNMENTS_MAX - 1, n)), axis=1)])


class _Strides:
    """The running strides of a session by leg, and means of them around a moment."""

    def __init__(self, strides: Iterable[Stride], trust_min: float) -> None:
        self._trust_min = trust_min
        self._legs: dict[Side, list[Stride]] = {side: [] for side in Side}
        near = 0
        for stride in strides:
            if stride.activity is Activity.RUNNING and math.isfinite(stride.closed_s):
                self._legs[stride.side].append(stride)
                near += (1 if stride.is_near else -1) * (1 if stride.side is Side.LEFT else -1)
        for leg in self._legs.values():
            leg.sort(key=lambda stride: stride.closed_s)
        self._near = Side.LEFT if near >= 0 else Side.RIGHT
        self._closed_s = {side: [stride.closed_s for stride in leg] for side, leg in self._legs.items()}

    def around(self, fault: Fault, side: Side | None, t_s: float) -> tuple[float, float]:
        """Return the mean excess before and after `t_s`, NaN without enough strides."""
        if fault.scope is Scope.BODY:
            return self._leg(fault, self._near, t_s)
        if fault.scope is Scope.LEG:
            return _mean_pair([self._leg(fault, leg, t_s) for leg in ((side,) if side else tuple(Side))])
        if side is None:
            return math.nan, math.nan
        own, other = self._leg(fault, side, t_s), self._leg(fault, side.other, t_s)
        offset = fault.criteria[0].limit.offset * (1.0 if fault.criteria[0].above else -1.0)
        return own[0] - other[0] - offset, own[1] - other[1] - offset

    def _leg(self, fault: Fault, side: Side, t_s: float) -> tuple[float, float]:
        leg = self._legs[side]
        now = bisect_right(self._closed_s[side], t_s)
        early = [
            stride for stride in leg[max(0, now - 2 * BEFORE_STRIDES) : now] if stride.closed_s > t_s - _BEFORE_MOST_S
        ]
        before = self._excesses(fault, early)[-BEFORE_STRIDES:]
        late = leg[now : now + AFTER_STRIDES]
        whole = len(late) == AFTER_STRIDES and late[-1].closed_s - t_s <= _AFTER_MOST_S
        after = self._excesses(fault, late[AFTER_STRIDES_SKIPPED:]) if whole else []
        return _mean(before, BEFORE_STRIDES_MIN), _mean(after, AFTER_STRIDES_MIN)

    def _excesses(self, fault: Fault, strides: Iterable[Stride]) -> list[float]:
        found = [excess(fault, stride) for stride in strides if stride.trust >= self._trust_min]
        return [value for value in found if math.isfinite(value)]


def _mean(values: Sequence[float], least: int) -> float:
    return math.fsum(values) / len(values) if len(values) >= least else math.nan


def _mean_pair(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the means of several legs, of those that are known."""
    known = [pair for pair in pairs if math.isfinite(pair[0]) and math.isfinite(pair[1])]
    return _mean([before for before, _ in known], 1), _mean([after for _, after in known], 1)


def _limit(criterion: Criterion, stride: Stride) -> float:
    if stride.speed is not None:
        return criterion.limit.at(criterion.metric, stride.speed.mps)
    by_speed = criterion.limit.uses_norm or bool(criterion.limit.table)
    return math.nan if by_speed else criterion.limit.offset
