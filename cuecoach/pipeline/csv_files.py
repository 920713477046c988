"""The two files of `cuecoach measure`: the columns of `frames.csv` and `strides.csv`, and their writing."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from cuecoach.errors import DeviceError
from cuecoach.gait.angles import FOOT, SHANK, THIGH, knee_flexion, leg_angles
from cuecoach.gait.metrics import METRICS, STRIDE_METRICS
from cuecoach.pipeline.measurement import Measurement
from cuecoach.types import JOINTS, Legs, Side, Stride

FRAMES, STRIDES = "frames.csv", "strides.csv"

ANGLES = ("thigh", "shank", "knee", "foot")
FRAME_COLUMNS: tuple[str, ...] = (
    "t_s",
    "near_side",
    *(f"{side}_{joint}_{axis}_px" for side in Side for joint in JOINTS for axis in "xy"),
    *(f"{side}_{angle}_deg" for side in Side for angle in ANGLES),
    *(f"{side}_trust" for side in Side),
)
STRIDE_COLUMNS: tuple[str, ...] = (
    "side",
    "is_near",
    "t_strike_s",
    "t_midstance_s",
    "t_toe_off_s",
    "t_next_strike_s",
    "cadence_spm",
    "contact_s",
    "duty",
    "speed_mps",
    "trust",
    *STRIDE_METRICS,
    "activity",
)


def write_files(measurement: Measurement, folder: Path) -> tuple[Path, Path]:
    """Write `frames.csv` and `strides.csv` into a folder, which is made, and return their paths.

    Raises
    ------
    DeviceError
        A file cannot be written.
    """
    foot_flat_deg = {side: measurement.foot_flat_deg(side) for side in Side}
    files = (
        (FRAMES, FRAME_COLUMNS, (frame_row(legs, foot_flat_deg) for legs in measurement.legs)),
        (STRIDES, STRIDE_COLUMNS, (stride_row(stride) for stride in measurement.strides)),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns, rows in files:
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(rows)
    except OSError as error:
        raise DeviceError(
            f"{folder} cannot be written ({error.strerror or error}); give another folder with --out."
        ) from error
    return folder / FRAMES, folder / STRIDES


def frame_row(legs: Legs, foot_flat_deg: Mapping[Side, float]) -> list[str]:
    """Return the cells of one frame, by FRAME_COLUMNS; `foot_flat_deg` is subtracted from the foot angle."""
    angles = leg_angles(legs)
    knee = knee_flexion(angles)
    row = [_cell(legs.t_s, 6), str(legs.near)]
    row += [_cell(value, 2) for value in legs.points_px.ravel()]
    for side in Side:
        thigh, shank, foot = (float(angles[side.row, segment]) for segment in (THIGH, SHANK, FOOT))
        row += [_cell(value, 2) for value in (thigh, shank, float(knee[side.row]), foot - foot_flat_deg[side])]
    return row + [_cell(value, 3) for value in legs.trust]


def stride_row(stride: Stride) -> list[str]:
    """Return the cells of one stride, by STRIDE_COLUMNS."""
    times = (stride.t_strike_s, stride.t_midstance_s, stride.t_toe_off_s, stride.t_next_strike_s)
    speed_mps = math.nan if stride.speed is None else stride.speed.mps
    return [
        str(stride.side),
        "true" if stride.is_near else "false",
        *(_cell(t_s, 5) for t_s in times),
        _cell(stride.cadence_spm, 3),
        _cell(stride.contact_s, 5),
        _cell(stride.duty, 4),
        _cell(speed_mps, 3),
        _cell(stride.trust, 3),
        *(_cell(stride.metrics[name], METRICS[name].unit.stored_digits) for name in STRIDE_METRICS),
        str(stride.activity),
    ]


def _cell(value: float, digits: int) -> str:
    """Return a number with this many digits; nothing for what was not measured."""
    return "" if math.isnan(value) else f"{value:.{digits}f}"
