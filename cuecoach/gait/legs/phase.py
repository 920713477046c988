"""Phase and frequency of the stride, fitted to a window of observed leg angles.

A `MeanStrideCurve` gives what the legs look like at each phase. Of each frame only one of the two assignments of the
seen legs to left and right must fit, so that swapped, merged or missing legs in some frames do not disturb the fit.
"""

from __future__ import annotations

import numpy as np

from cuecoach.gait.legs.stride_curve import MeanStrideCurve
from cuecoach.types import FloatArray

TWO_PI = 2 * np.pi
SLOWEST_HZ, FASTEST_HZ = 0.6, 2.5  # strides a second: from a slow walk to a sprint (300 spm)

_BINS = 128
_HALF_COST_DEG = np.array([15.0, 22.0])  # an error of this size in thigh, shank costs half of the most
_SWAP_PENALTY = 0.3  # the pose model is right about left and right more often than not


class GaitPhaseEstimator:
    """Phase of the left leg over time: `phase(t) = at + 2 pi hz (t - t0)`; `quality` 0..1 says how well it fits."""

    def __init__(self) -> None:
        self.hz = 0.0
        self.quality = 0.0
        self._t0_s = 0.0
        self._at = 0.0

    def phase(self, t_s: FloatArray) -> FloatArray:
        """Return the left leg's phase (n,) in radians, not wrapped, at times (n,)."""
        return np.asarray(self._at + TWO_PI * self.hz * (t_s - self._t0_s))

    def phase_at(self, t_s: float) -> float:
        """Return the left leg's phase in radians at one time."""
        return self._at + TWO_PI * self.hz * (t_s - self._t0_s)

    def fit(self, t_s: FloatArray, angles: FloatArray, weight: FloatArray, stride_curve: MeanStrideCurve) -> None:
        """Fit phase and frequency to a window of at least a second.

        Parameters
        ----------
        t_s : (n,) capture times.
        angles : (n, 2, 3) angles of the legs as labelled by the pose model, NaN where not seen.
        weight : (n, 2) weight of each, 0..1.
        stride_curve : angles over a stride.
        """
        seen = angles[..., :2]
        weight = np.where(np.isfinite(seen).all(axis=-1), weight, 0.0)
        window = _Window(t_s, np.nan_to_num(seen), weight, stride_curve)
        if self.hz:
            at, hz = self.phase_at(window.t0_s), self.hz
            phase_step, hz_step = 0.35, 0.05
        else:
            at, hz = window.search()
            phase_step, hz_step = 0.2, 0.05
        for _ in range(3):
            at, hz, cost = window.refine(at, hz, phase_step, hz_step)
            phase_step, hz_step = phase_step / 3, hz_step / 3
        self._t0_s, self._at, self.hz = window.t0_s, at % TWO_PI, hz
        self.quality = 1.0 - cost

    def reset(self) -> None:
        """Make the next fit a search over all phases and frequencies."""
        self.hz = 0.0
        self.quality = 0.0


class _Window:
    """The cost of a phase and a frequency on one window of frames."""

    def __init__(self, t_s: FloatArray, seen: FloatArray, weight: FloatArray, stride_curve: MeanStrideCurve) -> None:
        self.t0_s = float(t_s[len(t_s) // 2])
        self._dt = t_s - self.t0_s
        self._seen = seen / _HALF_COST_DEG
        self._weight = weight
        bins = np.arange(_BINS) * (TWO_PI / _BINS)
        self._table = stride_curve.angles(bins)[..., :2] / _HALF_COST_DEG  # (bins, leg, 2)

    def costs(self, at: FloatArray, hz: FloatArray, step: int = 1) -> FloatArray:
        """Return the mean robust cost (g,) 0..1 of g candidates (Geman & McClure 1987) on every so many frames."""
        dt, seen, weight = self._dt[::step], self._seen[::step], self._weight[::step]
        phase = at[:, None] + TWO_PI * hz[:, None] * dt
        expected = self._table[np.rint(phase * (_BINS / TWO_PI)).astype(np.intp) % _BINS]  # (g, n, leg, 2)
        as_labelled = _robust(seen - expected) * weight
        swapped = _robust(seen - expected[:, :, ::-1]) * weight
        best = np.minimum(as_labelled.sum(axis=2), swapped.sum(axis=2) + _SWAP_PENALTY * weight.mean(axis=1))
        return np.asarray(best.sum(axis=1) / max(float(weight.sum()), 1e-9))

    def search(self) -> tuple[float, float]:
        """Return the best phase and frequency of a coarse grid over everything possible."""
        hz = np.arange(SLOWEST_HZ, FASTEST_HZ, 0.12)
        at = np.arange(12) * (TWO_PI / 12)
        grid_at, grid_hz = (g.ravel() for g in np.meshgrid(at, hz))
        best = int(np.argmin(self.costs(grid_at, grid_hz, step=2)))
        return float(grid_at[best]), float(grid_hz[best])

    def refine(self, at: float, hz: float, phase_step: float, hz_step: float) -> tuple[float, float, float]:
        """Return the best of 5 x 5 candidates around `at`, `hz`, and its cost."""
        around = np.arange(-2, 3)
        grid_at, grid_hz = (g.ravel() for g in np.meshgrid(at + phase_step * around, hz + hz_step * around))
        np.clip(grid_hz, SLOWEST_HZ, FASTEST_HZ, out=grid_hz)
        cost = self.costs(grid_at, grid_hz)
        best = int(np.argmin(cost))
        return float(grid_at[best]), float(grid_hz[best]), float(cost[best])


def _robust(error: FloatArray) -> FloatArray:
    squared = (error * error).sum(axis=-1)
    return np.asarray(squared / (1.0 + squared))
