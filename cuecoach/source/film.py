"""A film as a source: every frame with its own time, upright, decoded ahead of the reader or paced by the clock.

Owns the decoding thread. Opening and decoding the file is `film_file.py`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from cuecoach.errors import InputError
from cuecoach.source.base import SourceInfo
from cuecoach.source.film_file import FilmFile, Picture
from cuecoach.source.newest import Newest
from cuecoach.types import Frame, SourceKind

_AHEAD = 6  # frames decoded ahead: enough to bridge a key frame, little enough for 4K
_SHORT = 0.95  # a film that gives less than this share of what its header promises is told of
_WAIT_S = 0.1


class FilmSource:
    """Reads a video file with its presentation times; a variable frame rate and a rotation mark are honoured.

    Parameters
    ----------
    path : Path
    realtime : bool
        Pace the film by the wall clock, as if it came from a camera: a frame that nobody takes in time is lost.
        Otherwise every frame is given, as fast as it is asked for.

    Raises
    ------
    InputError
        The file is missing, is no video, or holds no picture that can be decoded.
    """

    def __init__(self, path: Path, realtime: bool = False) -> None:
        self._path = path
        self._file = FilmFile(path)
        pictures = self._file.pictures()
        first = next(pictures, None)
        if first is None:
            self._file.close()
            raise InputError(f"{path} cannot be played: not one picture in it can be decoded; record or copy it again.")
        height_px, width_px = first[1].shape[:2]
        self.info = SourceInfo(
            kind=SourceKind.VIDEO,
            name=path.name,
            size_px=(width_px, height_px),
            rate_hz=self._file.rate_hz,
            live=realtime,
            epoch_s=time.monotonic() if realtime else None,
            frame_count=self._file.frame_count or None,
        )
        self._closed = threading.Event()
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._newest: Newest[Frame] | None = Newest() if realtime else None
        self._ahead: queue.Queue[Frame | None] = queue.Queue(_AHEAD)
        self._ended = False
        self._thread = threading.Thread(
            target=self._run, args=(self._frames(first, pictures),), name=f"decode {path.name}", daemon=True
        )
        self._thread.start()

    def read(self) -> Frame | None:
        """Return the next frame (the newest, when paced), or None at the end."""
        if self._newest is not None:
            return self._newest.take()
        while not self._ended and not self._closed.is_set():
            try:
                frame = self._ahead.get(timeout=_WAIT_S)
            except queue.Empty:
                continue
            self._ended = frame is None
            return frame
        return None

    def notices(self) -> tuple[str, ...]:
        """Return, once, the sentence about a film that ends too early or is damaged."""
        return tuple(self._notices.get() for _ in range(self._notices.qsize()))

    def close(self) -> None:
        """Stop decoding and release the file."""
        self._closed.set()
        if self._newest is not None:
            self._newest.close()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self, frames: Iterator[Frame]) -> None:
        """Decode to the end, in the thread."""
        try:
            for last in frames:
                if self._closed.is_set():
                    return
                self._hand_over(last)
            self._tell_what_is_missing(last)
        finally:
            self._file.close()
            self._hand_over(None)

    def _frames(
        self, first: tuple[float | None, Picture], others: Iterator[tuple[float | None, Picture]]
    ) -> Iterator[Frame]:
        """Yield every picture as a frame with a strictly rising time, the first at 0."""
        start_s = first[0] or 0.0
        frame = Frame(0.0, 0, first[1])
        yield frame
        for stated_s, image in others:
            t_s = frame.t_s + 1 / self.info.rate_hz if stated_s is None else stated_s - start_s
            if t_s <= frame.t_s:
                # Broken containers repeat or turn back a time stamp: such a frame comes a little after the one before.
                t_s = frame.t_s + 0.1 / self.info.rate_hz
            frame = Frame(t_s, frame.index + 1, image)
            yield frame

    def _hand_over(self, frame: Frame | None) -> None:
        """Give a frame to the reader: at its time when paced, otherwise when there is room; None ends the film."""
        if self._newest is not None:
            if frame is None:
                self._newest.end()
            elif self.info.epoch_s is not None:
                self._closed.wait(max(0.0, self.info.epoch_s + frame.t_s - time.monotonic()))
                self._newest.put(frame)
            return
        while not self._closed.is_set():
            try:
                self._ahead.put(frame, timeout=_WAIT_S)
            except queue.Full:
                continue
            return

    def _tell_what_is_missing(self, last: Frame) -> None:
        """Compare what was read with what the header promised: by count and by time, as either may be an estimate."""
        count, rate_hz = self._file.frame_count, self._file.rate_hz
        read = last.index + 1
        if read >= _SHORT * count:
            return
        ends_early = last.t_s + 1 / rate_hz < _SHORT * count / rate_hz
        if ends_early or self._file.damaged:
            self._notices.put(
                f"{self._path.name} {'ends early' if ends_early else 'is damaged'}: {read} of {count} frames "
                f"({last.t_s:.1f} s) could be read, so only those were used."
            )
