"""A sound server of our own with a null sink, and clips that need no speech engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sound_server import SoundServer

from cuecoach.voice import shaping
from cuecoach.voice.base import RATE_HZ, Clip


@pytest.fixture(scope="module")
def _server() -> Iterator[SoundServer]:
    if shutil.which("pulseaudio") is None:
        pytest.skip("needs pulseaudio (sudo apt install pulseaudio libportaudio2)")
    folder = Path(tempfile.mkdtemp(prefix="cue-"))  # short: it holds a socket, whose path may have 108 bytes
    server = SoundServer(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sound_server(_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """Give a running sound server that this test's child processes find, and nothing else."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(_server.folder))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    return _server


@pytest.fixture
def clips() -> dict[str, Clip]:
    """Three clips, "a", "b" and "c", of 0.29 s each and different melodies."""
    sounds = {name: shaping.tone(number) for number, name in enumerate("abc")}
    return {name: Clip(name, f"words of {name}", s, "tone", s.size / RATE_HZ) for name, s in sounds.items()}
