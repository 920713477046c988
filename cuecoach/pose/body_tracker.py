"""Bodies followed from picture to picture: whose candidate is whose, and how each has moved lately. Pure.

Owns the tracks. Does not choose the runner (`person.py`).

Lengths are in "sizes": trunk + thigh + shank of that body, about 0.78 of stature, 1.3 m in an adult (segment lengths
of Winter 2009). So nothing here depends on how near a person stands or on the size of the picture.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import LEG_LANDMARKS, SHOULDERS, FloatArray

MEMORY_S = 1.0  # a body not seen for longer is forgotten
WINDOW_S = 1.0  # movement is judged over this: more than a stride of a runner, nearly one of a walker

# Left and right shoulder, hip, knee, ankle: all that is looked at.
_ROWS = [*SHOULDERS, *(leg[joint] for joint in range(3) for leg in LEG_LANDMARKS)]
_TRUNK = slice(0, 4)
_LEGS = slice(4, 8)

_SAME_BODY = 0.15  # sizes between the corners of two trunks that are one body found twice
_SAME_SIZE = 1.35  # ratio of sizes up to which two candidates may be one body
_REACH = 0.12  # sizes a hip may be off its predicted place at once ...
_REACH_PER_S = 1.5  # ... and more for each second unseen
_REACH_MOST = 0.35
_CLEARLY = 2.0  # of two people one body is somebody's only when it fits the other this many times worse ...
_BADLY = 0.4  # ... and the other at least this badly: otherwise both stand in one place
_STEP_S = 0.1  # feet are compared over this, so that the detector's jitter does not count as movement
_DRIFT_S = 0.3  # the short view of where a hip is going

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One person as found in one picture: `points_px` (33, 2), `visibility` (33,) 0..1.

    `mask` (h, w) 0..1 float32 says which pixels are this person, None when that was not asked for; good until the
    next picture.
    """

    points_px: FloatArray
    visibility: FloatArray
    mask: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What is used of a candidate. `feet` are left x, left y, right x, right y of the ankles from the hip, in sizes."""

    candidate: Candidate
    hip_px: Point
    size_px: float
    feet: tuple[float, float, float, float]
    legs_seen: bool


@dataclass(frozen=True, slots=True)
class BodyMotion:
    """How a body moved over the last second, in sizes.

    `stir_per_s` median speed of the feet relative to the hips. `crossing` how far each foot came past the other to
    either side, the smaller of both. `roam` width of the strip the hips stayed in. `growth` change of size, as a
    share of it: somebody comes or goes. `legs_seen` whether the feet were visible most of the time.
    """

    stir_per_s: float
    crossing: float
    roam: float
    growth: float
    legs_seen: bool


@dataclass(frozen=True, slots=True)
class _Moment:
    t_s: float
    hip_px: Point
    size_px: float
    feet: tuple[float, float, float, float]
    legs_seen: bool
    stir_per_s: float  # NaN at the start


class BodyTrack:
    """One body through time. `seen` is its candidate in the latest picture, None when it was not found there."""

    def __init__(self, number: int, body: Body, t_s: float) -> None:
        self.number = number
        self.born_s = t_s
        self.last_s = t_s
        self.seen: Candidate | None = None
        self.beside: set[int] = set()  # numbers of tracks found in the same picture: surely other people
        self._moments: deque[_Moment] = deque()
        self._movement: BodyMotion | None = None
        self._judged_s = -math.inf
        self.add(body, t_s)

    @property
    def hip_px(self) -> Point:
        """Mid-hip where last seen."""
        return self._moments[-1].hip_px

    @property
    def size_px(self) -> float:
        """Size where last seen, smoothed."""
        return self._moments[-1].size_px

    @property
    def age_s(self) -> float:
        """Time from the first to the last time seen."""
        return self.last_s - self.born_s

    def add(self, body: Body, t_s: float) -> None:
        """Continue with what was found at `t_s`."""
        size_px = body.size_px
        stir = math.nan
        if self._moments:
            # A body's size changes slowly, the detector's idea of it by several percent from picture to picture.
            size_px = self.size_px + 0.2 * (size_px - self.size_px)
            past = self._before(t_s - _STEP_S)
            if t_s - past.t_s < 3 * _STEP_S:
                stir = _way_of_feet(past.feet, body.feet) / (t_s - past.t_s)
        self._moments.append(_Moment(t_s, body.hip_px, size_px, body.feet, body.legs_seen, stir))
        while self._moments[0].t_s < t_s - WINDOW_S - 1e-9:
            self._moments.popleft()
        self.last_s = t_s
        self.seen = body.candidate

    def misfit(self, body: Body, t_s: float) -> float:
        """Return how badly `body` continues this track: 0 perfect, 1 the limit, inf impossible."""
        ratio = max(body.size_px / self.size_px, self.size_px / body.size_px)
        if ratio > _SAME_SIZE:
            return math.inf
        away_s = t_s - self.last_s
        past = self._before(self.last_s - _DRIFT_S)
        speed = (self.hip_px[0] - past.hip_px[0]) / max(self.last_s - past.t_s, _STEP_S)
        x_px = self.hip_px[0] + speed * min(away_s, _DRIFT_S)
        distance = math.dist(body.hip_px, (x_px, self.hip_px[1])) / self.size_px
        return distance / min(_REACH + _REACH_PER_S * away_s, _REACH_MOST) + (ratio - 1.0)

    def change(self, body: Body, t_s: float) -> float:
        """Return how badly `body` continues this track, its feet included."""
        return self.misfit(body, t_s) + _way_of_feet(self._moments[-1].feet, body.feet) / _REACH

    def movement(self) -> BodyMotion | None:
        """Return how the body moved over the last second, None while it has not been seen for long enough."""
        if self.last_s - self._judged_s >= _STEP_S:
            self._judged_s = self.last_s
            self._movement = self._judge()
        return self._movement

    def slid(self) -> float:
        """Return how many sizes the hips went sideways in the last 0.3 s."""
        return abs(self.hip_px[0] - self._before(self.last_s - _DRIFT_S).hip_px[0]) / self.size_px

    def _judge(self) -> BodyMotion | None:
        moments = self._moments
        if moments[-1].t_s - moments[0].t_s < 0.8 * WINDOW_S:
            return None
        table = np.array([(m.hip_px[0], m.size_px, m.feet[0] - m.feet[2], m.stir_per_s, m.legs_seen) for m in moments])
        hip_x, size, apart, stir, seen = table.T
        stir = stir[~np.isnan(stir)]
        if len(stir) == 0:
            return None
        # The outermost values may be outliers of the detector; a tenth of the window is what a foot needs to pass.
        left, right = np.percentile(apart, (10, 90))
        west, east = np.percentile(hip_x, (5, 95))
        return BodyMotion(
            stir_per_s=float(np.median(stir)),
            crossing=float(min(right, -left)),
            roam=float(east - west) / self.size_px,
            growth=abs(float(size[-1] - size[0])) / self.size_px,
            legs_seen=bool(seen.mean() >= 0.5),
        )

    def _before(self, t_s: float) -> _Moment:
        """Return the latest moment at or before `t_s`, or the oldest there is."""
        for moment in reversed(self._moments):
            if moment.t_s <= t_s + 1e-9:
                return moment
        return self._moments[0]


class Tracker:
    """Keeps the tracks of everybody in the picture."""

    def __init__(self) -> None:
        self.tracks: list[BodyTrack] = []
        self.merged = False  # two people stand in one place: nobody can tell whose body is whose
        self._numbers = itertools.count()

    def update(self, t_s: float, candidates: Sequence[Candidate], image_size_px: tuple[int, int]) -> None:
        """Continue every track with the candidate that is the same person, and begin tracks for new people."""
        self.tracks = [track for track in self.tracks if t_s - track.last_s <= MEMORY_S]
        found = [body for c in candidates if (body := measure(c, image_size_px)) is not None]
        bodies = self._without_doubles(found, t_s)
        for track in self.tracks:
            track.seen = None
        for owner, body in self._owners(bodies, t_s):
            if owner is None:
                self.tracks.append(BodyTrack(next(self._numbers), body, t_s))
            else:
                owner.add(body, t_s)
        together = {track.number for track in self.tracks if track.seen is not None}
        known = {track.number for track in self.tracks}
        for track in self.tracks:
            track.beside &= known
            if track.seen is not None:
                track.beside |= together - {track.number}

    def _without_doubles(self, bodies: list[Body], t_s: float) -> list[Body]:
        """Drop the less visible of two candidates that are one body found twice.

        They may still be two people, one behind the other: as visible as each other, the one followed so far is kept.
        """
        if len(bodies) < 2:
            self.merged = False
            return bodies

        def rank(body: Body) -> tuple[float, float, float]:
            change = min((track.change(body, t_s) for track in self.tracks), default=math.inf)
            return -round(float(body.candidate.visibility.mean()), 1), change, -body.size_px

        kept: list[Body] = []
        for body in sorted(bodies, key=rank):
            if not any(_same_body(body, other) for other in kept):
                kept.append(body)
        self.merged = len(kept) < len(bodies) and (self.merged or any(self._met(body, t_s) for body in kept))
        return kept

    def _met(self, body: Body, t_s: float) -> bool:
        """Tell whether `body` could be either of two who were seen beside each other."""
        here = [track for track in self.tracks if track.misfit(body, t_s) <= 1.0]
        return any(one.number in two.beside for one, two in itertools.combinations(here, 2))

    def _owners(self, bodies: Sequence[Body], t_s: float) -> list[tuple[BodyTrack | None, Body]]:
        """Return each body with its track, None for a new one; a body that could be either of two is left out."""
        fits = [
            (misfit, i, j)
            for i, track in enumerate(self.tracks)
            for j, body in enumerate(bodies)
            if (misfit := track.misfit(body, t_s)) <= 1.0
        ]
        owners: list[tuple[BodyTrack | None, Body]] = []
        free_tracks, free_bodies = set(range(len(self.tracks))), set(range(len(bodies)))
        for misfit, i, j in sorted(fits):
            if i not in free_tracks or j not in free_bodies:
                continue
            free_bodies.remove(j)
            if self._disputed(misfit, i, j, fits, free_tracks, free_bodies):
                continue
            free_tracks.remove(i)
            owners.append((self.tracks[i], bodies[j]))
        return owners + [(None, bodies[j]) for j in sorted(free_bodies)]

    def _disputed(
        self,
        misfit: float,
        i: int,
        j: int,
        fits: Sequence[tuple[float, int, int]],
        free_tracks: set[int],
        free_bodies: set[int],
    ) -> bool:
        """Tell whether body `j` may as well be another person, for whom no other body is left.

        Two tracks never found in one picture are no two people: the detector gave one body in two forms.
        """
        rivals = {k: other for other, k, body in fits if body == j and k in free_tracks and k != i}
        served = {k for _, k, body in fits if body in free_bodies}
        return any(
            other < max(_CLEARLY * misfit, _BADLY)
            and k not in served
            and self.tracks[k].number in self.tracks[i].beside
            for k, other in rivals.items()
        )


def measure(candidate: Candidate, image_size_px: tuple[int, int]) -> Body | None:
    """Return what is used of a candidate, None when its trunk and legs are not there."""
    points = candidate.points_px[_ROWS].tolist()
    shoulder, hip = _middle(points[0], points[1]), _middle(points[2], points[3])
    thighs = math.dist(points[2], points[4]) + math.dist(points[3], points[5])
    shanks = math.dist(points[4], points[6]) + math.dist(points[5], points[7])
    size_px = math.dist(shoulder, hip) + (thighs + shanks) / 2
    if not size_px > 0:  # also when NaN
        return None
    (left_x, left_y), (right_x, right_y) = points[6], points[7]
    feet = (
        (left_x - hip[0]) / size_px,
        (left_y - hip[1]) / size_px,
        (right_x - hip[0]) / size_px,
        (right_y - hip[1]) / size_px,
    )
    width_px, height_px = image_size_px
    inside = all(0 <= x < width_px and 0 <= y < height_px for x, y in points[6:8])
    seen = inside and float(candidate.visibility[_ROWS[_LEGS]].mean()) >= 0.5
    return Body(candidate, hip, size_px, feet, seen)


def _same_body(one: Body, two: Body) -> bool:
    size_px = max(one.size_px, two.size_px)
    if size_px > _SAME_SIZE * min(one.size_px, two.size_px):
        return False
    rows = _ROWS[_TRUNK]
    apart = one.candidate.points_px[rows] - two.candidate.points_px[rows]
    return float(np.hypot(apart[:, 0], apart[:, 1]).mean()) < _SAME_BODY * size_px


def _way_of_feet(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """Return the mean way of the feet between two moments, whichever foot the detector called left."""
    kept = math.dist(one[:2], two[:2]) + math.dist(one[2:], two[2:])
    swapped = math.dist(one[:2], two[2:]) + math.dist(one[2:], two[:2])
    return min(kept, swapped) / 2


def _middle(one: Sequence[float], two: Sequence[float]) -> Point:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
