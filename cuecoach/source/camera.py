"""A camera or network stream as a source: only the newest frame is kept, and a lost camera is opened again and again.

Owns the device, the threads that wait for it, and the process-wide log levels of OpenCV and of its FFmpeg.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError
from cuecoach.source.base import SourceInfo
from cuecoach.source.newest import Newest
from cuecoach.source.settings import SourceSettings
from cuecoach.types import Frame, PoseFrame, SourceKind

_OPEN_LIMIT_S = 10.0  # some webcams take five seconds to start
_CHECK_S = 0.1  # how often a waiting `read` checks the camera
_NOBODY_S = 0.5  # how often `read` says that nobody can be seen while the camera is lost
_FIRST_RETRY_S = 0.25
_AV_LOG_QUIET = "-8"
_USUAL_HZ = 30.0

Picture = NDArray[np.uint8]


class CameraSource:
    """The newest frame of a camera or stream. `t_s` is the time of its capture since the first frame.

    While the camera is lost `read` returns a `PoseFrame` without a pose twice a second, so that the caller's loop never
    waits for the device.

    Parameters
    ----------
    address : str
        A camera's number, a device path or a URL.
    settings : SourceSettings

    Raises
    ------
    DeviceError
        No picture arrived in time.
    """

    def __init__(self, address: str, settings: SourceSettings) -> None:
        self._address = address
        self._settings = settings
        self._newest: Newest[tuple[float, Picture]] = Newest()
        self._closed = threading.Event()
        self._notices: list[str] = []
        self._index = itertools.count()
        self._grabber = self._start()
        first = None
        while first is None:
            first = self._newest.take(_CHECK_S)
            late = time.monotonic() - self._grabber.begun_s > _OPEN_LIMIT_S
            if first is None and (late or self._grabber.failed()):
                self.close()
                raise DeviceError(_no_camera(address))
        # This picture is not given to the reader: by the time the loop begins it is old.
        self._epoch_s, image = first
        self._last_s = -1.0
        self._last_picture_s = time.monotonic()
        self._lost_since_s: float | None = None
        self._retry_s = _FIRST_RETRY_S
        self._retry_at_s = 0.0
        self.info = SourceInfo(
            kind=SourceKind.CAMERA,
            name=address,
            size_px=(image.shape[1], image.shape[0]),
            rate_hz=self._grabber.rate_hz,
            live=True,
            epoch_s=self._epoch_s,
            frame_count=None,
        )

    def read(self) -> Frame | PoseFrame | None:
        """Return the newest frame, once; a PoseFrame without a pose while the camera is lost; None once closed."""
        called_s = time.monotonic()
        while not self._closed.is_set():
            taken = self._newest.take(_CHECK_S)
            now_s = time.monotonic()
            if taken is not None:
                self._note_picture(now_s)
                grabbed_s, image = taken
                return Frame(self._rising(grabbed_s), next(self._index), image)
            self._check_camera(now_s)
            if self._lost_since_s is not None and now_s - called_s >= _NOBODY_S:
                return PoseFrame(self._rising(now_s), next(self._index), None)
        return None

    def notices(self) -> tuple[str, ...]:
        """Return, once each, that the camera was lost or is back."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def close(self) -> None:
        """Release the camera. A driver that never answers is left to its own thread, which ends with the process."""
        self._closed.set()
        self._newest.close()
        self._grabber.stop()

    def _start(self) -> _Grabber:
        return _Grabber(self._address, self._settings, self._newest.put)

    def _check_camera(self, now_s: float) -> None:
        """Notice that the camera is lost, and try again when it is time."""
        if self._lost_since_s is None:
            if not self._grabber.failed() and now_s - self._last_picture_s < self._settings.stall_s:
                return
            self._lost_since_s = now_s
            self._notices.append(f"Camera {self._address} gives no more pictures: coaching waits until it is back.")
            self._disconnect(now_s)
        elif self._grabber.stopped:
            if now_s >= self._retry_at_s:
                self._grabber = self._start()
        elif self._grabber.failed() or now_s - self._grabber.begun_s > _OPEN_LIMIT_S:
            self._disconnect(now_s)

    def _disconnect(self, now_s: float) -> None:
        """End this connection and set the time of the next attempt, each later than the last."""
        self._grabber.stop()
        self._retry_at_s = now_s + self._retry_s
        self._retry_s = min(2 * self._retry_s, self._settings.retry_most_s)

    def _note_picture(self, now_s: float) -> None:
        self._last_picture_s = now_s
        if self._lost_since_s is not None:
            self._notices.append(f"Camera {self._address} is back.")
            self._lost_since_s = None
            self._retry_s = _FIRST_RETRY_S

    def _rising(self, at_s: float) -> float:
        """Return a monotonic time as `t_s`, strictly above the last one given."""
        self._last_s = max(at_s - self._epoch_s, self._last_s + 1e-4)
        return self._last_s


class _Grabber:
    """One connection: a thread that opens the camera and hands over every picture until it fails or is stopped."""

    def __init__(self, address: str, settings: SourceSettings, put: Callable[[tuple[float, Picture]], None]) -> None:
        self._address = address
        self._settings = settings
        self._put = put
        self._stop = threading.Event()
        self._failed = threading.Event()
        self.begun_s = time.monotonic()
        self.rate_hz = _USUAL_HZ
        self._thread = threading.Thread(target=self._run, name=f"camera {address}", daemon=True)
        self._thread.start()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def failed(self) -> bool:
        """Return whether the camera did not open or has ended."""
        return self._failed.is_set()

    def stop(self) -> None:
        """Give no more pictures; the thread releases the camera as soon as the driver answers."""
        self._stop.set()
        # Long enough for a camera that works to be free for the next program, short enough for one that hangs.
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=0.3)

    def _run(self) -> None:
        capture = None
        try:
            capture = _open(self._address, self._settings)
            stated_hz = float(capture.get(cv2.CAP_PROP_FPS))
            if 1.0 <= stated_hz <= 1000.0:  # drivers may state none, or nonsense
                self.rate_hz = stated_hz
            while not self._stop.is_set() and capture.grab():
                grabbed_s = time.monotonic()
                ok, image = capture.retrieve()
                if ok and not self._stop.is_set():
                    self._put((grabbed_s, np.asarray(image, dtype=np.uint8)))
        except cv2.error:
            pass  # a camera that vanishes in the middle of a call is a camera that has ended
        finally:
            self._failed.set()
            if capture is not None:
                capture.release()


def _silence_libraries() -> None:
    """Keep OpenCV's and FFmpeg's own lines off the terminal: what matters is told in our sentences."""
    # Read by OpenCV when FFmpeg is first used; a value the user has set stays.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _AV_LOG_QUIET)
    # OpenCV 5 has moved the call; 0 is silent in both.
    set_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel  # type: ignore[attr-defined]
    set_level(0)


def _open(address: str, settings: SourceSettings) -> cv2.VideoCapture:
    _silence_libraries()
    if "://" in address:
        limits_ms = [
            (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_LIMIT_S * 1000),
            (cv2.CAP_PROP_READ_TIMEOUT_MSEC, settings.stall_s * 1000),
        ]
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG, [int(value) for pair in limits_ms for value in pair])
    capture = cv2.VideoCapture(int(address)) if address.isdecimal() else cv2.VideoCapture(address)
    # Uncompressed, USB carries 720p at 10 Hz only. The format comes first: sizes and rates depend on it.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width_px)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height_px)
    capture.set(cv2.CAP_PROP_FPS, settings.rate_hz)
    return capture


def _no_camera(address: str) -> str:
    if "://" in address:
        return f"The stream {address} gives no picture; check the address, and that the camera is on the network."
    return (
        f"Camera {address} gives no picture; plug it in, close other programs that use it, "
        "or give another number (0 is the first camera)."
    )
