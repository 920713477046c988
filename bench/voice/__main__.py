"""Measures the voice against its targets: when and how completely cues are heard, and what happens after failures.

Usage: `python -m bench.voice [ROW ...] [--cues N] [--restarts N] [--threads N] [--processes N] [--ordinary]
[--server pulseaudio|pipewire]`. Rows: onset, scheduled, many, restarts, rendering, missing, pyttsx3, pose; all when
none is named. Everything plays on a real sound server with a null sink, and is recorded from its monitor (Debian:
pulseaudio, pulseaudio-utils, libportaudio2; dbus-daemon, pipewire-pulse and wireplumber for PipeWire; alsa-utils for
the pyttsx3 row). The machine's load average stands beside: numbers of a busy machine are numbers of a busy machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable

from bench.table import Row, add_options, finish
from bench.voice.comparisons import pose_rows, pyttsx3_rows
from bench.voice.failures import missing_rows, rendering_rows, restart_rows
from bench.voice.playing import many_rows, onset_rows, scheduled_rows
from bench.voice.recording import SERVERS, MonitoredServer, busy_processes
from cuecoach.voice.playback import player as playing

ORDINARY = """
from cuecoach.voice.playback import audio_process
audio_process.raise_priority = lambda: "ordinary"
audio_process.main()
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--cues", type=int, default=300, help="cues in one run (the issue asks for 10000)")
    parser.add_argument("--restarts", type=int, default=5, help="how often the sound server is killed")
    parser.add_argument("--threads", type=int, default=2, help="busy Python threads beside")
    parser.add_argument("--processes", type=int, default=0, help="busy processes beside, in every row")
    parser.add_argument("--server", choices=SERVERS, default="pulseaudio", help="the sound server")
    parser.add_argument("--ordinary", action="store_true", help="without the priority that a user may not have")
    add_options(parser)
    asked = parser.parse_args()
    if asked.ordinary:
        playing.ARGV = (sys.executable, "-P", "-c", ORDINARY)
    MonitoredServer.server_kind = SERVERS[asked.server]
    rows: dict[str, Callable[[], list[Row]]] = {
        "onset": lambda: onset_rows(60, asked.threads),
        "scheduled": lambda: scheduled_rows(40, asked.threads),
        "many": lambda: many_rows(asked.cues),
        "restarts": lambda: restart_rows(asked.restarts),
        "rendering": rendering_rows,
        "missing": missing_rows,
        "pyttsx3": lambda: pyttsx3_rows(asked.threads),
        "pose": pose_rows,
    }
    unknown = set(asked.rows) - set(rows)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(rows)}")
    title = f"Voice, on {asked.server}, {asked.processes} busy processes beside"
    found: list[Row] = []
    with busy_processes(asked.processes):
        for name in asked.rows or rows:
            for row in rows[name]():
                beside = f"{row.found} (load {os.getloadavg()[0]:.1f})"
                found.append(dataclasses.replace(row, found=beside))
    return finish(found, "voice", title, save_baseline=asked.save_baseline)


if __name__ == "__main__":
    sys.exit(main())
