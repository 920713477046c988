"""The voice of a session that begins without a sound device: silent until the first one is there."""

from __future__ import annotations

from cuecoach.types import UtteranceEvent
from cuecoach.voice.base import Utterance
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.silent_voice import SilentVoice


class FallbackVoice:
    """Passes utterances to `silent` until `player` has found a device, to `player` from then on; see `base.Voice`."""

    def __init__(self, player: Player, silent: SilentVoice) -> None:
        self._player = player
        self._silent = silent

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        voice = self._silent if self._player.unavailable else self._player
        voice.say(utterance)

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.set_metronome`."""
        self._player.set_metronome(cadence_spm, from_s)

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        return _by_time(self._silent.poll(t_s) + self._player.poll(t_s))

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        return self._silent.notices() + self._player.notices()

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`."""
        return _by_time(self._silent.close(t_s) + self._player.close(t_s))


def _by_time(events: tuple[UtteranceEvent, ...]) -> tuple[UtteranceEvent, ...]:
    return tuple(sorted(events, key=lambda event: event.t_s))
