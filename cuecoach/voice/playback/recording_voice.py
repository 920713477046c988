"""A voice whose words and clicks are also written into a sound file or a film.

Wraps any voice and changes nothing but where unheard words sounded. The writing itself is `wav_writer.py`'s and the
film's.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from cuecoach.types import AudioOutput, UtteranceEvent, UtteranceState
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Clip, SoundWriter, Utterance, Voice
from cuecoach.voice.playback.clicks import ClickGrid, click_gain
from cuecoach.voice.settings import VoiceSettings

_REPORTED_S = 0.25  # by then a device has reported when words began: only then is it known how loud a click was


class RecordingVoice:
    """Passes everything on to `voice` and hands what sounds to `writer`; see `base.Voice`.

    What `voice` played on nothing is reported as played on a file, for as long as the writer is writable. `settings`
    say how loud a click is.
    """

    def __init__(
        self, voice: Voice, clips: Mapping[str, Clip], writer: SoundWriter, settings: VoiceSettings | None = None
    ) -> None:
        self._voice = voice
        self._clips = clips
        self._writer = writer
        self._spans_s: dict[int, tuple[float, float]] = {}  # start and end of the latest utterances
        settings = settings or VoiceSettings()
        self._click = audio_processing.click(settings.gain_db + settings.metronome_db)
        self._cadence_spm: float | None = None
        self._grid: ClickGrid | None = None
        self._next_grid: ClickGrid | None = None  # holds from the next poll on, for until then the other one sounded
        self._polled_s = 0.0
        self._clicks_s: deque[float] = deque([-math.inf])  # the last one written, then those not written yet

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        self._voice.say(utterance)

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.set_metronome`. Clicks are written whether or not a device makes them."""
        self._voice.set_metronome(cadence_spm, from_s)
        if cadence_spm != self._cadence_spm:
            self._cadence_spm = cadence_spm
            self._next_grid = ClickGrid.of_cadence(cadence_spm, from_s)

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`."""
        events = tuple(map(self._write_words, self._voice.poll(t_s)))
        self._note_clicks(t_s)
        self._write_clicks(t_s - _REPORTED_S)
        self._writer.extend(t_s)
        return events

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        return self._voice.notices() + self._writer.notices()

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`."""
        events = tuple(map(self._write_words, self._voice.close(t_s)))
        self._note_clicks(t_s)
        self._write_clicks(t_s)
        self._writer.close(t_s)
        return events

    def _write_words(self, event: UtteranceEvent) -> UtteranceEvent:
        """Write the clip of an utterance that has begun, and take back the rest of one that was cut."""
        clip = self._clips.get(event.cue_id)
        if event.state is UtteranceState.STARTED and clip is not None:
            self._writer.add(event.t_s, clip.samples)
            self._spans_s[event.utterance] = event.t_s, event.t_s + clip.samples.size / RATE_HZ
        if event.state is UtteranceState.DROPPED and clip is not None and event.utterance in self._spans_s:
            start_s, _ = self._spans_s[event.utterance]
            cut = round(event.t_s * RATE_HZ) - round(start_s * RATE_HZ)
            self._writer.add(event.t_s, -clip.samples[cut:])
            self._spans_s[event.utterance] = start_s, event.t_s
        unheard = event.output is AudioOutput.NOTHING
        return replace(event, output=AudioOutput.FILE) if unheard and self._writer.writable else event

    def _note_clicks(self, t_s: float) -> None:
        """Note the clicks from the last poll until `t_s`."""
        while self._grid is not None and (next_s := self._grid.next_s(self._polled_s, self._clicks_s[-1])) < t_s:
            self._clicks_s.append(next_s)
        self._polled_s, self._grid = t_s, self._next_grid

    def _write_clicks(self, until_s: float) -> None:
        while len(self._clicks_s) > 1 and self._clicks_s[1] < until_s:
            self._clicks_s.popleft()
            at_s = self._clicks_s[0]
            since_words_s = min(
                (at_s - end for start, end in self._spans_s.values() if start <= at_s), default=math.inf
            )
            self._writer.add(at_s, self._click * np.float32(click_gain(since_words_s)))
        self._spans_s = {number: span for number, span in self._spans_s.items() if span[1] > until_s - 1.0}
