"""What `--render` refuses, before anything is opened that takes time."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import numbered, steady, write_film
from perfect_pose import write_recording
from typer.testing import CliRunner

from cuecoach.cli import app
from cuecoach.errors import EXIT_INPUT
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


@pytest.mark.parametrize(
    ("source", "film", "word"),
    [
        ("seen.mp4", "film.mov", "the name must end with .mp4"),
        ("seen.mp4", "seen.mp4", "that is the film that is read"),
        ("seen.landmarks.csv", "film.mp4", "a landmark recording has no pictures"),
    ],
)
def test_a_film_that_cannot_be_made_is_one_sentence(tmp_path: Path, source: str, film: str, word: str) -> None:
    write_film(tmp_path / "seen.mp4", [numbered(0), numbered(1)], steady(2))
    write_recording(tmp_path / "seen.landmarks.csv", VirtualRunnerSettings(duration_s=1.0))
    before = (tmp_path / source).read_bytes()
    arguments = ["run", "--source", str(tmp_path / source), "--render", str(tmp_path / film)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == EXIT_INPUT, result.output
    (line,) = result.stderr.strip().splitlines()
    assert word in line
    assert line.startswith(f"cuecoach: --render {tmp_path / film}")
    assert (tmp_path / source).read_bytes() == before
    assert not (tmp_path / "film.mp4").exists()


def test_measure_does_not_draw_on_the_film_it_reads(tmp_path: Path) -> None:
    film = write_film(tmp_path / "seen.mp4", [numbered(0), numbered(1)], steady(2))
    before = film.read_bytes()
    result = CliRunner().invoke(app, ["measure", str(film), "--out", str(tmp_path), "--overlay", str(film)])
    assert result.exit_code == EXIT_INPUT, result.output
    assert film.read_bytes() == before
