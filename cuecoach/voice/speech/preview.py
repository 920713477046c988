"""Lists the voices of the speech engine and plays single clips, for `cuecoach voices` and `cuecoach packs record`.

Unlike a session's voice it waits until the sound has ended, and raises when it cannot be heard.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from cuecoach.errors import DeviceError, InputError
from cuecoach.types import UtteranceState
from cuecoach.voice.base import RATE_HZ, Clip, ClipSource, Phrase, Utterance
from cuecoach.voice.playback.player import Player
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare
from cuecoach.voice.speech.engine_client import INSTALL_SPEECH, EngineClient, FoundVoice

_LIMIT_S = 15.0
_POLL_S = 0.02
_START_S = 3.0


def list_voices(settings: VoiceSettings, language: str | None = None) -> tuple[str, list[FoundVoice]]:
    """Return the speech engine's name and its voices, all or those of `language` ("en" finds "en-us" as well).

    Raises
    ------
    DeviceError
        No engine answers.
    InputError
        It has no voice of this language.
    """
    with tempfile.TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        found = EngineClient(settings, Path(folder)).list_voices(_LIMIT_S)
    if not found.ready:
        why = found.ending.rstrip(". ")
        raise DeviceError(f"No speech engine answered ({why}); for words: {INSTALL_SPEECH}.")
    chosen = [voice for voice in found.voices if language is None or _speaks(voice, language)]
    if not chosen and language is not None:
        raise InputError(f"--language {language}: {found.engine} has no such voice; without the option all are listed.")
    return found.engine, sorted(chosen, key=lambda voice: (voice.languages, voice.id))


def preview(text: str, language: str, settings: VoiceSettings) -> str:
    """Say `text` on the sound device and wait for its end; return a sentence about how it sounded.

    Raises
    ------
    DeviceError
        There is no speech, or nothing to play it on.
    """
    with tempfile.TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        made = prepare([Phrase("preview", text, language)], settings, Path(folder))
    clip = made.clips["preview"]
    if clip.source is ClipSource.TONE:
        raise DeviceError(" ".join(made.notices))
    play_clip(clip, settings)
    remark = f" {' '.join(made.notices)}" if made.notices else ""
    return f"“{text}”: {clip.voiced_s:.2f} s at {settings.rate_wpm} words a minute.{remark}"


def play_clip(clip: Clip, settings: VoiceSettings) -> None:
    """Play one clip to its end.

    Raises
    ------
    DeviceError
        It could not be played.
    """
    epoch_s = time.monotonic()
    player = Player({clip.cue_id: clip}, epoch_s, settings)
    try:
        if player.unavailable:
            raise DeviceError(f"{player.unavailable}.")
        limit_s = _START_S + clip.samples.size / RATE_HZ + 1.0
        player.say(Utterance(0, clip.cue_id, 0.0, _START_S))
        while (now_s := time.monotonic() - epoch_s) < limit_s:
            ends = [
                event
                for event in player.poll(now_s)
                if event.state in (UtteranceState.FINISHED, UtteranceState.DROPPED)
            ]
            if ends and ends[0].state is UtteranceState.FINISHED:
                time.sleep(2 * settings.latency_ms / 1000)  # finished is when the last sample should sound
                return
            if ends:
                break
            time.sleep(_POLL_S)
        raise DeviceError("The words were not heard: the sound device stopped; `cuecoach doctor` tells more.")
    finally:
        player.close(time.monotonic() - epoch_s)


def _speaks(voice: FoundVoice, language: str) -> bool:
    wanted = language.casefold().replace("_", "-")
    tags = [tag.casefold().replace("_", "-") for tag in voice.languages]
    return any(tag == wanted or tag.startswith(f"{wanted}-") for tag in tags)
