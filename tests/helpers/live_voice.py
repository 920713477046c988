"""A live session around a player: what tests of sound that plays share."""

from __future__ import annotations

import time
from collections.abc import Callable

from cuecoach.types import UtteranceEvent, UtteranceState
from cuecoach.voice.base import Clip, Utterance
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.recording_voice import RecordingVoice


class Live:
    """A live session around a player, polled as often as frames come."""

    def __init__(self, clips: dict[str, Clip], **settings: object) -> None:
        self.epoch_s = time.monotonic()
        self.player = Player(clips, self.epoch_s, **settings)
        self.voice: Player | RecordingVoice = self.player
        self.heard: list[UtteranceEvent] = []
        self.told: list[str] = []

    @property
    def t_s(self) -> float:
        return time.monotonic() - self.epoch_s

    def until(self, reached: Callable[[], bool], limit_s: float = 20.0) -> None:
        end_s = self.t_s + limit_s
        while not reached():
            assert self.t_s < end_s, (self.heard, self.told)
            time.sleep(0.02)
            self.poll()

    def pause(self, duration_s: float) -> None:
        end_s = self.t_s + duration_s
        self.until(lambda: self.t_s > end_s)

    def poll(self) -> None:
        self.heard += self.voice.poll(self.t_s)
        self.told += self.voice.notices()

    def say(self, utterance: int, cue_id: str, patience_s: float = 10.0) -> None:
        t_s = self.t_s
        self.voice.say(Utterance(utterance, cue_id, t_s, t_s + patience_s))

    def end_of(self, utterance: int) -> UtteranceEvent | None:
        ends = [
            e
            for e in self.heard
            if e.utterance == utterance and e.state in (UtteranceState.FINISHED, UtteranceState.DROPPED)
        ]
        assert len(ends) <= 1
        return ends[0] if ends else None

    def say_and_wait(self, utterance: int, cue_id: str = "a") -> UtteranceEvent:
        self.say(utterance, cue_id)
        self.until(lambda: self.end_of(utterance) is not None)
        end = self.end_of(utterance)
        assert end is not None
        return end

    def pid(self) -> int:
        run = self.player._run
        assert run is not None
        return run.process.pid
