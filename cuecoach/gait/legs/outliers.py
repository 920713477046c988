"""Outlier rejection and smoothing of legs over a stretch of frames, against the runner's own mean stride.

A leg is the runner's mean stride plus a deviation from it. A deviation counts as far as the frames just before and
after show it too: one frame alone may be wrong by ten degrees, a leg that really moves otherwise does so for longer
(`technique.py`).
What no frame shows is filled with the mean stride and trusted little. Runner axes (x forward, y up), pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import FOOT, BodyModel, along, bone_lengths, foot_shape, segment_angles, turned
from cuecoach.gait.legs.assignment import assign, fit_trust, tolerance_deg, visibility_weight
from cuecoach.gait.legs.phase import GaitPhaseEstimator
from cuecoach.gait.legs.stride_curve import MeanStrideCurve
from cuecoach.gait.legs.technique import is_technique
from cuecoach.types import ANKLE, HEEL, HIP, TOE, FloatArray

BoolArray = NDArray[np.bool_]

_FOOT_DEG = 45.0  # a foot further than this from the mean stride is not accepted
_FOOT_OFF_LEG = 0.15  # nor one with heel or toe this far from where its shape has them, in leg lengths
_HIP_OFF_LEG = 0.12  # a hip this far from the line between its neighbours is put on that line
_KERNEL_S = 0.05  # frames so near in time share a deviation from the runner's stride; noise they do not share
_STRIDE_CURVE_WEIGHT = 0.1  # weight of the mean stride beside frames of weight 1
_TECHNIQUE_ERROR = 0.5  # a leg that moves otherwise than usual counts like one this much off, in tolerances ...
_TECHNIQUE_TRUST = 0.7  # ... is trusted at most so much until the mean stride has learnt it ...
_TECHNIQUE_WEIGHT = 3.0  # ... and has this weight there, so that it does within some strides
PREDICTION_FADE_S = 0.12  # time constant with which what was seen says something about what is not
PREDICTED_TRUST = 0.35  # in a leg that is filled, next to a frame in which it was accepted


@dataclass(slots=True, eq=False)
class CleanedLegs:
    """Of left and right leg: points (n, 2, 5, 2), trust (n, 2), angles (n, 2, 3) and weight (n, 2) for the curve."""

    points: FloatArray
    trust: FloatArray
    angles: FloatArray
    weight: FloatArray


def reject_outliers(
    t_s: FloatArray,
    points: FloatArray,
    visibility: FloatArray,
    phase_estimator: GaitPhaseEstimator,
    stride_curve: MeanStrideCurve,
    body: BodyModel,
) -> CleanedLegs:
    """Accept or reject the legs of a stretch of frames, smooth what is accepted and fill the rest.

    Parameters
    ----------
    t_s : (n,) capture times.
    points, visibility : (n, 2, 5, 2) and (n, 2), as labelled by the pose model, NaN where not seen.
    phase_estimator, stride_curve, body : of this runner.
    """
    phase = phase_estimator.phase(t_s)
    expected = stride_curve.angles(phase)
    tolerance = tolerance_deg(stride_curve.spread_deg, stride_curve.slopes(phase)[..., :2], phase_estimator.hz)
    angles = segment_angles(points)
    order, error = assign(points, angles, expected, tolerance, body)
    rows = np.arange(len(t_s))[:, None]
    points, angles, visibility = points[rows, order], angles[rows, order], visibility[rows, order]
    technique = is_technique(t_s, points, visibility, angles, expected, tolerance, error, body)
    error = np.where(technique, np.minimum(error, _TECHNIQUE_ERROR), error)
    accepted = error < 1.0
    bounded = np.minimum(error, 1.0)
    visible = visibility_weight(visibility)
    # What is nearly out of tolerance counts little: once for the mean stride, twice (Tukey's biweight, Beaton & Tukey
    # 1974) for this moment, because a leg that is seen too near to the other is so for several frames.
    bell = 1.0 - bounded**2
    weight = np.where(accepted, visible * bell**2, 0.0)
    points = _steady_hips(t_s, points, accepted, body.leg_px)
    foot = (np.abs(angles[..., FOOT] - expected[..., FOOT]) < _FOOT_DEG) & _foot_shaped(points, angles, body)
    kernel = np.exp(-(((t_s[:, None] - t_s) / _KERNEL_S) ** 2))
    shape = _LegShape.of(points, angles).smoothed(kernel, _LegShape.expected(expected, body), weight, weight * foot)
    # Trust: as near as expected, as well visible, and as far as frames support it rather than the mean stride.
    support = kernel @ weight
    support /= support + _STRIDE_CURVE_WEIGHT
    trust = np.where(accepted, fit_trust(bounded) * visible * support, 0.0)
    trust = np.where(technique, np.minimum(trust, _TECHNIQUE_TRUST), trust)
    trust = np.where(accepted, trust, PREDICTED_TRUST * np.exp(-_since_accepted_s(t_s, accepted) / PREDICTION_FADE_S))
    seen = np.where(accepted[..., None], angles, shape.angles)
    seen[..., FOOT] = np.where(accepted & foot, angles[..., FOOT], shape.angles[..., FOOT])
    learnt = np.where(accepted, visible * np.where(technique, _TECHNIQUE_WEIGHT, bell), 0.0)
    return CleanedLegs(shape.points(points[..., HIP, :]), trust, seen, learnt)


@dataclass(slots=True, eq=False)
class _LegShape:
    """Legs as angles (n, 2, 3), bones (n, 2, 2) px and feet (n, 2, 2, 2) px as of `foot_shape`: all but the place."""

    angles: FloatArray
    bones: FloatArray
    feet: FloatArray

    @staticmethod
    def of(points: FloatArray, angles: FloatArray) -> _LegShape:
        return _LegShape(angles, bone_lengths(points), foot_shape(points, angles[..., FOOT]))

    @staticmethod
    def expected(angles: FloatArray, body: BodyModel) -> _LegShape:
        """Return the runner's usual shape at the expected angles."""
        n = len(angles)
        return _LegShape(angles, np.broadcast_to(body.bones, (n, 2, 2)), np.broadcast_to(body.foot, (n, 2, 2, 2)))

    def smoothed(self, kernel: FloatArray, usual: _LegShape, weight: FloatArray, foot_weight: FloatArray) -> _LegShape:
        """Return the usual shape plus the deviation that frames and their neighbours agree on.

        A mean over neighbours, weighted by nearness in time `kernel` (n, n) (Nadaraya 1964, Watson 1964) and by how far
        each leg and each foot (n, 2) is accepted; the usual shape counts as one frame more, of little weight.
        """
        return _LegShape(
            np.concatenate(
                [
                    _mean_off(kernel, self.angles[..., :FOOT], usual.angles[..., :FOOT], weight),
                    _mean_off(kernel, self.angles[..., FOOT:], usual.angles[..., FOOT:], foot_weight),
                ],
                axis=-1,
            ),
            _mean_off(kernel, self.bones, usual.bones, weight),
            _mean_off(kernel, self.feet, usual.feet, foot_weight),
        )

    def points(self, hip: FloatArray) -> FloatArray:
        """Return the joints (n, 2, 5, 2) of legs that hang on hips (n, 2, 2)."""
        knee = hip + self.bones[..., :1] * along(self.angles[..., 0])
        ankle = knee + self.bones[..., 1:] * along(self.angles[..., 1])
        foot = ankle[..., None, :] + turned(self.feet, self.angles[..., FOOT])
        return np.concatenate([np.stack([hip, knee, ankle], axis=-2), foot], axis=-2)


def _mean_off(kernel: FloatArray, seen: FloatArray, usual: FloatArray, weight: FloatArray) -> FloatArray:
    """Return values (n, 2, ...): `usual` plus the mean of what `seen` is off by, frames near each other together."""
    flat = (len(kernel), 2, -1)
    off = np.where(weight[..., None] > 0, (seen - usual).reshape(flat), 0.0) * weight[..., None]
    total = np.moveaxis(kernel @ np.moveaxis(off, 1, 0), 0, 1) / (kernel @ weight + _STRIDE_CURVE_WEIGHT)[..., None]
    return np.asarray(usual + total.reshape(usual.shape))


def _since_accepted_s(t_s: FloatArray, accepted: BoolArray) -> FloatArray:
    """Return (n, 2) the time to the nearest frame in which that leg is accepted, inf when there is none."""
    apart = np.abs(t_s[:, None] - t_s)[:, :, None]
    return np.asarray(np.where(accepted, apart, np.inf).min(axis=1))


def _foot_shaped(points: FloatArray, angles: FloatArray, body: BodyModel) -> BoolArray:
    """Return (n, 2) True where heel and toe are about where this runner's foot has them."""
    seen = points[..., (HEEL, TOE), :] - points[..., ANKLE, None, :]
    off = seen - turned(body.foot, angles[..., FOOT])
    return np.asarray(np.hypot(off[..., 0], off[..., 1]).max(axis=-1) < _FOOT_OFF_LEG * body.leg_px)


def _steady_hips(t_s: FloatArray, points: FloatArray, accepted: BoolArray, leg_px: float) -> FloatArray:
    """Return points in which the hip of a leg that is not accepted is near the line between accepted ones."""
    out = points.copy()
    for leg in (0, 1):
        rejected = ~accepted[:, leg]
        if not rejected.any() or rejected.all():
            continue
        hip = out[:, leg, HIP]
        between = np.stack([np.interp(t_s[rejected], t_s[~rejected], hip[~rejected, axis]) for axis in (0, 1)], axis=1)
        off = np.hypot(*(hip[rejected] - between).T)
        hip[rejected] = np.where((off < _HIP_OFF_LEG * leg_px)[:, None], hip[rejected], between)
    return out
