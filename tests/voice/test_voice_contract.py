"""Every voice keeps `voice.base.Voice`: in virtual time, into a file, and on a real sound server."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cuecoach.types import UtteranceEvent, UtteranceState
from cuecoach.voice.base import RATE_HZ, Clip, Utterance, Voice
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.playback.wav_writer import WavWriter


class Session:
    """Drives a voice as a session does: frame after frame, by the wall clock or not."""

    def __init__(self, make: Callable[[float], Voice], live: bool) -> None:
        self.epoch_s = time.monotonic()
        self.voice = make(self.epoch_s)
        self.live = live
        self.t_s = time.monotonic() - self.epoch_s if live else 0.0
        self.heard: list[UtteranceEvent] = []

    def run(self, duration_s: float) -> None:
        end_s = self.t_s + duration_s
        while self.t_s < end_s:
            if self.live:
                time.sleep(0.02)
            self.t_s = time.monotonic() - self.epoch_s if self.live else self.t_s + 1 / 30
            self.heard += self.voice.poll(self.t_s)

    def run_until_ended(self, count: int, limit_s: float = 10.0) -> None:
        end_s = self.t_s + limit_s
        while len(self.states(UtteranceState.FINISHED, UtteranceState.DROPPED)) < count and self.t_s < end_s:
            self.run(0.1)

    def states(self, *states: UtteranceState) -> list[UtteranceEvent]:
        return [event for event in self.heard if event.state in states]


@pytest.fixture(params=["silent", "file", "device"])
def session(request: pytest.FixtureRequest, clips: dict[str, Clip], tmp_path: Path) -> Iterator[Session]:
    if request.param == "device":
        request.getfixturevalue("sound_server")
        session = Session(lambda epoch_s: Player(clips, epoch_s), live=True)
    elif request.param == "file":
        session = Session(
            lambda _: RecordingVoice(SilentVoice(clips), clips, WavWriter(tmp_path / "out.wav")), live=False
        )
    else:
        session = Session(lambda _: SilentVoice(clips), live=False)
    yield session
    session.voice.close(session.t_s)


def test_a_cue_is_queued_then_started_then_finished(session: Session, clips: dict[str, Clip]) -> None:
    session.run(0.2)
    decided_s = session.t_s
    session.voice.say(Utterance(7, "b", decided_s, decided_s + 5))
    session.run_until_ended(1)
    assert [event.state for event in session.heard] == [
        UtteranceState.QUEUED,
        UtteranceState.STARTED,
        UtteranceState.FINISHED,
    ]
    assert {(event.utterance, event.cue_id) for event in session.heard} == {(7, "b")}
    queued, started, finished = session.heard
    assert queued.t_s == decided_s
    assert decided_s <= started.t_s <= decided_s + 5
    length_s = clips["b"].samples.size / RATE_HZ
    assert length_s - 0.05 <= finished.t_s - started.t_s <= length_s + 0.5  # a busy machine may hold a device up
    assert len({event.output for event in session.heard}) == 1


def test_cues_never_overlap_and_keep_their_order(session: Session) -> None:
    session.run(0.1)
    for utterance, cue_id in enumerate("abca"):
        session.voice.say(Utterance(utterance, cue_id, session.t_s, session.t_s + 20))
    session.run_until_ended(4)
    sounding = [(e.state, e.utterance) for e in session.heard if e.state is not UtteranceState.QUEUED]
    assert sounding == [(state, n) for n in range(4) for state in (UtteranceState.STARTED, UtteranceState.FINISHED)]
    times = [event.t_s for event in session.heard if event.state is not UtteranceState.QUEUED]
    assert times == sorted(times)


def test_what_cannot_begin_in_time_is_dropped_and_the_next_is_said(session: Session) -> None:
    session.run(0.1)
    session.voice.say(Utterance(0, "a", session.t_s, session.t_s + 5))
    session.voice.say(Utterance(1, "b", session.t_s, session.t_s + 0.01))
    session.voice.say(Utterance(2, "c", session.t_s, session.t_s + 5))
    session.run_until_ended(3)
    ends = {
        event.utterance: (event.state, event.detail)
        for event in session.states(UtteranceState.FINISHED, UtteranceState.DROPPED)
    }
    assert ends[0][0] is ends[2][0] is UtteranceState.FINISHED
    assert ends[1] == (UtteranceState.DROPPED, "expired")
    assert [event.utterance for event in session.states(UtteranceState.STARTED)] == [0, 2]


def test_a_cue_without_a_clip_is_dropped(session: Session) -> None:
    session.voice.say(Utterance(0, "no such cue", session.t_s, session.t_s + 5))
    session.run_until_ended(1)
    assert [(event.state, event.detail) for event in session.heard] == [
        (UtteranceState.QUEUED, ""),
        (UtteranceState.DROPPED, "no clip"),
    ]


def test_closing_ends_every_cue_once(session: Session) -> None:
    session.run(0.1)
    for utterance, cue_id in enumerate("abc"):
        session.voice.say(Utterance(utterance, cue_id, session.t_s, session.t_s + 20))
    session.run(0.1)
    session.heard += session.voice.close(session.t_s)
    assert session.voice.close(session.t_s) == ()
    by_utterance = defaultdict(list)
    for event in session.heard:
        by_utterance[event.utterance].append(event)
    assert set(by_utterance) == {0, 1, 2}
    for events in by_utterance.values():
        assert [event.state in (UtteranceState.FINISHED, UtteranceState.DROPPED) for event in events].count(True) == 1
        assert events[-1].state in (UtteranceState.FINISHED, UtteranceState.DROPPED)
        assert [event.t_s for event in events] == sorted(event.t_s for event in events)
    assert by_utterance[2][-1].state is UtteranceState.DROPPED
    assert by_utterance[2][-1].detail == "session ended"


def test_a_quiet_session_has_nothing_to_tell(session: Session) -> None:
    session.run(0.3)
    assert session.heard == []
    assert session.voice.notices() == ()
    assert session.voice.close(session.t_s) == ()
