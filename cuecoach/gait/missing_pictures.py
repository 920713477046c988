"""Notices pictures that are missing in a film although its times go on evenly, and says what the true times are. Pure.

A film of 30 pictures a second that was written as one of 25 has lost every sixth picture: one step in five between
two pictures is twice as long as the others, and the legs move twice as far in it. Where one step in 3 to 12 does so all
the time, the times are mended; where pictures are missing at no regular place, nobody knows when the others were taken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from cuecoach.types import LEG_LANDMARKS, FloatArray, Pose, PoseFrame

_ROWS = np.array(LEG_LANDMARKS)
_WINDOW = 250  # newest pictures that are looked at: 8 to 10 s of a usual film
_PERIODS = range(3, 13)  # one picture in 4 to 13 is missing: 30 to 25, 60 to 50, 30 to 24 pictures a second, and others
_LEAST_STEPS = 8  # at each place of the period
# Natural logarithms of how much further than its neighbours a step goes. Twice as far is 0.69; measured: 0.59 to 0.78
# where a picture is missing, up to 0.45 where none is.
_LEAST_JUMP, _LARGEST_JUMP = 0.5, 1.1
_UNEVEN = 0.6  # the other places of the period may differ by this share of the jump
_LONG = 0.35  # a step is long from here on ...
_MOST_JUMP, _FEW_JUMP = 0.55, 0.3  # ... which most are at the place of the jump, and few elsewhere
_LEAST_PICTURE_JUMP = 0.2  # pictures change less than twice as much
# A step on its own is long when landmarks and pictures both say so, and by this much together: up to 0.01 of the steps
# of films as recorded, 0.03 to 0.15 of those where a tenth to a quarter of the pictures were taken out by chance.
_EACH_LONG, _BOTH_LONG = 0.2, 0.9
_IRREGULAR, _LEAST_IRREGULAR_STEPS = 0.03, 100
_NEIGHBOURS = 4  # on either side, for a step on its own
_EVEN = 0.1  # the file's own intervals differ by less than this share


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """One picture is missing before every picture whose index leaves `place` when divided by `period`."""

    period: int
    place: int

    def shift(self, index: int) -> float:
        """Return how much later than stated the picture of this index was taken, in intervals of the film.

        Zero on average over a period, so that a mended film is as long as it says.
        """
        # k steps of the film last k + 1 of the recording, of which the one that jumps takes two.
        share = self.period / (self.period + 1)
        at = np.cumsum([share * (1 + (row == self.place)) - 1 for row in range(self.period)])
        return float(at[index % self.period] - at.mean())


class MissingPictures:
    """Looks at the newest pictures of a film; `pattern` and `irregular` are what they show at the last `look`."""

    def __init__(self) -> None:
        self.pattern: MissingPattern | None = None
        self.irregular = False
        self._newest_look: tuple[MissingPattern | None, bool] = (None, False)
        self._last: tuple[PoseFrame, FloatArray] | None = None
        self._steps: deque[tuple[int, float, float, float]] = deque(maxlen=_WINDOW)  # index, interval, motion, change

    @property
    def interval_s(self) -> float:
        """The film's usual interval between two pictures."""
        return float(np.median([step[1] for step in self._steps]))

    def add(self, pose_frame: PoseFrame, change: float = np.nan) -> None:
        """Add one picture as the film states it; `change`: how much it differs from the one before, in any unit."""
        points = None if pose_frame.pose is None else _about_hips(pose_frame.pose)
        if points is not None and self._last is not None and self._last[0].index + 1 == pose_frame.index:
            before, from_px = self._last
            # Legs that the pose model renamed are taken as they fit better.
            motion = min(float(np.linalg.norm(points - legs, axis=-1).sum()) for legs in (from_px, from_px[::-1]))
            self._steps.append((pose_frame.index, pose_frame.t_s - before.t_s, motion, change))
        self._last = None if points is None else (pose_frame, points)

    def look(self) -> None:
        """Look at the newest pictures again; what two looks in a row find holds from then on, as does that it ended."""
        if len(self._steps) < _PERIODS[0] * _LEAST_STEPS:
            return
        index, interval_s, motion, change = np.array(self._steps).T
        moved, changed = (np.log(np.maximum(one, 1e-9) / interval_s) for one in (motion, change))
        even = np.mean(np.abs(interval_s / np.median(interval_s) - 1) < _EVEN) > 1 - _EVEN
        found = [_pattern(index, moved, changed, period) for period in _PERIODS] if even else []
        best = max((one for one in found if one), default=None, key=lambda one: one[0])
        # A film that states uneven times is believed: it has them from its camera.
        look = (best[1], False) if best else (None, bool(even and _is_irregular(index, moved, changed)))
        if look == self._newest_look:
            self.pattern, self.irregular = look
        self._newest_look = look


def _about_hips(pose: Pose) -> FloatArray | None:
    """Return knee, ankle, heel and toe of both legs (2, 4, 2) from the mid-hip; None where one is not seen."""
    legs = pose.points_px[_ROWS]
    points = legs[:, 1:] - legs[:, 0].mean(axis=0)
    return points if np.isfinite(points).all() else None


def _above_neighbours(index: FloatArray, values: FloatArray, reach: int) -> FloatArray:
    """Return each value less the median of `reach` neighbours on either side; NaN where one of them is missing."""
    out = np.full(len(values), np.nan)
    width = 2 * reach + 1
    if len(values) < width:
        return out
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    others = np.delete(windows, reach, axis=1)
    whole = np.lib.stride_tricks.sliding_window_view(index, width)
    out[reach : len(values) - reach] = np.where(
        whole[:, -1] - whole[:, 0] == width - 1, windows[:, reach] - np.median(others, axis=1), np.nan
    )
    return out


def _pattern(
    index: FloatArray, moved: FloatArray, changed: FloatArray, period: int
) -> tuple[float, MissingPattern] | None:
    """Return the pattern of this period with the size of its jump, if one step in `period` is about twice as long."""
    place = index.astype(int) % period
    above = _above_neighbours(index, moved, period - 1)
    each = [above[(place == row) & np.isfinite(above)] for row in range(period)]
    if min(len(values) for values in each) < _LEAST_STEPS:
        return None
    level = np.array([np.median(values) for values in each])
    jumps = int(level.argmax())
    others = np.delete(level, jumps)
    jump = float(level[jumps] - np.median(others))
    long_elsewhere = np.mean(np.concatenate([each[row] for row in range(period) if row != jumps]) > _LONG)
    if (
        not _LEAST_JUMP <= jump <= _LARGEST_JUMP
        or np.ptp(others) > _UNEVEN * jump
        or np.mean(each[jumps] > _LONG) < _MOST_JUMP
        or long_elsewhere > _FEW_JUMP
    ):
        return None
    picture = _above_neighbours(index, changed, period - 1)
    if np.isfinite(picture).any():
        rest = np.nanmedian(picture[place != jumps])
        if not np.nanmedian(picture[place == jumps]) - rest >= _LEAST_PICTURE_JUMP:
            return None
    return jump, MissingPattern(period, jumps)


def _is_irregular(index: FloatArray, moved: FloatArray, changed: FloatArray) -> bool:
    """Return whether steps are long here and there; only pictures and landmarks together can tell."""
    both = np.stack([_above_neighbours(index, values, _NEIGHBOURS) for values in (moved, changed)])
    both = both[:, np.isfinite(both).all(axis=0)]
    long = (both > _EACH_LONG).all(axis=0) & (both.sum(axis=0) > _BOTH_LONG)
    return len(long) >= _LEAST_IRREGULAR_STEPS and float(long.mean()) >= _IRREGULAR
