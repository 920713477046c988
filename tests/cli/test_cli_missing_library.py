"""A machine without the libraries that pip cannot bring: one sentence that names their package, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cuecoach.errors import EXIT_DEVICE, EXIT_DONE, missing_library

LOADER = "cannot open shared object file: No such file or directory"
OPENCV = "sudo apt install libgl1 libglib2.0-0"


def without(folder: Path, module: str, raised: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process in which importing `module` raises."""
    (folder / f"{module}.py").write_text(f"raise {raised}")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}
    return subprocess.run(
        [sys.executable, "-m", "cuecoach", *arguments], env=env, cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("verb", ["demo", "run", "measure film.mp4", "setup"])
def test_a_verb_that_needs_opencv_names_the_packages_it_needs(verb: str, tmp_path: Path) -> None:
    done = without(tmp_path, "cv2", f"ImportError('libGL.so.1: {LOADER}')", *verb.split())
    assert done.returncode == EXIT_DEVICE
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("cuecoach: ")
    assert "libGL.so.1" in sentence
    assert OPENCV in sentence
    assert done.stdout == ""


@pytest.mark.parametrize("verb", ["packs list", "sessions --help", "voices --help"])
def test_a_verb_that_does_not_need_opencv_works_without(verb: str, tmp_path: Path) -> None:
    done = without(tmp_path, "cv2", f"ImportError('libGL.so.1: {LOADER}')", *verb.split())
    assert (done.returncode, done.stderr) == (EXIT_DONE, "")


def test_the_doctor_tells_the_packages_beside_everything_else(tmp_path: Path) -> None:
    done = without(tmp_path, "cv2", f"ImportError('libGL.so.1: {LOADER}')", "doctor", "--json")
    assert done.returncode == EXIT_DONE, done.stderr
    assert OPENCV in done.stdout
    assert '"PortAudio"' in done.stdout


def test_mediapipe_1_loads_its_library_late_and_is_told_alike() -> None:
    assert "sudo apt install libegl1 libgles2" in str(missing_library(OSError(f"libEGL.so.1: {LOADER}")))


def test_an_unknown_library_is_told_by_its_name() -> None:
    assert "libnew.so.7 is missing" in str(missing_library(ImportError(f"libnew.so.7: {LOADER}")))


def test_another_error_is_not_about_a_library(tmp_path: Path) -> None:
    assert missing_library(ImportError("No module named 'cv3'")) is None
    done = without(tmp_path, "cv2", "ImportError('cannot import name x')", "demo")
    assert "Traceback" in done.stderr
