"""Rows of the virtual runner: are faults found, are healthy runners left alone, what does real MediaPipe add.

The faulty and the healthy are seen by a perfect pose model plus noise, so these rows judge gait and coach together;
the rows through MediaPipe judge the whole way from the picture.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
from _ours import follow
from _poses import OUT, detect_all, read_all
from _rows import OURS, Row, number
from _score import match_strides
from _truth import TrueStride

import cuecoach.athlete
from cuecoach import packs
from cuecoach.athlete.body import LEG_M, STATURE_M
from cuecoach.athlete.faults import FAULTS
from cuecoach.athlete.runner import Runner
from cuecoach.athlete.settings import AthleteSettings
from cuecoach.coach import Coach, CoachSettings, Pack, Situation
from cuecoach.gait import Gait, GaitSettings, GaitStep
from cuecoach.gait.angles import bone_lengths
from cuecoach.gait.table import METRICS
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.recording import RecordingSource, RecordingWriter
from cuecoach.source.virtual import VirtualSource
from cuecoach.types import LEG_LANDMARKS, Decision, Kind, Pose, Side, Sighting, Speed

NOISE = 0.005  # of stature
SPEEDS_MPS = (2.5, 3.0, 3.5, 4.2)
FACINGS = ("left", "right")
FOUND_WITHIN = 15  # strides of a leg
FAULTY_S = 15.0
HEALTHY_S = 120.0
SPEED_ERROR = 0.05  # the user knows the speed this well
SPEED_SD = 0.02  # and believes to know it this well
FILMED_S = 8.0
FALSE_AGAIN_S = 60.0  # the same false finding within this is one


def faulty_rows() -> list[Row]:
    """Return one row for each fault: how often the packs that judge it found it within FOUND_WITHIN strides."""
    rows = []
    for fault in FAULTS:
        asked = [pack for pack in shipped() if any(rule.id == fault for rule in pack.rules)]
        found = total = 0
        for seed, (speed_mps, facing) in enumerate(product(SPEEDS_MPS, FACINGS)):
            athlete = _athlete(fault, speed_mps, facing, seed + 1, FAULTY_S)
            steps = gait_steps(noisy(athlete), speed_mps) if asked else []
            for pack in asked:
                low, high = pack.speeds_mps
                if low <= speed_mps <= high:
                    total += 1
                    found += _found_within(steps, pack, fault)
        cell = f"{found} of {total}" if total else "no shipped pack asks for it"
        rows.append(
            Row(
                "virtual runner, faulty (strength 1)",
                f"{fault}: found within {FOUND_WITHIN} strides, runs x packs",
                "95 %",
                {OURS: cell},
                found >= 0.95 * total if total else None,
            )
        )
    return rows


def healthy_rows(hours: float) -> list[Row]:
    """Return the rate of false findings that persist, so that the scheduler would hear of them, over all packs."""
    false: list[str] = []
    done_s = 0.0
    seed = 100
    judges = shipped()
    while done_s < hours * 3600:
        speed_mps, facing = SPEEDS_MPS[seed % 4], FACINGS[seed // 4 % 2]
        athlete = _athlete("none", speed_mps, facing, seed, HEALTHY_S)
        rng = np.random.default_rng(seed)
        said_mps = speed_mps * (1 + float(rng.uniform(-SPEED_ERROR, SPEED_ERROR)))
        steps = gait_steps(noisy(athlete), said_mps)
        for pack in judges:
            false += _episodes(decisions(steps, pack))
            done_s += HEALTHY_S
        seed += 1
    per_hour = len(false) / (done_s / 3600)
    names = ", ".join(f"{name} {false.count(name)}" for name in sorted(set(false)))
    return [
        Row(
            "virtual runner, healthy",
            f"false findings an hour, speed known within 5 %, {done_s / 3600:.1f} h, {len(judges)} packs",
            "1",
            {OURS: f"{per_hour:.1f}" + (f" ({names})" if names else "")},
            per_hour <= 1.0,
        )
    ]


def _athlete(fault: str, speed_mps: float, facing: str, seed: int, seconds: float) -> AthleteSettings:
    return AthleteSettings(speed_mps=speed_mps, faults=(fault,), facing=facing, seed=seed, duration_s=seconds)


def shipped() -> list[Pack]:
    """Return the packs that come with the program."""
    return [packs.find(str(path)) for path in sorted(packs.shipped_folder().glob(f"*{packs.SUFFIX}"))]


def noisy(athlete: AthleteSettings) -> Iterator[Sighting]:
    """Yield the virtual runner as a perfect pose model sees it, with NOISE of stature on every coordinate."""
    runner = Runner(athlete)
    rng = np.random.default_rng(athlete.seed)
    rows = np.array(LEG_LANDMARKS)
    for index in range(round(athlete.duration_s * athlete.rate_hz)):
        pose = runner.pose(index / athlete.rate_hz)
        stature_px = float(bone_lengths(pose.points_px[rows]).sum(axis=-1).mean()) * STATURE_M / LEG_M
        points = pose.points_px + rng.normal(0.0, NOISE * stature_px, pose.points_px.shape)
        yield Sighting(pose.t_s, index, Pose(pose.t_s, points, pose.visibility, pose.image_size_px))


def gait_steps(sightings: Iterable[Sighting], said_mps: float) -> list[tuple[float, GaitStep]]:
    """Return what gait said to each sighting, with its time."""
    gait, speed = Gait(GaitSettings()), Speed(said_mps, SPEED_SD * said_mps, "user")
    return [(sighting.t_s, gait.update(sighting, speed)) for sighting in sightings]


def decisions(steps: Sequence[tuple[float, GaitStep]], pack: Pack) -> list[tuple[Decision, int]]:
    """Return what a coach without a warm-up decided, each with the strides of the busier leg so far."""
    coach = Coach(pack, replace(CoachSettings(), warmup_inhibit_s=0.0))
    counts: dict[Side, int] = dict.fromkeys(Side, 0)
    out: list[tuple[Decision, int]] = []
    for t_s, step in steps:
        for stride in step.strides:
            counts[stride.side] += 1
        situation = Situation(step.activity, step.leaving, step.speed, muted=False)
        out += [(decision, max(counts.values())) for decision in coach.step(t_s, step.strides, situation)]
    return out


def _found_within(steps: Sequence[tuple[float, GaitStep]], pack: Pack, fault: str) -> bool:
    told = decisions(steps, pack)
    return any(d.fault == fault and d.kind is Kind.FAULT and strides <= FOUND_WITHIN for d, strides in told)


def _episodes(told: Sequence[tuple[Decision, int]]) -> list[str]:
    """Return the faults of the findings that persisted; the same one again within FALSE_AGAIN_S counts once."""
    last_s: dict[str, float] = defaultdict(lambda: -math.inf)
    out = []
    for decision, _ in told:
        if decision.kind is Kind.FAULT and decision.fault:
            if decision.t_s - last_s[decision.fault] > FALSE_AGAIN_S:
                out.append(decision.fault)
            last_s[decision.fault] = decision.t_s
    return out


def filmed_rows(runs: int) -> list[Row]:
    """Return bias and SD of every metric that a shipped pack uses, drawn and seen by real MediaPipe, near leg.

    Truth is what gait itself measures from perfect landmarks at 120 Hz, so these rows hold the pose model's error and
    what gait makes of it, not the error of a definition.
    """
    used = sorted({metric for pack in shipped() for rule in pack.rules for metric in rule.metrics})
    names = [metric.name for metric in METRICS if metric.name in used]
    off: dict[str, list[float]] = defaultdict(list)
    found = total = 0
    for seed, (speed_mps, facing) in enumerate(list(product(SPEEDS_MPS, FACINGS)) * 20):
        if seed >= runs:
            break
        athlete = _athlete("none", speed_mps, facing, seed + 1, FILMED_S)
        truth = _true_strides(athlete, names)
        seen = [stride for stride in follow(_filmed(athlete)).found if stride.side is athlete.near]
        matched = match_strides(seen, truth)
        found, total = found + len(matched.pairs), total + len(truth)
        for name in names:
            off[name] += matched.errors(name).values.tolist()
    data = f"virtual runner, real MediaPipe, {runs} runs"
    rows = [Row(data, "near strides found", "stated", {OURS: f"{found} of {total}"})]
    for name in names:
        values = np.array(off[name])
        digits = 1 if name.endswith("_deg") else 3
        cell = f"{number(float(values.mean()), digits, signed=True)} ± {number(float(values.std(ddof=1)), digits)}"
        rows.append(Row(data, f"{name}, bias ± SD", "stated", {OURS: cell if len(values) > 1 else "?"}))
    return rows


def _true_strides(athlete: AthleteSettings, names: Sequence[str]) -> list[TrueStride]:
    fine = replace(athlete, rate_hz=120.0)
    runner = Runner(fine)
    count = round(fine.duration_s * fine.rate_hz)
    poses = (runner.pose(index / fine.rate_hz) for index in range(count))
    strides = follow([Sighting(pose.t_s, index, pose) for index, pose in enumerate(poses)]).strides
    return [
        TrueStride(s.side, s.t_strike_s, s.t_toe_off_s, s.t_next_strike_s, {name: s.metrics[name] for name in names})
        for s in strides
        if s.side is athlete.near
    ]


def _filmed(athlete: AthleteSettings) -> list[Sighting]:
    """Return the runner as MediaPipe sees the drawing, kept like the landmarks of a film."""
    drawn = b"".join(path.read_bytes() for path in sorted(Path(cuecoach.athlete.__path__[0]).glob("*.*")))
    digest = hashlib.sha256(repr(sorted(asdict(athlete).items())).encode() + drawn).hexdigest()[:12]
    recording = OUT / f"virtual-{digest}-mediapipe{version('mediapipe')}.landmarks.csv.gz"
    if not recording.is_file():
        OUT.mkdir(exist_ok=True)
        sightings = detect_all(VirtualSource(athlete), PoseSettings())
        unfinished = recording.with_name("unfinished.landmarks.csv.gz")
        with RecordingWriter(unfinished, athlete.rate_hz, (athlete.width_px, athlete.height_px)) as writer:
            for sighting in sightings:
                writer.write(sighting)
        unfinished.replace(recording)
    return read_all(RecordingSource(recording))
