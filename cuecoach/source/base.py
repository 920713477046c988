"""What every source promises. Owns the contract only; one file per kind of source keeps it.

`tests/source/test_source_contract.py` holds every source to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from cuecoach.types import Frame, PoseFrame


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open.

    `live` sources run by the wall clock: frames that nobody takes are lost, the newest wins. `epoch_s` is
    `time.monotonic()` at `t_s` = 0 for a live source and None for others. `frame_count` is None when unknown.
    """

    kind: str  # "camera", "video", "recording" or "virtual"
    name: str
    size_px: tuple[int, int]  # width, height
    rate_hz: float
    live: bool
    epoch_s: float | None
    frame_count: int | None


class Source(Protocol):
    """Frames in the order of time. `t_s` starts near 0 and strictly rises; `index` strictly rises."""

    @property
    def info(self) -> SourceInfo:
        """What was found when the source was opened (by its constructor, which fails with one sentence)."""
        ...

    def read(self) -> Frame | PoseFrame | None:
        """Return the next frame, or None at the end (and ever after). Waits for a live source."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences the user should read since the last call (lost, back, truncated)."""
        ...

    def close(self) -> None:
        """Let go of the device or file. May be called more than once, and from another thread to end a `read`."""
        ...


@runtime_checkable
class Hearing(Protocol):
    """A source whose runner hears what is said: the virtual one. Real runners need no wire to their ears."""

    def hear(self, fault: str, t_s: float) -> None:
        """Take in a cue for `fault` that began to sound at `t_s`."""
        ...
