"""When clicks sound and how loud, for whoever places them: the mixer on a device, the recorder in a file. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

_DUCKED = 0.25  # under words: -12 dB
_RELEASE_S = 0.3  # how long after words clicks come back to their level


@dataclass(frozen=True, slots=True)
class Beat:
    """A click at `from_s` and every `period_s` before and after."""

    period_s: float
    from_s: float

    def next_s(self, now_s: float, clicked_s: float) -> float:
        """Return the time of the first click at `now_s` or later, when the last one was at `clicked_s`.

        It is half a period clear of the last one, so that neither jitter nor another beat can double it.
        """
        after_s = max(now_s, clicked_s + self.period_s / 2)
        return self.from_s + math.ceil((after_s - self.from_s) / self.period_s) * self.period_s


def level(since_words_s: float) -> float:
    """Return the level of a click, 0..1, so long after the last words; 0 or less is under words."""
    return min(1.0, _DUCKED + (1.0 - _DUCKED) * max(0.0, since_words_s) / _RELEASE_S)
