"""Chooses the voice of a session, and says in a sentence where cues go when there is no sound device."""

from __future__ import annotations

from pathlib import Path

from cuecoach.errors import CueCoachError, DeviceError
from cuecoach.voice.base import ClipSet, SoundWriter, Voice
from cuecoach.voice.playback.fallback_voice import FallbackVoice
from cuecoach.voice.playback.player import Player
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.playback.wav_writer import WavWriter
from cuecoach.voice.settings import VoiceSettings


def open_voice(
    clips: ClipSet,
    settings: VoiceSettings,
    epoch_s: float | None,
    audio_out: Path | None,
    fallback_out: Path | None = None,
    film_sound: SoundWriter | None = None,
) -> Voice:
    """Return the voice for a session.

    Parameters
    ----------
    epoch_s
        `time.monotonic()` at `t_s` = 0 for a live session, which plays on a device where there is one. None for a
        session that does not run by the wall clock, in which cues only take their time.
    audio_out
        Where the cues are written as well, whatever plays them.
    fallback_out
        Where they are written when a live session finds no device and `audio_out` is None.
    film_sound
        The sound track of a film that they are written to as well.

    Raises
    ------
    InputError, DeviceError
        When the file cannot be made.
    """
    if film_sound is not None:
        return RecordingVoice(
            open_voice(clips, settings, epoch_s, audio_out, fallback_out), clips.clips, film_sound, settings
        )
    if epoch_s is None or not settings.enabled:
        return _recorded(SilentVoice(clips.clips), clips, settings, audio_out)
    path = audio_out or fallback_out
    where = f"cues are shown and written to {path}" if path else "cues are shown only"
    try:
        player = Player(clips.clips, epoch_s, settings)
    except DeviceError as error:
        return _recorded(SilentVoice(clips.clips, [f"{error}; {where}."]), clips, settings, path)
    try:
        if player.unavailable:
            notice = f"{player.unavailable}; until then {where}."
            return _recorded(FallbackVoice(player, SilentVoice(clips.clips, [notice])), clips, settings, path)
        return _recorded(player, clips, settings, audio_out)
    except CueCoachError:
        player.close(0.0)
        raise


def _recorded(voice: Voice, clips: ClipSet, settings: VoiceSettings, path: Path | None) -> Voice:
    return RecordingVoice(voice, clips.clips, WavWriter(path), settings) if path else voice
