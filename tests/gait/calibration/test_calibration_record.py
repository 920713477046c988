"""A calibration as text and as sentences."""

from __future__ import annotations

import math

import pytest

from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration, CalibrationOrigin, LegOffsets, Offset, Placement
from cuecoach.gait.calibration.record import (
    calibration_line,
    calibration_report,
    calibration_text,
    parse_calibration,
)

LEG = LegOffsets(Offset(4.1387877751801065, 0.8, -0.4, 1.2), Offset(-2.7, 1.1, 0.1, 1.3), 6)
POINTS = Calibration(CalibrationOrigin.POINTS, Placement(0.3, 0.4, -1, 1.25), None, LEG, "heavy")


def test_it_is_read_as_it_was_written_to_the_last_digit() -> None:
    assert parse_calibration(calibration_text(POINTS), "c.json") == POINTS


def test_a_belt_that_was_not_seen_stays_so() -> None:
    standing = Calibration(CalibrationOrigin.STANDING, Placement(0.3, 0.4, 1, math.nan), LEG, None)
    text = calibration_text(standing)
    assert "NaN" not in text
    read = parse_calibration(text, "c.json")
    assert math.isnan(read.placement.belt_deg)
    assert read.left == LEG
    assert read.right is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"origin":"points"}', calibration_text(POINTS)[:-9]])
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(InputError, match="is no calibration"):
        parse_calibration(text, "c.json")


def test_the_line_and_the_report_say_which_way_and_how_surely() -> None:
    assert calibration_line(POINTS) == "right leg thigh +4.1 ± 0.8, shank -2.7 ± 1.1 degrees, by points on 6 pictures"
    changed, surer = calibration_report(POINTS)
    assert "thigh was measured 4.1 ± 0.8 degrees too far forward" in changed
    assert "shank 2.7 ± 1.1 degrees too far back" in changed
    assert "6.8 too folded" in changed
    assert "is 1.4 degrees; without calibration it is 3.9" in surer
    standing = Calibration(CalibrationOrigin.STANDING, POINTS.placement, LEG, None)
    assert calibration_line(standing).endswith("from standing")
