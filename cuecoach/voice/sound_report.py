"""What `cuecoach doctor` shows about sound. Asks the child processes themselves: a crash there is a line here."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cuecoach.voice import child_process
from cuecoach.voice.playback import player
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech import engine_client

_LIMIT_S = 15.0
_PRIORITIES = {
    "ordinary": " (a busy machine may tear words; then they are played with more latency; on Linux an rtprio limit for"
    " your user, as audio software asks for, avoids it)"
}


def sound_report(settings: VoiceSettings | None = None) -> list[tuple[str, str]]:
    """Return (name, finding) for the speech engine, PortAudio and the sound device. Takes up to half a minute."""
    return [("speech", _speech(settings or VoiceSettings())), *_playing()]


def device_available() -> bool:
    """Whether there is a sound device to play on, asked of a child process. Takes a third of a second."""
    return bool(_ask_portaudio().get("device"))


def _speech(settings: VoiceSettings) -> str:
    with TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        deadline_s = time.monotonic() + _LIMIT_S
        made = engine_client.render(
            ["sound check"], "en", settings, Path(folder), deadline_s, lambda _: None, engine_client.COMMAND
        )
    if not made.files:
        return f"none ({made.ending.rstrip('. ')}; for words: {engine_client.HOW_TO_GET_SPEECH})"
    return f"{made.engine}, voice {made.voice}" + (f" ({made.remark})" if made.remark else "")


def _playing() -> list[tuple[str, str]]:
    found = _ask_portaudio()
    if "portaudio" not in found:
        return [("PortAudio", f"none ({found['reason']}; on Linux: sudo apt install libportaudio2)")]
    return [
        ("PortAudio", found["portaudio"]),
        ("sound device", found["device"] or f"none ({found['reason']}; connect a speaker or headphones)"),
        ("sound priority", found["priority"] + _PRIORITIES.get(found["priority"], "")),
    ]


def _ask_portaudio() -> dict[str, str]:
    """Return "portaudio" and "device" as far as they exist, and a "reason"."""
    try:
        done = subprocess.run(
            player.COMMAND, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"reason": str(error)}
    found = {key: str(value) for key, value in child_process.parse(done.stdout).items()}
    return {"reason": f"the sound process ended with code {done.returncode}"} | found
