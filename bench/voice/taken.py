"""The rows about what is taken away: the sound server, the speech engine, PortAudio, the device."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from bench.table import Row
from bench.voice.hearing import SETTLE_S, Drive, Room, bursts_of
from cuecoach.types import UtteranceState
from cuecoach.voice.base import ClipSet, Phrase, Utterance
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback import player as playing
from cuecoach.voice.playback.player import Player
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare

BACK_S = 5.0
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
    backs, utterance = [], 0
    with Room() as room:
        time.sleep(SETTLE_S)
        epoch_s = time.monotonic()
        drive = Drive(Player(clips, epoch_s), epoch_s)
        for _ in range(restarts):
            drive.wait(0.2)
            drive.voice.say(Utterance(utterance, "burst-0", drive.t_s, drive.t_s + 1))
            drive.wait(2.0, partial(drive.started, utterance))
            room.server.kill()
            drive.voice.say(Utterance(utterance + 1, "burst-1", drive.t_s, drive.t_s + 0.3))
            drive.wait(0.5)
            utterance += 2
            room.server.start()
            there_s = drive.t_s
            drive.voice.say(Utterance(utterance, "burst-0", there_s, there_s + 20))
            drive.wait(20.0, partial(drive.started, utterance))
            backs.append(drive.t_s - there_s)
            drive.wait(5.0, partial(drive.ended, utterance))
            utterance += 1
        drive.voice.close(drive.t_s)
    ends = {e.utterance: e.state for e in drive.heard if e.state in (UtteranceState.FINISHED, UtteranceState.DROPPED)}
    unlogged = sum(ends.get(number) is not UtteranceState.DROPPED for number in range(utterance) if number % 3 != 2)
    back_s = np.array(backs)
    lost = sum(sentence.startswith("The sound device stopped") for _, sentence in drive.told)
    again = sum(sentence.startswith("Sound is back") for _, sentence in drive.told)
    return [
        Row(
            "taken away",
            f"sound server killed and restarted {restarts} times during cues",
            f"words begin again within {BACK_S:g} s, all told",
            f"median {np.median(back_s):.2f}, worst {back_s.max():.2f} s; {lost} times told lost, {again} back; "
            f"{unlogged} affected cues not logged as dropped; "
            f"the loop's calls took {drive.slowest_s * 1000:.1f} ms at most",
            bool(back_s.max() <= BACK_S and not unlogged and lost == again == restarts and drive.slowest_s < FRAME_S),
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
                "taken away",
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
        drive = Drive(voice, epoch_s)
        drive.poll()
        drive.voice.say(Utterance(0, "lazy-heel.short", drive.t_s, drive.t_s + 2))
        drive.wait(2.5, lambda: drive.ended(0))
        heard = voice.close(drive.t_s)
    finally:
        playing.ARGV = before
    states = [event.state for event in (*drive.heard, *heard)]
    said = [*made.notices, *(sentence for _, sentence in drive.told)]
    wanted = 1 + no_engine if name != "no engine" else 2  # there is no device in this room in any case
    return Row(
        "taken away",
        name,
        "session runs, one line each says what and how",
        f"{' '.join(states)}; {' '.join(said)}",
        UtteranceState.FINISHED in states and len(said) == wanted,
    )
