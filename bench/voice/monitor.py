"""Records what comes out of a sound server, with the time at which it came, in a process of its own.

Usage: `python monitor.py RAW STAMPS`. RAW gets 16-bit stereo at 48 kHz, STAMPS pairs of float64: seconds on the
monotonic clock, and bytes recorded until then. Ends when it is terminated, or when the server dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

RECORD = ("parec", "-d", "cue.monitor", "--format=s16le", "--rate=48000", "--channels=2", "--raw", "--latency-msec=2")


def main() -> None:
    """Record until told to end."""
    with contextlib.suppress(PermissionError, AttributeError):  # late stamps are harmless, but fewer are better
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with (
        Path(sys.argv[1]).open("wb", buffering=0) as raw,
        Path(sys.argv[2]).open("wb", buffering=0) as stamps,
        subprocess.Popen(RECORD, stdout=subprocess.PIPE, bufsize=0) as process,
    ):
        signal.signal(signal.SIGTERM, lambda *_: process.kill())
        assert process.stdout is not None
        count = 0
        while data := process.stdout.read(65536):
            count += len(data)
            stamps.write(struct.pack("dd", time.monotonic(), count))
            raw.write(data)


if __name__ == "__main__":
    main()
