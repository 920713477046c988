"""The virtual runner as a source of frames: the pace, and drawing ahead in a thread.

The runner itself is in `cuecoach.virtual_runner`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from cuecoach.source.base import SourceInfo
from cuecoach.types import SourceKind
from cuecoach.virtual_runner.runner import VirtualRunner, VirtualRunnerFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

# Drawn ahead in a thread. Far less than the runner takes to respond to a cue, so when a cue is heard can never change
# a picture that is already drawn.
_AHEAD_S = 0.15
_AHEAD_MAX = 4


class VirtualSource:
    """Gives the pictures of one virtual runner, each a `VirtualRunnerFrame`.

    Parameters
    ----------
    virtual_runner : VirtualRunnerSettings
    realtime : bool
        True: paced by the wall clock, the newest picture wins. False: every picture, as fast as they are drawn.
    """

    def __init__(self, virtual_runner: VirtualRunnerSettings, realtime: bool = False) -> None:
        self._runner = VirtualRunner(virtual_runner)
        self._count = max(1, round(virtual_runner.duration_s * virtual_runner.rate_hz))
        self._next = 0
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._ahead = max(1, min(_AHEAD_MAX, int(_AHEAD_S * virtual_runner.rate_hz)))
        self._drawing_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="virtual runner")
        self._drawn: deque[Future[VirtualRunnerFrame]] = deque()
        faults = ", ".join(virtual_runner.shown_faults) or "no fault"
        self._info = SourceInfo(
            kind=SourceKind.VIRTUAL,
            name=f"virtual runner at {virtual_runner.speed_mps:g} m/s, {faults}",
            size_px=(virtual_runner.width_px, virtual_runner.height_px),
            rate_hz=virtual_runner.rate_hz,
            live=realtime,
            epoch_s=time.monotonic() if realtime else None,
            frame_count=self._count,
        )

    @property
    def info(self) -> SourceInfo:
        """What the source is."""
        return self._info

    def hear(self, fault: str, t_s: float) -> None:
        """Tell the runner that a cue for `fault` was heard at `t_s`, the source's own time."""
        self._runner.hear(fault, t_s)

    def read(self) -> VirtualRunnerFrame | None:
        """Return the next picture, or None at the end; in real time the newest that is due, waiting for it."""
        if self._info.epoch_s is not None:
            self._wait_until_due(self._info.epoch_s)
        with self._lock:
            ahead = 1 if self._info.live else self._ahead
            while len(self._drawn) < ahead and self._next < self._count and not self._closed.is_set():
                self._drawn.append(self._drawing_thread.submit(self._runner.frame, self._next))
                self._next += 1
            drawing = self._drawn.popleft() if self._drawn else None
        frame = None if drawing is None else drawing.result()
        return None if self._closed.is_set() else frame

    def notices(self) -> tuple[str, ...]:
        """Return nothing: the virtual runner never fails."""
        return ()

    def close(self) -> None:
        """End the run. A `read` in another thread ends too."""
        with self._lock:
            self._closed.set()
            self._drawn.clear()
        self._drawing_thread.shutdown(wait=False)

    def _wait_until_due(self, epoch_s: float) -> None:
        """Skip what is out of date; wait for the next picture's time, or for the end."""
        self._next = max(self._next, int((time.monotonic() - epoch_s) * self._info.rate_hz))
        wait_s = epoch_s + self._next / self._info.rate_hz - time.monotonic()
        if wait_s > 0.0 and self._next < self._count:
            self._closed.wait(wait_s)
