"""Pictures of a virtual runner with a larger person in the foreground, before and while he runs.

The runner stands on the belt at first, then runs. The other person stands nearer to the camera, ahead of the runner or
so far behind that the runner's rear foot is hidden, and moves the hands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.data.scenes import standing
from cuecoach.reference.body import landmarks
from cuecoach.source.base import SourceInfo
from cuecoach.types import FloatArray, Frame, SourceKind
from cuecoach.virtual_runner.drawing import RunnerDrawing
from cuecoach.virtual_runner.figure import far_side, near_side
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

STANDS_S = 2.0  # before the runner begins


@dataclass(frozen=True, slots=True)
class Foreground:
    """Where the other person stands: metres ahead of the runner's hips, how much larger, and since when."""

    ahead_m: float
    size: float = 1.25
    from_s: float = 0.0


AHEAD = Foreground(ahead_m=0.75)
REAR_FOOT_HIDDEN = Foreground(ahead_m=-0.72)
COMES_LATER = Foreground(ahead_m=-0.72, from_s=STANDS_S + 3.0)
BEFORE_LEG = Foreground(ahead_m=-0.5, from_s=STANDS_S + 3.0)


class ForegroundSource:
    """A source of pictures of one virtual runner and somebody in front; every picture, as fast as they are asked for.

    `virtual_runner.duration_s` is that of the running alone.
    """

    def __init__(self, virtual_runner: VirtualRunnerSettings, other: Foreground) -> None:
        self._virtual_runner, self._other = virtual_runner, other
        self._runner = VirtualRunner(virtual_runner)
        self._drawing = RunnerDrawing(virtual_runner)
        opposite = "right" if virtual_runner.facing == "left" else "left"
        self._other_drawing = RunnerDrawing(replace(virtual_runner, facing=opposite))
        self._next = 0
        size_px = (virtual_runner.width_px, virtual_runner.height_px)
        self.info = SourceInfo(
            SourceKind.VIRTUAL, "foreground", size_px, virtual_runner.rate_hz, False, None, self.count
        )

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return round((STANDS_S + self._virtual_runner.duration_s) * self._virtual_runner.rate_hz)

    def read(self) -> Frame | None:
        """Return the next picture, or None at the end."""
        if self._next >= self.count:
            return None
        index, t_s = self._next, self._next / self._virtual_runner.rate_hz
        self._next += 1
        return Frame(t_s, index, self._picture(t_s))

    def notices(self) -> tuple[str, ...]:
        """Return nothing: drawings do not fail."""
        return ()

    def close(self) -> None:
        """End the run."""
        self._next = self.count

    def runner_px(self, t_s: float) -> FloatArray:
        """Return where the runner's landmarks (33, 2) really are."""
        if t_s >= STANDS_S:
            return self._runner.truth(t_s - STANDS_S).points_px
        return self._drawing.landmarks_px(landmarks(standing(t_s, walks=False)))

    def _picture(self, t_s: float) -> NDArray[np.uint8]:
        drawing, near = self._drawing, self._virtual_runner.near
        points_m = drawing.points_m(self.runner_px(t_s))
        image = drawing.empty(max(0.0, t_s - STANDS_S))
        drawing.fill(image, far_side(points_m, near.other), far=True)
        drawing.fill(image, near_side(points_m, near))
        if t_s >= self._other.from_s:
            self._paint_other(image, t_s)
        return image

    def other_px(self, t_s: float) -> FloatArray:
        """Return where the other person's landmarks (33, 2) really are."""
        return self._other_drawing.project(self._other_m(landmarks(standing(t_s, walks=False))))

    def _paint_other(self, image: NDArray[np.uint8], t_s: float) -> None:
        """Paint the other person, dressed the same, facing the other way."""
        points_m = landmarks(standing(t_s, walks=False))
        side = self._virtual_runner.near.other
        for parts in (far_side(points_m, side.other), near_side(points_m, side)):
            self._other_drawing.fill(image, ((self._other_m(outline), colour) for outline, colour in parts))

    def _other_m(self, points_m: FloatArray) -> FloatArray:
        """Return points of somebody who stands at the origin where the other person stands: the feet a little lower."""
        return self._other.size * points_m + (-self._other.ahead_m, -0.1)
