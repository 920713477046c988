"""What the window and films draw alike: a runner's legs, rings at feet, boxes, words that fill a box; and the colours.

Owns how each of these looks. Knows no layout and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.types import HEEL, TOE, FloatArray, Legs, Side, Stride
from cuecoach.view.text import Colour, text_width, wrap, write

Canvas = NDArray[np.uint8]
Event = tuple[float, str, Side]  # time, "strike" or "toe-off", leg

# Blue, green, red.
PAPER: Colour = (30, 26, 24)
INK: Colour = (245, 243, 240)
FAINT: Colour = (160, 150, 142)
NEAR: Colour = (80, 230, 255)
FAR: Colour = (190, 130, 80)
STRIKE: Colour = (80, 220, 80)
TOE_OFF: Colour = (80, 80, 255)

EVENT_SHOWN_S = 0.12
_PITCH_CAPS = 1.8  # from line to line, in heights of capitals: room for accents and descenders


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the canvas in px."""

    x: int
    y: int
    width: int
    height: int


def fill(canvas: Canvas, box: Box, colour: Colour) -> None:
    """Fill a rectangle; one without an inside is nothing."""
    if box.width > 0 and box.height > 0:  # fifty times as fast as numpy's broadcasting of three bytes
        last = (box.x + box.width - 1, box.y + box.height - 1)
        cv2.rectangle(canvas, (box.x, box.y), last, colour, cv2.FILLED)


def write_lines(
    canvas: Canvas, text: str, box: Box, caps_px: tuple[float, float], colour: Colour, *, bold: bool
) -> None:
    """Write `text` in the middle of `box`, as large as fits between the two heights of capitals, largest first."""
    lines, cap_px = _fit(text, box.width, box.height, caps_px, bold)
    pitch = _PITCH_CAPS * cap_px
    y = box.y + 0.5 * (box.height - pitch * (len(lines) - 1) + cap_px)
    for line in lines:
        x = box.x + (box.width - text_width(line, cap_px, bold=bold)) // 2
        write(canvas, line, max(box.x, x), round(y), cap_px, colour, bold=bold)
        y += pitch


def write_edged(canvas: Canvas, text: str, x_px: int, y_px: int, cap_px: float, colour: Colour) -> None:
    """Write with a shadow that shows on any ground."""
    for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1), (2, 2)):
        write(canvas, text, x_px + dx, y_px + dy, cap_px, PAPER)
    write(canvas, text, x_px, y_px, cap_px, colour)


def draw_legs(canvas: Canvas, legs: Legs, hollow: NDArray[np.bool_], pen_px: int) -> None:
    """Draw the far leg, the trunk, then the near leg on top. Joints marked in `hollow` (2, 5) are drawn as guessed."""
    far, near = legs.near.other, legs.near
    _draw_leg(canvas, legs.of(far), hollow[far.row], FAR, pen_px)
    _draw_chain(canvas, legs.trunk_px, INK, pen_px)
    _draw_leg(canvas, legs.of(near), hollow[near.row], NEAR, pen_px + 1)


def events(strides: Iterable[Stride]) -> Iterator[Event]:
    """Yield what happened to the feet; a strike between two strides comes twice."""
    for stride in strides:
        yield stride.t_strike_s, "strike", stride.side
        yield stride.t_toe_off_s, "toe-off", stride.side
        yield stride.t_next_strike_s, "strike", stride.side


def ring_feet(canvas: Canvas, legs: Legs, happened: Iterable[Event], cap_px: float) -> None:
    """Ring the foot of every event that is less than EVENT_SHOWN_S old, and name it."""
    for t_s, event, side in happened:
        foot = legs.of(side)[[HEEL, TOE]].mean(axis=0)
        if 0.0 <= legs.t_s - t_s < EVENT_SHOWN_S and np.isfinite(foot).all():
            colour = STRIKE if event == "strike" else TOE_OFF
            x, y = at(foot)
            cv2.circle(canvas, (x, y), round(2.6 * cap_px), colour, max(2, round(cap_px / 4)), cv2.LINE_AA)
            below, above = y + round(4.5 * cap_px), y - round(3.5 * cap_px)
            line = below if below + 0.5 * cap_px < len(canvas) else above
            write_edged(canvas, f"{event} {side}", max(0, x - round(3 * cap_px)), line, cap_px, colour)


def at(point_px: FloatArray) -> tuple[int, int]:
    """Return a point (2,) as OpenCV draws it: whole, and within its range."""
    x, y = np.clip(np.rint(point_px), -30000, 30000).astype(int).tolist()
    return x, y


@lru_cache(maxsize=32)  # the same words stay on the screen for many pictures
def _fit(text: str, width: int, height: int, caps_px: tuple[float, float], bold: bool) -> tuple[list[str], float]:
    """Return the lines and the largest height of capitals at which they fit, or the smallest allowed."""
    cap_px, smallest_px = caps_px
    while True:
        lines = wrap(text, cap_px, width, bold=bold)
        widest = max((text_width(line, cap_px, bold=bold) for line in lines), default=0)
        if (widest <= width and _PITCH_CAPS * cap_px * len(lines) <= height) or cap_px <= smallest_px:
            return lines, cap_px
        cap_px = max(smallest_px, 0.93 * cap_px)


def _draw_leg(canvas: Canvas, joints: FloatArray, hollow: NDArray[np.bool_], colour: Colour, pen_px: int) -> None:
    hip, knee, ankle, heel, toe = joints
    _draw_chain(canvas, np.array([hip, knee, ankle, heel, toe, ankle]), colour, pen_px)
    for joint, guessed in zip(joints, hollow, strict=True):
        if np.isfinite(joint).all():
            inside, edge = (PAPER, colour) if guessed else (colour, PAPER)
            cv2.circle(canvas, at(joint), pen_px + 1, inside, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, at(joint), pen_px + 1, edge, max(1, pen_px // 3), cv2.LINE_AA)


def _draw_chain(canvas: Canvas, points_px: FloatArray, colour: Colour, pen_px: int) -> None:
    """Draw lines between neighbours that are both known, on a dark edge that shows on any clothes."""
    for edge_colour, edge_pen in ((PAPER, pen_px + 2), (colour, pen_px)):
        for start, end in pairwise(points_px):
            if np.isfinite((start, end)).all():
                cv2.line(canvas, at(start), at(end), edge_colour, edge_pen, cv2.LINE_AA)
