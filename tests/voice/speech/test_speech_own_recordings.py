"""The coach's own recordings win over speech, phrase by phrase; a bad one is said and costs nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cuecoach.errors import DeviceError
from cuecoach.voice import audio_processing
from cuecoach.voice.base import RATE_HZ, Phrase
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech import own_recordings
from cuecoach.voice.speech.clips import prepare

PHRASES = [Phrase("lazy-heel.long", "pull under", "en"), Phrase("flick", "smaller", "en")]
NO_ENGINE = (sys.executable, "-c", "raise SystemExit('none')")


def hum(seconds: float = 0.5, rate_hz: int = 44_100) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate_hz)) / rate_hz)


def test_a_recording_takes_the_place_of_its_phrase_only(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    soundfile.write(folder / "lazy-heel.long.wav", np.stack([hum(), hum()], axis=1), 44_100)
    made = prepare(PHRASES, VoiceSettings(), tmp_path / "cache", recordings=folder, argv=NO_ENGINE)
    assert {cue_id: clip.source for cue_id, clip in made.clips.items()} == {
        "lazy-heel.long": "recorded",
        "flick": "tone",
    }
    clip = made.clips["lazy-heel.long"]
    assert clip.voiced_s == pytest.approx(0.5, abs=0.02)
    assert 20 * np.log10(np.sqrt(np.mean(clip.samples**2))) == pytest.approx(audio_processing.LEVEL_DB, abs=1.0)


def test_a_pack_that_is_recorded_whole_needs_no_engine_and_says_nothing(tmp_path: Path) -> None:
    for phrase in PHRASES:
        own_recordings.save(tmp_path, phrase.cue_id, audio_processing.to_clip(hum(), 44_100))
    made = prepare(PHRASES, VoiceSettings(), tmp_path / "cache", recordings=tmp_path, argv=NO_ENGINE)
    assert made.notices == ()
    assert {clip.source for clip in made.clips.values()} == {"recorded"}


@pytest.mark.parametrize("content", [b"", b"no sound at all"])
def test_a_broken_recording_is_said_and_speech_or_a_tone_takes_its_place(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "flick.ogg").write_bytes(content)
    made = prepare(PHRASES, VoiceSettings(engine="none"), tmp_path / "cache", recordings=tmp_path)
    (notice,) = made.notices
    assert "flick.ogg" in notice
    assert made.clips["flick"].source == "tone"


def test_a_silent_or_endless_recording_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "flick.wav", np.zeros(44_100), 44_100)
    soundfile.write(tmp_path / "lazy-heel.long.wav", hum(audio_processing.LONGEST_S + 1), 44_100)
    sounds, notices = own_recordings.find(tmp_path, PHRASES)
    assert sounds == {}
    assert len(notices) == 2


def test_no_folder_is_no_recordings(tmp_path: Path) -> None:
    assert own_recordings.find(tmp_path / "absent", PHRASES) == ({}, [])
    assert own_recordings.find(None, PHRASES) == ({}, [])


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    clip = audio_processing.to_clip(hum(), 44_100)
    path = own_recordings.save(tmp_path / "new", "flick", clip)
    assert path == own_recordings.path_of(tmp_path / "new", "flick")
    assert sorted(p.name for p in path.parent.iterdir()) == ["flick.wav"]
    again = own_recordings.read(path)
    assert again.size == pytest.approx(clip.size, abs=0.02 * RATE_HZ)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeviceError, match="cannot be written"):
        own_recordings.save(tmp_path / "file", "flick", audio_processing.tone(0))


def test_a_tone_before_the_words_is_the_faults_own(tmp_path: Path) -> None:
    phrases = [Phrase(cue_id, "words", "en") for cue_id in ("flick.long", "flick.short", "lazy-heel.long")]
    for phrase in phrases:
        own_recordings.save(tmp_path, phrase.cue_id, audio_processing.to_clip(hum(), 44_100))
    plain = prepare(phrases, VoiceSettings(engine="none"), tmp_path / "cache", recordings=tmp_path).clips
    toned = prepare(phrases, VoiceSettings(engine="none", tone_before=True), tmp_path, recordings=tmp_path).clips
    heads = {}
    for cue_id, clip in toned.items():
        words = plain[cue_id].samples
        np.testing.assert_array_equal(clip.samples[-words.size :], words)
        assert clip.voiced_s == plain[cue_id].voiced_s
        heads[cue_id] = clip.samples[: -words.size]
        assert np.abs(heads[cue_id]).max() > 0.05
    np.testing.assert_array_equal(heads["flick.long"], heads["flick.short"])
    assert not np.array_equal(heads["flick.long"], heads["lazy-heel.long"])
