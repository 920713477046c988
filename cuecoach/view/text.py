"""Writes text on a picture in any size, with accents.

OpenCV 5 writes all of Unicode. OpenCV 4 has the stroke fonts of Hershey (1967), ASCII only: there the accents of Latin
letters are drawn here as strokes of the same width, a few letters are spelt out ("ß" as "ss"), the rest becomes "?".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]  # blue, green, red 0..255

_WRITES_UNICODE = int(cv2.__version__.split(".")[0]) >= 5
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CAP_UNITS = 20.0 if _WRITES_UNICODE else 21.0  # height of a capital at font scale 1
_SPACE_CAPS = 0.42  # Hershey's own word space is twice as wide as print has it
_X_HEIGHT_CAPS = 14.0 / 21.0
_TALL = frozenset("bdfhijklt")

# Strokes of the combining marks, in capitals' heights: x from the letter's middle, y up from its top (or its baseline
# for marks below).
_ABOVE: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "\u0300": (((-0.12, 0.34), (0.08, 0.18)),),  # grave
    "\u0301": (((0.12, 0.34), (-0.08, 0.18)),),  # acute
    "\u0302": (((-0.17, 0.17), (0.0, 0.33), (0.17, 0.17)),),  # circumflex
    "\u0303": (((-0.2, 0.2), (-0.1, 0.28), (0.1, 0.2), (0.2, 0.28)),),  # tilde
    "\u0304": (((-0.18, 0.24), (0.18, 0.24)),),  # macron
    "\u0306": (((-0.16, 0.32), (-0.08, 0.2), (0.08, 0.2), (0.16, 0.32)),),  # breve
    "\u0307": (((0.0, 0.25), (0.0, 0.25)),),  # dot
    "\u0308": (((-0.16, 0.25), (-0.16, 0.25)), ((0.16, 0.25), (0.16, 0.25))),  # diaeresis
    "\u030a": (((0.0, 0.18), (-0.1, 0.27), (0.0, 0.36), (0.1, 0.27), (0.0, 0.18)),),  # ring
    "\u030b": (((-0.02, 0.34), (-0.14, 0.18)), ((0.18, 0.34), (0.06, 0.18))),  # double acute
    "\u030c": (((-0.17, 0.33), (0.0, 0.17), (0.17, 0.33)),),  # caron
}
_BELOW: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "\u0323": (((0.0, -0.22), (0.0, -0.22)),),  # dot
    "\u0326": (((0.03, -0.16), (-0.05, -0.32)),),  # comma
    "\u0327": (((0.0, -0.06), (0.08, -0.2), (-0.08, -0.3)),),  # cedilla
    "\u0328": (((0.08, -0.06), (0.0, -0.2), (0.12, -0.28)),),  # ogonek
}
_REPLACEMENTS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "…": "...", "€": "EUR", "×": "x"}
    | dict.fromkeys("‘’‚‹›", "'")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("–—−‑", "-")
    | dict.fromkeys("\u00a0\u2009\u202f\t\n", " ")
)


def text_width(text: str, cap_px: float, *, bold: bool = False) -> int:
    """Return the width in px of `text` whose capitals are `cap_px` high."""
    if _WRITES_UNICODE:
        return _advance(text, cap_px, bold=bold)
    words = [_without_marks(word) for word in _for_hershey(text).split(" ")]
    space = round(_SPACE_CAPS * cap_px)
    return sum(_advance(word, cap_px, bold=bold) for word in words) + space * (len(words) - 1)


def write(
    canvas: NDArray[np.uint8], text: str, x_px: int, y_px: int, cap_px: float, colour: Colour, *, bold: bool = False
) -> None:
    """Write `text` onto `canvas` (h, w, 3), from `x_px` on, its baseline at `y_px`, capitals `cap_px` high."""
    stroke_px = _stroke_px(cap_px, bold=bold)
    if _WRITES_UNICODE:
        cv2.putText(canvas, text, (x_px, y_px), _FONT, cap_px / _CAP_UNITS, colour, stroke_px, cv2.LINE_AA)
        return
    for word in _for_hershey(text).split(" "):
        letters = _without_marks(word)
        cv2.putText(canvas, letters, (x_px, y_px), _FONT, cap_px / _CAP_UNITS, colour, stroke_px, cv2.LINE_AA)
        for strokes, middle, top in _marks(word, cap_px, bold=bold):
            for stroke in strokes:
                points = np.array([(x_px + middle + x * cap_px, y_px - top - y * cap_px) for x, y in stroke])
                cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, colour, stroke_px, cv2.LINE_AA)
        x_px += _advance(letters, cap_px, bold=bold) + round(_SPACE_CAPS * cap_px)


def wrap(text: str, cap_px: float, width_px: int, *, bold: bool = False) -> list[str]:
    """Break `text` between words into lines of at most `width_px`; one long word may be wider."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, cap_px, bold=bold) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _stroke_px(cap_px: float, *, bold: bool) -> int:
    return max(1, int(cap_px * (0.16 if bold else 0.1)))


def _advance(text: str, cap_px: float, *, bold: bool) -> int:
    stroke_px = _stroke_px(cap_px, bold=bold)
    (width, _), _ = cv2.getTextSize(text, _FONT, cap_px / _CAP_UNITS, stroke_px)
    return int(width)


def _for_hershey(text: str) -> str:
    """Return the text in letters that Hershey has, and the marks that are drawn here."""
    plain = unicodedata.normalize("NFD", text.translate(_REPLACEMENTS))
    known = (letter if " " <= letter <= "~" or letter in _ABOVE or letter in _BELOW else "?" for letter in plain)
    return "".join(known)


def _without_marks(word: str) -> str:
    return "".join(letter for letter in word if letter not in _ABOVE and letter not in _BELOW)


def _marks(
    word: str, cap_px: float, *, bold: bool
) -> Iterator[tuple[tuple[tuple[tuple[float, float], ...], ...], float, float]]:
    """Yield the strokes of every mark, the middle of its letter from the word's start, and the letter's top, in px."""
    stroke_px = _stroke_px(cap_px, bold=bold)  # OpenCV adds it to every width
    before = ""
    for letter in word:
        strokes = _ABOVE.get(letter) or _BELOW.get(letter)
        if strokes is None:
            before += letter
            continue
        if not before:  # a mark without a letter
            continue
        start, end = (_advance(part, cap_px, bold=bold) - stroke_px for part in (before[:-1], before))
        tall = before[-1].isupper() or before[-1] in _TALL
        top = cap_px * (1.0 if tall else _X_HEIGHT_CAPS) if letter in _ABOVE else 0.0
        yield strokes, (start + end) / 2, top
