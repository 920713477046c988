"""The device voice on a real sound server: what is really heard, and every way the sound can be taken away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sound import energy_spans, read_wav
from sound_server import SoundServer

from cuecoach.errors import DeviceError
from cuecoach.types import Heard, Sound
from cuecoach.voice import player as player_module
from cuecoach.voice.base import RATE_HZ, Clip, ClipSet
from cuecoach.voice.open import open_voice
from cuecoach.voice.player import Player
from cuecoach.voice.recorder import Recorder
from cuecoach.voice.settings import VoiceSettings

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals")


class Live:
    """A live session around a player, polled as often as frames come."""

    def __init__(self, clips: dict[str, Clip], **settings: object) -> None:
        self.epoch_s = time.monotonic()
        self.player = Player(clips, self.epoch_s, **settings)
        self.voice: Player | Recorder = self.player
        self.heard: list[Heard] = []
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

    def poll(self) -> None:
        self.heard += self.voice.poll(self.t_s)
        self.told += self.voice.notices()

    def say(self, utterance: int, cue_id: str, patience_s: float = 10.0) -> None:
        t_s = self.t_s
        self.voice.say(utterance, cue_id, t_s, t_s + patience_s)

    def end_of(self, utterance: int) -> Heard | None:
        ends = [e for e in self.heard if e.utterance == utterance and e.state in (Sound.FINISHED, Sound.DROPPED)]
        assert len(ends) <= 1
        return ends[0] if ends else None

    def say_and_wait(self, utterance: int, cue_id: str = "a") -> Heard:
        self.say(utterance, cue_id)
        self.until(lambda: self.end_of(utterance) is not None)
        end = self.end_of(utterance)
        assert end is not None
        return end

    def pid(self) -> int:
        life = self.player._life
        assert life is not None
        return life.process.pid


@pytest.fixture
def live(sound_server: SoundServer, clips: dict[str, Clip]) -> Iterator[Live]:
    session = Live(clips)
    yield session
    session.voice.close(session.t_s)


def test_what_comes_out_is_the_clips_at_the_told_times(live: Live, clips: dict[str, Clip], tmp_path: Path) -> None:
    if shutil.which("parec") is None:
        pytest.skip("needs parec (sudo apt install pulseaudio-utils)")
    raw = tmp_path / "monitor.raw"
    record = [
        "parec",
        "-d",
        "cue.monitor",
        "--format=s16le",
        "--rate=48000",
        "--channels=1",
        "--raw",
        "--latency-msec=20",
    ]
    with raw.open("wb") as file:
        recorder = subprocess.Popen(record, stdout=file)
        live.until(lambda: raw.stat().st_size > 0)
        for utterance, cue_id in enumerate("abc"):
            assert live.say_and_wait(utterance, cue_id).state is Sound.FINISHED
            pause_s = live.t_s + 0.4
            live.until(lambda pause_s=pause_s: live.t_s > pause_s)
        recorder.terminate()
        recorder.wait()
    samples = np.frombuffer(raw.read_bytes()[: raw.stat().st_size // 2 * 2], "<i2") / 32768
    spans = energy_spans(samples, RATE_HZ, join_s=0.2)
    told = [event.t_s for event in live.heard if event.state is Sound.STARTED]
    assert len(spans) == len(told) == 3
    assert np.diff([start for start, _ in spans]) == pytest.approx(np.diff(told), abs=0.1)
    for (start, _), cue_id in zip(spans, "abc", strict=True):
        piece = samples[max(0, round((start - 0.02) * RATE_HZ)) :][: RATE_HZ // 2]
        # By melody, not by waveform: a busy machine may tear a hole into a clip, and what follows is out of phase.
        melody = np.abs(np.fft.rfft(piece, RATE_HZ))
        likeness = {name: melody @ np.abs(np.fft.rfft(clip.samples, RATE_HZ)) for name, clip in clips.items()}
        assert max(likeness, key=lambda name: likeness[name]) == cue_id


def test_the_file_beside_the_device_has_the_cues_where_the_device_said_them(live: Live, tmp_path: Path) -> None:
    live.voice = Recorder(live.player, live.player._clips, tmp_path / "out.wav")
    live.say_and_wait(0)
    pause_s = live.t_s + 0.4
    live.until(lambda: live.t_s > pause_s)
    live.say_and_wait(1, "b")
    live.voice.close(live.t_s)
    started = [event for event in live.heard if event.state is Sound.STARTED]
    assert {event.on for event in started} == {"device"}
    starts = [start for start, _ in energy_spans(*read_wav(tmp_path / "out.wav"), join_s=0.1)]
    assert [event.t_s for event in started] == pytest.approx(starts, abs=0.01)


def test_a_killed_sound_process_costs_one_cue_and_comes_back(live: Live) -> None:
    live.say_and_wait(0)
    live.say(1, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is Sound.STARTED for e in live.heard))
    os.kill(live.pid(), signal.SIGKILL)
    live.until(lambda: live.end_of(1) is not None)
    end = live.end_of(1)
    assert end is not None
    assert (end.state, end.detail) == (Sound.DROPPED, "sound process ended")
    live.until(lambda: len(live.told) == 2)
    assert live.say_and_wait(2).state is Sound.FINISHED
    assert "ended" in live.told[0]
    assert "back" in live.told[1]


@posix
def test_saying_never_waits_for_a_process_that_stands_still(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_module, "_SILENT_S", 1.5)
    live.say_and_wait(0)
    os.kill(live.pid(), signal.SIGSTOP)
    for utterance in range(1, 2001):  # far more than any pipe holds
        live.say(utterance, "a", patience_s=0.5)
    live.poll()
    assert sum(event.state is Sound.QUEUED for event in live.heard) == 2001
    live.until(lambda: len(live.told) == 2)  # it is ended, and another one plays
    assert live.say_and_wait(3000).state is Sound.FINISHED
    assert sum(event.state is Sound.DROPPED for event in live.heard) == 2000


def test_a_sound_server_that_dies_and_returns(live: Live, sound_server: SoundServer) -> None:
    live.say_and_wait(0)
    live.say(1, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is Sound.STARTED for e in live.heard))
    sound_server.kill()
    live.until(lambda: live.end_of(1) is not None)
    live.say(2, "a", patience_s=0.2)
    live.until(lambda: live.end_of(2) is not None)
    assert len(live.told) == 1
    sound_server.start()
    live.until(lambda: len(live.told) == 2)
    assert live.say_and_wait(3).state is Sound.FINISHED
    details = [event.detail for event in (live.end_of(1), live.end_of(2)) if event is not None]
    assert details == ["device lost", "no device"]
    assert "back" in live.told[1]


def test_a_device_that_is_not_there_is_said_and_the_default_plays(
    sound_server: SoundServer, clips: dict[str, Clip]
) -> None:
    session = Live(clips, settings=VoiceSettings(device="No Such Headphones"))
    session.poll()
    assert session.say_and_wait(0).state is Sound.FINISHED
    session.voice.close(session.t_s)
    (notice,) = session.told
    assert "No Such Headphones" in notice


def without(patch: str) -> tuple[str, ...]:
    """Return a sound process on a machine where something is missing."""
    return (sys.executable, "-c", f"import sys\n{patch}\nfrom cuecoach.voice import speaker\nspeaker.main()")


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
        Player(clips, time.monotonic(), command=command)
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
    assert session.say_and_wait(0).on == "nothing"
    sound_server.start()
    session.until(lambda: len(session.told) == 2)
    assert "Sound is back" in session.told[1]
    end = session.say_and_wait(1)
    assert (end.state, end.on) == (Sound.FINISHED, "device")
    assert session.voice.close(session.t_s) == ()


def test_when_the_default_device_changes_words_go_on_there(live: Live, sound_server: SoundServer) -> None:
    if shutil.which("pactl") is None:
        pytest.skip("needs pactl (sudo apt install pulseaudio-utils)")
    live.say_and_wait(0)
    sound_server.control("load-module", "module-null-sink", "sink_name=other", "rate=48000")
    sound_server.control("set-default-sink", "other")
    assert live.say_and_wait(1).state is Sound.FINISHED
    try:
        (first,) = [line for line in sound_server.control("list", "short", "modules").splitlines() if "=cue" in line]
        sound_server.control("unload-module", first.split()[0])
        pause_s = live.t_s + 0.5
        live.until(lambda: live.t_s > pause_s)
        assert live.say_and_wait(2).state is Sound.FINISHED
        assert live.told == []  # the server carried the stream over: nothing was lost
    finally:
        sound_server.kill()
        sound_server.start()


def test_closing_cuts_what_sounds(live: Live, clips: dict[str, Clip]) -> None:
    live.say_and_wait(0)
    live.say(1, "a")
    live.say(2, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is Sound.STARTED for e in live.heard))
    asked_s = live.t_s
    ends = {event.utterance: event for event in live.voice.close(asked_s)}
    assert live.t_s - asked_s < 2.0
    assert {n: (e.state, e.detail) for n, e in ends.items()} == dict.fromkeys((1, 2), (Sound.DROPPED, "session ended"))


def test_a_scheduled_cue_begins_when_it_should(live: Live) -> None:
    live.say_and_wait(0)
    wished_s = live.t_s + 0.5
    live.voice.say(1, "b", live.t_s, wished_s + 1, wished_s)
    live.until(lambda: live.end_of(1) is not None)
    (started,) = [event for event in live.heard if event.utterance == 1 and event.state is Sound.STARTED]
    assert started.t_s == pytest.approx(wished_s, abs=0.002)


@posix
def test_the_sound_process_ends_with_its_parent(sound_server: SoundServer) -> None:
    code = """
import time
from cuecoach.voice import shaping
from cuecoach.voice.base import Clip
from cuecoach.voice.player import Player
player = Player({"a": Clip("a", "a", shaping.tone(0), "tone", 0.3)}, time.monotonic())
print(player._life.process.pid, flush=True)
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
