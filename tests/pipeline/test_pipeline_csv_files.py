"""The columns of frames.csv and strides.csv, and what stands in them when nothing was measured."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from perfect_pose import clean_runner, pose_frames

from cuecoach.gait.metrics import STRIDE_METRICS
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.csv_files import FRAME_COLUMNS, STRIDE_COLUMNS, frame_row, stride_row
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.types import Legs, Side


def test_columns_are_those_of_the_design() -> None:
    assert FRAME_COLUMNS[:4] == ("t_s", "near_side", "left_hip_x_px", "left_hip_y_px")
    assert set(FRAME_COLUMNS[2:22]) == {
        f"{side}_{joint}_{axis}_px"
        for side in ("left", "right")
        for joint in ("hip", "knee", "ankle", "heel", "toe")
        for axis in "xy"
    }
    assert FRAME_COLUMNS[22:] == (
        *(f"{side}_{angle}_deg" for side in ("left", "right") for angle in ("thigh", "shank", "knee", "foot")),
        "left_trust",
        "right_trust",
    )
    named = (
        "side is_near t_strike_s t_midstance_s t_toe_off_s t_next_strike_s cadence_spm contact_s duty speed_mps trust"
    )
    assert STRIDE_COLUMNS[:11] == tuple(named.split())
    assert STRIDE_COLUMNS[11:-1] == STRIDE_METRICS


def test_what_was_not_measured_is_an_empty_cell() -> None:
    legs = Legs(0.5, 15, np.full((2, 5, 2), np.nan), np.zeros(2), np.full((2, 2), np.nan), 1, Side.LEFT)
    row = dict(zip(FRAME_COLUMNS, frame_row(legs, dict.fromkeys(Side, math.nan)), strict=True))
    assert (row["t_s"], row["near_side"], row["left_trust"]) == ("0.500000", "left", "0.000")
    assert {row[name] for name in FRAME_COLUMNS if name.endswith(("_px", "_deg"))} == {""}
    stride = measure_pose_frames(pose_frames(clean_runner()), GaitSettings()).strides[0]
    blank = replace(stride, speed=None, metrics=dict.fromkeys(STRIDE_METRICS, math.nan))
    cells = dict(zip(STRIDE_COLUMNS, stride_row(blank), strict=True))
    assert cells["speed_mps"] == cells["knee_peak_swing_deg"] == ""
