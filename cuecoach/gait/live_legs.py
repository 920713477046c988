"""The legs of the newest frame, estimated from the past alone: for the screen, never measured.

Owns what stands in for a leg that is not accepted: the runner's mean stride, off by what was last seen of that leg.
"""

from __future__ import annotations

import math

import numpy as np

from cuecoach.gait.angles import BodyModel
from cuecoach.gait.leg_assignment import (
    Point,
    assign_one,
    fit_trust,
    thigh_and_shank_deg,
    tolerance_deg,
    visibility_weight,
)
from cuecoach.gait.outliers import PREDICTED_TRUST, PREDICTION_FADE_S
from cuecoach.gait.phase import GaitPhaseEstimator
from cuecoach.gait.stride_curve import MeanStrideCurve
from cuecoach.types import ANKLE, HIP, FloatArray


class LiveLegEstimator:
    """Estimates the legs frame by frame; keeps how far each was last seen from the mean stride."""

    def __init__(self) -> None:
        self._last_seen_s = [-math.inf, -math.inf]
        self._deviations_deg = [[0.0, 0.0], [0.0, 0.0]]  # thigh and shank of each leg

    def estimate(
        self,
        t_s: float,
        points: FloatArray,
        visibility: FloatArray,
        phase_estimator: GaitPhaseEstimator,
        stride_curve: MeanStrideCurve,
        body: BodyModel,
    ) -> tuple[FloatArray, FloatArray]:
        """Return points (2, 5, 2) in runner axes and trust (2,) of left and right leg.

        `points` (2, 5, 2) runner axes and `visibility` (2,) are as the pose model labelled them.
        """
        seen: list[list[Point]] = points.tolist()
        angles = [thigh_and_shank_deg(leg) for leg in seen]
        expected, slopes = stride_curve.at(phase_estimator.phase_at(t_s))
        spread, hz = stride_curve.spread_deg.tolist(), phase_estimator.hz
        tolerance = [[tolerance_deg(spread[c], slope[c], hz) for c in (0, 1)] for slope in slopes]
        order, error = assign_one(seen, angles, expected, tolerance, body)
        weight = visibility_weight(visibility).tolist()
        trust = [0.0, 0.0]
        legs: list[list[Point]] = []
        for leg, label in enumerate(order):
            if error[leg] < 1.0:
                trust[leg] = fit_trust(error[leg]) * weight[label]
                self._last_seen_s[leg] = t_s
                self._deviations_deg[leg] = [angles[label][c] - expected[leg][c] for c in (0, 1)]
                legs.append(seen[label])
            else:
                age_s = t_s - self._last_seen_s[leg]
                trust[leg] = PREDICTED_TRUST * math.exp(-age_s / PREDICTION_FADE_S)
                fade = math.exp(-((age_s / PREDICTION_FADE_S) ** 2))
                thigh, shank = (expected[leg][c] + fade * self._deviations_deg[leg][c] for c in (0, 1))
                legs.append(_leg_at(seen[label][HIP], thigh, shank, expected[leg][2], body, leg))
        return np.array(legs), np.array(trust)


def _leg_at(hip: Point, thigh_deg: float, shank_deg: float, foot_deg: float, body: BodyModel, row: int) -> list[Point]:
    """Return the joints of a leg of this body that hangs on a hip at these angles."""
    leg = [hip]
    for length, angle_deg in zip(body.bones[row].tolist(), (thigh_deg, shank_deg), strict=True):
        x, y = leg[-1]
        angle = math.radians(angle_deg)
        leg.append([x + length * math.sin(angle), y - length * math.cos(angle)])
    x, y = leg[ANKLE]
    cos, sin = math.cos(math.radians(foot_deg)), math.sin(math.radians(foot_deg))
    leg.extend([x + cos * along - sin * up, y + sin * along + cos * up] for along, up in body.foot[row].tolist())
    return leg
