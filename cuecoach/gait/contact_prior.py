"""Contact-time prior: shrinks the events of one noisy contact towards this runner's usual contact.

Usual are the median times from foot strike to mid-stance and from mid-stance to toe-off. A runner's contact time varies
by 5 ms from stride to stride (on force plates: Fukuchi 2017), an event read from a webcam errs by 10 to 30 ms: so half
of a deviation is kept, and of a large one only a little.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cuecoach.gait.events import Contact

_KEPT_SHARE = 0.5  # of a deviation from the usual
_LARGEST_DEVIATION = 0.06  # of a stride: a larger deviation counts as this large
_LEAST_CONTACTS = 3  # before a time is usual
_MEMORY_CONTACTS = 8  # of one leg
_PerLeg = tuple[deque[float], deque[float]]


def _memories() -> _PerLeg:
    return deque(maxlen=_MEMORY_CONTACTS), deque(maxlen=_MEMORY_CONTACTS)


class ContactPrior:
    """Usual timing of each leg's contacts; of both legs together until a leg has enough contacts."""

    def __init__(self) -> None:
        self._before: _PerLeg = _memories()
        self._after: _PerLeg = _memories()

    @property
    def is_formed(self) -> bool:
        """Whether both times are usual for at least both legs together."""
        return all(sum(map(len, known)) >= _LEAST_CONTACTS for known in (self._before, self._after))

    def update(self, row: int, contact: Contact) -> None:
        """Add one contact as it was found; NaN times are left out."""
        before = contact.t_midstance_s - contact.t_strike_s
        after = contact.t_toe_off_s - contact.t_midstance_s
        if math.isfinite(before):
            self._before[row].append(before)
        if math.isfinite(after):
            self._after[row].append(after)

    def shrink(self, row: int, contact: Contact, stride_s: float) -> Contact:
        """Return the contact with its foot strike and toe-off shrunk towards the usual.

        A NaN becomes the usual, where that is known; where it is not, an event stays as it is.
        """
        before = contact.t_midstance_s - contact.t_strike_s
        after = contact.t_toe_off_s - contact.t_midstance_s
        return Contact(
            contact.t_midstance_s - _shrunk(before, _usual(self._before, row), stride_s),
            contact.t_midstance_s,
            contact.t_midstance_s + _shrunk(after, _usual(self._after, row), stride_s),
        )


def _usual(known: _PerLeg, row: int) -> float:
    own = known[row] if len(known[row]) >= _LEAST_CONTACTS else [*known[0], *known[1]]
    return float(np.median(own)) if len(own) >= _LEAST_CONTACTS else math.nan


def _shrunk(value: float, usual: float, stride_s: float) -> float:
    if math.isnan(usual):
        return value
    if math.isnan(value):
        return usual
    limit = _LARGEST_DEVIATION * stride_s
    return usual + _KEPT_SHARE * min(max(value - usual, -limit), limit)
