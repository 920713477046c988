"""The voice that makes no sound: utterances take the time of their clips on the session's own clock.

For sources that do not run by the wall clock, and for machines without a device. Everything it reports follows from its
clips and the calls alone, so a session with it can be replayed.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cuecoach.types import AudioOutput, UtteranceEvent, UtteranceState
from cuecoach.voice.base import RATE_HZ, Clip, Utterance


class SilentVoice:
    """Lets each utterance begin as soon as the one before has ended; see `base.Voice`."""

    def __init__(self, clips: Mapping[str, Clip], notices: Sequence[str] = ()) -> None:
        self._clips = clips
        self._notices = tuple(notices)
        self._free_s = float("-inf")  # when the last clip ends
        self._planned: list[tuple[float, int, UtteranceEvent]] = []  # heap by time, then by order
        self._order = itertools.count()

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        decided_s, expires_s = utterance.decided_s, utterance.expires_s
        self._plan(utterance, UtteranceState.QUEUED, decided_s)
        clip = self._clips.get(utterance.cue_id)
        start_s = max(decided_s, self._free_s, decided_s if utterance.start_s is None else utterance.start_s)
        if clip is None:
            self._plan(utterance, UtteranceState.DROPPED, decided_s, "no clip")
        elif start_s > expires_s:
            self._plan(utterance, UtteranceState.DROPPED, max(decided_s, expires_s), "expired")
        else:
            self._free_s = start_s + clip.samples.size / RATE_HZ
            self._plan(utterance, UtteranceState.STARTED, start_s)
            self._plan(utterance, UtteranceState.FINISHED, self._free_s)

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.set_metronome`: nothing clicks here."""

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        events = []
        while self._planned and self._planned[0][0] <= t_s:
            events.append(heapq.heappop(self._planned)[2])
        return tuple(events)

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        notices, self._notices = self._notices, ()
        return notices

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`. A cue that has begun is said to its end; one that has not is dropped."""
        events = list(self.poll(t_s))
        waiting = {event.utterance for _, _, event in self._planned if event.state is UtteranceState.STARTED}
        for _, _, event in sorted(self._planned):
            if event.utterance not in waiting:
                events.append(event)
            elif event.state is UtteranceState.STARTED:
                events.append(replace(event, state=UtteranceState.DROPPED, t_s=t_s, detail="session ended"))
        self._planned.clear()
        return tuple(sorted(events, key=lambda event: event.t_s))

    def _plan(self, utterance: Utterance, state: UtteranceState, t_s: float, detail: str = "") -> None:
        event = UtteranceEvent(utterance.number, utterance.cue_id, state, t_s, AudioOutput.NOTHING, detail)
        heapq.heappush(self._planned, (t_s, next(self._order), event))
