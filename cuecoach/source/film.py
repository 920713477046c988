"""A film as a source: every frame with its own time, upright, decoded ahead of the reader.

Owns the file and one decoding thread. Looks at no picture.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2

from cuecoach.errors import InputError
from cuecoach.source.base import SourceInfo
from cuecoach.source.newest import Newest
from cuecoach.source.opencv import picture, rate_hz, silence
from cuecoach.types import Frame, SourceKind

_AHEAD = 6  # frames decoded ahead: enough to bridge a key frame, little enough for 4K
_SHORT = 0.95  # a film that ends before this share of what its header promises is called truncated
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
        capture = _open(path)
        ok, image = capture.read()
        if not ok:
            capture.release()
            raise InputError(f"{path} cannot be played: not one picture in it can be decoded; record or copy it again.")
        self._stated = (int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), rate_hz(capture, 30.0))
        self._first_ms = capture.get(cv2.CAP_PROP_POS_MSEC)
        count, rate = self._stated
        self.info = SourceInfo(
            kind=SourceKind.VIDEO,
            name=path.name,
            size_px=(image.shape[1], image.shape[0]),
            rate_hz=rate,
            live=realtime,
            epoch_s=time.monotonic() if realtime else None,
            frame_count=count if count > 0 else None,
        )
        self._closed = threading.Event()
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._newest: Newest[Frame] | None = Newest() if realtime else None
        self._ahead: queue.Queue[Frame | None] = queue.Queue(_AHEAD)
        self._ended = False
        self._thread = threading.Thread(
            target=self._run, args=(capture, Frame(0.0, 0, picture(image))), name=f"decode {path.name}", daemon=True
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
        """Return, once, the sentence about a film that ends too early."""
        return tuple(self._notices.get() for _ in range(self._notices.qsize()))

    def close(self) -> None:
        """Stop decoding and let go of the file."""
        self._closed.set()
        if self._newest is not None:
            self._newest.close()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self, capture: cv2.VideoCapture, first: Frame) -> None:
        """Decode to the end, in the thread."""
        last = first
        try:
            for last in self._frames(capture, first):
                if self._closed.is_set():
                    return
                self._hand_over(last)
            self._tell_truncation(last)
        finally:
            capture.release()
            self._hand_over(None)

    def _frames(self, capture: cv2.VideoCapture, first: Frame) -> Iterator[Frame]:
        """Yield every frame with a strictly rising time."""
        yield first
        t_s, index = first.t_s, first.index
        while True:
            ok, image = capture.read()
            if not ok:
                return
            index += 1
            now_s = (capture.get(cv2.CAP_PROP_POS_MSEC) - self._first_ms) / 1000
            # Broken containers repeat or turn back a time stamp: such a frame comes a little after the one before.
            t_s = now_s if now_s > t_s else t_s + 0.1 / self.info.rate_hz
            yield Frame(t_s, index, picture(image))

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

    def _tell_truncation(self, last: Frame) -> None:
        """Compare what was read with what the header promised: by count and by time, as either may be an estimate."""
        count, rate = self._stated
        read = last.index + 1
        if read < _SHORT * count and last.t_s + 1 / rate < _SHORT * count / rate:
            self._notices.put(
                f"{self._path.name} ends early: {read} of {count} frames ({last.t_s:.1f} s) could be read, "
                "so only those were used."
            )


def _open(path: Path) -> cv2.VideoCapture:
    """Open a file with FFmpeg, which every OpenCV wheel carries, whatever its name ends with."""
    if not path.exists():
        raise InputError(f"There is no file {path}; give the path of a video or of a landmark recording.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the path of a video or of a landmark recording.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check who may read it.") from error
    if empty:
        raise InputError(f"{path} is empty; record or copy the video again.")
    silence()
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise InputError(
            f"{path} is not a video that can be read; give an mp4, mov, mkv, webm or avi file that is complete, "
            "or a *.landmarks.csv recording."
        )
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # off by default in some builds: a phone's film would lie on its side
    return capture
