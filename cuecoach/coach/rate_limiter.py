"""Limits how much is said: a token bucket, the gap between any two utterances, the gap between words of praise.

Counts every spoken thing alike, whatever it is about. Knows no faults.
"""

from __future__ import annotations

import math

from cuecoach.coach.policy import CoachSettings
from cuecoach.types import AttentionFocus, Cue, Kind, Reason


class RateLimiter:
    """A token bucket and the times of what was said last."""

    def __init__(self, settings: CoachSettings) -> None:
        self._settings = settings
        self._refill_s = settings.bucket_refill_s / settings.chattiness
        self._tokens = float(settings.bucket_capacity)
        self._refilled_s = -math.inf
        self._spoken_s = -math.inf
        self._internal_s = -math.inf
        self._praised_s = -math.inf

    def reason(self, now_s: float, kind: Kind, cue: Cue) -> Reason | None:
        """Return why nothing may be said at `now_s`, or None."""
        settings = self._settings
        if now_s - self._spoken_s < settings.gap_min_s:
            return Reason.MIN_GAP
        if cue.focus is AttentionFocus.INTERNAL and now_s - self._internal_s < settings.internal_prompt_gap_s:
            return Reason.MIN_GAP
        if kind is Kind.PRAISE and now_s - self._praised_s < settings.praise_gap_s:
            return Reason.MIN_GAP
        return Reason.RATE_CAP if self._tokens_at(now_s) < 1.0 else None

    def spend(self, now_s: float, kind: Kind, cue: Cue) -> None:
        """Note that something is said at `now_s`: take a token."""
        self._tokens = self._tokens_at(now_s) - 1.0
        self._refilled_s = self._spoken_s = now_s
        if cue.focus is AttentionFocus.INTERNAL:
            self._internal_s = now_s
        if kind is Kind.PRAISE:
            self._praised_s = now_s

    def _tokens_at(self, now_s: float) -> float:
        return min(float(self._settings.bucket_capacity), self._tokens + (now_s - self._refilled_s) / self._refill_s)
