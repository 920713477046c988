"""The rules and the promises, once more and on their own: whether a stride shows a fault, and what was said too much.

Owns the checks. Uses a pack's limits as data, and none of the coach's own judging, windows or counters.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.coaching.runner import COLUMN, SIDES
from bench.coaching.session import Log, begins_s
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import norm
from cuecoach.packs.faults import FAULTS, Criterion, Fault, Scope
from cuecoach.packs.limits import Limit
from cuecoach.packs.pack import Pack
from cuecoach.types import Decision, FloatArray, Kind, Reason, Side

_GRID_MPS = np.arange(2.0, 9.01, 0.25)
_HAIR_S = 1e-6


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """Metrics of strides (n, NAMES), known to be of a speed within `low_mps` to `high_mps` (n,)."""

    values: FloatArray
    low_mps: FloatArray
    high_mps: FloatArray

    def take(self, rows: NDArray[Any]) -> View:
        """Return some of the strides."""
        return View(self.values[rows], self.low_mps[rows], self.high_mps[rows])

    def mean(self) -> View:
        """Return the mean stride."""
        return View(*(np.nanmean(part, axis=0, keepdims=True) for part in (self.values, self.low_mps, self.high_mps)))


@cache
def _norms(metric: str) -> FloatArray:
    return np.array([norm(metric, mps) for mps in _GRID_MPS])


def limit_at(limit: Limit, metric: str, mps: FloatArray) -> FloatArray:
    """Return a limit at speeds (n,): NaN outside the norms; one that does not ask for the speed holds at any."""
    if limit.table:
        speeds, values = zip(*limit.table, strict=True)
        return np.interp(mps, speeds, values)
    if not limit.uses_norm:
        return np.full(len(mps), limit.offset)
    return limit.factor * np.interp(mps, _GRID_MPS, _norms(metric), left=np.nan, right=np.nan) + limit.offset


def beyond(criterion: Criterion, view: View, value: FloatArray | None = None, *, leave: bool = False) -> NDArray[Any]:
    """Return which strides (n,) are beyond a criterion at every one of five speeds in their range.

    `value` replaces the metric, as when legs are compared. With `leave` the limit is that of being well again.
    """
    value = view.values[:, COLUMN[criterion.metric]] if value is None else value
    limit = (criterion.release or criterion.limit.towards_norm(0.15)) if leave else criterion.limit
    found = np.ones(len(value), dtype=bool)
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        with np.errstate(invalid="ignore"):  # a speed that is no number has no limit
            mps = (1.0 - part) * view.low_mps + part * view.high_mps
        bound = limit_at(limit, criterion.metric, mps)
        found &= (value > bound) if criterion.above else (value < bound)
    if criterion.also:
        found &= beyond(criterion.also, view, leave=leave)
    return found


def shows(rule: Fault, view: View, *, leave: bool = False, pack: Pack | None = None) -> NDArray[Any]:
    """Return which strides (n,) show a fault of one leg or of the body, with what it needs beside it."""
    found = sum((beyond(c, view, leave=leave).astype(int) for c in rule.criteria), np.zeros(len(view.values), int))
    shown = np.asarray(found >= rule.needed)
    if rule.only_with:
        known = {one.id: one for one in (*pack.rules, *pack.companions)} if pack else FAULTS
        shown &= np.any([shows(known[name], view, leave=leave) for name in rule.only_with], axis=0)
    return shown


def pair_shows(rule: Fault, mine: View, other: View, *, leave: bool = False) -> bool:
    """Return whether one leg's mean shows a fault against the other leg's."""
    own, others = mine.mean(), other.mean()
    differs = [beyond(c, own, (own.values - others.values)[:, COLUMN[c.metric]], leave=leave)[0] for c in rule.criteria]
    return bool(sum(differs) >= rule.needed)


# -- what was said too much


@dataclasses.dataclass(slots=True)
class Broken:
    """How often each promise was broken, out of `spoken` things said (`cues` of them about a fault)."""

    sessions: int = 0
    spoken: int = 0
    cues: int = 0
    rate: int = 0
    gap: int = 0
    onset_gap: int = 0
    least_onset_gap_s: float = np.inf
    repeats: int = 0
    stale: int = 0
    refractory: int = 0
    silence: int = 0
    refused: int = 0
    examples: list[str] = dataclasses.field(default_factory=list)

    def note(self, what: str, decision: Decision, who: str) -> None:
        """Count a broken promise and keep the first few as examples."""
        setattr(self, what, getattr(self, what) + 1)
        if len(self.examples) < 12:
            about = f"{decision.kind} {decision.fault or ''} {decision.side or ''} at {decision.t_s:.2f} s"
            self.examples.append(f"{what}: {about} ({decision.reason}), {who}")


def check(broken: Broken, log: Log, pack: Pack, settings: CoachSettings, who: str) -> None:
    """Count what a session's coach said against its promises."""
    said = log.said
    broken.sessions += 1
    broken.spoken += len(said)
    _check_dose(broken, said, settings, who)
    _check_silence(broken, log, said, who)
    cues = [decision for decision in said if decision.kind is Kind.FAULT]
    broken.cues += len(cues)
    rules = {rule.id: rule for rule in pack.rules}
    for fault in sorted({cue.fault for cue in cues if cue.fault}):
        mine = [cue for cue in cues if cue.fault == fault]
        if fault in pack.ignored_faults:
            broken.note("refused", mine[0], who)
        _check_fault(broken, log, rules[fault], mine, pack, settings, who)


def _check_dose(broken: Broken, said: list[Decision], settings: CoachSettings, who: str) -> None:
    refill_s = settings.bucket_refill_s / settings.chattiness
    times = [decision.t_s for decision in said]
    begins = [begins_s(decision) for decision in said]
    for place, decision in enumerate(said):
        if place and times[place] - times[place - 1] < settings.gap_min_s - _HAIR_S:
            broken.note("gap", decision, who)
        if place:
            gap_s = begins[place] - begins[place - 1]
            broken.least_onset_gap_s = min(broken.least_onset_gap_s, gap_s - settings.gap_min_s)
            if gap_s < settings.gap_min_s - _HAIR_S:
                broken.note("onset_gap", decision, who)
        for first in range(place):
            allowed = settings.bucket_capacity + (times[place] - times[first]) / refill_s
            if place - first + 1 > allowed + _HAIR_S:
                broken.note("rate", decision, who)
                break


def _check_silence(broken: Broken, log: Log, said: list[Decision], who: str) -> None:
    """Nothing may be said to somebody who stands, leaves, or wants silence."""
    times = [t_s for t_s, _, _ in log.run.situations]
    for decision in said:
        place = int(np.searchsorted(times, decision.t_s, side="right")) - 1
        state = log.run.situations[place][1]
        if state.muted or state.leaving or str(state.activity) != "running":
            broken.note("silence", decision, who)


def measured_view(log: Log) -> tuple[View, NDArray[Any]]:
    """Return the strides as they were measured, and which of them were run."""
    run = log.run
    known = np.array([(s.mps, s.sd_mps) if s else (np.nan, np.nan) for s in run.speeds]).reshape(-1, 2)
    known[~np.isfinite(known).all(axis=1)] = np.nan
    view = View(log.values(true=False), known[:, 0] - known[:, 1], known[:, 0] + known[:, 1])
    return view, np.array([str(activity) == "running" for activity in run.activity])


def _shown(log: Log, rule: Fault, pack: Pack, settings: CoachSettings) -> NDArray[Any]:
    """Return which strides (n,) show a fault as measured."""
    view, counts = measured_view(log)
    counts &= log.run.trust >= settings.trust_min
    if rule.scope is Scope.BODY:
        counts &= log.run.side == log.run.plan.near.row
    if rule.scope is not Scope.PAIR:
        return np.asarray(counts & shows(rule, view, pack=pack))
    return np.asarray(counts & _pair_shown(log, rule, view, counts, settings))


def _pair_shown(log: Log, rule: Fault, view: View, counts: NDArray[Any], settings: CoachSettings) -> NDArray[Any]:
    found = np.zeros(len(counts), int)
    for criterion in rule.criteria:
        column = view.values[:, COLUMN[criterion.metric]]
        kept: tuple[deque[float], deque[float]] = (
            deque(maxlen=settings.pair_strides),
            deque(maxlen=settings.pair_strides),
        )
        difference = np.full(len(counts), np.nan)
        for row in np.flatnonzero(counts):
            leg = int(log.run.side[row])
            if np.isfinite(column[row]):
                kept[leg].append(float(column[row]))
            if len(kept[0]) == len(kept[1]) == settings.pair_strides:
                difference[row] = np.mean(kept[leg]) - np.mean(kept[1 - leg])
        found += beyond(criterion, view, difference)
    return found >= rule.needed


def _check_fault(
    broken: Broken, log: Log, rule: Fault, cues: list[Decision], pack: Pack, settings: CoachSettings, who: str
) -> None:
    """Go through the strides of the session and the cues about one fault, in the order of time."""
    run = log.run
    shown = _shown(log, rule, pack, settings)
    faulty = {side: np.flatnonzero(shown & (run.side == side.row)) for side in SIDES}
    for before, cue in zip([None, *cues], cues, strict=False):
        _check_stale(broken, log, cue, faulty, settings, who)
        soon = before is not None and cue.t_s - before.t_s < settings.cue_refractory_s - _HAIR_S
        if soon and cue.reason is not Reason.ASKED:
            broken.note("refractory", cue, who)
    well = _well_again(log, rule, shown, settings)
    breaks = np.array([*run.closed_s[well], *log.summaries_s])
    count = 0
    for before, cue in zip([None, *cues], cues, strict=False):
        recovered = before is not None and np.any((breaks > before.t_s) & (breaks <= cue.t_s))
        count = 1 if recovered else count + 1
        if count > settings.cue_max_firings:
            broken.note("repeats", cue, who)


def _check_stale(
    broken: Broken, log: Log, cue: Decision, faulty: dict[Side, NDArray[Any]], settings: CoachSettings, who: str
) -> None:
    """No words may begin more than two strides after the last faulty one of each leg they are about."""
    run = log.run
    begin_s = begins_s(cue)
    both = (run.plan.near,) if cue.fault in _BODY else SIDES
    for leg in (cue.side,) if cue.side else both:
        rows = faulty[leg]
        rows = rows[run.closed_s[rows] <= begin_s + _HAIR_S]
        mine = np.flatnonzero((run.side == leg.row) & (run.closed_s <= begin_s + _HAIR_S))
        late = len(mine) if not len(rows) else int(np.sum(mine > rows[-1]))
        if late > settings.cue_expiry_strides:
            broken.note("stale", cue, who)
            return


_BODY = {fault.id for fault in FAULTS.values() if fault.scope is Scope.BODY}


def _well_again(log: Log, rule: Fault, shown: NDArray[Any], settings: CoachSettings) -> NDArray[Any]:
    """Return the rows after which the runner may be called well: one leg is, and no leg shows the fault.

    A leg is well when at most `release_strides` of a whole window show the fault, which is less than the coach asks.
    """
    run = log.run
    windows: dict[int, deque[bool]] = {row: deque(maxlen=settings.window_strides) for row in (0, 1)}
    last_s = {0: -np.inf, 1: -np.inf}
    running = [str(activity) == "running" for activity in run.activity]
    well = []
    for row, (leg, closed_s) in enumerate(zip(run.side.tolist(), run.closed_s.tolist(), strict=True)):
        if not running[row] or (rule.scope is Scope.BODY and leg != run.plan.near.row):
            continue
        if closed_s - last_s[leg] > settings.stale_s:
            windows[leg].clear()
        last_s[leg] = closed_s
        windows[leg].append(bool(shown[row]))
        whole = len(windows[leg]) == settings.window_strides
        if whole and sum(windows[leg]) <= settings.release_strides and sum(windows[1 - leg]) < settings.enter_strides:
            well.append(row)
    return np.array(well, dtype=int)
