"""Films: every frame with its own time, upright, and one sentence for whatever is wrong with the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import Picture, bright_edge, number_of, numbered, steady, write_film

from cuecoach.errors import InputError
from cuecoach.source.film import FilmSource
from cuecoach.types import Frame

ODD_TIMES_S = [0.0, 0.033, 0.1, 0.2, 0.204, 0.3, 0.4, 0.41, 0.5, 0.6, 1.7, 1.71]


def frames_of(source: FilmSource) -> list[Frame]:
    """Return all frames to the end."""
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def noise(count: int) -> list[Picture]:
    """Return pictures that cannot be packed small, so that a cut file loses some."""
    rng = np.random.default_rng(1)
    return [rng.integers(0, 255, (120, 160, 3), np.uint8) for _ in range(count)]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov"])
@pytest.mark.parametrize("start_s", [0.0, 2.5])
def test_a_variable_frame_rate_is_honoured(tmp_path: Path, name: str, start_s: float) -> None:
    times_s = [start_s + t_s for t_s in ODD_TIMES_S]
    path = write_film(tmp_path / name, [numbered(i) for i in range(len(times_s))], times_s)
    frames = frames_of(FilmSource(path))
    assert [number_of(frame.image_bgr) for frame in frames] == list(range(len(times_s)))
    np.testing.assert_allclose([frame.t_s for frame in frames], ODD_TIMES_S, atol=0.0011)


@pytest.mark.parametrize(("name", "codec"), [("film.avi", "libx264"), ("film.avi", "mpeg4"), ("film.h264", "libx264")])
def test_a_file_without_times_of_presentation_plays_at_its_rate(tmp_path: Path, name: str, codec: str) -> None:
    """AVI has times of decoding only, a bare stream has none; h264 stores pictures in another order than shown."""
    path = write_film(tmp_path / name, [numbered(i) for i in range(24)], steady(24), codec=codec)
    source = FilmSource(path)
    frames = frames_of(source)
    assert [number_of(frame.image_bgr) for frame in frames] == list(range(24))
    np.testing.assert_allclose([frame.t_s for frame in frames], steady(24, source.info.rate_hz), atol=1e-6)


@pytest.mark.parametrize("rate_hz", [24, 29.97, 60, 120, 240])
def test_the_rate_is_found(tmp_path: Path, rate_hz: float) -> None:
    path = write_film(tmp_path / "film.mp4", [numbered(i % 25) for i in range(40)], steady(40, rate_hz))
    source = FilmSource(path)
    assert source.info.rate_hz == pytest.approx(rate_hz, rel=0.01)
    assert frames_of(source)[-1].t_s == pytest.approx(39 / rate_hz, abs=1e-3)


@pytest.mark.parametrize(("rotation_deg", "edge"), [(0, "top"), (90, "right"), (180, "bottom"), (270, "left")])
def test_a_rotation_mark_turns_the_picture(tmp_path: Path, rotation_deg: int, edge: str) -> None:
    path = write_film(tmp_path / "film.mp4", [numbered(i) for i in range(4)], steady(4), rotation_deg)
    source = FilmSource(path)
    frames = frames_of(source)
    assert [bright_edge(frame.image_bgr) for frame in frames] == [edge] * 4
    assert source.info.size_px == ((120, 160) if rotation_deg in (90, 270) else (160, 120))


def test_a_film_of_one_frame_is_a_film(tmp_path: Path) -> None:
    frames = frames_of(FilmSource(write_film(tmp_path / "film.mp4", [numbered(5)], [0.0])))
    assert [number_of(frame.image_bgr) for frame in frames] == [5]


def test_a_slow_reader_gets_every_frame(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", [numbered(i % 25) for i in range(60)], steady(60))
    source = FilmSource(path)
    source._thread.join(0.2)  # the decoder is as far ahead as it may be
    assert source._ahead.qsize() <= source._ahead.maxsize < 60
    assert [number_of(frame.image_bgr) for frame in frames_of(source)] == [i % 25 for i in range(60)]


def test_a_film_cut_in_the_middle_plays_what_is_there_and_says_so(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", noise(40), steady(40), options={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    source = FilmSource(path)
    frames = frames_of(source)
    assert 10 < len(frames) < 35
    (notice,) = source.notices()
    assert "film.mp4" in notice
    assert f"{len(frames)} of 40" in notice
    assert source.notices() == ()


def test_a_whole_film_is_not_called_cut(tmp_path: Path) -> None:
    for name, times_s in (("a.mp4", steady(30)), ("b.mkv", ODD_TIMES_S), ("c.mp4", ODD_TIMES_S)):
        path = write_film(tmp_path / name, [numbered(i % 25) for i in range(len(times_s))], times_s)
        source = FilmSource(path)
        frames_of(source)
        assert source.notices() == (), name


def test_a_film_written_by_opencv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50.0, (160, 120))
    for i in range(20):
        writer.write(numbered(i))
    writer.release()
    source = FilmSource(path)
    frames = frames_of(source)
    assert [number_of(frame.image_bgr) for frame in frames] == list(range(20))
    np.testing.assert_allclose([frame.t_s for frame in frames], steady(20, 50.0), atol=1e-3)
    assert source.notices() == ()


def wrong_files(folder: Path) -> dict[str, Path]:
    """Return one file of each kind that is no film."""
    text = folder / "text.mp4"
    text.write_text("this is not a film\n" * 500)
    empty = folder / "empty.mp4"
    empty.touch()
    cut = write_film(folder / "cut.mp4", noise(20), steady(20))
    cut.write_bytes(cut.read_bytes()[:3000])
    return {"missing": folder / "missing.mp4", "folder": folder, "text": text, "empty": empty, "cut": cut}


@pytest.mark.parametrize("what", ["missing", "folder", "text", "empty", "cut"])
def test_what_is_no_film_is_refused_in_one_sentence(tmp_path: Path, what: str) -> None:
    path = wrong_files(tmp_path)[what]
    with pytest.raises(InputError) as caught:
        FilmSource(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_the_decoders_own_words_stay_off_the_terminal(tmp_path: Path) -> None:
    wrong = wrong_files(tmp_path)
    try_all = """
import sys
from cuecoach.errors import CueCoachError
from cuecoach.source.open import open_source
from cuecoach.source.settings import SourceSettings
for spec in sys.argv[1:]:
    try:
        open_source(spec, SourceSettings())
    except CueCoachError:
        print("refused")
"""
    specs = [str(wrong["text"]), str(wrong["cut"]), "93", "http://127.0.0.1:9/stream"]
    done = subprocess.run([sys.executable, "-c", try_all, *specs], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * len(specs)
    assert done.stderr == ""
