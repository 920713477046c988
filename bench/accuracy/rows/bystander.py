"""Rows of a runner with somebody larger in front: who is measured, and which strides go on while legs are hidden.

Real MediaPipe on drawings. The runner stands for two seconds before running, so that it is not known at first which of
the two will run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

import cuecoach.virtual_runner
from bench.accuracy.ours import follow
from bench.accuracy.score import match_strides
from bench.data.bystanders import (
    AHEAD,
    BEFORE_LEG,
    COMES_LATER,
    REAR_FOOT_HIDDEN,
    STANDS_S,
    Foreground,
    ForegroundSource,
)
from bench.data.filmed import FACINGS, true_strides
from bench.data.poses import code_of, recorded
from bench.data.truth import STRIDE_COLUMNS, TrueStride
from bench.table import Row
from cuecoach.coach.policy import CoachSettings
from cuecoach.pose.settings import PoseSettings
from cuecoach.types import LANDMARKS, PoseFrame
from cuecoach.virtual_runner.settings import NONE, VirtualRunnerSettings

RUNS_S = 15.0
SPEEDS_MPS = (2.8, 3.5)
SHARE, RIGHT_DEG = 0.95, 8.0
SCENES = {
    "in front, ahead": AHEAD,
    "in front of the rear foot": REAR_FOOT_HIDDEN,
    "in front of the rear foot, who comes later": COMES_LATER,
    "in front of the rear leg, who comes later": BEFORE_LEG,
}
_HIPS = [LANDMARKS.index("left_hip"), LANDMARKS.index("right_hip")]
_DRAWN = code_of(cuecoach.virtual_runner) + (Path(__file__).parents[2] / "data" / "bystanders.py").read_bytes()


@dataclass(frozen=True, slots=True)
class _Seen:
    """Pictures in which the runner runs, and of them: those that give the runner, and somebody else; and near strides.

    `before` counts the pictures before the runner runs in which somebody else is reported.
    """

    running: int
    own: int
    other: int
    before: int
    found: int
    true: int
    trusted: int
    trusted_wrong: int


def bystander_rows() -> list[Row]:
    """Return two rows for each scene: who is reported, and what becomes of the near leg's strides."""
    rows = []
    for name, other in SCENES.items():
        runs = [_watched(virtual_runner, other) for virtual_runner in _whom()]
        total = _Seen(*(sum(getattr(run, key) for run in runs) for key in _Seen.__slots__))
        data = f"virtual runner, somebody larger {name}, real MediaPipe, {len(runs)} runs"
        share = total.own / total.running
        rows.append(
            Row(
                data,
                "pictures of the run that give the runner; somebody else (before the run)",
                f"{100 * SHARE:.0f} %; 0",
                f"{100 * share:.1f} % of {total.running}; {total.other} ({total.before})",
                share >= SHARE and total.other == 0,
                1 - share,
            )
        )
        cell = f"{total.found} of {total.true}; {total.trusted}, of them wrong {total.trusted_wrong}"
        rows.append(Row(data, "near strides found; trusted", "wrong: 5 %", cell, _few_wrong(total)))
    return rows


def _few_wrong(total: _Seen) -> bool:
    return total.trusted_wrong <= (1 - SHARE) * total.trusted


def _whom() -> Iterator[VirtualRunnerSettings]:
    for seed, (speed_mps, facing) in enumerate(zip(SPEEDS_MPS, FACINGS, strict=True), start=3):
        yield VirtualRunnerSettings(speed_mps=speed_mps, faults=(NONE,), facing=facing, seed=seed, duration_s=RUNS_S)


def _watched(virtual_runner: VirtualRunnerSettings, other: Foreground) -> _Seen:
    """Return what is reported of one run."""
    source = ForegroundSource(virtual_runner, other)
    shown = repr((sorted(asdict(virtual_runner).items()), other)).encode()
    frames = recorded("bystander", shown + _DRAWN, lambda: source, PoseSettings())
    own = nearer = before = running = 0
    for frame in frames:
        is_own = frame.pose is not None and _is_runner(frame, source)
        if frame.t_s < STANDS_S:
            before += frame.pose is not None and not is_own
            continue
        running += 1
        own += is_own
        nearer += frame.pose is not None and not is_own
    near = virtual_runner.near
    strides = [_in_film(stride) for stride in true_strides(virtual_runner) if stride.side is near]
    matched = match_strides([stride for stride in follow(frames).found if stride.side is near], strides)
    trusted = [(found, true) for found, true in matched.pairs if found.trust >= CoachSettings().trust_min]
    wrong = sum(
        any(abs(found.metrics[name] - true.metrics[name]) > RIGHT_DEG for name in STRIDE_COLUMNS)
        for found, true in trusted
    )
    return _Seen(running, own, nearer, before, len(matched.pairs), len(strides), len(trusted), wrong)


def _is_runner(frame: PoseFrame, source: ForegroundSource) -> bool:
    """Tell whether the pose is the runner's: its hips are nearer to the runner's than to the other person's."""
    assert frame.pose is not None
    hips, runner, other = (
        points[_HIPS].mean(axis=0)
        for points in (frame.pose.points_px, source.runner_px(frame.t_s), source.other_px(frame.t_s))
    )
    return bool(np.hypot(*(hips - runner)) < np.hypot(*(hips - other)))


def _in_film(stride: TrueStride) -> TrueStride:
    """Return a stride of the run at its time in the film."""
    return replace(
        stride,
        t_strike_s=stride.t_strike_s + STANDS_S,
        t_toe_off_s=stride.t_toe_off_s + STANDS_S,
        t_next_strike_s=stride.t_next_strike_s + STANDS_S,
    )
