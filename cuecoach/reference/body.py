"""The runner's body: segment lengths and the way from joint angles to points. Knows no time, no picture.

Metres, runner-forward = +x, up = +y, mid-hip at the origin of x.
Proportions: Drillis & Contini 1966, in Winter, Biomechanics and Motor Control of Human Movement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cuecoach.types import LANDMARKS, FloatArray, Side

# Tall enough that the stance foot of the mean curves moves with the belt: at 1.76 m it slides 5 % too slowly.
STATURE_M = 1.86
THIGH_M = 0.245 * STATURE_M
SHANK_M = 0.246 * STATURE_M
LEG_M = THIGH_M + SHANK_M
TRUNK_M = 0.288 * STATURE_M
UPPER_ARM_M = 0.172 * STATURE_M
FOREARM_M = 0.150 * STATURE_M
HAND_M = 0.055 * STATURE_M  # wrist to knuckles
_HEEL_M = np.array([-0.034, -0.039]) * STATURE_M  # from the ankle, foot flat
_TOE_M = np.array([0.105, -0.039]) * STATURE_M
_SHOULDER_TURN_M = 0.05  # a shoulder goes this far forward when its arm points forward
ARM_REST_DEG = -12.0

THIGH, KNEE, FOOT, BOB = range(4)  # columns of what is known of a leg at one moment: degrees, and the pelvis's bob in m

# Points of the head from mid-shoulder, head upright, facing +x; both sides of a pair fall together in a side view.
_HEAD_M = {
    "nose": (0.118, 0.205),
    "left_eye_inner": (0.098, 0.238),
    "left_eye": (0.090, 0.239),
    "left_eye_outer": (0.080, 0.238),
    "left_ear": (0.012, 0.218),
    "mouth_left": (0.092, 0.166),
}
_ROW = {name: row for row, name in enumerate(LANDMARKS)}
_HEAD_ROWS = [(_ROW[name], _ROW[name.replace("left", "right")]) for name in _HEAD_M]
_HEAD_OFFSETS_M = np.array(list(_HEAD_M.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """Joint angles at one moment. `legs_deg` (2, 3): left and right x thigh, knee, foot; `hip_m` mid-hip x and y.

    `lean_deg` is the trunk's, + forward; `upper_arms_deg` and `elbows_deg` (2,): + forward, + bent.
    """

    legs_deg: FloatArray
    hip_m: FloatArray
    lean_deg: float
    upper_arms_deg: FloatArray
    elbows_deg: FloatArray


def _down(angle_deg: FloatArray) -> FloatArray:
    """Return the unit vector of a segment that hangs at `angle_deg` (0 down, + forward), along a new last axis."""
    angle = np.radians(angle_deg)
    return np.stack([np.sin(angle), -np.cos(angle)], axis=-1)


def _turned(offset: FloatArray, angle_deg: FloatArray) -> FloatArray:
    """Return `offset` (2,) turned by `angle_deg` (anticlockwise, + forward end up), along a new last axis."""
    angle = np.radians(angle_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([offset[0] * cos - offset[1] * sin, offset[0] * sin + offset[1] * cos], axis=-1)


def leg_points(thigh_deg: FloatArray, knee_deg: FloatArray, foot_deg: FloatArray) -> FloatArray:
    """Return (..., 5, 2) hip, knee, ankle, heel, toe in metres from the hip."""
    knee = THIGH_M * _down(thigh_deg)
    ankle = knee + SHANK_M * _down(thigh_deg - knee_deg)
    heel, toe = ankle + _turned(_HEEL_M, foot_deg), ankle + _turned(_TOE_M, foot_deg)
    return np.stack([np.zeros_like(knee), knee, ankle, heel, toe], axis=-2)


def landmarks(posture: Posture) -> FloatArray:
    """Return the 33 BlazePose landmarks (33, 2) in metres."""
    points = np.empty((len(LANDMARKS), 2))
    legs = posture.hip_m + leg_points(*posture.legs_deg.T)
    shoulder = posture.hip_m + TRUNK_M * -_down(np.array(-posture.lean_deg))
    for side in Side:
        for column, joint in enumerate(("hip", "knee", "ankle", "heel", "foot_index")):
            points[_ROW[f"{side}_{joint}"]] = legs[side.row, column]
        arm = posture.upper_arms_deg[side.row]
        forearm = arm + posture.elbows_deg[side.row]
        turned_m = _SHOULDER_TURN_M * np.sin(np.radians(arm - ARM_REST_DEG))
        own = shoulder + np.array([turned_m, 0.0])
        elbow = own + UPPER_ARM_M * _down(arm)
        wrist = elbow + FOREARM_M * _down(forearm)
        points[_ROW[f"{side}_shoulder"]] = own
        points[_ROW[f"{side}_elbow"]] = elbow
        points[_ROW[f"{side}_wrist"]] = wrist
        points[_ROW[f"{side}_index"]] = wrist + HAND_M * _down(forearm)
        points[_ROW[f"{side}_pinky"]] = wrist + HAND_M * _down(forearm - 12.0)
        points[_ROW[f"{side}_thumb"]] = wrist + 0.7 * HAND_M * _down(forearm + 25.0)
    for rows, offset in zip(_HEAD_ROWS, _HEAD_OFFSETS_M, strict=True):
        points[list(rows)] = shoulder + _turned(offset, np.array(-0.5 * posture.lean_deg))  # it stays half upright
    return points
