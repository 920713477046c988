"""Film files: any codec and container, each picture with its own time, as OpenCV reads them; and what is no film."""

from __future__ import annotations

import itertools
import os
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import needs
import numpy as np
import pytest
from films import Picture, bright_edge, number_of, numbered, steady, write_film

from cuecoach.errors import InputError
from cuecoach.source import film_file
from cuecoach.source.film_file import FilmFile

ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1", "mpeg4": "mpeg4"}


def read(path: Path) -> tuple[list[float | None], list[Picture]]:
    """Return the times and pictures of a film."""
    film = FilmFile(path)
    times_s, images = zip(*film.pictures(), strict=True)
    film.close()
    return list(times_s), list(images)


def read_by_opencv(path: Path, most: int = 1000) -> tuple[list[float], list[Picture]]:
    """Return the times and pictures of a film, up to `most`, as OpenCV reads it."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    times_s: list[float] = []
    images: list[Picture] = []
    while len(images) < most:
        ok, image = capture.read()
        if not ok:
            break
        times_s.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        images.append(np.asarray(image, np.uint8))
    return times_s, images


def colourful(count: int, size_px: tuple[int, int] = (160, 120)) -> list[Picture]:
    """Return smooth pictures of many colours that differ from each other."""
    x, y = np.meshgrid(np.linspace(0, 1, size_px[0]), np.linspace(0, 1, size_px[1]))
    layers = [np.stack([x, y, (x + y + i / count) / 3], axis=-1) for i in range(count)]
    return [np.rint(20 + 200 * layer).astype(np.uint8) for layer in layers]


@pytest.mark.parametrize("codec", ENCODERS)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_codec_gives_every_picture_at_its_time(tmp_path: Path, codec: str, suffix: str) -> None:
    needs.encoder(ENCODERS[codec])
    path = write_film(tmp_path / f"film{suffix}", [numbered(i) for i in range(20)], steady(20), codec=ENCODERS[codec])
    times_s, images = read(path)
    assert [number_of(image) for image in images] == list(range(20))
    np.testing.assert_allclose(np.subtract(times_s, times_s[0]), steady(20), atol=0.001)


def test_a_film_that_begins_before_zero_begins_with_its_first_picture_shown(tmp_path: Path) -> None:
    times_s = [t_s - 0.5 for t_s in steady(40)]
    path = write_film(tmp_path / "film.mp4", [numbered(i % 25) for i in range(40)], times_s)
    found_s, images = read(path)
    # The edit list cuts away what is before 0: a player shows the film from there on.
    assert [number_of(image) for image in images] == [i % 25 for i in range(15, 40)]
    np.testing.assert_allclose(np.subtract(found_s, found_s[0]), steady(25), atol=0.001)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv444p"])
def test_pictures_and_times_are_those_of_opencv_to_the_bit(tmp_path: Path, name: str, pix_fmt: str) -> None:
    """Cameras are read by OpenCV: the pose model sees the same colours from both."""
    path = write_film(tmp_path / name, colourful(12), steady(12), pix_fmt=pix_fmt)
    times_s, images = read(path)
    expected_s, expected = read_by_opencv(path)
    np.testing.assert_array_equal(images, expected)
    np.testing.assert_allclose(np.subtract(times_s, times_s[0]), np.subtract(expected_s, expected_s[0]), atol=1e-9)


def test_ten_bit_films_are_within_a_grey_level_of_opencv(tmp_path: Path) -> None:
    needs.encoder("libx265")
    path = write_film(tmp_path / "film.mp4", colourful(6), steady(6), codec="libx265", pix_fmt="yuv420p10le")
    difference = np.abs(np.subtract(read(path)[1], read_by_opencv(path)[1], dtype=np.int16))
    assert difference.mean() < 1.0


@pytest.mark.parametrize("clip", ["male_side.mp4", "IMG_5396.mp4", "caue_run.mp4", "erpang_mini_run.mp4"])
def test_real_films_are_read_as_opencv_does(shared_data: Path, clip: str) -> None:
    path = shared_data / "clips" / clip
    film = FilmFile(path)
    times_s, images = zip(*itertools.islice(film.pictures(), 12), strict=True)
    film.close()
    expected_s, expected = read_by_opencv(path, 12)
    np.testing.assert_array_equal(images, expected)
    np.testing.assert_allclose(np.subtract(times_s, times_s[0]), np.subtract(expected_s, expected_s[0]), atol=1e-9)
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    assert film.rate_hz == pytest.approx(capture.get(cv2.CAP_PROP_FPS), rel=1e-9)
    assert film.frame_count == int(capture.get(cv2.CAP_PROP_FRAME_COUNT))


@pytest.mark.parametrize("width_px", [160, 162, 170])
def test_pictures_are_whole_arrays_that_may_be_written(tmp_path: Path, width_px: int) -> None:
    images = [numbered(i, (width_px, 90)) for i in range(3)]
    for image in read(write_film(tmp_path / "film.mp4", images, steady(3)))[1]:
        assert image.shape == (90, width_px, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        assert image.flags.writeable


@pytest.mark.parametrize(("rotation_deg", "edge"), [(90, "right"), (180, "bottom"), (270, "left")])
def test_a_rotation_mark_is_for_any_codec(tmp_path: Path, rotation_deg: int, edge: str) -> None:
    needs.encoder("libsvtav1")
    path = write_film(tmp_path / "film.mp4", [numbered(3)] * 3, steady(3), rotation_deg, codec="libsvtav1")
    assert [bright_edge(image) for image in read(path)[1]] == [edge] * 3


def test_what_the_header_does_not_state_is_nothing_or_usual(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", [numbered(i) for i in range(15)], steady(15))
    film = FilmFile(path)
    film.close()
    assert film.frame_count == 15, "estimated from the duration"
    raw = write_film(tmp_path / "film.h264", [numbered(i) for i in range(15)], steady(15))
    film = FilmFile(raw)
    assert {t_s for t_s, _ in film.pictures()} == {None}
    assert film.frame_count == 0
    film.close()


def test_a_damaged_place_costs_its_own_pictures(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", colourful(40), steady(40), codec="mpeg4")
    with av.open(str(path)) as packed:
        twentieth = [packet for packet in packed.demux(video=0) if packet.size][20]
    content = bytearray(path.read_bytes())
    content[twentieth.pos : twentieth.pos + twentieth.size] = bytes(twentieth.size)
    path.write_bytes(content)
    film = FilmFile(path)
    times_s = [t_s for t_s, _ in film.pictures()]
    film.close()
    assert 36 <= len(times_s) < 40
    assert times_s[-1] == pytest.approx(39 / 30, abs=0.001)
    assert film.damaged


def test_a_play_list_that_never_ends_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_file, "_TIME_LIMIT_S", 0.5)
    write_film(tmp_path / "part.ts", [numbered(i) for i in range(20)], steady(20))
    endless = tmp_path / "live.m3u8"
    endless.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.7,\npart.ts\n")
    film = FilmFile(endless)
    times_s, images = zip(*film.pictures(), strict=True)
    film.close()
    assert [number_of(image) for image in images] == list(range(20))
    np.testing.assert_allclose(np.subtract(times_s, times_s[0]), steady(20), atol=0.001)


def test_a_disk_that_fails_in_the_middle_ends_the_film_there(tmp_path: Path) -> None:
    film = FilmFile(write_film(tmp_path / "film.mp4", [numbered(i) for i in range(20)], steady(20)))
    container = film._container

    class FailingDisk:
        def demux(self, stream: av.VideoStream) -> Iterator[av.Packet]:
            yield from itertools.islice(container.demux(stream), 10)
            raise av.error.OSError(5, "Input/output error")

    film._container = FailingDisk()
    times_s, images = zip(*film.pictures(), strict=True)
    container.close()
    assert len(images) == 10, "what the decoder still holds is given"
    # Pictures are stored in another order than shown, so the last one found may be later.
    np.testing.assert_allclose(times_s, [number_of(image) / 30 for image in images], atol=0.001)
    assert film.damaged


@pytest.mark.parametrize("name", ["a:b.mp4", "http:a.mp4", "50 %03d.mp4", "läuft.mp4"])
def test_a_name_is_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "film.mp4", [numbered(7)], [0.0]).rename(tmp_path / name)
    assert [number_of(image) for image in read(Path(name))[1]] == [7]


def test_a_title_in_another_encoding_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as film:
        film.metadata["title"] = "a plain title"
        stream = film.add_stream("libx264", rate=30)
        stream.height, stream.width = 120, 160
        film.mux([*stream.encode(av.VideoFrame.from_ndarray(numbered(2), format="bgr24")), *stream.encode()])
    path.write_bytes(path.read_bytes().replace(b"a plain title", b"caf\xe9 \xff\xfe title"))
    assert [number_of(image) for image in read(path)[1]] == [2]


def no_films(folder: Path) -> dict[str, Path]:
    """Return one file of each kind that may not be taken for a film, or read for ever."""
    sound = folder / "sound.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    pipe = folder / "pipe.mp4"
    os.mkfifo(pipe)
    elsewhere = folder / "elsewhere.m3u8"
    elsewhere.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.0,\nhttp://10.255.255.1/a.ts\n#EXT-X-ENDLIST\n")
    foreign = write_film(folder / "foreign.mp4", [numbered(1)], [0.0])
    foreign.write_bytes(foreign.read_bytes().replace(b"avc1", b"zzzz"))
    unbegun = folder / "unbegun.mp4"
    with av.open(str(unbegun), "w") as film:
        stream = film.add_stream("libx264", rate=30)
        stream.width, stream.height = 160, 120
        film.start_encoding()
    return {"sound": sound, "pipe": pipe, "elsewhere": elsewhere, "foreign codec": foreign, "no frames": unbegun}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("what", ["sound", "pipe", "elsewhere", "foreign codec", "no frames"])
def test_what_is_no_film_is_refused_at_once_in_one_sentence(tmp_path: Path, what: str) -> None:
    path = no_films(tmp_path)[what]
    with pytest.raises(InputError) as caught:
        FilmFile(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_cover_of_a_song_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    cover = cv2.imencode(".jpg", numbered(3))[1].tobytes()
    with av.open(str(path), "w", format="mp4") as song:
        stream = song.add_stream("aac", rate=8000)
        picture = song.add_stream("mjpeg", rate=1)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic.value
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.float32), format="fltp", layout="mono")
        sound.rate = 8000
        song.mux([*stream.encode(sound), *stream.encode()])
        packet = av.Packet(cover)
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        song.mux(packet)
    with pytest.raises(InputError, match="no film"):
        FilmFile(path)
