"""The verbs that only read: packs, sessions, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from perfect_pose import write_recording
from typer.testing import CliRunner, Result

from cuecoach.cli import app
from cuecoach.packs import library
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_help_of_every_verb_names_its_options_and_gives_a_sentence() -> None:
    for verb in (["demo"], ["run"], ["packs"], ["packs", "show"], ["sessions", "list"], ["doctor"]):
        result = call(*verb, "--help")
        assert result.exit_code == 0
        assert "Usage" in result.stdout


@pytest.mark.parametrize("pack_id", [pack.id for pack in library.available()])
def test_every_shipped_pack_is_listed_shown_and_in_order(pack_id: str) -> None:
    assert pack_id in call("packs", "list").stdout
    page = call("packs", "show", pack_id).stdout
    assert library.find(pack_id).name.upper() in page
    checked = call("packs", "check", pack_id)
    assert checked.exit_code == 0
    assert "in order" in checked.stdout


def test_packs_check_lists_every_problem_with_its_line(tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    text = (library.shipped_folder() / "pull-under.toml").read_text(encoding="utf-8")
    pack.write_text(text.replace("speeds_mps = [2.0, 6.0]", "speeds_mps = [6.0, 2.0]").replace("praise", "prase"))
    result = call("packs", "check", pack)
    assert result.exit_code == 2
    problems = result.stderr.splitlines()
    assert len(problems) >= 2
    assert all(str(pack) in problem for problem in problems)
    assert any("praise" in problem for problem in problems)


def test_a_session_is_listed_and_shown(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    recording = write_recording(tmp_path / "r.landmarks.csv", VirtualRunnerSettings(duration_s=10.0))
    assert (
        call("run", "--source", recording, "--speed", "10.8km/h", "--journal", journal, "--runner", "Ada").exit_code
        == 0
    )
    listed = call("sessions", "list", "--journal", journal)
    assert "Ada" in listed.stdout
    assert "recording" in listed.stdout
    shown = call("sessions", "show", 1, "--journal", journal).stdout
    assert "lazy-heel" in shown
    assert "warming up" in shown
    assert "speed 3.00 m/s" in shown
    config = tmp_path / "config.toml"
    config.write_text('[session]\nspeed_unit = "min/km"\n', encoding="utf-8")
    assert "speed 5:33 min/km" in call("sessions", "show", 1, "--journal", journal, "--config", config).stdout
    missing = call("sessions", "show", 7, "--journal", journal)
    assert missing.exit_code == 2
    assert "7" in missing.stderr


def test_doctor_tells_what_is_there_as_json() -> None:
    result = call("doctor", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert {
        "cuecoach",
        "python",
        "mediapipe",
        "pose model",
        "heavy pose model",
        "camera",
        "PortAudio",
        "journal",
        "settings",
    } <= set(found)
