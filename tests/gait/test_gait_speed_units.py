"""Speeds as people write them: what is taken, what is refused and how, and that what is shown can be typed again."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.gait.speed_units import SpeedUnit, charted, parse_speed, speed_number, speed_text, stepped

LOW_MPS, HIGH_MPS = 0.5, 12.0
SPEEDS = st.floats(LOW_MPS, HIGH_MPS)


@pytest.mark.parametrize(
    ("written", "mps"),
    [
        ("10km/h", 10 / 3.6),
        ("10 kmh", 10 / 3.6),
        ("10kph", 10 / 3.6),
        (" 10 KM / H ", 10 / 3.6),
        ("10,5km/h", 10.5 / 3.6),
        ("6.2mph", 6.2 * 1609.344 / 3600),
        ("5:30/km", 1000 / 330),
        ("5:30 min/km", 1000 / 330),
        ("8:51/mi", 1609.344 / 531),
        ("8:51 min/mile", 1609.344 / 531),
        ("2.8m/s", 2.8),
        ("10m/s", 10.0),
        ("2.8", 2.8),
        ("2,8", 2.8),
        (2.8, 2.8),
        (3, 3.0),
        ("6.5", 6.5),
    ],
)
def test_a_speed_is_read_with_its_unit(written: object, mps: float) -> None:
    assert parse_speed(written, LOW_MPS, HIGH_MPS) == pytest.approx(mps, rel=1e-12)


@pytest.mark.parametrize(
    "written",
    [
        *("nan", "inf", "-inf", "9" * 309, "9" * 309 + "km/h", "-2.8", "", " ", "fast", "2.8 furlongs", "2 8km/h"),
        *("5:75/km", "0:00/km", "5.5min/km", "5:30km/h", "1:2:3/km", "10/km", "0.4", "43.3km/h", "50", "٣"),
        *(math.nan, math.inf, 10**309, -1, 0, True, None, [2.8]),
    ],
)
def test_what_is_no_speed_is_refused_with_what_is_allowed(written: object) -> None:
    with pytest.raises(ValueError, match=r"^must be a speed from 0.5 to 12 m/s, 1.8 to 43.2 km/h, such as 10km/h"):
        parse_speed(written, LOW_MPS, HIGH_MPS)


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("10", "10 m/s is 36 km/h: write 10km/h, or 10m/s if you mean it"),
        ("10,5", "10.5 m/s is 37.8 km/h: write 10.5km/h, or 10.5m/s if you mean it"),
        (7, "7 m/s is 25.2 km/h: write 7km/h, or 7m/s if you mean it"),
        ("28", "28 m/s is 100.8 km/h: write 28km/h"),
        ("5:30", "lacks its unit: write 5:30/km or 5:30/mi"),
    ],
)
def test_what_may_mean_two_things_is_asked(written: object, question: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(question)}$"):
        parse_speed(written, LOW_MPS, HIGH_MPS)


@given(st.text() | st.from_regex(r"[0-9]{0,4}[.,:]?[0-9]{0,3} ?(km/h|mph|m/s|/km|/mi)?", fullmatch=True))
def test_no_text_gives_a_speed_out_of_range(text: str) -> None:
    try:
        mps = parse_speed(text, LOW_MPS, HIGH_MPS)
    except ValueError:
        return
    assert LOW_MPS <= mps <= HIGH_MPS


@given(SPEEDS, st.sampled_from(SpeedUnit))
def test_what_is_shown_can_be_typed_again(mps: float, unit: SpeedUnit) -> None:
    """To half of the last digit: 0.005 m/s, 0.05 km/h or mph, half a second of a pace."""
    again = parse_speed(speed_text(mps, unit), 0.4, 13.0)
    half = {
        SpeedUnit.M_PER_S: 0.005,
        SpeedUnit.KM_PER_H: 0.05 / 3.6,
        SpeedUnit.MPH: 0.05 * 1609.344 / 3600,
        SpeedUnit.MIN_PER_KM: again * mps * 0.5 / 1000,
        SpeedUnit.MIN_PER_MI: again * mps * 0.5 / 1609.344,
    }[unit]
    assert again == pytest.approx(mps, abs=half * 1.000001)


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("m/s", "2.80 m/s"),
        ("km/h", "10.1 km/h"),
        ("mph", "6.3 mph"),
        ("min/km", "5:57 min/km"),
        ("min/mi", "9:35 min/mi"),
    ],
)
def test_one_speed_in_every_unit(unit: str, shown: str) -> None:
    assert speed_text(2.8, SpeedUnit(unit)) == shown


def test_a_pace_that_rounds_up_to_a_minute_is_one() -> None:
    assert speed_number(1000 / 359.6, SpeedUnit.MIN_PER_KM) == "6:00"


@pytest.mark.parametrize("unit", SpeedUnit)
def test_no_speed_is_a_dash(unit: SpeedUnit) -> None:
    assert speed_number(math.nan, unit) == "-"


def test_a_standing_belt_has_no_pace() -> None:
    assert speed_number(0.0, SpeedUnit.MIN_PER_KM) == "-"


@pytest.mark.parametrize(
    ("unit", "begin", "faster"),
    [
        ("m/s", "2.80 m/s", "2.90 m/s"),
        ("km/h", "10.0 km/h", "10.1 km/h"),
        ("mph", "6.2 mph", "6.3 mph"),
        ("min/km", "5:30 min/km", "5:25 min/km"),
        ("min/mi", "8:51 min/mi", "8:46 min/mi"),
    ],
)
def test_a_step_is_the_units_own(unit: str, begin: str, faster: str) -> None:
    mps = parse_speed(begin, LOW_MPS, HIGH_MPS)
    up = stepped(mps, SpeedUnit(unit), 1)
    assert speed_text(up, SpeedUnit(unit)) == faster
    assert stepped(up, SpeedUnit(unit), -1) == pytest.approx(mps)


@pytest.mark.parametrize(("unit", "axis"), [("min/km", "km/h"), ("min/mi", "mph"), ("km/h", "km/h"), ("m/s", "m/s")])
def test_a_pace_is_drawn_as_a_rate(unit: str, axis: str) -> None:
    value, name = charted(2.8, SpeedUnit(unit))
    assert name == axis
    assert f"{value:.1f}" == speed_text(2.8, SpeedUnit(axis)).split()[0][: len(f"{value:.1f}")]
