"""The verbs about packs, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cuecoach.cli import app
from cuecoach.packs import library


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["packs", *(str(argument) for argument in arguments)])


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(library, "user_folder", lambda: tmp_path)
    return tmp_path


def test_a_new_pack_is_started_checked_and_shown(own_folder: Path) -> None:
    started = call("new", "mine", "--from", "pull-under")
    assert started.exit_code == 0
    assert str(own_folder / "mine.toml") in started.stdout
    assert "this pack is in order" in call("check", "mine").stdout
    assert "pull under, don't flick" in call("show", "mine").stdout
    again = call("new", "mine")
    assert again.exit_code == 2
    assert again.stderr.count("\n") == 1


def test_a_broken_pack_is_listed_with_its_sentence_and_the_others_all_the_same(own_folder: Path) -> None:
    (own_folder / "mine.toml").write_text('extends = "pul-under"\n')
    listed = call("list")
    assert listed.exit_code == 0
    assert "recoil" in listed.stdout
    assert "mine cannot be used:" in listed.stderr
    assert "did you mean 'pull-under'" in listed.stderr


def test_check_tells_everything_at_once_in_the_order_of_the_lines(own_folder: Path) -> None:
    (own_folder / "mine.toml").write_text(
        """format = 1
id = "mine"
name = ""
language = "english!"
school = "S."
for_whom = "W."
speeds_mps = [9, 2]
focus_order = [
    "lazy-heel",
    "flik",
]
praise = ["well done indeed"]
[cues.lazy-heel]
long = "one two three four five six seven"
[faults.lazy-heel.limits]
thigh_max_deg = { below = 3 }
"""
    )
    result = call("check", "mine")
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    lines = [int(sentence.split("line ")[1].split(":")[0]) for sentence in told]
    assert lines == sorted(lines)
    assert set(lines) == {3, 4, 7, 10, 12, 13, 14, 16}
    assert all(sentence.endswith(".") for sentence in told)


def test_check_says_what_to_think_over(own_folder: Path) -> None:
    text = '[faults.lazy-heel.limits]\nknee_peak_swing_deg = { below = "norm - 2" }\n'
    (own_folder / "mine.toml").write_text('id = "mine"\nname = "M"\nextends = "pull-under"\n' + text)
    result = call("check", "mine")
    assert result.exit_code == 0
    thought, order = result.stdout.splitlines()
    assert thought.startswith("Think over: ")
    assert "line 5: faults.lazy-heel.limits.knee_peak_swing_deg lies 2 from what is usual" in thought
    assert order == "mine: this pack is in order."


def test_the_schema_is_printed_as_json() -> None:
    printed = call("schema")
    assert printed.exit_code == 0
    assert "focus_order" in json.loads(printed.stdout)["properties"]
