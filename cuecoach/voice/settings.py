"""What a user may set about the voice; `config.py` reads the values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cuecoach.settings import setting


class SpeechEngine(StrEnum):
    """Where words come from."""

    AUTO = "auto"  # the system's speech
    NONE = "none"  # tones take the place of words


class MetronomeMode(StrEnum):
    """When the metronome clicks."""

    OFF = "off"
    OFF_TARGET = "off_target"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How cues sound. None means "not set": the system's own choice."""

    enabled: bool = setting(True, "Play cues on a sound device; without, they are shown, and written to --audio-out.")
    engine: str = setting(
        "auto", "Where words come from: the system's speech, or none (tones).", choices=tuple(map(str, SpeechEngine))
    )
    voice: str | None = setting(
        None, "Name or id of a voice of the speech engine; unset chooses by the pack's language."
    )
    rate_wpm: int = setting(190, "Speaking rate in words per minute.", low=80, high=300)
    gain_db: float = setting(0.0, "Louder or softer than the level all cues are brought to.", low=-30, high=12)
    device: str | None = setting(None, "Part of the name of the sound device; unset is the system's default.")
    latency_ms: float = setting(
        10.0, "Least time from the player to the device; longer by itself where sound is interrupted.", low=3, high=200
    )
    pan: float = setting(0.7, "How far a cue about one leg comes from its side: 0 not at all, 1 wholly.", low=0, high=1)
    tone_before: bool = setting(False, "Play each fault's own tone before its words.")
    keep_alive_noise_db: float | None = setting(
        None,
        "Level of a noise under everything, for Bluetooth speakers that sleep and swallow first syllables; -66 is a"
        " beginning, unset is silence.",
        low=-90,
        high=-40,
        formerly=("awake_db",),
    )
    metronome: str = setting(
        "off",
        "Clicks at metronome_spm: off, off_target (only while cadence is off it), or always.",
        choices=tuple(map(str, MetronomeMode)),
    )
    metronome_spm: float | None = setting(
        None, "Cadence of the metronome in steps per minute; unset is 5 % above the runner's own.", low=120, high=240
    )
    metronome_db: float = setting(-6.0, "Level of a click against that of words.", low=-30, high=6)
    recordings: str | None = setting(
        None,
        "Folder of your own WAV files named after cues (lazy-heel.short.wav), which win over speech; unset is the"
        " pack's folder below recordings in the data folder.",
    )
    render_timeout_s: float = setting(30.0, "Time limit for preparing the words of a pack.", low=2, high=600)
