"""Puts the runner's two hips where, on average over some strides, they cover each other. Pure.

Hips hang on one axis, along which a side-on camera looks. What is left between them on average is the pose model's
error, cloth, and a camera that is turned a little; their mean place is better known than either's. What moves within a
stride stays. The method is ours.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cuecoach.pose.base import Candidate
from cuecoach.types import HIP, LEG_LANDMARKS

_TIME_CONSTANT_S = 4.0  # some six strides
_FORGET_S = 0.25  # without the runner, the next one may be another person: nothing learnt is kept
_HIPS = [rows[HIP] for rows in LEG_LANDMARKS]


class HipAligner:
    """Aligns the hips of one runner, picture after picture.

    Parameters
    ----------
    share : float
        How far each hip goes to the other: 0 stays, 0.5 meets it half way.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._apart_px = 0.0  # left minus right, along the picture
        self._last_s = -math.inf
        self._pictures = 0

    def align(self, t_s: float, runner: Candidate) -> Candidate:
        """Return the runner with both hips moved along the picture by a share of their mean distance.

        Parameters
        ----------
        t_s : float
            Time of the picture; rises.
        runner : Candidate
            Returned as it is when a hip is missing (NaN).
        """
        left, right = runner.points_px[_HIPS, 0].tolist()
        if not math.isfinite(left - right):
            return runner
        if t_s - self._last_s > _FORGET_S:
            self._pictures = 0
        self._pictures += 1
        # A plain mean at first, an exponential one later.
        share = max(1.0 - math.exp((self._last_s - t_s) / _TIME_CONSTANT_S), 1.0 / self._pictures)
        self._apart_px += share * (left - right - self._apart_px)
        self._last_s = t_s
        points = runner.points_px.copy()
        points[_HIPS, 0] += self._share * self._apart_px * np.array([-1.0, 1.0])
        return replace(runner, points_px=points)
