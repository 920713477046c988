"""Points that a person set on stills: their file, and the calibration that they and the measured legs give.

The file is described in `docs/calibration.md`: CSV, a line for each point, with the columns of `COLUMNS`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cuecoach.errors import InputError
from cuecoach.gait.angles import SHANK, THIGH, knee_flexion, segment_angles, to_runner_axes
from cuecoach.gait.calibration.offsets import (
    PRIORS,
    Calibration,
    CalibrationOrigin,
    LegOffsets,
    Placement,
    estimate_offset,
)
from cuecoach.types import ANKLE, JOINTS, FloatArray, Legs, Side

COLUMNS = ("film", "frame", "leg", "joint", "x_px", "y_px")
LEAST_FRAMES = 3  # of a leg: fewer say less than the prior
_GUESSED = 0.4  # trust of a frame below which its leg was rather guessed than seen ...
_GUESSED_WEIGHT = 0.05  # ... and shows little that is steady


@dataclass(frozen=True, slots=True)
class SetPoint:
    """One joint of a leg as a person set it in one picture, pixels from its top left corner.

    `leg` is left, right, near or far; `film` says of what, and may be empty.
    """

    frame: int
    leg: str
    joint: str
    x_px: float
    y_px: float
    film: str = ""


def parse_points(text: str, name: str) -> tuple[SetPoint, ...]:
    """Return the points of a file's text; `name` is the file's, for sentences about it.

    Lines without coordinates are points that were not set. Columns that are not known are left alone.

    Raises
    ------
    InputError
        A column is missing, or a line cannot be read.
    """
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS[1:] if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{name} has no column {missing[0]!r}: its first line must be {','.join(COLUMNS)}.")
    points = [_point(row, name, reader.line_num) for row in reader if row["x_px"] and row["y_px"]]
    if not points:
        raise InputError(f"{name} holds no points: set hip, knee and ankle on at least {LEAST_FRAMES} pictures.")
    return tuple(points)


def format_points(points: Iterable[SetPoint]) -> str:
    """Return the text of a file of points; coordinates to a tenth of a pixel."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for point in points:
        writer.writerow([point.film, point.frame, point.leg, point.joint, f"{point.x_px:.1f}", f"{point.y_px:.1f}"])
    return out.getvalue()


def calibrate_points(points: Iterable[SetPoint], legs: Mapping[int, Legs], placement: Placement) -> Calibration:
    """Return the offsets of the legs that were measured in these frames from where a person set their points.

    Parameters
    ----------
    points : of any frames; only frames of `legs` with hip, knee and ankle of a leg count.
    legs : the settled legs by the frame's index, as measured without calibration.
    placement : of the camera that saw them.

    Raises
    ------
    InputError
        No leg has points in enough frames.
    """
    set_px = _by_leg(points, legs)
    offsets = {side: _leg_offsets(side, set_px[side], legs) for side in Side}
    if not any(offsets.values()):
        raise InputError(
            f"Too few points to calibrate a leg: hip, knee and ankle of it must be set on at least {LEAST_FRAMES} "
            "pictures in which the runner was measured."
        )
    return Calibration(CalibrationOrigin.POINTS, placement, offsets[Side.LEFT], offsets[Side.RIGHT])


def _point(row: Mapping[str, str], name: str, line: int) -> SetPoint:
    try:
        point = SetPoint(
            int(row["frame"]), row["leg"], row["joint"], float(row["x_px"]), float(row["y_px"]), row.get("film") or ""
        )
    except ValueError:
        raise InputError(f"{name}, line {line}: frame, x_px and y_px must be numbers.") from None
    if point.joint not in JOINTS:
        raise InputError(f"{name}, line {line}: the joint {point.joint!r} is none of {', '.join(JOINTS)}.")
    if point.leg not in ("left", "right", "near", "far"):
        raise InputError(f"{name}, line {line}: the leg {point.leg!r} is none of left, right, near, far.")
    if not (math.isfinite(point.x_px) and math.isfinite(point.y_px)):
        raise InputError(f"{name}, line {line}: x_px and y_px must be numbers.")
    return point


def _by_leg(points: Iterable[SetPoint], legs: Mapping[int, Legs]) -> dict[Side, dict[int, FloatArray]]:
    """Return the set joints (5, 2) px by leg and frame, NaN where not set."""
    out: dict[Side, dict[int, FloatArray]] = {side: {} for side in Side}
    for point in points:
        seen = legs.get(point.frame)
        if seen is None:
            continue
        side = {"near": seen.near, "far": seen.near.other}.get(point.leg) or Side(point.leg)
        joints = out[side].setdefault(point.frame, np.full((len(JOINTS), 2), np.nan))
        joints[JOINTS.index(point.joint)] = point.x_px, point.y_px
    return out


def _leg_offsets(side: Side, set_px: Mapping[int, FloatArray], legs: Mapping[int, Legs]) -> LegOffsets | None:
    frames = [
        frame
        for frame, joints in sorted(set_px.items())
        if np.isfinite(joints[: ANKLE + 1]).all() and np.isfinite(legs[frame].of(side)).all()
    ]
    if len(frames) < LEAST_FRAMES:
        return None
    facing = [legs[frame].facing for frame in frames]
    true = np.array([segment_angles(to_runner_axes(set_px[f], way)) for f, way in zip(frames, facing, strict=True)])
    seen = np.array([segment_angles(to_runner_axes(legs[f].of(side), w)) for f, w in zip(frames, facing, strict=True)])
    trust = np.array([legs[frame].trust[side.row] for frame in frames])
    weight = np.where(trust < _GUESSED, _GUESSED_WEIGHT, 1.0)
    thigh, shank = (
        estimate_offset(knee_flexion(seen), (seen - true)[:, segment], weight, PRIORS[segment])
        for segment in (THIGH, SHANK)
    )
    return LegOffsets(thigh, shank, len(frames))
