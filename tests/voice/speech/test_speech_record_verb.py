"""`cuecoach packs record` as a coach uses it: in a terminal, with a microphone that hears what a test says."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from perfect_pose import write_recording
from sound import read_wav

from bench.voice.sound_server import SoundServer
from cuecoach.packs import library
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice import audio_processing
from cuecoach.voice.speech import own_recordings

PROGRAM = "from cuecoach.cli import main; main()"
BRIEF = f"from cuecoach.voice.speech import microphone; microphone.LONGEST_S = 0.5; {PROGRAM}"
QUICK = "[coach]\nwarmup_inhibit_s = 5.0\n[voice]\nengine = 'none'\n"


class Terminal:
    """The program in a terminal of its own; `said` is everything on its screen."""

    def __init__(self, *arguments: str, program: str = PROGRAM) -> None:
        self.said = ""
        self._expected = 0  # how much of it was expected already
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.execv(sys.executable, [sys.executable, "-c", program, *arguments])  # noqa: S606

    def expect(self, words: str) -> None:
        """Read until `words` are on the screen, after everything expected before."""
        deadline_s = time.monotonic() + 30
        while (at := self.said.find(words, self._expected)) < 0:
            assert time.monotonic() < deadline_s, self.said
            if select.select([self._end], [], [], 0.1)[0]:
                self.said += os.read(self._end, 4096).decode()
        self._expected = at + len(words)

    def answer(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def record(self, speak: Callable[[], None]) -> None:
        """Begin and end a recording with Enter, and speak in between."""
        self.expect("Enter begins")
        self.answer("\r")
        self.expect("Enter ends")
        speak()
        self.answer("\r")

    def exit_code(self) -> int:
        while True:
            try:
                data = os.read(self._end, 4096)
            except OSError:  # its end of the terminal is closed
                break
            if not data:
                break
            self.said += data.decode()
        os.close(self._end)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


class Coach:
    """Somebody who speaks into the room's microphone."""

    def __init__(self, server: SoundServer, folder: Path) -> None:
        self.words = audio_processing.tone(37)
        self._file = own_recordings.save(folder, "words", self.words)
        self._env: Mapping[str, str] = {**os.environ, **server.env}

    def speak(self) -> None:
        subprocess.run(["paplay", "-d", "cue", "--latency-msec=50", self._file], env=self._env, check=True, timeout=20)
        time.sleep(0.3)  # what was played is heard a little later


@pytest.fixture
def coach(sound_server: SoundServer, tmp_path: Path) -> Coach:
    return Coach(sound_server, tmp_path)


def likeness(sound: np.ndarray, words: np.ndarray) -> float:
    """Return the largest normalised cross-correlation of `words` with a part of `sound`."""
    length = 1 << (sound.size + words.size).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, length) * np.conj(np.fft.rfft(words, length)), length)[: sound.size]
    at = int(np.argmax(products))
    part = sound[at : at + words.size]
    return float(products[at] / (np.linalg.norm(part) * np.linalg.norm(words)))


def test_a_coach_records_hears_and_keeps_a_phrase_stops_in_the_middle_and_is_heard_in_the_next_session(
    coach: Coach, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    config = tmp_path / "config.toml"
    config.write_text(f"{QUICK}recordings = '{folder}'\n")
    terminal = Terminal("packs", "record", "pull-under", "--config", str(config))

    terminal.expect("lazy-heel.long, at most 1.5 s:  “pull under, don't flick”")
    terminal.record(coach.speak)
    terminal.expect("0.4")  # of the 0.46 s that were said
    terminal.expect("[k]eep, [h]ear")
    terminal.answer("h\r")
    terminal.expect("[k]eep, [h]ear")
    assert not folder.exists()
    terminal.answer("k\r")

    terminal.expect("lazy-heel.short, at most 0.8 s")
    terminal.record(lambda: time.sleep(0.3))
    terminal.expect("no words stand out")
    terminal.expect("[a]gain, [l]eave out (a)")
    terminal.answer("h\r")  # there is nothing to hear
    terminal.expect("[a]gain, [l]eave out (a)")
    terminal.answer("a\r")
    terminal.record(coach.speak)
    terminal.expect("[k]eep, [h]ear")
    terminal.answer("l\r")

    terminal.expect("flick.long")
    terminal.answer("\r")
    terminal.expect("Enter ends")
    terminal.answer("\x03")
    assert terminal.exit_code() == 130
    total = len(library.find("pull-under").cues())
    assert f"Recorded now: 1; still to record: {total - 1}." in terminal.said
    assert "Traceback" not in terminal.said
    assert [path.name for path in folder.iterdir()] == ["lazy-heel.long.wav"]
    assert likeness(read_wav(folder / "lazy-heel.long.wav")[0], coach.words) > 0.9

    assert likeness(cues_of_a_session(tmp_path, config), coach.words) > 0.9


def cues_of_a_session(folder: Path, config: Path) -> np.ndarray:
    """Run a session with a virtual runner, and return what it would sound like."""
    virtual_runner = VirtualRunnerSettings(duration_s=10.0, faults=("lazy-heel",))
    source = write_recording(folder / "a.landmarks.csv", virtual_runner)
    out = folder / "out.wav"
    options = ("--speed", "3", "--config", config, "--audio-out", out, "--journal", folder / "j.sqlite")
    subprocess.run(
        [sys.executable, "-c", PROGRAM, "run", "--source", source, *options], capture_output=True, check=True
    )
    return read_wav(out)[0]


def test_too_long_a_take_is_refused_and_the_end_of_input_ends_it(coach: Coach, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"{QUICK}recordings = '{tmp_path / 'own'}'\n")
    terminal = Terminal("packs", "record", "pull-under", "--config", str(config), program=BRIEF)
    terminal.record(coach.speak)
    terminal.expect("a recording ends after 0.5 s")
    terminal.expect("[a]gain, [l]eave out (a)")
    terminal.answer("\x04")
    assert terminal.exit_code() == 130
    assert "Recorded now: 0" in terminal.said
    assert not (tmp_path / "own").exists()


def test_without_a_microphone_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    terminal = Terminal("packs", "record", "pull-under")
    assert terminal.exit_code() == 3
    assert "cuecoach: No microphone" in terminal.said
    assert "Enter" not in terminal.said


def test_what_is_recorded_already_is_left_alone() -> None:
    folder = Path(os.environ["XDG_DATA_HOME"]) / "cuecoach" / "recordings" / "pull-under"
    for cue in library.find("pull-under").cues():
        own_recordings.save(folder, cue.id, audio_processing.tone(0))
    terminal = Terminal("packs", "record", "pull-under")
    assert terminal.exit_code() == 0
    assert "--again" in terminal.said
    assert "Enter" not in terminal.said


def test_a_pack_that_is_not_there_is_one_sentence() -> None:
    terminal = Terminal("packs", "record", "pul-under")
    assert terminal.exit_code() == 2
    assert terminal.said.startswith("cuecoach: ")
    assert "Traceback" not in terminal.said
