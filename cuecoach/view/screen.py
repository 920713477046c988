"""Draws the state of a session as one picture: the layout, colours and texts of the window. Pure.

The runner looks from two metres away while running, the coach from a chair: one cue in letters as large as fit, one
border whose colour says how far the picture is trusted (and a word that says the same), the rest small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.speed_units import speed_number
from cuecoach.types import Activity, Legs
from cuecoach.view.base import ViewState
from cuecoach.view.primitives import BACKGROUND, DIM_TEXT, NEAR, TEXT, Box, Canvas, draw_legs, fill, write_lines
from cuecoach.view.text import Colour, text_width, write

# Blue, green, red. Trust colours differ in lightness too, and the panel says the word.
SURE: Colour = (110, 200, 60)
DOUBTFUL: Colour = (40, 180, 250)
BLIND: Colour = (70, 60, 225)
UNKNOWN: Colour = (110, 102, 96)

TRUST_SURE = 0.7
TRUST_DOUBTFUL = 0.4
SMALLEST_PX = 16  # below this nothing can be read

KEYS_HELP = "up/down speed   space tell me   r repeat   e/h easier, harder   m mute   q quit"


def draw(state: ViewState, size_px: tuple[int, int]) -> Canvas:
    """Return `state` as a picture (height, width, 3) uint8 for `size_px` (width, height), at least SMALLEST_PX each."""
    width, height = (max(SMALLEST_PX, int(edge)) for edge in size_px)
    canvas = np.empty((height, width, 3), dtype=np.uint8)
    fill(canvas, Box(0, 0, width, height), BACKGROUND)
    layout = _layout(state, width, height)
    _draw_picture(canvas, state, layout.picture)
    _draw_panel(canvas, state, layout.panel, layout.panel_columns)
    _draw_cue(canvas, state, layout.cue)
    _draw_footer(canvas, state, layout.footer)
    return canvas


def untrusted_joints(legs: Legs) -> NDArray[np.bool_]:
    """Return (2, 5) True for the joints of a leg that is not trusted."""
    return np.repeat(legs.trust[:, None] < TRUST_SURE, 5, axis=1)


def trust_signal(state: ViewState) -> tuple[str, Colour]:
    """Return the word and the colour that say how far the picture is trusted."""
    if state.activity is Activity.NOBODY:
        return "nobody in view", UNKNOWN
    if state.trust is None or not np.isfinite(state.trust):
        return "looking", UNKNOWN
    if state.trust >= TRUST_SURE:
        return "sure", SURE
    if state.trust >= TRUST_DOUBTFUL:
        return "unsure", DOUBTFUL
    return "cannot see well", BLIND


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each part of the screen is."""

    picture: Box
    panel: Box
    panel_columns: int
    cue: Box
    footer: Box


def _layout(state: ViewState, width: int, height: int) -> _Layout:
    """Divide the canvas: what fits beside the picture goes there, the cue always gets a wide and high place."""
    footer_height = max(1, height // 18)
    footer = Box(0, height - footer_height, width, footer_height)
    above = height - footer_height
    size_px = _picture_size(state) or (4, 3)
    if width <= height:  # one below the other
        cue_height, panel_height = round(0.24 * above), round(0.13 * above)
        up = above - cue_height - panel_height
        panel, cue = Box(0, up, width, panel_height), Box(0, up + panel_height, width, cue_height)
        return _Layout(Box(0, 0, width, up), panel, 4, cue, footer)
    if size_px[0] < size_px[1]:  # an upright picture: all words beside it
        across = min(round(above * size_px[0] / size_px[1]), width // 2)
        down = round(0.42 * above)
        panel, cue = Box(across, 0, width - across, down), Box(across, down, width - across, above - down)
        return _Layout(Box(0, 0, across, above), panel, 2, cue, footer)
    up = above - round(0.3 * above)
    across = min(round(up * size_px[0] / max(1, size_px[1])), round(0.76 * width))
    panel, cue = Box(across, 0, width - across, up), Box(0, up, width, above - up)
    return _Layout(Box(0, 0, across, up), panel, 1, cue, footer)


def _picture_size(state: ViewState) -> tuple[int, int] | None:
    """Width and height in px of the picture, or of that from which the legs come."""
    if state.image_bgr is not None and state.image_bgr.size:
        return state.image_bgr.shape[1], state.image_bgr.shape[0]
    return state.image_size_px


def _draw_picture(canvas: Canvas, state: ViewState, box: Box) -> None:
    """Picture, skeleton, and the border with its word."""
    word, colour = trust_signal(state)
    border = max(2, min(box.width, box.height) // 40)
    inner = Box(box.x + border, box.y + border, box.width - 2 * border, box.height - 2 * border)
    size_px = _picture_size(state)
    if size_px and min(inner.width, inner.height) > 0 and min(size_px) > 0:
        scale = min(inner.width / size_px[0], inner.height / size_px[1])
        width, height = (
            max(1, min(round(edge * scale), room))
            for edge, room in ((size_px[0], inner.width), (size_px[1], inner.height))
        )
        inner = Box(inner.x + (inner.width - width) // 2, inner.y + (inner.height - height) // 2, width, height)
        view = canvas[inner.y : inner.y + height, inner.x : inner.x + width]
        if state.image_bgr is not None and state.image_bgr.size:
            small = cv2.resize(
                state.image_bgr, (width, height), interpolation=cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
            )
            view[:] = small[:, ::-1] if state.mirror else small
        if state.legs is not None:
            _draw_legs(view, state.legs, scale, state.mirror)
    corners = (
        (inner.x - border, inner.y - border),
        (inner.x + inner.width + border - 1, inner.y + inner.height + border - 1),
    )
    _frame(canvas, corners, border, colour)
    cap_px = max(9.0, canvas.shape[0] / 48)
    tag_width = text_width(word, cap_px, bold=True) + 2 * border
    if tag_width < inner.width:
        fill(canvas, Box(corners[0][0], corners[0][1], tag_width, round(2.2 * cap_px)), colour)
        write(canvas, word, corners[0][0] + border, corners[0][1] + round(1.6 * cap_px), cap_px, BACKGROUND, bold=True)


def _draw_legs(view: Canvas, legs: Legs, scale: float, mirror: bool) -> None:
    """Draw the legs as large as the picture is shown, with lines that suit their size."""
    near_px = legs.of(legs.near) * scale
    leg_px = float(np.hypot(*np.diff(near_px[:3], axis=0).T).sum())  # thigh and shank
    usual_px = view.shape[0] / 4
    line_px = max(1, round(min(leg_px if np.isfinite(leg_px) else usual_px, 3 * usual_px) / 34))
    factor, offset = ((-1.0, 1.0), (view.shape[1] - 1, 0.0)) if mirror else ((1.0, 1.0), (0.0, 0.0))
    placed = replace(
        legs, points_px=legs.points_px * scale * factor + offset, trunk_px=legs.trunk_px * scale * factor + offset
    )
    draw_legs(view, placed, untrusted_joints(legs), line_px)


def _draw_panel(canvas: Canvas, state: ViewState, box: Box, columns: int) -> None:
    """Cadence, speed, trust and what the runner is doing, in `columns` columns."""
    trust = "-" if state.trust is None or not np.isfinite(state.trust) else f"{100 * state.trust:.0f}"
    cells = (
        ("cadence, steps/min", _number(state.cadence_spm, 0), TEXT),
        (f"belt, {state.speed_unit}", speed_number(state.speed.mps, state.speed_unit) if state.speed else "-", TEXT),
        ("trust, %", trust, trust_signal(state)[1]),
        ("VOICE MUTED" if state.muted else "runner", str(state.activity), DOUBTFUL if state.muted else TEXT),
    )
    rows = -(-len(cells) // columns)
    width, height = box.width // columns, box.height // rows
    cap_px = min(0.34 * height, 0.15 * width, canvas.shape[0] / 14)
    if cap_px < 5:
        return
    label_px = max(6.0, min(0.4 * cap_px, 0.4 * cap_px * 0.84 * width / text_width(cells[0][0], 0.4 * cap_px)))
    for number, (label, value, colour) in enumerate(cells):
        x = box.x + (number % columns) * width + round(0.08 * width)
        y = box.y + (number // columns) * height + round(0.5 * (height - cap_px))
        write(canvas, label, x, y, label_px, DIM_TEXT)
        write(
            canvas,
            value,
            x,
            y + round(1.55 * cap_px),
            cap_px if value[0] in "-0123456789" else 0.72 * cap_px,
            colour,
            bold=True,
        )


def _number(value: float | None, decimals: int) -> str:
    return "-" if value is None or not np.isfinite(value) else f"{value:.{decimals}f}"


def _draw_cue(canvas: Canvas, state: ViewState, box: Box) -> None:
    """Show the cue, dark on a band bright enough for the corner of the eye; without a cue, why there is silence."""
    margin = max(1, min(box.width, box.height) // 16)
    inner = Box(box.x + margin, box.y + margin, box.width - 2 * margin, box.height - 2 * margin)
    if state.cue_text:
        fill(canvas, box, NEAR)
        write_lines(canvas, state.cue_text, inner, (0.7 * inner.height, 8.0), BACKGROUND, bold=True)
    elif state.reason:
        write_lines(
            canvas,
            state.reason,
            inner,
            (max(8.0, min(0.2 * inner.height, canvas.shape[0] / 30)), 8.0),
            DIM_TEXT,
            bold=False,
        )


def _draw_footer(canvas: Canvas, state: ViewState, box: Box) -> None:
    """Say what the user should know, or which keys there are."""
    text, colour = (state.notice, DOUBTFUL) if state.notice else (KEYS_HELP, DIM_TEXT)
    cap_px = 0.34 * box.height
    width = box.width - 2 * box.height
    if width > 0 and cap_px >= 4:
        cap_px = max(5.0, cap_px * min(1.0, width / max(1, text_width(text, cap_px))))
        write(canvas, text, box.x + box.height, box.y + round(0.5 * (box.height + cap_px)), cap_px, colour)


def _frame(canvas: Canvas, corners: tuple[tuple[int, int], tuple[int, int]], border: int, colour: Colour) -> None:
    """Draw a border of `border` px along the inside of the rectangle."""
    (left, top), (right, bottom) = corners
    for box in (
        Box(left, top, right - left + 1, border),
        Box(left, bottom - border + 1, right - left + 1, border),
        Box(left, top, border, bottom - top + 1),
        Box(right - border + 1, top, border, bottom - top + 1),
    ):
        fill(canvas, box, colour)
