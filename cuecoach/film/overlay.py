"""Draws what was measured on the pictures it was measured in, and writes them as a film, to be checked by eye.

Near leg bright, far leg dim; points that were not seen where they are
drawn are hollow; the dots are where the pose model put them.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.angles import SHANK, THIGH, bone_lengths, knee_flexion, leg_angles
from cuecoach.gait.metrics import METRICS, value_of
from cuecoach.gait.speed_units import SpeedUnit, speed_text
from cuecoach.source.base import Source
from cuecoach.types import ANKLE, HIP, KNEE, LEG_LANDMARKS, FloatArray, Frame, Legs, PoseFrame, Side, Stride
from cuecoach.view.primitives import (
    BACKGROUND,
    FAR,
    FOOT_EVENT_COLOURS,
    FOOT_EVENT_SHOWN_S,
    NEAR,
    TEXT,
    FootEvent,
    draw_foot_events,
    draw_legs,
    foot_events,
    pixel,
    write_outlined,
)
from cuecoach.view.text import Colour, text_width

Picture = NDArray[np.uint8]

RAW: Colour = (200, 80, 255)

_SEEN_WITHIN_LEGS = 0.04  # a point this far, in leg lengths, from what the pose model said was not seen there
_TRUST_MIN = 0.5
_TRACE_S = 2.0
_STRIP_SHARE = 0.13  # height of the strip of curves, of the picture's
_TRACE_DEG = (-40.0, 130.0)
_METRICS = (
    "knee_peak_swing_deg",
    "knee_at_thigh_vertical_deg",
    "thigh_max_deg",
    "thigh_at_toe_off_deg",
    "shank_at_strike_deg",
    "trunk_lean_deg",
)


def write_film(source: Source, painter: OverlayPainter, path: Path, progress: Callable[[int], None]) -> None:
    """Draw on every picture of `source`, opened afresh, and write the film; pictures keep their times.

    Parameters
    ----------
    source : Source
        The film that was measured, or the recording, which is drawn on a dark ground. Read to its end.
    painter : OverlayPainter
        With what was measured in it.
    path : Path
        Overwritten; ends with .mp4.
    progress : callable
        Told the number of pictures so far.

    Raises
    ------
    DeviceError
        The film cannot be written.
    """
    from cuecoach.film.writer import FilmWriter  # brings a second FFmpeg, for those who want a film

    writer: FilmWriter | None = None
    try:
        for done, (item, picture) in enumerate(_pictures(source), start=1):
            drawn = painter.paint(picture, item.index)
            writer = writer or FilmWriter(path, (drawn.shape[1], drawn.shape[0]), source.info.rate_hz)
            writer.write(drawn, item.t_s)
            progress(done)
    finally:
        if writer is not None:
            writer.close()


class OverlayPainter:
    """Draws what was measured in one frame.

    Parameters
    ----------
    legs, strides : sequences
        Everything measured in one film, in order.
    pose_frames : sequence of PoseFrame
        What the pose model saw in it.
    speed_unit : SpeedUnit
        How the belt's speed is written.
    """

    def __init__(
        self,
        legs: Sequence[Legs],
        strides: Sequence[Stride],
        pose_frames: Sequence[PoseFrame],
        speed_unit: SpeedUnit = SpeedUnit.M_PER_S,
    ) -> None:
        self._speed_unit = speed_unit
        self._legs = legs
        self._row = {one.index: row for row, one in enumerate(legs)}
        self._pose_frames = {pose_frame.index: pose_frame for pose_frame in pose_frames}
        self._indices = sorted(self._pose_frames)
        self._strides = {side: [stride for stride in strides if stride.side is side] for side in Side}
        self._events = sorted(foot_events(strides), key=lambda event: event.t_s)
        self._t_s = [one.t_s for one in legs]
        angles = np.array([leg_angles(one) for one in legs]).reshape(-1, 2, 3)
        self._knee, self._thigh, self._shank = knee_flexion(angles), angles[..., THIGH], angles[..., SHANK]

    def paint(self, picture: Picture, index: int) -> Picture:
        """Return the picture with what was measured in the frame of this index, and the curves in a strip below it."""
        canvas = picture.copy()
        height, width = picture.shape[:2]
        strip_px = (width, round(_STRIP_SHARE * height))
        cap_px = max(7.0, height / 70)
        index = self._measured(index)
        if index not in self._row:
            write_outlined(canvas, "nobody", round(cap_px), round(2 * cap_px), cap_px, TEXT)
            return np.vstack([canvas, np.full((strip_px[1], width, 3), BACKGROUND, dtype=np.uint8)])
        row = self._row[index]
        legs = self._legs[row]
        draw_legs(canvas, legs, unseen_joints(legs, self._pose_frames.get(index)), max(1, round(cap_px / 4)))
        self._draw_raw(canvas, index, cap_px)
        self._draw_angles(canvas, row, cap_px)
        draw_foot_events(canvas, legs, self._between(legs.t_s - FOOT_EVENT_SHOWN_S, legs.t_s), cap_px)
        self._draw_text(canvas, legs, cap_px)
        return np.vstack([canvas, self._trace(strip_px, row)])

    def _measured(self, index: int) -> int:
        """Return the frame that shows what this one shows: a picture that only repeats another was not measured."""
        if index in self._pose_frames or not self._pose_frames:
            return index
        before = bisect.bisect_left(self._indices, index)
        return self._indices[max(0, before - 1)]

    def _draw_raw(self, picture: Picture, index: int, cap_px: float) -> None:
        pose_frame = self._pose_frames.get(index)
        if pose_frame is None or pose_frame.pose is None:
            return
        for point in pose_frame.pose.points_px[np.array(LEG_LANDMARKS)].reshape(-1, 2):
            if np.isfinite(point).all():
                cv2.circle(picture, pixel(point), max(1, round(cap_px / 7)), RAW, cv2.FILLED, cv2.LINE_AA)

    def _draw_angles(self, picture: Picture, row: int, cap_px: float) -> None:
        """Write thigh, knee and shank angle of the near leg beside it."""
        legs = self._legs[row]
        leg, near = legs.of(legs.near), legs.near.row
        marks = (
            ("thigh", self._thigh[row, near], leg[[HIP, KNEE]].mean(axis=0)),
            ("knee", self._knee[row, near], leg[KNEE]),
            ("shank", self._shank[row, near], leg[[KNEE, ANKLE]].mean(axis=0)),
        )
        for name, value, point in marks:
            if np.isfinite(point).all() and np.isfinite(value):
                text = f"{name} {value:.0f}"
                x, y = pixel(point)
                x += round(1.5 * cap_px) if legs.facing > 0 else -round(1.5 * cap_px) - text_width(text, cap_px)
                write_outlined(picture, text, x, y, cap_px, NEAR)

    def _draw_text(self, picture: Picture, legs: Legs, cap_px: float) -> None:
        """Write time, trust, and the stride of the near leg that this frame belongs to."""
        near, far = legs.near, legs.near.other
        lines = [
            (f"{legs.t_s:.3f} s   frame {legs.index}", TEXT),
            (f"near {near}   trust {legs.trust[near.row]:.2f}", NEAR),
            (f"far {far}   trust {legs.trust[far.row]:.2f}", FAR),
        ]
        stride = stride_at(self._strides[legs.near], legs.t_s)
        if stride is not None:
            lines.append((f"stride {stride.number}   trust {stride.trust:.2f}   {stride.activity}", TEXT))
            lines.append((f"{stride.cadence_spm:.1f} spm   contact {1000 * stride.contact_s:.0f} ms", TEXT))
            if stride.speed:
                lines.append((f"{speed_text(stride.speed.mps, self._speed_unit)} ({stride.speed.origin})", TEXT))
            known = [(METRICS[name].label, value_of(stride, name)) for name in _METRICS]
            lines += [(f"{label} {value:.0f}", TEXT) for label, value in known if np.isfinite(value)]
        for number, (text, colour) in enumerate(lines):
            write_outlined(picture, text, round(cap_px), round((2 + 1.9 * number) * cap_px), cap_px, colour)

    def _trace(self, size_px: tuple[int, int], row: int) -> Picture:
        """Return a strip with the last seconds of the near knee (bright) and thigh, and the near foot's events."""
        width, height = size_px
        strip = np.full((height, width, 3), BACKGROUND, dtype=np.uint8)
        now_s, near = self._t_s[row], self._legs[row].near
        begin_s = now_s - _TRACE_S

        def across(t_s: FloatArray) -> FloatArray:
            return np.asarray((t_s - begin_s) / _TRACE_S * (width - 1))

        for at_s, kind, side in self._between(begin_s, now_s):
            if side is near:
                x = round(float(across(np.array(at_s))))
                cv2.line(strip, (x, 0), (x, height), FOOT_EVENT_COLOURS[kind], 2)
        shown = slice(bisect.bisect_left(self._t_s, begin_s), row + 1)
        low, high = _TRACE_DEG
        for values, colour in ((self._thigh, FAR), (self._knee, NEAR)):
            y = height * (1 - (values[shown, near.row] - low) / (high - low))
            curve = np.stack([across(np.array(self._t_s[shown])), y], axis=1)[np.isfinite(y)]
            cv2.polylines(strip, [np.rint(curve).astype(np.int32)], False, colour, 2, cv2.LINE_AA)
        return strip

    def _between(self, begin_s: float, end_s: float) -> list[FootEvent]:
        first = bisect.bisect_right(self._events, begin_s, key=lambda event: event.t_s)
        return self._events[first : bisect.bisect_right(self._events, end_s, key=lambda event: event.t_s)]


def unseen_joints(legs: Legs, pose_frame: PoseFrame | None) -> NDArray[np.bool_]:
    """Return (2, 5) True where a joint is not where the pose model saw one of its kind, or its leg is not trusted."""
    if pose_frame is None or pose_frame.pose is None:
        return np.ones((2, 5), dtype=bool)
    raw = pose_frame.pose.points_px[np.array(LEG_LANDMARKS)]  # (leg, joint, xy)
    away = np.hypot(*np.moveaxis(legs.points_px[:, None] - raw[None], -1, 0))  # (leg, label, joint)
    away = np.where(np.isfinite(away), away, np.inf).min(axis=1)
    leg_px = bone_lengths(legs.points_px).sum(axis=-1)
    return np.asarray(~(away <= _SEEN_WITHIN_LEGS * leg_px[:, None]) | (legs.trust < _TRUST_MIN)[:, None])


def stride_at(strides: Sequence[Stride], t_s: float) -> Stride | None:
    """Return the stride that a moment belongs to, of one leg's strides in order; None outside all of them."""
    row = bisect.bisect_right(strides, t_s, key=lambda stride: stride.t_strike_s) - 1
    return strides[row] if row >= 0 and t_s < strides[row].t_next_strike_s else None


def _pictures(source: Source) -> Iterator[tuple[Frame | PoseFrame, Picture]]:
    """Yield every frame and its picture; pose frames get a dark ground."""
    width, height = source.info.size_px
    while (item := source.read()) is not None:
        if isinstance(item, Frame):
            yield item, item.image_bgr
        else:
            yield item, np.full((height, width, 3), 40, dtype=np.uint8)
