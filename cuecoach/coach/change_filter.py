"""Which withheld decisions are worth a record: the first about a fault, and each that differs from the one before."""

from __future__ import annotations

from cuecoach.types import Kind, Reason, Side

_REPEATED_AFTER_S = 60.0  # what did not come up for so long is recorded anew, though it is the same as before


class ChangeFilter:
    """Remembers the last decision about each fault and kind."""

    def __init__(self) -> None:
        self._last: dict[tuple[str | None, Kind], tuple[Side | None, Reason, float]] = {}

    def note(self, now_s: float, kind: Kind, fault: str | None, side: Side | None, reason: Reason) -> bool:
        """Note a decision; return whether its side or reason is another than that of the one before."""
        before_side, before_reason, before_s = self._last.get((fault, kind), (None, None, 0.0))
        self._last[fault, kind] = (side, reason, now_s)
        return not (side is before_side and reason is before_reason and now_s - before_s < _REPEATED_AFTER_S)

    def forget(self, kind: Kind, fault: str) -> None:
        """Record the next decision of this kind about a fault whatever it is: it is about something new."""
        self._last.pop((fault, kind), None)
