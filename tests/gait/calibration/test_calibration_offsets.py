"""Estimating steady offsets, and taking them off legs, where what is right can be written down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cuecoach.gait.angles import (
    FOOT,
    SHANK,
    THIGH,
    bone_lengths,
    knee_flexion,
    segment_angles,
    to_image_axes,
    to_runner_axes,
)
from cuecoach.gait.calibration.offsets import (
    THIGH_PRIOR,
    Calibration,
    CalibrationOrigin,
    LegOffsets,
    Offset,
    Placement,
    Prior,
    estimate_offset,
)
from cuecoach.types import KNEE, FloatArray, Legs, Side

PLACEMENT = Placement(0.3, 0.4, 1, 0.0)
NONE = Offset(0.0, 1.0, 0.0, 1.0)
FOLDS = np.array([10.0, 30.0, 50.0, 70.0, 90.0, 110.0])


def leg(thigh_deg: float, knee_deg: float, foot_deg: float = 5.0) -> FloatArray:
    """Return a leg (5, 2) in runner axes, its hip at (100, 900)."""
    thigh, shank, foot = (math.radians(a) for a in (thigh_deg, thigh_deg - knee_deg, foot_deg))
    hip = np.array([100.0, 900.0])
    knee = hip + 200 * np.array([math.sin(thigh), -math.cos(thigh)])
    ankle = knee + 190 * np.array([math.sin(shank), -math.cos(shank)])
    heel, toe = (
        ankle + np.array([x * math.cos(foot) - y * math.sin(foot), x * math.sin(foot) + y * math.cos(foot)])
        for x, y in ((-22.0, -24.0), (64.0, -24.0))
    )
    return np.array([hip, knee, ankle, heel, toe])


def calibration(thigh: Offset = NONE, shank: Offset = NONE, side: Side = Side.LEFT) -> Calibration:
    offsets = LegOffsets(thigh, shank, 6)
    left, right = (offsets if side is leg_side else None for leg_side in Side)
    return Calibration(CalibrationOrigin.POINTS, PLACEMENT, left, right)


def test_many_frames_that_agree_are_believed() -> None:
    fold = np.tile(FOLDS, 50)
    offset = estimate_offset(fold, 4.0 + 1.5 * (fold - 50.0) / 50.0, np.ones(len(fold)), THIGH_PRIOR)
    assert offset.deg == pytest.approx(4.0, abs=0.02)
    assert offset.change_deg == pytest.approx(1.5, abs=0.02)
    assert offset.sd_deg < 0.1


def test_nothing_is_known_without_frames() -> None:
    """No frame: no offset, as uncertain as offsets differ between films, and more for frames that err alike."""
    offset = estimate_offset(np.empty(0), np.empty(0), np.empty(0), THIGH_PRIOR)
    assert (offset.deg, offset.change_deg) == (0.0, 0.0)
    assert offset.sd_deg == pytest.approx(1.3 * THIGH_PRIOR.offset_deg)


def test_one_frame_is_shrunk_towards_none() -> None:
    """One frame, whose scatter equals the spread of offsets between films, is believed by less than half."""
    offset = estimate_offset(np.array([50.0]), np.array([3.0]), np.ones(1), Prior(3.0, 2.0, 3.0))
    assert 1.2 < offset.deg < 1.6
    assert estimate_offset(np.array([50.0]), np.array([0.0]), np.ones(1), THIGH_PRIOR).deg == 0.0


def test_one_wild_frame_among_six_counts_little() -> None:
    off = np.full(6, 3.0)
    clean = estimate_offset(FOLDS, off, np.ones(6), THIGH_PRIOR).deg
    off[3] = 33.0
    assert np.mean(off) == pytest.approx(8.0)
    assert estimate_offset(FOLDS, off, np.ones(6), THIGH_PRIOR).deg == pytest.approx(clean, abs=1.5)


def test_frames_without_weight_say_nothing() -> None:
    off, weight = np.array([3.0, 3.0, 3.0, 3.0, -20.0, -20.0]), np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    all_of_them = estimate_offset(FOLDS, off, weight, THIGH_PRIOR)
    assert all_of_them.deg == pytest.approx(estimate_offset(FOLDS[:4], off[:4], np.ones(4), THIGH_PRIOR).deg)


def test_scattered_frames_leave_more_doubt() -> None:
    steady = estimate_offset(FOLDS, np.full(6, 4.0), np.ones(6), THIGH_PRIOR)
    scattered = estimate_offset(FOLDS, np.array([-4.0, 12.0, 1.0, 7.0, -2.0, 10.0]), np.ones(6), THIGH_PRIOR)
    assert scattered.sd_deg > 1.5 * steady.sd_deg
    assert abs(scattered.deg) < abs(steady.deg)


def test_an_offset_grows_with_the_fold_and_so_does_its_doubt() -> None:
    offset = Offset(2.0, 0.5, 3.0, 1.2)
    assert offset.at(np.array([50.0, 100.0, 0.0])) == pytest.approx([2.0, 5.0, -1.0])
    assert offset.sd_at(50.0) == 0.5
    assert offset.sd_at(100.0) == pytest.approx(1.3)


@pytest.mark.parametrize(("thigh_deg", "knee_deg"), [(25.0, 10.0), (-20.0, 30.0), (10.0, 95.0), (30.0, 130.0)])
def test_angles_lose_their_offsets_and_nothing_else_changes(thigh_deg: float, knee_deg: float) -> None:
    seen = np.array([leg(thigh_deg, knee_deg), leg(5.0, 20.0)])
    thigh, shank = Offset(4.0, 1.0, 1.0, 1.0), Offset(-2.0, 1.0, 0.5, 1.0)
    corrected = calibration(thigh, shank).corrected(seen)
    before, after = segment_angles(seen), segment_angles(corrected)
    folds = (knee_deg - 50.0) / 50.0
    assert after[0, THIGH] == pytest.approx(before[0, THIGH] - 4.0 - folds)
    assert after[0, SHANK] == pytest.approx(before[0, SHANK] + 2.0 - 0.5 * folds)
    assert after[0, FOOT] == pytest.approx(before[0, FOOT])
    assert bone_lengths(corrected) == pytest.approx(bone_lengths(seen))
    assert corrected[0, KNEE] == pytest.approx(seen[0, KNEE])
    assert (corrected[1] == seen[1]).all(), "the leg without calibration"


@pytest.mark.parametrize("facing", [1, -1])
def test_a_picture_of_either_facing_is_corrected(facing: int) -> None:
    runner_axes = np.array([leg(20.0, 50.0), leg(20.0, 50.0)])
    trunk = np.array([[100.0, -1200.0], [100.0, -900.0]])
    seen = Legs(1.0, 30, to_image_axes(runner_axes, facing), np.ones(2), trunk, facing, Side.RIGHT)
    found = calibration(thigh=Offset(5.0, 1.0, 0.0, 1.0), side=Side.RIGHT).corrected_legs(seen)
    angles = segment_angles(to_runner_axes(found.points_px, facing))
    assert angles[:, THIGH] == pytest.approx([20.0, 15.0])
    assert knee_flexion(angles) == pytest.approx([50.0, 45.0])
    assert (found.t_s, found.index, found.near) == (1.0, 30, Side.RIGHT)


def test_a_leg_that_was_not_seen_stays_so() -> None:
    seen = np.full((3, 2, 5, 2), np.nan)
    seen[0] = leg(20.0, 50.0)
    corrected = calibration(thigh=Offset(5.0, 1.0, 0.0, 1.0)).corrected(seen)
    assert np.isfinite(corrected[0]).all()
    assert np.isnan(corrected[1:]).all()
