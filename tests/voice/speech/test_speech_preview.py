"""Trying voices and recordings: on a real sound server, and one sentence where something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import needs
import pytest
from typer.testing import CliRunner

from bench.voice.sound_server import SoundServer
from cuecoach.cli import voices
from cuecoach.errors import DeviceError, InputError
from cuecoach.voice import audio_processing
from cuecoach.voice.base import Clip
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech import engine_client
from cuecoach.voice.speech.microphone import Microphone
from cuecoach.voice.speech.preview import list_voices, play_clip, preview

DEFAULT = VoiceSettings()


@pytest.fixture
def silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no sound server that answers."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_the_engines_voices_are_found_and_a_language_narrows_them() -> None:
    needs.speech_engine()
    engine, every = list_voices(DEFAULT)
    assert engine
    _, english = list_voices(DEFAULT, "en")
    assert 0 < len(english) < len(every)
    assert all(any(tag.casefold().startswith("en") for tag in voice.languages) for voice in english)
    assert len({voice.id for voice in every}) == len(every)


def test_a_language_without_a_voice_is_said() -> None:
    needs.speech_engine()
    with pytest.raises(InputError, match="xx"):
        list_voices(DEFAULT, "xx")


def test_without_an_engine_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "ARGV", (sys.executable, "-c", "raise SystemExit('no espeak')"))
    with pytest.raises(DeviceError, match="no espeak"):
        list_voices(DEFAULT)


def test_a_trial_is_heard_and_tells_its_length(sound_server: SoundServer) -> None:
    needs.speech_engine()
    began_s = time.monotonic()
    sentence = preview("pull under", "en", DEFAULT)
    assert "pull under" in sentence
    assert str(DEFAULT.rate_wpm) in sentence
    assert time.monotonic() - began_s > 0.4


def test_nothing_to_play_on_is_one_sentence(silence: None) -> None:
    with pytest.raises(DeviceError, match="No sound"):
        play_clip(Clip("a", "a", audio_processing.tone(0), "tone", 0.3), DEFAULT)


RECORD = """
import time
from cuecoach.voice.base import RATE_HZ
from cuecoach.voice.speech.microphone import Microphone

with Microphone() as microphone:
    while microphone.samples().size < RATE_HZ / 10:
        time.sleep(0.02)
print(microphone.samples().ndim)
"""


def test_the_microphone_records_what_there_is(sound_server: SoundServer) -> None:
    # In a process of its own: PortAudio knows the devices that were there when it was first asked, and no others.
    done = subprocess.run(
        [sys.executable, "-c", RECORD],
        env={**os.environ, **sound_server.env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_no_microphone_is_one_sentence(sound_server: SoundServer) -> None:
    with pytest.raises(DeviceError, match="No microphone"):
        Microphone("no such microphone")


def test_the_verb_lists_voices_as_json_and_as_a_table() -> None:
    needs.speech_engine()
    from typer import Typer

    app = Typer()
    app.command()(voices.voices)
    assert "languages" in CliRunner().invoke(app, ["--language", "en"]).output
    assert '"voices": [{"id": ' in CliRunner().invoke(app, ["--json"]).output
