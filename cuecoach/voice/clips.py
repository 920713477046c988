"""Phrases to clips, before the first stride: from the cache, from the speech engine, or as tones. Never fails.

Owns the cache and the choice between words and tones. The engine itself lives in a child process (`renderer.py`).
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

from cuecoach.voice import renderer, shaping
from cuecoach.voice.base import Clip, ClipSet, Phrase
from cuecoach.voice.settings import VoiceSettings

_HOW_TO_GET_SPEECH = {
    "linux": "sudo apt install espeak-ng, or pip install espeakng-loader",
    "darwin": "pip install --force-reinstall pyttsx3",
    "win32": "pip install --force-reinstall pyttsx3",
}
_DIGEST_BYTES = hashlib.sha256().digest_size

Progress = Callable[[int, int], None]


def prepare(
    phrases: Sequence[Phrase],
    settings: VoiceSettings,
    cache_dir: Path,
    progress: Progress | None = None,
    *,
    command: Sequence[str] = renderer.COMMAND,
) -> ClipSet:
    """Return a clip for every phrase; one that cannot be spoken becomes a tone of its own, and the notices say so.

    Takes at most `settings.render_timeout_s`. `progress(done, total)` counts phrases. `command` is the rendering
    child.
    """
    texts = list(dict.fromkeys((phrase.language, phrase.text) for phrase in phrases))
    tell = progress or (lambda _done, _total: None)
    keys = {pair: _key(*pair, settings) for pair in texts} if settings.engine != "none" else {}
    words = {pair: kept for pair, key in keys.items() if (kept := _recall(cache_dir / key)) is not None}
    missing = sorted(pair for pair in keys if pair not in words)
    notices: list[str] = []
    if missing:
        tell(len(words), len(texts))
        known = len(words)
        try:
            rendered, failures, notices = _render(missing, settings, command, lambda n: tell(known + n, len(texts)))
        except OSError as error:  # no room for temporary files
            rendered, failures, notices = {}, {}, [_no_engine(str(error))]
        if not notices:  # words in another voice than asked for are not kept: it may be there next time
            notices += _keep(cache_dir, {keys[pair]: samples for pair, samples in rendered.items()})
        notices += _complaints(failures, len(texts))
        words = words | rendered
    tell(len(texts), len(texts))
    ranks = {cue_id: rank for rank, cue_id in enumerate(sorted({phrase.cue_id for phrase in phrases}))}
    clips = {p.cue_id: _clip(p, words.get((p.language, p.text)), ranks[p.cue_id], settings.gain_db) for p in phrases}
    return ClipSet(clips, tuple(notices))


def _clip(phrase: Phrase, words: NDArray[np.float32] | None, rank: int, gain_db: float) -> Clip:
    raw, engine = (shaping.tone(rank), "tone") if words is None else (words, "pyttsx3")
    samples = shaping.amplified(raw, gain_db)
    samples.flags.writeable = False
    return Clip(phrase.cue_id, phrase.text, samples, engine, shaping.voiced_s(raw))


def _render(
    missing: Sequence[tuple[str, str]], settings: VoiceSettings, command: Sequence[str], progress: renderer.Progress
) -> tuple[dict[tuple[str, str], NDArray[np.float32]], dict[str, str], list[str]]:
    """Render (language, text) pairs, sorted by language; return the words, the failures by text, and notices."""
    deadline_s = time.monotonic() + settings.render_timeout_s
    words: dict[tuple[str, str], NDArray[np.float32]] = {}
    failures: dict[str, str] = {}
    notices: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory(prefix="cuecoach-", ignore_cleanup_errors=True) as folder:
        for language, group in groupby(missing, key=lambda pair: pair[0]):
            texts = [text for _, text in group]
            report = renderer.shifted(progress, done)
            made = renderer.render(texts, language, settings, Path(folder), deadline_s, report, command)
            done += len(texts)
            if not made.ready:
                return words, failures, [*notices, _no_engine(made.ending)]
            if made.remark:
                notices.append(f"Speech is not quite as asked: {made.remark}; another voice speaks.")
            failures |= made.failures
            for text, path in made.files.items():
                try:
                    words[language, text] = _read(path)
                except shaping.UnusableSoundError as error:
                    failures[text] = str(error)
    return words, failures, notices


def _read(path: Path) -> NDArray[np.float32]:
    """Read what the engine wrote, by content: macOS writes AIFF whatever the name says."""
    import soundfile  # here, because a session whose clips are all cached never needs it

    try:
        samples, rate_hz = soundfile.read(path, dtype="float32")
    except (soundfile.SoundFileError, OSError) as error:
        raise shaping.UnusableSoundError("what it wrote is no sound") from error
    return shaping.shape(samples, rate_hz)


def _key(language: str, text: str, settings: VoiceSettings) -> str:
    """Name the cache file by everything that decides what it sounds like."""
    try:
        version = importlib.metadata.version("pyttsx3")
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    parts = ["pyttsx3", version, sys.platform, settings.voice, settings.rate_wpm, language, text, shaping.VERSION]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest() + ".clip"


def _recall(path: Path) -> NDArray[np.float32] | None:
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


def _keep(cache_dir: Path, clips: dict[str, NDArray[np.float32]]) -> list[str]:
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


def _no_engine(reason: str) -> str:
    how = _HOW_TO_GET_SPEECH.get(sys.platform, "install espeak-ng")
    why = reason.rstrip(". ")
    return (
        f"No speech engine answered ({why}), so every cue not kept from before is a tone of its own; for words: {how}."
    )


def _complaints(failures: dict[str, str], total: int) -> list[str]:
    if not failures:
        return []
    text, reason = next(iter(failures.items()))
    several = f"{len(failures)} of {total} phrases could not be spoken and are tones, the first is"
    start = several if len(failures) > 1 else "One phrase could not be spoken and is a tone:"
    return [f"{start} “{text}” ({reason.rstrip('. ')})."]
