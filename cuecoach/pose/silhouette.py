"""Corrects folded shanks by the runner's silhouette, where the pose model folds the knee too little. Pure.

Leaves hips, arms and straight legs as they are.

Pose models place straight legs well and a folded one straighter than it is: the knee too high, the ankle too low. The
same network also gives a segmentation mask (which pixels are the person), in which the edges of a shank are right even
where its joints are not. A shank is stiff: how its two edges lie about the line from knee to ankle is learnt while the
leg is nearly straight, and in a folded leg the line is moved until the edges lie as they did. Nothing is assumed about
the shape of a shank or its clothing. The method is ours.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.pose.base import Candidate
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LEG_LANDMARKS, TOE, FloatArray

_STRAIGHT_DEG = 45.0  # knees bent less teach how the edges lie ...
_FOLDED_DEG = 75.0  # ... knees bent more follow the edges entirely, those between in part
_ALONG = np.linspace(0.25, 0.85, 13)  # where edges are looked for: below the knee (0), above the shoe (1 is the ankle)
_REACH = 0.34  # shank lengths to either side
_COLUMNS = 61
_OFF_LINE = 12  # columns: the person must be seen this near to the line
_INSIDE = 0.5  # probability from which on a pixel is the person
_TOLERANCE = 0.03  # shank lengths: an edge further off is another leg, a shadow, a flap of cloth
_FEWEST = 12  # edges, of 26, that must agree ...
_SPAN = 0.3  # ... over this share of the shank
_STEEPEST = 0.5  # slope of the line through the edges
_LARGEST_TURN_DEG = 20.0  # landmarks further off are on something else, and that is gait's to judge
_UNCONFIRMED = 0.35  # visibility of a folded shank without a silhouette: seen, but its direction is not sure
_ENOUGH = 8  # straight legs after which the edges are known
_MEMORY = 60
_APART_S = 0.025  # pictures closer than this teach nothing new
_FORGET_S = 0.25  # without the runner, the next one may be another person: nothing learnt is kept
_SHORTEST_PX = 20.0  # the edges of a shorter shank cannot be measured

_PLACES = np.repeat(_ALONG, 2)  # of the edges, both sides of each place
_PAIRS = np.array([(i, j) for i in range(len(_PLACES)) for j in range(i) if _PLACES[i] - _PLACES[j] > 0.15]).T

Mask = NDArray[np.float32]


class SilhouetteRefiner:
    """Corrects the shanks of one runner, picture after picture.

    Parameters
    ----------
    share : float
        How far a folded shank follows the silhouette: 0 stays where the pose model has it, 1 follows entirely.
    """

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._legs = (_Shank(), _Shank())
        self._last_s = -math.inf

    def refine(self, t_s: float, runner: Candidate) -> Candidate:
        """Return the runner with the knee and ankle of folded legs moved, and heel and toe with the ankle.

        Knee and ankle of a folded leg without a silhouette stay, as less visible: the pose model alone says where.

        Parameters
        ----------
        t_s : float
            Time of the picture; rises.
        runner : Candidate
            Returned as it is when it has no mask.
        """
        if runner.mask is None:
            return runner
        if t_s - self._last_s > _FORGET_S:
            self._legs = (_Shank(), _Shank())
        self._last_s = t_s
        points, visibility = runner.points_px.copy(), runner.visibility.copy()
        for shank, rows in zip(self._legs, LEG_LANDMARKS, strict=True):
            joints = points[list(rows)]
            knee, ankle, most_visible = shank.place(t_s, runner.mask, joints)
            moved = self._share * (ankle - joints[ANKLE])
            points[rows[KNEE]] += self._share * (knee - joints[KNEE])
            points[rows[ANKLE]] += moved
            points[rows[HEEL]] += moved
            points[rows[TOE]] += moved
            ends = [rows[KNEE], rows[ANKLE]]
            visibility[ends] = np.minimum(visibility[ends], most_visible)
        return replace(runner, points_px=points, visibility=visibility)


class _Shank:
    """How the edges of one shank lie, in shank lengths, and where that puts its ends."""

    def __init__(self) -> None:
        self._seen: deque[FloatArray] = deque(maxlen=_MEMORY)
        self._lengths_px: deque[float] = deque(maxlen=_MEMORY)
        self._last_s = -math.inf
        self._usual: FloatArray | None = None
        self._length_px = math.nan

    def place(self, t_s: float, mask: Mask, joints: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Return knee and ankle (2,) px of a leg (5, 2) px, and the most that their visibility can be."""
        hip, knee, ankle = joints[HIP], joints[KNEE], joints[ANKLE]
        length_px = math.dist(knee, ankle)
        if not length_px >= _SHORTEST_PX:
            return knee, ankle, 1.0
        bend_deg = _bend_deg(hip, knee, ankle)
        if bend_deg < _STRAIGHT_DEG and t_s - self._last_s >= _APART_S:
            self._learn(t_s, _edges(mask, knee, ankle, length_px), length_px)
        if bend_deg < _STRAIGHT_DEG - _LARGEST_TURN_DEG:
            return knee, ankle, 1.0  # straight, wherever the edges are
        found = self._follow(mask, knee, ankle)
        if found is None:
            return knee, ankle, 1.0 - _folded(bend_deg) * (1.0 - _UNCONFIRMED)
        share = _folded(_bend_deg(hip, *found))
        return knee + share * (found[0] - knee), ankle + share * (found[1] - ankle), 1.0

    def _learn(self, t_s: float, edges: FloatArray, length_px: float) -> None:
        if np.isfinite(edges).sum() < _FEWEST:
            return
        self._last_s = t_s
        self._seen.append(edges)
        self._lengths_px.append(length_px)
        if len(self._seen) >= _ENOUGH:
            seen = np.array(self._seen)
            known = np.isfinite(seen).mean(axis=0) > 0.5  # a place seldom seen stays unknown
            self._usual = np.full(len(_PLACES), np.nan)
            self._usual[known] = np.nanmedian(seen[:, known], axis=0)
            self._length_px = float(np.median(self._lengths_px))

    def _follow(self, mask: Mask, knee: FloatArray, ankle: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Return knee and ankle where the edges have them, None where they do not say."""
        if self._usual is None:
            return None
        ends = knee, ankle
        for _ in range(2):  # once more from the better line, which cuts the shank squarer
            line = _line(_edges(mask, *ends, self._length_px) - self._usual)
            if line is None:
                return None
            shift, slope = (part * self._length_px for part in line)
            across = _across(*ends)
            ends = ends[0] + shift * across, ends[1] + (shift + slope) * across
        return ends if _between_deg(ankle - knee, ends[1] - ends[0]) <= _LARGEST_TURN_DEG else None


def _folded(bend_deg: float) -> float:
    """Return how folded a leg is: 0 straight, 1 folded."""
    return min(max((bend_deg - _STRAIGHT_DEG) / (_FOLDED_DEG - _STRAIGHT_DEG), 0.0), 1.0)


def _across(knee: FloatArray, ankle: FloatArray) -> FloatArray:
    """Return the unit vector across the shank."""
    x, y = (ankle - knee) / math.dist(knee, ankle)
    return np.array([-y, x])


def _bend_deg(hip: FloatArray, knee: FloatArray, ankle: FloatArray) -> float:
    """Return the angle between thigh and shank, 0 straight."""
    return _between_deg(knee - hip, ankle - knee)


def _between_deg(a: FloatArray, b: FloatArray) -> float:
    """Return the angle between two vectors, 0 to 180."""
    return abs(math.degrees(math.atan2(a[0] * b[1] - a[1] * b[0], float(a @ b))))


def _edges(mask: Mask, knee: FloatArray, ankle: FloatArray, unit_px: float) -> FloatArray:
    """Return where the person ends to either side of the line, (26,) in units across it, NaN where not seen."""
    columns = np.arange(_COLUMNS)
    off = np.linspace(-_REACH, _REACH, _COLUMNS)
    points = (knee + _ALONG[:, None] * (ankle - knee))[:, None] + off[:, None] * unit_px * _across(knee, ankle)
    where = points.astype(np.float32)
    value = cv2.remap(mask, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    person = value > _INSIDE
    middle = _COLUMNS // 2
    start = np.where(person, np.abs(columns - middle), _COLUMNS).argmin(axis=1)
    rows = np.arange(len(_ALONG))
    seen = person[rows, start] & (np.abs(start - middle) <= _OFF_LINE)
    low = np.where(~person & (columns < start[:, None]), columns, -1).max(axis=1)
    high = np.where(~person & (columns > start[:, None]), columns, _COLUMNS).min(axis=1)
    edges = np.full((len(_ALONG), 2), np.nan)
    for side, outer, inner in ((0, low, low + 1), (1, high, high - 1)):
        k = np.flatnonzero(seen & (outer >= 0) & (outer < _COLUMNS))
        a, b = value[k, inner[k]], value[k, outer[k]]
        edges[k, side] = off[inner[k]] + (off[outer[k]] - off[inner[k]]) * (a - _INSIDE) / (a - b)
    return edges.ravel()


def _line(off: FloatArray) -> tuple[float, float] | None:
    """Return offset at the knee and slope of the straight line that most of the edges (26,) follow.

    Of the lines through any two edges the one with the least bounded squared error (MSAC, Torr & Zisserman 2000),
    then least squares through those near it.
    """
    known = np.isfinite(off)
    first, second = _PAIRS[:, known[_PAIRS].all(axis=0)]
    slope = (off[first] - off[second]) / (_PLACES[first] - _PLACES[second])
    start = off[first] - slope * _PLACES[first]
    flat = np.abs(slope) <= _STEEPEST
    if not flat.any():
        return None
    slope, start = slope[flat], start[flat]
    away = np.abs(off - start[:, None] - slope[:, None] * _PLACES) / _TOLERANCE
    best = int((np.fmin(away, 1.0) ** 2).sum(axis=1).argmin())
    near = away[best] < 1.0
    if near.sum() < _FEWEST or np.ptp(_PLACES[near]) < _SPAN:
        return None
    slope_fit, start_fit = np.polyfit(_PLACES[near], off[near], 1)
    return float(start_fit), float(slope_fit)
