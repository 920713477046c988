"""Verbs are imported when they are called: what each group tells of them, and what the quick ones do not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.journal.story import Story, write
from cuecoach.cli import VERBS, packs, sessions
from cuecoach.cli.verbs import Verb

HEAVY = ("scipy", "cv2", "av", "mediapipe", "sounddevice", "soundfile", "jinja2")


@pytest.mark.parametrize("verb", [*VERBS, *sessions.VERBS, *packs.VERBS], ids=lambda verb: verb.name)
def test_the_list_of_verbs_tells_what_the_verb_tells_itself(verb: Verb) -> None:
    first = verb.loaded().help.split("\n\n")[0]
    assert verb.short_help == " ".join(first.split())


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verbs") / "journal.sqlite"
    write(path, Story(minutes=2))
    return path


@pytest.mark.parametrize(
    "words", [["--help"], ["sessions", "--help"], ["sessions", "list"], ["sessions", "show", "1"], ["packs", "list"]]
)
def test_quick_verbs_load_no_library_that_they_do_not_need(journal: Path, words: list[str]) -> None:
    if words[1:] and words[0] == "sessions" and words[1] != "--help":
        words = [*words, "--journal", str(journal)]
    program = (
        "import sys; from cuecoach.cli import app; app(sys.argv[1:], standalone_mode=False); "
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    assert done.stdout.strip()
    assert done.stderr.strip() == "[]"
