"""The truth that the benchmark scores against: labelled clip and motion capture, read from the shared data folder.

Owns reading those files and nothing else. Times are seconds on the clock of the film or of the trial, angles degrees.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from cuecoach.types import JOINTS, FloatArray, Side

# Columns of strides.csv by the metric of gait.metrics that measures the same.
STRIDE_COLUMNS = {
    "knee_peak_swing_deg": "peak_swing_knee_flexion_deg",
    "knee_at_thigh_vertical_deg": "knee_flexion_at_thigh_vertical_deg",
    "thigh_max_deg": "max_thigh_angle_deg",
}

_HALPE = ("hip", "knee", "ankle", "heel", "big_toe")  # the independent model's names of JOINTS


@dataclass(frozen=True, slots=True)
class Contacts:
    """Foot strikes and toe-offs of one leg in seconds, rising; either may have one more than the other."""

    strikes_s: FloatArray
    toe_offs_s: FloatArray


@dataclass(frozen=True, slots=True)
class TrueStride:
    """One stride of one leg and what it measures, by the names of `gait.metrics`."""

    side: Side
    t_strike_s: float
    t_toe_off_s: float
    t_next_strike_s: float
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Mocap:
    """One trial: `points_m` (n, 2, 5, 3) left then right x JOINTS x (forward, up, right). `contacts` None: no force."""

    name: str
    t_s: FloatArray
    points_m: FloatArray
    contacts: dict[Side, Contacts] | None
    strides: list[TrueStride]
    stature_m: float
    speed_mps: float


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """The labelled film.

    `near_knee_deg` by frame and `near_px` (n, 5, 2), NaN elsewhere, are the hand's; `model_px` (n, 2, 5, 2) are the
    independent model's.
    """

    film: Path
    rate_hz: float
    near: Side
    cadence_spm: float
    contacts: dict[Side, Contacts]
    near_knee_deg: dict[int, float]
    near_px: FloatArray
    model_px: FloatArray

    def strides(self, side: Side) -> list[TrueStride]:
        """Return every stride of one leg that is labelled from strike to strike."""
        strikes, toe_offs = self.contacts[side].strikes_s, self.contacts[side].toe_offs_s
        return [
            TrueStride(side, float(begin), float(toe_offs[(toe_offs > begin) & (toe_offs < end)][0]), float(end), {})
            for begin, end in pairwise(strikes)
        ]


def read_mocap(folder: Path) -> Mocap:
    """Read one trial folder, named <runner>_<belt speed in m/s>."""
    columns = np.genfromtxt(folder / "keypoints.csv", delimiter=",", names=True)
    points = np.stack(
        [
            np.stack([np.stack([columns[f"{s}_{j}_{a}_m"] for a in "xyz"], axis=-1) for j in JOINTS], axis=1)
            for s in ("l", "r")
        ],
        axis=1,
    )
    stature = re.search(r" y, (\d\.\d+) m", (folder / "README.md").read_text())
    if stature is None:
        raise ValueError(f"{folder}/README.md: no stature found")
    events = folder / "events.csv"
    strides = [
        TrueStride(
            _side(row["side"]),
            float(row["t_foot_strike_s"]),
            float(row["t_toe_off_s"]),
            float(row["t_next_strike_s"]),
            {metric: float(row[column]) for metric, column in STRIDE_COLUMNS.items()},
        )
        for row in _rows(folder / "strides.csv")
    ]
    return Mocap(
        folder.name,
        columns["t_s"],
        points,
        _force_contacts(events) if events.is_file() else None,
        strides,
        float(stature[1]),
        float(folder.name.rpartition("_")[2]),
    )


def read_clip(folder: Path) -> Clip:
    """Read male_side.mp4's labels. A labelled frame is the first that shows the new state: the event is half before."""
    model = json.loads((folder / "male_side.pose.json").read_text())
    rate_hz = float(model["fps"])
    near = Side.LEFT
    rows = _rows(folder / "male_side_contacts.csv")

    def times(leg: str, event: str) -> FloatArray:
        frames = [int(row["frame"]) for row in rows if (row["leg"], row["event"]) == (leg, event)]
        return (np.array(sorted(frames)) - 0.5) / rate_hz

    names = model["keypoint_names"]
    columns = [[names.index(f"{s}_{joint}") for joint in _HALPE] for s in "lr"]
    return Clip(
        folder / "male_side.mp4",
        rate_hz,
        near,
        168.9,
        {
            near: Contacts(times("near", "foot_strike"), times("near", "toe_off")),
            near.other: Contacts(times("far", "foot_strike"), times("far", "toe_off")),
        },
        {int(row["frame"]): float(row["flexion_deg"]) for row in _rows(folder / "male_side_knee_flexion.csv")},
        _hand_joints(folder / "male_side_joints.csv", len(model["frames"])),
        np.array(model["frames"])[:, columns, :2],
    )


def _hand_joints(path: Path, frames: int) -> FloatArray:
    points = np.full((frames, len(JOINTS), 2), np.nan)
    for row in _rows(path):
        if row["leg"] == "near" and row["x_px"]:
            points[int(row["frame"]), JOINTS.index(row["joint"])] = float(row["x_px"]), float(row["y_px"])
    return points


def _force_contacts(path: Path) -> dict[Side, Contacts]:
    rows = _rows(path)
    return {
        side: Contacts(
            *(
                np.array([float(row[column]) for row in rows if _side(row["side"]) is side])
                for column in ("t_foot_strike_50N_s", "t_toe_off_50N_s")
            )
        )
        for side in Side
    }


def _side(letter: str) -> Side:
    return {"l": Side.LEFT, "r": Side.RIGHT}[letter]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
