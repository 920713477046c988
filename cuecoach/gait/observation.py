"""Leg points of one pose as observed, and the estimate of which way the runner faces and which leg is near.

Nothing is corrected here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LEG_LANDMARKS, SHOULDERS, TOE, FloatArray, Pose, Side

_LEG_ROWS = np.array(LEG_LANDMARKS)
_TRUNK_ROWS = np.array([SHOULDERS, (LEG_LANDMARKS[0][HIP], LEG_LANDMARKS[1][HIP])])
_BEND_ROWS = (KNEE, ANKLE, HEEL, TOE)

_VOTE_TIME_CONSTANT_S = 1.0  # about a stride and a half: a foot points backward for part of every swing
_LEAST_VOTING_S = 0.4  # before the votes may be confident
_CONFIDENT_VOTE_LEG = 0.04  # mean vote from which on they are
_VISIBILITY_DIFFERENCE = 0.15  # a pose model that sees one leg so much better shows which is near


@dataclass(frozen=True, slots=True, eq=False)
class LegObservation:
    """Legs as the pose model labelled them: `points_px` (2, 5, 2), `visibility` (2,), `trunk_px` (2, 2)."""

    t_s: float
    index: int
    points_px: FloatArray
    visibility: FloatArray
    trunk_px: FloatArray

    @staticmethod
    def missing(t_s: float, index: int) -> LegObservation:
        """Return the observation of a frame in which nothing was seen."""
        return LegObservation(t_s, index, np.full((2, 5, 2), np.nan), np.zeros(2), np.full((2, 2), np.nan))

    @staticmethod
    def from_pose(t_s: float, index: int, pose: Pose) -> LegObservation:
        """Return the legs of `pose`. A visibility that is missing (NaN) counts as seen."""
        points = pose.points_px[_LEG_ROWS]
        visibility = pose.visibility[_LEG_ROWS[:, KNEE : ANKLE + 1]]
        visibility = np.where(np.isnan(visibility), 1.0, visibility).mean(axis=1)
        trunk = pose.points_px[_TRUNK_ROWS].mean(axis=1)
        return LegObservation(t_s, index, points, visibility, trunk)

    @property
    def mid_hip_px(self) -> tuple[float, float]:
        """Return the point between the hips."""
        (x, y), (other_x, other_y) = self.points_px[:, HIP].tolist()
        return (x + other_x) / 2, (y + other_y) / 2


class FacingEstimator:
    """Which way the runner faces and which leg is nearer to the camera, as slow means over frames.

    `facing` +1 image right, -1 left; `confident` when the votes for it are clear.
    """

    def __init__(self, near_side: str = "auto") -> None:
        self.facing = 1
        self.confident = False
        self._near_side = near_side
        self._vote = 0.0
        self._visibility_difference = 0.0  # left minus right
        self._first_s = math.nan
        self._last_s = math.nan
        self._votes = 0

    def update(self, observation: LegObservation) -> bool:
        """Add one observation; return True when a confident estimate has become the opposite one."""
        vote = _forward_vote(observation.points_px)
        if math.isnan(vote):
            return False
        if not self._votes:
            self._first_s = self._last_s = observation.t_s
        self._votes += 1
        # A plain mean at first, an exponential one later.
        share = max(1.0 - math.exp((self._last_s - observation.t_s) / _VOTE_TIME_CONSTANT_S), 1.0 / self._votes)
        self._last_s = observation.t_s
        self._vote += share * (vote - self._vote)
        difference = float(observation.visibility[0] - observation.visibility[1])
        self._visibility_difference += share * (difference - self._visibility_difference)
        voted = 1 if self._vote > 0 else -1
        clear = abs(self._vote) > _CONFIDENT_VOTE_LEG and observation.t_s - self._first_s >= _LEAST_VOTING_S
        if not self.confident:
            self.facing, self.confident = voted, clear
        return clear and voted != self.facing

    @property
    def near(self) -> Side:
        """The nearer leg: as set, else the better seen one, else the one that this side of the runner shows."""
        if self._near_side != "auto":
            return Side(self._near_side)
        if abs(self._visibility_difference) > _VISIBILITY_DIFFERENCE:
            return Side.LEFT if self._visibility_difference > 0 else Side.RIGHT
        # A runner who faces image left shows the left side to the camera.
        return Side.LEFT if self.facing < 0 else Side.RIGHT


def _forward_vote(points: FloatArray) -> float:
    """Return how far toes are to the right of heels, and knees of the hip-ankle line, in leg lengths, within +-0.5."""
    hip, knee, ankle, heel, toe = points[:, :, 0].mean(axis=0).tolist()
    height = float(points[:, ANKLE, 1].mean() - points[:, HIP, 1].mean())
    scale = max(abs(height), 1.0)
    vote: float = ((toe - heel) + 2.0 * (knee - (hip + ankle) / 2.0)) / scale
    return max(-0.5, min(0.5, vote))
