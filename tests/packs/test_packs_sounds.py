"""How long the words of the shipped packs are when they are spoken: rendered by the real engine, and measured."""

from __future__ import annotations

import needs
import pytest

from cuecoach.config import cache_folder
from cuecoach.packs import library
from cuecoach.voice.base import ClipSet, Phrase
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare
from cuecoach.voice.speech.recording_check import allowed_s

CUES = [(entry.pack, cue) for entry in library.available() if entry.pack for cue in entry.pack.cues()]
IDS = sorted({pack.id for pack, _ in CUES})


@pytest.fixture(scope="module")
def clips() -> ClipSet:
    """Return every phrase of every shipped pack as sound; quick when the cache has them."""
    needs.speech_engine()
    phrases = [Phrase(f"{pack.id}/{cue.id}", cue.text, pack.language) for pack, cue in CUES]
    return prepare(phrases, VoiceSettings(render_timeout_s=120), cache_folder() / "phrases")


@pytest.mark.parametrize("pack_id", IDS)
def test_every_phrase_is_short_enough_for_its_moment(clips: ClipSet, pack_id: str) -> None:
    too_long = {}
    for pack, cue in CUES:
        if pack.id == pack_id:
            clip = clips.clips[f"{pack_id}/{cue.id}"]
            assert clip.source == "pyttsx3", f"{cue} is a tone: {clips.notices}"
            if clip.voiced_s > allowed_s(cue.id):
                too_long[cue.id] = (cue.text, round(clip.voiced_s, 2))
    assert not too_long
