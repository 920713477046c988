"""Norms of healthy runners by speed: `norms.csv` and how to read a value between its columns.

Which row is the norm of which metric stands in `gait/metrics.py`. How far from the norm is too far belongs to a cue
pack.

Where the numbers come from:

- 2.5 to 4.5 m/s: treadmill, 28 runners; Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298, data doi
  10.6084/m9.figshare.4543435, CC BY 4.0 (creativecommons.org/licenses/by/4.0), segment attitudes as averaged by
  1755/migera. Changes made: metrics recomputed from the mean curves, 3.0 and 4.0 interpolated, 2.0 extrapolated.
- 5.0 to 9.0 m/s: interpolated towards single runners at 6.6 and 9.5 m/s (Dorn, Schache & Pandy 2012, J Exp Biol
  215:1944, and a maximal sprint; both as found in aaronsfox/flash-running), adjusted to the camera's knee and to
  literature. Low confidence from 6.6 m/s on.
- `dors_at_thigh_max` is given against the standing ankle, as the metric is measured: up to 4.5 m/s 3.1 degrees (the
  mean standing shank of the 28) are taken off the published mean curve.
- `vert_osc_pelvis/leg` is the pelvis's rise and fall over the leg length of the mean runner, 0.864 m.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np

from cuecoach.types import FloatArray


@cache
def _table() -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the speeds (m,) and the values (m,) of every row, read once: the file is part of the code."""
    lines = files(__package__).joinpath("norms.csv").read_text(encoding="utf-8").splitlines()
    header, *rows = csv.reader(lines)
    speeds = np.array([float(cell) for cell in header[1:]])
    return speeds, {row[0]: np.array([float(cell) for cell in row[1:]]) for row in rows}


def rows() -> tuple[str, ...]:
    """Return the names of the table's rows."""
    return tuple(_table()[1])


def speed_range_mps() -> tuple[float, float]:
    """Return the slowest and the fastest speed that the table covers."""
    speeds, _ = _table()
    return float(speeds[0]), float(speeds[-1])


def at_speed(row: str, speed_mps: float) -> float:
    """Return a row's value at a belt speed, linear between columns; NaN outside the table.

    Raises
    ------
    KeyError
        The table has no such row.
    """
    speeds, values = _table()
    return float(np.interp(speed_mps, speeds, values[row], left=np.nan, right=np.nan))
