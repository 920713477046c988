"""When the metronome clicks, and how fast. Pure; the clicks themselves are placed in `mixer.py`.

The target is the runner's own cadence plus a little, not a number for everybody: 5 % more already lowers the load on
hip and knee (Heiderscheit et al. 2011).
"""

from __future__ import annotations

import statistics
from collections import deque

from cuecoach.voice.settings import VoiceSettings

_RAISE = 1.05
_OWN_STEPS = 40  # cadences whose median counts as the runner's own
_LEAVE = 0.03  # clicks begin when cadence is further than this from the target,
_RETURN = 0.015  # and end when it is within this,
_STEADY = 6  # for so many strides in a row: one odd stride neither starts nor ends them


class Metronome:
    """Hears the cadence of every stride, says how fast to click."""

    def __init__(self, settings: VoiceSettings) -> None:
        self._mode = settings.metronome
        self._target_spm = settings.metronome_spm
        self._own: deque[float] = deque(maxlen=_OWN_STEPS)
        self._clicking = False
        self._against = 0  # strides in a row that speak against what it does now

    def stride(self, cadence_spm: float) -> float | None:
        """Take a running stride's cadence; return the clicks per minute from now on, None for silence."""
        if self._mode == "off":
            return None
        target_spm = self._target(cadence_spm)
        if target_spm is None or self._mode == "always":
            return target_spm
        off = abs(cadence_spm / target_spm - 1.0)
        against = off < _RETURN if self._clicking else off > _LEAVE
        self._against = self._against + 1 if against else 0
        if self._against >= _STEADY:
            self._clicking, self._against = not self._clicking, 0
        return target_spm if self._clicking else None

    def _target(self, cadence_spm: float) -> float | None:
        """Return the target, once it is known: the runner's own is settled after some strides, and then kept."""
        if self._target_spm is None:
            self._own.append(cadence_spm)
            if len(self._own) == _OWN_STEPS:
                self._target_spm = _RAISE * statistics.median(self._own)
        return self._target_spm
