"""Libraries of the system that pip cannot bring: what the loader says of a missing one, as a sentence with its package.

Owns the packages' names. The parts that can do without their library (speech, sound) say so themselves.
"""

from __future__ import annotations

import re

_LOADER = re.compile(r"(\S+\.so(?:\.\d+)*): cannot open shared object file")
_OPENCV = "libgl1 libglib2.0-0"
_MEDIAPIPE_1 = "libegl1 libgles2"
_PACKAGES = {
    "libGL.so.1": _OPENCV,
    "libxcb.so.1": _OPENCV,
    "libgthread-2.0.so.0": _OPENCV,
    "libglib-2.0.so.0": _OPENCV,
    "libEGL.so.1": _MEDIAPIPE_1,
    "libGLESv2.so.2": _MEDIAPIPE_1,
}


def missing_library(error: Exception) -> str | None:
    """Return which library is missing and how to get it, or None when `error` is about something else."""
    found = _LOADER.search(str(error))
    if found is None:
        return None
    library = found[1]
    how = f"sudo apt install {_PACKAGES[library]}" if library in _PACKAGES else "install the package that has it"
    return f"the system library {library} is missing (on Debian and Ubuntu: {how})"
