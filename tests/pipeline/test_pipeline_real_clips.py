"""`cuecoach run` on films of real people, when they are there."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from films import numbered, steady, write_film
from typer.testing import CliRunner

from cuecoach.cli import app


def run(film: Path, journal: Path, *arguments: str) -> dict[str, Any]:
    command = ["run", "--source", str(film), "--view", "none", "--json", "--journal", str(journal), *arguments]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


@pytest.fixture
def without_warm_up(tmp_path: Path) -> list[str]:
    """Let cues come from the first stride on."""
    config = tmp_path / "config.toml"
    config.write_text("[coach]\nwarmup_inhibit_s = 0\n")
    return ["--config", str(config)]


@pytest.mark.pose
def test_a_runner_on_a_treadmill_is_measured(shared_data: Path, tmp_path: Path) -> None:
    summary = run(shared_data / "clips" / "male_side.mp4", tmp_path / "j.sqlite", "--speed", "2.8")
    assert summary["frames"] == 360
    assert 31 <= summary["foot_strikes"] <= 36
    assert abs(summary["cadence_spm"] - 168.9) <= 2.0
    assert summary["cues_fired"] == [], "twelve seconds are within the warm-up"


@pytest.mark.pose
def test_a_runner_who_is_filmed_without_warm_up_gets_no_wrong_cue(
    shared_data: Path, tmp_path: Path, without_warm_up: list[str]
) -> None:
    """The hand labels show a peak swing flexion well inside the norm: no cue about the heel may fire."""
    film = shared_data / "clips" / "male_side.mp4"
    summary = run(film, tmp_path / "j.sqlite", "--speed", "2.8", *without_warm_up)
    assert "lazy-heel" not in {cue["fault"] for cue in summary["cues_fired"]}


@pytest.mark.pose
def test_walkers_and_exercisers_are_left_in_peace(
    shared_data: Path, tmp_path: Path, without_warm_up: list[str]
) -> None:
    film = shared_data / "clips" / "walk_park.mp4"
    summary = run(film, tmp_path / "j.sqlite", "--speed", "2.8", *without_warm_up)
    assert summary["frames"] == 230
    assert summary["cues_fired"] == []


@pytest.mark.pose
def test_somebody_who_crosses_the_picture_is_told_from_nobody(shared_data: Path, tmp_path: Path) -> None:
    film = shared_data / "clips" / "walk_park.mp4"
    result = CliRunner().invoke(app, ["measure", str(film), "--out", str(tmp_path)])
    assert "omebody crossed the picture and did not stay" in result.stdout
    assert "slow" not in result.output


@pytest.mark.pose
def test_pictures_that_are_missing_in_a_film_are_noticed(shared_data: Path, tmp_path: Path) -> None:
    """A film of 30 pictures a second that was written as one of 25."""
    film = shared_data / "clips" / "caue_run.mp4"
    result = CliRunner().invoke(app, ["measure", str(film), "--out", str(tmp_path)])
    assert "One picture in 6 is missing" in result.stderr
    frames = (tmp_path / "frames.csv").read_text().splitlines()
    t_s = [float(line.split(",")[frames[0].split(",").index("t_s")]) for line in frames[200:300]]
    steps = [round(25 * (b - a), 1) for a, b in pairwise(t_s)]
    assert sorted(set(steps)) == [0.8, 1.7]


@pytest.mark.pose
def test_a_film_with_nobody_ends_with_a_sentence(tmp_path: Path) -> None:
    film = write_film(tmp_path / "empty.mp4", [numbered(index) for index in range(20)], steady(20))
    command = ["run", "--source", str(film), "--view", "none", "--journal", str(tmp_path / "j.sqlite")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "nobody was seen" in result.stdout
    assert "Nothing was said" in result.stdout
