"""Pictures of the virtual runner as webcams really give them: other sizes and light, things in the way, other people.

Owns what is painted around and over the runner. The runner is never moved, so the truth stays the truth: only `Look`
changes size and place, the same for the whole run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.reference.body import Posture, landmarks
from cuecoach.source.base import SourceInfo
from cuecoach.types import FloatArray, Frame, SourceKind
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.figure import Polygon, far_side, near_side
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

Image = NDArray[np.uint8]

PLAIN = "plain"
FOOT_HIDDEN = "near foot hidden"
CONSOLE = "console over the far leg"
DARK = "low light, motion blur"
BYSTANDER = "a bystander"
HARD_SCENES = (FOOT_HIDDEN, CONSOLE, DARK, BYSTANDER)

_EXPOSURE_S, _EXPOSURES = 0.025, 5  # a webcam in a dim room; as many pictures are laid over each other
_DARK_GAIN, _DARK_NOISE = 0.35, 7.0
_COACH_X_M = (1.30, 1.15, -1.25, 0.0)  # ahead, ahead and nearer, behind the belt, walking past behind the runner
_WALK_MPS = 0.8


@dataclass(frozen=True, slots=True)
class Detections:
    """How large the runner is in the picture, how far off its middle, and how bright it is. 1, 0, 1: as drawn."""

    size: float = 1.0
    aside: float = 0.0  # of the picture's width
    light: float = 1.0


class SceneSource:
    """A source of pictures of one virtual runner in a scene; every picture, as fast as they are asked for.

    Parameters
    ----------
    virtual_runner : whom, how long and how often.
    scene : PLAIN or one of HARD_SCENES.
    look : size and light of the picture.
    """

    def __init__(
        self, virtual_runner: VirtualRunnerSettings, scene: str = PLAIN, look: Detections = Detections()
    ) -> None:
        self._virtual_runner, self._scene, self._look = virtual_runner, scene, look
        self._runner = VirtualRunner(virtual_runner)
        self._drawing = RunnerDrawing(virtual_runner)
        self._coach = RunnerDrawing(
            replace(virtual_runner, facing="right" if virtual_runner.facing == "left" else "left")
        )
        self._next = 0
        size = (virtual_runner.width_px, virtual_runner.height_px)
        self.info = SourceInfo(SourceKind.VIRTUAL, scene, size, virtual_runner.rate_hz, False, None, self._count)

    @property
    def _count(self) -> int:
        return round(self._virtual_runner.duration_s * self._virtual_runner.rate_hz)

    def read(self) -> Frame | None:
        """Return the next picture, or None at the end."""
        if self._next >= self._count:
            return None
        index, t_s = self._next, self._next / self._virtual_runner.rate_hz
        self._next += 1
        return Frame(t_s, index, self._exposed(t_s, index))

    def notices(self) -> tuple[str, ...]:
        """Return nothing: drawings do not fail."""
        return ()

    def close(self) -> None:
        """End the run."""
        self._next = self._count

    def _exposed(self, t_s: float, index: int) -> Image:
        if self._scene != DARK:
            return looked_at(self._picture(t_s), self._look)
        times = t_s + (np.arange(_EXPOSURES) / (_EXPOSURES - 1) - 0.5) * _EXPOSURE_S
        shown = [looked_at(self._picture(max(0.0, float(t))), self._look) for t in times]
        return darkened(np.mean(shown, axis=0), np.random.default_rng([self._virtual_runner.seed, index]))

    def _picture(self, t_s: float) -> Image:
        drawing, near = self._drawing, self._virtual_runner.near
        points_m = drawing.points_m(self._runner.truth(t_s).points_px)
        image = drawing.empty(t_s)
        if self._scene == BYSTANDER:
            self._paint_coach(image, t_s)
        drawing.fill(image, far_side(points_m, near.other), far=True)
        if self._scene == CONSOLE:
            drawing.fill(image, console(self._virtual_runner.seed))
        drawing.fill(image, near_side(points_m, near))
        if self._scene == FOOT_HIDDEN:
            drawing.fill(image, board(self._virtual_runner.seed))
        return image

    def _paint_coach(self, image: Image, t_s: float) -> None:
        """Paint somebody who stands or walks there, facing the other way than the runner, dressed the same."""
        place = self._virtual_runner.seed % len(_COACH_X_M)
        walks = _COACH_X_M[place] == 0.0
        x_m = _WALK_MPS * (t_s - self._virtual_runner.duration_s / 2) if walks else -_COACH_X_M[place]
        points_m = landmarks(standing(t_s, walks)) + np.array([x_m, 0.0])
        side = self._virtual_runner.near.other
        for parts in (far_side(points_m, side.other), near_side(points_m, side)):
            self._coach.fill(image, parts, far=place != 1)


def standing(t_s: float, walks: bool) -> Posture:
    """Return somebody who stands and talks with the hands, or who walks."""
    beat = 2 * np.pi * 0.9 * t_s
    legs = np.array([[-3.0, 2.0, 0.0], [5.0, 4.0, 0.0]])
    arms, elbows = np.array([10.0, 20.0 + 15.0 * np.sin(2.0 * t_s)]), np.array([30.0, 60.0])
    if walks:
        swing = np.array([np.sin(beat), -np.sin(beat)])
        bend = 5.0 + 50.0 * np.clip(np.array([np.cos(beat), -np.cos(beat)]), 0.0, 1.0) ** 2
        legs = np.stack([20.0 * swing + 0.15 * bend, bend, -0.4 * bend], axis=1)
        arms, elbows = -15.0 * swing, np.array([15.0, 15.0])
    return Posture(legs, np.array([0.0, 0.98]), 1.0, arms, elbows)


def board(seed: int) -> Iterator[Polygon]:
    """Yield a board in front of the belt that hides the near foot on the ground, up to 9 to 15 cm high."""
    top_m = 0.09 + 0.02 * (seed % 4)
    yield _box((-1.0, -0.12), (1.05, top_m)), (96.0, 118.0, 130.0)
    yield _box((-1.0, top_m - 0.02), (1.05, top_m)), (60.0, 72.0, 80.0)


def console(seed: int) -> Iterator[Polygon]:
    """Yield mast and console between the legs' planes: they hide the far leg as it swings forward."""
    x_m = 0.16 + 0.05 * (seed % 4)
    yield _box((x_m, 0.0), (x_m + 0.16, 1.05)), (70.0, 68.0, 66.0)
    yield _box((x_m - 0.06, 0.62), (x_m + 0.34, 1.0)), (48.0, 46.0, 44.0)


def _box(low: tuple[float, float], high: tuple[float, float]) -> FloatArray:
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])])


def darkened(image: FloatArray, rng: np.random.Generator) -> Image:
    """Return a picture (h, w, 3) as a webcam gives it in a dim room: dark, with noise."""
    noise = rng.normal(0.0, _DARK_NOISE, image.shape)
    return np.clip(image * _DARK_GAIN + noise, 0, 255).astype(np.uint8)


def looked_at(image: Image, look: Detections) -> Image:
    """Return the picture larger or smaller about its middle, moved aside, and lighter or darker."""
    if look == Detections():
        return image
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.0, look.size)
    turn[0, 2] += look.aside * width
    moved = cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.convertScaleAbs(moved, alpha=look.light), dtype=np.uint8)
