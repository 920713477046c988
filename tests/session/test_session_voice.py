"""What a session asks of its voice: the moment, the side, words again, and the metronome."""

from __future__ import annotations

from pathlib import Path

import pytest
from keys import Keys
from perfect_pose import PerfectPose
from sessions import decisions, run_session

from cuecoach.types import Decision
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.base import Utterance
from cuecoach.voice.playback.metronome import Metronome
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.settings import VoiceSettings

LAZY = VirtualRunnerSettings(duration_s=16.0, faults=("lazy-heel",), responsiveness=0.0)


class Spy(SilentVoice):
    """A silent voice that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__({})
        self.said: list[Utterance] = []
        self.beats: list[float | None] = []

    def say(self, utterance: Utterance) -> None:
        self.said.append(utterance)

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        self.beats.append(cadence_spm)


def run(
    folder: Path, presses: dict[int, Command] | None = None, voice_settings: VoiceSettings | None = None
) -> tuple[Spy, list[Decision]]:
    spy, metronome = Spy(), Metronome(voice_settings or VoiceSettings())
    path = folder / "journal.sqlite"
    _, events = run_session(path, PerfectPose(LAZY), voice=spy, views=[Keys(presses)], metronome=metronome)
    return spy, [decision for decision in decisions(events) if decision.fires]


def test_words_are_asked_for_at_the_decided_moment_and_from_a_leg_or_from_both(tmp_path: Path) -> None:
    spy, fired = run(tmp_path)
    assert fired
    for asked, decision in zip(spy.said, fired, strict=True):
        assert decision.cue is not None
        assert (asked.cue_id, asked.decided_s) == (decision.cue.id, decision.t_s)
        assert (asked.expires_s, asked.start_s) == (decision.expires_s, decision.start_s)
        assert asked.side in (None, decision.side)


def test_repeat_says_the_last_words_again_and_nothing_before_there_are_any(tmp_path: Path) -> None:
    spy, fired = run(tmp_path, {0: Command.REPEAT, 470: Command.REPEAT})
    assert len(spy.said) == len(fired) + 1
    again, last = spy.said[-1], spy.said[-2]
    assert again.cue_id == last.cue_id
    assert again.number == last.number + 1


def test_repeat_keeps_silent_while_muted(tmp_path: Path) -> None:
    spy, fired = run(tmp_path, {468: Command.MUTE, 470: Command.REPEAT})
    assert len(spy.said) == len(fired)


def test_repeat_does_not_bring_back_words_of_long_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cuecoach.session.utterances.REPEAT_AGE_MAX_S", 0.01)
    spy, fired = run(tmp_path, {470: Command.REPEAT})
    assert len(spy.said) == len(fired)


def test_the_metronome_follows_the_strides_and_a_muted_one_is_silent(tmp_path: Path) -> None:
    settings = VoiceSettings(metronome="always", metronome_spm=185)
    spy, _ = run(tmp_path, {300: Command.MUTE}, settings)
    assert 185 in spy.beats
    assert spy.beats[-1] is None
    assert set(spy.beats) == {185, None}


def test_without_a_metronome_nothing_clicks(tmp_path: Path) -> None:
    spy, _ = run(tmp_path)
    assert set(spy.beats) <= {None}
