"""Rows of virtual runners with gross faults: exact landmarks are read right or not trusted, and a change is believed.

Truth is what the metrics are of the true landmarks in a stride between true events, without the leg tracker that is
judged here. The runners hear no cue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bench.accuracy.ours import follow
from bench.accuracy.rows.virtual import shipped
from bench.data.truth import STRIDE_COLUMNS
from bench.table import Row
from cuecoach.coach.findings import Judge, Level
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.angles import bone_lengths, to_runner_axes
from cuecoach.gait.events import Contact
from cuecoach.gait.metrics import STRIDE_METRICS, measure
from cuecoach.gait.stride_window import Cycle, StrideWindow, flat_foot_deg
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.packs.pack import Pack
from cuecoach.reference.body import landmarks
from cuecoach.types import (
    HIP,
    LEG_LANDMARKS,
    SHOULDERS,
    Activity,
    Pose,
    PoseFrame,
    Side,
    Speed,
    SpeedOrigin,
    Stride,
)
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.faults import FAULTS, FLICK, KNEE_TOO_HIGH, LAZY_HEEL
from cuecoach.virtual_runner.kinematics import GaitEvent, GaitEventKind, RunnerMotion
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

RIGHT_DEG = 8.0
TRUST_MIN = CoachSettings().trust_min
STRENGTHS = (1.0, 1.5, 2.0)
CAMERAS = ((2.5, "left", 30.0), (3.5, "right", 60.0), (3.5, "left", 30.0), (5.0, "right", 60.0), (5.0, "left", 30.0))
RUN_S, TRUTH_HZ = 6.0, 120.0
# Strengths at which the angle that a fault changes most is off by about 15, 25 and 40 degrees at 3.5 m/s.
CHANGES = {FLICK: (0.4, 0.75, 1.25), KNEE_TOO_HIGH: (0.7, 1.2, 1.9), LAZY_HEEL: (0.5, 0.9, 1.35)}
CHANGE_S, AFTER_S, CHANGED_MPS = 4.0, 4.5, 3.5
BELIEVED_WITHIN = 3  # strides
_SAME_STRIKE_S = 0.12
_LONGEST_CONTACT_S, _LONGEST_STRIDE_S = 0.6, 1.6

Strength = Callable[[float], float]
Pair = tuple[Stride, Stride]  # as found, and as it is


def gross_fault_rows() -> list[Row]:
    """Return a row for each fault, one for what packs are told, and one for each size of a change of technique."""
    packs = shipped()
    data = f"virtual runner, gross faults (strength {STRENGTHS[0]:g} to {STRENGTHS[-1]:g}), exact landmarks"
    rows, false = [], []
    for fault in FAULTS:
        pairs: list[Pair] = []
        missed = 0
        for virtual_runner in _whom(fault):
            found, lost = matched(virtual_runner, _steady(virtual_runner.strength))
            pairs += found
            missed += lost
            false += [f"{fault} as {other}" for other in false_findings(found, packs, virtual_runner.speed_mps)]
        rows.append(_read_row(data, fault, pairs, missed))
    which = ", ".join(f"{what} {false.count(what)}" for what in sorted(set(false)))
    measure_ = "strides judged to show a fault that the true ones are well of, all packs"
    rows.append(Row(data, measure_, "0", f"{len(false)}" + (f" ({which})" if which else ""), not false))
    return [*rows, *_change_rows()]


def _whom(fault: str) -> Iterator[VirtualRunnerSettings]:
    for strength in STRENGTHS:
        for seed, (speed_mps, facing, rate_hz) in enumerate(CAMERAS, start=1):
            yield _settings(fault, strength, speed_mps, facing, rate_hz, seed)


def _settings(
    fault: str, strength: float, speed_mps: float, facing: str, rate_hz: float, seed: int, seconds: float = RUN_S
) -> VirtualRunnerSettings:
    return VirtualRunnerSettings(
        speed_mps=speed_mps,
        faults=(fault,),
        strength=strength,
        facing=facing,
        rate_hz=rate_hz,
        seed=seed,
        duration_s=seconds,
    )


def _steady(strength: float) -> Strength:
    return lambda _t_s: strength


def _read_row(data: str, fault: str, pairs: Sequence[Pair], missed: int) -> Row:
    off = np.array([off_deg(*pair) for pair in pairs])
    trusted = np.array([found.trust >= TRUST_MIN for found, _ in pairs])
    wrong = int((trusted & ~(off <= RIGHT_DEG)).sum())
    cell = f"{wrong} of {trusted.sum()} trusted, {len(pairs)} found of {len(pairs) + missed}"
    return Row(data, f"{fault}: trusted strides off by more than {RIGHT_DEG:g} deg", "0", cell, wrong == 0, wrong)


def _change_rows() -> list[Row]:
    rows = []
    for size, name in enumerate(("15", "25", "40")):
        waits = [
            strides_until_believed(fault, strengths[size], facing, rate_hz, back)
            for fault, strengths in CHANGES.items()
            for facing, rate_hz in (("left", 30.0), ("right", 60.0))
            for back in (False, True)
        ]
        late = sum(wait > BELIEVED_WITHIN for wait in waits)
        rows.append(
            Row(
                f"virtual runner whose technique changes by {name} degrees, exact landmarks",
                f"near strides until one is right and trusted: worst; later than {BELIEVED_WITHIN}",
                f"{BELIEVED_WITHIN}; 0",
                f"{max(waits):.0f}; {late} of {len(waits)}",
                late == 0,
            )
        )
    return rows


def strides_until_believed(fault: str, strength: float, facing: str, rate_hz: float, back: bool) -> float:
    """Return which near stride after a change (or a change back) is the first that is right and trusted."""
    virtual_runner = _settings(fault, strength, CHANGED_MPS, facing, rate_hz, 1, CHANGE_S + AFTER_S)
    pairs, _ = matched(virtual_runner, lambda t_s: strength if (t_s >= CHANGE_S) is not back else 0.0)
    # The runner changes in the course of the cycle that begins after CHANGE_S; the stride after it is the first.
    after = [pair for pair in pairs if pair[1].is_near and pair[1].t_strike_s > CHANGE_S + 0.4]
    right = (n for n, pair in enumerate(after, 1) if pair[0].trust >= TRUST_MIN and off_deg(*pair) <= RIGHT_DEG)
    return next(right, float("inf"))


def off_deg(found: Stride, true: Stride) -> float:
    """Return how far the worst of the three angles is off; NaN when one is NaN."""
    return float(np.max([abs(found.metrics[name] - true.metrics[name]) for name in STRIDE_COLUMNS]))


def false_findings(pairs: Sequence[Pair], packs: Sequence[Pack], speed_mps: float) -> list[str]:
    """Return the faults that found strides show by one of the packs while the true strides are well of them."""
    speed = Speed(speed_mps, 0.0, SpeedOrigin.USER)
    told = []
    for pack in packs:
        judges = [Judge(pack, CoachSettings()) for _ in range(2)]
        for pair in pairs:
            found, true = (judge.judge(replace(s, speed=speed)) for judge, s in zip(judges, pair, strict=True))
            told += [
                rule.id
                for rule, one, other in zip(pack.rules, found, true, strict=True)
                if one and other and one.level is Level.VIOLATED and other.level is Level.OK
            ]
    return told


def matched(virtual_runner: VirtualRunnerSettings, strength_at: Strength) -> tuple[list[Pair], int]:
    """Return the strides that gait finds in exact landmarks with the true ones, and how many it does not find."""
    fault = virtual_runner.faults[0]
    motion = RunnerMotion(virtual_runner, lambda name, t_s: strength_at(t_s) if name == fault else 0.0)
    found = follow(_poses(motion, virtual_runner, virtual_runner.rate_hz)).strides
    pairs: list[Pair] = []
    missed = 0
    for true in _true_strides(motion, virtual_runner):
        same = [s for s in found if s.side is true.side and abs(s.t_strike_s - true.t_strike_s) < _SAME_STRIKE_S]
        missed += not same
        pairs += [(stride, replace(true, cadence_spm=stride.cadence_spm)) for stride in same[:1]]
    return pairs, missed


def _poses(motion: RunnerMotion, virtual_runner: VirtualRunnerSettings, rate_hz: float) -> list[PoseFrame]:
    drawing = RunnerDrawing(virtual_runner)
    size_px = (virtual_runner.width_px, virtual_runner.height_px)
    frames = []
    for index in range(round(virtual_runner.duration_s * rate_hz)):
        points_px = drawing.landmarks_px(landmarks(motion.posture(index / rate_hz)))
        pose = Pose(index / rate_hz, points_px, np.ones(len(points_px)), size_px)
        frames.append(PoseFrame(pose.t_s, index, pose))
    return frames


def _true_strides(motion: RunnerMotion, virtual_runner: VirtualRunnerSettings) -> Iterator[Stride]:
    """Yield the strides between true events, measured on the true landmarks."""
    trajectory = _trajectory(_poses(motion, virtual_runner, TRUTH_HZ), virtual_runner)
    events = motion.events(0.0, virtual_runner.duration_s)
    contacts = [list(_contacts(events, side)) for side in Side]
    for side in Side:
        own = contacts[side.row]
        flat_deg = float(np.median([flat_foot_deg(trajectory, side.row, contact) for contact in own]))
        for first, second in pairwise(own):
            if second.t_strike_s - first.t_strike_s > _LONGEST_STRIDE_S:
                continue
            cycle = Cycle(side.row, first, second.t_strike_s, tuple(contacts[1 - side.row]))
            window = StrideWindow.of(trajectory, cycle, flat_deg)
            if window is not None:
                yield _stride(window, side, side is virtual_runner.near)


def _trajectory(frames: Sequence[PoseFrame], virtual_runner: VirtualRunnerSettings) -> LegTrajectory:
    facing = 1 if virtual_runner.facing == "right" else -1
    points = np.array([frame.pose.points_px for frame in frames if frame.pose is not None])
    legs = to_runner_axes(points[:, np.array(LEG_LANDMARKS)], facing)
    hips = [leg[HIP] for leg in LEG_LANDMARKS]
    trunk = to_runner_axes(np.stack([points[:, rows].mean(axis=1) for rows in ([*SHOULDERS], hips)], axis=1), facing)
    t_s = np.array([frame.t_s for frame in frames])
    leg_px = np.median(bone_lengths(legs).sum(axis=-1), axis=0)
    return LegTrajectory(t_s, legs, np.ones((len(t_s), 2)), trunk, leg_px, virtual_runner.near)


def _contacts(events: Sequence[GaitEvent], side: Side) -> Iterator[Contact]:
    """Yield the whole contacts of one leg."""
    own = [event for event in events if event.side is side]

    def first(kind: GaitEventKind, since_s: float) -> float:
        return next((e.t_s for e in own if e.kind is kind and 0 < e.t_s - since_s < _LONGEST_CONTACT_S), float("nan"))

    for event in own:
        if event.kind is GaitEventKind.FOOT_STRIKE:
            times_s = [first(kind, event.t_s) for kind in (GaitEventKind.MID_STANCE, GaitEventKind.TOE_OFF)]
            if np.isfinite(times_s).all():
                yield Contact(event.t_s, *times_s)


def _stride(window: StrideWindow, side: Side, is_near: bool) -> Stride:
    values, contact = measure(window), window.cycle.contact
    return Stride(
        number=0,
        side=side,
        is_near=is_near,
        t_strike_s=contact.t_strike_s,
        t_midstance_s=contact.t_midstance_s,
        t_toe_off_s=contact.t_toe_off_s,
        t_next_strike_s=window.cycle.t_next_strike_s,
        closed_s=window.cycle.t_next_strike_s,
        cadence_spm=values["cadence_spm"],
        contact_s=values["contact_s"],
        duty=values["duty"],
        activity=Activity.RUNNING,
        speed=None,
        trust=1.0,
        metrics={name: values[name] for name in STRIDE_METRICS},
    )
