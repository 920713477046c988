"""The drawn state: what a runner two metres away relies on can be found in the pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from view_states import IMAGE_SIZE_PX, make_legs, make_state

from cuecoach.types import Activity, Legs, Side
from cuecoach.view.base import ViewState
from cuecoach.view.primitives import BACKGROUND, FAR, NEAR
from cuecoach.view.screen import BLIND, DOUBTFUL, SURE, UNKNOWN, draw, trust_signal

SIZE_PX = (1280, 720)
SIGNALS = (SURE, DOUBTFUL, BLIND, UNKNOWN)


def count(canvas: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((canvas == np.array(colour, dtype=np.uint8)).all(axis=2).sum())


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        ({"trust": 0.95}, SURE),
        ({"trust": 0.55}, DOUBTFUL),
        ({"trust": 0.1}, BLIND),
        ({"trust": None}, UNKNOWN),
        ({"trust": float("nan")}, UNKNOWN),
        ({"activity": Activity.NOBODY}, UNKNOWN),
    ],
)
def test_the_border_shows_trust_by_colour_and_by_a_word_of_its_own(
    changes: dict[str, object], colour: tuple[int, int, int]
) -> None:
    state = make_state(**changes)
    canvas = draw(state, SIZE_PX)
    row = canvas[SIZE_PX[1] // 3].tolist()  # from the left: paper, border, picture
    assert next(tuple(pixel) for pixel in row if tuple(pixel) != BACKGROUND) == colour
    for other in SIGNALS:
        assert (count(canvas, other) > 4000) == (other == colour)
    assert trust_signal(state)[1] == colour


def test_every_border_colour_has_another_word_and_another_lightness() -> None:
    states = [make_state(trust=trust) for trust in (0.9, 0.5, 0.1, None)]
    assert len({trust_signal(state)[0] for state in states}) == 4
    lightness = [np.dot(trust_signal(state)[1], (0.11, 0.59, 0.30)) for state in states]
    assert min(abs(one - other) for i, one in enumerate(lightness) for other in lightness[:i]) > 8


@pytest.mark.parametrize("size_px", [(1280, 720), (960, 720), (720, 1280)])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("text", ["Heel up", "Pull the heel up under you", "Ferse unter dir höchziehen"])
def test_the_cue_can_be_read_from_two_metres(size_px: tuple[int, int], upright: bool, text: str) -> None:
    image = np.zeros((400, 300, 3) if upright else (300, 400, 3), dtype=np.uint8)
    canvas = draw(make_state(image_bgr=image, legs=None, cue_text=text), size_px)
    band = (canvas == np.array(NEAR, dtype=np.uint8)).all(axis=2)
    rows, columns = np.where(band)
    words = canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    ink = (words == np.array(BACKGROUND, dtype=np.uint8)).all(axis=2)
    inked = ink.any(axis=1)
    lines = int(np.count_nonzero(np.diff(inked.astype(int)) == 1)) + int(inked[0])
    assert inked.sum() / lines > 48  # px, 13 mm on a 24 inch screen of 1920 px: 22 minutes of arc at 2 m
    assert ink.mean() > 0.03
    # Nothing is cut off: a margin stays free of ink all around.
    assert not ink[:, :2].any()
    assert not ink[:, -2:].any()
    assert not inked[:2].any()
    assert not inked[-2:].any()


def test_without_a_cue_there_is_no_bright_band_but_the_reason() -> None:
    silent = draw(make_state(legs=None), SIZE_PX)
    nothing = draw(make_state(legs=None, reason=""), SIZE_PX)
    assert count(silent, NEAR) == 0
    assert (silent != nothing).any(axis=2).sum() > 300


@pytest.mark.parametrize(
    "changes",
    [{"muted": True}, {"notice": "The camera is back."}, {"cadence_spm": 172.0}, {"speed": None}, {"legs": None}],
)
def test_everything_that_is_told_can_be_seen(changes: dict[str, object]) -> None:
    assert (draw(make_state(), SIZE_PX) != draw(make_state(**changes), SIZE_PX)).any()


def test_the_near_leg_is_bright_the_far_leg_dim_and_guessed_joints_hollow() -> None:
    both = draw(make_state(), SIZE_PX)
    assert count(both, NEAR) > 300
    assert count(both, FAR) > 300
    assert sum(NEAR) > sum(FAR)
    swapped = draw(make_state(legs=make_legs(near=Side.RIGHT)), SIZE_PX)
    assert (swapped != both).any(axis=2).sum() > 300
    guessed = draw(make_state(legs=make_legs(trust=(0.2, 0.9))), SIZE_PX)
    hollow = (both == np.array(NEAR)).all(axis=2) & (guessed == np.array(BACKGROUND)).all(axis=2)
    assert hollow.sum() > 50
    assert count(guessed, FAR) == count(both, FAR)


def test_the_skeleton_lies_on_the_picture_also_in_the_mirror() -> None:
    image = np.zeros((300, 400, 3), dtype=np.uint8)
    image[215:245, 185:255] = (0, 0, 255)  # where the near foot is
    for mirror in (False, True):
        canvas = draw(make_state(image_bgr=image, mirror=mirror), SIZE_PX)
        red = np.argwhere((canvas == (0, 0, 255)).all(axis=2))
        near = np.argwhere((canvas == np.array(NEAR)).all(axis=2))
        foot = near[near[:, 0] > np.percentile(red[:, 0], 30)]
        assert len(foot) > 50
        assert (foot.min(axis=0) >= red.min(axis=0)).all()
        assert (foot.max(axis=0) <= red.max(axis=0)).all()
    plain, mirrored = (draw(make_state(image_bgr=image, mirror=mirror), SIZE_PX) for mirror in (False, True))
    assert (plain != mirrored).any()


def test_the_picture_given_is_left_as_it_was() -> None:
    state = make_state(cue_text="Heel up")
    assert state.image_bgr is not None
    before = state.image_bgr.copy()
    draw(state, IMAGE_SIZE_PX)
    np.testing.assert_array_equal(state.image_bgr, before)


def test_a_recording_without_pictures_still_shows_the_legs() -> None:
    with_size = draw(make_state(image_bgr=None, image_size_px=IMAGE_SIZE_PX), SIZE_PX)
    assert count(with_size, NEAR) > 300
    assert draw(make_state(image_bgr=None), SIZE_PX).shape == (720, 1280, 3)


edges = st.floats(allow_nan=True, allow_infinity=True, width=32)


@settings(max_examples=40)
@given(
    size_px=st.tuples(st.integers(0, 500), st.integers(0, 500)),
    image_px=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    values=st.lists(edges, min_size=24, max_size=24),
    texts=st.tuples(st.none() | st.text(max_size=40), st.text(max_size=40), st.none() | st.text(max_size=20)),
    trust=st.none() | edges,
    mirror=st.booleans(),
)
def test_nothing_breaks_the_drawing(
    size_px: tuple[int, int],
    image_px: tuple[int, int],
    values: list[float],
    texts: tuple[str | None, str, str | None],
    trust: float | None,
    mirror: bool,
) -> None:
    points = np.array(values)
    legs = Legs(0.0, 0, points[:20].reshape(2, 5, 2), points[20:22], points[20:].reshape(2, 2), -1, Side.RIGHT)
    image = np.zeros((*image_px, 3), dtype=np.uint8)
    cue, reason, notice = texts
    state = ViewState(
        0.0, image, None, legs, Activity.UNSURE, trust, cue, reason, values[0], None, notice=notice, mirror=mirror
    )
    canvas = draw(state, size_px)
    assert canvas.dtype == np.uint8
    assert canvas.shape == (max(16, size_px[1]), max(16, size_px[0]), 3)
