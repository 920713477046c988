"""Turns phrases into clips before the session begins: the coach's recordings, else speech, else tones. Never fails.

Rendered speech is kept in a cache. The speech engine itself runs in a process of its own (`engine_process.py`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice import audio_processing
from cuecoach.voice.base import Clip, ClipSet, ClipSource, Phrase
from cuecoach.voice.settings import SpeechEngine, VoiceSettings
from cuecoach.voice.speech import engine_client, own_recordings
from cuecoach.voice.speech.engine_client import INSTALL_SPEECH, EngineClient

_DIGEST_BYTES = hashlib.sha256().digest_size

Progress = Callable[[int, int], None]


def prepare(
    phrases: Sequence[Phrase],
    settings: VoiceSettings,
    cache_dir: Path,
    progress: Progress | None = None,
    *,
    recordings: Path | None = None,
    argv: Sequence[str] | None = None,
) -> ClipSet:
    """Return a clip for every phrase; one that cannot be spoken becomes its fault's tone, and the notices say so.

    Takes at most `settings.render_timeout_s`. `progress(done, total)` counts phrases. `recordings` is a folder of
    sounds named after cues, which win over speech. `argv` is the command line of the speech process.
    """
    own, notices = own_recordings.find(recordings, phrases)
    texts = list(dict.fromkeys((phrase.language, phrase.text) for phrase in phrases if phrase.cue_id not in own))
    report = progress or (lambda _done, _total: None)
    speaks = settings.engine != SpeechEngine.NONE
    cache_names = {pair: _cache_name(*pair, settings) for pair in texts} if speaks else {}
    words = {pair: kept for pair, name in cache_names.items() if (kept := _read_cached(cache_dir / name)) is not None}
    missing = sorted(pair for pair in cache_names if pair not in words)
    if missing:
        report(len(words), len(texts))
        cached = len(words)
        try:
            rendered, failures, remarks = _render(missing, settings, argv, lambda n: report(cached + n, len(texts)))
        except OSError as error:  # no room for temporary files
            rendered, failures, remarks = {}, {}, [_no_engine_notice(str(error))]
        notices += remarks
        if not remarks:  # words in another voice than asked for are not kept: it may be there next time
            notices += _write_cache(cache_dir, {cache_names[pair]: samples for pair, samples in rendered.items()})
        notices += _failure_notices(failures, len(texts))
        words = words | rendered
    report(len(texts), len(texts))
    ranks = {fault: rank for rank, fault in enumerate(sorted({_fault(phrase) for phrase in phrases}))}
    clips = {}
    for phrase in phrases:
        rank = ranks[_fault(phrase)]
        spoken = words.get((phrase.language, phrase.text))
        if phrase.cue_id in own:
            clip = _clip(phrase, own[phrase.cue_id], ClipSource.RECORDED, rank, settings)
        elif spoken is not None:
            clip = _clip(phrase, spoken, ClipSource.PYTTSX3, rank, settings)
        else:
            clip = _clip(phrase, audio_processing.tone(rank), ClipSource.TONE, rank, settings)
        clips[phrase.cue_id] = clip
    return ClipSet(clips, tuple(notices))


def _clip(phrase: Phrase, words: NDArray[np.float32], source: ClipSource, rank: int, settings: VoiceSettings) -> Clip:
    tone_first = settings.tone_before and source is not ClipSource.TONE
    sound = audio_processing.with_tone(words, rank) if tone_first else words
    samples = audio_processing.amplify(sound, settings.gain_db)
    samples.flags.writeable = False
    return Clip(phrase.cue_id, phrase.text, samples, source, audio_processing.voiced_s(words))


def _fault(phrase: Phrase) -> str:
    """Return what a cue is about, by its id: all phrases about one fault share a tone."""
    return phrase.cue_id.split(".")[0]


def _render(
    missing: Sequence[tuple[str, str]],
    settings: VoiceSettings,
    argv: Sequence[str] | None,
    progress: engine_client.Progress,
) -> tuple[dict[tuple[str, str], NDArray[np.float32]], dict[str, str], list[str]]:
    """Render (language, text) pairs, sorted by language; return the words, the failures by text, and notices."""
    deadline_s = time.monotonic() + settings.render_timeout_s
    words: dict[tuple[str, str], NDArray[np.float32]] = {}
    failures: dict[str, str] = {}
    notices: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        client = EngineClient(settings, Path(folder), argv)
        for language, group in groupby(missing, key=lambda pair: pair[0]):
            texts = [text for _, text in group]
            rendering = client.render(texts, language, deadline_s, engine_client.offset_progress(progress, done))
            done += len(texts)
            if not rendering.ready:
                return words, failures, [*notices, _no_engine_notice(rendering.ending)]
            if rendering.remark:
                notices.append(f"Speech is not quite as asked: {rendering.remark}; another voice speaks.")
            failures |= rendering.failures
            for text, path in rendering.files.items():
                try:
                    words[language, text] = own_recordings.read(path)
                except audio_processing.UnusableSoundError as error:
                    failures[text] = str(error)
    return words, failures, notices


def _cache_name(language: str, text: str, settings: VoiceSettings) -> str:
    """Name the cache file by everything that decides what it sounds like."""
    try:
        version = importlib.metadata.version("pyttsx3")
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    parts = [
        "pyttsx3",
        version,
        sys.platform,
        settings.voice,
        settings.rate_wpm,
        language,
        text,
        audio_processing.VERSION,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest() + ".clip"


def _read_cached(path: Path) -> NDArray[np.float32] | None:
    """Return the clip kept at `path`; None when there is none or it is damaged.

    A kept clip is the SHA-256 of what follows, then little-endian float32 samples at RATE_HZ.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, sound = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if not sound or hashlib.sha256(sound).digest() != digest:
        return None
    return np.frombuffer(sound, dtype="<f4").astype(np.float32)


def _write_cache(cache_dir: Path, clips: dict[str, NDArray[np.float32]]) -> list[str]:
    """Put clips into the cache, each whole or not at all; a cache that cannot be written is said once."""
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        for name, samples in clips.items():
            sound = samples.astype("<f4").tobytes()
            part = cache_dir / f"{name}.{os.getpid()}.part"
            try:
                part.write_bytes(hashlib.sha256(sound).digest() + sound)
                part.replace(cache_dir / name)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        return [f"Speech cannot be kept in {cache_dir} ({error.strerror}), so it is prepared anew each time."]
    return []


def _no_engine_notice(reason: str) -> str:
    why = reason.rstrip(". ")
    return (
        f"No speech engine answered ({why}), so every cue not kept from before is a tone of its own; "
        f"for words: {INSTALL_SPEECH}."
    )


def _failure_notices(failures: dict[str, str], total: int) -> list[str]:
    if not failures:
        return []
    text, reason = next(iter(failures.items()))
    several = f"{len(failures)} of {total} phrases could not be spoken and are tones, the first is"
    start = several if len(failures) > 1 else "One phrase could not be spoken and is a tone:"
    return [f"{start} “{text}” ({reason.rstrip('. ')})."]
