"""A simulated webcam at the side of a treadmill: motion capture in, what a pose model might report out.

Owns the projection, the sampling and the errors that are added; everything random comes from the seed. There are no
shoulders in the motion capture, so those landmarks are NaN with visibility 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from bench.data.truth import Mocap
from cuecoach.types import ANKLE, KNEE, LANDMARKS, LEG_LANDMARKS, FloatArray, Pose, PoseFrame, Side


@dataclass(frozen=True, slots=True)
class Camera:
    """What is simulated. The near leg is the one on the camera's side; a runner whose right leg is near faces right.

    `noise` is the SD of each coordinate as a share of stature; `jitter_s` the SD of capture times about the even
    beat; `dropped` the share of frames that never arrive. `confused` adds what pose models do as the legs pass each
    other: for one to four frames the legs change names, or both are put on one leg.
    """

    near: Side
    rate_hz: float = 30.0
    noise: float = 0.005
    jitter_s: float = 0.003
    dropped: float = 0.02
    confused: bool = False
    distance_m: float = 3.0
    height_m: float = 0.9
    stature_px: float = 650.0
    size_px: tuple[int, int] = (1280, 960)

    @property
    def facing(self) -> int:
        """+1 image right, -1 image left."""
        return 1 if self.near is Side.RIGHT else -1


def project(points_m: FloatArray, stature_m: float, camera: Camera) -> FloatArray:
    """Return (..., 2) px of points (..., 3) m by a pinhole camera square to the belt, aimed at the mean hip."""
    aim = np.mean(points_m[:, :, 0], axis=(0, 1))
    depth_m = camera.distance_m - camera.facing * (points_m[..., 2] - aim[2])
    scale = camera.stature_px / stature_m * camera.distance_m / depth_m
    x = camera.size_px[0] / 2 + camera.facing * scale * (points_m[..., 0] - aim[0])
    y = camera.size_px[1] / 2 - scale * (points_m[..., 1] - camera.height_m)
    return np.stack([x, y], axis=-1)


def film(mocap: Mocap, camera: Camera, seed: int) -> list[PoseFrame]:
    """Return the pose frames of one trial."""
    rng = np.random.default_rng(seed)
    t_s = _capture_times(mocap, camera, rng)
    whole = project(mocap.points_m, mocap.stature_m, camera)
    legs = CubicSpline(mocap.t_s, whole)(t_s)
    if camera.confused:
        _confuse(legs, rng)
    legs += rng.normal(0.0, camera.noise * camera.stature_px, legs.shape)
    kept = rng.random(len(t_s)) >= camera.dropped
    return [
        PoseFrame(float(t), int(index), pose_of(float(t), legs[index], camera.size_px))
        for index, t in enumerate(t_s)
        if kept[index]
    ]


def pose_of(t_s: float, legs_px: FloatArray, size_px: tuple[int, int]) -> Pose:
    """Return a pose that has only the legs (2, 5, 2)."""
    points = np.full((len(LANDMARKS), 2), np.nan)
    visibility = np.zeros(len(LANDMARKS))
    rows = np.array(LEG_LANDMARKS)
    points[rows] = legs_px
    visibility[rows] = 0.95
    return Pose(t_s, points, visibility, size_px)


def _capture_times(mocap: Mocap, camera: Camera, rng: np.random.Generator) -> FloatArray:
    """Return the times of the frames, rising, inside the trial; each stamp is right, the beat is not even."""
    count = int((mocap.t_s[-1] - 0.05) * camera.rate_hz)
    even = (np.arange(count) + rng.random()) / camera.rate_hz
    most = 0.3 / camera.rate_hz
    return np.asarray(even + np.clip(rng.normal(0.0, camera.jitter_s, count), -most, most))


def _confuse(legs: FloatArray, rng: np.random.Generator) -> None:
    """Change, in place, frames around every second passing of knees or ankles."""
    gap = legs[:, 0, (KNEE, ANKLE), 0] - legs[:, 1, (KNEE, ANKLE), 0]
    passing = np.flatnonzero((np.sign(gap[1:]) != np.sign(gap[:-1])).any(axis=1))
    for at in passing:
        kind = rng.choice(["nothing", "nothing", "renamed", "on the left", "on the right"])
        frames = slice(at, at + int(rng.integers(1, 5)))
        if kind == "renamed":
            legs[frames] = legs[frames, ::-1].copy()
        elif kind == "on the left":
            legs[frames, 1] = legs[frames, 0]
        elif kind == "on the right":
            legs[frames, 0] = legs[frames, 1]
