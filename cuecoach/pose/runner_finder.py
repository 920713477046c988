"""Selects the runner among the people in a picture: the one whose legs stride while the hips stay in place. Pure.

Does not track bodies (`body_tracker.py`), and whether the runner runs or walks is gait's question. Rules, in this
order:

1. Who strides in place is the runner and stays it, whoever else comes near, until gone from the picture or from the
   place, or at rest while somebody else strides. Of several who stride alike the largest: the others are reflections
   or neighbours.
2. Once there has been a runner, nobody else is reported: not the coach beside the treadmill, not who passes.
3. Before that, who is alone in the picture is reported, so that gait can say that somebody stands or walks. Of several
   it is who already strides; while nobody does, nobody is reported, for nobody knows which of them will run.
4. Between two people there is always a pause, so that nobody's legs are joined to another's; so there is while two
   stand in one place.

Limits are in the sizes of `body_tracker` and are engineering choices, written beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from cuecoach.pose.base import Candidate
from cuecoach.pose.body_tracker import MEMORY_S, BodyMotion, BodyTrack, BodyTracker, Point, body_of

# Feet relative to hips, sizes/s (measured): standing below 0.2, walking at 1.2 m/s 0.9, running at 2.8 m/s 1.2 to 1.7.
_FOOT_SPEED_MIN = 0.4
_CROSSING_MIN = 0.05  # sizes each foot comes past the other; feet that part and close, as in a jumping jack, never do
_HIP_RANGE_MAX = 0.25  # sizes: strip of the hips in a second. The slowest walk through a picture needs 0.6
_SIZE_CHANGE_MAX = 0.15  # share of size: who walks towards the camera is not in place either
_PROOF_S = 0.8  # striding must have lasted this long, unless it is where the runner was before
_SIMILAR = 0.6  # who moves the feet at least this share as fast as the fastest strides alike
_LEFT_PLACE = 0.75  # sizes from the place of running at which the runner has left it: about a metre
_SAME_PLACE = 0.5  # sizes from it within which somebody is where the runner was
_DRIFT_MAX = 0.18  # sizes in 0.3 s: faster than anybody drifts on a belt
_PLACE_TIME_CONSTANT_S = 5.0  # with which the place of running follows the runner
_REST_S = 3.0  # a runner who has stood this long is no longer the runner once somebody else strides
_SEVERAL_S = 3.0  # so long after several people were seen nobody knows which of them is left
_LASTING_S = 0.1  # a second person found for less than this is a slip of the detector
_CLEARLY = 2.0  # before it is proven, who strides within limits so much narrower is reported after half a second
_PAUSE_S = 0.3


class RunnerFinder:
    """Says for each picture which candidate is the runner."""

    def __init__(self) -> None:
        self._tracker = BodyTracker()
        self._runner: BodyTrack | None = None
        self._several_until_s = -math.inf
        self._last_reported: BodyTrack | None = None
        self._last_reported_s = -math.inf
        self._somebody_ran = False
        self._striding_since_s: dict[BodyTrack, float] = {}
        self._place_x_px = 0.0
        self._last_strode_s = self._last_moved_s = -math.inf
        self._pause_until_s = -math.inf
        self._merged_until_s = -math.inf

    def update(self, t_s: float, candidates: Sequence[Candidate], image_size_px: tuple[int, int]) -> Candidate | None:
        """Return the runner among `candidates`, None when the runner is not there (or not known).

        Parameters
        ----------
        t_s : float
            Time of the picture; rises.
        candidates : sequence of Candidate
            Everybody found, in any order, the same person twice included.
        image_size_px : (int, int)
            Width and height.
        """
        self._tracker.update(t_s, candidates, image_size_px)
        if self._tracker.merged:
            self._merged_until_s = t_s + _PAUSE_S
        elif self._seen_apart():
            self._merged_until_s = -math.inf
        self._note_who_strides(t_s)
        self._keep_or_release(t_s)
        if self._runner is None:
            self._adopt(t_s)
        track = self._runner or self._before_anybody_ran(t_s)
        if track is None or track.candidate is None:
            return None
        if self._runner is not None and track.drift() > _DRIFT_MAX:
            return None  # the detector has jumped to somebody who walks by, or the runner steps off
        if track is not self._last_reported:
            if self._last_reported is not None:
                self._pause_until_s = max(self._pause_until_s, self._last_reported_s + _PAUSE_S)
            self._last_reported = track
        if t_s < max(self._pause_until_s, self._merged_until_s):
            return None
        self._last_reported_s = t_s
        return track.candidate

    def hidden_at(
        self, t_s: float, candidates: Sequence[Candidate], image_size_px: tuple[int, int]
    ) -> tuple[Point, float] | None:
        """Return mid-hip and size, in pixels, of a runner who is not among `candidates` while others are.

        Another look there may find the runner behind them. None when nobody is hidden; parameters as of `update`.
        """
        runner = self._runner
        if runner is None or not candidates or t_s - runner.last_s > MEMORY_S:
            return None
        if any(self.may_be_runner(t_s, candidate, image_size_px) for candidate in candidates):
            return None
        return runner.hip_px, runner.size_px

    def may_be_runner(self, t_s: float, candidate: Candidate, image_size_px: tuple[int, int]) -> bool:
        """Tell whether a candidate is where the runner must be now, and of the runner's size."""
        body = body_of(candidate, image_size_px)
        return self._runner is not None and body is not None and self._runner.misfit(body, t_s) <= 1.0

    def _seen_apart(self) -> bool:
        """Tell whether the runner and everybody who was seen beside the runner are found again, each in their place."""
        runner = self._runner
        return (
            runner is not None
            and runner.candidate is not None
            and all(t.candidate is not None for t in self._tracker.tracks if t.number in runner.seen_beside)
        )

    def _note_who_strides(self, t_s: float) -> None:
        """Note since when each body strides in place."""
        self._striding_since_s = {
            track: self._striding_since_s.get(track, t_s)
            for track in self._tracker.tracks
            if track.candidate is not None and _strides_in_place(track.motion())
        }

    def _keep_or_release(self, t_s: float) -> None:
        """Follow the runner's place; have no runner once gone, elsewhere, or at rest beside somebody who strides."""
        runner = self._runner
        if runner is None:
            return
        if (
            runner not in self._tracker.tracks
            or abs(runner.hip_px[0] - self._place_x_px) > _LEFT_PLACE * runner.size_px
        ):
            self._runner = None
            return
        if runner in self._striding_since_s:
            share = min(1.0, (t_s - self._last_strode_s) / _PLACE_TIME_CONSTANT_S)
            self._place_x_px += share * (runner.hip_px[0] - self._place_x_px)
            self._last_strode_s = self._last_moved_s = t_s
        elif (motion := runner.motion()) is None or motion.foot_speed_per_s >= _FOOT_SPEED_MIN:
            self._last_moved_s = t_s  # half hidden, a runner strides in no clear way, but does not rest either
        elif t_s - self._last_moved_s > _REST_S and any(
            t_s - since_s >= _PROOF_S for since_s in self._striding_since_s.values()
        ):
            self._runner = None

    def _adopt(self, t_s: float) -> None:
        """Make whoever strides in place the runner."""
        for track in self._striding():
            same_place = abs(track.hip_px[0] - self._place_x_px) < _SAME_PLACE * track.size_px
            if (self._somebody_ran and same_place) or t_s - self._striding_since_s[track] >= _PROOF_S:
                self._runner = track
                self._somebody_ran = True
                self._place_x_px = track.hip_px[0]
                self._last_strode_s = self._last_moved_s = t_s
                return

    def _striding(self) -> list[BodyTrack]:
        """Return those who stride in place about as fast as the fastest, largest first."""
        return _fastest({t: motion for t in self._striding_since_s if (motion := t.motion()) is not None})

    def _before_anybody_ran(self, t_s: float) -> BodyTrack | None:
        """Return whom to report before anybody has run."""
        if self._somebody_ran:
            return None
        seen = [track for track in self._tracker.tracks if track.candidate is not None]
        if sum(track.age_s >= _LASTING_S for track in seen) > 1:
            self._several_until_s = t_s + _SEVERAL_S
        if len(seen) == 1 and t_s >= self._several_until_s:
            return seen[0]
        soon = {track: motion for track in seen if _strides_in_place(motion := track.motion_soon(), _CLEARLY)}
        return next(iter(_fastest(soon)), None)


def _fastest(motions: Mapping[BodyTrack, BodyMotion]) -> list[BodyTrack]:
    """Return those whose feet move about as fast as the fastest ones, largest first."""
    fastest = max((motion.foot_speed_per_s for motion in motions.values()), default=0.0)
    alike = [track for track, motion in motions.items() if motion.foot_speed_per_s >= _SIMILAR * fastest]
    return sorted(alike, key=lambda track: -track.size_px)


def _strides_in_place(motion: BodyMotion | None, clearly: float = 1.0) -> TypeGuard[BodyMotion]:
    """Tell whether this is striding in place; `clearly`: by limits so many times as narrow."""
    return (
        motion is not None
        and motion.legs_seen
        and motion.foot_speed_per_s >= clearly * _FOOT_SPEED_MIN
        and motion.feet_crossing >= clearly * _CROSSING_MIN
        and motion.hip_range <= _HIP_RANGE_MAX / clearly
        and motion.size_change <= _SIZE_CHANGE_MAX / clearly
    )
