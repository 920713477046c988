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


def test_off_target_it_begins_and_ends_with_the_sixth_stride_in_a_row() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=180)
    assert told(settings, [160.0] * 20 + [180.0] * 20) == [None] * 5 + [180] * 20 + [None] * 15


@pytest.mark.parametrize(("off_share", "begins"), [(0.029, False), (0.031, True), (-0.029, False), (-0.031, True)])
def test_it_begins_when_cadence_is_three_percent_off(off_share: float, begins: bool) -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=200)
    assert (told(settings, [200.0 * (1 + off_share)] * 50)[-1] == 200) is begins


@pytest.mark.parametrize(("off_share", "ends"), [(0.014, True), (0.016, False), (-0.014, True), (-0.016, False)])
def test_it_ends_within_one_and_a_half_percent(off_share: float, ends: bool) -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=200)
    assert (told(settings, [160.0] * 20 + [200.0 * (1 + off_share)] * 50)[-1] is None) is ends


def test_one_odd_stride_starts_and_ends_nothing() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=180)
    assert set(told(settings, ([180.0] * 5 + [150.0]) * 10)) == {None}
    assert set(told(settings, [150.0] * 20 + ([150.0] * 5 + [180.0]) * 10)[20:]) == {180}


def test_between_the_two_limits_nothing_changes() -> None:
    settings = VoiceSettings(metronome="off_target", metronome_spm=200)
    assert told(settings, [160.0] * 20 + [195.5] * 50)[-1] == 200
    assert told(settings, [200.0] * 20 + [195.5] * 50)[-1] is None


def test_without_a_number_the_target_is_the_runners_own_and_a_little_more() -> None:
    clicks = told(VoiceSettings(metronome="always"), [150.0] * 19 + [160.0] * 41 + [168.0] * 60)
    assert clicks[:39] == [None] * 39, "forty strides settle the runner's own cadence"
    assert clicks[39:] == pytest.approx([1.05 * 160.0] * 81)
