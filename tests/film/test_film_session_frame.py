"""One picture of a session's film: the words fit and can be read, the runner stays free of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from cuecoach.film.session_frame import SessionFramePainter
from cuecoach.types import Activity, Legs, Side, Speed, SpeedOrigin, Stride
from cuecoach.view.base import ViewState
from cuecoach.view.primitives import BACKGROUND, FOOT_STRIKE, NEAR, TOE_OFF

SIZES_PX = [(1280, 720), (720, 1280), (641, 479), (320, 240)]
GREY = 90


def ground(size_px: tuple[int, int]) -> NDArray[np.uint8]:
    return np.full((size_px[1], size_px[0], 3), GREY, np.uint8)


def is_colour(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((picture == np.array(colour, np.uint8)).all(axis=2))


def stride(number: int = 7, knee_deg: float = 92.0, t_strike_s: float = 1.0) -> Stride:
    times_s = (t_strike_s, t_strike_s + 0.1, t_strike_s + 0.3, t_strike_s + 0.7, t_strike_s + 1.0)
    metrics = {"knee_peak_swing_deg": knee_deg}
    return Stride(number, Side.LEFT, True, *times_s, 170.0, 0.27, 0.39, Activity.RUNNING, None, 0.9, metrics)


def legs(t_s: float, size_px: tuple[int, int]) -> Legs:
    middle = np.array(size_px) / 2
    return Legs(t_s, 0, np.broadcast_to(middle, (2, 5, 2)), np.ones(2), np.full((2, 2), np.nan), 1, Side.LEFT)


@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("words", ["Pull", "Ferse unter dir höchziehen, Schritte kürzer und schneller"])
def test_a_cue_fits_its_band_and_can_be_read(size_px: tuple[int, int], words: str) -> None:
    painter = SessionFramePainter(size_px)
    drawn = painter.paint(ground(size_px), ViewState(cue_text=words), [])
    assert drawn.shape == (painter.size_px[1], painter.size_px[0], 3)
    band = is_colour(drawn, NEAR)
    top = int(np.flatnonzero(band.any(axis=1))[0])
    ink = drawn[top:, :, 1] < 128
    edge = min(size_px) // 120
    assert ink[edge:-edge, edge:-edge].sum() == ink.sum(), "nothing is cut off"
    inked = ink.any(axis=1)
    lines = int(np.count_nonzero(np.diff(inked.astype(int)) == 1))
    assert inked.sum() / lines > min(size_px) / 50, "a fiftieth of a phone's width is 1.3 mm"
    assert (drawn[: size_px[1]] == GREY).all()


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_long_numbers_stay_within_the_picture(size_px: tuple[int, int]) -> None:
    state = ViewState(
        35_999.9, cadence_spm=168.6, speed=Speed(2.8, 0.1, SpeedOrigin.USER), activity=Activity.RUNNING, trust=0.1
    )
    drawn = SessionFramePainter(size_px).paint(ground(size_px), state, [stride(123_456)])
    rows = drawn[size_px[1] :]
    assert not is_colour(rows, BACKGROUND).all()
    assert is_colour(rows[:, -2:], BACKGROUND).all()
    assert is_colour(rows[:, :2], BACKGROUND).all()


def test_the_stride_of_the_moment_is_told() -> None:
    painter, strides = SessionFramePainter((640, 480)), [stride(7, 92.0, 1.0), stride(8, 64.0, 1.7)]

    def told(t_s: float, known: list[Stride]) -> NDArray[np.uint8]:
        return painter.paint(ground((640, 480)), ViewState(t_s), known)[480:]

    assert (told(1.52, strides) == told(1.52, strides[:1])).all()
    assert (told(1.72, strides) == told(1.72, strides[1:])).all()
    assert (told(1.52, strides) != told(1.52, strides[1:])).any(), "a stride that is yet to come"
    assert (told(0.52, strides) == told(0.52, [])).all()
    blank = [stride(7, math.nan)]
    assert is_colour(told(1.02, blank), NEAR).sum() < is_colour(told(1.02, strides[:1]), NEAR).sum()


def test_feet_are_ringed_when_they_strike_and_leave() -> None:
    size_px = (640, 480)

    def ringed(t_s: float) -> list[bool]:
        state = ViewState(t_s, legs=legs(t_s, size_px))
        drawn = SessionFramePainter(size_px).paint(ground(size_px), state, [stride()])[:480]
        return [bool(is_colour(drawn, colour).any()) for colour in (FOOT_STRIKE, TOE_OFF)]

    assert ringed(0.99) == [False, False]
    assert ringed(1.01) == [True, False]
    assert ringed(1.15) == [False, False]
    assert ringed(1.31) == [False, True]
    assert ringed(1.71) == [True, False]


def test_the_sources_own_picture_is_not_drawn_on() -> None:
    picture = ground((320, 240))
    SessionFramePainter((320, 240)).paint(
        picture, ViewState(1.0, legs=legs(1.0, (320, 240)), cue_text="Pull"), [stride()]
    )
    assert (picture == GREY).all()
