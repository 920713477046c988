"""What is usual where `norms.csv` has no row, by metric and speed, and how tables by speed are read.

Mean runner of Fukuchi et al. 2017 and, from 6.6 m/s, single sprinters (Dorn et al. 2012); trunk: Thorstensson 1984,
6 to 13 degrees, of which the more upright end is taken.
"""

from __future__ import annotations

import itertools
import math

SpeedTable = tuple[tuple[float, float], ...]  # rows of speed (m/s) and value, the speeds rising

_USUAL: dict[str, SpeedTable] = {
    "thigh_at_heel_peak_deg": ((2.5, 4.0), (3.5, 1.5), (4.5, 0.6), (9.5, -14.5)),
    "ankle_swing_deg": ((2.5, -5.2), (3.5, -8.0), (4.5, -9.4), (9.5, -11.6)),
    "foot_at_strike_deg": ((2.5, 11.2), (3.5, 13.7), (4.5, 14.9)),
    "hip_height_leg": ((3.0, 0.81),),
    "braking_share": ((2.5, 0.31), (3.5, 0.35), (4.5, 0.38)),
    "trunk_lean_deg": ((3.0, 7.0),),
}


def usual_without_norm(metric: str, speed_mps: float) -> float:
    """Return what is usual at a speed in the metric's unit, held beyond the ends of its table; NaN if unknown."""
    table = _USUAL.get(metric)
    return between(table, speed_mps) if table else math.nan


def between(table: SpeedTable, speed_mps: float) -> float:
    """Return the value of a table at a speed: linear between its rows, held beyond its ends."""
    if speed_mps <= table[0][0]:
        return table[0][1]
    for (left_mps, left), (right_mps, right) in itertools.pairwise(table):
        if speed_mps <= right_mps:
            return left + (right - left) * (speed_mps - left_mps) / (right_mps - left_mps)
    return table[-1][1]
