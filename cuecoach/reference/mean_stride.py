"""The mean runner at one speed: segment angles over a stride, from `mean_stride.csv`. Knows no fault and no time.

A stride is told in the leg's own phase `s`: 0 foot strike, 0..1 stance, 1 toe-off, 1..2 swing, 2 the next strike.
Curves of different speeds are mixed at the same `s`, so that strike, toe-off and (to 1 % of swing) the knee peak fall
together. Data: Fukuchi, Fukuchi & Duarte (2017) PeerJ 5:e3298, CC BY 4.0; the head of `mean_stride.csv` has the full
notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from scipy.interpolate import CubicSpline

from cuecoach.reference.body import BOB, KNEE, THIGH
from cuecoach.types import FloatArray

SPEEDS_MPS = (2.5, 3.5, 4.5)
LOW_MPS, HIGH_MPS = 2.0, 6.0
# Stride and contact time at SPEEDS_MPS, from the force plates of the same runners.
_STRIDE_S = (0.7451, 0.7031, 0.6570)
_CONTACT_S = (0.2870, 0.2369, 0.2116)
# Above 4.5 m/s knee and thigh grow about 0.45 times as fast as between 3.5 and 4.5 (Dorn et al. 2012, one runner).
_ANGLE_GROWTH_ABOVE = 0.45


@dataclass(frozen=True, slots=True)
class MeanStride:
    """The mean stride at one speed. `curves(s)` gives (..., 4): thigh, knee, foot in degrees and pelvis bob in m."""

    speed_mps: float
    stride_s: float
    contact_s: float
    curves: CubicSpline


@cache
def _measured() -> FloatArray:
    """Return (3 speeds, 100 pct, 4) thigh, shank, foot (deg) and bob (m) as stored."""
    with files(__package__).joinpath("mean_stride.csv").open() as file:
        table = np.loadtxt(file, delimiter=",", skiprows=5)
    table = table.reshape(len(SPEEDS_MPS), 100, 6)[:, :, 2:]
    table[:, :, BOB] /= 1000.0
    return np.asarray(table, dtype=np.float64)


def _at(speed_mps: float, values: FloatArray) -> FloatArray:
    """Return `values` (one per measured speed along axis 0) at `speed_mps`, linear, the outer lines continued."""
    slow, mid, fast = values
    if speed_mps < SPEEDS_MPS[1]:
        return np.asarray(slow + (speed_mps - SPEEDS_MPS[0]) * (mid - slow))
    return np.asarray(mid + (speed_mps - SPEEDS_MPS[1]) * (fast - mid))


def mean_stride(speed_mps: float) -> MeanStride:
    """Return the mean stride at `speed_mps`, which is measured from 2.5 to 4.5 m/s and extrapolated to 2 and 6 m/s.

    Below 2.5 m/s everything continues linearly. Above 4.5 m/s times do, angles at 0.45 of their slope.
    """
    stride_s = 120.0 / float(_at(speed_mps, 120.0 / np.array(_STRIDE_S)))
    contact_s = float(_at(speed_mps, np.array(_CONTACT_S)))
    phases = np.arange(0.0, 2.0, 0.01)
    curves = []
    for table, whole_s, down_s in zip(_measured(), _STRIDE_S, _CONTACT_S, strict=True):
        duty = down_s / whole_s
        cycle = np.where(phases < 1.0, phases * duty, duty + (phases - 1.0) * (1.0 - duty))
        spline = CubicSpline(np.linspace(0.0, 1.0, 101), np.vstack([table, table[:1]]), bc_type="periodic")
        curves.append(spline(cycle))
    top = SPEEDS_MPS[-1]
    angle_mps = speed_mps if speed_mps <= top else top + _ANGLE_GROWTH_ABOVE * (speed_mps - top)
    mixed = _at(angle_mps, np.stack(curves))
    mixed[:, KNEE] = mixed[:, THIGH] - mixed[:, KNEE]  # stored as the shank
    closed = CubicSpline(np.append(phases, 2.0), np.vstack([mixed, mixed[:1]]), bc_type="periodic")
    return MeanStride(speed_mps, stride_s, contact_s, closed)
