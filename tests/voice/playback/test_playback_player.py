"""The device voice on a real sound server: every way the sound can be taken away, and how it comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_voice import Live
from sound import energy_spans, read_wav

from bench.voice.sound_server import SoundServer
from cuecoach.errors import DeviceError
from cuecoach.types import UtteranceState
from cuecoach.voice.base import Clip, ClipSet, Utterance
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback import player as player_module
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.wav_writer import WavWriter
from cuecoach.voice.settings import VoiceSettings

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals")


@pytest.fixture
def live(sound_server: SoundServer, clips: dict[str, Clip]) -> Iterator[Live]:
    session = Live(clips)
    yield session
    session.voice.close(session.t_s)


def test_the_file_beside_the_device_has_the_cues_where_the_device_said_them(live: Live, tmp_path: Path) -> None:
    live.voice = RecordingVoice(live.player, live.player._clips, WavWriter(tmp_path / "out.wav"))
    live.say_and_wait(0)
    live.pause(0.4)
    live.say_and_wait(1, "b")
    live.voice.close(live.t_s)
    started = [event for event in live.heard if event.state is UtteranceState.STARTED]
    assert {event.output for event in started} == {"device"}
    starts = [start for start, _ in energy_spans(*read_wav(tmp_path / "out.wav"), join_s=0.1)]
    assert [event.t_s for event in started] == pytest.approx(starts, abs=0.01)


def test_a_killed_sound_process_costs_one_cue_and_comes_back(live: Live) -> None:
    live.say_and_wait(0)
    live.say(1, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is UtteranceState.STARTED for e in live.heard))
    os.kill(live.pid(), signal.SIGKILL)
    live.until(lambda: live.end_of(1) is not None)
    end = live.end_of(1)
    assert end is not None
    assert (end.state, end.detail) == (UtteranceState.DROPPED, "sound process ended")
    live.until(lambda: len(live.told) == 2)
    assert live.say_and_wait(2).state is UtteranceState.FINISHED
    assert "ended" in live.told[0]
    assert "back" in live.told[1]


@posix
def test_saying_never_waits_for_a_process_that_stands_still(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_module, "_HUNG_S", 1.5)
    live.say_and_wait(0)
    os.kill(live.pid(), signal.SIGSTOP)
    for utterance in range(1, 2001):  # far more than any pipe holds
        live.say(utterance, "a", patience_s=0.5)
    live.poll()
    assert sum(event.state is UtteranceState.QUEUED for event in live.heard) == 2001
    live.until(lambda: len(live.told) == 2)  # it is ended, and another one plays
    assert live.say_and_wait(3000).state is UtteranceState.FINISHED
    assert sum(event.state is UtteranceState.DROPPED for event in live.heard) == 2000


def test_a_device_that_is_not_there_is_said_and_the_default_plays(
    sound_server: SoundServer, clips: dict[str, Clip]
) -> None:
    session = Live(clips, settings=VoiceSettings(device="No Such Headphones"))
    session.poll()
    assert session.say_and_wait(0).state is UtteranceState.FINISHED
    session.voice.close(session.t_s)
    (notice,) = session.told
    assert "No Such Headphones" in notice


REOPENS = """
import json, sys
for device, as_asked in (("speaker", False), ("speaker", False), ("headphones", True)):
    print(json.dumps({"event": "open", "device": device, "as_asked": as_asked}), flush=True)
sys.stdin.buffer.read()
"""


def test_a_stream_that_is_opened_again_on_the_same_device_is_not_told(clips: dict[str, Clip]) -> None:
    player = Player(clips, time.monotonic(), VoiceSettings(device="my"), (sys.executable, "-c", REOPENS))
    told: list[str] = []
    end_s = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < end_s:
        player.poll(0.0)
        told += player.notices()
        time.sleep(0.01)
    player.close(0.0)
    assert told == ["No sound device is called “my”: “speaker” plays.", "Sound now plays on “headphones”."]


def without(patch: str) -> tuple[str, ...]:
    """Return a sound process on a machine where something is missing."""
    return (
        sys.executable,
        "-c",
        f"import sys\n{patch}\nfrom cuecoach.voice.playback import audio_process\naudio_process.main()",
    )


NO_PORTAUDIO = """
import importlib.abc
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "sounddevice": raise OSError("PortAudio library not found")
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (without(NO_PORTAUDIO), "libportaudio2"),
        (without("sys.modules['sounddevice'] = None"), "pip install sounddevice"),
        ((sys.executable, "-c", "raise SystemExit('broken')"), "cuecoach doctor"),
        ((sys.executable, "-c", "print('garbage')"), "cuecoach doctor"),
        (("/nowhere/no-such-program",), "cuecoach doctor"),
    ],
)
def test_no_sound_at_the_start_is_one_sentence_that_helps(
    clips: dict[str, Clip], command: tuple[str, ...], words: str
) -> None:
    with pytest.raises(DeviceError, match="No sound: ") as error:
        Player(clips, time.monotonic(), argv=command)
    assert words in str(error.value)


def test_a_session_that_begins_without_a_device_is_heard_once_there_is_one(
    sound_server: SoundServer, clips: dict[str, Clip]
) -> None:
    sound_server.kill()
    epoch_s = time.monotonic()
    session = Live(clips)
    session.epoch_s, session.voice = epoch_s, open_voice(ClipSet(clips), VoiceSettings(), epoch_s, None)
    session.poll()
    assert len(session.told) == 1
    assert "connect a speaker" in session.told[0]
    assert session.say_and_wait(0).output == "nothing"
    sound_server.start()
    session.until(lambda: len(session.told) == 2)
    assert "Sound is back" in session.told[1]
    end = session.say_and_wait(1)
    assert (end.state, end.output) == (UtteranceState.FINISHED, "device")
    assert session.voice.close(session.t_s) == ()


def test_closing_cuts_what_sounds(live: Live, clips: dict[str, Clip]) -> None:
    live.say_and_wait(0)
    live.say(1, "a")
    live.say(2, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is UtteranceState.STARTED for e in live.heard))
    asked_s = live.t_s
    ends = {event.utterance: event for event in live.voice.close(asked_s)}
    assert live.t_s - asked_s < 2.0
    assert {n: (e.state, e.detail) for n, e in ends.items()} == dict.fromkeys(
        (1, 2), (UtteranceState.DROPPED, "session ended")
    )


def test_a_scheduled_cue_begins_when_it_should(live: Live) -> None:
    live.say_and_wait(0)
    wished_s = live.t_s + 0.5
    live.voice.say(Utterance(1, "b", live.t_s, wished_s + 1, wished_s))
    live.until(lambda: live.end_of(1) is not None)
    (started,) = [event for event in live.heard if event.utterance == 1 and event.state is UtteranceState.STARTED]
    assert started.t_s == pytest.approx(wished_s, abs=0.002)


@posix
def test_the_sound_process_ends_with_its_parent(sound_server: SoundServer) -> None:
    code = """
import time
from cuecoach.voice import audio_processing
from cuecoach.voice.base import Clip
from cuecoach.voice.playback.player import Player
player = Player({"a": Clip("a", "a", audio_processing.tone(0), "tone", 0.3)}, time.monotonic())
print(player._run.process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    deadline_s = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
