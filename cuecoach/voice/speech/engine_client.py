"""Runs the speech process (`engine_process.py`): starts it, watches it, and ends it when its time is over.

What comes back is paths of files, not yet trusted: `clips.py` checks the sound. All three of the process' streams are
files, so neither side can ever block on the other.
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

ARGV = child_process.module_argv("cuecoach.voice.speech.engine_process")

INSTALL_SPEECH = {
    "linux": "sudo apt install espeak-ng, or pip install espeakng-loader",
    "darwin": "pip install --force-reinstall pyttsx3",
    "win32": "pip install --force-reinstall pyttsx3",
}.get(sys.platform, "install espeak-ng")

_OUTPUT_MAX_BYTES = 1_000_000
_POLL_S = 0.02

Progress = Callable[[int], None]  # takes the number of texts dealt with


@dataclass(frozen=True, slots=True)
class FoundVoice:
    """A voice of the speech engine; `languages` are IETF tags as the engine writes them."""

    id: str
    name: str
    languages: tuple[str, ...]


@dataclass(slots=True)
class Rendering:
    """What was rendered: `files`, or why not (`failures`), by text.

    `ready` tells whether any engine answered, which `engine` and `voice`; `remark` is what it could not do as asked;
    `ending` is why the last process ended; `voices` are listed only when no text was asked for.
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


class _EngineFiles:
    """The files of one run of the process: its three streams, and what it makes for `texts`."""

    def __init__(self, folder: Path, texts: Sequence[str]) -> None:
        self.folder = folder
        self.stdin, self.stdout, self.stderr = (folder / name for name in ("stdin", "stdout", "stderr"))
        self._texts = texts

    def rendering(self) -> Rendering:
        """Return what the process has reported so far, without what does not fit the request."""
        rendering = Rendering()
        for line in self.stdout.read_bytes().splitlines():
            fields = child_process.parse(line)
            event, index = fields.get("event"), fields.get("index")
            if event == "ready":
                rendering.ready = True
                rendering.engine, rendering.voice, rendering.remark = (
                    str(fields.get(name)) for name in ("engine", "voice", "remark")
                )
            elif event == "voice":
                languages = fields.get("languages")
                tags = tuple(map(str, languages)) if isinstance(languages, list) else ()
                rendering.voices.append(FoundVoice(str(fields.get("id")), str(fields.get("name")), tags))
            elif isinstance(index, int) and 0 <= index < len(self._texts):
                if event == "done":
                    rendering.files[self._texts[index]] = self.folder / f"{index}.wav"
                elif event == "failed":
                    rendering.failures[self._texts[index]] = str(fields.get("reason"))
        return rendering

    def too_long(self) -> bool:
        """Whether the process has written more than a working one would."""
        return max(self.stdout.stat().st_size, self.stderr.stat().st_size) > _OUTPUT_MAX_BYTES

    def last_error(self) -> str:
        """Return the last line on stderr, short enough for a sentence."""
        said = self.stderr.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return said[-1].strip()[:160] if said else ""


class EngineClient:
    """Renders texts with the speech engine in a process of its own.

    Parameters
    ----------
    settings : VoiceSettings
    folder : Path
        Where files are made; the caller removes it.
    argv : sequence of str, optional
        The command line of the process.
    """

    def __init__(self, settings: VoiceSettings, folder: Path, argv: Sequence[str] | None = None) -> None:
        self._settings = settings
        self._folder = folder
        self._argv = tuple(argv or ARGV)

    def render(self, texts: Sequence[str], language: str, deadline_s: float, progress: Progress) -> Rendering:
        """Render `texts`, all of one language, into files, until `deadline_s` on the monotonic clock.

        A process that hangs or dies costs the text it was at; another one goes on with the rest. `progress` is called
        with the number of texts dealt with.
        """
        total = Rendering()
        todo = list(texts)
        while todo and time.monotonic() < deadline_s:
            run = self._run(todo, language, deadline_s, offset_progress(progress, len(texts) - len(todo)))
            total.files |= run.files
            total.failures |= run.failures
            total.ending = run.ending
            if run.ready:
                total.ready, total.engine, total.voice, total.remark = True, run.engine, run.voice, run.remark
            rest = [text for text in todo if text not in total.files and text not in total.failures]
            lost = rest[:1] if run.ready else rest
            total.failures |= dict.fromkeys(lost, run.ending)
            todo = rest[len(lost) :]
        if todo:
            total.ending = total.ending or "no time was left"
            total.failures |= dict.fromkeys(todo, "no time was left")
        return total

    def list_voices(self, limit_s: float) -> Rendering:
        """Return which engine answers within `limit_s`, and its voices."""
        return self._run([], "en", time.monotonic() + limit_s, lambda _: None)

    def _run(self, texts: Sequence[str], language: str, deadline_s: float, progress: Progress) -> Rendering:
        """Run one process over `texts`; it is gone when this returns."""
        files = _EngineFiles(Path(tempfile.mkdtemp(dir=self._folder)), texts)
        request = {
            "folder": str(files.folder),
            "texts": list(texts),
            "language": language,
            "voice": self._settings.voice,
            "rate_wpm": self._settings.rate_wpm,
            "limit_s": self._settings.render_timeout_s + 5,
        }
        files.stdin.write_text(json.dumps(request), encoding="utf-8")
        with files.stdin.open("rb") as stdin, files.stdout.open("wb") as stdout, files.stderr.open("wb") as stderr:
            try:
                process = subprocess.Popen(
                    self._argv, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
                )
            except OSError as error:
                return Rendering(ending=str(error))
            try:
                ending = _watch(process, files, deadline_s, self._settings.render_timeout_s / 3, progress)
            finally:
                process.kill()
                process.wait()
        rendering = files.rendering()
        rendering.ending = ending or files.last_error() or f"it ended with code {process.returncode}"
        return rendering


def offset_progress(progress: Progress, done: int) -> Progress:
    """Return `progress` for a part of the work that begins when `done` is done."""
    return lambda count: progress(done + count)


def _watch(
    process: subprocess.Popen[bytes], files: _EngineFiles, deadline_s: float, stall_s: float, progress: Progress
) -> str:
    """Wait until the process ends (return ""), or until it must be ended (return why)."""
    state, changed_s = (False, 0), time.monotonic()
    while True:
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return ""
        if files.too_long():
            return "it wrote garbage"
        now_s = time.monotonic()
        rendering = files.rendering()
        if (rendering.ready, rendering.count) != state:
            state, changed_s = (rendering.ready, rendering.count), now_s
            progress(rendering.count)
        if now_s > deadline_s or now_s - changed_s > stall_s:
            return f"no answer for {now_s - changed_s:.0f} s"
