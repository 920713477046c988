"""`run --slow-motion`: the strides of life, kept in the journal, decided the same in a replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from perfect_pose import pose_frames, write_pose_frames
from typer.testing import CliRunner, Result

from cuecoach.cli import app
from cuecoach.errors import EXIT_INPUT
from cuecoach.journal import read
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

LAZY = VirtualRunnerSettings(speed_mps=3.0, strength=1.5, rate_hz=30.0, duration_s=40.0)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run(source: Path, journal: Path, *arguments: object) -> Result:
    config = journal.with_suffix(".toml")
    config.write_text("[coach]\nwarmup_inhibit_s = 5.0\n", encoding="utf-8")
    return call(
        "run", "--source", source, "--view", "none", "--journal", journal, "--config", config, "--json", *arguments
    )


def test_a_slowed_film_is_coached_as_life_and_replays_alike(tmp_path: Path) -> None:
    life = write_pose_frames(tmp_path / "life.landmarks.csv", pose_frames(LAZY))
    slow = write_pose_frames(tmp_path / "slow.landmarks.csv", pose_frames(LAZY, times=4.0))
    expected = json.loads(run(life, tmp_path / "life.sqlite").stdout)
    journal = tmp_path / "slow.sqlite"
    got = json.loads(run(slow, journal, "--slow-motion", 4, "--record").stdout)
    assert got["strides"] == expected["strides"]
    assert got["cadence_spm"] == pytest.approx(expected["cadence_spm"], abs=0.5)
    assert [cue["fault"] for cue in got["cues_fired"]] == [cue["fault"] for cue in expected["cues_fired"]] != []
    assert got["slow_motion"] is None
    record = read.session(journal, 1)
    assert record.settings["source"]["slow_motion"] == 4.0
    for landmarks in ((), ("--landmarks",)):
        replayed = call("sessions", "replay", 1, "--journal", journal, *landmarks)
        assert "decisions are the same" in replayed.stdout, replayed.output


def test_without_it_nothing_is_said_to_the_runner_and_the_factor_is_proposed(tmp_path: Path) -> None:
    slow = write_pose_frames(tmp_path / "slow.landmarks.csv", pose_frames(LAZY, times=2.0))
    got = json.loads(run(slow, tmp_path / "slow.sqlite").stdout)
    assert got["slow_motion"] == 2.0
    assert got["cues_fired"] == []


def test_slow_motion_is_for_films_that_are_read_as_fast_as_they_go(tmp_path: Path) -> None:
    film = write_pose_frames(tmp_path / "film.landmarks.csv", pose_frames(LAZY)[:30])
    refused = run(film, tmp_path / "j.sqlite", "--slow-motion", 4, "--realtime")
    assert refused.exit_code == EXIT_INPUT
    assert "--slow-motion" in refused.stderr
    assert run(film, tmp_path / "j.sqlite", "--slow-motion", 0.5).exit_code == EXIT_INPUT
