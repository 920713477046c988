"""Says what a session needs and which of it is there: libraries, pose model, camera, sound, window, paths."""

from __future__ import annotations

import importlib.metadata
import platform

import cuecoach
from cuecoach.config import Settings, cache_folder, journal_path, user_config
from cuecoach.errors import CueCoachError
from cuecoach.packs import library
from cuecoach.pose.model_file import find_model
from cuecoach.source.camera import CameraSource
from cuecoach.view.window import why_no_window
from cuecoach.voice.sound_report import sound_report

LIBRARIES = ("mediapipe", "opencv-contrib-python", "numpy", "scipy", "sounddevice", "pyttsx3", "espeakng-loader")


def examine(settings: Settings) -> dict[str, str]:
    """Return what was found, by name, in the order of the page; what is missing is a sentence."""
    config_file = user_config()
    return {
        "cuecoach": cuecoach.__version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{name: _version(name) for name in LIBRARIES},
        "pose model": _model(settings),
        "camera": _camera(settings),
        **dict(sound_report(settings.voice)),
        "window": why_no_window() or "yes",
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


def _model(settings: Settings) -> str:
    try:
        return str(find_model(settings.pose, cache_folder()))
    except CueCoachError as error:
        return str(error)


def _camera(settings: Settings) -> str:
    try:
        source = CameraSource(settings.source.camera, settings.source)
    except CueCoachError as error:
        return str(error)
    try:
        width, height = source.info.size_px
        return f"{source.info.name}: {width} x {height}, {source.info.rate_hz:g} frames a second"
    finally:
        source.close()
