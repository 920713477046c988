"""A slot for one item between two threads: a newer item replaces one that nobody took."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Holds the newest item only: nothing queues, and `put` never waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._ended = False

    def put(self, item: T) -> None:
        """Replace whatever is there."""
        with self._changed:
            self._item = item
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item that was not taken yet and return it; None after the end, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._ended, timeout_s)
            item, self._item = self._item, None
            return item

    def end(self) -> None:
        """Announce that no more will come: the last item can still be taken."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """End at once, without the last item."""
        with self._changed:
            self._ended = True
            self._item = None
            self._changed.notify_all()
