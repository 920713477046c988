"""Writes an MP4 film: H.264 pictures, each at its own time, and an AAC sound track.

While it grows the film is a fragmented MP4, so a killed process leaves what most players show, up to a few seconds
before its end; `close` makes it an ordinary one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError

SOUND_HZ = 48_000

_TICK = Fraction(1, 90_000)
# `delay_moov` waits for the first pictures before it writes where time begins; without it all sound is 21 ms late.
_CONTAINER = {"movflags": "hybrid_fragmented+frag_keyframe+delay_moov", "movie_timescale": str(_TICK.denominator)}
_PICTURES = {"preset": "superfast", "crf": "24"}  # as good as veryfast in half its time, for half as many bytes again
_SOUND_BPS = 96_000
_BT601 = 6  # OpenCV's way from colours to brightness; players are told


class FilmWriter:
    """Writes pictures and sound as they come.

    Parameters
    ----------
    path : Path
        Overwritten; removed again by `close` when not one picture came.
    size_px : tuple
        Width and height of every picture. An odd row or column at the end is left out: H.264 needs even sizes.
    rate_hz : float
        About how many pictures come in a second; each has its own time.
    sound : bool
        Whether there is a sound track.

    Raises
    ------
    DeviceError
        From the constructor and every call: the film cannot be written. What was written before can be played.
    """

    def __init__(self, path: Path, size_px: tuple[int, int], rate_hz: float, sound: bool = False) -> None:
        self._file = _File(path)
        self._size_px = (size_px[0] // 2 * 2, size_px[1] // 2 * 2)
        self._film = av.open(self._file, "w", format="mp4", options=_CONTAINER)
        rate = Fraction(rate_hz).limit_denominator(1001)
        self._pictures = self._film.add_stream("libx264", rate=rate, options=_PICTURES)
        self._pictures.width, self._pictures.height = self._size_px
        self._pictures.pix_fmt = "yuv420p"
        coder = self._pictures.codec_context
        coder.time_base = self._pictures.time_base = _TICK
        coder.gop_size = max(1, round(rate_hz))  # a fragment each second
        coder.colorspace = _BT601
        self._sound = self._film.add_stream("aac", rate=SOUND_HZ, layout="mono") if sound else None
        if self._sound is not None:
            self._sound.bit_rate = _SOUND_BPS
        self._last: int | None = None  # time of the last picture
        self._step = round(1 / rate_hz / _TICK)  # from the one before it
        self._samples = 0
        self._closed = False

    def write(self, picture: NDArray[np.uint8], t_s: float) -> None:
        """Add a picture (h, w, 3) uint8 blue, green, red at `t_s`, which must rise from picture to picture."""
        width, height = self._size_px
        planes = cv2.cvtColor(picture[:height, :width], cv2.COLOR_BGR2YUV_I420)  # a fifth of the time FFmpeg takes
        frame = av.VideoFrame.from_ndarray(np.asarray(planes, dtype=np.uint8), format="yuv420p")
        frame.pts, frame.time_base = round(t_s / _TICK), _TICK
        self._step = self._step if self._last is None else frame.pts - self._last
        self._last = frame.pts
        with self._raising_device_error():
            self._film.mux(self._pictures.encode(frame))

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Add the next samples (n,) of the sound track, which begins at 0 s: mono, -1..1, at SOUND_HZ."""
        if self._sound is None or not samples.size:
            return
        frame = av.AudioFrame.from_ndarray(np.clip(samples, -1.0, 1.0)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, self._samples, Fraction(1, SOUND_HZ)
        self._samples += samples.size
        with self._raising_device_error():
            self._film.mux(self._sound.encode(frame))

    def close(self) -> None:
        """Finish the film. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._raising_device_error():
                if self._last is not None and not self._file.failure:
                    self._end()
                self._film.close()
        finally:
            self._file.close(keep=self._last is not None)

    def _end(self) -> None:
        """Take what the encoders still hold; the last picture is shown as long as the one before it."""
        packets = self._pictures.encode()
        packets[-1].duration = self._step
        self._film.mux(packets)
        if self._sound is not None:
            self._film.mux(self._sound.encode())

    @contextlib.contextmanager
    def _raising_device_error(self) -> Iterator[None]:
        """Turn failures of encoders and file into one sentence."""
        try:
            yield
        except av.FFmpegError as error:
            self._file.failure = str(error)
        if self._file.failure:
            raise DeviceError(
                f"The film {self._file.path} can no longer be written ({self._file.failure}); it ends there."
            )


class _File:
    """What FFmpeg writes to. After a failure it only seems to take more, so that what was written stays playable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure = ""
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise DeviceError(f"The film {path} cannot be written ({error.strerror}); give another place.") from error

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        try:
            while rest and not self.failure:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.failure = error.strerror or str(error)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self, keep: bool) -> None:
        self._file.close()
        if not keep:
            self.path.unlink(missing_ok=True)
