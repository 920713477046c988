"""The voice of a session that begins without a sound device: silent until the first one is there.

Owns the change from the one voice to the other, and nothing of either.
"""

from __future__ import annotations

from cuecoach.types import UtteranceEvent
from cuecoach.voice.base import Utterance
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.silent import SilentVoice


class FallbackVoice:
    """Says cues on the time line until `player` has found a device, and there from then on; see `base.Voice`."""

    def __init__(self, player: Player, timeline: SilentVoice) -> None:
        self._player = player
        self._timeline = timeline

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        voice = self._timeline if self._player.missing else self._player
        voice.say(utterance)

    def beat(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.beat`."""
        self._player.beat(cadence_spm, from_s)

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        return _in_order(self._timeline.poll(t_s) + self._player.poll(t_s))

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        return self._timeline.notices() + self._player.notices()

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`."""
        return _in_order(self._timeline.close(t_s) + self._player.close(t_s))


def _in_order(heard: tuple[UtteranceEvent, ...]) -> tuple[UtteranceEvent, ...]:
    return tuple(sorted(heard, key=lambda event: event.t_s))
