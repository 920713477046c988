"""The words of a session: gives each to the voice under a number, and knows for every number what decided it."""

from __future__ import annotations

from cuecoach.types import Decision, Side, UtteranceEvent
from cuecoach.voice.base import Utterance, Voice

REPEAT_AGE_MAX_S = 20.0  # words older than this are not said again
REPEAT_WAIT_S = 5.0  # words asked for again may wait for those that sound


class Utterances:
    """Everything said so far, in order."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._decisions: list[Decision] = []

    def say(self, decision: Decision, side: Side | None = None) -> int | None:
        """Say the cue of a decision from the side of a leg, None from both; return its number, None without a cue."""
        if decision.cue is None:
            return None
        number = len(self._decisions)
        self._decisions.append(decision)
        self._voice.say(Utterance(number, decision.cue.id, decision.t_s, decision.expires_s, decision.start_s, side))
        return number

    def repeat(self, now_s: float) -> str | None:
        """Say the last words again and return them; words about a stride of long ago may be wrong by now."""
        last = self._decisions[-1] if self._decisions else None
        if last is None or last.cue is None or now_s - last.t_s > REPEAT_AGE_MAX_S:
            return None
        self._voice.say(Utterance(len(self._decisions), last.cue.id, now_s, now_s + REPEAT_WAIT_S))
        self._decisions.append(last)
        return last.cue.text

    def fault_of(self, event: UtteranceEvent) -> str | None:
        """Return the fault that the words of an event are about."""
        return self._decisions[event.utterance].fault
