"""When words are said again, from which side they are heard, and how long they are shown."""

from __future__ import annotations

import numpy as np
import pytest

from cuecoach.gait.gait import GaitStep
from cuecoach.pipeline.pose_frames import SeenFrame
from cuecoach.session.commands import RunnerControls
from cuecoach.session.display import Display
from cuecoach.session.settings import SessionSettings
from cuecoach.session.utterances import Utterances
from cuecoach.types import (
    Activity,
    AttentionFocus,
    AudioOutput,
    Cue,
    Decision,
    Kind,
    Legs,
    PoseFrame,
    Reason,
    Side,
    UtteranceEvent,
    UtteranceState,
)
from cuecoach.voice.base import Utterance
from cuecoach.voice.playback.silent_voice import SilentVoice

CUE = Cue("lazy-heel.short", "pull under", AttentionFocus.EXTERNAL)
DECISION = Decision(10.0, True, Kind.FAULT, Reason.DUE, "lazy-heel", Side.LEFT, CUE, (1, 2), 11.5, 10.3)


class Asked(SilentVoice):
    def __init__(self) -> None:
        super().__init__({})
        self.utterances: list[Utterance] = []

    def say(self, utterance: Utterance) -> None:
        self.utterances.append(utterance)


def legs(left_trust: float, right_trust: float) -> Legs:
    trust = np.array([left_trust, right_trust])
    return Legs(10.0, 300, np.zeros((2, 5, 2)), trust, np.zeros((2, 2)), 1, Side.LEFT)


def test_a_decision_is_said_as_it_was_decided_and_its_events_are_known_by_number() -> None:
    voice = Asked()
    utterances = Utterances(voice)
    silent = Decision(9.0, False, Kind.FAULT, Reason.MUTED, "flick", None, None)
    assert utterances.say(silent) is None
    assert [utterances.say(DECISION, legs(1.0, 1.0)), utterances.say(DECISION)] == [0, 1]
    assert voice.utterances[0] == Utterance(0, CUE.id, 10.0, 11.5, 10.3, Side.LEFT)
    event = UtteranceEvent(1, CUE.id, UtteranceState.STARTED, 10.3, AudioOutput.NOTHING)
    assert utterances.fault_of(event) == "lazy-heel"


@pytest.mark.parametrize(
    ("seen", "side"),
    [(legs(0.6, 0.6), Side.LEFT), (legs(0.59, 1.0), None), (legs(1.0, 0.59), None), (None, None)],
)
def test_words_come_from_a_side_only_while_left_and_right_are_sure(seen: Legs | None, side: Side | None) -> None:
    voice = Asked()
    Utterances(voice).say(DECISION, seen)
    assert voice.utterances[0].side is side


@pytest.mark.parametrize(("after_s", "said"), [(0.5, True), (20.0, True), (20.1, False)])
def test_words_are_said_again_for_twenty_seconds(after_s: float, said: bool) -> None:
    voice = Asked()
    utterances = Utterances(voice)
    assert utterances.repeat(1.0) is None
    utterances.say(DECISION)
    now_s = DECISION.t_s + after_s
    assert utterances.repeat(now_s) == (CUE.text if said else None)
    again = voice.utterances[1:]
    assert again == ([Utterance(1, CUE.id, now_s, now_s + 5.0)] if said else [])


def test_words_said_again_do_not_become_younger() -> None:
    utterances = Utterances(Asked())
    utterances.say(DECISION)
    assert utterances.repeat(29.0)
    assert utterances.repeat(31.0) is None


@pytest.mark.parametrize(("t_s", "shown"), [(10.0, CUE.text), (13.9, CUE.text), (14.0, None)])
def test_words_are_shown_for_four_seconds(t_s: float, shown: str | None) -> None:
    display = Display((640, 480))
    display.show_cue(CUE.text, 10.0)
    step = GaitStep(None, (), (), Activity.RUNNING, False, None)
    state = display.state(SeenFrame(PoseFrame(t_s, 300, None), None), step, RunnerControls(SessionSettings()))
    assert (state.t_s, state.cue_text) == (t_s, shown)
