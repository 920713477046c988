"""A sound server of our own with a null sink, and clips that need no speech engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
import pytest

from bench.voice.sound_server import PipeWire, SoundServer
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Clip

HERE = Path(__file__).parent
SERVERS = {"sound_server", "pipewire", "server"}  # fixtures that run a real sound server


@contextmanager
def _running(kind: type[SoundServer]) -> Iterator[SoundServer]:
    needs.portaudio()
    for name, package in kind.PROGRAMS.items():
        needs.program(name, package)
    folder = Path(tempfile.mkdtemp(prefix="cue-"))  # short: it holds a socket, whose path may have 108 bytes
    server = kind(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a sound server that keeps time, whose machine must not be busy with other tests."""
    for item in items:
        if item.path.is_relative_to(HERE) and SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real_time)


@pytest.fixture(scope="module")
def _server() -> Iterator[SoundServer]:
    with _running(SoundServer) as server:
        yield server


@pytest.fixture
def sound_server(_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """Give a running sound server that this test's child processes find, and nothing else."""
    _be_found(_server, monkeypatch)
    return _server


@pytest.fixture
def pipewire(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """Give the same with PipeWire."""
    with _running(PipeWire) as server:
        _be_found(server, monkeypatch)
        yield server


def _be_found(server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PULSE_SERVER", raising=False)


@pytest.fixture
def clips() -> dict[str, Clip]:
    """Three clips, "a", "b" and "c", of 0.29 s each and different melodies."""
    sounds = {name: audio_processing.tone(number) for number, name in enumerate("abc")}
    return {name: Clip(name, f"words of {name}", s, "tone", s.size / RATE_HZ) for name, s in sounds.items()}
