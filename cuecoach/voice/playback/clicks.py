"""When the metronome clicks and how loud, for devices (`mixer.py`) and files (`recording_voice.py`) alike. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

_DUCKED_GAIN = 0.25  # under words: -12 dB
_RELEASE_S = 0.3  # how long after words clicks take to come back to their level


@dataclass(frozen=True, slots=True)
class ClickGrid:
    """The times of the clicks: `from_s`, and every `period_s` before and after."""

    period_s: float
    from_s: float

    @classmethod
    def of_cadence(cls, cadence_spm: float | None, from_s: float) -> ClickGrid | None:
        """Return the grid with a click for every step of a cadence in steps per minute; None without one."""
        return None if cadence_spm is None else cls(60.0 / cadence_spm, from_s)

    def next_s(self, now_s: float, last_click_s: float) -> float:
        """Return the time of the first click at `now_s` or later.

        It is half a period clear of the last click, so that neither jitter nor another grid can double it.
        """
        earliest_s = max(now_s, last_click_s + self.period_s / 2)
        return self.from_s + math.ceil((earliest_s - self.from_s) / self.period_s) * self.period_s


def click_gain(since_words_s: float) -> float:
    """Return the gain of a click, 0..1, so long after the last words; 0 or less is under words."""
    return min(1.0, _DUCKED_GAIN + (1.0 - _DUCKED_GAIN) * max(0.0, since_words_s) / _RELEASE_S)
