"""Rows of the motion capture seen by a simulated side camera, at one rate and one noise at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.accuracy.cells import RAW, event_cell, number
from bench.accuracy.ours import Ours, follow
from bench.accuracy.rules import RULES, raw_angles, raw_legs, raw_stride_metrics, strides_by
from bench.accuracy.score import (
    NO_ERRORS,
    Errors,
    FoundStride,
    StrideMatch,
    contacts_of,
    event_errors,
    match_strides,
    toe_off_errors,
)
from bench.data.camera import Camera, film
from bench.data.truth import STRIDE_COLUMNS, Mocap
from bench.table import OURS, Row
from cuecoach.gait.settings import GaitSettings
from cuecoach.types import PoseFrame, Side, Speed, SpeedOrigin

CALIBRATION_S = 10.0
SETTLED_S = 15.0  # from here on the speed is asked for
SEED = 20240


@dataclass(frozen=True, slots=True)
class Condition:
    """What the simulated camera does to every trial."""

    name: str
    rate_hz: float = 30.0
    noise: float = 0.005
    confused: bool = False
    has_targets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One trial from one side: seen, followed, matched."""

    mocap: Mocap
    near: Side
    pose_frames: Sequence[PoseFrame]
    ours: Ours
    found: dict[str, list[FoundStride]]
    matched: dict[str, StrideMatch]


def takes(mocaps: Sequence[Mocap], condition: Condition) -> list[Take]:
    """Film every trial from both sides and let every method at it."""
    out = []
    for k, mocap in enumerate(mocaps):
        for near in Side:
            camera = Camera(near, condition.rate_hz, condition.noise, confused=condition.confused)
            pose_frames = film(mocap, camera, SEED + 2 * k + near.row)
            ours = follow(pose_frames)
            found = {OURS: ours.found, RAW: _raw_strides(mocap, pose_frames, camera.facing)}
            found |= {rule: strides_by(rule, pose_frames, camera.facing) for rule in RULES}
            matched = {method: match_strides(strides, mocap.strides) for method, strides in found.items()}
            out.append(Take(mocap, near, pose_frames, ours, found, matched))
    return out


def _raw_strides(mocap: Mocap, pose_frames: Sequence[PoseFrame], facing: int) -> list[FoundStride]:
    """Return the true strides with the metrics that the unfiltered landmarks give."""
    t_s, legs = raw_legs(pose_frames)
    angles = raw_angles(legs, facing)
    return [
        FoundStride(
            s.side,
            s.t_strike_s,
            s.t_toe_off_s,
            s.t_next_strike_s,
            metrics=raw_stride_metrics(
                t_s, angles["thigh"][:, s.side.row], angles["knee"][:, s.side.row], (s.t_toe_off_s, s.t_next_strike_s)
            ),
        )
        for s in mocap.strides
    ]


def mocap_rows(mocaps: Sequence[Mocap], condition: Condition) -> tuple[list[Row], list[Take]]:
    """Return the rows of one condition, and the takes behind them."""
    data = f"mocap, {condition.name}"
    shot = takes(mocaps, condition)
    rows = [_stride_row(data, shot), *_event_rows(data, shot), *_metric_rows(data, shot)]
    if not condition.has_targets:
        rows = [Row(row.data, row.measure, "stated", row.found) for row in rows]
    return rows, shot


def _stride_row(data: str, shot: Sequence[Take]) -> Row:
    cells, good = {}, False
    for method in (OURS, *RULES):
        missed = sum(len(take.matched[method].missed) for take in shot)
        invented = sum(len(take.matched[method].invented) for take in shot)
        total = sum(len(take.mocap.strides) for take in shot)
        cells[method] = f"{total - missed} of {total}, +{invented}"
        if method == OURS:
            late = sum(s.t_strike_s < 2.0 for take in shot for s in take.matched[method].missed)
            cells[method] += f" ({late} early)" if missed else ""
            good = not missed and not invented
    return Row(data, "strides found, +invented (missed in the first 2 s)", "all, none invented", cells, good)


def _event_rows(data: str, shot: Sequence[Take]) -> list[Row]:
    rows = []
    for k, (event, limit_ms) in enumerate((("foot strike", 15.0), ("toe-off", 10.0))):
        cells, good = {}, False
        for method in (OURS, *RULES):
            errors = event_ms(shot, method, k)
            cells[method] = event_cell(errors)
            if method == OURS:
                good = errors.median_abs <= limit_ms and errors.sd <= 12.0
        rows.append(Row(data, f"{event} against 50 N, ms", f"{limit_ms:.0f}, SD 12", cells, good))
    return rows


def event_ms(
    shot: Sequence[Take], method: str, event: int, which: Callable[[Take, Side], bool] = lambda _take, _side: True
) -> Errors:
    """Return errors in ms of event 0 foot strike or 1 toe-off, on the legs that `which` names."""
    total = NO_ERRORS
    for take in shot:
        for side in Side if take.mocap.contacts else ():
            assert take.mocap.contacts is not None
            if which(take, side):
                truth, strides = take.mocap.contacts[side], take.found[method]
                total += (
                    event_errors(contacts_of(strides, side).strikes_s, truth.strikes_s)
                    if event == 0
                    else toe_off_errors(strides, truth, side)
                )
    return Errors(total.values * 1000, total.missed, total.invented)


def only(side: Side) -> Callable[[Take, Side], bool]:
    """Return what names one leg."""
    return lambda _take, leg: leg is side


def metric_errors(
    shot: Sequence[Take], method: str, metric: str, which: Callable[[Take, Side], bool] = lambda _take, _side: True
) -> Errors:
    """Return errors of a metric over the matched strides of the legs that `which` names."""
    total = NO_ERRORS
    for take in shot:
        whole = take.matched[method]
        total += StrideMatch([p for p in whole.pairs if which(take, p[0].side)], [], []).errors(metric)
    return total


def _metric_rows(data: str, shot: Sequence[Take]) -> list[Row]:
    """Bias and SD over all strides; the SD is within takes and legs, the worst bias of those is stated as well."""
    rows = []
    for metric in STRIDE_COLUMNS:
        cells, good = {}, False
        for method in (OURS, RAW):
            groups = [metric_errors([take], method, metric, only(side)) for take in shot for side in Side]
            pooled = metric_errors(shot, method, metric)
            within = math.sqrt(float(np.nanmean([group.sd**2 for group in groups])))
            worst = max((group.bias for group in groups), key=abs)
            cells[method] = (
                f"{number(pooled.bias, signed=True)} ± {number(within)} (worst {number(worst, signed=True)}"
                + (f", {pooled.missed} not measured)" if pooled.missed else ")")
            )
            if method == OURS:
                good = abs(pooled.bias) <= 1.5 and within <= 2.5
        rows.append(Row(data, f"{metric}, bias ± SD", "1.5 ± 2.5", cells, good))
    return rows


def belt_rows(mocaps: Sequence[Mocap], condition: Condition) -> list[Row]:
    """Return belt speed after one calibration against the display, and from body height; worst trial and side."""
    data = f"mocap, {condition.name}"
    off: dict[str, list[float]] = {"calibrated": [], "height": []}
    for k, mocap in enumerate(mocaps):
        for near in Side:
            pose_frames = film(mocap, Camera(near, condition.rate_hz, condition.noise), SEED + 2 * k + near.row)
            display = Speed(mocap.speed_mps, 0.0, SpeedOrigin.USER)
            calibrated = follow(pose_frames, speed_at=_said_until(CALIBRATION_S, display))
            height = follow(pose_frames, GaitSettings(runner_height_m=mocap.stature_m))
            off["calibrated"].append(_speed_error(calibrated, mocap))
            off["height"].append(_speed_error(height, mocap))
    rows = []
    for key, measure, limit in (
        ("calibrated", "belt speed after calibration at one point, worst %", 3.0),
        ("height", "belt speed from body height, worst %", 7.0),
    ):
        worst = max(off[key], key=abs)
        each = ", ".join(number(value, signed=True) for value in off[key])
        rows.append(Row(data, measure, f"{limit:.0f}", f"{number(worst, signed=True)} ({each})", abs(worst) <= limit))
    return rows


def _said_until(end_s: float, display: Speed) -> Callable[[float], Speed | None]:
    return lambda t_s: display if t_s < end_s else None


def _speed_error(ours: Ours, mocap: Mocap) -> float:
    """Return the error in percent: the mean over what was said after SETTLED_S."""
    said = [speed.mps for t_s, speed in ours.speeds if t_s >= SETTLED_S and speed.origin is SpeedOrigin.PICTURE]
    return (float(np.mean(said)) / mocap.speed_mps - 1.0) * 100 if said else math.nan
