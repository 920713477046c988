"""The protocol of a source: what every camera, film, recording and virtual runner offers the session.

`tests/source/test_source_contract.py` holds every source to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from cuecoach.types import Frame, PoseFrame, SourceKind


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open.

    `live` sources run by the wall clock: frames that nobody takes are lost, the newest wins. `epoch_s` is
    `time.monotonic()` at `t_s` = 0 for a live source and None for others. `frame_count` is None when unknown.
    """

    kind: SourceKind
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
        """Release the device or file. May be called more than once, and from another thread to end a `read`."""
        ...


@runtime_checkable
class RespondingSource(Protocol):
    """A source that must be told of each cue because its runner responds to it: the virtual runner.

    A source with this method is never read ahead of the cues.
    """

    def hear(self, fault: str, t_s: float) -> None:
        """Take in a cue for `fault` that began to sound at `t_s`."""
        ...
