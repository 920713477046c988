"""The errors a user may see. Each carries one sentence that says what to do, and the exit code of the command line.

Owns the exit codes. Nothing else in the project decides how the process ends.
"""

from __future__ import annotations

import re

EXIT_DONE = 0
EXIT_INPUT = 2
EXIT_DEVICE = 3
EXIT_STOPPED = 130


class CueCoachError(Exception):
    """One sentence for the user; `exit_code` is what the command line returns."""

    exit_code = EXIT_INPUT


class InputError(CueCoachError):
    """What the user gave is wrong: a file, a key, a value. Names it, and says what is allowed."""

    exit_code = EXIT_INPUT


class DeviceError(CueCoachError):
    """A device or a file failed: camera, speaker, disk, model."""

    exit_code = EXIT_DEVICE


_LOADER = re.compile(r"(\S+\.so(?:\.\d+)*): cannot open shared object file")
_FOR_OPENCV = "libgl1 libglib2.0-0"
_FOR_MEDIAPIPE_1 = "libegl1 libgles2"
_PACKAGES = {
    "libGL.so.1": _FOR_OPENCV,
    "libxcb.so.1": _FOR_OPENCV,
    "libgthread-2.0.so.0": _FOR_OPENCV,
    "libglib-2.0.so.0": _FOR_OPENCV,
    "libEGL.so.1": _FOR_MEDIAPIPE_1,
    "libGLESv2.so.2": _FOR_MEDIAPIPE_1,
}


def missing_library(error: Exception) -> DeviceError | None:
    """Return what to tell of a system library that the loader did not find, or None when `error` is something else.

    pip cannot bring these; sound and speech, which a session can do without, tell of theirs themselves.
    """
    found = _LOADER.search(str(error))
    if found is None:
        return None
    library = found[1]
    how = f"sudo apt install {_PACKAGES[library]}" if library in _PACKAGES else "install the package that has it"
    return DeviceError(f"The system library {library} is missing (on Debian and Ubuntu: {how}).")
