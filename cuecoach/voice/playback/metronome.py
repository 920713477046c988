"""Decides from the runner's cadence whether and how fast the metronome clicks. Pure.

The target is the runner's own cadence plus a little, not a number for everybody: 5 % more already lowers the load on
hip and knee (Heiderscheit et al. 2011).
"""

from __future__ import annotations

import statistics
from collections import deque

from cuecoach.voice.settings import MetronomeMode, VoiceSettings

_TARGET_RATIO = 1.05  # of the runner's own cadence
_OWN_STRIDES = 40  # whose median cadence counts as the runner's own
_OFF_TARGET = 0.03  # clicks begin when cadence is further than this share from the target,
_ON_TARGET = 0.015  # and end when it is within this,
_PERSISTENCE_STRIDES = 6  # for so many strides in a row: one odd stride neither starts nor ends them


class Metronome:
    """Takes the cadence of every stride and returns how fast to click."""

    def __init__(self, settings: VoiceSettings) -> None:
        self._mode = settings.metronome
        self._target_spm = settings.metronome_spm
        self._own_spm: deque[float] = deque(maxlen=_OWN_STRIDES)
        self._clicking = False
        self._contrary_strides = 0  # in a row, against what it does now

    def stride(self, cadence_spm: float) -> float | None:
        """Take a running stride's cadence; return the clicks per minute from now on, None for silence."""
        if self._mode == MetronomeMode.OFF:
            return None
        target_spm = self._target(cadence_spm)
        if target_spm is None or self._mode == MetronomeMode.ALWAYS:
            return target_spm
        off_target = abs(cadence_spm / target_spm - 1.0)
        contrary = off_target < _ON_TARGET if self._clicking else off_target > _OFF_TARGET
        self._contrary_strides = self._contrary_strides + 1 if contrary else 0
        if self._contrary_strides >= _PERSISTENCE_STRIDES:
            self._clicking, self._contrary_strides = not self._clicking, 0
        return target_spm if self._clicking else None

    def _target(self, cadence_spm: float) -> float | None:
        """Return the target, once it is known: the runner's own is settled after some strides, and then kept."""
        if self._target_spm is None:
            self._own_spm.append(cadence_spm)
            if len(self._own_spm) == _OWN_STRIDES:
                self._target_spm = _TARGET_RATIO * statistics.median(self._own_spm)
        return self._target_spm
