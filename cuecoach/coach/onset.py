"""Predicts when words must begin to meet a phase of the named leg's stride. Decides nothing about speaking.

A phrase outlasts a stride, so only its first word can be placed. The next toe-off is predicted from the last one and
the stride time; the sound's own latency is taken off.
"""

from __future__ import annotations

import math

from cuecoach.coach.policy import CoachSettings
from cuecoach.types import Side, Stride


class Onset:
    """Remembers the last toe-off and stride time of each leg."""

    def __init__(self, settings: CoachSettings) -> None:
        self._settings = settings
        self._last: dict[Side, tuple[float, float]] = {}

    def add_stride(self, stride: Stride) -> None:
        """Add a running stride."""
        stride_s = stride.t_next_strike_s - stride.t_strike_s
        if stride_s > 0.0 and math.isfinite(stride.t_toe_off_s):
            self._last[stride.side] = (stride.t_toe_off_s, stride_s)

    def start_s(self, now_s: float, side: Side | None, expires_s: float) -> float | None:
        """Return when words about `side` should begin, or None for at once.

        Words without a side begin at once, and so do those that would have to wait too long or beyond `expires_s`.
        """
        settings = self._settings
        known = self._last.get(side) if side is not None and settings.onset_aligned else None
        if known is None:
            return None
        toe_off_s, stride_s = known
        start_s = toe_off_s + settings.onset_phase * stride_s - settings.onset_latency_s
        start_s += max(0, math.ceil((now_s - start_s) / stride_s)) * stride_s
        late = start_s - now_s > settings.onset_delay_max_strides * stride_s or start_s > expires_s
        return None if late or start_s < now_s else start_s
