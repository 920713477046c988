"""The silent voice: cues take their time on the session's own time line, with no clock and no device.

For sources that do not run by the wall clock, and for machines without a device. Makes no sound and writes nothing
(`recorder.py` does); everything it reports follows from its clips and the calls alone, so it can be replayed.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence

from cuecoach.types import Side, Sound, UtteranceEvent
from cuecoach.voice.base import RATE_HZ, Clip

ON = "nothing"


class SilentVoice:
    """Says clips in virtual time: each as soon as the one before has ended. See `base.Voice`."""

    def __init__(self, clips: Mapping[str, Clip], notices: Sequence[str] = ()) -> None:
        self._clips = clips
        self._notices = tuple(notices)
        self._free_s = float("-inf")  # when the last clip ends
        self._coming: list[tuple[float, int, UtteranceEvent]] = []  # heap by time, then by order
        self._order = itertools.count()

    def say(
        self,
        utterance: int,
        cue_id: str,
        t_s: float,
        expires_s: float,
        start_s: float | None = None,
        side: Side | None = None,  # noqa: ARG002 - the time line has no sides
    ) -> None:
        """See `base.Voice.say`."""
        self._plan(UtteranceEvent(utterance, cue_id, Sound.QUEUED, t_s, ON))
        clip = self._clips.get(cue_id)
        start_s = max(t_s, self._free_s, t_s if start_s is None else start_s)
        if clip is None:
            self._plan(UtteranceEvent(utterance, cue_id, Sound.DROPPED, t_s, ON, "no clip"))
        elif start_s > expires_s:
            self._plan(UtteranceEvent(utterance, cue_id, Sound.DROPPED, max(t_s, expires_s), ON, "expired"))
        else:
            self._free_s = start_s + clip.samples.size / RATE_HZ
            self._plan(UtteranceEvent(utterance, cue_id, Sound.STARTED, start_s, ON))
            self._plan(UtteranceEvent(utterance, cue_id, Sound.FINISHED, self._free_s, ON))

    def beat(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.beat`: nothing clicks here."""

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        heard = []
        while self._coming and self._coming[0][0] <= t_s:
            heard.append(heapq.heappop(self._coming)[2])
        return tuple(heard)

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        notices, self._notices = self._notices, ()
        return notices

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`. A cue that has begun is said to its end; one that has not is dropped."""
        heard = list(self.poll(t_s))
        waiting = {event.utterance for _, _, event in self._coming if event.state is Sound.STARTED}
        for _, _, event in sorted(self._coming):
            if event.utterance not in waiting:
                heard.append(event)
            elif event.state is Sound.STARTED:
                heard.append(UtteranceEvent(event.utterance, event.cue_id, Sound.DROPPED, t_s, ON, "session ended"))
        self._coming.clear()
        return tuple(sorted(heard, key=lambda event: event.t_s))

    def _plan(self, event: UtteranceEvent) -> None:
        heapq.heappush(self._coming, (event.t_s, next(self._order), event))
