"""The virtual runner in all its looks, drawn in a scene, seen by real MediaPipe, followed and matched with the truth.

Owns who the runners are. Truth is what gait itself measures from exact landmarks at 120 Hz, so what is found here is
the pose model's error and what gait makes of it, not the error of a definition.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import cuecoach.virtual_runner
from bench.accuracy.ours import follow
from bench.accuracy.score import StrideMatch, match_strides
from bench.data.poses import code_of, recorded
from bench.data.scenes import PLAIN, Detections, SceneSource
from bench.data.truth import TrueStride
from cuecoach.gait.metrics import METRICS
from cuecoach.pose.settings import PoseSettings
from cuecoach.types import PoseFrame, Side
from cuecoach.virtual_runner import faults
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import NONE, VirtualRunnerSettings

SPEEDS_MPS = (2.5, 3.0, 3.5, 4.2)
FACINGS = ("left", "right")
RUNNERS = 20
RUNS = RUNNERS * len(SPEEDS_MPS) * len(FACINGS)
FILMED_S = 5.0
TRUTH_HZ = 120.0
_MILD = 0.5  # strength of the runners' own ways: about half way to a fault
# Every second runner has a way of its own.
_WAYS = (faults.LAZY_HEEL, faults.FLICK, faults.OVERSTRIDE, faults.KNEE_TOO_HIGH, faults.WEAK_PUSH)
_DRAWN = code_of(cuecoach.virtual_runner) + Path(__file__).with_name("scenes.py").read_bytes()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One runner at one speed in one scene: strides of both legs as found and as they are."""

    virtual_runner: VirtualRunnerSettings
    matched: StrideMatch

    @property
    def near(self) -> StrideMatch:
        """The strides of the near leg."""
        return self.of(self.virtual_runner.near)

    @property
    def far(self) -> StrideMatch:
        """The strides of the far leg."""
        return self.of(self.virtual_runner.near.other)

    def of(self, side: Side) -> StrideMatch:
        """Return the strides of one leg."""
        return StrideMatch(
            [pair for pair in self.matched.pairs if pair[1].side is side],
            [stride for stride in self.matched.missed if stride.side is side],
            [stride for stride in self.matched.invented if stride.side is side],
        )


def whom(count: int) -> Iterator[tuple[VirtualRunnerSettings, Detections]]:
    """Yield `count` of the RUNS, each with its look: any eight in a row hold every speed and facing, and other runners.

    Twenty runners: of ten sizes in the picture, off its middle, in light of seven kinds; every second runs in a mild
    way of its own.
    """
    speeds_and_facings = list(product(SPEEDS_MPS, FACINGS))
    for number in range(count):
        turn, combination = divmod(number, len(speeds_and_facings))
        speed_mps, facing = speeds_and_facings[combination]
        runner = (turn + combination) % RUNNERS
        way = _WAYS[runner // 2 % len(_WAYS)] if runner % 2 else NONE
        virtual_runner = VirtualRunnerSettings(
            speed_mps=speed_mps, faults=(way,), strength=_MILD, facing=facing, seed=runner + 1, duration_s=FILMED_S
        )
        yield (
            virtual_runner,
            Detections(0.74 + 0.04 * (3 * runner % 10), 0.02 * (runner % 5 - 2), 0.7 + 0.08 * (2 * runner % 7)),
        )


def filmed(count: int, scene: str = PLAIN) -> tuple[list[Run], float]:
    """Return the first `count` runs in a scene, and how long that took in seconds."""
    began = time.perf_counter()
    runs = [
        Run(
            virtual_runner, match_strides(follow(seen(virtual_runner, scene, look)).found, true_strides(virtual_runner))
        )
        for virtual_runner, look in whom(count)
    ]
    return runs, time.perf_counter() - began


def seen(virtual_runner: VirtualRunnerSettings, scene: str, look: Detections) -> list[PoseFrame]:
    """Return the runner as MediaPipe sees the drawing, kept like the landmarks of a film."""
    shown = repr((sorted(asdict(virtual_runner).items()), scene, look)).encode()
    return recorded("virtual", shown + _DRAWN, lambda: SceneSource(virtual_runner, scene, look), PoseSettings())


def exact(virtual_runner: VirtualRunnerSettings) -> list[PoseFrame]:
    """Return the runner as a perfect pose model with a fast camera sees it."""
    runner, fine = VirtualRunner(virtual_runner), replace(virtual_runner, rate_hz=TRUTH_HZ)
    poses = (runner.pose(index / fine.rate_hz) for index in range(round(fine.duration_s * fine.rate_hz)))
    return [PoseFrame(pose.t_s, index, pose) for index, pose in enumerate(poses)]


def true_strides(virtual_runner: VirtualRunnerSettings) -> list[TrueStride]:
    """Return the strides of both legs with all their metrics, as gait measures them on `exact` landmarks."""
    return strides_as_truth(exact(virtual_runner))


def strides_as_truth(pose_frames: Sequence[PoseFrame]) -> list[TrueStride]:
    """Return what gait makes of pose frames without error."""
    names = METRICS
    return [
        TrueStride(s.side, s.t_strike_s, s.t_toe_off_s, s.t_next_strike_s, {name: s.metrics[name] for name in names})
        for s in follow(pose_frames).found
    ]
