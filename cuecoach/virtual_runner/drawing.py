"""Paints the virtual runner on a treadmill in a room, so that a pose model finds it. Knows no motion.

The room is painted once; each picture copies it, moves the belt's marks and paints the body over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.reference.body import STATURE_M
from cuecoach.types import LANDMARKS, FloatArray
from cuecoach.virtual_runner.figure import Colour, Polygon, far_side, near_side
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

_SUBPIXEL_BITS = 4
_SOLE_M = 0.017  # the shoe's sole reaches this far below the heel and toe landmarks
_FAR_SIZE = 0.96  # 0.12 m further away, seen from 2.9 m
_CAMERA_HEIGHT_M = 0.8
_BELT_HALF_M = 0.85
_MARK_SPACING_M = 0.5
_MARK: Colour = (170, 170, 170)
_TREADMILL: tuple[tuple[tuple[tuple[float, float], ...], Colour], ...] = (
    (((-0.95, 0.045), (1.0, 0.045), (1.05, -0.12), (-1.0, -0.12)), (52, 50, 50)),
    (((-_BELT_HALF_M, 0.04), (_BELT_HALF_M, 0.04), (_BELT_HALF_M, -0.02), (-_BELT_HALF_M, -0.02)), (34, 32, 32)),
    (((-0.99, -0.03), (1.05, -0.03), (1.05, -0.11), (-1.0, -0.11)), (84, 82, 80)),
    (((0.92, 0.0), (0.99, 0.0), (0.86, 1.12), (0.79, 1.12)), (70, 68, 66)),
    (((0.72, 1.06), (0.86, 1.00), (0.96, 1.26), (0.84, 1.32)), (46, 44, 42)),
    (((0.45, 0.93), (0.84, 0.93), (0.84, 0.89), (0.45, 0.89)), (60, 58, 56)),
)


class RunnerDrawing:
    """Paints pictures of one runner; `project` is the camera.

    Parameters
    ----------
    settings : picture size, facing and speed are used.
    """

    def __init__(self, settings: VirtualRunnerSettings) -> None:
        self._settings = settings
        width, height = settings.width_px, settings.height_px
        self.px_per_m = min(0.74 * height / STATURE_M, 0.88 * width / 1.75)
        self._forward = 1.0 if settings.facing == "right" else -1.0
        self._middle_x = 0.5 * width
        self._belt_y = 0.5 * height + 0.55 * STATURE_M * self.px_per_m
        self._room = self._paint_room()

    def project(self, points_m: FloatArray, far: bool = False) -> FloatArray:
        """Return pixels (..., 2) of points in metres (runner-forward, up from the belt)."""
        points = np.asarray(points_m, dtype=np.float64)
        size = _FAR_SIZE if far else 1.0
        x = self._middle_x + self._forward * self.px_per_m * size * points[..., 0]
        y = self._belt_y - self.px_per_m * (_CAMERA_HEIGHT_M + size * (points[..., 1] + _SOLE_M - _CAMERA_HEIGHT_M))
        return np.stack([x, y], axis=-1)

    def landmarks_px(self, points_m: FloatArray) -> FloatArray:
        """Return the pixels (33, 2) of the landmarks, those of the far side as far away as they are painted."""
        far = np.array([name.startswith(str(self._settings.near.other)) for name in LANDMARKS])
        return np.where(far[:, None], self.project(points_m, far=True), self.project(points_m))

    def points_m(self, landmarks_px: FloatArray) -> FloatArray:
        """Return the landmarks (33, 2) in metres that `landmarks_px` shows at these pixels."""
        zero, one = self.landmarks_px(np.zeros_like(landmarks_px)), self.landmarks_px(np.ones_like(landmarks_px))
        return np.asarray((landmarks_px - zero) / (one - zero))

    def paint(self, points_m: FloatArray, t_s: float) -> NDArray[np.uint8]:
        """Return the picture (h, w, 3) of the runner with landmarks `points_m` (33, 2) at `t_s`."""
        image = self.empty(t_s)
        self.fill(image, far_side(points_m, self._settings.near.other), far=True)
        self.fill(image, near_side(points_m, self._settings.near))
        return image

    def empty(self, t_s: float) -> NDArray[np.uint8]:
        """Return the picture of the room and the running belt, without anybody."""
        image = self._room.copy()
        self.fill(image, self._marks(t_s))
        return image

    def fill(self, image: NDArray[np.uint8], parts: Iterable[Polygon], far: bool = False) -> None:
        """Paint coloured outlines in metres over `image`, in their order; `far` as the far side of the body is."""
        outlines, colours = zip(*parts, strict=True)
        pixels = self.project(np.concatenate(outlines), far) * (1 << _SUBPIXEL_BITS)
        ends = np.cumsum([len(outline) for outline in outlines])[:-1]
        for outline, colour in zip(np.split(np.rint(pixels).astype(np.int32), ends), colours, strict=True):
            cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _marks(self, t_s: float) -> Iterator[Polygon]:
        """Yield the belt's marks where they are at `t_s`: they travel against the running direction."""
        offset = (-self._settings.speed_mps * t_s) % _MARK_SPACING_M
        for x in np.arange(-_BELT_HALF_M + offset, _BELT_HALF_M - 0.06, _MARK_SPACING_M):
            yield np.array([(x, 0.035), (x + 0.06, 0.035), (x + 0.06, 0.0), (x, 0.0)]) - (0.0, _SOLE_M), _MARK

    def _paint_room(self) -> NDArray[np.uint8]:
        """Return the empty room: a wall that darkens to its edges, a skirting board, a floor and the treadmill."""
        width, height = self._settings.width_px, self._settings.height_px
        x = (np.arange(width) - 0.45 * width) / width
        y = (np.arange(height) - 0.35 * height) / height
        light = 205.0 - 110.0 * (x[None, :] ** 2 + y[:, None] ** 2)
        image = np.stack([light * 0.98, light, light * 1.01], axis=2)
        floor_y = int(self._belt_y - 0.04 * self.px_per_m)
        image[floor_y:] = np.linspace(0.55, 0.42, height - floor_y)[:, None, None] * image[floor_y:] * (0.82, 0.92, 1.0)
        image[floor_y - max(2, int(0.05 * self.px_per_m)) : floor_y] *= 0.86
        room: NDArray[np.uint8] = np.clip(image, 0, 255).astype(np.uint8)
        parts = [(np.array(corners) - (0.0, _SOLE_M), colour) for corners, colour in _TREADMILL]
        self.fill(room, parts)
        return room
