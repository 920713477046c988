"""The WAV holds every cue where it was said and nothing elsewhere, and survives whatever happens to the session."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound import energy_spans, read_wav

from cuecoach.errors import CueCoachError, DeviceError, InputError
from cuecoach.types import AudioOutput, UtteranceEvent, UtteranceState
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Clip, Utterance
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.playback.wav_writer import WavWriter
from cuecoach.voice.settings import VoiceSettings

says = st.lists(
    st.tuples(st.floats(0, 12), st.sampled_from("abc"), st.floats(0, 1.5)), max_size=12, unique_by=lambda say: say[0]
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(says, st.floats(0.005, 0.3), st.floats(0, 1))
def test_the_file_is_the_started_cues_and_silence(
    clips: dict[str, Clip], tmp_path: Path, plan: list[tuple[float, str, float]], frame_s: float, after_s: float
) -> None:
    path = tmp_path / "out.wav"
    voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(path))
    heard: list[UtteranceEvent] = []
    polled_s = 0.0
    for utterance, (t_s, cue_id, patience_s) in enumerate(sorted(plan)):
        while polled_s < t_s:
            heard += voice.poll(polled_s)
            polled_s += frame_s
        voice.say(Utterance(utterance, cue_id, t_s, t_s + patience_s))
    end_s = max(polled_s, 12.0) + after_s
    heard += voice.close(end_s)

    samples, rate_hz = read_wav(path)
    assert rate_hz == RATE_HZ
    assert samples.size >= round(end_s * RATE_HZ)
    expected = np.zeros(samples.size)
    for event in heard:
        if event.state is UtteranceState.STARTED:
            start, sound = round(event.t_s * RATE_HZ), clips[event.cue_id].samples
            assert not expected[start : start + sound.size].any(), "two cues at once"
            expected[start : start + sound.size] = sound
    np.testing.assert_allclose(samples, expected, atol=1e-4)
    assert {event.output for event in heard} <= {"file"}
    ends = [event.utterance for event in heard if event.state in (UtteranceState.FINISHED, UtteranceState.DROPPED)]
    assert sorted(ends) == list(range(len(plan)))


def test_energy_is_found_where_cues_were_logged_and_nowhere_else(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(tmp_path / "out.wav"))
    for utterance, t_s in enumerate((1.0, 2.5, 7.25)):
        voice.say(Utterance(utterance, "abc"[utterance], t_s, t_s + 1))
    voice.close(10.0)
    spans = energy_spans(*read_wav(tmp_path / "out.wav"))
    assert [start for start, _ in spans] == pytest.approx([1.0, 2.5, 7.25], abs=0.01)
    assert all(end - start == pytest.approx(0.29, abs=0.02) for start, end in spans)


class Cut:
    """A voice whose device dies in the middle of a word."""

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """Click nowhere."""

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        if t_s == 0.0:
            return ()
        return (
            UtteranceEvent(0, "a", UtteranceState.STARTED, 1.0, AudioOutput.DEVICE),
            UtteranceEvent(0, "a", UtteranceState.DROPPED, 1.1, AudioOutput.DEVICE, "device lost"),
        )

    close = poll


def test_what_was_cut_short_is_silent_from_there_on(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = RecordingVoice(Cut(), clips, WavWriter(tmp_path / "out.wav"))
    assert [event.output for event in voice.close(2.0)] == ["device", "device"]
    (span,) = energy_spans(*read_wav(tmp_path / "out.wav"))
    assert span == pytest.approx((1.0, 1.1), abs=0.01)


def test_clicks_are_on_the_metronomes_grid_and_softer_under_words(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(tmp_path / "out.wav"), VoiceSettings(metronome_db=-9.0))
    for frame in range(300):
        t_s = frame / 30
        if frame == 30:
            voice.set_metronome(120.0, 0.75)  # counted from a strike that is past: heard on its grid from now on
        if frame == 90:
            voice.set_metronome(120.0, 0.9)  # the same cadence: clicks keep their time
            voice.say(Utterance(0, "a", t_s, t_s + 2, 4.2))
        if frame == 210:
            voice.set_metronome(None, 0.0)
        voice.poll(t_s)
    voice.close(10.0)
    samples, _ = read_wav(tmp_path / "out.wav")
    words = clips["a"].samples
    samples[round(4.2 * RATE_HZ) :][: words.size] -= words  # what is left is clicks alone
    click = audio_processing.click(-9.0)
    levels = dict.fromkeys(np.arange(1.25, 7.0, 0.5), 1.0)
    levels[4.25] = 0.25
    levels[4.75] = 0.25 + 0.75 * (4.75 - 4.2 - words.size / RATE_HZ) / 0.3
    for at_s, level in levels.items():
        samples[round(at_s * RATE_HZ) :][: click.size] -= level * click
    np.testing.assert_allclose(samples, 0.0, atol=2e-4)


def test_a_cut_word_leaves_the_clicks_that_sound_with_it(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = RecordingVoice(Cut(), clips, WavWriter(tmp_path / "out.wav"))
    voice.set_metronome(60.0, 1.2)
    voice.poll(0.0)
    voice.close(2.0)
    starts = [start for start, _ in energy_spans(*read_wav(tmp_path / "out.wav"), join_s=0.01)]
    assert starts == pytest.approx([0.2, 1.0, 1.2], abs=0.01)


KILLED = """
import sys, time
from pathlib import Path
from cuecoach.voice import audio_processing
from cuecoach.voice.base import Clip, Utterance
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.wav_writer import WavWriter
from cuecoach.voice.playback.silent_voice import SilentVoice
sound = audio_processing.tone(0)
clips = {"a": Clip("a", "a", sound, "tone", 0.3)}
voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(Path(sys.argv[1])))
frame = 0
while True:
    t_s = frame / 30
    if frame % 60 == 0:
        voice.say(Utterance(frame, "a", t_s, t_s + 1))
    voice.poll(t_s)
    frame += 1
    time.sleep(0.002)
    if frame == 300:
        print("ten seconds", flush=True)
"""


def test_a_killed_session_leaves_a_file_that_can_be_heard(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ten seconds\n"
        process.send_signal(signal.SIGKILL)
    samples, rate_hz = read_wav(path)
    assert samples.size / rate_hz > 9.0
    starts = [start for start, _ in energy_spans(samples, rate_hz)]
    assert starts[:5] == pytest.approx([0, 2, 4, 6, 8], abs=0.01)


def test_an_hour_of_silence_costs_no_memory_and_is_an_hour_long(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(tmp_path / "out.wav"))
    for second in range(0, 3600, 10):
        voice.poll(float(second))
    voice.say(Utterance(0, "a", 3599.0, 3600.0))
    voice.close(3600.0)
    import wave

    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() == 3600 * RATE_HZ
        file.setpos(3599 * RATE_HZ)
        tail = np.frombuffer(file.readframes(RATE_HZ), "<i2") / 32768
    assert energy_spans(tail, RATE_HZ)[0] == pytest.approx((0.0, 0.29), abs=0.02)


@pytest.mark.parametrize("kind", ["a folder", "missing folder"])
def test_a_path_that_cannot_be_is_one_sentence(clips: dict[str, Clip], tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "a folder" else tmp_path / "no" / "out.wav"
    with pytest.raises(InputError, match="choose another file") as error:
        RecordingVoice(SilentVoice(clips), clips, WavWriter(path))
    assert str(path) in str(error.value)


def test_a_disk_that_is_full_from_the_start_is_one_sentence(clips: dict[str, Clip]) -> None:
    full = needs.full_device()
    with pytest.raises(CueCoachError, match="No space left") as error:
        RecordingVoice(SilentVoice(clips), clips, WavWriter(full))
    assert isinstance(error.value, DeviceError)


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_fills_up_is_said_once_and_the_session_goes_on(clips: dict[str, Clip], tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with no_file_longer_than(2 * RATE_HZ):  # one second fits
        voice = RecordingVoice(SilentVoice(clips), clips, WavWriter(path))
        heard: list[UtteranceEvent] = []
        voice.say(Utterance(0, "a", 0.2, 1.0))
        heard += voice.poll(0.9)
        voice.say(Utterance(1, "b", 2.0, 3.0))
        heard += voice.poll(2.5)
        heard += voice.close(3.0)
    assert [event.state for event in heard].count(UtteranceState.FINISHED) == 2
    (notice,) = voice.notices()
    assert str(path) in notice
    assert voice.notices() == ()
    assert energy_spans(*read_wav(path))[0] == pytest.approx((0.2, 0.49), abs=0.02)
