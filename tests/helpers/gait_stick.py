"""A stick runner with known angles and events: what the gait tests feed on. Angles are Fourier series of the phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cuecoach.gait.gait import Gait, GaitStep
from cuecoach.gait.settings import GaitSettings
from cuecoach.gait.stride_curve import MEAN_RUNNER, basis
from cuecoach.types import LEG_LANDMARKS, FloatArray, Legs, Pose, PoseFrame, Speed, Stride

# Mean of 24 adults on a treadmill at 1.24 m/s (Fukuchi, Fukuchi & Duarte 2018, PeerJ 6:e4640, CC BY 4.0); thigh taken
# as hip flexion less 10 degrees of pelvic tilt. Same layout as MEAN_RUNNER.
MEAN_WALKER = np.array(
    [
        [4.31, 19.51, -3.02, -2.89, -2.06, -0.71, 1.6, -0.11, -0.15, -0.37, 0.12],
        [-16.94, 19.98, 18.97, 13.38, -6.46, 1.33, -3.07, 1.22, -0.62, 0.47, -0.76],
        [-13.99, 17.91, 24.1, 14.52, -12.51, -2.6, -3.33, 2.87, 0.05, 0.73, -1.88],
    ]
)
LEG_PX = 400.0
STATURE_PX = LEG_PX * 1.76 / 0.864
SIZE = (1280, 960)
HIP_PX = (640.0, 400.0)

Spoil = Callable[[FloatArray, FloatArray], None]


@dataclass(frozen=True)
class Stick:
    """How the stick moves. Right foot strike at t = 0, left half a stride later. `fold` scales the swing knee."""

    stride_s: float = 0.72
    curves: FloatArray = field(default_factory=lambda: MEAN_RUNNER)
    fold: float = 1.0
    bob_leg: float = 0.05  # half of the hips' rise and fall: lowest at mid-stance when positive

    def angles(self, phase: FloatArray) -> FloatArray:
        """Return thigh, shank and foot (n, 3) at a leg's own phase (n,)."""
        angles = basis(phase) @ self.curves.T
        if self.fold != 1.0:
            swing = np.clip(np.sin((phase % (2 * np.pi) - 0.8 * np.pi) / 1.2), 0.0, 1.0)
            knee = angles[:, 0] - angles[:, 1]
            angles[:, 1] = angles[:, 0] - knee * (1.0 + (self.fold - 1.0) * np.sqrt(swing))
        return angles

    def peak_knee_deg(self) -> float:
        angles = self.angles(np.linspace(0.8 * np.pi, 2 * np.pi, 2000))
        return float((angles[:, 0] - angles[:, 1]).max())

    def points(self, t_s: FloatArray) -> FloatArray:
        """Return (n, 2, 5, 2) left and right leg in leg lengths, hips near 0, x forward, y up."""
        out = np.zeros((len(t_s), 2, 5, 2))
        for row, start in ((0, np.pi), (1, 0.0)):
            phase = 2 * np.pi * t_s / self.stride_s + start
            thigh, shank, foot = np.radians(self.angles(phase)).T
            out[:, row, 1] = 0.499 * np.stack([np.sin(thigh), -np.cos(thigh)], 1)
            out[:, row, 2] = out[:, row, 1] + 0.501 * np.stack([np.sin(shank), -np.cos(shank)], 1)
            cos, sin = np.cos(foot), np.sin(foot)
            for joint, (x, y) in ((3, (-0.07, -0.08)), (4, (0.214, -0.08))):
                out[:, row, joint] = out[:, row, 2] + np.stack([cos * x - sin * y, sin * x + cos * y], 1)
        out[..., 1] -= self.bob_leg * np.cos(4 * np.pi * (t_s / self.stride_s - 0.13))[:, None, None]
        return out


def times(seconds: float, fps: float, jitter_s: float = 0.0, drop: float = 0.0, seed: int = 1) -> FloatArray:
    rng = np.random.default_rng(seed)
    t = np.arange(0.0, seconds, 1.0 / fps)
    t = np.sort(t + rng.normal(0.0, jitter_s, len(t)))
    return t[rng.random(len(t)) >= drop]


def film(
    stick: Stick,
    t_s: FloatArray,
    *,
    facing: int = 1,
    noise: float = 0.005,
    spoil: Spoil | None = None,
    visibility: tuple[float, float] | None = None,
    shift_px: FloatArray | None = None,
    seed: int = 2,
) -> list[PoseFrame]:
    """Return pose frames; noise is a share of stature per coordinate. `spoil(t, points)` may damage (n, 2, 5, 2) px."""
    rng = np.random.default_rng(seed)
    points = stick.points(t_s) * np.array([facing, -1.0]) * LEG_PX + HIP_PX
    points = points + rng.normal(0.0, noise * STATURE_PX, points.shape)
    if shift_px is not None:
        points[..., 0] += shift_px[:, None, None]
    if spoil is not None:
        spoil(t_s, points)
    return [
        pose_frame(float(t), index, legs, visibility) for index, (t, legs) in enumerate(zip(t_s, points, strict=True))
    ]


def pose_frame(t_s: float, index: int, legs: FloatArray, visibility: tuple[float, float] | None = None) -> PoseFrame:
    landmarks, seen = np.full((33, 2), np.nan), np.full(33, np.nan)
    for row in (0, 1):
        landmarks[list(LEG_LANDMARKS[row])] = legs[row]
        seen[list(LEG_LANDMARKS[row])] = 1.0 if visibility is None else visibility[row]
    return PoseFrame(t_s, index, Pose(t_s, landmarks, seen, SIZE))


@dataclass
class Run:
    """Everything a run of the room gave."""

    steps: list[GaitStep]
    settled: list[Legs]
    strides: list[Stride]


def follow(pose_frames: list[PoseFrame], speed: Speed | None = None, settings: GaitSettings | None = None) -> Run:
    gait = Gait(settings or GaitSettings())
    steps = [gait.update(one, speed) for one in pose_frames] + [gait.finish()]
    return Run(steps, [legs for step in steps for legs in step.settled], [s for step in steps for s in step.strides])
