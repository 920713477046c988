"""A written film holds every picture at its own time and every sound at its own, whatever happens on the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from film_reading import duration_s, read_pictures, read_sound
from films import number_of, numbered, steady
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound import energy_spans

from cuecoach.errors import DeviceError, InputError
from cuecoach.film.output_path import check_output_path
from cuecoach.film.writer import SOUND_HZ, FilmWriter

TICK_S = 1 / 90_000
TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(SOUND_HZ // 4) / SOUND_HZ)).astype(np.float32)


def write(path: Path, times_s: list[float], rate_hz: float = 30.0, size_px: tuple[int, int] = (160, 120)) -> None:
    writer = FilmWriter(path, size_px, rate_hz)
    for place, t_s in enumerate(times_s):
        writer.write(numbered(place % 25, size_px), t_s)
    writer.close()


@pytest.mark.parametrize("rate_hz", [5.0, 24000 / 1001, 30.0, 60.0, 240.0])
def test_every_picture_has_its_time_at_any_rate(tmp_path: Path, rate_hz: float) -> None:
    times_s = steady(40, rate_hz)
    write(tmp_path / "film.mp4", times_s, rate_hz)
    read_s, pictures = read_pictures(tmp_path / "film.mp4")
    assert read_s == pytest.approx(times_s, abs=TICK_S)
    assert [number_of(picture) for picture in pictures] == [place % 25 for place in range(40)]
    assert duration_s(tmp_path / "film.mp4") == pytest.approx(40 / rate_hz, abs=0.002)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps_s=st.lists(st.floats(0.001, 2.0), min_size=1, max_size=30), first_s=st.floats(0.0, 3.0))
def test_uneven_and_dropped_pictures_keep_their_times(tmp_path: Path, steps_s: list[float], first_s: float) -> None:
    times_s = (first_s + np.cumsum(steps_s)).tolist()
    write(tmp_path / "film.mp4", times_s)
    assert read_pictures(tmp_path / "film.mp4")[0] == pytest.approx(times_s, abs=TICK_S)


@pytest.mark.parametrize("size_px", [(161, 121), (120, 161), (17, 33)])
def test_odd_sizes_lose_a_row_or_column_at_most(tmp_path: Path, size_px: tuple[int, int]) -> None:
    write(tmp_path / "film.mp4", steady(3), size_px=size_px)
    picture = read_pictures(tmp_path / "film.mp4")[1][0]
    assert picture.shape == (size_px[1] // 2 * 2, size_px[0] // 2 * 2, 3)


def test_colours_come_back(tmp_path: Path) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    colours = [(80, 230, 255), (190, 130, 80), (80, 80, 255)]
    for place, colour in enumerate(colours):
        picture[:, 32 * place : 32 * place + 32] = colour
    writer = FilmWriter(tmp_path / "film.mp4", (96, 64), 30.0)
    for t_s in steady(5):
        writer.write(picture, t_s)
    writer.close()
    seen = read_pictures(tmp_path / "film.mp4")[1][2]
    for place, colour in enumerate(colours):
        assert seen[32, 32 * place + 16].astype(int) == pytest.approx(np.array(colour), abs=8)


def test_sound_is_where_it_was_put(tmp_path: Path) -> None:
    track = np.zeros(5 * SOUND_HZ, np.float32)
    starts_s = [0.0, 1.7, 4.2]
    for start_s in starts_s:
        track[round(start_s * SOUND_HZ) :][: TONE.size] = TONE
    writer = FilmWriter(tmp_path / "film.mp4", (160, 120), 30.0, sound=True)
    for place, t_s in enumerate(steady(100)):
        writer.write(numbered(place % 25), t_s)
        writer.sound(track[round(place * SOUND_HZ / 20) : round((place + 1) * SOUND_HZ / 20)])
    writer.close()
    heard = read_sound(tmp_path / "film.mp4")
    expected = [(start_s, start_s + 0.25) for start_s in starts_s]
    assert np.array(energy_spans(heard, SOUND_HZ)) == pytest.approx(np.array(expected), abs=0.01)
    assert read_pictures(tmp_path / "film.mp4")[0] == pytest.approx(steady(100), abs=TICK_S)


def test_a_film_without_a_picture_is_none(tmp_path: Path) -> None:
    writer = FilmWriter(tmp_path / "film.mp4", (160, 120), 30.0, sound=True)
    writer.close()
    writer.close()
    assert not (tmp_path / "film.mp4").exists()


def test_a_killed_process_leaves_a_film(tmp_path: Path) -> None:
    script = (
        "import os, pathlib\n"
        "from films import numbered\n"
        "from cuecoach.film.writer import FilmWriter\n"
        f"writer = FilmWriter(pathlib.Path({str(tmp_path / 'film.mp4')!r}), (160, 120), 30.0)\n"
        "for place in range(200):\n"
        "    writer.write(numbered(place % 25), place / 30)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1] / "helpers", check=False)
    times_s, pictures = read_pictures(tmp_path / "film.mp4")
    assert len(times_s) >= 120, "a second, and what the encoder holds"
    assert times_s == pytest.approx(steady(len(times_s)), abs=TICK_S)
    assert [number_of(picture) for picture in pictures] == [place % 25 for place in range(len(pictures))]


def write_noise(writer: FilmWriter, count: int) -> None:
    """Write pictures that cannot be compressed."""
    draw = np.random.default_rng(1)
    for t_s in steady(count):
        writer.write(draw.integers(0, 255, (48, 48, 3)).astype(np.uint8), t_s)
        writer.sound(np.zeros(SOUND_HZ // 30, np.float32))


def test_what_was_written_before_the_disk_was_full_can_be_played(tmp_path: Path, file_limit: int) -> None:
    path = tmp_path / "film.mp4"
    writer = FilmWriter(path, (48, 48), 30.0, sound=True)
    with pytest.raises(DeviceError, match="can no longer be written") as raised:
        write_noise(writer, 300)
    assert str(path) in str(raised.value)
    with pytest.raises(DeviceError):
        writer.close()
    writer.close()
    assert path.stat().st_size <= file_limit
    times_s, _ = read_pictures(path)
    assert len(times_s) >= 30, "at least one whole second"
    assert times_s == pytest.approx(steady(len(times_s)), abs=TICK_S)


@pytest.mark.parametrize(
    ("name", "word"), [("film.avi", ".mp4"), ("text/film.mp4", "folder"), ("folder.mp4", "nothing can be written")]
)
def test_a_bad_place_is_one_sentence(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / "text").write_text("")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(InputError, match=word) as raised:
        check_output_path("--render", tmp_path / name)
    assert str(raised.value).startswith(f"--render {tmp_path / name}")


def test_the_film_that_is_read_is_not_overwritten(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"pictures")
    (tmp_path / "same.mp4").symlink_to(film)
    for place in (film, tmp_path / "same.mp4"):
        with pytest.raises(InputError, match="that is the film that is read"):
            check_output_path("--render", place, str(film))
    check_output_path("--render", tmp_path / "new" / "other.mp4", str(film))
    assert (tmp_path / "new").is_dir()
    check_output_path("--render", film, "rtsp://camera/film.mp4")
