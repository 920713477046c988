"""What this runner's contacts are usually like, and so how much one noisy contact is worth.

Owns the usual times from strike to mid-stance and from mid-stance to toe-off. A runner's contact time varies by 5 ms
from stride to stride (measured on force plates: Fukuchi 2017), an event read from a webcam errs by 10 to 30: half of a
deviation from the usual is believed, and no more than a little of a large one.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cuecoach.gait.events import Contact

_BELIEF = 0.5
_LARGEST = 0.06  # of a stride: what deviates further is counted as deviating so much
_ENOUGH = 3
_MEMORY = 8  # contacts of one leg


class ContactPrior:
    """Usual timing of each leg's contacts; until a leg has shown enough, that of both."""

    def __init__(self) -> None:
        self._before: tuple[deque[float], deque[float]] = (deque(maxlen=_MEMORY), deque(maxlen=_MEMORY))
        self._after: tuple[deque[float], deque[float]] = (deque(maxlen=_MEMORY), deque(maxlen=_MEMORY))

    @property
    def formed(self) -> bool:
        """Whether anything is usual yet."""
        return all(sum(map(len, known)) >= _ENOUGH for known in (self._before, self._after))

    def learn(self, row: int, contact: Contact) -> None:
        """Take in one contact as it was found."""
        before = contact.t_midstance_s - contact.t_strike_s
        after = contact.t_toe_off_s - contact.t_midstance_s
        if math.isfinite(before):
            self._before[row].append(before)
        if math.isfinite(after):
            self._after[row].append(after)

    def steady(self, row: int, contact: Contact, stride_s: float) -> Contact:
        """Return the contact with its strike and toe-off drawn to the usual; a NaN becomes the usual, if known."""
        before = contact.t_midstance_s - contact.t_strike_s
        after = contact.t_toe_off_s - contact.t_midstance_s
        return Contact(
            contact.t_midstance_s - _drawn(before, _usual(self._before, row), stride_s),
            contact.t_midstance_s,
            contact.t_midstance_s + _drawn(after, _usual(self._after, row), stride_s),
        )


def _usual(known: tuple[deque[float], deque[float]], row: int) -> float:
    own = known[row] if len(known[row]) >= _ENOUGH else [*known[0], *known[1]]
    return float(np.median(own)) if len(own) >= _ENOUGH else math.nan


def _drawn(value: float, usual: float, stride_s: float) -> float:
    if math.isnan(usual):
        return value
    if math.isnan(value):
        return usual
    limit = _LARGEST * stride_s
    return usual + _BELIEF * min(max(value - usual, -limit), limit)
