"""What the package itself finds in a list of pose frames: strides, settled legs, speed and the cost of every frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.accuracy.score import FoundStride
from cuecoach.gait.gait import Gait
from cuecoach.gait.metrics import METRICS, value_of
from cuecoach.gait.settings import GaitSettings
from cuecoach.types import FloatArray, Legs, PoseFrame, Speed, Stride


@dataclass(frozen=True, slots=True, eq=False)
class Ours:
    """Everything gait said. `legs` by frame index, `speeds` with the time they were said, `cost_us` for each frame.

    `changes_s`: when it said that the belt runs at another speed.
    """

    strides: list[Stride]
    legs: dict[int, Legs]
    live: dict[int, Legs]
    speeds: list[tuple[float, Speed]]
    cost_us: FloatArray
    changes_s: list[float]

    @property
    def found(self) -> list[FoundStride]:
        """The strides as the scoring wants them."""
        return [
            FoundStride(
                stride.side,
                stride.t_strike_s,
                stride.t_toe_off_s,
                stride.t_next_strike_s,
                stride.trust,
                {name: value_of(stride, name) for name in METRICS},
            )
            for stride in self.strides
        ]


def follow(
    pose_frames: Sequence[PoseFrame],
    settings: GaitSettings | None = None,
    speed_at: Callable[[float], Speed | None] = lambda _t: None,
) -> Ours:
    """Feed gait frame by frame, as a session does; `speed_at` is what the user says of the speed at a time."""
    gait = Gait(settings or GaitSettings())
    strides: list[Stride] = []
    legs: dict[int, Legs] = {}
    live: dict[int, Legs] = {}
    speeds: list[tuple[float, Speed]] = []
    cost_us = np.empty(len(pose_frames))
    changes_s: list[float] = []
    for row, pose_frame in enumerate(pose_frames):
        speed = speed_at(pose_frame.t_s)
        started = time.perf_counter()
        step = gait.update(pose_frame, speed)
        cost_us[row] = (time.perf_counter() - started) * 1e6
        strides += step.strides
        legs |= {item.index: item for item in step.settled}
        if step.speed_changed:
            changes_s.append(pose_frame.t_s)
        if step.live is not None:
            live[pose_frame.index] = step.live
        if step.speed is not None:
            speeds.append((pose_frame.t_s, step.speed))
    last = gait.finish()
    strides += last.strides
    legs |= {item.index: item for item in last.settled}
    return Ours(strides, legs, live, speeds, cost_us, changes_s)
