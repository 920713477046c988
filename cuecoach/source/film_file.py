"""Reads the pictures of a film file with FFmpeg (by PyAV): upright, in the order of showing, with their own times.

Owns the open file. Knows nothing of threads or pace.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from cuecoach.errors import InputError

Picture = NDArray[np.uint8]

# A film may be a play list that names other files, even addresses: only files are opened. One that never gives its
# next part, such as a live play list, counts as ended after this time.
_OPTIONS = {"protocol_whitelist": "file"}
_TIME_LIMIT_S = 10.0
# Titles may be in any encoding; from version 19 on PyAV reads them whatever they are.
_ANY_TITLE: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
_RATES_HZ = (1.0, 1000.0)  # what a header states outside of this is nonsense
_USUAL_HZ = 30.0
# By the frame's rotation mark, degrees counterclockwise.
_ROTATIONS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class FilmFile:
    """One film, opened. `rate_hz` and `frame_count` are what its header states, `frame_count` 0 when it states none.

    `damaged` tells, after the pictures have been read, whether some could not be decoded.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        The file is missing or no film.
    """

    def __init__(self, path: Path) -> None:
        self._container = _open(path)
        stream = _film_in(self._container)
        if stream is None:
            self._container.close()
            raise InputError(f"{path} holds no film that can be decoded; give a video or a *.landmarks.csv recording.")
        self._stream = stream
        self._stream.thread_type = "AUTO"
        self._reformatter = VideoReformatter()
        # AVI has no presentation times. What FFmpeg makes up for them is wrong with B-frames; the times of decoding
        # are in order.
        self._has_presentation_times = self._container.format.name != "avi"
        self.damaged = False
        stated_hz = float(stream.average_rate or 0.0)
        self.rate_hz = stated_hz if _RATES_HZ[0] <= stated_hz <= _RATES_HZ[1] else _USUAL_HZ
        self.frame_count = stream.frames or int((self._container.duration or 0) / av.time_base * self.rate_hz + 0.5)

    def pictures(self) -> Iterator[tuple[float | None, Picture]]:
        """Yield (time in s, picture (h, w, 3) uint8 blue, green, red); the time is None where the file states none."""
        tick_s = self._stream.time_base
        for frame in self._frames():
            tick = frame.pts if self._has_presentation_times else frame.dts
            yield None if tick is None or not tick_s else float(tick * tick_s), self._upright_bgr(frame)

    def close(self) -> None:
        """Release the file."""
        self._container.close()

    def _frames(self) -> Iterator[av.VideoFrame]:
        """Yield what can be decoded: a damaged packet costs its own pictures, no others."""
        for packet in self._packets():
            try:
                yield from self._stream.decode(packet)
            except av.FFmpegError:
                self.damaged = True

    def _packets(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        """Yield the film's packets; the last, empty one makes the decoder give what it still holds."""
        try:
            yield from self._container.demux(self._stream)
        except av.FFmpegError:  # the file breaks off here
            self.damaged = True
            yield None

    def _upright_bgr(self, frame: av.VideoFrame) -> Picture:
        # Always by the matrix of BT.601, as OpenCV does for cameras and did for films: the pose model sees the same
        # colours from every source. A film in BT.709 comes out a grey level off its true colours, on average.
        bgr = self._reformatter.reformat(
            frame,
            format="bgr24",
            src_colorspace=Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            interpolation=Interpolation.BICUBIC,
        ).to_ndarray()
        turn = _ROTATIONS.get(round(frame.rotation / 90) * 90 % 360)
        # Some widths come with padded rows.
        return np.ascontiguousarray(bgr) if turn is None else np.asarray(cv2.rotate(bgr, turn), dtype=np.uint8)


def _open(path: Path) -> InputContainer:
    if not path.exists():
        raise InputError(f"There is no file {path}; give the path of a video or of a landmark recording.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the path of a video or of a landmark recording.")
    if not path.is_file():
        raise InputError(f"{path} is no file; give the path of a video or of a landmark recording.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check who may read it.") from error
    if empty:
        raise InputError(f"{path} is empty; record or copy the video again.")
    try:
        # "file:" keeps a colon in the name from being taken for a protocol.
        container: InputContainer = av.open(f"file:{path}", options=_OPTIONS, timeout=_TIME_LIMIT_S, **_ANY_TITLE)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"{path} is not a video that can be read; give an mp4, mov, mkv, webm or avi file that is complete, "
            "or a *.landmarks.csv recording."
        ) from error
    return container


def _film_in(container: InputContainer) -> av.VideoStream | None:
    """Return the first stream of moving pictures that can be decoded; the cover picture of a song is none."""
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic:
            return stream
    return None
