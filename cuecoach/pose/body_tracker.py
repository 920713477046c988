"""Tracks bodies from picture to picture: which candidate is which person, and how each has moved lately. Pure.

Does not select the runner (`runner_finder.py`).

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

from cuecoach.pose.base import Candidate
from cuecoach.types import LEG_LANDMARKS, SHOULDERS

MEMORY_S = 1.0  # a body not seen for longer is forgotten
WINDOW_S = 1.0  # motion is judged over this: more than a stride of a runner, nearly one of a walker
SOON_S = 0.5  # and, with more caution, over this: more than a step of a runner

# Left and right shoulder, hip, knee, ankle: all that is used.
_ROWS = [*SHOULDERS, *(leg[joint] for joint in range(3) for leg in LEG_LANDMARKS)]
_TRUNK = slice(0, 4)
_LEGS = slice(4, 8)

_SAME_BODY = 0.15  # sizes between the corners of two trunks that are one body found twice
_SAME_SIZE = 1.35  # ratio of sizes up to which two candidates may be one body
_REACH = 0.12  # sizes a hip may be off its predicted place at once ...
_REACH_PER_S = 1.5  # ... and more for each second unseen
_REACH_MOST = 0.35
_CLEARLY = 2.0  # a body belongs to one of two people only when it fits the other this many times worse ...
_BADLY = 0.4  # ... and the other at least this badly: otherwise both stand in one place
_STEP_S = 0.1  # feet are compared over this, so that the detector's jitter does not count as movement
_DRIFT_S = 0.3  # the short view of where a hip is going

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What is used of a candidate.

    `hip_px` the mid-hip. `feet` left x, left y, right x, right y of the ankles from the mid-hip, in sizes. `legs_seen`
    whether the ankles are in the picture and the legs visible.
    """

    candidate: Candidate
    hip_px: Point
    size_px: float
    feet: tuple[float, float, float, float]
    legs_seen: bool


@dataclass(frozen=True, slots=True)
class BodyMotion:
    """How a body moved over the last second, or a part of it, in sizes.

    `foot_speed_per_s` median speed of the feet relative to the hips. `feet_crossing` how far each foot came past the
    other to either side, the smaller of both. `hip_range` width of the strip the hips stayed in. `size_change` as a
    share of the size: towards the camera or away from it. `legs_seen` whether the feet were visible most of the time.
    """

    foot_speed_per_s: float
    feet_crossing: float
    hip_range: float
    size_change: float
    legs_seen: bool


@dataclass(frozen=True, slots=True)
class _Observation:
    t_s: float
    hip_px: Point
    size_px: float
    feet: tuple[float, float, float, float]
    legs_seen: bool
    foot_speed_per_s: float  # NaN at the start


class BodyTrack:
    """One body through time.

    `candidate` is this body in the latest picture, None when it was not found there. `seen_beside` holds the numbers
    of the tracks that were found in one picture with it: surely other people.
    """

    def __init__(self, number: int, body: Body, t_s: float) -> None:
        self.number = number
        self.born_s = t_s
        self.last_s = t_s
        self.candidate: Candidate | None = None
        self.seen_beside: set[int] = set()
        self._observations: deque[_Observation] = deque()
        self._motion: dict[float, tuple[float, BodyMotion | None]] = {}  # by window: when it was judged, and how
        self.add(body, t_s)

    @property
    def hip_px(self) -> Point:
        """Mid-hip where last seen."""
        return self._observations[-1].hip_px

    @property
    def size_px(self) -> float:
        """Size where last seen, smoothed."""
        return self._observations[-1].size_px

    @property
    def age_s(self) -> float:
        """Time from the first to the last time seen."""
        return self.last_s - self.born_s

    def add(self, body: Body, t_s: float) -> None:
        """Continue the track with what was found at `t_s`."""
        size_px = body.size_px
        foot_speed = math.nan
        if self._observations:
            # A body's size changes slowly, the detector's estimate of it by several percent from picture to picture.
            size_px = self.size_px + 0.2 * (size_px - self.size_px)
            past = self._at_or_before(t_s - _STEP_S)
            if t_s - past.t_s < 3 * _STEP_S:
                foot_speed = _feet_distance(past.feet, body.feet) / (t_s - past.t_s)
        self._observations.append(_Observation(t_s, body.hip_px, size_px, body.feet, body.legs_seen, foot_speed))
        while self._observations[0].t_s < t_s - WINDOW_S - 1e-9:
            self._observations.popleft()
        self.last_s = t_s
        self.candidate = body.candidate

    def misfit(self, body: Body, t_s: float) -> float:
        """Return how badly `body` continues this track: 0 perfect, 1 the limit, inf impossible."""
        ratio = max(body.size_px / self.size_px, self.size_px / body.size_px)
        if ratio > _SAME_SIZE:
            return math.inf
        unseen_s = t_s - self.last_s
        past = self._at_or_before(self.last_s - _DRIFT_S)
        speed = (self.hip_px[0] - past.hip_px[0]) / max(self.last_s - past.t_s, _STEP_S)
        x_px = self.hip_px[0] + speed * min(unseen_s, _DRIFT_S)
        distance = math.dist(body.hip_px, (x_px, self.hip_px[1])) / self.size_px
        return distance / min(_REACH + _REACH_PER_S * unseen_s, _REACH_MOST) + (ratio - 1.0)

    def misfit_with_feet(self, body: Body, t_s: float) -> float:
        """Return how badly `body` continues this track, its feet included."""
        return self.misfit(body, t_s) + _feet_distance(self._observations[-1].feet, body.feet) / _REACH

    def motion(self) -> BodyMotion | None:
        """Return how the body moved over the last second, None while it has not been seen for long enough."""
        return self._motion_over(WINDOW_S, least=0.8)

    def motion_soon(self) -> BodyMotion | None:
        """Return how the body moved over the last half second, None while it has not been seen for long enough."""
        return self._motion_over(SOON_S, least=0.95)

    def drift(self) -> float:
        """Return how many sizes the hips moved sideways in the last 0.3 s."""
        return abs(self.hip_px[0] - self._at_or_before(self.last_s - _DRIFT_S).hip_px[0]) / self.size_px

    def _motion_over(self, window_s: float, least: float) -> BodyMotion | None:
        """Return the motion over a window, at `least` such a part of it, judged anew every `_STEP_S`."""
        judged_s, motion = self._motion.get(window_s, (-math.inf, None))
        if self.last_s - judged_s >= _STEP_S:
            motion = self._motion_now(window_s, least)
            self._motion[window_s] = self.last_s, motion
        return motion

    def _motion_now(self, window_s: float, least: float) -> BodyMotion | None:
        seen = [o for o in self._observations if o.t_s >= self.last_s - window_s - 1e-9]
        if seen[-1].t_s - seen[0].t_s < least * window_s:
            return None
        table = np.array(
            [(o.hip_px[0], o.size_px, o.feet[0] - o.feet[2], o.foot_speed_per_s, o.legs_seen) for o in seen]
        )
        hip_x_px, size_px, feet_apart, foot_speed, legs_seen = table.T
        foot_speed = foot_speed[~np.isnan(foot_speed)]
        if len(foot_speed) == 0:
            return None
        # The outermost values may be outliers of the detector; a tenth of the window is what a foot needs to pass.
        behind, ahead = np.percentile(feet_apart, (10, 90))
        leftmost_px, rightmost_px = np.percentile(hip_x_px, (5, 95))
        return BodyMotion(
            foot_speed_per_s=float(np.median(foot_speed)),
            feet_crossing=float(min(ahead, -behind)),
            hip_range=float(rightmost_px - leftmost_px) / self.size_px,
            size_change=abs(float(size_px[-1] - size_px[0])) / self.size_px,
            legs_seen=bool(legs_seen.mean() >= 0.5),
        )

    def _at_or_before(self, t_s: float) -> _Observation:
        """Return the latest observation at or before `t_s`, or the oldest there is."""
        for observation in reversed(self._observations):
            if observation.t_s <= t_s + 1e-9:
                return observation
        return self._observations[0]


class BodyTracker:
    """Keeps the tracks of everybody in the picture.

    `merged` is true while two people stand in one place, so that nobody can tell whose body is whose.
    """

    def __init__(self) -> None:
        self.tracks: list[BodyTrack] = []
        self.merged = False
        self._numbers = itertools.count()

    def update(self, t_s: float, candidates: Sequence[Candidate], image_size_px: tuple[int, int]) -> None:
        """Continue every track with the candidate that is the same person, and begin tracks for new people."""
        self.tracks = [track for track in self.tracks if t_s - track.last_s <= MEMORY_S]
        found = [body for c in candidates if (body := body_of(c, image_size_px)) is not None]
        bodies = self._without_duplicates(found, t_s)
        for track in self.tracks:
            track.candidate = None
        for owner, body in self._assigned(bodies, t_s):
            if owner is None:
                self.tracks.append(BodyTrack(next(self._numbers), body, t_s))
            else:
                owner.add(body, t_s)
        together = {track.number for track in self.tracks if track.candidate is not None}
        known = {track.number for track in self.tracks}
        for track in self.tracks:
            track.seen_beside &= known
            if track.candidate is not None:
                track.seen_beside |= together - {track.number}

    def _without_duplicates(self, bodies: list[Body], t_s: float) -> list[Body]:
        """Drop the less visible of two candidates that are one body found twice.

        They may still be two people, one behind the other: as visible as each other, the one followed so far is kept.
        """
        if len(bodies) < 2:
            self.merged = False
            return bodies

        def rank(body: Body) -> tuple[float, float, float]:
            misfit = min((track.misfit_with_feet(body, t_s) for track in self.tracks), default=math.inf)
            return -round(float(body.candidate.visibility.mean()), 1), misfit, -body.size_px

        kept: list[Body] = []
        for body in sorted(bodies, key=rank):
            if not any(_same_body(body, other) for other in kept):
                kept.append(body)
        self.merged = len(kept) < len(bodies) and (self.merged or any(self._could_be_two(body, t_s) for body in kept))
        return kept

    def _could_be_two(self, body: Body, t_s: float) -> bool:
        """Tell whether `body` could be either of two who were seen beside each other."""
        fitting = [track for track in self.tracks if track.misfit(body, t_s) <= 1.0]
        return any(one.number in two.seen_beside for one, two in itertools.combinations(fitting, 2))

    def _assigned(self, bodies: Sequence[Body], t_s: float) -> list[tuple[BodyTrack | None, Body]]:
        """Return each body with its track, None for a new one; a body that could be either of two is left out."""
        fits = [
            (misfit, i, j)
            for i, track in enumerate(self.tracks)
            for j, body in enumerate(bodies)
            if (misfit := track.misfit(body, t_s)) <= 1.0
        ]
        assigned: list[tuple[BodyTrack | None, Body]] = []
        free_tracks, free_bodies = set(range(len(self.tracks))), set(range(len(bodies)))
        for misfit, i, j in sorted(fits):
            if i not in free_tracks or j not in free_bodies:
                continue
            free_bodies.remove(j)
            if self._ambiguous(misfit, i, j, fits, free_tracks, free_bodies):
                continue
            free_tracks.remove(i)
            assigned.append((self.tracks[i], bodies[j]))
        return assigned + [(None, bodies[j]) for j in sorted(free_bodies)]

    def _ambiguous(
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
        provided = {k for _, k, body in fits if body in free_bodies}
        return any(
            other < max(_CLEARLY * misfit, _BADLY)
            and k not in provided
            and self.tracks[k].number in self.tracks[i].seen_beside
            for k, other in rivals.items()
        )


def body_of(candidate: Candidate, image_size_px: tuple[int, int]) -> Body | None:
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


def _feet_distance(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """Return the mean distance of the feet between two pictures, whichever foot the detector called left."""
    kept = math.dist(one[:2], two[:2]) + math.dist(one[2:], two[2:])
    swapped = math.dist(one[:2], two[2:]) + math.dist(one[2:], two[:2])
    return min(kept, swapped) / 2


def _middle(one: Sequence[float], two: Sequence[float]) -> Point:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
