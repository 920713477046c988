"""Rows about speed: whether a change of the belt's is noticed in time, and what a film in slow motion gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np

from bench.accuracy.ours import follow
from bench.accuracy.rows.mocap import SEED, Condition
from bench.accuracy.score import NO_ERRORS, match_strides
from bench.data.camera import Camera, film
from bench.data.truth import STRIDE_COLUMNS, Mocap
from bench.table import Row
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.source.base import SourceInfo
from cuecoach.types import HIP, PoseFrame, Side, SourceKind

NOTICED_WITHIN = 3.0  # strides
_SPLICES_S = (9.0, 11.0, 13.0, 15.0)
_AFTER_S = 6.0
CAPTURE_HZ, FACTOR = 240.0, 8.0


@dataclass(frozen=True, slots=True, eq=False)
class _Splice:
    """A run that changes speed at `change_s`, from one stride to the next, and how long a stride takes then."""

    mocap: Mocap
    change_s: float
    stride_s: float


def speed_rows(mocaps: Sequence[Mocap], condition: Condition) -> list[Row]:
    """Return when a change of speed is noticed, and how often one is that is none; nobody says any speed.

    The same runner's trials at two speeds are put together where a left foot strikes.
    """
    pairs = [(a, b) for a, b in product(mocaps, mocaps) if _runner(a) == _runner(b) and a.speed_mps != b.speed_mps]
    data = f"mocap, {condition.name}"
    rows = []
    for before, after in pairs:
        waits = [
            _noticed(spliced(before, after, at_s), condition, near, seed)
            for seed, (at_s, near) in enumerate(product(_SPLICES_S, Side))
        ]
        within = sum(wait <= NOTICED_WITHIN for wait in waits)
        cell = f"{within} of {len(waits)} within {NOTICED_WITHIN:.0f} (" + ", ".join(_strides(w) for w in waits) + ")"
        measure = f"{before.speed_mps:g} to {after.speed_mps:g} m/s, strides until noticed"
        rows.append(Row(data, measure, f"{NOTICED_WITHIN:.0f}", cell, within == len(waits)))
    return [*rows, _steady_row(mocaps, condition)]


def _steady_row(mocaps: Sequence[Mocap], condition: Condition) -> Row:
    wrong, minutes = 0, 0.0
    for k, (mocap, near) in enumerate(product(mocaps, Side)):
        pose_frames = film(mocap, Camera(near, condition.rate_hz, condition.noise), SEED + k)
        wrong += len(follow(pose_frames).changes_s)
        minutes += (pose_frames[-1].t_s - pose_frames[0].t_s) / 60
    cell = f"{wrong} in {minutes:.1f} minutes"
    return Row(f"mocap, {condition.name}", "changes of speed noticed where there are none", "0", cell, wrong == 0)


def spliced(before: Mocap, after: Mocap, at_s: float) -> _Splice:
    """Return `before` up to its first left strike from `at_s` on, then `after` from a left strike on, in its place."""
    end_s = next(s.t_strike_s for s in before.strides if s.side is Side.LEFT and s.t_strike_s >= at_s)
    first = next(s for s in after.strides if s.side is Side.LEFT and s.t_strike_s >= at_s)
    head = before.t_s < end_s
    tail = (after.t_s >= first.t_strike_s) & (after.t_s < first.t_strike_s + _AFTER_S)
    points = after.points_m[tail]
    stride = int(np.searchsorted(after.t_s, first.t_next_strike_s) - np.searchsorted(after.t_s, first.t_strike_s))
    usual = before.points_m[head][-stride:, :, HIP].mean(axis=(0, 1)) - points[:stride, :, HIP].mean(axis=(0, 1))
    t_s = np.concatenate([before.t_s[head], after.t_s[tail] - first.t_strike_s + end_s])
    whole = replace(before, t_s=t_s, points_m=np.concatenate([before.points_m[head], points + usual]), contacts=None)
    return _Splice(whole, end_s, first.t_next_strike_s - first.t_strike_s)


def _noticed(splice: _Splice, condition: Condition, near: Side, seed: int) -> float:
    """Return how many strides after the change it was noticed, infinite when not at all."""
    camera = Camera(near, condition.rate_hz, condition.noise)
    told_s = [t for t in follow(film(splice.mocap, camera, SEED + seed)).changes_s if t >= splice.change_s]
    return (told_s[0] - splice.change_s) / splice.stride_s if told_s else math.inf


def _strides(wait: float) -> str:
    return "not" if math.isinf(wait) else f"{wait:.1f}"


def _runner(mocap: Mocap) -> str:
    return mocap.name.rpartition("_")[0]


def slow_motion_row(mocaps: Sequence[Mocap]) -> Row:
    """Return what is found in a capture of CAPTURE_HZ that is played FACTOR times slower, when the product is told so.

    Beside the truth in real time; noise as in the standard condition.
    """
    matches = []
    for k, (mocap, near) in enumerate(product(mocaps, Side)):
        camera = Camera(near, CAPTURE_HZ, jitter_s=0.0, dropped=0.0)
        slowed = [replace(pose_frame, t_s=pose_frame.t_s * FACTOR) for pose_frame in film(mocap, camera, SEED + k)]
        frames = PoseFrames(partial(_Played, slowed), slow_motion=FACTOR)
        matches.append(match_strides(follow(list(frames)).found, mocap.strides))
    found, missed = sum(len(m.pairs) for m in matches), sum(len(m.missed) for m in matches)
    invented = sum(len(m.invented) for m in matches)
    errors = {metric: sum((m.errors(metric) for m in matches), NO_ERRORS) for metric in STRIDE_COLUMNS}
    each = "; ".join(f"{name} {e.bias:+.1f} ± {e.sd:.1f}" for name, e in errors.items())
    return Row(
        f"mocap, {CAPTURE_HZ:.0f} fps played at {CAPTURE_HZ / FACTOR:.0f}, --slow-motion {FACTOR:.0f}",
        "strides found, +invented; angles, bias ± SD",
        "all, none invented",
        f"{found} of {found + missed}, +{invented}; {each}",
        not missed and not invented,
    )


class _Played:
    """A source of ready pose frames."""

    def __init__(self, pose_frames: Sequence[PoseFrame]) -> None:
        self._left = iter(pose_frames)
        self.info = SourceInfo(
            SourceKind.RECORDING, "played", (1280, 960), CAPTURE_HZ / FACTOR, False, None, len(pose_frames)
        )

    def read(self) -> PoseFrame | None:
        """Return the next one, or None at the end."""
        return next(self._left, None)

    def notices(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing is open."""
