"""The parent's side of `render.py`: starts the child, watches it, ends it, and never waits longer than allowed.

Owns the child's life and time. What comes back is file paths, not yet trusted: `clips.py` checks the sound.
All three of the child's streams are files, so neither side can ever block on the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cuecoach.voice import child_process
from cuecoach.voice.settings import VoiceSettings

COMMAND = child_process.command("cuecoach.voice.speech.engine_process")

HOW_TO_GET_SPEECH = {
    "linux": "sudo apt install espeak-ng, or pip install espeakng-loader",
    "darwin": "pip install --force-reinstall pyttsx3",
    "win32": "pip install --force-reinstall pyttsx3",
}.get(sys.platform, "install espeak-ng")

_CHATTER_MAX_BYTES = 1_000_000
_POLL_S = 0.02

Progress = Callable[[int], None]  # told the number of texts dealt with


@dataclass(frozen=True, slots=True)
class FoundVoice:
    """A voice of the speech engine; `languages` are IETF tags as the engine writes them."""

    id: str
    name: str
    languages: tuple[str, ...]


@dataclass(slots=True)
class Rendering:
    """What was made: `files`, or why not (`failures`), by text.

    `ready` tells whether any engine answered, which `engine` and `voice`; `remark` is what it could not do as asked;
    `ending` is why the last child ended; `voices` are listed only when no text was asked for.
    """

    files: dict[str, Path] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    ready: bool = False
    engine: str = ""
    voice: str = ""
    remark: str = ""
    ending: str = ""
    voices: list[FoundVoice] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many texts were dealt with."""
        return len(self.files) + len(self.failures)


class _Place:
    """A child's folder: its three streams, and the files it makes for `texts`."""

    def __init__(self, folder: Path, texts: Sequence[str]) -> None:
        self.folder = folder
        self.request, self.lines, self.chatter = (folder / name for name in ("request", "lines", "chatter"))
        self._texts = texts

    def read(self) -> Rendering:
        """Read what the child has told so far, believing nothing that does not fit the request."""
        made = Rendering()
        for line in self.lines.read_bytes().splitlines():
            fields = child_process.parse(line)
            event, index = fields.get("event"), fields.get("index")
            if event == "ready":
                made.ready = True
                made.engine, made.voice, made.remark = (str(fields.get(name)) for name in ("engine", "voice", "remark"))
            elif event == "voice":
                languages = fields.get("languages")
                tags = tuple(map(str, languages)) if isinstance(languages, list) else ()
                made.voices.append(FoundVoice(str(fields.get("id")), str(fields.get("name")), tags))
            elif isinstance(index, int) and 0 <= index < len(self._texts):
                if event == "done":
                    made.files[self._texts[index]] = self.folder / f"{index}.wav"
                elif event == "failed":
                    made.failures[self._texts[index]] = str(fields.get("reason"))
        return made

    def chatty(self) -> bool:
        """Whether the child has written more than any working one would."""
        return max(self.lines.stat().st_size, self.chatter.stat().st_size) > _CHATTER_MAX_BYTES

    def last_words(self) -> str:
        """Return the last line a dying child wrote to stderr, short enough for a sentence."""
        said = self.chatter.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return said[-1].strip()[:160] if said else ""


def render(
    texts: Sequence[str],
    language: str,
    settings: VoiceSettings,
    folder: Path,
    deadline_s: float,
    progress: Progress,
    command: Sequence[str] = COMMAND,
) -> Rendering:
    """Render `texts`, all of one language, into files below `folder`, until `deadline_s` on the monotonic clock.

    A child that hangs or dies costs the phrase it was at; another child goes on with the rest. `progress` is called
    with the number of texts dealt with.
    """
    whole = Rendering()
    todo = list(texts)
    while todo and time.monotonic() < deadline_s:
        done = len(texts) - len(todo)
        run = _run(todo, language, settings, folder, deadline_s, shifted(progress, done), command)
        whole.files |= run.files
        whole.failures |= run.failures
        whole.ending = run.ending
        if run.ready:
            whole.ready, whole.engine, whole.voice, whole.remark = True, run.engine, run.voice, run.remark
        rest = [text for text in todo if text not in whole.files and text not in whole.failures]
        lost = rest[:1] if run.ready else rest
        whole.failures |= dict.fromkeys(lost, run.ending)
        todo = rest[len(lost) :]
    if todo:
        whole.ending = whole.ending or "no time was left"
        whole.failures |= dict.fromkeys(todo, "no time was left")
    return whole


def voices(settings: VoiceSettings, folder: Path, limit_s: float, command: Sequence[str] = COMMAND) -> Rendering:
    """Return which engine answers within `limit_s`, and its voices."""
    return _run([], "en", settings, folder, time.monotonic() + limit_s, lambda _: None, command)


def shifted(progress: Progress, done: int) -> Progress:
    """Return `progress` for a part of the work that begins when `done` is done."""
    return lambda count: progress(done + count)


def _run(
    texts: Sequence[str],
    language: str,
    settings: VoiceSettings,
    folder: Path,
    deadline_s: float,
    progress: Progress,
    command: Sequence[str],
) -> Rendering:
    """Run one child over `texts`; it is gone when this returns."""
    place = _Place(Path(tempfile.mkdtemp(dir=folder)), texts)
    request = {
        "folder": str(place.folder),
        "texts": list(texts),
        "language": language,
        "voice": settings.voice,
        "rate_wpm": settings.rate_wpm,
        "limit_s": settings.render_timeout_s + 5,
    }
    place.request.write_text(json.dumps(request), encoding="utf-8")
    with place.request.open("rb") as stdin, place.lines.open("wb") as stdout, place.chatter.open("wb") as stderr:
        try:
            process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True)
        except OSError as error:
            return Rendering(ending=str(error))
        try:
            ending = _watch(process, place, deadline_s, settings.render_timeout_s / 3, progress)
        finally:
            process.kill()
            process.wait()
    rendering = place.read()
    rendering.ending = ending or place.last_words() or f"it ended with code {process.returncode}"
    return rendering


def _watch(
    process: subprocess.Popen[bytes], place: _Place, deadline_s: float, stall_s: float, progress: Progress
) -> str:
    """Wait until the child ends (return ""), or until it must be ended (return why)."""
    moved, moved_s = (False, 0), time.monotonic()
    while True:
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return ""
        if place.chatty():
            return "it wrote garbage"
        now_s = time.monotonic()
        made = place.read()
        if (made.ready, made.count) != moved:
            moved, moved_s = (made.ready, made.count), now_s
            progress(made.count)
        if now_s > deadline_s or now_s - moved_s > stall_s:
            return f"no answer for {now_s - moved_s:.0f} s"
