"""Which one fault is being worked on: the focus, held from its first cue until it is over, or given up.

Owns the order of faults and the time for which the focus is held. Knows no words and no situation.
"""

from __future__ import annotations

from collections.abc import Sequence

from cuecoach.coach.fault_tracker import CueState, FaultTracker
from cuecoach.coach.policy import CoachSettings


class Focus:
    """The fault that was cued last, while it is held. `trackers` are those of the pack's order, most important first.

    The focus is dropped when it has not been evident for `focus_dwell_s`, or is given up.
    """

    def __init__(self, trackers: Sequence[FaultTracker], settings: CoachSettings) -> None:
        self._trackers = trackers
        self._dwell_s = settings.focus_dwell_s
        self.current: FaultTracker | None = None

    def candidate(self, now_s: float, step: int, *, asked: bool) -> FaultTracker | None:
        """Return the one fault that may be spoken about: the focus, or else the first that persists.

        A runner who asked is told about a fault that persists, though the focus is still held for one that does not.
        `step` counts the steps of the session.
        """
        if self.current and not self._is_open(self.current, now_s, step):
            self.current = None
        if self.current and (self.current.persists or not asked):
            return self.current
        persisting = (tracker for tracker in self._trackers if tracker.persists)
        return next((tracker for tracker in persisting if self._is_open(tracker, now_s, step)), None)

    def _is_open(self, tracker: FaultTracker, now_s: float, step: int) -> bool:
        recent = now_s - tracker.last_evident_s <= self._dwell_s
        return recent and tracker.cue_state(now_s, step) is not CueState.GIVEN_UP
