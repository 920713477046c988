"""Which device the system would play on now, asked of a short-lived process.

Owns that process. It is needed because PortAudio's list of devices is frozen for as long as it is used, and because on
Windows and macOS a stream stays where it was opened when the user chooses another default device.
"""

from __future__ import annotations

import subprocess
import sys

from cuecoach.voice import child_process

ASK = "import json, sounddevice; print(json.dumps({'device': sounddevice.query_devices(kind='output')['name']}))"


class Default:
    """Asks every `every_s` and never waits: 0.1 s of one core each time."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def answer(self, now_s: float) -> str:
        """Return the device's name when an answer has come since the last call, else nothing."""
        process = self._process
        if process is not None and process.poll() is not None:
            said, _ = process.communicate()
            self._process = None
            return str(child_process.parse(said).get("device", ""))
        if now_s >= self._next_s:
            self._next_s = now_s + self._every_s
            if process is not None:  # it hangs
                process.kill()
            else:
                self._process = subprocess.Popen(
                    (sys.executable, "-P", "-c", ASK),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
        return ""
