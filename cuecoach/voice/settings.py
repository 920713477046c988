"""What a user may set about the voice. Owns the declarations only; `config.py` fills them."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.settings import setting


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How cues sound. None means "not set": the system's own choice."""

    enabled: bool = setting(True, "Play cues on a sound device; without, they are shown, and written to --audio-out.")
    engine: str = setting(
        "auto", "Where words come from: the system's speech, or none (tones).", choices=("auto", "none")
    )
    voice: str | None = setting(
        None, "Name or id of a voice of the speech engine; unset chooses by the pack's language."
    )
    rate_wpm: int = setting(175, "Speaking rate in words per minute.", low=80, high=300)
    gain_db: float = setting(0.0, "Louder or softer than the level all cues are brought to.", low=-30, high=12)
    device: str | None = setting(None, "Part of the name of the sound device; unset is the system's default.")
    render_timeout_s: float = setting(30.0, "Time limit for preparing the words of a pack.", low=2, high=600)
