"""Draws one picture of a session's film: the runner with legs and foot events; below it numbers and the cue.

The picture itself stays free of text: feet are low in it, and they are what counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.speed_units import speed_text
from cuecoach.types import Stride
from cuecoach.view.base import ViewState
from cuecoach.view.primitives import (
    BACKGROUND,
    DIM_TEXT,
    NEAR,
    TEXT,
    Box,
    draw_foot_events,
    draw_legs,
    fill,
    foot_events,
    write_lines,
)
from cuecoach.view.screen import trust_signal, untrusted_joints
from cuecoach.view.text import Colour, text_width, write

_CAPS = 36  # small capitals in the picture's shorter edge: 2 mm each on a phone held upright
_NUMBERS_CAPS = 4.6  # height of the numbers, in small capitals
_CUE_CAPS = 4.4  # height of the cue


class SessionFramePainter:
    """Draws for pictures of one size.

    Parameters
    ----------
    picture_px : tuple
        Width and height of the pictures; others are stretched to it.
    """

    def __init__(self, picture_px: tuple[int, int]) -> None:
        self._picture_px = picture_px
        width, height = picture_px
        self._cap_px = max(6.0, min(picture_px) / _CAPS)
        self._numbers = Box(0, height, width, round(_NUMBERS_CAPS * self._cap_px))
        self._cue = Box(0, height + self._numbers.height, width, round(_CUE_CAPS * self._cap_px))
        self.size_px = (width, self._cue.y + self._cue.height)

    def paint(self, picture: NDArray[np.uint8], state: ViewState, strides: Sequence[Stride]) -> NDArray[np.uint8]:
        """Return the film's picture (h, w, 3) of a moment; `strides` are those known around it."""
        width, height = self._picture_px
        canvas = np.empty((self.size_px[1], width, 3), dtype=np.uint8)
        if picture.shape[:2] != (height, width):
            picture = np.asarray(cv2.resize(picture, self._picture_px), dtype=np.uint8)
        canvas[:height] = picture
        upper, legs = canvas[:height], state.legs
        if legs is not None:
            draw_legs(upper, legs, untrusted_joints(legs), max(1, round(self._cap_px / 4)))
            draw_foot_events(upper, legs, foot_events(strides), self._cap_px)
        self._write_numbers(canvas, state, strides)
        self._write_cue(canvas, state)
        return canvas

    def _write_numbers(self, canvas: NDArray[np.uint8], state: ViewState, strides: Sequence[Stride]) -> None:
        """Write time, cadence, speed and trust in one row, the near leg's stride in the next."""
        fill(canvas, self._numbers, BACKGROUND)
        word, colour = trust_signal(state)
        now = [f"{state.t_s:.1f} s"]
        now += [f"{state.cadence_spm:.0f} steps/min"] if state.cadence_spm is not None else []
        now += [speed_text(state.speed.mps, state.speed_unit)] if state.speed else []
        middle = self._numbers.width - text_width(word, self._cap_px) - round(2 * self._cap_px)
        self._write_row(canvas, 0, "   ".join(now), TEXT, 0, middle)
        self._write_row(canvas, 0, word, colour, middle, self._numbers.width)
        near = [stride for stride in strides if stride.is_near and stride.t_strike_s <= state.t_s]
        if near:
            self._write_row(canvas, 1, _stride_line(near[-1]), NEAR, 0, self._numbers.width)

    def _write_row(self, canvas: NDArray[np.uint8], row: int, text: str, colour: Colour, left: int, right: int) -> None:
        """Write between two edges, smaller where it would not fit."""
        width = right - left - 2 * self._cap_px
        cap_px = self._cap_px * min(1.0, width / max(1, text_width(text, self._cap_px)))
        y = self._numbers.y + round((1.9 + 1.9 * row) * self._cap_px)
        write(canvas, text, left + round(self._cap_px), y, cap_px, colour)

    def _write_cue(self, canvas: NDArray[np.uint8], state: ViewState) -> None:
        """Show the cue, dark on a bright band as in the window; without a cue, why there is silence."""
        cap_px, box = self._cap_px, self._cue
        margin = round(0.5 * cap_px)
        inner = Box(box.x + margin, box.y + margin, box.width - 2 * margin, box.height - 2 * margin)
        fill(canvas, box, NEAR if state.cue_text else BACKGROUND)
        if state.cue_text:
            write_lines(canvas, state.cue_text, inner, (2 * cap_px, 0.7 * cap_px), BACKGROUND, bold=True)
        elif state.reason:
            write_lines(canvas, state.reason, inner, (cap_px, 0.7 * cap_px), DIM_TEXT, bold=False)


def _stride_line(stride: Stride) -> str:
    """Return one stride as a line of text."""
    knee = stride.metrics["knee_peak_swing_deg"]
    parts = [f"{stride.side} stride {stride.number}"]
    parts += [f"knee {knee:.0f} deg"] if np.isfinite(knee) else []
    parts += [f"contact {1000 * stride.contact_s:.0f} ms"]
    return "   ".join(parts)
