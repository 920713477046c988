"""Mean stride curve of a runner: the angles of both legs as smooth periodic functions of the phase, updated online.

Phase is 0 at the foot strike of a leg, 2 pi at its next. Thigh, shank and foot angle of each leg are Fourier series of
five harmonics (they hold the mean curves of 28 runners to within 0.6 degrees of thigh and shank). The prior of one leg
is the curve of both legs; the prior of both is the mean of many runners, until enough of this runner was seen.
"""

from __future__ import annotations

import math

import numpy as np

from cuecoach.types import FloatArray

HARMONICS = 5
_TERMS = 1 + 2 * HARMONICS

# Mean of the treadmill curves at 2.5 and 3.5 m/s, 28 runners (Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298, CC BY 4.0;
# segment attitudes by 1755/migera), as Fourier series from foot strike: constant, then cosine and sine of 1, 2, ...
MEAN_RUNNER: FloatArray = np.array(
    [
        [7.42, 19.59, -14.25, -5.77, 5.57, -1.99, 1.74, -0.07, 0.25, -0.3, -0.01],
        [-37.11, 34.1, 12.87, 8.96, -15.26, 2.18, -0.23, 0.77, -0.53, 0.36, -0.52],
        [-37.07, 47.91, 19.03, -0.29, -9.32, -1.02, -3.31, 1.7, -2.36, -0.04, -0.44],
    ]
)

# The same runners at 6.5 m/s, carried on in a straight line from 2.5 and 4.5 m/s: the prior for
# sprinters. A runner at 9.5 m/s (Dorn, Schache & Pandy 2012) is recognised by it, and is not by the mean runner.
FAST_RUNNER: FloatArray = np.array(
    [
        [10.24, 31.01, -34.52, -4.84, 8.6, -2.37, 4.35, -0.59, -1.31, -0.71, 0.68],
        [-52.03, 63.3, 12.88, 1.47, -22.36, 5.23, 0.8, 1.28, 0.56, -0.52, -1.39],
        [-61.64, 83.99, 11.96, -3.6, -9.85, -3.98, -1.46, 1.66, -7.07, 1.23, 0.15],
    ]
)

_MEMORY_S = 6.0  # about eight strides: long against noise, short against a change of speed
_PRIOR_S = 0.4  # the mean runner weighs as much as so many observed seconds ...
_BOTH_LEGS_S = 0.8  # ... and the curve of both legs, for one leg, as so many
_SPREAD_DEG = np.array([6.0, 9.0])  # usual distance of thigh and shank from the curves, at first ...
_LEAST_SPREAD_DEG = np.array([2.5, 3.0])  # ... and at least: strides do differ
_LARGEST_DEVIATION_DEG = np.array([20.0, 30.0, 40.0])  # a larger deviation of one frame counts as this large


def basis(phase: FloatArray) -> FloatArray:
    """Return the Fourier terms (..., 11) at phase (...,) in radians."""
    k = np.arange(1, HARMONICS + 1) * phase[..., None]
    out = np.empty((*phase.shape, _TERMS))
    out[..., 0] = 1.0
    out[..., 1::2] = np.cos(k)
    out[..., 2::2] = np.sin(k)
    return out


class MeanStrideCurve:
    """Angles of both legs as functions of the left leg's phase; the right leg runs half a cycle apart."""

    def __init__(self, prior: FloatArray = MEAN_RUNNER) -> None:
        self._prior = prior
        self._weight = np.zeros((2, _TERMS, _TERMS))
        self._sum = np.zeros((2, _TERMS, 3))
        self.coefficients = np.stack([prior.T, prior.T])  # (2, 11, 3)
        self._series: list[list[list[float]]] = self.coefficients.transpose(0, 2, 1).tolist()
        self.seen_s = 0.0
        self.spread_deg = _SPREAD_DEG.copy()  # usual distance of thigh and shank from the curves

    def angles(self, phase: FloatArray) -> FloatArray:
        """Return (n, 2, 3) thigh, shank and foot angle of left and right leg at the left leg's phase (n,)."""
        return np.stack([basis(phase) @ self.coefficients[0], basis(phase + np.pi) @ self.coefficients[1]], axis=1)

    def slopes(self, phase: FloatArray) -> FloatArray:
        """Return (n, 2, 3) degrees per radian: the derivative of `angles` by phase."""
        step = 0.02
        return (self.angles(phase + step) - self.angles(phase - step)) / (2 * step)

    def at(self, phase: float) -> tuple[list[list[float]], list[list[float]]]:
        """Return `angles` and `slopes` of both legs at one phase, in plain numbers: a sixth of the cost."""
        legs = [_evaluated(self._series[row], phase + row * math.pi) for row in (0, 1)]
        return [angles for angles, _ in legs], [slopes for _, slopes in legs]

    def update(self, phase: FloatArray, angles: FloatArray, weight: FloatArray, dt_s: float) -> None:
        """Update the curves with frames `dt_s` apart: angles (n, 2, 3) and weight (n, 2) of legs.

        Weight 0 is not seen, 1 seen well; a single wild frame then moves the curves little: what is far from the curve
        counts only up to a limit (winsorising, as in Huber 1964). More than 1 is for what is known to be no slip: it
        may be as many times further off.
        """
        expected = self.angles(phase)
        limit = _LARGEST_DEVIATION_DEG * np.maximum(weight, 1.0)[..., None]
        bounded = expected + np.clip(np.nan_to_num(angles - expected), -limit, limit)
        keep = np.exp(-len(phase) * dt_s / _MEMORY_S)
        for row in (0, 1):
            b = basis(phase + row * np.pi)
            bw = b * (weight[:, row] * dt_s)[:, None]
            self._weight[row] = keep * self._weight[row] + bw.T @ b
            self._sum[row] = keep * self._sum[row] + bw.T @ bounded[:, row]
        self.seen_s = keep * self.seen_s + float(weight.max(axis=1).clip(max=1.0).sum()) * dt_s
        self._solve()
        accepted = weight > 0
        if accepted.any():
            usual = np.median(np.abs(angles - expected)[accepted][:, :2], axis=0)
            self.spread_deg = keep * self.spread_deg + (1 - keep) * np.maximum(usual, _LEAST_SPREAD_DEG)

    def _solve(self) -> None:
        # Higher harmonics are held more firmly: a stride is smooth, noise is not.
        order = np.concatenate([[0], np.repeat(np.arange(1, HARMONICS + 1), 2)])
        ridge = np.diag(1.0 + 0.15 * order**2)
        both = np.linalg.solve(
            self._weight.sum(axis=0) + _PRIOR_S * ridge, self._sum.sum(axis=0) + _PRIOR_S * ridge @ self._prior.T
        )
        self.coefficients = np.linalg.solve(
            self._weight + _BOTH_LEGS_S * ridge, self._sum + _BOTH_LEGS_S * (ridge @ both)
        )
        self._series = self.coefficients.transpose(0, 2, 1).tolist()


def _evaluated(series: list[list[float]], phase: float) -> tuple[list[float], list[float]]:
    """Return the values of Fourier series (3 channels of 11) and their derivatives by phase."""
    cos = [math.cos(k * phase) for k in range(1, HARMONICS + 1)]
    sin = [math.sin(k * phase) for k in range(1, HARMONICS + 1)]
    values, slopes = [], []
    for row in series:
        value, slope = row[0], 0.0
        for k in range(HARMONICS):
            a, b = row[1 + 2 * k], row[2 + 2 * k]
            value += a * cos[k] + b * sin[k]
            slope += (k + 1) * (b * cos[k] - a * sin[k])
        values.append(value)
        slopes.append(slope)
    return values, slopes
