"""The sound process (`python -m` this module): plays clips with PortAudio, whatever happens to the device.

The stream stays open with silence for the whole session, so that the first syllable is never swallowed; when it dies
this process opens it again, with back-off. It ends when stdin does, so it never outlives its parent. It imports numpy
and sounddevice only.

stdin: one JSON line {"rate_hz", "device", "latency_s", "noise_level", "click": frames, "clips": [[id, frames], ...]},
the click and the clips as float32, then a line {"utterance", "cue_id", "start_by_s", "start_s", "pan"} for each clip to
play, or {"cadence_spm", "from_s"} for the metronome. stdout: a JSON line for each event; {"event": "alive"} about every
second. Times are seconds on the monotonic clock, which all processes of a machine share. With nothing on stdin it
reports what it finds, and ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import threading
import time
from typing import Any, TextIO

import numpy as np

from cuecoach.voice import child_process
from cuecoach.voice.playback.default_device import DefaultDeviceProbe
from cuecoach.voice.playback.mixer import Mixer
from cuecoach.voice.playback.sample_clock import SampleClock

BACK_OFF_S = (0.2, 0.5, 1.0, 2.0)  # asking again costs 40 ms of a process that has nothing else to do
_TICK_S = 0.02
_ALIVE_S = 1.0
_STALLED_S = 2.0  # a stream whose callback was not called for so long is dead
# The pose model keeps every core busy. Where this process may not go first, clips can have underruns at the least
# latency: each clip that had one makes it longer, up to what survives anything.
_LATENCY_FACTOR = 3.0
_LATENCY_MAX_S = 0.1
_BUFFERS = 2  # in the latency: left to itself PortAudio takes four, for twice the work and no gain
# How often the default device is asked for where a stream does not follow it; on Linux the sound server moves it.
FOLLOW_S = None if sys.platform == "linux" else 10.0
_DELAY_MAX_S = 2.0  # hosts that report more have not set the field


def main() -> None:
    """Play until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    out = child_process.private_stdout()
    header = json.loads(sys.stdin.buffer.readline() or b"{}")
    click = np.frombuffer(sys.stdin.buffer.read(4 * header.get("click", 0)), "<f4")
    clips = {name: np.frombuffer(sys.stdin.buffer.read(4 * n), "<f4") for name, n in header.get("clips", ())}
    priority = raise_priority()
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        child_process.send(out, event="no_portaudio", reason=str(error))
        return
    if not header:
        child_process.send(out, event="report", **report(sounddevice), priority=priority)
        return
    mixer = Mixer(clips, header["rate_hz"], click, header["noise_level"])
    ended = threading.Event()
    threading.Thread(target=_read_commands, args=(mixer, ended), daemon=True).start()
    gc.collect()
    gc.freeze()
    gc.disable()  # nothing below makes cycles; a collection would come at the worst moment
    StreamSupervisor(sounddevice, mixer, header, out).run(ended)


def raise_priority() -> str:
    """Ask the system to run this process before others; return "real time", "raised" or "ordinary".

    What is done here is little (a few per cent of a core) but cannot wait. macOS puts sound first by itself.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # threads made from now on inherit it
        return "real time"
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -11)
        return "raised"
    if sys.platform == "win32":
        high_priority_class = 0x80
        kernel = ctypes.windll.kernel32
        if kernel.SetPriorityClass(kernel.GetCurrentProcess(), high_priority_class):
            return "raised"
    return "ordinary"


def report(sounddevice: Any) -> dict[str, str]:
    """Return PortAudio's version, and the default output device or the reason why there is none."""
    found = {"portaudio": sounddevice.get_portaudio_version()[1].split(",")[0], "device": "", "reason": ""}
    try:
        found["device"] = sounddevice.query_devices(kind="output")["name"]
    except (sounddevice.PortAudioError, ValueError) as error:
        found["reason"] = str(error)
    return found


def _read_commands(mixer: Mixer, ended: threading.Event) -> None:
    for line in sys.stdin.buffer:
        fields = json.loads(line)
        if "cadence_spm" in fields:
            mixer.set_metronome(**fields)
        else:
            mixer.add(**fields)
    ended.set()


class StreamSupervisor:
    """Keeps a stream open, whatever happens to the device, and reports every event to the parent."""

    def __init__(self, sounddevice: Any, mixer: Mixer, header: dict[str, Any], out: TextIO) -> None:
        self._sounddevice = sounddevice
        self._mixer = mixer
        self._rate_hz: int = header["rate_hz"]
        self._device: str | None = header["device"]
        self._latency_s: float = header["latency_s"]
        self._clock = SampleClock(self._rate_hz)
        self._interrupted_clips = 0  # when the latency was last changed
        self._clock_jumps = 0
        self._out = out
        self._stream: Any = None
        self._portaudio_used = False  # its list of devices is frozen from then on
        self._failures = 0
        self._retry_s = 0.0
        self._buffers, self._buffer_s = 0, 0.0
        self._alive_sent_s = 0.0
        self._device_name = ""  # of the device that plays
        self._default_probe = DefaultDeviceProbe(FOLLOW_S) if FOLLOW_S is not None and self._device is None else None

    def run(self, ended: threading.Event) -> None:
        """Supervise until the parent closes stdin or is gone."""
        try:
            while not ended.wait(_TICK_S):
                self._step(time.monotonic())
            if self._stream is not None:
                self._stream.abort()
            self._mixer.drop_playing(time.monotonic(), "session ended")
            self._send_events()
        except BrokenPipeError:
            return

    def _step(self, now_s: float) -> None:
        if self._stream is None:
            self._mixer.drop_expired(now_s, "no device")
            if now_s >= self._retry_s:
                self._open(now_s)
        elif not self._alive(now_s):
            self._stream.close()
            self._stream = None
            self._mixer.drop_playing(now_s, "device lost")
            child_process.send(self._out, event="lost")
        elif self._mixer.interrupted_clips > self._interrupted_clips and not self._mixer.busy:
            self._increase_latency(now_s)
        elif self._default_probe is not None and not self._mixer.busy:
            self._follow_default(self._default_probe.poll(now_s), now_s)
        self._send_events()
        if now_s - self._alive_sent_s >= _ALIVE_S:
            child_process.send(self._out, event="alive")
            self._alive_sent_s = now_s

    def _alive(self, now_s: float) -> bool:
        if self._mixer.buffers != self._buffers:
            self._buffers, self._buffer_s = self._mixer.buffers, now_s
        return bool(self._stream.active) and now_s - self._buffer_s < _STALLED_S

    def _increase_latency(self, now_s: float) -> None:
        """Open the stream again with more latency, so that the next clip has no underrun."""
        self._interrupted_clips = self._mixer.interrupted_clips
        if self._latency_s < _LATENCY_MAX_S:
            self._latency_s = min(_LATENCY_MAX_S, _LATENCY_FACTOR * self._latency_s)
            self._reopen(now_s)

    def _follow_default(self, default: str, now_s: float) -> None:
        """Move to the device that is the default now; an empty name says nothing."""
        if default not in ("", self._device_name):
            self._reopen(now_s)

    def _reopen(self, now_s: float) -> None:
        self._stream.close()
        self._stream = None
        self._open(now_s)

    def _open(self, now_s: float) -> None:
        try:
            if self._portaudio_used:
                self._sounddevice._terminate()
                self._sounddevice._initialize()
            self._portaudio_used = True
            self._clock.restart()
            device, found = self._choose()
            self._stream = self._start(device)
        except (self._sounddevice.PortAudioError, ValueError) as error:
            child_process.send(self._out, event="no_device", reason=str(error))
            self._retry_s = now_s + BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
            self._failures += 1
            return
        self._failures = 0
        self._buffers, self._buffer_s = self._mixer.buffers, time.monotonic()
        self._device_name = str(device["name"])
        child_process.send(self._out, event="open", device=self._device_name, as_asked=found, latency_s=self._latency_s)

    def _choose(self) -> tuple[dict[str, Any], bool]:
        """Return the device asked for, or the default; and whether it is the one asked for."""
        if self._device is not None:
            try:
                return self._sounddevice.query_devices(self._device, kind="output"), True
            except ValueError:
                return self._sounddevice.query_devices(kind="output"), False
        return self._sounddevice.query_devices(kind="output"), True

    def _start(self, device: dict[str, Any]) -> Any:
        extra = None
        if "WASAPI" in self._sounddevice.query_hostapis(device["hostapi"])["name"]:
            extra = self._sounddevice.WasapiSettings(auto_convert=True)  # Windows' mixer has a rate of its own
        stream = self._sounddevice.OutputStream(
            samplerate=self._rate_hz,
            channels=min(2, device["max_output_channels"]),
            device=device["index"],
            dtype="float32",
            latency=self._latency_s,
            blocksize=round(self._rate_hz * self._latency_s / _BUFFERS),
            extra_settings=extra,
            callback=self._callback,
        )
        stream.start()
        return stream

    def _callback(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """Hand the buffer to the mixer with the time it will sound; nothing else may happen here."""
        delay_s = times.outputBufferDacTime - times.currentTime
        at_s = self._clock.at(time.monotonic() + min(max(delay_s, 0.0), _DELAY_MAX_S), frames)
        jumped = self._clock.jumps != self._clock_jumps
        self._clock_jumps = self._clock.jumps
        self._mixer.fill(out, at_s, jumped or status.output_underflow)

    def _send_events(self) -> None:
        while self._mixer.events:
            event, utterance, at_s, detail = self._mixer.events.popleft()
            child_process.send(self._out, event=event, utterance=utterance, at_s=at_s, detail=detail)


if __name__ == "__main__":
    main()
