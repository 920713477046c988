"""Measures sessions whose sound server, speech engine, PortAudio or device fails or is missing."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from bench.table import Row
from bench.voice.recording import SETTLE_S, MonitoredServer, VoiceDriver, bursts_of
from cuecoach.types import UtteranceState
from cuecoach.voice.base import ClipSet, Phrase, Utterance
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback import player as playing
from cuecoach.voice.playback.player import Player
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare

RECOVERY_MAX_S = 5.0
FRAME_S = 1 / 30
PHRASES = [Phrase("lazy-heel.short", "pull under", "en"), Phrase("overstride.short", "under you", "en")]

NO_PORTAUDIO = """
import importlib.abc
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "sounddevice": raise OSError("PortAudio library not found")
sys.meta_path.insert(0, Finder())
"""
BROKEN = {
    "hangs": "import time; time.sleep(600)",
    "crashes": "import os; os.abort()",
    "writes garbage": "import os\nwhile True: os.write(1, os.urandom(4096))",
}


def restart_rows(restarts: int) -> list[Row]:
    """Return how soon words are heard again after the sound server died, and what the log says."""
    clips = bursts_of(2, 1.0)
    recoveries, utterance = [], 0
    with MonitoredServer() as server:
        time.sleep(SETTLE_S)
        epoch_s = time.monotonic()
        driver = VoiceDriver(Player(clips, epoch_s), epoch_s)
        for _ in range(restarts):
            driver.wait(0.2)
            driver.voice.say(Utterance(utterance, "burst-0", driver.t_s, driver.t_s + 1))
            driver.wait(2.0, partial(driver.started, utterance))
            server.sound_server.kill()
            driver.voice.say(Utterance(utterance + 1, "burst-1", driver.t_s, driver.t_s + 0.3))
            driver.wait(0.5)
            utterance += 2
            server.sound_server.start()
            restarted_s = driver.t_s
            driver.voice.say(Utterance(utterance, "burst-0", restarted_s, restarted_s + 20))
            driver.wait(20.0, partial(driver.started, utterance))
            recoveries.append(driver.t_s - restarted_s)
            driver.wait(5.0, partial(driver.ended, utterance))
            utterance += 1
        driver.voice.close(driver.t_s)
    ends = {e.utterance: e.state for e in driver.events if e.state in (UtteranceState.FINISHED, UtteranceState.DROPPED)}
    unlogged = sum(ends.get(number) is not UtteranceState.DROPPED for number in range(utterance) if number % 3 != 2)
    recovery_s = np.array(recoveries)
    lost = sum(sentence.startswith("The sound device stopped") for _, sentence in driver.notices)
    again = sum(sentence.startswith("Sound is back") for _, sentence in driver.notices)
    return [
        Row(
            "failures",
            f"sound server killed and restarted {restarts} times during cues",
            f"words begin again within {RECOVERY_MAX_S:g} s, all told",
            f"median {np.median(recovery_s):.2f}, worst {recovery_s.max():.2f} s; "
            f"{lost} times told lost, {again} back; "
            f"{unlogged} affected cues not logged as dropped; "
            f"the loop's calls took {driver.slowest_s * 1000:.1f} ms at most",
            bool(
                recovery_s.max() <= RECOVERY_MAX_S
                and not unlogged
                and lost == again == restarts
                and driver.slowest_s < FRAME_S
            ),
        )
    ]


def rendering_rows() -> list[Row]:
    """Return how a session begins when the rendering child fails."""
    rows = []
    limit_s = 6.0
    for name, code in BROKEN.items():
        with tempfile.TemporaryDirectory() as folder:
            began_s = time.monotonic()
            made = prepare(
                PHRASES, VoiceSettings(render_timeout_s=limit_s), Path(folder), argv=(sys.executable, "-c", code)
            )
            took_s = time.monotonic() - began_s
        tones = sum(clip.source == "tone" for clip in made.clips.values())
        rows.append(
            Row(
                "failures",
                f"rendering child {name}",
                f"tones within its {limit_s:g} s, said so",
                f"{tones} of {len(PHRASES)} tones after {took_s:.1f} s: {' '.join(made.notices)}",
                tones == len(PHRASES) and took_s < limit_s + 1 and len(made.notices) == 1,
            )
        )
    return rows


def missing_rows() -> list[Row]:
    """Return what a session says when engine, PortAudio or device are missing, each alone and all."""
    rows = []
    no_engine = (sys.executable, "-c", "raise SystemExit('no espeak here')")
    no_portaudio = (
        sys.executable,
        "-c",
        f"import sys\n{NO_PORTAUDIO}\nfrom cuecoach.voice.playback import audio_process\naudio_process.main()",
    )
    for name, engine, portaudio in (
        ("no engine", True, False),
        ("no PortAudio", False, True),
        ("no device", False, False),
        ("no engine, no PortAudio, no device", True, True),
    ):
        with tempfile.TemporaryDirectory() as folder:
            made = prepare(PHRASES, VoiceSettings(), Path(folder), argv=no_engine if engine else None)
            rows.append(_without(name, made, no_portaudio if portaudio else playing.ARGV, engine))
    return rows


def _without(name: str, made: ClipSet, command: tuple[str, ...], no_engine: bool) -> Row:
    """Run a short session on a machine without a sound server; `command` is its sound process."""
    before, playing.ARGV = playing.ARGV, command
    try:
        epoch_s = time.monotonic()
        voice = open_voice(made, VoiceSettings(), epoch_s, None)
        driver = VoiceDriver(voice, epoch_s)
        driver.poll()
        driver.voice.say(Utterance(0, "lazy-heel.short", driver.t_s, driver.t_s + 2))
        driver.wait(2.5, lambda: driver.ended(0))
        heard = voice.close(driver.t_s)
    finally:
        playing.ARGV = before
    states = [event.state for event in (*driver.events, *heard)]
    said = [*made.notices, *(sentence for _, sentence in driver.notices)]
    wanted = 1 + no_engine if name != "no engine" else 2  # there is no device here in any case
    return Row(
        "failures",
        name,
        "session runs, one line each says what and how",
        f"{' '.join(states)}; {' '.join(said)}",
        UtteranceState.FINISHED in states and len(said) == wanted,
    )
