"""Whatever the user gets wrong ends in one sentence and the right exit code, never in a traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest
from films import numbered, steady, write_film
from typer.testing import CliRunner, Result

from cuecoach.cli import app
from cuecoach.errors import EXIT_DEVICE, EXIT_INPUT


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def assert_one_sentence(result: Result, code: int, *words: str) -> None:
    assert result.exit_code == code, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("cuecoach: ")
    assert lines[0].endswith("."), lines[0]
    for word in words:
        assert word in lines[0]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Write a short film with nobody in it."""
    return write_film(tmp_path / "empty.mp4", [numbered(index) for index in range(10)], steady(10))


def test_missing_film(tmp_path: Path) -> None:
    missing = tmp_path / "missing.mp4"
    assert_one_sentence(call("run", "--source", missing), EXIT_INPUT, str(missing))


def test_text_file_as_film(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("these are notes, not a film\n" * 100)
    assert_one_sentence(call("run", "--source", text), EXIT_INPUT, str(text))


def test_film_cut_off_in_its_header(tmp_path: Path, film: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:200])
    assert_one_sentence(call("run", "--source", cut), EXIT_INPUT, str(cut))


def test_broken_recording(tmp_path: Path) -> None:
    broken = tmp_path / "broken.landmarks.csv"
    broken.write_text("# cuecoach-landmarks 1 fps=30 width=720 height=1280\nt_s,left_hip_x_px\n0.0,1\n")
    assert_one_sentence(call("run", "--source", broken), EXIT_INPUT, str(broken))


def test_camera_that_is_not_there() -> None:
    assert_one_sentence(call("run", "--source", "97"), EXIT_DEVICE, "97")


def test_unknown_source() -> None:
    assert_one_sentence(call("run", "--source", "telescope"), EXIT_INPUT, "telescope")


def test_unknown_pack(film: Path) -> None:
    assert_one_sentence(call("run", "--source", film, "--pack", "pul-under"), EXIT_INPUT, "pul-under", "pull-under")


def test_a_programme_needs_to_know_whose(film: Path) -> None:
    assert_one_sentence(call("run", "--source", film, "--programme", "standard"), EXIT_INPUT, "--runner")
    assert_one_sentence(call("run", "--source", film, "--programme", "faded"), EXIT_INPUT, "faded", "standard, none")


def test_broken_pack(tmp_path: Path, film: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text("id = 'mine'\nspeds_mps = [2, 3]\n")
    assert_one_sentence(call("run", "--source", film, "--pack", pack), EXIT_INPUT, str(pack))


def test_pack_that_is_not_toml(tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text("id = \n")
    result = call("packs", "check", pack)
    assert result.exit_code == EXIT_INPUT
    assert str(pack) in result.stderr
    assert "line 1" in result.stderr


def test_broken_config(tmp_path: Path, film: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[coach]\ngap_min_s = -3\n")
    assert_one_sentence(call("run", "--source", film, "--config", file), EXIT_INPUT, str(file), "gap_min_s", "-3")


def test_speed_outside_what_people_run(film: Path) -> None:
    assert_one_sentence(call("run", "--source", film, "--speed", "28"), EXIT_INPUT, "speed", "write 28km/h")
    assert_one_sentence(
        call("run", "--source", film, "--speed", "10"), EXIT_INPUT, "write 10km/h, or 10m/s if you mean it"
    )
    assert_one_sentence(call("run", "--source", film, "--speed", "5:75/km"), EXIT_INPUT, "5:75/km", "0.5 to 12 m/s")
    assert_one_sentence(call("run", "--source", film, "--speed", ""), EXIT_INPUT, "speed", "0.5 to 12 m/s")
    assert_one_sentence(call("demo", "--speed", "7m/s"), EXIT_INPUT, "7m/s", "2 to 6 m/s")
    assert_one_sentence(call("measure", film, "--speed", "9" * 309), EXIT_INPUT, "999...", "0.5 to 12 m/s")


def test_unknown_fault_for_the_demo() -> None:
    assert_one_sentence(call("demo", "--fault", "lazy-hel"), EXIT_INPUT, "lazy-hel")


def test_journal_in_a_place_that_cannot_be_written(film: Path) -> None:
    result = call("run", "--source", film, "--journal", "/proc/cuecoach/journal.sqlite")
    assert_one_sentence(result, EXIT_DEVICE, "/proc/cuecoach/journal.sqlite")


def test_journal_that_is_something_else(tmp_path: Path, film: Path) -> None:
    other = tmp_path / "shopping.sqlite"
    other.write_text("milk, bread, butter\n" * 200)
    result = call("run", "--source", film, "--journal", other)
    assert result.exit_code in (EXIT_INPUT, EXIT_DEVICE)
    assert "Traceback" not in result.output
    assert any("milk" in path.read_text(errors="replace") for path in tmp_path.glob("shopping*"))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 1 MB without a free byte."""
    folder = tmp_path / "full"
    folder.mkdir()
    needs.mount(folder, "size=1m")
    try:
        with (folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                pass
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_journal_on_a_full_disk(full_disk: Path, film: Path) -> None:
    assert_one_sentence(call("run", "--source", film, "--journal", full_disk / "j.sqlite"), EXIT_DEVICE, "j.sqlite")
