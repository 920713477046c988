"""A calibration as text, for files and the journal, and as a line for people."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import (
    SHANK_PRIOR,
    THIGH_PRIOR,
    USUAL_FOLD_DEG,
    Calibration,
    CalibrationOrigin,
    LegOffsets,
    Offset,
    Placement,
)
from cuecoach.types import Side


def calibration_text(calibration: Calibration) -> str:
    """Return a calibration as JSON in one line; every number is kept as it is."""
    plain = dataclasses.asdict(calibration)
    if math.isnan(calibration.placement.belt_deg):
        plain["placement"]["belt_deg"] = None
    return json.dumps(plain, separators=(",", ":"))


def parse_calibration(text: str, name: str) -> Calibration:
    """Return the calibration of a text; `name` is where it is from (raises InputError when it is none)."""
    try:
        plain: dict[str, Any] = json.loads(text)
        belt_deg = plain["placement"].pop("belt_deg")
        placement = Placement(belt_deg=math.nan if belt_deg is None else belt_deg, **plain["placement"])
        left, right = (_leg(plain[str(side)]) for side in Side)
        return Calibration(CalibrationOrigin(plain["origin"]), placement, left, right, plain.get("model", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{name} is no calibration: `cuecoach calibrate --out FILE` writes one.") from None


def calibration_line(calibration: Calibration) -> str:
    """Return a calibration in a line: offsets of each leg with their standard uncertainty, and where they are from."""
    legs = [(side, offsets) for side in Side if (offsets := calibration.of(side)) is not None]
    parts = [
        f"{side} leg thigh {_signed(offsets.thigh)}, shank {_signed(offsets.shank)} degrees" for side, offsets in legs
    ]
    if calibration.origin is CalibrationOrigin.STANDING:
        return f"{'; '.join(parts)}, from standing"
    return f"{'; '.join(parts)}, by points on {max(offsets.frames for _, offsets in legs)} pictures"


def calibration_report(calibration: Calibration) -> list[str]:
    """Return sentences for the person who made a calibration: what is taken off each leg, and how sure it is now."""
    lines = []
    for side in Side:
        offsets = calibration.of(side)
        if offsets is None:
            continue
        thigh, shank = offsets.thigh, offsets.shank
        knee_deg = thigh.deg - shank.deg
        before_deg = math.hypot(THIGH_PRIOR.offset_deg, SHANK_PRIOR.offset_deg)
        now_deg = math.hypot(thigh.sd_deg, shank.sd_deg)
        lines += [
            f"{side} leg: the thigh was measured {_off(thigh, 'forward', 'back')}, the shank "
            f"{_off(shank, 'forward', 'back')}; at a fold of {USUAL_FOLD_DEG:g} degrees the knee was read "
            f"{abs(knee_deg):.1f} too {'folded' if knee_deg > 0 else 'straight'}. This is taken off from now on.",
            f"{side} leg: the knee's steady uncertainty is {now_deg:.1f} degrees; without calibration it is "
            f"{before_deg:.1f}.",
        ]
    return lines


def _off(offset: Offset, more: str, less: str) -> str:
    return f"{abs(offset.deg):.1f} ± {offset.sd_deg:.1f} degrees too far {more if offset.deg > 0 else less}"


def _signed(offset: Offset) -> str:
    return f"{offset.deg:+.1f} ± {offset.sd_deg:.1f}"


def _leg(plain: dict[str, Any] | None) -> LegOffsets | None:
    if plain is None:
        return None
    return LegOffsets(Offset(**plain["thigh"]), Offset(**plain["shank"]), plain["frames"])
