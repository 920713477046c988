"""The real speech engine, in its real child process."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import needs
import numpy as np
import pytest

from cuecoach.voice.base import RATE_HZ, Phrase
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare
from cuecoach.voice.speech.engine_client import EngineClient, Rendering
from cuecoach.voice.speech.engine_process import choose_voice

linux = pytest.mark.skipif(sys.platform != "linux", reason="the bundled speech engine is for Linux")
CUES = [Phrase("a", "pull under, don't flick", "en"), Phrase("b", "step over the log", "en")]

# The engine inside espeakng_loader, told by the library that is really loaded in the child.
BUNDLED = """
import sys
{first}
from cuecoach.voice.speech import engine_process
send = engine_process.child_process.send
def tell(out, **fields):
    if "voice" in fields:
        fields["voice"] = " ".join({{x.split()[-1] for x in open("/proc/self/maps") if "libespeak" in x}})
    send(out, **fields)
engine_process.child_process.send = tell
engine_process.main()
"""
# A machine so busy that espeak's own thread is late at every phrase: the phrase after is then cancelled by pyttsx3,
# unless it is begun only when espeak is idle.
LATE = """
import time
from cuecoach.voice.speech import engine_process
engine_process.use_bundled_espeak()
from pyttsx3.drivers import espeak
on_synth = espeak.EspeakDriver._onSynth
def late(self, wave, count, events):
    last = events[0].type == 6
    time.sleep(0.05 * last)
    on_synth(self, wave, count, events)
    time.sleep(0.05 * last)
    return 0
espeak.EspeakDriver._onSynth = late
engine_process.main()
"""
# A machine without any espeak.
WITHOUT = """
import ctypes, sys
def refuse(*_): raise OSError("cannot open shared object file")
ctypes.cdll.LoadLibrary = ctypes.CDLL = refuse
sys.modules["espeakng_loader"] = None
from cuecoach.voice.speech import engine_process
engine_process.main()
"""


def run(folder: Path, *texts: str, argv: tuple[str, ...] | None = None, **settings: object) -> Rendering:
    deadline_s = time.monotonic() + 60
    language = str(settings.pop("language", "en"))
    return EngineClient(VoiceSettings(**settings), folder, argv).render(texts, language, deadline_s, lambda _: None)


def test_a_pack_is_spoken_and_nothing_reaches_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    needs.speech_engine()
    made = prepare(CUES, VoiceSettings(), tmp_path)
    assert made.notices == ()
    assert [clip.source for clip in made.clips.values()] == ["pyttsx3", "pyttsx3"]
    for clip in made.clips.values():
        assert 0.5 < clip.voiced_s < 2.0
        assert 20 * np.log10(np.sqrt(np.mean(clip.samples**2))) == pytest.approx(-20, abs=1.5)
        power = np.abs(np.fft.rfft(clip.samples)) ** 2
        hertz = np.fft.rfftfreq(clip.samples.size, 1 / RATE_HZ)
        assert power[(hertz > 80) & (hertz < 6000)].sum() > 0.9 * power.sum()
        assert power.max() < 0.2 * power.sum()  # speech, not a tone
    assert capfd.readouterr() == ("", "")


def test_every_phrase_has_its_own_file_and_the_rate_is_honoured(tmp_path: Path) -> None:
    needs.speech_engine()
    texts = [f"{word} the belt away" for word in ("push", "pull", "roll", "throw")]
    slow, fast = (prepare([Phrase(t, t, "en") for t in texts], VoiceSettings(rate_wpm=r), tmp_path) for r in (120, 240))
    assert len({clip.samples.tobytes() for clip in slow.clips.values()}) == len(texts)
    for text in texts:
        assert slow.clips[text].voiced_s > 1.4 * fast.clips[text].voiced_s


@linux
def test_no_phrase_is_lost_when_the_engine_is_late(tmp_path: Path) -> None:
    needs.speech_engine()
    texts = [f"{word} the belt away" for word in ("push", "pull", "roll", "throw", "kick", "drive")]
    made = run(tmp_path, *texts, argv=(sys.executable, "-c", LATE))
    assert made.failures == {}
    assert all(made.files[text].stat().st_size > 30_000 for text in texts)


@linux
def test_the_bundled_engine_comes_before_the_systems(tmp_path: Path) -> None:
    needs.bundled_engine()
    made = run(tmp_path, "step over the log", argv=(sys.executable, "-c", BUNDLED.format(first="")))
    assert made.failures == {}
    assert "espeakng_loader" in made.voice
    assert made.files["step over the log"].stat().st_size > 20_000


@linux
def test_the_bundled_engine_speaks_from_a_path_too_long_for_espeak(tmp_path: Path) -> None:
    needs.bundled_engine()
    import espeakng_loader

    deep = tmp_path.joinpath(*["a-rather-long-folder-name"] * 7)
    deep.mkdir(parents=True)
    (deep / "espeakng_loader").symlink_to(Path(espeakng_loader.__file__).parent)
    assert len(str(deep)) > 160
    code = BUNDLED.format(first=f"sys.path.insert(0, {str(deep)!r})")
    made = run(tmp_path, "step over the log", argv=(sys.executable, "-c", code))
    assert made.failures == {}
    assert made.files["step over the log"].stat().st_size > 20_000


@linux
def test_without_any_engine_the_reason_is_told_and_cues_are_tones(tmp_path: Path) -> None:
    made = prepare(CUES, VoiceSettings(), tmp_path, argv=(sys.executable, "-c", WITHOUT))
    assert [clip.source for clip in made.clips.values()] == ["tone", "tone"]
    (notice,) = made.notices
    assert "eSpeak" in notice
    assert "sudo apt install espeak-ng" in notice


def test_a_voice_or_language_that_is_not_there_is_said_and_another_speaks(tmp_path: Path) -> None:
    needs.speech_engine()
    unknown = run(tmp_path, "step over the log", voice="Nobody At All")
    assert "Nobody At All" in unknown.remark
    assert len(unknown.files) == 1
    foreign = run(tmp_path, "step over the log", language="qqq")
    assert "'qqq'" in foreign.remark
    assert len(foreign.files) == 1


def voice(name: str, *languages: str) -> SimpleNamespace:
    return SimpleNamespace(id=f"id/{name}", name=name, languages=list(languages))


VOICES = [voice("Hans", "de"), voice("British", "en-gb"), voice("American", "en_US"), voice("Plain")]


@pytest.mark.parametrize(
    ("wanted", "language", "current", "chosen", "remarks"),
    [
        (None, "de", "id/British", "id/Hans", False),
        (None, "en-US", "id/British", "id/American", False),
        (None, "en", "id/American", "id/American", False),
        (None, "en", "id/Hans", "id/British", False),
        (None, "de-CH", None, "id/Hans", False),
        (None, "fr", "id/British", None, True),
        ("american", "de", None, "id/American", False),
        ("ID/HANS", "en", None, "id/Hans", False),
        ("Nobody", "de", None, "id/Hans", True),
        ("Nobody", "fr", None, None, True),
    ],
)
def test_the_voice_is_chosen_by_name_then_by_language(
    wanted: str | None, language: str, current: str | None, chosen: str | None, remarks: bool
) -> None:
    found, remark = choose_voice(VOICES, current, wanted, language)
    assert found == chosen
    assert bool(remark) is remarks
