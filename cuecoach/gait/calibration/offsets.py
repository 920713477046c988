"""What is steadily wrong with a runner's measured thigh and shank, how surely that is known, and taking it off.

An offset is measured minus true, in degrees, with the signs of `docs/conventions.md`. It may change with the fold of
the knee, because the points that a pose model misplaces under cloth turn with the leg. The foot has none: its angle is
read against its own flat stance, so that what is steady in it cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cuecoach.gait.angles import knee_flexion, segment_angles
from cuecoach.reference.steady_errors import steady_sd
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, TOE, FloatArray, Legs, Side

USUAL_FOLD_DEG = 50.0  # an offset is stated at this knee flexion ...
FOLD_STEP_DEG = 50.0  # ... and its change per so much more


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of an offset before a film is seen: SD between films of the offset and of its change with fold.

    `scatter_deg` is how far single frames of one film lie from it. All in degrees.
    """

    offset_deg: float
    change_deg: float
    scatter_deg: float


# Rounded from seven hand-labelled films of as many runners, full and heavy network alike (four of them frame by frame:
# offset 2.1 to 3.3 and 2.3 to 2.7, change 1.3 to 3.5 and 1.0 to 3.0, scatter 1.7 to 2.5, whichever film is left out).
THIGH_PRIOR = Prior(3.0, 2.0, 2.3)
SHANK_PRIOR = Prior(2.5, 1.5, 2.3)
PRIORS = (THIGH_PRIOR, SHANK_PRIOR)  # by THIGH, SHANK

_SCATTER_FRAMES = 3.0  # the prior's scatter weighs as much as so many frames
_TAILS = 5.0  # degrees of freedom of the t distribution of frames: one slip of a hand or of the model counts little
# Frames of one film err alike: what 6 frames gave was off, on the four films, by 1.1 to 1.6 of the SD of chance alone.
_ALIKE = 1.3
_ROUNDS = 6  # of reweighting; more change nothing in the second digit


class CalibrationOrigin(StrEnum):
    """Where the offsets were found."""

    POINTS = "points"  # set by a person on stills
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Offset:
    """A steady offset: `deg` at a fold of 50 degrees, `change_deg` more per 50 degrees, each with its SD."""

    deg: float
    sd_deg: float
    change_deg: float
    change_sd_deg: float

    def at(self, fold_deg: FloatArray) -> FloatArray:
        """Return the offset (...,) at these knee flexions, degrees."""
        return self.deg + self.change_deg * _folds(fold_deg)

    def sd_at(self, fold_deg: float) -> float:
        """Return the standard uncertainty of the offset at a knee flexion, degrees."""
        return math.hypot(self.sd_deg, self.change_sd_deg * float(_folds(np.array(fold_deg))))


@dataclass(frozen=True, slots=True)
class LegOffsets:
    """The offsets of one leg, and how many frames they rest on."""

    thigh: Offset
    shank: Offset
    frames: int

    @property
    def is_sure(self) -> bool:
        """Whether both are known as well as what a calibrated stride is said to be off by in `steady_errors.csv`.

        Six set points are enough, a standing trial never is.
        """
        thigh_sd, shank_sd = (steady_sd(metric, calibrated=True) for metric in ("thigh_min_deg", "shank_min_deg"))
        return self.thigh.sd_deg <= thigh_sd and self.shank.sd_deg <= shank_sd


@dataclass(frozen=True, slots=True)
class Placement:
    """How a camera sees a runner: what must be as it was for a calibration to hold.

    `leg_share` is the near leg's length and `hip_share` how far down the hips are, both as shares of the picture's
    height; `facing` +1 image right; `belt_deg` is the belt's line against the picture's lower edge, + the front end
    up; NaN where the feet did not show it.
    """

    leg_share: float
    hip_share: float
    facing: int
    belt_deg: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Steady offsets of a runner's legs before one camera; a leg that was not calibrated is None.

    `model` names the pose model whose landmarks they correct, another one's are off otherwise; empty: any.
    """

    origin: CalibrationOrigin
    placement: Placement
    left: LegOffsets | None
    right: LegOffsets | None
    model: str = ""

    def of(self, side: Side) -> LegOffsets | None:
        """Return the offsets of a leg."""
        return self.left if side is Side.LEFT else self.right

    def corrected(self, points: FloatArray) -> FloatArray:
        """Return legs (..., 2, 5, 2) in runner axes without their offsets; all lengths stay, NaN stays NaN.

        The knee stays where it is: it is the joint that is seen best. The hip, which clothes hide, turns about it, and
        so does the shank with the foot.
        """
        out = points.copy()
        for side in Side:
            offsets = self.of(side)
            if offsets is not None:
                out[..., side.row, :, :] = _corrected_leg(points[..., side.row, :, :], offsets)
        return out

    def corrected_legs(self, legs: Legs) -> Legs:
        """Return the legs of one picture without their offsets. The trunk keeps the hips that the model saw."""
        axes = np.array([float(legs.facing), -1.0])
        points = self.corrected(legs.points_px * axes) * axes
        return Legs(legs.t_s, legs.index, points, legs.trust, legs.trunk_px, legs.facing, legs.near)


def estimate_offset(fold_deg: FloatArray, off_deg: FloatArray, weight: FloatArray, prior: Prior) -> Offset:
    """Return the offset that frames show: a Bayesian line over the knee's fold, robust against single wild frames.

    The prior shrinks a small offset that few frames show towards none (empirical Bayes, Efron & Morris 1975); frames
    scatter as Student's t (Lange, Little & Taylor 1989), by as much as they themselves and the prior say.

    Parameters
    ----------
    fold_deg, off_deg, weight : (n,) measured knee flexion, measured minus true angle, and weight 0..1 of each frame.
    prior : of this segment.
    """
    x = np.stack([np.ones(len(fold_deg)), _folds(fold_deg)], axis=1)
    precision = np.diag([prior.offset_deg**-2, prior.change_deg**-2])
    variance, counts = prior.scatter_deg**2, np.asarray(weight, dtype=float)
    for _ in range(_ROUNDS):
        information = (x.T * counts) @ x / variance + precision
        found = np.linalg.solve(information, x.T @ (counts * off_deg) / variance)
        residual = off_deg - x @ found
        freedom = _SCATTER_FRAMES + max(float(counts.sum()) - 1.0, 0.0)
        variance = (_SCATTER_FRAMES * prior.scatter_deg**2 + float(counts @ residual**2)) / freedom
        counts = weight * (_TAILS + 1.0) / (_TAILS + residual**2 / variance)
    sd, change_sd = _ALIKE * np.sqrt(np.diag(np.linalg.inv(information)))
    return Offset(float(found[0]), float(sd), float(found[1]), float(change_sd))


def _folds(fold_deg: FloatArray) -> FloatArray:
    return np.asarray((fold_deg - USUAL_FOLD_DEG) / FOLD_STEP_DEG)


def _corrected_leg(leg: FloatArray, offsets: LegOffsets) -> FloatArray:
    fold = knee_flexion(segment_angles(leg))
    thigh, shank = offsets.thigh.at(fold), offsets.shank.at(fold)
    knee = leg[..., KNEE, :]
    out = leg.copy()
    out[..., HIP, :] = knee + _turned(leg[..., HIP, :] - knee, -thigh)
    moved = knee + _turned(leg[..., ANKLE, :] - knee, -shank) - leg[..., ANKLE, :]
    out[..., (ANKLE, HEEL, TOE), :] += moved[..., None, :]  # the foot keeps its own direction
    return out


def _turned(vectors: FloatArray, angle_deg: FloatArray) -> FloatArray:
    """Return vectors (..., 2) turned by angles (...,), + from forward to up: an angle of thigh or shank grows so."""
    a = np.radians(angle_deg)
    x, y = vectors[..., 0], vectors[..., 1]
    return np.stack([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y], axis=-1)
