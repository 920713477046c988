"""A film without the pictures that only repeat the one before, as screen recordings and converted films have them.

A repeated picture is no new observation: the legs would stand still and then jump. Owns what counts as a repeat, and
the times of the others where repeats come at a regular pace.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cuecoach.source.base import Source, SourceInfo
from cuecoach.types import Frame, PoseFrame

_COLUMNS = 240  # a picture is compared on so many columns: every leg is on some
_REPEAT = 0.05  # of the usual change: encoded repeats come to 0.03, the stillest moment of somebody who moves to 0.08
_CHANGES, _USUAL = 32, 87.5  # the usual change is this percentile of so many, though four in five may be repeats
_LEAST_CHANGES = 8
_LONGEST_S = 0.2  # a picture that stands longer is given again: perhaps somebody stands
_KEPT = 48  # newest pictures given, whose places tell the pace
_LEAST_KEPT = 12
_REPEATED = 1.1  # pictures of the film for one that is given: fewer are mishaps, and no pace
_LEAST_STEP_S = 0.001
_REGULAR = 1.1  # pictures: what an even pace, shown at the film's own, comes early and late in all


class DistinctPictures:
    """A source of pictures without repeats; `index` stays that of the film, and times are put right where they can be.

    Parameters
    ----------
    source : Source
        A film. Closed with this.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._uneven = 0  # pictures given since the pace was even
        self._small: NDArray[np.int16] | None = None
        self._usual_changes: deque[float] = deque(maxlen=_CHANGES)
        self._kept: deque[tuple[int, float]] = deque(maxlen=_KEPT)  # index and stated time
        self._changes: dict[int, float] = {}
        self._given_s = self._last_s = -np.inf  # as stated, and as given
        self._notices: list[str] = []
        self._told: set[str] = set()

    @property
    def info(self) -> SourceInfo:
        """What the film says of itself, repeats included."""
        return self._source.info

    @property
    def irregular(self) -> bool:
        """Whether repeats come at no regular pace, so that nobody knows when the pictures were taken."""
        return self._uneven > _KEPT  # one repeat that was not seen disturbs the pace for so long

    def read(self) -> Frame | PoseFrame | None:
        """Return the next picture that differs from the one before, or None at the end."""
        while isinstance(item := self._source.read(), Frame):
            change = self._change(item)
            if self._is_repeat(item, change):
                continue
            self._given_s = item.t_s
            if len(self._usual_changes) >= _LEAST_CHANGES:  # before, repeats are not known
                self._kept.append((item.index, item.t_s))
            self._changes[item.index] = change
            t_s = max(self._time_s(item), self._last_s + _LEAST_STEP_S)
            self._last_s = t_s
            return item if t_s == item.t_s else replace(item, t_s=t_s)
        return item

    def take_change(self, index: int) -> float:
        """Return, once, how much the picture of this index differs from the one before; NaN for the first."""
        return self._changes.pop(index, np.nan)

    def notices(self) -> tuple[str, ...]:
        """Return the film's notices, and once the sentence about repeats."""
        mine, self._notices = self._notices, []
        return (*self._source.notices(), *mine)

    def close(self) -> None:
        """Close the film."""
        self._source.close()

    def _change(self, frame: Frame) -> float:
        """Return the mean difference of grey values to the picture before."""
        step = max(1, frame.image_bgr.shape[1] // _COLUMNS)
        small = frame.image_bgr[::step, ::step, 1].astype(np.int16)
        before, self._small = self._small, small
        return np.nan if before is None or before.shape != small.shape else float(np.abs(small - before).mean())

    def _is_repeat(self, frame: Frame, change: float) -> bool:
        if np.isnan(change):
            return False
        self._usual_changes.append(change)
        if len(self._usual_changes) < _LEAST_CHANGES or frame.t_s - self._given_s >= _LONGEST_S:
            return False
        if change >= _REPEAT * max(self._usual_changes):  # nearly every picture: the percentile can only be less
            return False
        return change < _REPEAT * float(np.percentile(self._usual_changes, _USUAL))

    def _time_s(self, frame: Frame) -> float:
        """Return when a picture was taken: as stated, or at an even pace where the film only shows such a one."""
        if len(self._kept) < _LEAST_KEPT:
            return frame.t_s
        if self._kept[-1][0] - self._kept[0][0] == len(self._kept) - 1:  # none was left out: nearly every film
            self._uneven = 0
            return frame.t_s
        index, stated_s = np.array(self._kept).T
        count = np.arange(len(index))
        pace = float(np.polyfit(count, index, 1)[0])
        off = index - pace * count
        even = pace < _REPEATED or float(np.ptp(off)) <= _REGULAR
        self._uneven = 0 if even else self._uneven + 1
        if self.irregular:
            self._tell(
                "Pictures of this film repeat the one before, at no regular pace: repeats are left out, "
                "and its strides are not trusted, as nobody knows when the others were taken."
            )
        if pace < _REPEATED or not even:
            return frame.t_s
        self._tell(
            "Pictures of this film repeat the one before: repeats are left out, and the times of the others put right."
        )
        interval_s = float(stated_s[-1] - stated_s[0]) / float(index[-1] - index[0])
        return frame.t_s - float(off[-1] - off.mean()) * interval_s

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._notices.append(sentence)
