"""Who of several people is the runner: the one whose legs stride while the hips stay in place. Pure.

Owns the choice. Does not follow bodies (`bodies.py`) and does not know whether the runner runs or walks: that is
gait's. Rules, in this order:

1. Who strides in place is the runner and stays it, whoever else comes near, until gone from the picture or from the
   place, or at rest while somebody else strides. Of several who stride alike the largest: the others are reflections
   or neighbours.
2. Once there has been a runner, nobody else is reported: not the coach beside the treadmill, not who passes.
3. Before that, the first person seen is reported, so that gait can say that somebody stands or walks.
4. Between two people there is always a pause, so that nobody's legs are joined to another's; so there is while two
   stand in one place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cuecoach.pose.body_tracker import BodyMotion, BodyTrack, Candidate, Tracker

__all__ = ["Candidate", "RunnerFinder"]

# Feet relative to hips, sizes/s (measured): standing below 0.2, walking at 1.2 m/s 0.9, running at 2.8 m/s 1.2 to 1.7.
_STRIDES = 0.4
_CROSSES = 0.05  # sizes each foot comes past the other; feet that part and close, as in a jumping jack, never do
_IN_PLACE = 0.25  # sizes: strip of the hips in a second. The slowest walk through a picture needs 0.6
_GROWS = 0.15  # share of size: who walks towards the camera is not in place either
_PROOF_S = 0.8  # striding must have lasted this long, unless it is where the runner was before
_ALIKE = 0.6  # who moves the legs at least this share as fast as the fastest strides alike
_LEFT = 0.75  # sizes from the place of running at which the runner has left it: about a metre
_SAME_PLACE = 0.5  # sizes from it within which somebody is where the runner was
_SLIDES = 0.18  # sizes in 0.3 s: faster than anybody drifts on a belt
_PLACE_S = 5.0  # the place of running follows the runner with this time constant
_REST_S = 3.0  # a runner who has stood this long may lose the role to somebody who strides
_LOOK_S = 0.9  # with several people, look this long before one is reported: time enough to see who strides
_PAUSE_S = 0.3


class RunnerFinder:
    """Says for each picture which candidate is the runner."""

    def __init__(self) -> None:
        self._tracker = Tracker()
        self._runner: BodyTrack | None = None
        self._guess: BodyTrack | None = None
        self._last_told: BodyTrack | None = None
        self._somebody_ran = False
        self._since_s: dict[BodyTrack, float] = {}
        self._place_px = 0.0
        self._last_strode_s = -math.inf
        self._pause_until_s = -math.inf

    def update(self, t_s: float, candidates: Sequence[Candidate], image_size_px: tuple[int, int]) -> Candidate | None:
        """Return the runner among `candidates`, None when the runner is not there (or not known).

        Parameters
        ----------
        t_s : float
            Time of the picture; rises.
        candidates : sequence of Candidate
            Everybody found, in any order, doubles included.
        image_size_px : (int, int)
            Width and height.
        """
        self._tracker.update(t_s, candidates, image_size_px)
        if self._tracker.merged:
            self._pause_until_s = t_s + _PAUSE_S
        self._watch(t_s)
        self._keep_or_release(t_s)
        if self._runner is None:
            self._adopt(t_s)
        track = self._runner or self._guessed()
        if track is None or track.seen is None:
            return None
        if self._runner is not None and track.slid() > _SLIDES:
            return None  # carried off: the detector has jumped to somebody who walks by, or the runner steps off
        if track is not self._last_told:
            if self._last_told is not None:
                self._pause_until_s = t_s + _PAUSE_S
            self._last_told = track
        return track.seen if t_s >= self._pause_until_s else None

    def _keep_or_release(self, t_s: float) -> None:
        """Follow the runner's place; end the role when the runner is gone, elsewhere, or at rest beside a strider."""
        runner = self._runner
        if runner is None:
            return
        if runner not in self._tracker.tracks or abs(runner.hip_px[0] - self._place_px) > _LEFT * runner.size_px:
            self._runner = None
            return
        if runner in self._since_s:
            share = min(1.0, (t_s - self._last_strode_s) / _PLACE_S)
            self._place_px += share * (runner.hip_px[0] - self._place_px)
            self._last_strode_s = t_s
        elif t_s - self._last_strode_s > _REST_S and any(
            t_s - since_s >= _PROOF_S for since_s in self._since_s.values()
        ):
            self._runner = None

    def _adopt(self, t_s: float) -> None:
        """Give the role to whoever strides in place."""
        for track in self._striding():
            here = self._somebody_ran and abs(track.hip_px[0] - self._place_px) < _SAME_PLACE * track.size_px
            if here or t_s - self._since_s[track] >= _PROOF_S:
                self._runner = track
                self._somebody_ran = True
                self._place_px = track.hip_px[0]
                self._last_strode_s = t_s
                return

    def _striding(self) -> list[BodyTrack]:
        """Return those who stride in place as lively as the liveliest, largest first."""
        lively = {track: m.stir_per_s for track in self._since_s if (m := track.movement()) is not None}
        most = max(lively.values(), default=0.0)
        return sorted((t for t in lively if lively[t] >= _ALIKE * most), key=lambda t: -t.size_px)

    def _watch(self, t_s: float) -> None:
        """Note since when each body strides."""
        self._since_s = {
            track: self._since_s.get(track, t_s)
            for track in self._tracker.tracks
            if track.seen is not None and _strides(track.movement())
        }

    def _guessed(self) -> BodyTrack | None:
        """Return whom to report before anybody has run."""
        if self._somebody_ran:
            return None
        tracks = self._tracker.tracks
        if self._guess not in tracks:
            seen = [track for track in tracks if track.seen is not None]
            ready = seen if len(seen) == 1 else [track for track in seen if track.age_s >= _LOOK_S]
            self._guess = max(ready, key=lambda track: (track in self._since_s, track.size_px), default=None)
        return self._guess


def _strides(movement: BodyMotion | None) -> bool:
    return (
        movement is not None
        and movement.legs_seen
        and movement.stir_per_s >= _STRIDES
        and movement.crossing >= _CROSSES
        and movement.roam <= _IN_PLACE
        and movement.growth <= _GROWS
    )
