"""What was seen, in words: why nothing could be measured, or that a film seems slowed. The same for every verb.

Owns the reasons, how each is told from the others, and its sentence. Limits are engineering choices, beside them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cuecoach.gait.belt import DEFAULT_LEG_M, LEG_OF_STATURE
from cuecoach.gait.step_rhythm import StepRhythm
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LEG_LANDMARKS, TOE, Activity, FloatArray, Pose, PoseFrame, Speed

_ROWS = np.array(LEG_LANDMARKS)
_KEPT = 6000  # newest pictures with somebody in them: 200 s at 30 fps
_LEAST_PICTURES = 3  # somebody seen in fewer is a mistake of the pose model
_SEEN = 0.5  # visibility from which on a joint counts as seen
_MOSTLY = 0.5  # of the pictures
_GAP_S = 0.5  # unseen for longer, and it is another appearance
_JUMP_LEG = 1.0  # hips that jump further from one picture to the next are another person's
_CROSSED_LEG = 1.5  # leg lengths between the first and the last place of somebody who passes
_STOOD_LEG = 0.25  # ankles of somebody who stands move less than this against the hips, nine tenths of the time
_ON_BELT = 0.45  # of the fast quarter: steps of the lower foot that go further back are those of a foot on the belt
_CONTRADICTS = 1.5  # the given speed and that of the feet differ by more than any leg's length explains


class Seen(StrEnum):
    """What was seen in a session, film or recording."""

    RUNNING = "running"  # and was measured
    NOBODY = "nobody"
    SLOWED = "slowed"
    LEGS_HIDDEN = "legs_hidden"
    PASSING = "passing"
    SPEED_CONTRADICTS = "speed_contradicts"
    WALKING = "walking"
    STANDING = "standing"
    UNCLEAR = "unclear"  # somebody moves in place, and no stride can be made out


@dataclass(frozen=True, slots=True)
class PeopleSummary:
    """What the newest pictures with somebody in them show; shares are of those pictures.

    `hidden` and `passing` are shares of pictures; `stands`: the feet hardly move; `runs`: the legs have the rhythm of a
    runner; `foot_legs_per_s` is the speed of the foot on the belt in leg lengths a second, NaN when unknown.
    """

    pictures: int = 0
    hidden: float = 0.0
    passing: float = 0.0
    stands: bool = False
    runs: bool = False
    foot_legs_per_s: float = math.nan


_WORDS = {
    Seen.RUNNING: "",
    Seen.NOBODY: "nobody was seen, so nothing was measured",
    Seen.SLOWED: "somebody runs in slow motion",
    Seen.LEGS_HIDDEN: "somebody was seen whose legs are hidden or out of the picture; `cuecoach setup` helps with that",
    Seen.PASSING: "somebody crossed the picture and did not stay",
    Seen.SPEED_CONTRADICTS: "somebody runs, but not at the given speed",
    Seen.WALKING: "somebody walked, and nobody was seen running",
    Seen.STANDING: "somebody stood there, and nobody was seen running",
    Seen.UNCLEAR: "somebody moved there, but nobody was seen running",
}


def reason(seen: Seen) -> str:
    """Return why nobody was measured running, as a sentence without its point; empty when somebody was."""
    return _WORDS[seen]


def speed_sentence(people: PeopleSummary, height_m: float | None = None) -> str:
    """Return the advice about a given speed that contradicts the feet."""
    return f"The feet move as at about {feet_mps(people, height_m):.1f} m/s: correct the given speed, or leave it out."


def slowed_sentence(times: float) -> str:
    """Return the advice about a film that seems slowed so many times."""
    return f"The film seems slowed about {times:g} times: try --slow-motion {times:g}."


class PeopleSeen:
    """Remembers who was seen, the runner or anybody else, until it is asked what that was."""

    def __init__(self) -> None:
        self._poses: deque[Pose] = deque(maxlen=_KEPT)

    def add(self, pose_frame: PoseFrame) -> None:
        """Add one pose frame."""
        person = pose_frame.pose or pose_frame.bystander
        if person is not None:
            self._poses.append(person)

    def summary(self) -> PeopleSummary:
        """Return what was seen of people."""
        if not self._poses:
            return PeopleSummary()
        t_s = np.array([pose.t_s for pose in self._poses])
        legs = np.array([pose.points_px[_ROWS] for pose in self._poses])
        bones = np.linalg.norm(np.diff(legs[:, :, : ANKLE + 1], axis=2), axis=-1).sum(axis=-1)
        leg_px = max(float(np.nanmedian(bones.max(axis=1))), 1.0) if np.isfinite(bones).any() else math.nan
        rhythm = StepRhythm()
        for pose in self._poses:
            rhythm.add(pose)
        return PeopleSummary(
            pictures=len(t_s),
            hidden=float(np.mean([_is_hidden(pose) for pose in self._poses])),
            passing=_passing(t_s, legs[:, :, HIP, 0].mean(axis=1) / leg_px),
            stands=_stands(legs / leg_px),
            runs=any(math.isfinite(stretch.times) for stretch in rhythm.stretches()),
            foot_legs_per_s=_foot_speed(t_s, legs / leg_px),
        )


def what_was_seen(
    strides: Mapping[Activity, int],
    people: PeopleSummary,
    slow_motion: float | None = None,
    given: Speed | None = None,
    height_m: float | None = None,
) -> Seen:
    """Return what was seen.

    Parameters
    ----------
    strides : mapping
        How many were measured of each activity.
    people : PeopleSummary
    slow_motion : float or None
        How many times slower than life the film seems to play.
    given : Speed or None
        Belt speed that a person or machine says.
    height_m : float or None
        Of the runner.
    """
    if strides.get(Activity.RUNNING):
        return Seen.RUNNING
    if people.pictures < _LEAST_PICTURES:
        return Seen.NOBODY
    if slow_motion is not None:
        return Seen.SLOWED
    if people.passing > _MOSTLY:
        return Seen.PASSING
    if people.hidden > _MOSTLY:
        return Seen.LEGS_HIDDEN
    if strides.get(Activity.WALKING):
        return Seen.WALKING
    if people.stands:
        return Seen.STANDING
    return Seen.SPEED_CONTRADICTS if contradicts(given, people, height_m) else Seen.UNCLEAR


def contradicts(given: Speed | None, people: PeopleSummary, height_m: float | None = None) -> bool:
    """Return whether somebody runs whose feet move at quite another speed than the given one."""
    if given is None or not given.mps > 0 or not people.runs:
        return False
    times = feet_mps(people, height_m) / given.mps
    return max(times, 1 / times) > _CONTRADICTS


def feet_mps(people: PeopleSummary, height_m: float | None = None) -> float:
    """Return how fast the foot on the belt moves, for a leg of the runner's or the usual length."""
    return people.foot_legs_per_s * (LEG_OF_STATURE * height_m if height_m else DEFAULT_LEG_M)


def _is_hidden(pose: Pose) -> bool:
    """Return whether neither leg's knee and ankle are seen within the picture."""
    points, seen = pose.points_px[_ROWS][:, KNEE : ANKLE + 1], pose.visibility[_ROWS][:, KNEE : ANKLE + 1]
    inside = (points >= 0).all(axis=-1) & (points <= pose.image_size_px).all(axis=-1)
    return not (inside & ~(seen < _SEEN)).all(axis=1).any()


def _passing(t_s: FloatArray, hip: FloatArray) -> float:
    """Return the share of pictures that belong to appearances which end elsewhere than they began."""
    apart = (np.diff(t_s) > _GAP_S) | ~(np.abs(np.diff(hip)) < _JUMP_LEG)
    passing = 0
    for part in np.split(hip, np.flatnonzero(apart) + 1):
        if len(part) >= _LEAST_PICTURES and abs(float(part[-1] - part[0])) > _CROSSED_LEG:
            passing += len(part)
    return passing / len(hip)


def _stands(legs: FloatArray) -> bool:
    ankles = legs[:, :, ANKLE, 0] - legs[:, :, HIP, 0].mean(axis=1)[:, None]
    if not np.isfinite(ankles).all(axis=1).any():
        return False
    low, high = np.nanpercentile(ankles, (5, 95), axis=0)
    return bool(np.max(high - low) < _STOOD_LEG)


def _foot_speed(t_s: FloatArray, legs: FloatArray) -> float:
    """Return how fast the lower foot goes while it stands on the belt, from picture to picture."""
    if len(t_s) < 2:
        return math.nan
    feet = legs[:, :, (HEEL, TOE)].mean(axis=2) - legs[:, :, HIP].mean(axis=1)[:, None]
    lower = (feet[1:, :, 1] + feet[:-1, :, 1]).argmax(axis=1)
    step = np.take_along_axis(np.diff(feet[..., 0], axis=0), lower[:, None], axis=1)[:, 0]
    speed = step / np.diff(t_s)
    speed = speed[np.isfinite(speed)]
    back = speed * np.sign(np.median(speed)) if len(speed) else speed
    if not len(back) or not (fast := float(np.percentile(back, 75))) > 0:
        return math.nan
    return float(np.median(back[back > _ON_BELT * fast]))
