"""Angle conventions: zero, sign and wrap of every segment, for both facings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.gait.angles import (
    FOOT,
    SHANK,
    THIGH,
    along,
    bone_lengths,
    knee_flexion,
    segment_angles,
    to_image_axes,
    to_runner_axes,
    trunk_lean,
)


def leg(knee: tuple[float, float], ankle: tuple[float, float], toe: tuple[float, float] = (10.0, 0.0)) -> np.ndarray:
    """Hip at the origin, knee from hip, ankle from knee, heel at the ankle, toe from the heel; x forward, y up."""
    hip = np.zeros(2)
    k = hip + knee
    a = k + ankle
    return np.array([hip, k, a, a, a + toe])


def test_standing_is_zero() -> None:
    angles = segment_angles(leg((0, -50), (0, -50)))
    assert angles == pytest.approx([0.0, 0.0, 0.0])
    assert knee_flexion(angles) == pytest.approx(0.0)


def test_signs() -> None:
    forward_knee = segment_angles(leg((50, -50), (0, -50), (10, 10)))
    assert forward_knee[THIGH] == pytest.approx(45.0)
    assert forward_knee[FOOT] == pytest.approx(45.0)
    heel_behind = segment_angles(leg((0, -50), (-50, 0)))
    assert heel_behind[SHANK] == pytest.approx(-90.0)
    assert knee_flexion(heel_behind) == pytest.approx(90.0)


def test_a_shank_above_the_horizontal_reads_below_minus_90() -> None:
    assert segment_angles(leg((0, -50), (-50, 20)))[SHANK] == pytest.approx(-111.8, abs=0.1)
    assert segment_angles(leg((0, -50), (5, 50)))[SHANK] == pytest.approx(-185.7, abs=0.1)


def test_missing_points_stay_missing() -> None:
    points = leg((0, -50), (0, -50))
    points[2] = np.nan
    angles = segment_angles(points)
    assert angles[THIGH] == 0.0
    assert np.isnan(angles[SHANK])
    assert np.isnan(bone_lengths(points)[1])


@given(thigh=st.floats(-60, 80), knee=st.floats(0, 140), foot=st.floats(-120, 60), facing=st.sampled_from([-1, 1]))
def test_angles_come_back_from_points_for_either_facing(thigh: float, knee: float, foot: float, facing: int) -> None:
    shank = thigh - knee
    if shank <= -205:
        return
    built = leg(tuple(50 * along(np.array(thigh))), tuple(45 * along(np.array(shank))))
    built[4] = built[3] + 20 * np.array([np.cos(np.radians(foot)), np.sin(np.radians(foot))])
    picture = to_image_axes(built, facing) + np.array([300.0, 200.0])
    angles = segment_angles(to_runner_axes(picture, facing))
    assert angles == pytest.approx([thigh, shank, foot], abs=1e-6)
    assert bone_lengths(picture) == pytest.approx([50.0, 45.0])


def test_trunk_leans_forward_positive() -> None:
    assert trunk_lean(np.array([[10.0, 100.0], [0.0, 0.0]])) == pytest.approx(5.71, abs=0.01)
    assert trunk_lean(np.array([[-10.0, 100.0], [0.0, 0.0]])) < 0
