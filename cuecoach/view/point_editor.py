"""Setting points on stills: which joint is grabbed and where it goes, undo, and which still is shown. No window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import JOINTS, FloatArray

GRAB_PX = 30.0  # of the canvas: a joint further from the pointer is not grabbed
_ROOM = 0.7  # about a leg, of its own extent: cloth and belt help to see where the joints are


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One still: its image (h, w, 3), what to call it, and the joints (5, 2) px of the leg as first proposed."""

    image_bgr: NDArray[np.uint8]
    title: str
    points_px: FloatArray


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture that a canvas shows: its corner in px of the picture, and canvas px for one of those."""

    left_px: float
    top_px: float
    scale: float

    @staticmethod
    def about(points_px: FloatArray, canvas_px: tuple[int, int]) -> Crop:
        """Return the crop that shows a leg (5, 2) with room about it on a canvas of width and height."""
        low, high = points_px.min(axis=0), points_px.max(axis=0)
        middle, extent = (low + high) / 2, float((high - low).max()) * (1 + _ROOM)
        scale = min(canvas_px) / max(extent, 1.0)
        left, top = middle - np.array(canvas_px) / (2 * scale)
        return Crop(float(left), float(top), scale)

    def to_canvas(self, points_px: FloatArray) -> FloatArray:
        """Return points (..., 2) of the picture on the canvas."""
        return np.asarray((points_px - np.array([self.left_px, self.top_px])) * self.scale)

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the canvas in the picture."""
        return self.left_px + x / self.scale, self.top_px + y / self.scale


class PointEditor:
    """The stills, the points as set so far, and the one that is being dragged.

    Parameters
    ----------
    pictures : at least one.
    canvas_px : width and height of what the pointer moves on.
    """

    def __init__(self, pictures: Sequence[Picture], canvas_px: tuple[int, int]) -> None:
        self.pictures = tuple(pictures)
        self.points_px = [picture.points_px.copy() for picture in pictures]
        self.number = 0
        self.seen = {0}  # stills that were shown: the points of others nobody has looked at
        self.grabbed: int | None = None
        self._crops = [Crop.about(picture.points_px, canvas_px) for picture in pictures]
        self._before: list[tuple[int, FloatArray]] = []

    @property
    def crop(self) -> Crop:
        """The crop of the still that is shown."""
        return self._crops[self.number]

    @property
    def shown(self) -> FloatArray:
        """The joints (5, 2) of the still that is shown, on the canvas."""
        return self.crop.to_canvas(self.points_px[self.number])

    def press(self, x: float, y: float) -> None:
        """Grab the joint nearest to a place of the canvas, if one is near."""
        distances = [math.dist((x, y), point) for point in self.shown.tolist()]
        nearest = int(np.argmin(distances))
        if distances[nearest] <= GRAB_PX:
            self.grabbed = nearest
            self._before.append((self.number, self.points_px[self.number].copy()))

    def move(self, x: float, y: float) -> None:
        """Drag the grabbed joint to a place of the canvas."""
        if self.grabbed is not None:
            self.points_px[self.number][self.grabbed] = self.crop.to_picture(x, y)

    def release(self) -> None:
        """Let the joint go."""
        self.grabbed = None

    def undo(self) -> None:
        """Take back the last drag, and show the still that it was on."""
        self.release()
        if self._before:
            number, points = self._before.pop()
            self.points_px[number] = points
            self._show(number)

    def turn(self, by: int) -> None:
        """Show the next still (1) or the one before (-1); it stops at the ends."""
        self.release()
        self._show(min(max(self.number + by, 0), len(self.pictures) - 1))

    @property
    def all_seen(self) -> bool:
        """Whether every still was shown."""
        return len(self.seen) == len(self.pictures)

    def label(self) -> str:
        """Return what stands above the still."""
        grabbed = f": {JOINTS[self.grabbed]}" if self.grabbed is not None else ""
        return f"{self.number + 1} of {len(self.pictures)}, {self.pictures[self.number].title}{grabbed}"

    def _show(self, number: int) -> None:
        self.number = number
        self.seen.add(number)
