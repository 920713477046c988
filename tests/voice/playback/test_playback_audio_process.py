"""The sound process with a sound card of our own: what it does after underruns, and when a device is gone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cuecoach.voice.playback import audio_process, default_device
from cuecoach.voice.playback.audio_process import StreamSupervisor
from cuecoach.voice.playback.default_device import DefaultDeviceProbe
from cuecoach.voice.playback.mixer import Mixer

RATE_HZ = 48_000
FRAMES = 480


class Card:
    """What the supervisor uses of sounddevice, with one device that plays when asked."""

    PortAudioError = type("PortAudioError", (Exception,), {})

    def __init__(self) -> None:
        self.streams: list[Any] = []
        self.there = True
        self.name = "card"
        self.now_s = 100.0
        self.delay_s = 0.01

    def query_devices(self, *_: object, **__: object) -> dict[str, Any]:
        if not self.there:
            raise self.PortAudioError("Error querying device -1")
        return {"name": self.name, "index": 0, "hostapi": 0, "max_output_channels": 2}

    def query_hostapis(self, _: int) -> dict[str, str]:
        return {"name": "ALSA"}

    def _terminate(self) -> None:
        pass

    _initialize = _terminate

    def OutputStream(self, **options: Any) -> Any:  # noqa: N802 - as it is called there
        stream = SimpleNamespace(active=True, closed=False, **options)
        stream.start = lambda: None
        stream.close = lambda: setattr(stream, "closed", True)
        self.streams.append(stream)
        return stream

    def play(self, underrun: bool = False) -> np.ndarray:
        """Let the newest stream ask for one buffer."""
        self.now_s += FRAMES / RATE_HZ
        out = np.zeros((FRAMES, 2), np.float32)
        times = SimpleNamespace(outputBufferDacTime=self.delay_s, currentTime=0.0)
        self.streams[-1].callback(out, FRAMES, times, SimpleNamespace(output_underflow=underrun))
        return out


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> tuple[Card, Mixer, StreamSupervisor, io.StringIO]:
    card, out = Card(), io.StringIO()
    monkeypatch.setattr(audio_process.time, "monotonic", lambda: card.now_s)
    mixer = Mixer({"a": np.full(2 * FRAMES, 0.5, np.float32)}, RATE_HZ)
    header = {"rate_hz": RATE_HZ, "device": None, "latency_s": 0.01}
    return card, mixer, StreamSupervisor(card, mixer, header, out), out


def events(out: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in out.getvalue().splitlines()]


def test_an_underrun_is_followed_by_more_latency_and_is_no_loss(scene: Any) -> None:
    card, mixer, supervisor, out = scene
    supervisor._step(card.now_s)
    mixer.add(0, "a", 1e9)
    mixer.add(1, "a", 1e9)
    for underrun in (False, True, False):
        card.play(underrun)
        supervisor._step(card.now_s)
    assert len(card.streams) == 1  # words still sound: they are not cut
    card.play()
    card.play()
    supervisor._step(card.now_s)
    assert [stream.latency for stream in card.streams] == [0.01, 0.03]
    assert card.streams[0].closed
    assert "lost" not in events(out)
    assert events(out).count("finished") == 2
    for _ in range(9):  # however often: up to a limit, and no further
        mixer.add(2, "a", 1e9)
        for underrun in (False, True, False):
            card.play(underrun)
        supervisor._step(card.now_s)
    assert [stream.latency for stream in card.streams] == pytest.approx([0.01, 0.03, 0.09, 0.1])


def test_words_without_underruns_change_nothing(scene: Any) -> None:
    card, mixer, supervisor, _ = scene
    supervisor._step(card.now_s)
    for number in range(5):
        mixer.add(number, "a", 1e9)
        for _ in range(3):
            card.play()
        supervisor._step(card.now_s)
    assert len(card.streams) == 1


def test_a_dead_stream_is_lost_and_looked_for_less_and_less_often_until_it_is_there(scene: Any) -> None:
    card, mixer, supervisor, out = scene
    supervisor._step(card.now_s)
    mixer.add(0, "a", 1e9)
    card.play()
    card.there, card.streams[-1].active = False, False
    supervisor._step(card.now_s)
    lost_s, asked_s = card.now_s, []
    while card.now_s < lost_s + 9.0:
        before = events(out).count("no_device")
        supervisor._step(card.now_s)
        if events(out).count("no_device") > before:
            asked_s.append(card.now_s - lost_s)
        card.now_s += 0.02
    assert np.diff(asked_s) == pytest.approx([0.2, 0.5, 1.0, 2.0, 2.0, 2.0], abs=0.03)
    card.there = True
    for _ in range(30):
        card.now_s += 0.1
        supervisor._step(card.now_s)
        if card.streams[-1].active:
            card.play()
    assert [name for name in events(out) if name in ("open", "lost", "dropped")] == ["open", "lost", "dropped", "open"]


@pytest.mark.parametrize(("silent_s", "lost"), [(1.9, False), (2.1, True)])
def test_a_stream_that_asks_for_nothing_for_two_seconds_is_dead(scene: Any, silent_s: float, lost: bool) -> None:
    card, _, supervisor, out = scene
    supervisor._step(card.now_s)
    card.play()
    supervisor._step(card.now_s)
    supervisor._step(card.now_s + silent_s)
    assert ("lost" in events(out)) is lost


def test_it_is_alive_once_a_second_and_has_two_buffers_in_its_latency(scene: Any) -> None:
    card, _, supervisor, out = scene
    for _ in range(500):
        card.now_s += 0.01
        supervisor._step(card.now_s)
        card.play()
    assert events(out).count("alive") == pytest.approx((card.now_s - 100.0), abs=1)
    assert card.streams[0].blocksize == 240


@pytest.mark.parametrize(("reported_s", "believed_s"), [(0.3, 0.3), (1.9, 1.9), (2.5, 2.0), (-1.0, 0.0)])
def test_a_delay_that_cannot_be_is_not_believed(scene: Any, reported_s: float, believed_s: float) -> None:
    card, mixer, supervisor, _ = scene
    supervisor._step(card.now_s)
    mixer.add(0, "a", 1e9)
    card.delay_s = reported_s
    card.play()
    (_, _, started_s, _) = mixer.events[0]
    assert started_s == pytest.approx(card.now_s + believed_s)


def test_where_streams_do_not_follow_the_default_device_it_is_asked_for_and_followed_between_words(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, mixer, _, out = scene
    answers = iter(["", "card", "headphones", "headphones", ""])
    monkeypatch.setattr(audio_process, "FOLLOW_S", 10.0)
    monkeypatch.setattr(DefaultDeviceProbe, "poll", lambda *_: next(answers))
    header = {"rate_hz": RATE_HZ, "device": None, "latency_s": 0.01}
    supervisor = StreamSupervisor(card, mixer, header, out)
    for _ in range(3):  # it opens; nothing is known; nothing has changed
        supervisor._step(card.now_s)
        card.play()
    mixer.add(0, "a", 1e9)
    card.play()
    supervisor._step(card.now_s)
    assert len(card.streams) == 1  # words sound: nobody is asked
    card.play()
    card.play()
    card.name = "headphones"
    for _ in range(3):
        supervisor._step(card.now_s)
        card.play()
    assert [stream.closed for stream in card.streams] == [True, False]
    opened = [json.loads(line) for line in out.getvalue().splitlines() if '"open"' in line]
    assert [event["device"] for event in opened] == ["card", "headphones"]
    assert "lost" not in events(out)
    assert list(answers) == []


def test_a_device_asked_for_by_name_is_never_left_for_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_process, "FOLLOW_S", 10.0)
    monkeypatch.setattr(DefaultDeviceProbe, "poll", None)  # asking would fail
    card = Card()
    header = {"rate_hz": RATE_HZ, "device": "card", "latency_s": 0.01}
    supervisor = StreamSupervisor(card, Mixer({}, RATE_HZ), header, io.StringIO())
    for _ in range(3):
        supervisor._step(time.monotonic())
        card.play()
    assert len(card.streams) == 1


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ('print(\'{"device": "Kopfh\\\\u00f6rer"}\')', "Kopfhörer"),
        ("raise SystemExit(1)", ""),
        ("print('garbage')", ""),
        ("import time; time.sleep(600)", ""),
    ],
)
def test_the_default_device_is_asked_for_again_and_again_whatever_the_answer(
    monkeypatch: pytest.MonkeyPatch, code: str, answer: str
) -> None:
    monkeypatch.setattr(default_device, "PROBE", code)
    probe = DefaultDeviceProbe(0.5)
    answers = set()
    end_s = time.monotonic() + 1.5
    while time.monotonic() < end_s:
        answers.add(probe.poll(time.monotonic()))
        time.sleep(0.01)
    assert answers == {"", answer}


def test_the_priority_told_is_one_of_three() -> None:
    code = "from cuecoach.voice.playback.audio_process import raise_priority; print(raise_priority())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("real time", "raised", "ordinary")
