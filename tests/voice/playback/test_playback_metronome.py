"""When the metronome clicks: never unasked, off target only, and never on and off for one odd stride."""

from __future__ import annotations

import pytest

from cuecoach.voice.playback.metronome import Metronome
from cuecoach.voice.settings import VoiceSettings


def told(settings: VoiceSettings, cadences: list[float]) -> list[float | None]:
    metronome = Metronome(settings)
    return [metronome.stride(cadence) for cadence in cadences]


def test_off_is_silent() -> None:
    assert set(told(VoiceSettings(metronome_spm=180), [150.0] * 50)) == {None}


def test_always_clicks_at_the_target() -> None:
    assert set(told(VoiceSettings(metronome="always", metronome_spm=180), [180.0, 150.0] * 5)) == {180}


def test_off_target_it_begins_after_some_strides_and_ends_when_the_runner_is_there() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=180)
    clicks = told(settings, [160.0] * 20 + [180.0] * 20)
    assert clicks[:3] == [None] * 3
    assert clicks[10:22] == [180] * 12
    assert clicks[-5:] == [None] * 5


def test_one_odd_stride_starts_and_ends_nothing() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=180)
    assert set(told(settings, ([180.0] * 5 + [150.0]) * 10)) == {None}
    assert set(told(settings, [150.0] * 20 + ([150.0] * 5 + [180.0]) * 10)[20:]) == {180}


def test_between_the_two_limits_nothing_changes() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=200)
    assert told(settings, [160.0] * 20 + [195.5] * 50)[-1] == 200
    assert told(settings, [200.0] * 20 + [195.5] * 50)[-1] is None


def test_without_a_number_the_target_is_the_runners_own_and_a_little_more() -> None:
    clicks = told(VoiceSettings(metronome="always"), [160.0] * 60 + [168.0] * 60)
    assert clicks[0] is None
    assert clicks[59] == clicks[-1] == pytest.approx(168.0)
