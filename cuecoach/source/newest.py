"""A place for one item between two threads, where a newer item replaces one that nobody took."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Holds the newest item only: nothing queues, nothing waits to be put."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._over = False

    def put(self, item: T) -> None:
        """Replace whatever is there."""
        with self._changed:
            self._item = item
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item nobody has had yet and return it; None once it is over, or at the end of the time."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._over, timeout_s)
            item, self._item = self._item, None
            return item

    def end(self) -> None:
        """No more will come: the last item can still be taken."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def close(self) -> None:
        """End at once, without the last item."""
        with self._changed:
            self._over = True
            self._item = None
            self._changed.notify_all()
