"""Reads the near leg's true strides off the virtual runner, the way `docs/conventions.md` defines the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cuecoach.reference.body import LEG_M, leg_points
from cuecoach.types import ANKLE, HEEL, TOE, FloatArray, Side
from cuecoach.virtual_runner.faults import FAULTS
from cuecoach.virtual_runner.kinematics import GaitEventKind, RunnerMotion
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

RATE_HZ = 200.0


@dataclass(frozen=True)
class Run:
    """Ten seconds of one runner. `angles` (n, 2, 3) thigh, knee, foot; `points` (n, 2, 5, 2) m above the belt."""

    motion: RunnerMotion
    t_s: FloatArray
    angles: FloatArray
    points: FloatArray
    lean_deg: FloatArray


def run(
    fault: str = "none", strength: float = 1.0, speed_mps: float = 3.5, seconds: float = 8.0, **more: object
) -> Run:
    settings = VirtualRunnerSettings(speed_mps=speed_mps, faults=(fault,), **more)  # type: ignore[arg-type]
    motion = RunnerMotion(settings, lambda name, _t_s: strength if name == fault else 0.0)
    t_s = np.arange(2.0, 2.0 + seconds, 1.0 / RATE_HZ)
    postures = [motion.posture(float(t)) for t in t_s]
    angles = np.array([posture.legs_deg for posture in postures])
    hips = np.array([posture.hip_m for posture in postures])
    points = hips[:, None, None] + leg_points(*np.moveaxis(angles, 2, 0))
    return Run(motion, t_s, angles, points, np.array([posture.lean_deg for posture in postures]))


def stances(run: Run, side: Side) -> list[slice]:
    """Return the frames of every whole stance of one leg."""
    events = run.motion.events(run.t_s[0], run.t_s[-1])
    strikes = [event.t_s for event in events if event.side is side and event.kind is GaitEventKind.FOOT_STRIKE]
    lifts = [event.t_s for event in events if event.side is side and event.kind is GaitEventKind.TOE_OFF]
    pairs = [(down, next((up for up in lifts if up > down), None)) for down in strikes]
    return [slice(*np.searchsorted(run.t_s, pair)) for pair in pairs if pair[1] is not None]


def metrics(run: Run, side: Side = Side.LEFT) -> dict[str, float]:
    """Return the median over the strides of one leg."""
    thigh, knee, _ = run.angles[:, side.row].T
    points = run.points[:, side.row]
    downs = stances(run, side)
    rows = []
    for this, following in pairwise(downs):
        swing = slice(this.stop, following.start)
        rising = swing.start + np.flatnonzero((thigh[swing][:-1] < 0.0) & (thigh[swing][1:] >= 0.0))
        folded = swing.start + np.flatnonzero(knee[swing] > 60.0)
        at = this.start
        rows.append(
            {
                "knee_peak": knee[swing].max(),
                "knee_at_vertical": knee[rising[0]],
                "thigh_at_knee60": thigh[folded[0]] if len(folded) else np.nan,
                "thigh_at_heel_peak": thigh[swing][points[swing, HEEL, 1].argmax()],
                "thigh_max": thigh[swing].max(),
                "thigh_at_toe_off": thigh[this.stop],
                "shank_at_strike": thigh[at] - knee[at],
                "ankle_ahead": (points[at, ANKLE, 0] - points[at, 0, 0]) / LEG_M,
                "cadence": 120.0 * RATE_HZ / (following.start - this.start),
                "contact": (this.stop - this.start) / RATE_HZ,
                "toe_mps": toe_speed(points[this, TOE, 0]),
            }
        )
    found = {name: float(np.median([row[name] for row in rows])) for name in rows[0]}
    return found | {"lean": float(run.lean_deg.mean())}


def toe_speed(x_m: FloatArray) -> float:
    """Return the toe's mean speed against the running direction over 20 to 60 % of a stance."""
    flat = x_m[len(x_m) // 5 : len(x_m) * 3 // 5]
    return float(flat[0] - flat[-1]) * RATE_HZ / (len(flat) - 1)


ALL = ("none", *FAULTS)
