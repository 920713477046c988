"""Asks a short-lived process which device the system would play on now.

PortAudio's list of devices is frozen for as long as a process uses it, and on Windows and macOS a stream stays where it
was opened when the user chooses another default device.
"""

from __future__ import annotations

import subprocess
import sys

from cuecoach.voice import child_process

PROBE = "import json, sounddevice; print(json.dumps({'device': sounddevice.query_devices(kind='output')['name']}))"


class DefaultDeviceProbe:
    """Asks every `every_s` and never waits for the answer: 0.1 s of one core each time."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def poll(self, now_s: float) -> str:
        """Return the device's name when an answer has come since the last call, else an empty text."""
        process = self._process
        if process is not None and process.poll() is not None:
            answer, _ = process.communicate()
            self._process = None
            return str(child_process.parse(answer).get("device", ""))
        if now_s >= self._next_s:
            self._next_s = now_s + self._every_s
            if process is not None:  # it hangs
                process.kill()
            else:
                self._process = subprocess.Popen(
                    (sys.executable, "-P", "-c", PROBE),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
        return ""
