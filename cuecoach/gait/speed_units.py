"""The units of running speed: reads what people type ("10km/h", "5:30/km") and writes speeds in the unit they chose."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from cuecoach.settings import Written

MILE_M = 1609.344
_KMH_MPS, _MPH_MPS = 1000 / 3600, MILE_M / 3600
_BARE_MAX_MPS = 6.5  # 23 km/h: a number beyond it without a unit is more likely km/h than m/s
_PACE_STEP_S = 5
_PACE_MAX_S = 3600  # slower than this nobody moves


class SpeedUnit(StrEnum):
    """How speeds are shown: a rate, or a pace in minutes and seconds for a kilometre or mile."""

    M_PER_S = "m/s"
    KM_PER_H = "km/h"
    MPH = "mph"
    MIN_PER_KM = "min/km"
    MIN_PER_MI = "min/mi"


_RATES_MPS = {SpeedUnit.M_PER_S: 1.0, SpeedUnit.KM_PER_H: _KMH_MPS, SpeedUnit.MPH: _MPH_MPS}
_PACES_M = {SpeedUnit.MIN_PER_KM: 1000.0, SpeedUnit.MIN_PER_MI: MILE_M}
_OF_PACE = {SpeedUnit.MIN_PER_KM: SpeedUnit.KM_PER_H, SpeedUnit.MIN_PER_MI: SpeedUnit.MPH}
_DIGITS = {SpeedUnit.M_PER_S: 2, SpeedUnit.KM_PER_H: 1, SpeedUnit.MPH: 1}
_RATE_NAMES = {
    **dict.fromkeys(("m/s", "mps"), 1.0),
    **dict.fromkeys(("km/h", "kmh", "kph", "kmph"), _KMH_MPS),
    **dict.fromkeys(("mph", "mi/h"), _MPH_MPS),
}
_PACE_NAMES_M = {
    **dict.fromkeys(("/km", "min/km"), 1000.0),
    **dict.fromkeys(("/mi", "min/mi", "/mile", "min/mile"), MILE_M),
}
_RATE = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+) ?([a-z/]*)", re.ASCII)
_PACE = re.compile(r"(\d{1,2}):([0-5]\d) ?([a-z/]*)", re.ASCII)


def parse_speed(value: object, low_mps: float, high_mps: float) -> float:
    """Return a speed in m/s, from a text with its unit or from a number, which is m/s.

    Raises
    ------
    ValueError
        It is no speed, not between the two, or a number without a unit that looks like km/h. The text is the end of a
        sentence that begins with what was given.
    """
    text = f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else value
    refusal = ValueError(f"must be {allowed_speeds(low_mps, high_mps)}")
    if not isinstance(text, str):
        raise refusal
    text = re.sub(r" ?/ ?", "/", " ".join(text.lower().split()))
    if pace := _PACE.fullmatch(text):
        mps = _of_pace(*pace.groups())
    elif rate := _RATE.fullmatch(text):
        number, unit = float(rate[1].replace(",", ".")), rate[2]
        if not unit:
            _ask_if_kmh(number, low_mps, high_mps)
        mps = number * _RATE_NAMES.get(unit or "m/s", math.nan)
    else:
        raise refusal
    if not low_mps <= mps <= high_mps:
        raise refusal
    return mps


def allowed_speeds(low_mps: float, high_mps: float) -> str:
    """Return in words what `parse_speed` takes."""
    kmh = f"{low_mps / _KMH_MPS:.3g} to {high_mps / _KMH_MPS:.3g} km/h"
    return f"a speed from {low_mps:g} to {high_mps:g} m/s, {kmh}, such as 10km/h, 6.2mph, 5:30/km or 2.8m/s"


SPEED = Written("speed", parse_speed, allowed_speeds)


def speed_number(mps: float, unit: SpeedUnit) -> str:
    """Return a speed without its unit: "10.1", or "5:56" for a pace; "-" for what is none."""
    if unit in _RATES_MPS:
        return f"{mps / _RATES_MPS[unit]:.{_DIGITS[unit]}f}" if math.isfinite(mps) else "-"
    pace_s = _PACES_M[unit] / mps if mps > 0 else math.inf
    if not pace_s < _PACE_MAX_S:
        return "-"
    minutes, seconds = divmod(round(pace_s), 60)
    return f"{minutes}:{seconds:02d}"


def speed_text(mps: float, unit: SpeedUnit) -> str:
    """Return a speed with its unit: "10.1 km/h"."""
    return f"{speed_number(mps, unit)} {unit}"


def stepped(mps: float, unit: SpeedUnit, steps: int) -> float:
    """Return a speed faster by so many steps: each 0.1 m/s, km/h or mph, or 5 seconds less for a kilometre or mile."""
    if unit in _RATES_MPS:
        return mps + 0.1 * steps * _RATES_MPS[unit]
    pace_s = _PACES_M[unit] / mps - _PACE_STEP_S * steps
    return _PACES_M[unit] / pace_s if pace_s > 0 else math.inf


def charted(mps: float, unit: SpeedUnit) -> tuple[float, SpeedUnit]:
    """Return a speed for an axis, and the axis's unit: a pace is drawn as km/h or mph, so that faster is higher."""
    unit = _OF_PACE.get(unit, unit)
    return mps / _RATES_MPS[unit], unit


def _of_pace(minutes: str, seconds: str, unit: str) -> float:
    if not unit:
        raise ValueError(f"lacks its unit: write {minutes}:{seconds}/km or {minutes}:{seconds}/mi")
    pace_s = 60 * int(minutes) + int(seconds)
    return _PACE_NAMES_M.get(unit, math.nan) / pace_s if pace_s else math.nan


def _ask_if_kmh(number: float, low_mps: float, high_mps: float) -> None:
    """Refuse a bare number that would be very fast in m/s, with what else it may have meant."""
    if number <= _BARE_MAX_MPS:
        return
    meant = [f"write {number:g}km/h"] if low_mps <= number * _KMH_MPS <= high_mps else []
    meant += [f"{'' if meant else 'write '}{number:g}m/s if you mean it"] if number <= high_mps else []
    if meant:
        raise ValueError(f"{number:g} m/s is {number / _KMH_MPS:g} km/h: {', or '.join(meant)}")
