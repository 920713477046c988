"""Geometry of a leg: segment angles and lengths from its points, and the size and shape of a runner's legs.

The conventions are those of `docs/conventions.md`.

Everything here works in runner axes: x forward, y up, pixels. `to_runner_axes` makes them from image points. All
angles are degrees; NaN in, NaN out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cuecoach.types import ANKLE, HEEL, HIP, KNEE, TOE, FloatArray, Legs

# Channels of the array that `segment_angles` returns.
THIGH, SHANK, FOOT = range(3)

# Below this a backward angle is read as having gone over the top: a shank folds to -150 at most, and never reaches
# +150 in front; a foot hangs down to -150 in swing.
WRAP_DEG = 150.0


def to_runner_axes(points_px: FloatArray, facing: int) -> FloatArray:
    """Return points (..., 2) with x forward and y up, from image pixels and `facing` (+1 image right, -1 left)."""
    return np.asarray(points_px * np.array([float(facing), -1.0]))


def to_image_axes(points_px: FloatArray, facing: int) -> FloatArray:
    """Return points (..., 2) in image pixels: the inverse of `to_runner_axes`, which is its own inverse."""
    return to_runner_axes(points_px, facing)


def segment_angles(legs: FloatArray) -> FloatArray:
    """Return (..., 3) thigh, shank and foot angle in degrees of legs (..., 5, 2) in runner axes.

    Thigh: 0 vertical, + knee in front of the hip. Shank: 0 vertical, + ankle in front of the knee, below -90 when it
    is above the horizontal. Foot: heel to toe against the horizontal, + toe up, standing value not subtracted.
    Shank and foot are unwrapped to the range (-210, 150].
    """
    start = legs[..., (HIP, KNEE, HEEL), :]
    end = legs[..., (KNEE, ANKLE, TOE), :]
    d = end - start
    out = np.empty(d.shape[:-1])
    out[..., :FOOT] = np.arctan2(d[..., :FOOT, 0], -d[..., :FOOT, 1])
    out[..., FOOT] = np.arctan2(d[..., FOOT, 1], d[..., FOOT, 0])
    out = np.degrees(out)
    return np.where(out > WRAP_DEG, out - 360.0, out)


def leg_angles(legs: Legs) -> FloatArray:
    """Return (2, 3) `segment_angles` of the left and right leg of a picture."""
    return segment_angles(to_runner_axes(legs.points_px, legs.facing))


def knee_flexion(angles: FloatArray) -> FloatArray:
    """Return knee flexion (...,) from `segment_angles`: thigh minus shank, 0 straight, + flexed."""
    return np.asarray(angles[..., THIGH] - angles[..., SHANK])


def trunk_lean(trunk: FloatArray) -> FloatArray:
    """Return forward lean (...,) from trunk (..., 2, 2) in runner axes: mid-shoulder, then mid-hip; + forward."""
    d = trunk[..., 0, :] - trunk[..., 1, :]
    return np.asarray(np.degrees(np.arctan2(d[..., 0], d[..., 1])))


def bone_lengths(legs: FloatArray) -> FloatArray:
    """Return (..., 2) thigh and shank length in pixels of legs (..., 5, 2)."""
    d = legs[..., (KNEE, ANKLE), :] - legs[..., (HIP, KNEE), :]
    return np.asarray(np.hypot(d[..., 0], d[..., 1]))


def along(angles_deg: FloatArray) -> FloatArray:
    """Return unit vectors (..., 2), runner axes, of thigh or shank angles (...,): the way from joint to joint, down."""
    a = np.radians(angles_deg)
    return np.stack([np.sin(a), -np.cos(a)], axis=-1)


def turned(vectors: FloatArray, angles_deg: FloatArray) -> FloatArray:
    """Return vectors (..., 2, 2) turned by angles (...,), + from forward to up."""
    a = np.radians(angles_deg)[..., None]
    x, y = vectors[..., 0], vectors[..., 1]
    return np.stack([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y], axis=-1)


def foot_shape(legs: FloatArray, foot_deg: FloatArray) -> FloatArray:
    """Return heel and toe (..., 2, 2) from the ankle, the foot turned to angle 0, of legs (..., 5, 2)."""
    return turned(legs[..., (HEEL, TOE), :] - legs[..., ANKLE, None, :], -foot_deg)


@dataclass(frozen=True, slots=True, eq=False)
class BodyModel:
    """Size and shape of a runner's legs: `bones` (2, 2) thigh and shank px, `foot` (2, 2, 2) as of `foot_shape`."""

    bones: FloatArray
    foot: FloatArray

    @staticmethod
    def of(points: FloatArray, angles: FloatArray) -> BodyModel:
        """Return the medians over frames (n, 2, 5, 2) with their angles (n, 2, 3); needs one leg seen once."""
        return BodyModel(_median(bone_lengths(points)), _median(foot_shape(points, angles[..., FOOT])))

    @property
    def leg_px(self) -> float:
        """Mean length of thigh plus shank of both legs."""
        return float(self.bones.sum() / 2)


def _median(values: FloatArray) -> FloatArray:
    """Return the median over frames of (n, 2, ...); a leg never seen takes the other's."""
    seen = np.isfinite(values).reshape(len(values), 2, -1).all(axis=-1)
    sources = [leg if seen[:, leg].any() else 1 - leg for leg in (0, 1)]
    return np.stack([np.median(values[seen[:, leg], leg], axis=0) for leg in sources])
