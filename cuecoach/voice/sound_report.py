"""What `cuecoach doctor` shows about sound, asked of the child processes themselves: a crash there is a line here."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cuecoach.voice import child_process
from cuecoach.voice.playback import player
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.engine_client import INSTALL_SPEECH, EngineClient

_LIMIT_S = 15.0
_PRIORITIES = {
    "ordinary": " (a busy machine may interrupt words; then they are played with more latency; on Linux an rtprio limit"
    " for your user, as audio software asks for, avoids it)"
}


def sound_report(settings: VoiceSettings | None = None) -> list[tuple[str, str]]:
    """Return (name, finding) for the speech engine, PortAudio and the sound device. Takes up to half a minute."""
    return [("speech", _speech(settings or VoiceSettings())), *_portaudio()]


def device_available() -> bool:
    """Whether there is a sound device to play on, asked of a child process. Takes a third of a second."""
    return bool(_ask_portaudio().get("device"))


def _speech(settings: VoiceSettings) -> str:
    with TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        deadline_s = time.monotonic() + _LIMIT_S
        client = EngineClient(settings, Path(folder))
        rendering = client.render(["sound check"], "en", deadline_s, lambda _: None)
    if not rendering.files:
        return f"none ({rendering.ending.rstrip('. ')}; for words: {INSTALL_SPEECH})"
    return f"{rendering.engine}, voice {rendering.voice}" + (f" ({rendering.remark})" if rendering.remark else "")


def _portaudio() -> list[tuple[str, str]]:
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
        done = subprocess.run(player.ARGV, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"reason": str(error)}
    found = {key: str(value) for key, value in child_process.parse(done.stdout).items()}
    return {"reason": f"the sound process ended with code {done.returncode}"} | found
