"""Reading a source in a thread of its own."""

from __future__ import annotations

import threading

from cuecoach.source.base import Source


def read_to_the_end(source: Source) -> threading.Event:
    """Read on in a thread; the event is set when the source has ended."""
    ended = threading.Event()

    def read_on() -> None:
        while source.read() is not None:
            pass
        ended.set()

    threading.Thread(target=read_on, daemon=True).start()
    return ended
