"""A source with a pose detector behind it that searches the next pictures in threads while this one is measured.

Owns the threads and the order of what comes out of them. Decodes nothing and detects nothing itself.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

from cuecoach.errors import DeviceError
from cuecoach.pose.base import Detections, PoseBackend
from cuecoach.source.base import Source
from cuecoach.types import Frame, PoseFrame

_Prefetched = tuple[Frame | PoseFrame | None, Detections | DeviceError | None]


class PrefetchingDetector:
    """Both the source and the detector of a loop: `read` gives the frame, `detect` who runs in the frame just read.

    Frames come out in their order, each by the same rules as without threads, so the result is the same. Not for a
    `RespondingSource`: reading ahead of a cue would change what the cue meets.

    Parameters
    ----------
    source : Source
    detector : PoseBackend
        Not closed here.
    """

    def __init__(self, source: Source, detector: PoseBackend) -> None:
        self._source = source
        self._detector = detector
        count = detector.start_workers()
        self._free_workers: queue.SimpleQueue[int] = queue.SimpleQueue()
        for worker in range(count):
            self._free_workers.put(worker)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="detect")
        self._coming: deque[Future[_Prefetched]] = deque()
        self._was_read = threading.Event()  # whether the frame asked for last has been read
        self._was_read.set()
        self._detections: Detections | DeviceError | None = None
        self._closing = threading.Lock()
        self._ended = False
        for _ in range(count + 1):  # one more than can be searched at once, so that no worker waits for the loop
            self._request()

    def read(self) -> Frame | PoseFrame | None:
        """Return the next frame, already searched; None at the end."""
        if self._ended:
            return None
        try:
            item, self._detections = self._coming.popleft().result()
        except CancelledError:  # closed while waiting
            return None
        if item is None:
            self._ended = True
        else:
            self._request()
        return item

    def detect(self, frame: Frame) -> PoseFrame:
        """Return who runs in the frame that was read last; raises DeviceError when the backend failed on it."""
        if isinstance(self._detections, DeviceError):
            raise self._detections
        assert self._detections is not None  # noqa: S101 - every frame that `read` gave was searched
        return self._detector.select_runner(frame, self._detections)

    def close(self) -> None:
        """Close the source and wait for the workers. May be called more than once, and from another thread."""
        with self._closing:
            self._ended = True
            try:
                self._source.close()
            except BaseException:  # then nothing ends a read that waits: nor may this wait for it
                self._pool.shutdown(wait=False, cancel_futures=True)
                raise
            self._pool.shutdown(cancel_futures=True)

    def _request(self) -> None:
        """Have one more frame read and searched, after those asked for before."""
        before, self._was_read = self._was_read, threading.Event()
        try:
            self._coming.append(self._pool.submit(self._next, before, self._was_read))
        except RuntimeError:  # closed from another thread: no frame will come any more
            self._ended = True

    def _next(self, before: threading.Event, done: threading.Event) -> _Prefetched:
        """Read a frame in its turn and search it, in a thread of the pool."""
        before.wait()
        try:
            item = self._source.read()
        finally:
            done.set()
        if not isinstance(item, Frame):
            return item, None
        worker = self._free_workers.get()
        try:
            return item, self._detector.detect_all(item, worker)
        except DeviceError as error:
            return item, error
        finally:
            self._free_workers.put(worker)
