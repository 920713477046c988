"""The speech process (`python -m` this module): renders words into WAV files with pyttsx3.

Reads one JSON request on stdin, writes one JSON line per phrase to stdout, and ends. It works around pyttsx3 2.99: rate
and voice are set once, one `save_to_file` and `runAndWait` per phrase, and the first `runAndWait` returns before the
file is written, so it waits for the event. Errors are not caught here: the process ends, and `engine_client.py` reads
why.

Request: {"folder", "texts", "language", "voice", "rate_wpm", "limit_s"}.
Lines: {"event": "ready", "engine", "voice", "remark"}, then {"event": "done" | "failed", "index", "reason"}. Asked for
no texts at all it lists what there is: {"event": "voice", "id", "name", "languages"} for each voice.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cuecoach.voice import child_process

_PHRASE_LIMIT_S = 10.0
_EXIT_LATE = 3


def main() -> None:
    """Render one request."""
    out = child_process.private_stdout()
    request = json.load(sys.stdin)
    _end_after(request["limit_s"])
    engine, remark = start_engine(request["voice"], request["language"], request["rate_wpm"])
    child_process.send(out, event="ready", engine=str(engine), voice=str(engine.getProperty("voice")), remark=remark)
    for found in engine.getProperty("voices") if not request["texts"] else ():
        languages = [_text(language) for language in found.languages]
        child_process.send(out, event="voice", id=str(found.id), name=str(found.name), languages=languages)
    voice = _Voice(engine)
    for index, text in enumerate(request["texts"]):
        reason = voice.save(text, Path(request["folder"]) / f"{index}.wav")
        child_process.send(out, event="failed" if reason else "done", index=index, reason=reason)
    out.flush()
    os._exit(0)  # espeak's own threads may crash while Python takes itself apart


class _Voice:
    """One phrase after the other, each waited for until the engine is truly idle."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._finished = threading.Event()
        self._errors: list[str] = []
        engine.connect("finished-utterance", self._on_finished)
        engine.connect("error", self._on_error)

    def save(self, text: str, path: Path) -> str:
        """Write `text` to `path`; return why that failed, or nothing."""
        self._finished.clear()
        self._errors.clear()
        self._engine.save_to_file(text, str(path))
        self._engine.runAndWait()
        if str(self._engine) == "espeak" and not self._finished.wait(_PHRASE_LIMIT_S):
            return "it never finished"  # the others have written the file by now; SAPI5 never tells
        settle(self._engine)
        if self._errors:
            return self._errors[0]
        return "" if path.exists() else "no sound was written"

    def _on_finished(self, completed: bool, **_: object) -> None:
        if not completed:
            self._errors.append("it was cut")
        self._finished.set()

    def _on_error(self, exception: BaseException, **_: object) -> None:
        self._errors.append(str(exception))


def start_engine(voice: str | None, language: str, rate_wpm: int) -> tuple[Any, str]:
    """Return pyttsx3's engine with voice and rate set, and a remark when the voice is not the one asked for."""
    if sys.platform == "linux":
        use_bundled_espeak()
    import pyttsx3

    engine = pyttsx3.init()
    if str(engine) == "espeak":
        engine.proxy.setBusy(False)  # what is set now takes effect now, and not from inside the first `runAndWait`
    chosen, remark = choose_voice(engine.getProperty("voices"), engine.getProperty("voice"), voice, language)
    if chosen is not None:
        engine.setProperty("voice", chosen)
    engine.setProperty("rate", rate_wpm)
    settle(engine)
    return engine, remark


def settle(engine: Any) -> None:
    """Wait until espeak's own thread has nothing left to do; the other engines have no such thread.

    `runAndWait` begins by cancelling whatever espeak is at: that may be a rate or voice just set, which is then lost,
    or the callback that tells the end of the last phrase, and then the next one is left empty. Measured on two busy
    cores: 1 pack in 60 at the wrong rate, with a phrase missing.
    """
    if str(engine) == "espeak":
        from pyttsx3.drivers import _espeak

        _espeak.Synchronize()


def choose_voice(
    voices: Sequence[Any], current: str | None, wanted: str | None, language: str
) -> tuple[str | None, str]:
    """Choose among `voices` (with `id`, `name`, `languages`), and remark when there is none as asked.

    The wanted voice by id or name comes first, then one of exactly `language`, then the current one if it speaks the
    language at all, then any that does. None keeps the current one.
    """
    remark = ""
    if wanted is not None:
        for voice in voices:
            if wanted.casefold() in (str(voice.id).casefold(), str(voice.name).casefold()):
                return voice.id, ""
        remark = f"the voice {wanted!r} is not installed"
    tag = _tag(language)
    exact = [v.id for v in voices if tag in map(_tag, v.languages)]
    similar = [v.id for v in voices if tag.split("-")[0] in (_tag(x).split("-")[0] for x in v.languages)]
    if exact:
        return exact[0], remark
    if similar:
        return (current if current in similar else similar[0]), remark
    return None, remark or f"the speech engine has no voice for the language {language!r}"


def use_bundled_espeak() -> None:
    """Make the engine inside the package espeakng_loader the one that pyttsx3 finds; without it, the system's is.

    Debian's 1.51 says a phrase up to 6 % slower depending on the one before (measured), the bundled 1.52 does not. The
    library is loaded under its own name before pyttsx3 asks for it. espeak cuts data paths at 160 bytes, so it is given
    a relative one, from inside the package.
    """
    try:
        import espeakng_loader

        ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError):
        return  # without any, pyttsx3 will say that there is no espeak
    data = Path(espeakng_loader.get_data_path())
    os.chdir(data.parent)
    os.environ["ESPEAK_DATA_PATH"] = data.name


def _text(language: str | bytes) -> str:
    """Return a language as text: older espeak drivers give bytes with a priority before the tag."""
    return language.decode("ascii", "ignore").strip("\x00\x05") if isinstance(language, bytes) else str(language)


def _tag(language: str | None) -> str:
    return (language or "").replace("_", "-").casefold()


def _end_after(limit_s: float) -> None:
    """End this process after `limit_s` even when the parent was killed and the engine hangs."""
    watchdog = threading.Timer(limit_s, os._exit, (_EXIT_LATE,))
    watchdog.daemon = True
    watchdog.start()


if __name__ == "__main__":
    main()
