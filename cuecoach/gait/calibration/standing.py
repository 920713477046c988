"""The standing trial: steady offsets from some seconds of a person who stands still, seen from the side.

A person's own way to stand is not known, so this tells an offset no better than people differ in it. Owns what makes a
trial good.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cuecoach.gait.angles import SHANK, THIGH, bone_lengths, knee_flexion, segment_angles, to_runner_axes
from cuecoach.gait.calibration.offsets import (
    PRIORS,
    Calibration,
    CalibrationOrigin,
    LegOffsets,
    Offset,
    Placement,
    estimate_offset,
)
from cuecoach.gait.legs.observation import FacingEstimator, LegObservation
from cuecoach.types import ANKLE, HIP, LEG_LANDMARKS, SHOULDERS, FloatArray, Pose, PoseFrame, Side

# How people stand: mean and SD of 28 runners (1755/migera, from Fukuchi, Fukuchi & Duarte 2017).
STANDING_THIGH_DEG, _THIGH_SD_DEG = -5.6, 2.7
STANDING_SHANK_DEG, _SHANK_SD_DEG = -3.1, 2.8
_USUAL = ((STANDING_THIGH_DEG, _THIGH_SD_DEG), (STANDING_SHANK_DEG, _SHANK_SD_DEG))  # by THIGH, SHANK

TRIAL_S = 3.0
_LEAST_S = 2.0  # of it that must be seen without a gap that matters
_SEEN_SHARE = 0.9  # of the frames
_STILL_LEG = 0.04  # a joint that moves further than this, in leg lengths, about its median, was not still
_STRAIGHT_DEG = 25.0  # a knee that seems bent more is bent
_UPRIGHT_DEG = 25.0  # a thigh that seems turned more is not upright
_LEAST_VISIBILITY = 0.5  # of hip, knee and ankle of the near leg
_BREADTH_LEG = 0.32  # mean of shoulder and hip joint breadth as a pose model places them, in leg lengths
_MOST_TURNED = 0.42  # the sine of 25 degrees: how far round a body may stand


@dataclass(frozen=True, slots=True)
class StandingTrial:
    """What came of a standing trial: its calibration, or None and why it is not good, as a sentence."""

    calibration: Calibration | None
    problem: str = ""


def judge_standing(pose_frames: Sequence[PoseFrame], near_side: str = "auto") -> StandingTrial:
    """Return the calibration of the leg nearer to the camera that some seconds of standing give, or why none.

    Parameters
    ----------
    pose_frames : in the order of time, of one person, about three seconds.
    near_side : auto, left or right, as in the settings of gait.
    """
    poses = [pose_frame.pose for pose_frame in pose_frames if pose_frame.pose is not None]
    if not poses or len(poses) < _SEEN_SHARE * len(pose_frames) or poses[-1].t_s - poses[0].t_s < _LEAST_S:
        return StandingTrial(None, "Nobody was seen all the time: stand wholly in the picture, alone.")
    points = np.array([pose.points_px for pose in poses])
    legs = points[:, np.array(LEG_LANDMARKS)]  # (n, 2, 5, 2)
    if problem := _problem(poses, points, legs):
        return StandingTrial(None, problem)
    sides = FacingEstimator(near_side)
    for pose in poses:
        sides.update(LegObservation.from_pose(pose.t_s, 0, pose))
    leg = to_runner_axes(np.median(legs[:, sides.near.row], axis=0), sides.facing)
    angles = segment_angles(leg)
    if abs(float(angles[THIGH])) > _UPRIGHT_DEG or abs(float(knee_flexion(angles))) > _STRAIGHT_DEG:
        return StandingTrial(None, "The knee is bent: stand upright, both legs straight, weight on both feet.")
    thigh, shank = (_offset(angles, segment) for segment in (THIGH, SHANK))
    offsets = LegOffsets(thigh, shank, len(poses))
    height_px = float(poses[-1].image_size_px[1])
    hip_px = float(np.median(legs[:, :, HIP, 1]))
    placement = Placement(float(bone_lengths(leg).sum()) / height_px, hip_px / height_px, sides.facing, math.nan)
    left, right = (offsets if side is sides.near else None for side in Side)
    return StandingTrial(Calibration(CalibrationOrigin.STANDING, placement, left, right))


def _offset(angles: FloatArray, segment: int) -> Offset:
    """Return the offset of a segment from the angles (3,) of a leg that stands: as sure as people stand alike."""
    usual_deg, sd_deg = _USUAL[segment]
    prior = replace(PRIORS[segment], scatter_deg=sd_deg)
    return estimate_offset(knee_flexion(angles)[None], angles[None, segment] - usual_deg, np.ones(1), prior)


def _problem(poses: Sequence[Pose], points: FloatArray, legs: FloatArray) -> str:
    """Return why what was seen is no good trial, as a sentence; empty when it is."""
    if not np.isfinite(legs[:, :, : ANKLE + 1]).all():
        return "A leg was not seen: stand so that both legs are in the picture."
    leg_px = float(np.median(bone_lengths(legs).sum(axis=-1)))
    visible = np.array([pose.visibility[np.array(LEG_LANDMARKS)[:, : ANKLE + 1]] for pose in poses])
    if float(np.nanmedian(visible, axis=0).min(axis=1).max()) < _LEAST_VISIBILITY:
        return "The legs are hidden: nothing may stand before them, and no long coat hang over them."
    moved = np.abs(legs - np.median(legs, axis=0))[:, :, : ANKLE + 1]
    if float(np.quantile(moved, 0.98)) > _STILL_LEG * leg_px:
        return "You moved: stand still for three seconds."
    apart_px = [float(np.median(points[:, a, 0] - points[:, b, 0])) for a, b in (SHOULDERS, (23, 24))]
    if abs(sum(apart_px) / 2) > _MOST_TURNED * _BREADTH_LEG * leg_px:
        return "You do not stand side-on: let the shoulder point at the camera, the feet along the belt."
    return ""
