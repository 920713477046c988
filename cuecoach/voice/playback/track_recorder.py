"""Everything a voice says, and its clicks, put on a track of the session's time line: a sound file, a film.

Wraps any voice and changes nothing but where unheard words sounded. Writes nothing itself (`wavfile.py`, the film do).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from cuecoach.types import AudioOutput, UtteranceEvent, UtteranceState
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Clip, SoundTrack, Utterance, Voice
from cuecoach.voice.playback.clicks import Beat, level
from cuecoach.voice.settings import VoiceSettings

_TOLD_S = 0.25  # by then a device has told when words began: only then is it known how loud a click was


class TrackRecorder:
    """A voice that puts what another voice says on a track; see `base.Voice`.

    What the other voice said on "nothing" is reported as said on "file", for as long as the track works. `settings` say
    how loud a click is.
    """

    def __init__(
        self, voice: Voice, clips: Mapping[str, Clip], track: SoundTrack, settings: VoiceSettings | None = None
    ) -> None:
        self._voice = voice
        self._clips = clips
        self._track = track
        self._words: dict[int, tuple[float, float]] = {}  # start and end of the latest utterances
        settings = settings or VoiceSettings()
        self._click = audio_processing.click(settings.gain_db + settings.metronome_db)
        self._beat_spm: float | None = None
        self._beat: Beat | None = None
        self._next_beat: Beat | None = None  # counts from the next poll on, for until then another one sounded
        self._ticked_s = 0.0
        self._clicks: deque[float] = deque([-math.inf])  # the last one written, then those not written yet

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        self._voice.say(utterance)

    def beat(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.beat`. Clicks are written whether or not a device makes them."""
        self._voice.beat(cadence_spm, from_s)
        if cadence_spm != self._beat_spm:
            self._beat_spm = cadence_spm
            self._next_beat = None if cadence_spm is None else Beat(60.0 / cadence_spm, from_s)

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        heard = tuple(map(self._write, self._voice.poll(t_s)))
        self._tick(t_s)
        self._write_clicks(t_s - _TOLD_S)
        self._track.reach(t_s)
        return heard

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        return self._voice.notices() + self._track.notices()

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`."""
        heard = tuple(map(self._write, self._voice.close(t_s)))
        self._tick(t_s)
        self._write_clicks(t_s)
        self._track.close(t_s)
        return heard

    def _write(self, event: UtteranceEvent) -> UtteranceEvent:
        clip = self._clips.get(event.cue_id)
        if event.state is UtteranceState.STARTED and clip is not None:
            self._track.add(event.t_s, clip.samples)
            self._words[event.utterance] = event.t_s, event.t_s + clip.samples.size / RATE_HZ
        if event.state is UtteranceState.DROPPED and clip is not None and event.utterance in self._words:
            start_s, _ = self._words[event.utterance]
            cut = round(event.t_s * RATE_HZ) - round(start_s * RATE_HZ)
            self._track.add(event.t_s, -clip.samples[cut:])
            self._words[event.utterance] = start_s, event.t_s
        unheard = event.output is AudioOutput.NOTHING
        return replace(event, output=AudioOutput.FILE) if unheard and self._track.works else event

    def _tick(self, t_s: float) -> None:
        """Note the clicks from the last poll until `t_s`."""
        while self._beat is not None and (next_s := self._beat.next_s(self._ticked_s, self._clicks[-1])) < t_s:
            self._clicks.append(next_s)
        self._ticked_s, self._beat = t_s, self._next_beat

    def _write_clicks(self, until_s: float) -> None:
        while len(self._clicks) > 1 and self._clicks[1] < until_s:
            self._clicks.popleft()
            at_s = self._clicks[0]
            since_words_s = min((at_s - end for start, end in self._words.values() if start <= at_s), default=math.inf)
            self._track.add(at_s, self._click * np.float32(level(since_words_s)))
        self._words = {number: words for number, words in self._words.items() if words[1] > until_s - 1.0}
