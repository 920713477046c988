"""A sound server of our own, for tests that want to hear what comes out (Debian: pulseaudio, libportaudio2)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path


class SoundServer:
    """A private PulseAudio whose only sink is a null sink named "cue"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                f"--log-target=file:{self.folder / 'log'}",
                "--load=module-native-protocol-unix",
                "--load=module-null-sink sink_name=cue rate=48000 channels=2 format=s16le",
            ],
            env={**os.environ, **self.env},
        )
        deadline_s = time.monotonic() + 10
        while not (self.folder / "pulse" / "native").exists():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline_s, "the sound server did not start"
            time.sleep(0.02)
        if shutil.which("parec"):  # a null sink that nobody hears renders two seconds ahead, and then stands still
            listen = ["parec", "-d", "cue.monitor", "--latency-msec=20"]
            self._listener = subprocess.Popen(
                listen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.env}
            )

    @property
    def env(self) -> dict[str, str]:
        return {"XDG_RUNTIME_DIR": str(self.folder)}

    def control(self, *words: str) -> str:
        """Ask the server for something with pactl; return what it said."""
        done = subprocess.run(
            ["pactl", *words], env={**os.environ, **self.env}, capture_output=True, text=True, check=True, timeout=20
        )
        return done.stdout

    def kill(self) -> None:
        for process in (self._listener, self._process):
            if process is not None:
                process.kill()
                process.wait()
        (self.folder / "pulse" / "native").unlink(missing_ok=True)
