"""The errors a user may see. Each carries one sentence that says what to do, and the exit code of the command line.

Owns the exit codes. Nothing else in the project decides how the process ends.
"""

from __future__ import annotations

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
