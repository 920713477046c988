"""Rows of healthy virtual runners, who must be left alone; and the virtual runner as coach and gait see it in bulk.

They are seen by a perfect pose model plus noise, so these rows judge gait and coach together.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bench.data.filmed import FACINGS, SPEEDS_MPS
from bench.table import Row
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.angles import bone_lengths
from cuecoach.gait.gait import Gait, GaitStep
from cuecoach.gait.settings import GaitSettings
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.reference.body import LEG_M, STATURE_M
from cuecoach.types import LEG_LANDMARKS, Decision, Kind, Pose, PoseFrame, Side, Situation, Speed, SpeedOrigin
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import NONE, VirtualRunnerSettings

NOISE = 0.005  # of stature
HEALTHY_S = 120.0
SPEED_ERROR = 0.05  # the user knows the speed this well
SPEED_SD = 0.02  # and believes to know it this well
FALSE_AGAIN_S = 60.0  # the same false finding within this is one
TARGET_AN_HOUR = 1.0
ASKED_EVERY = 10  # frames


def healthy_rows(hours: float) -> list[Row]:
    """Return the rate of false findings that persist, so that the scheduler would hear of them: each pack, and all.

    Every pack judges every run whose speed is in its range; only those hours count.
    """
    judges = shipped()
    false: dict[str, list[str]] = {pack.id: [] for pack in judges}
    done_s = dict.fromkeys(false, 0.0)
    if not any(_judges(pack, speed_mps) for pack in judges for speed_mps in SPEEDS_MPS):
        return []
    seed = 100
    while sum(done_s.values()) < hours * 3600:
        speed_mps, facing = SPEEDS_MPS[seed % 4], FACINGS[seed // 4 % 2]
        virtual_runner = VirtualRunnerSettings(
            speed_mps=speed_mps, faults=(NONE,), facing=facing, seed=seed, duration_s=HEALTHY_S
        )
        said_mps = speed_mps * (1 + float(np.random.default_rng(seed).uniform(-SPEED_ERROR, SPEED_ERROR)))
        steps = list(gait_steps(noisy(virtual_runner), said_mps))
        for pack in judges:
            if _judges(pack, speed_mps):
                false[pack.id] += episodes(decisions(steps, pack))
                done_s[pack.id] += HEALTHY_S
        seed += 1
    each = [_healthy_row(name, false[name], done_s[name] / 3600) for name in false]
    every = [fault for faults in false.values() for fault in faults]
    return [*each, _healthy_row("all packs", every, sum(done_s.values()) / 3600, has_target=True)]


def _judges(pack: Pack, speed_mps: float) -> bool:
    low, high = pack.speeds_mps
    return low <= speed_mps <= high


def _healthy_row(name: str, false: Sequence[str], hours: float, has_target: bool = False) -> Row:
    per_hour = len(false) / hours if hours else math.nan
    which = ", ".join(f"{fault} {false.count(fault)}" for fault in sorted(set(false)))
    cell = f"{per_hour:.1f} in {hours:.1f} h" if hours else "no runner at its speeds"
    return Row(
        f"virtual runner, healthy, speed known within {100 * SPEED_ERROR:.0f} %",
        f"{name}: false findings an hour",
        f"{TARGET_AN_HOUR:.0f}" if has_target else "stated",
        cell + (f" ({which})" if which else ""),
        per_hour <= TARGET_AN_HOUR if has_target else None,
    )


def shipped() -> list[Pack]:
    """Return the packs that come with the program."""
    return [library.find(str(path)) for path in sorted(library.shipped_folder().glob(f"*{library.SUFFIX}"))]


def noisy(virtual_runner: VirtualRunnerSettings) -> Iterator[PoseFrame]:
    """Yield the virtual runner as a perfect pose model sees it, with NOISE of stature on every coordinate."""
    runner = VirtualRunner(virtual_runner)
    rng = np.random.default_rng(virtual_runner.seed)
    rows = np.array(LEG_LANDMARKS)
    for index in range(round(virtual_runner.duration_s * virtual_runner.rate_hz)):
        pose = runner.pose(index / virtual_runner.rate_hz)
        stature_px = float(bone_lengths(pose.points_px[rows]).sum(axis=-1).mean()) * STATURE_M / LEG_M
        points = pose.points_px + rng.normal(0.0, NOISE * stature_px, pose.points_px.shape)
        yield PoseFrame(pose.t_s, index, Pose(pose.t_s, points, pose.visibility, pose.image_size_px))


def gait_steps(pose_frames: Iterable[PoseFrame], said_mps: float) -> Iterator[tuple[float, GaitStep]]:
    """Yield what gait says to each pose frame, with its time."""
    gait, speed = Gait(GaitSettings()), Speed(said_mps, SPEED_SD * said_mps, SpeedOrigin.USER)
    for pose_frame in pose_frames:
        yield pose_frame.t_s, gait.update(pose_frame, speed)


def decisions(steps: Iterable[tuple[float, GaitStep]], pack: Pack) -> Iterator[tuple[Decision, int]]:
    """Yield what a coach without a warm-up decides, each with the strides of the busier leg so far.

    The coach is asked with every stride, and now and then between them.
    """
    coach = Coach(pack, replace(CoachSettings(), warmup_inhibit_s=0.0))
    counts: dict[Side, int] = dict.fromkeys(Side, 0)
    for number, (t_s, step) in enumerate(steps):
        for stride in step.strides:
            counts[stride.side] += 1
        if step.strides or number % ASKED_EVERY == 0:
            situation = Situation(step.activity, step.leaving, step.speed, muted=False)
            yield from ((decision, max(counts.values())) for decision in coach.step(t_s, step.strides, situation))


def episodes(told: Iterable[tuple[Decision, int]]) -> list[str]:
    """Return the faults of the findings that persisted; the same one again within FALSE_AGAIN_S counts once."""
    last_s: dict[str, float] = defaultdict(lambda: -math.inf)
    out = []
    for decision, _ in told:
        if decision.kind is Kind.FAULT and decision.fault:
            if decision.t_s - last_s[decision.fault] > FALSE_AGAIN_S:
                out.append(decision.fault)
            last_s[decision.fault] = decision.t_s
    return out
