"""The file of points, and the calibration that points on measured frames give."""

from __future__ import annotations

import numpy as np
import pytest
from test_calibration_offsets import PLACEMENT, leg

from cuecoach.errors import InputError
from cuecoach.gait.angles import to_image_axes
from cuecoach.gait.calibration.points import SetPoint, calibrate_points, format_points, parse_points
from cuecoach.types import JOINTS, Legs, Side

FOLDS = (20.0, 40.0, 60.0, 80.0, 100.0, 30.0)


def measured(facing: int = 1, off_deg: float = 4.0, trust: float = 0.9) -> dict[int, Legs]:
    """Six frames whose near (right) leg is measured with its thigh too far forward."""
    near = Side.RIGHT if facing > 0 else Side.LEFT
    out = {}
    for index, fold in enumerate(FOLDS):
        legs = np.array([leg(0.0, 10.0), leg(0.0, 10.0)])
        legs[near.row] = leg(10.0 + off_deg, fold + off_deg)
        image = to_image_axes(legs, facing)
        out[index] = Legs(index / 30, index, image, np.full(2, trust), np.zeros((2, 2)), facing, near)
    return out


def set_points(facing: int = 1, of: str = "near", frames: int = 6) -> list[SetPoint]:
    points = []
    for index, fold in enumerate(FOLDS[:frames]):
        true = to_image_axes(leg(10.0, fold), facing)
        points += [SetPoint(index, of, joint, *map(float, true[row])) for row, joint in enumerate(JOINTS)]
    return points


@pytest.mark.parametrize("facing", [1, -1])
def test_the_offset_of_the_near_leg_is_found(facing: int) -> None:
    found = calibrate_points(set_points(facing), measured(facing), PLACEMENT)
    near, far = (Side.RIGHT, Side.LEFT) if facing > 0 else (Side.LEFT, Side.RIGHT)
    offsets = found.of(near)
    assert offsets is not None
    assert found.of(far) is None
    assert offsets.frames == 6
    assert offsets.is_sure
    assert offsets.thigh.deg == pytest.approx(4.0, abs=0.4)
    assert offsets.shank.deg == pytest.approx(0.0, abs=0.1)
    assert found.placement == PLACEMENT
    by_name = calibrate_points(set_points(facing, of=str(near)), measured(facing), PLACEMENT)
    assert by_name == found


def test_points_of_frames_that_were_not_measured_are_left_out() -> None:
    legs = measured()
    points = [*set_points(), SetPoint(77, "near", "hip", 1.0, 1.0)]
    del legs[5]
    offsets = calibrate_points(points, legs, PLACEMENT).of(Side.RIGHT)
    assert offsets is not None
    assert offsets.frames == 5


def test_a_leg_that_was_guessed_says_little() -> None:
    sure = calibrate_points(set_points(), measured(), PLACEMENT).of(Side.RIGHT)
    guessed = calibrate_points(set_points(), measured(trust=0.2), PLACEMENT).of(Side.RIGHT)
    assert sure is not None
    assert guessed is not None
    assert guessed.thigh.deg < 0.5 * sure.thigh.deg
    assert guessed.thigh.sd_deg > 2 * sure.thigh.sd_deg


@pytest.mark.parametrize("points", [[], set_points(frames=2), [p for p in set_points() if p.joint != "ankle"]])
def test_too_few_points_are_refused(points: list[SetPoint]) -> None:
    with pytest.raises(InputError, match="at least 3 pictures"):
        calibrate_points(points, measured(), PLACEMENT)


def test_a_file_of_points_is_read_as_it_was_written() -> None:
    points = (SetPoint(17, "near", "hip", 304.5, 888.1, "a, b.mp4"), SetPoint(20, "left", "toe", 3.0, 0.4))
    text = format_points(points)
    assert text.splitlines()[0] == "film,frame,leg,joint,x_px,y_px"
    assert parse_points(text, "points.csv") == points


def test_other_columns_and_points_not_set_are_left_alone() -> None:
    text = "frame,leg,joint,x_px,y_px,visible\n17,near,hip,304.5,888.1,0\n17,far,hip,,,0\n"
    assert parse_points(text, "points.csv") == (SetPoint(17, "near", "hip", 304.5, 888.1),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column 'frame'"),
        ("frame,leg,joint,x_px\n", "no column 'y_px'"),
        ("frame,leg,joint,x_px,y_px\n", "holds no points"),
        ("frame,leg,joint,x_px,y_px\n1,near,hip,a,2\n", "line 2: frame, x_px and y_px must be numbers"),
        ("frame,leg,joint,x_px,y_px\n1,near,hip,nan,2\n", "must be numbers"),
        ("frame,leg,joint,x_px,y_px\n1,near,elbow,1,2\n", "the joint 'elbow' is none of hip, knee"),
        ("frame,leg,joint,x_px,y_px\n1,front,hip,1,2\n", "the leg 'front' is none of left, right"),
    ],
)
def test_a_wrong_file_is_told_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_points(text, "points.csv")
