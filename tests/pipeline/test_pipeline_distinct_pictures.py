"""Repeated pictures: left out of encoded films, times put right at a regular pace, and films without any untouched."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from films import Picture, steady, write_film

from cuecoach.pipeline.distinct_pictures import DistinctPictures
from cuecoach.source.film import FilmSource
from cuecoach.types import Frame

SIZE_PX = (320, 240)


def moving(index: int) -> Picture:
    """Return a picture in which a bright bar turns, over noise that stays."""
    height_px, width_px = SIZE_PX[1], SIZE_PX[0]
    image = np.random.default_rng(7).integers(40, 80, (height_px, width_px, 3)).astype(np.uint8)
    y, x = np.mgrid[:height_px, :width_px]
    angle = 0.25 * index
    away = (x - width_px / 2) * np.sin(angle) - (y - height_px / 2) * np.cos(angle)
    image[np.abs(away) < 12] = 230
    return image


def read(path: Path) -> tuple[list[Frame], DistinctPictures]:
    pictures = DistinctPictures(FilmSource(path))
    frames = []
    while isinstance(frame := pictures.read(), Frame):
        frames.append(frame)
    pictures.close()
    return frames, pictures


def film_of(path: Path, shown: Sequence[int], rate_hz: float = 30.0, crf: str = "23") -> Path:
    """Write a film that shows these pictures."""
    return write_film(path, [moving(number) for number in shown], steady(len(shown), rate_hz))


def at_pace(count: int, pace: float) -> list[int]:
    """Return which of `count` pictures is shown when the film has `pace` pictures for each."""
    return [int(k / pace) for k in range(int(count * pace))]


@pytest.mark.parametrize("pace", [1.25, 1.2, 2.0, 2.5])
def test_pictures_at_an_even_pace_come_once_and_evenly(tmp_path: Path, pace: float) -> None:
    frames, pictures = read(film_of(tmp_path / "film.mp4", at_pace(100, pace)))
    assert not pictures.irregular
    assert 96 <= len(frames) <= 106, "the first few repeats are not known yet"
    steps = np.diff([frame.t_s for frame in frames])[35:]
    assert steps == pytest.approx(pace / 30, abs=0.005)
    (sentence,) = pictures.notices()
    assert "put right" in sentence
    index = [frame.index for frame in frames]
    assert all(a < b for a, b in pairwise(index))


def test_repeats_at_no_regular_pace_are_left_out_and_doubted(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    shown = np.sort(rng.choice(300, 300)).tolist()
    frames, pictures = read(film_of(tmp_path / "film.mp4", shown))
    assert pictures.irregular
    assert len(frames) < len(set(shown)) + 10
    assert any("no regular pace" in sentence for sentence in pictures.notices())
    assert all(a.t_s < b.t_s for a, b in pairwise(frames))


def test_a_film_without_repeats_is_as_it_was(tmp_path: Path) -> None:
    path = film_of(tmp_path / "film.mp4", range(90))
    frames, pictures = read(path)
    assert [frame.t_s for frame in frames] == pytest.approx(steady(90))
    assert pictures.notices() == ()
    changes = [pictures.take_change(frame.index) for frame in frames]
    assert np.isnan(changes[0])
    assert min(changes[1:]) > 1.0
    assert np.isnan(pictures.take_change(5)), "once"


def test_uneven_times_that_are_right_stay(tmp_path: Path) -> None:
    times_s = np.cumsum(np.random.default_rng(2).choice([1, 1, 1, 2, 3], 90)) / 60
    path = write_film(tmp_path / "film.mp4", [moving(k) for k in range(90)], (times_s - times_s[0]).tolist())
    frames, pictures = read(path)
    assert [frame.t_s for frame in frames] == pytest.approx((times_s - times_s[0]).tolist(), abs=1e-4)
    assert pictures.notices() == ()


def test_who_stands_still_is_seen_some_times_a_second(tmp_path: Path) -> None:
    frames, _ = read(film_of(tmp_path / "film.mp4", [*range(60), *[60] * 60]))
    still = [frame.t_s for frame in frames if frame.index >= 60]
    assert len(still) >= 8
    assert max(np.diff(still)) < 0.3


def test_a_film_in_which_nothing_moves_is_given_whole(tmp_path: Path) -> None:
    frames, _ = read(write_film(tmp_path / "film.mp4", [np.full((120, 160, 3), 90, np.uint8)] * 40, steady(40)))
    assert len(frames) == 40
