"""Clips are always there: spoken, kept, or tones; whatever the rendering child does."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from cuecoach.voice.base import RATE_HZ, Phrase
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare

# A child that keeps the protocol but needs no engine. What it does with a phrase is the phrase's first word.
CHILD = """
import json, os, sys, time, wave, array, math
request = json.load(sys.stdin)
def tell(**fields): print(json.dumps(fields), flush=True)
if request["language"] == "mute": sys.exit("no voice in here")
tell(event="ready", engine="fake", voice="v", remark=request["language"] if request["language"] == "xx" else "")
for index, text in enumerate(request["texts"]):
    path = os.path.join(request["folder"], f"{index}.wav")
    what = text.split()[0]
    if what == "hang": time.sleep(600)
    if what == "crash": os.abort()
    if what == "exit": sys.exit(1)
    if what == "flood":
        while True: sys.stdout.write("garbage" * 1000)
    if what == "failed": tell(event="failed", index=index, reason="it will not"); continue
    if what == "noise": open(path, "wb").write(os.urandom(5000)); tell(event="done", index=index); continue
    if what == "absent": tell(event="done", index=index); continue
    loud = 0 if what == "silent" else 9000
    frames = 2000 if what == "short" else 22050
    sound = array.array("h", (int(loud * math.sin(n * (len(text) + 20) / 500)) for n in range(frames)))
    with wave.open(path, "wb") as file:
        file.setnchannels(1); file.setsampwidth(2); file.setframerate(22050); file.writeframes(sound.tobytes())
    print("chatter that is no line of ours"); print("[1, 2]"); tell(event="done", index=99)
    tell(event="done", index=index)
"""
FAKE = (sys.executable, "-c", CHILD)
NONE_AT_ALL = ("/nowhere/no-such-program",)
QUICK = VoiceSettings(render_timeout_s=6.0)


def phrases(*texts: str, language: str = "en") -> list[Phrase]:
    return [Phrase(f"cue{number}", text, language) for number, text in enumerate(texts)]


def engines(clips: object) -> list[str]:
    return [clip.source for clip in clips.clips.values()]


def test_good_phrases_become_clips_and_nobody_is_told_anything(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    made = prepare(phrases("say one", "say two"), QUICK, tmp_path, lambda *step: steps.append(step), argv=FAKE)
    assert made.notices == ()
    assert engines(made) == ["pyttsx3", "pyttsx3"]
    assert [clip.text for clip in made.clips.values()] == ["say one", "say two"]
    for clip in made.clips.values():
        assert clip.samples.dtype == np.float32
        assert not clip.samples.flags.writeable
        assert clip.voiced_s == pytest.approx(1.0, abs=0.05)
    assert steps == sorted(steps)
    assert steps[-1] == (2, 2)


def test_kept_clips_need_no_child_and_are_the_same(tmp_path: Path) -> None:
    first = prepare(phrases("say one"), QUICK, tmp_path, argv=FAKE)
    second = prepare(phrases("say one"), QUICK, tmp_path, argv=NONE_AT_ALL)
    assert second.notices == ()
    np.testing.assert_array_equal(first.clips["cue0"].samples, second.clips["cue0"].samples)


@pytest.mark.parametrize(
    "other", [VoiceSettings(rate_wpm=200), VoiceSettings(voice="somebody"), VoiceSettings(rate_wpm=120, voice="x")]
)
def test_a_clip_is_not_reused_for_another_voice_or_rate(tmp_path: Path, other: VoiceSettings) -> None:
    prepare(phrases("say one"), QUICK, tmp_path, argv=FAKE)
    assert engines(prepare(phrases("say one"), other, tmp_path, argv=NONE_AT_ALL)) == ["tone"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_cache_file_is_rendered_again(tmp_path: Path, damage: str) -> None:
    before = prepare(phrases("say one"), QUICK, tmp_path, argv=FAKE).clips["cue0"]
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes({"cut": data[: len(data) // 2], "flipped": data, "empty": b"", "text": b"hello"}[damage])
    after = prepare(phrases("say one"), QUICK, tmp_path, argv=FAKE)
    assert after.notices == ()
    np.testing.assert_array_equal(before.samples, after.clips["cue0"].samples)
    assert engines(prepare(phrases("say one"), QUICK, tmp_path, argv=NONE_AT_ALL)) == ["pyttsx3"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("crash here", "ended with code"),
        ("exit here", "ended with code 1"),
        ("failed here", "it will not"),
        ("noise here", "no sound"),
        ("absent here", "no sound"),
        ("silent here", "silence"),
        ("short here", "0.09 s"),
        ("flood here", "garbage"),
        ("hang here", "no answer for 2 s"),
    ],
)
def test_a_phrase_that_fails_is_a_tone_and_the_others_are_spoken(tmp_path: Path, bad: str, reason: str) -> None:
    made = prepare(phrases("say one", bad, "say three"), QUICK, tmp_path, argv=FAKE)
    assert engines(made) == ["pyttsx3", "tone", "pyttsx3"]
    (notice,) = made.notices
    assert bad in notice
    assert reason in notice
    assert notice.count(". ") == 0
    again = prepare(phrases("say one", bad, "say three"), QUICK, tmp_path, argv=NONE_AT_ALL)
    assert engines(again) == ["pyttsx3", "tone", "pyttsx3"]


def test_a_child_that_always_hangs_ends_within_the_limit_with_a_tone_for_each_cue(tmp_path: Path) -> None:
    texts = [f"hang {number}" for number in range(12)]
    made = prepare(phrases(*texts), VoiceSettings(render_timeout_s=2.0), tmp_path, argv=FAKE)
    assert engines(made) == ["tone"] * 12
    assert len({clip.samples.tobytes() for clip in made.clips.values()}) == 12
    (notice,) = made.notices
    assert "12 of 12 phrases" in notice
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        NONE_AT_ALL,
        (sys.executable, "-c", "raise SystemExit('nothing here')"),
        (sys.executable, "-c", "print('garbage')"),
    ],
)
def test_no_engine_means_tones_and_one_sentence_that_says_how_to_get_words(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    made = prepare(phrases("say one", "say two"), QUICK, tmp_path, argv=command)
    assert engines(made) == ["tone", "tone"]
    (notice,) = made.notices
    assert notice.startswith("No speech engine answered (")
    assert "install" in notice


def test_a_cue_keeps_its_tone_when_others_are_spoken(tmp_path: Path) -> None:
    some = prepare(phrases("say one", "failed", "say three"), QUICK, tmp_path / "a", argv=FAKE)
    none = prepare(phrases("say one", "failed", "say three"), QUICK, tmp_path / "b", argv=NONE_AT_ALL)
    np.testing.assert_array_equal(some.clips["cue1"].samples, none.clips["cue1"].samples)


def test_the_setting_none_makes_tones_without_a_word_or_a_child(tmp_path: Path) -> None:
    settings = VoiceSettings(engine="none")
    made = prepare(phrases("say one"), settings, tmp_path / "cache", argv=(sys.executable, "-c", "open('x','w')"))
    assert engines(made) == ["tone"]
    assert made.notices == ()
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    made = prepare(phrases("say one"), QUICK, tmp_path / "file", argv=FAKE)
    assert engines(made) == ["pyttsx3"]
    (notice,) = made.notices
    assert str(tmp_path / "file") in notice


def test_words_in_another_voice_than_asked_for_are_said_and_not_kept(tmp_path: Path) -> None:
    for _ in range(2):
        made = prepare(phrases("say one", language="xx"), QUICK, tmp_path, argv=FAKE)
        assert engines(made) == ["pyttsx3"]
        assert len(made.notices) == 1
    assert list(tmp_path.iterdir()) == []


def test_two_languages_are_two_children_and_the_same_text_is_rendered_once(tmp_path: Path) -> None:
    wanted = [Phrase("a", "say so", "en"), Phrase("b", "say so", "de"), Phrase("c", "say so", "en")]
    steps: list[tuple[int, int]] = []
    made = prepare(wanted, QUICK, tmp_path, lambda *step: steps.append(step), argv=FAKE)
    assert set(made.clips) == {"a", "b", "c"}
    assert len(list(tmp_path.iterdir())) == 2
    assert {total for _, total in steps} == {2}


def test_gain_changes_the_clip_and_not_the_cache(tmp_path: Path) -> None:
    plain = prepare(phrases("say one"), QUICK, tmp_path, argv=FAKE).clips["cue0"]
    soft = prepare(phrases("say one"), VoiceSettings(gain_db=-6.0), tmp_path, argv=NONE_AT_ALL).clips["cue0"]
    assert soft.source == "pyttsx3"
    np.testing.assert_allclose(soft.samples, plain.samples * 10 ** (-6 / 20), atol=1e-6)
    assert soft.voiced_s == plain.voiced_s


def test_no_phrases_is_no_work(tmp_path: Path) -> None:
    made = prepare([], QUICK, tmp_path, argv=NONE_AT_ALL)
    assert (dict(made.clips), made.notices) == ({}, ())
    assert RATE_HZ == 48_000
