"""Runs a real sound server with a null sink, and records what comes out of it on the monotonic clock.

Times are good to about half a millisecond; a null sink hands a sample over some milliseconds before it would sound, so
what is heard here is heard early, never late.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from bench.voice.sound_server import PipeWire, SoundServer
from cuecoach.types import UtteranceEvent
from cuecoach.voice.base import RATE_HZ, Clip, ClipSource, Voice

MONITOR = Path(__file__).resolve().parent / "monitor.py"
SETTLE_S = 2.6  # a null sink that was idle has rendered two seconds ahead
WINDOW_S = 2.0
REACH_S = 0.1
LATE_STARTS_S = 0.2
FRAME_BYTES = 4


SERVERS = {"pulseaudio": SoundServer, "pipewire": PipeWire}


class MonitoredServer:
    """A sound server for this process and its children, recorded from its monitor."""

    server_kind = SoundServer

    def __enter__(self) -> MonitoredServer:
        self.folder = Path(tempfile.mkdtemp(prefix="cue-"))  # short: it holds a socket
        self.sound_server = self.server_kind(self.folder)
        self._before = dict(os.environ)
        os.environ.update(self.sound_server.env)
        self.sound_server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sound_server.kill()
        os.environ.clear()
        os.environ.update(self._before)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Record until the block ends; `recording` is it, from then on."""
        raw, stamps = self.folder / "raw", self.folder / "stamps"
        monitor = subprocess.Popen([sys.executable, str(MONITOR), str(raw), str(stamps)])
        try:
            time.sleep(SETTLE_S)
            yield
            time.sleep(0.5)
        finally:
            monitor.terminate()
            monitor.wait()
        self.recording = Recording(raw, stamps)


class Recording:
    """16-bit stereo with a clock."""

    def __init__(self, raw: Path, stamps: Path) -> None:
        count = raw.stat().st_size // FRAME_BYTES
        self.samples = np.memmap(raw, "<i2", "r", shape=(count, 2)) if count else np.zeros((0, 2), np.int16)
        arrived_s, sizes = np.fromfile(stamps, "f8").reshape(-1, 2).T
        at_s = sizes / FRAME_BYTES / RATE_HZ
        # Data arrive late or on time, never early: the earliest of each window tells the clock's offset.
        edges = np.arange(at_s[0], max(at_s[-1] - WINDOW_S, at_s[0] + 0.1), WINDOW_S)
        groups = [(at_s >= edge) & (at_s < edge + WINDOW_S) for edge in edges]
        best = [np.flatnonzero(group)[np.argmin((arrived_s - at_s)[group])] for group in groups if group.any()]
        self._at_s, self._clock_s = at_s[best], arrived_s[best]

    def clock_s(self, frame: float) -> float:
        """Return when `frame` came out, on the monotonic clock."""
        at_s = frame / RATE_HZ
        return float(at_s + np.interp(at_s, self._at_s, self._clock_s - self._at_s))

    def frame(self, clock_s: float) -> int:
        """Return the frame that came out at `clock_s`."""
        offset_s = float(np.interp(clock_s, self._clock_s, self._clock_s - self._at_s))
        return round((clock_s - offset_s) * RATE_HZ)

    def piece(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Return what came out on the left from `start_s` to `end_s`, -1..1."""
        first, last = max(0, self.frame(start_s)), max(0, self.frame(end_s))
        return np.asarray(self.samples[first:last, 0], np.float64) / 32768

    def find(self, near_s: float, clip: Clip, reach_s: float = REACH_S) -> tuple[float, float]:
        """Return when `clip` began, within `reach_s` of `near_s`, and its normalised cross-correlation there."""
        first = max(0, self.frame(near_s - reach_s))
        sound = self.piece(near_s - reach_s, near_s + reach_s + clip.samples.size / RATE_HZ)
        size = clip.samples.size
        if sound.size < size or not sound.any():
            return float("nan"), 0.0
        length = 1 << int(sound.size + size).bit_length()
        spectrum = np.fft.rfft(sound, length) * np.conj(np.fft.rfft(clip.samples, length))
        products = np.fft.irfft(spectrum, length)[: sound.size - size + 1]
        at = int(np.argmax(products))
        energy = np.linalg.norm(sound[at : at + size]) * np.linalg.norm(clip.samples)
        return self.clock_s(first + at), float(products[at] / energy) if energy else 0.0

    def bursts(self, quiet_s: float, level: float = 0.003) -> list[tuple[float, float]]:
        """Return (start_s, end_s) of every stretch of sound with `quiet_s` of silence before it."""
        loud: list[NDArray[np.intp]] = []
        for begin in range(0, len(self.samples), RATE_HZ * 60):
            part = np.abs(self.samples[begin : begin + RATE_HZ * 60].max(axis=1).astype(np.int32))
            loud.append(np.flatnonzero(part > level * 32768) + begin)
        frames = np.concatenate(loud) if loud else np.zeros(0, np.intp)
        if not frames.size:
            return []
        gaps = np.flatnonzero(np.diff(frames) > quiet_s * RATE_HZ)
        firsts, lasts = np.concatenate(([0], gaps + 1)), np.concatenate((gaps, [frames.size - 1]))
        return [(self.clock_s(frames[a]), self.clock_s(frames[b])) for a, b in zip(firsts, lasts, strict=True)]


@contextmanager
def busy_threads(count: int) -> Iterator[None]:
    """Keep `count` threads of this process busy in pure Python."""
    ended = threading.Event()

    def spin() -> None:
        number = 0
        while not ended.is_set():
            number += 1

    threads = [threading.Thread(target=spin, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep `count` processes busy in pure Python."""
    processes = [subprocess.Popen((sys.executable, "-c", "while True: pass")) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


class VoiceDriver:
    """A voice driven as a session does, by the wall clock."""

    def __init__(self, voice: Voice, epoch_s: float) -> None:
        self.voice = voice
        self.epoch_s = epoch_s
        self.events: list[UtteranceEvent] = []
        self.notices: list[tuple[float, str]] = []
        self.slowest_s = 0.0  # the longest that fetching took: what a frame pays

    @property
    def t_s(self) -> float:
        """The session's time."""
        return time.monotonic() - self.epoch_s

    def poll(self) -> None:
        """Fetch what happened."""
        began_s = time.perf_counter()
        self.events += self.voice.poll(self.t_s)
        self.slowest_s = max(self.slowest_s, time.perf_counter() - began_s)
        self.notices += [(self.t_s, sentence) for sentence in self.voice.notices()]

    def wait(self, duration_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Poll for `duration_s`, or until something is so; return whether it was."""
        end_s = self.t_s + duration_s
        while self.t_s < end_s:
            time.sleep(0.005)
            self.poll()
            if until():
                return True
        return False

    def started(self, utterance: int) -> bool:
        """Whether an utterance has begun to sound; looks at the last few events only."""
        return any(event.utterance == utterance and event.state == "started" for event in self.events[-8:])

    def ended(self, utterance: int) -> bool:
        """Whether an utterance is finished or dropped; looks at the last few events only."""
        return any(
            event.utterance == utterance and event.state in ("finished", "dropped") for event in self.events[-8:]
        )


def bursts_of(count: int, length_s: float) -> Mapping[str, Clip]:
    """Return `count` clips of band-limited noise, like no other: a swapped or interrupted one shows at once."""
    clips = {}
    for number in range(count):
        noise = np.random.default_rng(number).standard_normal(round(length_s * RATE_HZ))
        smooth = np.convolve(noise, np.hanning(12), "same")
        ramp = np.minimum(1.0, np.arange(smooth.size) / 240)
        sound = 0.1 * smooth / np.sqrt(np.mean(smooth**2)) * ramp * ramp[::-1]
        name = f"burst-{number}"
        clips[name] = Clip(name, name, sound.astype(np.float32), ClipSource.RECORDED, length_s)
    return clips
