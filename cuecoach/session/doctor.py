"""Says what a session needs and which of it is there: libraries, pose model, camera, sound, window, paths."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable

import cuecoach
from cuecoach.config import Settings, cache_folder, journal_path, user_config
from cuecoach.errors import CueCoachError, missing_library
from cuecoach.packs import library
from cuecoach.pose.model_catalogue import HEAVY
from cuecoach.pose.model_file import cached_fault, find_model
from cuecoach.voice.sound_report import sound_report

LIBRARIES = ("mediapipe", "opencv-contrib-python", "numpy", "scipy", "sounddevice", "pyttsx3", "espeakng-loader")


def examine(settings: Settings) -> dict[str, str]:
    """Return what was found, by name, in the order of the page; what is missing is a sentence."""
    config_file = user_config()
    return {
        "cuecoach": cuecoach.__version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{name: _version(name) for name in LIBRARIES},
        "pose model": _look(_model, settings),
        "heavy pose model": _look(_heavy_model, settings),
        "camera": _look(_camera, settings),
        **dict(sound_report(settings.voice)),
        "window": _look(_window, settings),
        "settings": f"{config_file}" + ("" if config_file.is_file() else " (not there: defaults)"),
        "journal": str(journal_path(settings)),
        "own packs": str(library.user_folder()),
        "cache": str(cache_folder()),
    }


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _look(finding: Callable[[Settings], str], settings: Settings) -> str:
    """Return the finding, or the sentence that says why there is none."""
    try:
        return finding(settings)
    except CueCoachError as error:
        return str(error)
    except (ImportError, OSError) as error:
        missing = missing_library(error)
        if missing is None:
            raise
        return str(missing)


# The findings import OpenCV themselves: that it does not load is one more thing to tell.
def _model(settings: Settings) -> str:
    file = find_model(settings.pose, cache_folder())
    return file.notice or f"{file.name}, {file.path}"


def _heavy_model(_settings: Settings) -> str:
    path = cache_folder() / HEAVY.file_name
    if not path.exists():
        return HEAVY.offer
    fault = cached_fault(HEAVY, cache_folder())
    return f"{path} {fault}" if fault else str(path)


def _camera(settings: Settings) -> str:
    from cuecoach.source.camera import CameraSource

    source = CameraSource(settings.source.camera, settings.source)
    try:
        width, height = source.info.size_px
        return f"{source.info.name}: {width} x {height}, {source.info.rate_hz:g} frames a second"
    finally:
        source.close()


def _window(_settings: Settings) -> str:
    from cuecoach.view.window import why_no_window

    return why_no_window() or "yes"
