"""The standing trial: what it gives, how little it is sure, and why it is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from test_calibration_offsets import leg

from cuecoach.gait.calibration.standing import (
    STANDING_SHANK_DEG,
    STANDING_THIGH_DEG,
    StandingTrial,
    judge_standing,
)
from cuecoach.types import LEG_LANDMARKS, FloatArray, Pose, PoseFrame, Side

SIZE = (720, 1280)


def stands(
    thigh_deg: float = STANDING_THIGH_DEG,
    shank_deg: float = STANDING_SHANK_DEG,
    facing: int = 1,
    seconds: float = 3.0,
    spoil: Callable[[int, FloatArray, FloatArray], None] = lambda _k, _points, _visibility: None,
) -> list[PoseFrame]:
    """Somebody stands with these angles before a camera at the side, 30 pictures a second."""
    out = []
    for k in range(round(30 * seconds)):
        points, visibility = np.full((33, 2), np.nan), np.ones(33)
        for row in (0, 1):
            joints = leg(thigh_deg, thigh_deg - shank_deg, 0.0) * np.array([facing, -1.0]) + [360.0, 1500.0]
            points[list(LEG_LANDMARKS[row])] = joints
        points[[11, 12]] = points[23] + [0.0, -300.0]
        spoil(k, points, visibility)
        out.append(PoseFrame(k / 30, k, Pose(k / 30, points, visibility, SIZE)))
    return out


@pytest.mark.parametrize(("facing", "near"), [(1, Side.RIGHT), (-1, Side.LEFT)])
def test_who_stands_as_most_do_has_no_offset(facing: int, near: Side) -> None:
    found = judge_standing(stands(facing=facing)).calibration
    assert found is not None
    offsets = found.of(near)
    assert offsets is not None
    assert found.of(near.other) is None
    assert offsets.thigh.deg == pytest.approx(0.0, abs=0.01)
    assert offsets.shank.deg == pytest.approx(0.0, abs=0.01)
    assert found.placement.facing == facing
    assert found.placement.leg_share == pytest.approx(390 / 1280)


def test_a_hip_seen_too_far_back_gives_part_of_its_offset_and_wide_doubt() -> None:
    """People differ in how they stand as much as films do in their offset: about half is believed."""
    found = judge_standing(stands(thigh_deg=STANDING_THIGH_DEG + 6.0)).calibration
    assert found is not None
    offsets = found.of(Side.RIGHT)
    assert offsets is not None
    assert 1.0 < offsets.thigh.deg < 4.0
    assert offsets.thigh.sd_deg > 2.0
    assert not offsets.is_sure


def moves(k: int, points: FloatArray, _visibility: FloatArray) -> None:
    points[:, 0] += 1.5 * k


def turns(_k: int, points: FloatArray, _visibility: FloatArray) -> None:
    points[[11, 23]] += [60.0, 0.0]
    points[[12, 24]] -= [60.0, 0.0]


def hides(_k: int, _points: FloatArray, visibility: FloatArray) -> None:
    visibility[[25, 26, 27, 28]] = 0.1


def lifts(_k: int, points: FloatArray, _visibility: FloatArray) -> None:
    for row in LEG_LANDMARKS:
        points[list(row)] = leg(40.0, 60.0, 0.0) * np.array([1.0, -1.0]) + [360.0, 1500.0]


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (stands(spoil=moves), "You moved"),
        (stands(spoil=turns), "not stand side-on"),
        (stands(spoil=hides), "legs are hidden"),
        (stands(spoil=lifts), "knee is bent"),
        (stands(seconds=1.0), "Nobody was seen all the time"),
        ([], "Nobody was seen all the time"),
        ([PoseFrame(k / 30, k, None) for k in range(90)], "Nobody was seen all the time"),
    ],
)
def test_why_a_trial_is_not_good(seen: list[PoseFrame], says: str) -> None:
    trial = judge_standing(seen)
    assert trial == StandingTrial(None, trial.problem)
    assert says in trial.problem
