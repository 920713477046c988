"""The parts of a system that some tests need and not every system has.

A test without its part is skipped, and the reason has one form: "needs X (apt: Y)", Y being Debian's package.
`conftest.py` counts the skips by it.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import av
import pytest


def missing(part: str, package: str = "") -> NoReturn:
    """Skip the test for want of `part`."""
    pytest.skip(f"needs {part} (apt: {package})" if package else f"needs {part}")


def program(name: str, package: str) -> None:
    if shutil.which(name) is None:
        missing(name, package)


def speech_engine() -> None:
    """Linux has the bundled engine or its own; Windows and macOS always have one."""
    if sys.platform == "linux" and not (find_spec("espeakng_loader") or find_library("espeak-ng")):
        missing("a speech engine", "espeak-ng")


def bundled_engine() -> None:
    if find_spec("espeakng_loader") is None:
        missing("the bundled speech engine (pip: espeakng-loader)")


@functools.cache
def _portaudio_loads() -> bool:
    """Ask a child process: PortAudio keeps the devices it finds when it is first loaded."""
    command = [sys.executable, "-c", "import sounddevice"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def portaudio() -> None:
    if not _portaudio_loads():
        missing("PortAudio", "libportaudio2")


def encoder(name: str) -> None:
    """PyAV's wheels carry other encoders on other systems."""
    try:
        av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        missing(f"PyAV with the encoder {name}")


def full_device() -> Path:
    """Return a file that refuses every byte, as on a full disk."""
    full = Path("/dev/full")
    if not full.exists():
        missing("/dev/full")
    return full


def heavy_network() -> Path:
    """Return a file with the heavy pose network, as `cuecoach models add` takes it."""
    file = os.environ.get("CUECOACH_TEST_HEAVY")
    if not file:
        missing("the heavy pose model (npm pack @mediapipe/pose@0.5.1675469404; CUECOACH_TEST_HEAVY=the archive)")
    return Path(file)


def mount(folder: Path, options: str) -> None:
    """Mount a disk in memory on `folder`; the test unmounts it."""
    program("mount", "mount")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        missing("the right to mount a small disk")
