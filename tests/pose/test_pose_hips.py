"""Hips that lie apart in every picture are brought together; what moves within a stride stays."""

from __future__ import annotations

import numpy as np
import pytest

from cuecoach.pose.base import Candidate
from cuecoach.pose.hips import HipAligner
from cuecoach.types import HIP, LEG_LANDMARKS, FloatArray

LEFT, RIGHT = (rows[HIP] for rows in LEG_LANDMARKS)
APART_PX, SWAY_PX, STRIDE_S = 20.0, 6.0, 0.7


def person(left_px: float, right_px: float) -> Candidate:
    points = np.full((33, 2), 50.0)
    points[LEFT], points[RIGHT] = (left_px, 300.0), (right_px, 310.0)
    return Candidate(points, np.ones(33))


def hips(aligner: HipAligner, rate_hz: float, seconds: float, mirrored: bool = False) -> FloatArray:
    """Return the places (n, 2) along the picture of left and right hip of a runner whose pelvis turns."""
    out = []
    for k in range(int(seconds * rate_hz)):
        turn = SWAY_PX * np.sin(2 * np.pi * k / rate_hz / STRIDE_S)
        left, right = 100.0 + APART_PX / 2 + turn, 100.0 - APART_PX / 2 - turn
        left, right = (200.0 - left, 200.0 - right) if mirrored else (left, right)
        out.append(aligner.align(k / rate_hz, person(left, right)).points_px[[LEFT, RIGHT], 0])
    return np.array(out)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0, 240.0])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_the_mean_distance_is_taken_away_and_the_turning_of_the_pelvis_stays(
    rate_hz: float, mirrored: bool, share: float
) -> None:
    found = hips(HipAligner(share), rate_hz, 10.0, mirrored)[int(4 * rate_hz) :]
    apart = (found[:, 0] - found[:, 1]) * (-1.0 if mirrored else 1.0)
    whole_strides = apart[: int(STRIDE_S * rate_hz) * 8]
    assert whole_strides.mean() == pytest.approx(APART_PX * (1 - 2 * share), abs=1.0)
    assert np.ptp(apart) == pytest.approx(4 * SWAY_PX, rel=0.1)
    assert found.mean() == pytest.approx(100.0)  # the middle of the hips does not move


def test_only_hips_move_and_only_along_the_picture() -> None:
    runner = person(120.0, 80.0)
    moved = HipAligner(0.5).align(0.0, runner).points_px - runner.points_px
    assert moved[LEFT].tolist() == [-20.0, 0.0]
    assert moved[RIGHT].tolist() == [20.0, 0.0]
    assert np.count_nonzero(moved) == 2


def test_after_a_pause_the_next_person_is_measured_anew() -> None:
    aligner = HipAligner(0.5)
    hips(aligner, 30.0, 5.0)
    assert aligner.align(5.2, person(80.0, 120.0)).points_px[LEFT, 0] < 80.0  # still by the first runner's
    aligner.align(5.3, person(80.0, 120.0))
    assert aligner.align(5.6, person(80.0, 120.0)).points_px[[LEFT, RIGHT], 0].tolist() == [100.0, 100.0]


def test_a_missing_hip_leaves_everything_as_it_is() -> None:
    aligner = HipAligner(0.5)
    missing = person(np.nan, 80.0)
    assert aligner.align(0.0, missing) is missing
    assert aligner.align(0.1, person(110.0, 90.0)).points_px[[LEFT, RIGHT], 0].tolist() == [100.0, 100.0]
