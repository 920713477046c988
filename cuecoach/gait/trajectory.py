"""A stretch of settled legs as arrays in runner axes, as captured or evenly sampled and smoothed.

Events are computed from the real capture times, metrics from even samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, sosfiltfilt

from cuecoach.gait.angles import bone_lengths, to_runner_axes
from cuecoach.types import FloatArray, Legs, Side

EVEN_HZ = 160.0  # a knee turning at its fastest is read to 0.1 degrees
_SLOW_CUTOFF_HZ, _FAST_CUTOFF_HZ = 8.0, 12.0  # Winter 2009; sprinting legs move faster
_TWO_PASSES = 0.802  # second order, run twice: by this the cutoff of one pass must be higher (Winter 2009)
_FAST_STRIDE_S = 0.62  # strides this short belong to 5 m/s and more
_RUN_IN = 30  # samples added at both ends, turned round the end point, for the filter
_SLOPE_S = 0.034  # half window of a derivative: one frame at 30 fps, two at 60


@dataclass(frozen=True, slots=True, eq=False)
class LegTrajectory:
    """Settled legs of one stretch: `t_s` (n,), `legs` (n, 2, 5, 2) px runner axes, `trust` (n, 2), `trunk` (n, 2, 2).

    `leg_px` (2,) is each leg's own length: the far one looks smaller.
    """

    t_s: FloatArray
    legs: FloatArray
    trust: FloatArray
    trunk: FloatArray
    leg_px: FloatArray
    near: Side

    @staticmethod
    def of(settled: Sequence[Legs]) -> LegTrajectory:
        """Return the trajectory of at least one settled frame without a gap; all face as the last one does."""
        facing = settled[-1].facing
        points = to_runner_axes(np.array([legs.points_px for legs in settled]), facing)
        trunk = to_runner_axes(np.array([legs.trunk_px for legs in settled]), facing)
        trust = np.array([legs.trust for legs in settled])
        t = np.array([legs.t_s for legs in settled])
        return LegTrajectory(t, points, trust, trunk, _lengths(points), settled[-1].near)

    def then(self, later: LegTrajectory, keep_s: float) -> LegTrajectory:
        """Return this stretch continued by a later one, without what is older than `keep_s` before its end."""
        t = np.concatenate([self.t_s, later.t_s])
        new = slice(int(np.searchsorted(t, t[-1] - keep_s)), None)
        legs, trust, trunk = (
            np.concatenate(pair)[new]
            for pair in ((self.legs, later.legs), (self.trust, later.trust), (self.trunk, later.trunk))
        )
        return LegTrajectory(t[new], legs, trust, trunk, _lengths(legs), later.near)

    def slice(self, start_s: float, end_s: float) -> LegTrajectory:
        """Return the part between two times."""
        i, j = np.searchsorted(self.t_s, (start_s, end_s))
        return LegTrajectory(self.t_s[i:j], self.legs[i:j], self.trust[i:j], self.trunk[i:j], self.leg_px, self.near)

    def even(self) -> LegTrajectory:
        """Return the trajectory sampled at 160 Hz by cubic splines: what happens at foot strike is read from this."""
        n = max(int((self.t_s[-1] - self.t_s[0]) * EVEN_HZ), 1)
        t = self.t_s[0] + np.arange(n + 1) / EVEN_HZ
        rows = len(self.t_s)
        columns = np.concatenate([self.legs.reshape(rows, 20), _fill(self.t_s, self.trunk.reshape(rows, 4))], axis=1)
        values = make_interp_spline(self.t_s, columns, k=3)(t)
        return self._with(t, values, _linear(t, self.t_s, self.trust))

    def smooth(self, stride_s: float) -> LegTrajectory:
        """Return an even trajectory smoothed with a zero-lag fourth-order Butterworth filter.

        The second-order filter runs both ways, its cutoff corrected for the two passes (Winter 2009).
        """
        rows = len(self.t_s)
        columns = np.concatenate([self.legs.reshape(rows, 20), self.trunk.reshape(rows, 4)], axis=1)
        padding = min(_RUN_IN, len(columns) - 1)
        values = sosfiltfilt(_butterworth(cutoff_hz(stride_s)), columns, axis=0, padtype="odd", padlen=padding)
        return self._with(self.t_s, values, self.trust)

    def _with(self, t_s: FloatArray, columns: FloatArray, trust: FloatArray) -> LegTrajectory:
        legs, trunk = columns[:, :20].reshape(-1, 2, 5, 2), columns[:, 20:].reshape(-1, 2, 2)
        return LegTrajectory(t_s, legs, trust, trunk, self.leg_px, self.near)


def _lengths(legs: FloatArray) -> FloatArray:
    return np.asarray(np.median(bone_lengths(legs).sum(axis=-1), axis=0))


def cutoff_hz(stride_s: float) -> float:
    """Return the cutoff of the smoothing for strides of this length."""
    return _FAST_CUTOFF_HZ if stride_s < _FAST_STRIDE_S else _SLOW_CUTOFF_HZ


@lru_cache(maxsize=4)
def _butterworth(cutoff_hz: float) -> FloatArray:
    return np.asarray(butter(2, cutoff_hz / _TWO_PASSES, fs=EVEN_HZ, output="sos"))


def _linear(t: FloatArray, known_t: FloatArray, columns: FloatArray) -> FloatArray:
    return np.stack([np.interp(t, known_t, column) for column in columns.T], axis=1)


def _fill(t: FloatArray, columns: FloatArray) -> FloatArray:
    """Return columns with NaN interpolated; a column that was never seen becomes 0, for the caller to leave out."""
    if np.isfinite(columns).all():
        return columns
    out = columns.copy()
    for column in out.T:
        seen = np.isfinite(column)
        column[~seen] = np.interp(t[~seen], t[seen], column[seen]) if seen.any() else 0.0
    return out


def smooth_line(t_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return height and derivative of least-squares lines over about +-34 ms of real capture times at each sample.

    `values` is (n,) or (n, k), and so are both results. At 30 fps the derivative is the central difference, at 60 fps
    that of the five-point Savitzky-Golay quadratic. At the ends, where the window does not fit, the height is the value
    itself and the derivative NaN.
    """
    n = len(t_s)
    height, rate = values.astype(float), np.full(values.shape, np.nan)
    half = max(1, round(_SLOPE_S / float(np.median(np.diff(t_s))))) if n >= 3 else n
    width = 2 * half + 1
    if n < width:
        return height, rate
    t = np.lib.stride_tricks.sliding_window_view(t_s, width)
    v = np.lib.stride_tricks.sliding_window_view(values, width, axis=0)  # (m, width) or (m, k, width)
    middle = t.mean(axis=1)
    from_middle = t - middle[:, None]
    share = from_middle / (from_middle * from_middle).sum(axis=1, keepdims=True)
    inner = slice(half, n - half)
    rate[inner] = np.einsum("mw,m...w->m...", share, v)
    off = (t_s[inner] - middle).reshape(-1, *[1] * (values.ndim - 1))
    height[inner] = v.mean(axis=-1) + rate[inner] * off
    return height, rate
