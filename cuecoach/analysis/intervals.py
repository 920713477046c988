"""Numbers with an interval, for strides that follow each other and are therefore alike. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.types import FloatArray

BATCH = 8  # neighbouring strides are alike; means of batches hardly are (batch means, Law & Carson 1979)
_BATCHES_MIN = 3
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)  # type: ignore[no-untyped-call]
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean (or a difference of means) with its 95 % interval; `low` and `high` are NaN where too little was seen."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def sure(self) -> bool:
        """Whether the interval exists and leaves out zero: for a difference, that there is one."""
        return self.low > 0.0 or self.high < 0.0


def mean_of(values: FloatArray) -> Estimate:
    """Return the mean of values (n,) in the order of time, NaN left out, with the interval of its batch means."""
    mean, error, degrees, n = _moments(values)
    half = _half_width(error, degrees)
    return Estimate(mean, mean - half, mean + half, n)


def difference(before: FloatArray, after: FloatArray) -> Estimate:
    """Return mean(after) - mean(before) with its interval (Welch 1947, on batch means)."""
    first, second = _moments(before), _moments(after)
    mean = second[0] - first[0]
    error = math.hypot(first[1], second[1])
    parts = [(part[1] ** 4) / part[2] for part in (first, second) if part[2] > 0 and part[1] > 0]
    degrees = error**4 / sum(parts) if parts else float(min(first[2], second[2]))
    if min(first[2], second[2]) < _BATCHES_MIN - 1:
        degrees = 0.0
    half = _half_width(error, degrees)
    return Estimate(mean, mean - half, mean + half, first[3] + second[3])


def _moments(values: FloatArray) -> tuple[float, float, float, int]:
    """Return mean, standard error of the mean, degrees of freedom (0: too few), and how many values there are."""
    known = values[np.isfinite(values)]
    n = len(known)
    if n == 0:
        return math.nan, math.nan, 0.0, 0
    batches = n // BATCH
    mean = float(known.mean())
    if batches < _BATCHES_MIN:
        return mean, math.nan, 0.0, n
    size, longer = divmod(n, batches)  # the first batches are longer by one
    cut = longer * (size + 1)
    means = np.concatenate(
        [known[:cut].reshape(longer, size + 1).mean(axis=1), known[cut:].reshape(-1, size).mean(axis=1)]
    )
    return mean, float(means.std(ddof=1)) / math.sqrt(batches), float(batches - 1), n


def _half_width(error: float, degrees: float) -> float:
    if degrees <= 0 or math.isnan(error):
        return math.nan
    return _t_95(degrees) * error


def _t_95(degrees: float) -> float:
    """Return the t beyond which 5 % lie on both sides together, for degrees of freedom of at least 1.

    With t = sqrt(degrees) tan(angle) the density is a power of the cosine, which Gauss's nodes integrate; Newton's
    steps from the normal's value rise to the answer, for the integral is concave. scipy has this too, but takes longer
    to import than `sessions show` may take in all.
    """
    half = (degrees + 1.0) / 2.0
    height = 2.0 * math.exp(math.lgamma(half) - math.lgamma(degrees / 2.0)) / math.sqrt(math.pi)
    angle, step = math.atan(_NORMAL_95 / math.sqrt(degrees)), math.inf
    while step > 1e-12 * angle:
        within = height * angle / 2.0 * float(_WEIGHTS @ np.cos(angle / 2.0 * (_NODES + 1.0)) ** (degrees - 1.0))
        step = (0.95 - within) / (height * math.cos(angle) ** (degrees - 1.0))
        angle += step
    return math.sqrt(degrees) * math.tan(angle)
