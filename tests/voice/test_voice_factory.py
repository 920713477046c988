"""The right voice for the session, one sentence when something is missing, and the doctor's view of it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import needs
import pytest
from sound import energy_spans, read_wav

from bench.voice.sound_server import SoundServer
from cuecoach.errors import DeviceError, InputError
from cuecoach.types import UtteranceState
from cuecoach.voice import factory as opening
from cuecoach.voice import sound_report
from cuecoach.voice.base import Clip, ClipSet, Utterance
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback import player
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech import engine_client

DEFAULT = VoiceSettings()


@pytest.fixture
def no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Player:
        raise DeviceError("No sound: nothing plays here")

    monkeypatch.setattr(opening, "Player", refuse)


def test_a_film_is_never_played_on_a_device(clips: dict[str, Clip], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "Player", None)  # calling it would fail
    voice = open_voice(ClipSet(clips), DEFAULT, None, None)
    voice.say(Utterance(0, "a", 1.0, 2.0))
    assert {event.output for event in voice.close(3.0)} == {"nothing"}
    assert voice.notices() == ()


def test_a_film_goes_into_the_file(clips: dict[str, Clip], tmp_path: Path) -> None:
    voice = open_voice(ClipSet(clips), DEFAULT, None, tmp_path / "out.wav")
    voice.say(Utterance(0, "a", 1.0, 2.0))
    assert {event.output for event in voice.close(3.0)} == {"file"}
    assert energy_spans(*read_wav(tmp_path / "out.wav"))[0][0] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("given_out", [None, "given.wav"])
@pytest.mark.parametrize("fallback", [None, "fallback.wav"])
def test_without_a_device_one_sentence_says_where_the_cues_go(
    no_device: None, clips: dict[str, Clip], tmp_path: Path, given_out: str | None, fallback: str | None
) -> None:
    paths = [tmp_path / name if name else None for name in (given_out, fallback)]
    voice = open_voice(ClipSet(clips), DEFAULT, time.monotonic(), *paths)
    (notice,) = voice.notices()
    assert notice.startswith("No sound: nothing plays here; cues are shown")
    used = paths[0] or paths[1]
    voice.say(Utterance(0, "a", 1.0, 2.0))
    heard = voice.close(2.0)
    assert {event.output for event in heard} == ({"file"} if used else {"nothing"})
    assert sorted(tmp_path.iterdir()) == ([used] if used else [])
    assert (str(used) in notice) is bool(used)


def test_sound_switched_off_asks_for_no_device(clips: dict[str, Clip], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "Player", None)
    voice = open_voice(ClipSet(clips), VoiceSettings(enabled=False), time.monotonic(), None)
    assert isinstance(voice, SilentVoice)
    assert voice.notices() == ()


def test_a_live_session_plays_on_the_device_and_into_the_file(
    sound_server: SoundServer, clips: dict[str, Clip], tmp_path: Path
) -> None:
    epoch_s = time.monotonic()
    voice = open_voice(ClipSet(clips), DEFAULT, epoch_s, tmp_path / "out.wav")
    assert voice.notices() == ()
    t_s = time.monotonic() - epoch_s
    voice.say(Utterance(0, "a", t_s, t_s + 10))
    heard = []
    while not any(event.state is UtteranceState.FINISHED for event in heard):
        heard += voice.poll(time.monotonic() - epoch_s)
        assert time.monotonic() - epoch_s < 20
        time.sleep(0.02)
    voice.close(time.monotonic() - epoch_s)
    assert {event.output for event in heard} == {"device"}
    assert len(energy_spans(*read_wav(tmp_path / "out.wav"))) == 1


def test_a_file_that_cannot_be_made_leaves_no_sound_process(
    sound_server: SoundServer, clips: dict[str, Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    players: list[Player] = []

    class Seen(Player):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            players.append(self)

    monkeypatch.setattr(opening, "Player", Seen)
    with pytest.raises(InputError):
        open_voice(ClipSet(clips), DEFAULT, time.monotonic(), tmp_path)
    assert [p._run for p in players] == [None]


def test_the_doctor_sees_engine_portaudio_and_device(sound_server: SoundServer) -> None:
    needs.speech_engine()
    report = dict(sound_report.sound_report())
    assert "voice" in report["speech"]
    assert "PortAudio" in report["PortAudio"]
    assert report["sound device"]
    assert not report["sound device"].startswith("none")
    assert report["sound priority"].split()[0] in ("real", "raised", "ordinary")
    assert sound_report.device_available()


def test_the_doctor_tells_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "ARGV", (sys.executable, "-c", "raise SystemExit('no espeak here')"))
    code = (
        "import sys; sys.modules['sounddevice'] = None; "
        "from cuecoach.voice.playback import audio_process; audio_process.main()"
    )
    monkeypatch.setattr(player, "ARGV", (sys.executable, "-c", code))
    report = dict(sound_report.sound_report())
    assert "no espeak here" in report["speech"]
    assert "libportaudio2" in report["PortAudio"]
    assert not sound_report.device_available()


@pytest.mark.parametrize("code", ["print('garbage')", "raise SystemExit('broken')", ""])
def test_the_doctor_survives_a_sound_process_that_does_not(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "ARGV", (sys.executable, "-c", code))
    assert not sound_report.device_available()
    assert dict(sound_report.sound_report())["PortAudio"].startswith("none (the sound process ended")


def test_the_heavy_libraries_stay_out_of_the_session_until_they_are_needed() -> None:
    code = (
        "import sys; from cuecoach.voice import factory, sound_report; from cuecoach.voice.speech import clips; "
        "print([name for name in ('scipy', 'soundfile', 'sounddevice', 'pyttsx3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
