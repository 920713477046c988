"""A leg that really moves otherwise is told from a slip of the pose model: each rule, with a value on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from cuecoach.gait.angles import BodyModel, along, segment_angles
from cuecoach.gait.legs.technique import is_technique
from cuecoach.types import FloatArray

HEEL_PX, TOE_PX = np.array([-7.0, -8.0]), np.array([21.0, -8.0])
BODY = BodyModel(np.array([[50.0, 48.0], [46.0, 47.0]]), np.array([[HEEL_PX, TOE_PX]] * 2))
TOLERANCE_DEG = 15.0
T_S = np.arange(24) / 30.0
MIDDLE = 12
# The left leg swings, the shank far behind; the right one stands. Both stay so, which makes every limit plain.
EXPECTED = np.array([[10.0, -80.0, -60.0], [-10.0, -20.0, 0.0]])


def bump(height_deg: float, half_width_s: float = 0.15) -> FloatArray:
    """Return a smooth deviation (n,) about the middle frame."""
    since = np.clip(np.abs(T_S - T_S[MIDDLE]) / half_width_s, 0.0, 1.0)
    return height_deg * 0.5 * (1.0 + np.cos(np.pi * since))


def judged(
    thigh: FloatArray | float = 0.0,
    shank: FloatArray | float = 0.0,
    visibility: float = 1.0,
    bone: float = 1.0,
    other: float = 0.0,
    expected: FloatArray = EXPECTED,
) -> FloatArray:
    """Return which frames (n,) of the left leg, off by so much, are its own technique; `other` is the right leg off."""
    n = len(T_S)
    usual = np.broadcast_to(expected, (n, 2, 3))
    angles = usual.copy()
    angles[:, 0, 0] += thigh
    angles[:, 0, 1] += shank
    angles[:, 1, 0] += other
    hip = np.zeros((n, 2, 2))
    knee = hip + BODY.bones[:, :1] * along(angles[..., 0])
    ankle = knee + np.array([bone, 1.0])[:, None] * BODY.bones[:, 1:] * along(angles[..., 1])
    points = np.stack([hip, knee, ankle, ankle + HEEL_PX, ankle + TOE_PX], axis=2)
    seen = segment_angles(points)
    tolerance = np.full((n, 2, 2), TOLERANCE_DEG)
    error = (np.abs(seen - usual)[..., :2] / tolerance).max(axis=-1)
    flags = is_technique(T_S, points, np.full((n, 2), visibility), seen, usual, tolerance, error, BODY)
    return flags[:, 0]


def test_a_leg_that_folds_further_in_a_smooth_course_is_believed_for_as_long_as_it_is_off() -> None:
    flags = judged(shank=bump(-40.0))
    off = np.abs(bump(-40.0))
    assert flags[off > TOLERANCE_DEG].all()
    assert not flags[off < 0.4 * TOLERANCE_DEG - 0.1].any()


def test_what_is_within_tolerance_needs_no_belief() -> None:
    assert not judged(shank=bump(-14.0)).any()


def test_a_slip_of_one_or_two_frames_is_not_believed() -> None:
    for frames in (1, 2):
        shank = np.zeros(len(T_S))
        shank[MIDDLE : MIDDLE + frames] = -40.0
        assert not judged(shank=shank).any()


def test_frames_that_do_not_agree_with_each_other_are_not_believed() -> None:
    jumps = bump(-40.0, 0.3) + 25.0 * (-1.0) ** np.arange(len(T_S))
    assert not judged(shank=jumps).any()


@pytest.mark.parametrize(("bone", "believed"), [(0.9, True), (0.8, False), (1.1, True), (1.2, False)])
def test_the_bones_must_have_their_lengths(bone: float, believed: bool) -> None:
    assert judged(shank=bump(-40.0), bone=bone).any() == believed


@pytest.mark.parametrize(("other_deg", "believed"), [(10.0, True), (20.0, False)])
def test_the_other_leg_must_be_where_it_should_be(other_deg: float, believed: bool) -> None:
    assert judged(shank=bump(-40.0), other=other_deg).any() == believed


@pytest.mark.parametrize(("visibility", "believed"), [(0.95, True), (0.85, False)])
def test_off_towards_the_other_leg_it_must_be_seen_well(visibility: float, believed: bool) -> None:
    assert judged(shank=bump(30.0, 0.3), visibility=visibility).any() == believed
    assert judged(shank=bump(-30.0, 0.3), visibility=visibility).any()


def test_a_leg_drawn_onto_the_other_one_is_not_believed() -> None:
    assert not judged(thigh=bump(-20.0, 0.3), shank=bump(60.0, 0.3))[MIDDLE - 1 : MIDDLE + 2].any()


def test_legs_that_are_not_seen_are_no_technique() -> None:
    assert not judged(shank=np.full(len(T_S), np.nan)).any()
