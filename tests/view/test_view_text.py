"""Words as pixels: accents are there, words stay inside their width, nothing is lost in wrapping."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cuecoach.view.text import text_width, wrap, write

CAP_PX = 40.0
BASELINE_PX = 80
old_opencv = pytest.mark.skipif(int(cv2.__version__.split(".")[0]) >= 5, reason="OpenCV 5 has fonts of its own")


def ink(text: str, *, bold: bool = False) -> NDArray[np.bool_]:
    canvas = np.zeros((120, 900, 3), dtype=np.uint8)
    write(canvas, text, 20, BASELINE_PX, CAP_PX, (255, 255, 255), bold=bold)
    return canvas.max(axis=2) > 100


@pytest.mark.parametrize(("accented", "plain"), [("höch", "hoch"), ("ÄÖÜ", "AOU"), ("é", "e"), ("ñ", "n"), ("å", "a")])
def test_an_accent_is_ink_above_its_letter(accented: str, plain: str) -> None:
    more = ink(accented) & ~ink(plain)
    assert more.sum() > 10
    assert np.where(more.any(axis=1))[0].mean() < BASELINE_PX - 0.6 * CAP_PX


@old_opencv
def test_accents_change_nothing_else() -> None:
    assert not (ink("hoch") & ~ink("höch")).any()
    below = np.where((ink("ç") & ~ink("c")).any(axis=1))[0]
    assert below.min() > BASELINE_PX - 5


@old_opencv
def test_the_two_dots_stand_on_both_sides_of_the_letters_middle() -> None:
    dots = np.where((ink("hö") & ~ink("ho")).any(axis=0))[0]
    letter = np.where((ink("ho") & ~ink("h")).any(axis=0))[0]
    assert abs(dots.mean() - letter.mean()) < 4
    assert dots.max() - dots.min() > 8


@old_opencv
@pytest.mark.parametrize(
    ("text", "spelt"), [("Fuß", "Fuss"), ("„so“ – ja…", '"so" - ja...'), ("踵", "?"), ("\u0308a", "a")]
)
def test_what_has_no_letter_is_spelt_out(text: str, spelt: str) -> None:
    np.testing.assert_array_equal(ink(text), ink(spelt))


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["Heel up", "Ferse höch", "i", "WWW W"])
def test_words_stay_inside_their_width(text: str, bold: bool) -> None:
    columns = np.where(ink(text, bold=bold).any(axis=0))[0]
    assert columns.min() >= 20 - 4
    assert columns.max() <= 20 + text_width(text, CAP_PX, bold=bold) + 4
    rows = np.where(ink("H", bold=bold).any(axis=1))[0]
    assert len(rows) == pytest.approx(CAP_PX, rel=0.25)


@settings(max_examples=50)
@given(st.text(alphabet="abcdefg üß", max_size=60), st.integers(10, 500))
def test_wrapping_keeps_every_word_in_order_and_lines_in_width(text: str, width_px: int) -> None:
    lines = wrap(text, 20.0, width_px)
    assert " ".join(lines).split() == text.split()
    assert all(text_width(line, 20.0) <= width_px for line in lines if " " in line)
