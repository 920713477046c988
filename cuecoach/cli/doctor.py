"""`cuecoach doctor`: what is there and what is missing, as text for a bug report."""

from __future__ import annotations

import importlib.metadata
import json as json_module
import platform
from collections.abc import Callable

import typer
from rich.table import Table

import cuecoach
from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.libraries import missing_library
from cuecoach.cli.tables import print_table
from cuecoach.errors import CueCoachError
from cuecoach.packs import library
from cuecoach.pose.model_file import find_model
from cuecoach.voice.sound_report import sound_report

LIBRARIES = ("mediapipe", "opencv-contrib-python", "numpy", "scipy", "sounddevice", "pyttsx3", "espeakng-loader")


@options.handle_errors
def doctor(config_file: options.Config = None, json: options.Json = False) -> None:
    """Say what is there and what is missing: versions, model, camera, speaker, voices, paths."""
    settings = config.load(config_file)
    findings = [("cuecoach", cuecoach.__version__), ("python", f"{platform.python_version()} on {platform.platform()}")]
    findings += [(name, _version(name)) for name in LIBRARIES]
    findings += [("pose model", _found(_model, settings)), ("camera", _found(_camera, settings))]
    findings += sound_report(settings.voice)
    findings += [("window", _found(_window, settings))]
    findings += [
        ("settings", f"{config.user_config()}" + ("" if config.user_config().is_file() else " (not there: defaults)")),
        ("journal", str(config.journal_path(settings))),
        ("own packs", str(library.user_folder())),
        ("cache", str(config.cache_folder())),
    ]
    if json:
        typer.echo(json_module.dumps(dict(findings)))
        return
    table = Table("what", "found", box=None, pad_edge=False)
    for what, found in findings:
        table.add_row(what, found)
    print_table(table)


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _found(look: Callable[[config.Settings], str], settings: config.Settings) -> str:
    """Return what `look` finds, or the sentence that says why it finds nothing."""
    try:
        return look(settings)
    except CueCoachError as error:
        return str(error)
    except (ImportError, OSError) as error:
        sentence = missing_library(error)
        if sentence is None:
            raise
        return f"none: {sentence}"


# OpenCV is imported where it is asked: that it does not load is a finding.
def _model(settings: config.Settings) -> str:
    return str(find_model(settings.pose, config.cache_folder()))


def _camera(settings: config.Settings) -> str:
    from cuecoach.source.camera import CameraSource

    source = CameraSource(settings.source.camera, settings.source)
    try:
        width, height = source.info.size_px
        return f"{source.info.name}: {width} x {height}, {source.info.rate_hz:g} frames a second"
    finally:
        source.close()


def _window(_settings: config.Settings) -> str:
    from cuecoach.view.window import why_no_window

    return why_no_window() or "yes"
