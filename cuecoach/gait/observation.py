"""What one picture shows of the legs, before anybody judges it; and which way the runner faces.

Owns the step from a `Pose` to raw leg points, and the slow votes on facing and on which leg is near. Does not repair
anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LEG_LANDMARKS, SHOULDERS, TOE, FloatArray, Pose, Side

_LEG_ROWS = np.array(LEG_LANDMARKS)
_TRUNK_ROWS = np.array([SHOULDERS, (LEG_LANDMARKS[0][HIP], LEG_LANDMARKS[1][HIP])])
_BEND_ROWS = (KNEE, ANKLE, HEEL, TOE)

_VOTE_S = 1.0  # about a stride and a half: a foot points backward for part of every swing
_LISTEN_S = 0.4  # of votes before anything is believed
_SURE = 0.04  # mean vote, in leg lengths, from which on facing may turn
_VISIBILITY_GAP = 0.15  # a pose model that sees one leg this much better says which is near


@dataclass(frozen=True, slots=True, eq=False)
class LegObservation:
    """Legs as the pose model labelled them: `points_px` (2, 5, 2), `visibility` (2,), `trunk_px` (2, 2)."""

    t_s: float
    index: int
    points_px: FloatArray
    visibility: FloatArray
    trunk_px: FloatArray

    @staticmethod
    def blind(t_s: float, index: int) -> LegObservation:
        """Return a moment at which nothing was seen."""
        return LegObservation(t_s, index, np.full((2, 5, 2), np.nan), np.zeros(2), np.full((2, 2), np.nan))

    @staticmethod
    def of(t_s: float, index: int, pose: Pose) -> LegObservation:
        """Return what `pose` shows. A visibility that is missing (NaN) counts as seen."""
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
    """Slow votes: which way the runner faces, and which leg is nearer to the camera."""

    def __init__(self, near_side: str = "auto") -> None:
        self.facing = 1
        self.sure = False
        self._near_side = near_side
        self._vote = 0.0
        self._visibility_gap = 0.0  # left minus right
        self._first_s = math.nan
        self._last_s = math.nan
        self._votes = 0

    def update(self, sight: LegObservation) -> bool:
        """Take one picture in; return True when the votes say that the runner has turned round since it was sure."""
        vote = _forward_vote(sight.points_px)
        if math.isnan(vote):
            return False
        if not self._votes:
            self._first_s = self._last_s = sight.t_s
        self._votes += 1
        # A plain mean at first, a fading one later.
        share = max(1.0 - math.exp((self._last_s - sight.t_s) / _VOTE_S), 1.0 / self._votes)
        self._last_s = sight.t_s
        self._vote += share * (vote - self._vote)
        gap = float(sight.visibility[0] - sight.visibility[1])
        self._visibility_gap += share * (gap - self._visibility_gap)
        says = 1 if self._vote > 0 else -1
        clear = abs(self._vote) > _SURE and sight.t_s - self._first_s >= _LISTEN_S
        if not self.sure:
            self.facing, self.sure = says, clear
        return clear and says != self.facing

    @property
    def near(self) -> Side:
        """The nearer leg: as set, else the better seen, else the one that a side view shows first."""
        if self._near_side != "auto":
            return Side(self._near_side)
        if abs(self._visibility_gap) > _VISIBILITY_GAP:
            return Side.LEFT if self._visibility_gap > 0 else Side.RIGHT
        # A runner who faces image left shows the left side to the camera.
        return Side.LEFT if self.facing < 0 else Side.RIGHT


def _forward_vote(points: FloatArray) -> float:
    """Return how far toes are to the right of heels and knees of the hip-ankle line, in leg lengths, bounded."""
    hip, knee, ankle, heel, toe = points[:, :, 0].mean(axis=0).tolist()
    height = float(points[:, ANKLE, 1].mean() - points[:, HIP, 1].mean())
    scale = max(abs(height), 1.0)
    vote: float = ((toe - heel) + 2.0 * (knee - (hip + ankle) / 2.0)) / scale
    return max(-0.5, min(0.5, vote))
