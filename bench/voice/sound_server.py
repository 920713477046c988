"""Runs private PulseAudio and PipeWire servers, for tests and measurements that record what comes out.

Debian: libportaudio2 pulseaudio-utils libasound2-plugins, and pulseaudio or dbus-daemon pipewire-pulse wireplumber.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

SINK = "sink_name=cue rate=48000 channels=2"


class SoundServer:
    """A private PulseAudio whose only sink is a null sink named "cue"."""

    PROGRAMS: ClassVar[Mapping[str, str]] = {"pulseaudio": "pulseaudio", "parec": "pulseaudio-utils"}  # and packages

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def env(self) -> dict[str, str]:
        """The environment in which a process finds this server and no other."""
        return {"XDG_RUNTIME_DIR": str(self.folder)}

    def start(self) -> None:
        """Start the server; it plays as soon as this returns."""
        self._begin()
        # A null sink that nobody hears renders two seconds ahead, and then stands still.
        self._run("parec", "-d", "cue.monitor", "--latency-msec=20")

    def control(self, *words: str) -> str:
        """Ask the server for something with pactl; return what it said."""
        command = ("pactl", *words)
        environment = {**os.environ, **self.env}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=20).stdout

    def kill(self) -> None:
        """End the server at once; it may be started again."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        self._processes.clear()
        (self.folder / "pulse" / "native").unlink(missing_ok=True)

    def _begin(self) -> None:
        """Start it, and wait until it answers."""
        self._run(
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--load=module-native-protocol-unix",
            f"--load=module-null-sink {SINK} format=s16le",
        )
        self._await((self.folder / "pulse" / "native").exists)

    def _run(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, env={**os.environ, **self.env}, stdout=quiet, stderr=quiet))

    def _await(self, there: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + 10
        while not there():
            assert self._processes[-1].poll() is None, "the sound server ended"
            assert time.monotonic() < deadline_s, "the sound server did not start"
            time.sleep(0.02)


class PipeWire(SoundServer):
    """The same with PipeWire, as many Linux desktops have it."""

    PROGRAMS: ClassVar[Mapping[str, str]] = {
        "dbus-daemon": "dbus-daemon",
        "pipewire": "pipewire",
        "wireplumber": "wireplumber",
        "pipewire-pulse": "pipewire-pulse",
        "parec": "pulseaudio-utils",
    }

    @property
    def env(self) -> dict[str, str]:
        """See `SoundServer.env`."""
        folder = str(self.folder)
        return {
            "XDG_RUNTIME_DIR": folder,
            "XDG_STATE_HOME": folder,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
        }

    def kill(self) -> None:
        """See `SoundServer.kill`."""
        super().kill()
        for name in ("bus", "pipewire-0", "pipewire-0.lock"):
            (self.folder / name).unlink(missing_ok=True)

    def _begin(self) -> None:
        self._run("dbus-daemon", "--session", f"--address=unix:path={self.folder}/bus", "--nofork", "--nopidfile")
        self._await((self.folder / "bus").exists)
        self._run("pipewire")
        self._await((self.folder / "pipewire-0").exists)
        self._run("wireplumber")
        self._run("pipewire-pulse")
        self._await((self.folder / "pulse" / "native").exists)
        self.control("load-module", "module-null-sink", *SINK.split(), "media.class=Audio/Sink")
        self._await(lambda: "cue" in self.control("list", "short", "sinks"))
        self.control("set-default-sink", "cue")
