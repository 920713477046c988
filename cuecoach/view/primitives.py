"""Draws what the window and films have in common: legs, foot events, boxes and lines of text; and their colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.types import HEEL, TOE, FloatArray, Legs, Side, Stride
from cuecoach.view.text import Colour, text_width, wrap, write

Canvas = NDArray[np.uint8]


class FootEventKind(StrEnum):
    """What a foot did, as it is written beside it."""

    FOOT_STRIKE = "strike"
    TOE_OFF = "toe-off"


class FootEvent(NamedTuple):
    """A foot strike or toe-off of one leg."""

    t_s: float
    kind: FootEventKind
    side: Side


# Blue, green, red.
BACKGROUND: Colour = (30, 26, 24)
TEXT: Colour = (245, 243, 240)
DIM_TEXT: Colour = (160, 150, 142)
NEAR: Colour = (80, 230, 255)
FAR: Colour = (190, 130, 80)
FOOT_STRIKE: Colour = (80, 220, 80)
TOE_OFF: Colour = (80, 80, 255)
FOOT_EVENT_COLOURS = {FootEventKind.FOOT_STRIKE: FOOT_STRIKE, FootEventKind.TOE_OFF: TOE_OFF}

FOOT_EVENT_SHOWN_S = 0.12
_LINE_SPACING_CAPS = 1.8  # from line to line, in heights of capitals: room for accents and descenders


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
    spacing = _LINE_SPACING_CAPS * cap_px
    y = box.y + 0.5 * (box.height - spacing * (len(lines) - 1) + cap_px)
    for line in lines:
        x = box.x + (box.width - text_width(line, cap_px, bold=bold)) // 2
        write(canvas, line, max(box.x, x), round(y), cap_px, colour, bold=bold)
        y += spacing


def write_outlined(canvas: Canvas, text: str, x_px: int, y_px: int, cap_px: float, colour: Colour) -> None:
    """Write with an outline that shows on any background."""
    for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1), (2, 2)):
        write(canvas, text, x_px + dx, y_px + dy, cap_px, BACKGROUND)
    write(canvas, text, x_px, y_px, cap_px, colour)


def draw_legs(canvas: Canvas, legs: Legs, hollow: NDArray[np.bool_], line_px: int) -> None:
    """Draw the far leg, the trunk, then the near leg on top. Joints marked in `hollow` (2, 5) are drawn as circles."""
    far, near = legs.near.other, legs.near
    _draw_leg(canvas, legs.of(far), hollow[far.row], FAR, line_px)
    _draw_lines(canvas, legs.trunk_px, TEXT, line_px)
    _draw_leg(canvas, legs.of(near), hollow[near.row], NEAR, line_px + 1)


def foot_events(strides: Iterable[Stride]) -> Iterator[FootEvent]:
    """Yield the foot strikes and toe-offs of strides; a foot strike between two strides comes twice."""
    for stride in strides:
        yield FootEvent(stride.t_strike_s, FootEventKind.FOOT_STRIKE, stride.side)
        yield FootEvent(stride.t_toe_off_s, FootEventKind.TOE_OFF, stride.side)
        yield FootEvent(stride.t_next_strike_s, FootEventKind.FOOT_STRIKE, stride.side)


def draw_foot_events(canvas: Canvas, legs: Legs, events: Iterable[FootEvent], cap_px: float) -> None:
    """Ring the foot of every event that is less than FOOT_EVENT_SHOWN_S old, and name it."""
    for t_s, kind, side in events:
        foot = legs.of(side)[[HEEL, TOE]].mean(axis=0)
        if 0.0 <= legs.t_s - t_s < FOOT_EVENT_SHOWN_S and np.isfinite(foot).all():
            colour = FOOT_EVENT_COLOURS[kind]
            x, y = pixel(foot)
            cv2.circle(canvas, (x, y), round(2.6 * cap_px), colour, max(2, round(cap_px / 4)), cv2.LINE_AA)
            below, above = y + round(4.5 * cap_px), y - round(3.5 * cap_px)
            line = below if below + 0.5 * cap_px < len(canvas) else above
            write_outlined(canvas, f"{kind} {side}", max(0, x - round(3 * cap_px)), line, cap_px, colour)


def pixel(point_px: FloatArray) -> tuple[int, int]:
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
        if (widest <= width and _LINE_SPACING_CAPS * cap_px * len(lines) <= height) or cap_px <= smallest_px:
            return lines, cap_px
        cap_px = max(smallest_px, 0.93 * cap_px)


def _draw_leg(canvas: Canvas, joints: FloatArray, hollow: NDArray[np.bool_], colour: Colour, line_px: int) -> None:
    hip, knee, ankle, heel, toe = joints
    _draw_lines(canvas, np.array([hip, knee, ankle, heel, toe, ankle]), colour, line_px)
    for joint, is_hollow in zip(joints, hollow, strict=True):
        if np.isfinite(joint).all():
            inside, edge = (BACKGROUND, colour) if is_hollow else (colour, BACKGROUND)
            cv2.circle(canvas, pixel(joint), line_px + 1, inside, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, pixel(joint), line_px + 1, edge, max(1, line_px // 3), cv2.LINE_AA)


def _draw_lines(canvas: Canvas, points_px: FloatArray, colour: Colour, line_px: int) -> None:
    """Draw lines between neighbours that are both known, on a dark edge that shows on any clothes."""
    for edge_colour, edge_pen in ((BACKGROUND, line_px + 2), (colour, line_px)):
        for start, end in pairwise(points_px):
            if np.isfinite((start, end)).all():
                cv2.line(canvas, pixel(start), pixel(end), edge_colour, edge_pen, cv2.LINE_AA)
