"""Makes small films for tests: any time stamps, any rotation mark, of pictures that tell their own number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_TICK = Fraction(1, 90_000)
# x265 would write to the terminal; mpeg4 would lose the numbers.
_OPTIONS = {"libx265": {"x265-params": "log-level=none"}, "mpeg4": {"b": "8M"}}
_STEP = 8  # grey levels between neighbouring numbers: more than a codec loses


def numbered(index: int, size_px: tuple[int, int] = (160, 120)) -> Picture:
    """Return a grey picture (h, w, 3) that `number_of` reads as `index` (0 to 24); brighter at the top."""
    width_px, height_px = size_px
    image = np.full((height_px, width_px, 3), 20 + _STEP * index, np.uint8)
    image[: height_px // 4] += 25
    return image


def number_of(image: Picture) -> int:
    """Return the number of a picture made by `numbered`, however it was turned."""
    height_px, width_px = image.shape[:2]
    return round((float(image[height_px // 2, width_px // 2].mean()) - 20) / _STEP)


def bright_edge(image: Picture) -> str:
    """Return on which edge a picture made by `numbered` is brighter: "top", "bottom", "left" or "right"."""
    edges = {"top": image[4], "bottom": image[-5], "left": image[:, 4], "right": image[:, -5]}
    return max(edges, key=lambda edge: float(edges[edge].mean()))


def write_film(
    path: Path,
    images: Iterable[Picture],
    times_s: Sequence[float],
    rotation_deg: int = 0,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pix_fmt: str = "",
) -> Path:
    """Write a film whose pictures stand at `times_s`; `rotation_deg` is a mark only, the pictures stay as they are.

    `options` are the container's. MPEG-4 and later codecs write B-frames where they can.
    """
    with av.open(str(path), "w", options=options or {}) as film:
        stream = None
        for image, t_s in zip(images, times_s, strict=True):
            if stream is None:
                stream = film.add_stream(codec, rate=30, options=_OPTIONS.get(codec, {}))
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = pix_fmt or ("yuvj420p" if codec == "mjpeg" else "yuv420p")
                # AVI has one picture a tick and nothing between; MPEG-4 has no ticks as short as the usual ones.
                tick = Fraction(1, 30) if path.suffix == ".avi" or codec == "mpeg4" else _TICK
                stream.codec_context.time_base = stream.time_base = tick
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            frame.pts, frame.time_base = round(t_s / tick), tick
            film.mux(stream.encode(frame))
        if stream is not None:
            packets = stream.encode()
            for packet in packets:  # the last frame is shown as long as the one before it
                packet.duration = round(float(np.diff([0.0, *times_s])[-1]) / tick)
            film.mux(packets)
    if rotation_deg:
        _mark_rotation(path, rotation_deg)
    return path


def steady(count: int, rate_hz: float = 30.0) -> list[float]:
    """Return `count` times at a steady rate."""
    return [index / rate_hz for index in range(count)]


def _mark_rotation(path: Path, rotation_deg: int) -> None:
    """Write the rotation into the track header of an mp4, as a phone does (ISO 14496-12, tkhd matrix)."""
    content = bytearray(path.read_bytes())
    place = content.find(b"tkhd") + 4
    version = content[place]
    matrix = place + (52 if version == 1 else 40)
    turn = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[rotation_deg]
    for offset, value in zip((0, 4, 12, 16), turn, strict=True):
        content[matrix + offset : matrix + offset + 4] = (value << 16).to_bytes(4, "big", signed=True)
    path.write_bytes(content)
