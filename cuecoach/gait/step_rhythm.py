"""The rhythm of somebody's steps as a film shows it, however slow: is it slowed, and does its speed change? Pure.

Nothing here knows how fast legs usually are, so that it reads a film slowed sixteen times as it reads life: a step is
the time from one moment at which the ankles are furthest apart to the next. Two clocks of the runner's own then say how
much slower than life the film plays: how long a runner's step lasts, and how long the hips, thrown up by it, need to
come down again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.signal import find_peaks

from cuecoach.types import ANKLE, HIP, KNEE, LEG_LANDMARKS, FloatArray, Pose

_ROWS = np.array(LEG_LANDMARKS)
_SAMPLES = 3000  # newest poses that are looked at: 100 s at 30 fps
_APART_LEG = 0.35  # leg lengths by which the ankles part more at a step than before and after it
_SHORT_GAP, _NEAR_GAPS = 0.5, 4  # a gap shorter than this share of so many before it, and after it, is no step
_JUMP_LEG = 0.7  # hips that jump further from one picture to the next, in leg lengths, are another person's
_GAP_SHARE = 0.3  # of a step: nobody seen for longer, and it is left out
_CHANGE = 1.5  # no runner's steps last this much longer from one to the next: the film's speed has changed
_LEAST_STEPS, _LEAST_SLOWED_STEPS = 3, 4
_ODD_STEP = 0.3  # a step this much longer or shorter than the median is left out of the mean course of the hips
# A step lasts 0.355 s (169 a minute). Over speeds of 2 to 7 m/s it differs by 9 % (SD), from runner to runner as much.
_STEP_S = 0.355
# Hips on legs of 0.9 m that fall freely are bent down by this much in leg lengths / s^2. Of their course over a step
# only the first harmonic is taken, which any noise leaves alone; it is that much more curved than what is thrown up
# (measured: motion capture 1.2, films 0.95 to 1.3, the virtual runner 1.1): step times come out this much too long.
_FREE_FALL_LEG_S2 = 9.81 / 0.9
_FIRST_HARMONIC = 1.12
_BY_STEP, _BY_FALL = 0.68, 0.32  # weights by the inverse variances: 9 and 13 %
# Runners' hips are highest about as the feet are furthest apart (-74 to -19 degrees of a step in motion capture and
# films), walkers' as the feet pass each other (+70 to 150): half-way between.
_HIGHEST_AT_DEG, _WITHIN_DEG = -45.0, 75.0
_LEAST_BOUNCE_LEG = 0.012  # half of the rise and fall
_LEAST_KNEE_DEG = 50.0  # legs that stay straighter do not run
SLOWED = 1.6  # seems slowed from here on; the slowest joggers (120 steps a minute at 2 m/s) come to 1.35


@dataclass(frozen=True, slots=True)
class Stretch:
    """Successive steps of like length. `times` is how much slower than life they are; NaN when nobody runs there."""

    start_s: float
    end_s: float
    steps: int
    step_s: float
    times: float


class StepRhythm:
    """Remembers the newest poses of one person and finds stretches of steps in them."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, ...]] = deque(maxlen=_SAMPLES)
        self._last: tuple[float, float] | None = None  # mid-hip
        self._people = 0

    def add(self, pose: Pose) -> None:
        """Add what is seen at one moment; a pose without whole legs says nothing."""
        legs = pose.points_px[_ROWS]
        thighs, shanks = legs[:, KNEE] - legs[:, HIP], legs[:, ANKLE] - legs[:, KNEE]
        if not np.isfinite(thighs + shanks).all():
            return
        length = float(np.max(np.hypot(*thighs.T) + np.hypot(*shanks.T)))
        knees = np.abs(np.degrees(np.arctan2(thighs[:, 0], thighs[:, 1]) - np.arctan2(shanks[:, 0], shanks[:, 1])))
        apart = abs(float(legs[0, ANKLE, 0] - legs[1, ANKLE, 0]))  # the same when the legs have changed names
        hip = (float(legs[:, HIP, 0].mean()), float(legs[:, HIP, 1].mean()))
        if self._last is None or math.dist(hip, self._last) > _JUMP_LEG * length:
            self._people += 1
        self._last = hip
        self._samples.append((pose.t_s, apart, -hip[1], length, float(knees.max()), self._people))

    def stretches(self) -> list[Stretch]:
        """Return the stretches of at least three steps, oldest first."""
        if len(self._samples) < 2 * _LEAST_STEPS:
            return []
        samples = np.array(self._samples)
        ends = np.flatnonzero(np.diff(samples[:, -1])) + 1
        return [stretch for part in np.split(samples[:, :-1], ends) for stretch in _stretches_of(*part.T)]


def slowed_times(stretches: Sequence[Stretch]) -> float | None:
    """Return how many times slower than life most of the running is; None when it seems as in life, or nobody runs."""
    running = [stretch for stretch in stretches if math.isfinite(stretch.times)]
    if not running:
        return None
    in_life = [stretch for stretch in running if stretch.times < SLOWED]
    slowed = [stretch for stretch in running if stretch.times >= SLOWED]
    steps = sum(one.steps for one in slowed)
    if steps < _LEAST_SLOWED_STEPS or steps <= sum(one.steps for one in in_life):
        return None
    weights = np.array([one.steps for one in slowed])
    return float(np.exp(np.average(np.log([one.times for one in slowed]), weights=weights)))


def speed_change(stretches: Sequence[Stretch]) -> tuple[Stretch, Stretch] | None:
    """Return the first two stretches of running between which the film's own speed has changed."""
    running = [stretch for stretch in stretches if math.isfinite(stretch.times)]
    for before, after in pairwise(running):
        if max(before.step_s, after.step_s) >= _CHANGE * min(before.step_s, after.step_s):
            return before, after
    return None


def rounded(times: float) -> float:
    """Return a factor as precisely as it is known: halves below 3, whole above."""
    return round(2 * times) / 2 if times < 3 else float(round(times))


def _stretches_of(
    t_s: FloatArray, apart_px: FloatArray, height_px: FloatArray, length_px: FloatArray, knee_deg: FloatArray
) -> list[Stretch]:
    """Return the stretches of one person."""
    leg_px = max(float(np.median(length_px)), 1.0)
    peaks = _steps_at(t_s, apart_px / leg_px)
    found = (
        _stretch(t_s, height_px / leg_px, knee_deg, peaks[part.start : part.stop + 1])
        for part in _alike(np.diff(t_s[peaks]))
    )
    return [stretch for stretch in found if stretch is not None]


def _steps_at(t_s: FloatArray, apart: FloatArray) -> FloatArray:
    """Return the samples at which the ankles are furthest apart, without those that a wrong pose has added."""
    peaks = find_peaks(apart, prominence=_APART_LEG)[0].tolist()
    while len(peaks) > _LEAST_STEPS:
        gaps = np.diff(t_s[peaks])
        usual = _usual_gaps(gaps)
        shortest = int((gaps / usual).argmin())
        if gaps[shortest] >= _SHORT_GAP * usual[shortest]:
            break
        peaks.pop(shortest if apart[peaks[shortest]] < apart[peaks[shortest + 1]] else shortest + 1)
    return np.array(peaks, dtype=int)


def _usual_gaps(gaps: FloatArray) -> FloatArray:
    """Return how long gaps about each one last: before or after it, whichever is less, as the speed may change here.

    The medians are weighted by the gaps themselves: most of the time is spent in gaps so long.
    """
    padded = np.pad(gaps, _NEAR_GAPS)  # a gap of 0 weighs nothing
    near = np.sort(np.lib.stride_tricks.sliding_window_view(padded, _NEAR_GAPS), axis=1)
    total = np.cumsum(near, axis=1)
    middle = (total >= total[:, -1:] / 2).argmax(axis=1)
    medians = near[np.arange(len(near)), middle]
    medians[total[:, -1] == 0] = np.inf
    return np.asarray(np.minimum(medians[: len(gaps)], medians[_NEAR_GAPS + 1 :]))


def _alike(gaps_s: FloatArray) -> list[slice]:
    """Return the parts in which successive gaps last about as long."""
    parts, start = [], 0
    for k in range(1, len(gaps_s)):
        usual = float(np.median(gaps_s[start:k]))
        ratio = gaps_s[k : k + 2] / usual  # two in a row: a single one is a step that was not seen
        if (ratio >= _CHANGE).all() or (ratio <= 1 / _CHANGE).all():
            parts.append(slice(start, k))
            start = k
    return [*parts, slice(start, len(gaps_s))]


def _stretch(t_s: FloatArray, height: FloatArray, knee: FloatArray, peaks: FloatArray) -> Stretch | None:
    """Return what the steps between `peaks` show; None when they are too few."""
    gaps = np.diff(t_s[peaks])
    if len(gaps) < _LEAST_STEPS:
        return None
    usual = float(np.median(gaps))
    height = height - _running_mean(t_s, height, usual)
    shares, heights, knees, lasted = [], [], [], []
    for first, last in pairwise(peaks.tolist()):
        gap_s = float(t_s[last] - t_s[first])
        seen_all = float(np.diff(t_s[first : last + 1]).max()) < max(_GAP_SHARE * gap_s, 1e-9) or last - first < 5
        if abs(gap_s / usual - 1) > _ODD_STEP or not seen_all:
            continue
        shares.append((t_s[first:last] - t_s[first]) / gap_s)
        heights.append(height[first:last])
        knees.append(float(knee[first:last].max()))
        lasted.append(gap_s)
    if len(lasted) < _LEAST_STEPS:
        return None
    step_s = float(np.mean(lasted))
    times = math.nan
    if np.median(knees) >= _LEAST_KNEE_DEG:
        times = _times(np.concatenate(shares), np.concatenate(heights), step_s)
    return Stretch(float(t_s[peaks[0]]), float(t_s[peaks[-1]]), len(lasted), step_s, times)


def _running_mean(t_s: FloatArray, values: FloatArray, width_s: float) -> FloatArray:
    """Return the mean of the values from half a width before to half a width after each, as far as there are any."""
    area = np.concatenate([[0.0], np.cumsum(np.diff(t_s) * (values[1:] + values[:-1]) / 2)])
    start_s, end_s = (np.clip(t_s + sign * width_s / 2, t_s[0], t_s[-1]) for sign in (-1, 1))
    return np.asarray((np.interp(end_s, t_s, area) - np.interp(start_s, t_s, area)) / (end_s - start_s))


def _times(share: FloatArray, height: FloatArray, step_s: float) -> float:
    """Return how much slower than life a step of runners is; NaN when the hips rise and fall otherwise.

    `share` (n,) 0..1 of a step from where the ankles are furthest apart; `height` (n,) of the hips in leg lengths.
    """
    angle = 2 * np.pi * share
    terms = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], axis=1)
    _, cosine, sine = np.linalg.lstsq(terms, height, rcond=None)[0]
    bounce = math.hypot(cosine, sine)
    highest_deg = math.degrees(math.atan2(sine, cosine))
    off_deg = abs((highest_deg - _HIGHEST_AT_DEG + 180.0) % 360.0 - 180.0)
    if bounce < _LEAST_BOUNCE_LEG or off_deg > _WITHIN_DEG:
        return math.nan
    falls_s = 2 * math.pi * math.sqrt(bounce / _FREE_FALL_LEG_S2) / _FIRST_HARMONIC  # a step's, by gravity
    return math.exp(_BY_STEP * math.log(step_s / _STEP_S) + _BY_FALL * math.log(step_s / falls_s))
