"""How the numbers of the accuracy table are made: matching of events and strides, errors. Pure, no files, no gait.

Every found event is matched with at most one true event, nearest pairs first; what is left over is missed or invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.data.truth import Contacts, TrueStride
from cuecoach.types import FloatArray, Side

EVENT_WINDOW_S = 0.15  # less than half of the shortest step
STRIDE_WINDOW_S = 0.15


@dataclass(frozen=True, slots=True)
class FoundStride:
    """One stride as a method reports it; metrics that it does not give are absent or NaN."""

    side: Side
    t_strike_s: float
    t_toe_off_s: float
    t_next_strike_s: float
    trust: float = math.nan
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Errors:
    """Signed errors, found minus true, and how many were missed and invented."""

    values: FloatArray
    missed: int = 0
    invented: int = 0

    @property
    def median_abs(self) -> float:
        """Median absolute error, NaN without any."""
        return float(np.median(np.abs(self.values))) if len(self.values) else math.nan

    @property
    def bias(self) -> float:
        """Mean error, NaN without any."""
        return float(np.mean(self.values)) if len(self.values) else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation of the errors, NaN for fewer than two."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def rmse(self) -> float:
        """Root of the mean squared error, NaN without any."""
        return float(np.sqrt(np.mean(self.values**2))) if len(self.values) else math.nan

    def __add__(self, other: Errors) -> Errors:
        """Return the errors of both."""
        return Errors(
            np.concatenate([self.values, other.values]), self.missed + other.missed, self.invented + other.invented
        )


NO_ERRORS = Errors(np.empty(0))


def match(found: FloatArray, true: FloatArray, window: float) -> list[tuple[int, int]]:
    """Return pairs (row in `found`, row in `true`) no further apart than `window`, one to one, nearest first."""
    apart = np.abs(np.subtract.outer(np.asarray(found, float), np.asarray(true, float)))
    pairs: list[tuple[int, int]] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for flat in np.argsort(apart, axis=None, kind="stable"):
        i, j = (int(k) for k in np.unravel_index(flat, apart.shape))
        if apart[i, j] > window:
            break
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((i, j))
    return sorted(pairs)


def event_errors(found_s: FloatArray, true_s: FloatArray, window_s: float = EVENT_WINDOW_S) -> Errors:
    """Return errors of event times. Found events before the first or after the last true one are not judged."""
    if len(true_s) == 0:
        return NO_ERRORS
    found_s = np.asarray(found_s, float)
    found_s = found_s[(found_s > true_s[0] - window_s) & (found_s < true_s[-1] + window_s)]
    pairs = match(found_s, true_s, window_s)
    values = np.array([found_s[i] - true_s[j] for i, j in pairs])
    return Errors(values, len(true_s) - len(pairs), len(found_s) - len(pairs))


def contacts_of(strides: Sequence[FoundStride], side: Side) -> Contacts:
    """Return the events of one leg that its strides tell; a strike shared by two strides counts once."""
    own = [stride for stride in strides if stride.side is side]
    strikes = sorted({t for stride in own for t in (stride.t_strike_s, stride.t_next_strike_s)})
    merged = [t for k, t in enumerate(strikes) if k == 0 or t - strikes[k - 1] > 1e-6]
    toe_offs = sorted(stride.t_toe_off_s for stride in own if math.isfinite(stride.t_toe_off_s))
    return Contacts(np.array(merged), np.array(toe_offs))


def toe_off_errors(
    strides: Sequence[FoundStride], true: Contacts, side: Side, window_s: float = EVENT_WINDOW_S
) -> Errors:
    """Return errors of toe-offs; only true ones between the first and the last true strike are asked for.

    A toe-off outside belongs to no whole stride, and no method that reports strides can report it.
    """
    inside = true.toe_offs_s[(true.toe_offs_s > true.strikes_s[0]) & (true.toe_offs_s < true.strikes_s[-1])]
    return event_errors(contacts_of(strides, side).toe_offs_s, inside, window_s)


@dataclass(frozen=True, slots=True)
class StrideMatch:
    """Found strides with their true ones; true strides that nobody found; found ones that are not true."""

    pairs: list[tuple[FoundStride, TrueStride]]
    missed: list[TrueStride]
    invented: list[FoundStride]

    def errors(self, metric: str) -> Errors:
        """Return errors of a metric over the matched strides; a found stride without a value counts as missed."""
        both = [(f.metrics.get(metric, math.nan), t.metrics[metric]) for f, t in self.pairs]
        values = np.array([f - t for f, t in both if math.isfinite(t)])
        finite = np.isfinite(values)
        return Errors(values[finite], int((~finite).sum()))


def match_strides(
    found: Sequence[FoundStride], true: Sequence[TrueStride], window_s: float = STRIDE_WINDOW_S
) -> StrideMatch:
    """Match strides of the same leg whose strikes agree at both ends.

    A found stride before the first or after the last true stride of its leg (the trial is cut there) is not judged.
    """
    pairs: list[tuple[FoundStride, TrueStride]] = []
    invented: list[FoundStride] = []
    for side in Side:
        truth = [stride for stride in true if stride.side is side]
        if not truth:
            continue
        begin, end = truth[0].t_strike_s - window_s, truth[-1].t_next_strike_s + window_s
        own = [f for f in found if f.side is side and f.t_strike_s > begin and f.t_next_strike_s < end]
        rows = match(np.array([f.t_strike_s for f in own]), np.array([t.t_strike_s for t in truth]), window_s)
        good = [(i, j) for i, j in rows if abs(own[i].t_next_strike_s - truth[j].t_next_strike_s) <= window_s]
        pairs += [(own[i], truth[j]) for i, j in good]
        used = {i for i, _ in good}
        invented += [f for i, f in enumerate(own) if i not in used]
    matched = {id(t) for _, t in pairs}
    return StrideMatch(pairs, [t for t in true if id(t) not in matched], invented)


def share_within(matches: Sequence[StrideMatch], metrics: Sequence[str], limit: float, trust_min: float) -> FloatArray:
    """Return [share, count]: of matched strides with at least this trust, those with every metric within `limit`."""
    good = [
        all(abs(f.metrics.get(m, math.nan) - t.metrics[m]) <= limit for m in metrics)
        for m_ in matches
        for f, t in m_.pairs
        if f.trust >= trust_min
    ]
    return np.array([np.mean(good) if good else math.nan, float(len(good))])


def misassigned(near_px: FloatArray, true_near_px: FloatArray, true_far_px: FloatArray, leg_px: float) -> FloatArray:
    """Return (n,) bool: the near leg is on the far one, or lost, by its knee and ankle.

    Points are (n, 2, 2): frames, (knee, ankle), x and y. A frame is bad when the near leg fits the true far leg
    better than its own by at least 0.15 leg lengths, or its ankle or knee is more than 0.35 leg lengths from where
    it is, or not given.
    """
    own = np.hypot(*np.moveaxis(near_px - true_near_px, -1, 0))
    other = np.hypot(*np.moveaxis(near_px - true_far_px, -1, 0))
    swapped = own.sum(axis=1) - other.sum(axis=1) > 0.15 * leg_px
    lost = ~(own.max(axis=1) <= 0.35 * leg_px)
    return np.asarray(swapped | lost)
