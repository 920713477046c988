"""The time of a film against that of life: pictures that are missing, a film that is slowed, a speed that changes.

Looks at the pose frames of a film or recording as they pass, mends their times where that can be done, and lowers the
landmarks' visibility where it cannot, so that no stride made of them is trusted. Cameras have no such trouble.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cuecoach.gait.missing_pictures import MissingPattern, MissingPictures
from cuecoach.gait.step_rhythm import SLOWED, StepRhythm, Stretch, rounded, slowed_times, speed_change
from cuecoach.pipeline.what_was_seen import slowed_sentence
from cuecoach.types import PoseFrame

LOOK_AHEAD = 200  # pose frames that a reader should be ahead of those it has mended, if it can
_LOOK_PICTURES = 25  # pictures between two looks for missing ones ...
_LOOK_RHYTHM = (25, 125)  # ... and at the rhythm of the steps: soon at first, rarer as there is more to look at
_SURE_STEPS = 10  # before a film is told to be slowed, which is then known to 10 %; at its end fewer do
_DOUBTED = 0.1  # factor for the visibility: strides then have a trust below 0.1
_LEAST_STEP_S = 0.001


class FilmTime:
    """Watches one film.

    Every pose frame goes through `watch`, then, at once or later, through `mend`; `finish` after the last.

    Parameters
    ----------
    slow_motion : float
        How many times slower than life the film is said to play; times are the runner's already.
    """

    def __init__(self, slow_motion: float = 1.0) -> None:
        self._slow_motion = slow_motion
        self._missing = MissingPictures()
        self._rhythm = StepRhythm()
        self._stretches: list[Stretch] = []
        self._watched, self._next_look = 0, _LOOK_RHYTHM[0]
        self._last_s = -math.inf
        self._told: set[object] = set()
        self._notices: list[str] = []

    @property
    def slow_motion(self) -> float | None:
        """How many times slower than life the film seems to play; None when that is as it was said."""
        times = slowed_times(self._stretches)
        return None if times is None else rounded(times * self._slow_motion)

    def watch(self, pose_frame: PoseFrame, change: float = np.nan) -> None:
        """Look at one pose frame as the film states it.

        Parameters
        ----------
        pose_frame : PoseFrame
        change : float
            How much its picture differs from the one before, in any unit; NaN without pictures.
        """
        self._missing.add(pose_frame, change)
        person = pose_frame.pose or pose_frame.bystander
        if person is not None:
            self._rhythm.add(person)
        self._watched += 1
        if self._watched % _LOOK_PICTURES == 0:
            self._missing.look()
            self._tell_missing()
        if self._watched >= self._next_look:
            self._next_look += int(np.clip(self._watched // 4, *_LOOK_RHYTHM))
            self._look_at_rhythm(_SURE_STEPS)

    def finish(self) -> None:
        """Look at everything once more, after the last pose frame."""
        self._missing.look()
        self._tell_missing()
        self._look_at_rhythm(0)

    def mend(self, pose_frame: PoseFrame, doubtful: bool = False) -> PoseFrame:
        """Return a pose frame at its true time as far as known; `doubtful`: something else makes its time uncertain."""
        pattern = self._missing.pattern
        t_s = pose_frame.t_s
        if pattern is not None:
            t_s += pattern.shift(pose_frame.index) * self._missing.interval_s
        if t_s < self._last_s + _LEAST_STEP_S:  # where a pattern begins or ends
            t_s = max(pose_frame.t_s, self._last_s + _LEAST_STEP_S)
        self._last_s = t_s
        pose = pose_frame.pose
        if pose is not None and (doubtful or self._missing.irregular or self._is_slowed(pose_frame.t_s)):
            pose = replace(pose, visibility=_DOUBTED * pose.visibility)
        if pose is pose_frame.pose and t_s == pose_frame.t_s:
            return pose_frame
        return replace(pose_frame, t_s=t_s, pose=None if pose is None else replace(pose, t_s=t_s))

    def notices(self) -> tuple[str, ...]:
        """Return, once each, what was noticed since the last call."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def _is_slowed(self, t_s: float) -> bool:
        """Return whether the running at this time seems slowed, as far as known."""
        running = [one for one in self._stretches if math.isfinite(one.times) and one.start_s <= t_s]
        return bool(running) and running[-1].times >= SLOWED

    def _look_at_rhythm(self, least_steps: int) -> None:
        """Look at the steps; tell what is known of at least so many."""
        self._stretches = self._rhythm.stretches()
        change = speed_change(self._stretches)
        if change is not None:
            self._tell("change", change_sentence(*change, self._slow_motion))
        elif self.slow_motion is not None and sum(one.steps for one in self._stretches) >= least_steps:
            self._tell("slowed", f"{slowed_sentence(self.slow_motion)} Its strides are not trusted.")

    def _tell_missing(self) -> None:
        if self._missing.pattern is not None:
            self._tell(self._missing.pattern, missing_sentence(self._missing.pattern))
        elif self._missing.irregular:
            self._tell(
                "irregular",
                "Pictures are missing in this film at no regular place: its strides are not trusted, as nobody knows "
                "when the others were taken.",
            )

    def _tell(self, what: object, sentence: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._notices.append(sentence)


def missing_sentence(pattern: MissingPattern) -> str:
    """Return what was done about missing pictures."""
    return f"One picture in {pattern.period + 1} is missing in this film; the times of the others were put right."


def change_sentence(before: Stretch, after: Stretch, slow_motion: float) -> str:
    """Return the advice about a film whose own speed changes."""
    at_s = slow_motion * (before.end_s + after.start_s) / 2
    each = " to ".join(_speed(one.times * slow_motion) for one in (before, after))
    return (
        f"The film's own speed changes about {at_s:.0f} s after its beginning, from {each}; strides of a slowed part "
        "are not trusted: cut it there and take each part alone, with --slow-motion where it is slowed."
    )


def _speed(times: float) -> str:
    return "that of life" if times < SLOWED else f"about {rounded(times):g} times slower"
