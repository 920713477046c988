"""How this room opens pictures with OpenCV: quietly, and with sizes and rates that make sense.

Owns the process-wide log levels of OpenCV and FFmpeg, nothing else.
"""

from __future__ import annotations

import os

import cv2
import numpy as np
from numpy.typing import NDArray

_SILENT = "-8"  # AV_LOG_QUIET


def silence() -> None:
    """Keep OpenCV's and FFmpeg's own lines off the terminal: what matters is told in our sentences."""
    # Read by OpenCV when FFmpeg is first used; a value the user has set stays.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _SILENT)
    # OpenCV 5 has moved the call; 0 is silent in both.
    set_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel  # type: ignore[attr-defined]
    set_level(0)


def rate_hz(capture: cv2.VideoCapture, otherwise: float) -> float:
    """Return the stated frame rate, or `otherwise` where a driver or container states none or nonsense."""
    stated = float(capture.get(cv2.CAP_PROP_FPS))
    return stated if 1.0 <= stated <= 1000.0 else otherwise


def picture(image: cv2.typing.MatLike) -> NDArray[np.uint8]:
    """Return what a capture decoded as (h, w, 3) uint8, which it is already for all but a rare raw camera format."""
    return np.asarray(image, dtype=np.uint8)
