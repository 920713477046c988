"""Landmarks of films by real MediaPipe, through the package's own detector, kept in bench/out for the next time.

Owns that cache: a recording is used again while the pictures, MediaPipe's version, the detector's own code and the
question asked are the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import cuecoach.pose
from bench.table import OUT
from cuecoach.config import cache_folder
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.model_catalogue import FULL
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.base import Source
from cuecoach.source.film import FilmSource
from cuecoach.source.landmark_recording import RecordingSource, RecordingWriter
from cuecoach.types import Frame, PoseFrame


def pose_frames_of(film: Path, raw: bool = False) -> list[PoseFrame]:
    """Return who runs in each frame of a film; `raw` leaves the landmarks as MediaPipe gives them."""
    settings = dataclasses.replace(PoseSettings(), model=FULL.name, silhouette=not raw, align_hips=not raw)
    return recorded(film.stem, film.read_bytes(), lambda: FilmSource(film), settings)


def recorded(name: str, content: bytes, open_source: Callable[[], Source], settings: PoseSettings) -> list[PoseFrame]:
    """Return who runs in each picture of a source: from the recording of the last time, or by the detector.

    Parameters
    ----------
    name : what the recording's file is called, beside what tells it from others.
    content : all that decides what the pictures show.
    open_source : opens it, when it has to be looked at.
    settings : of the detector.
    """
    asked = content + repr(settings).encode() + _DETECTOR + version("mediapipe").encode()
    recording = OUT / f"{name}-{hashlib.sha256(asked).hexdigest()[:16]}.landmarks.csv.gz"
    if not recording.is_file():
        _detect(open_source(), settings, recording)
    return read_all(RecordingSource(recording))


def code_of(package: ModuleType, but: str = "") -> bytes:
    """Return the text and data of a package's own files but some, for telling whether they are still the same."""
    own, left_out = Path(package.__path__[0]), set(Path(package.__path__[0]).glob(but)) if but else set()
    return b"".join(path.read_bytes() for path in sorted(set(own.glob("*.*")) - left_out))


def detect_all(source: Source, settings: PoseSettings) -> list[PoseFrame]:
    """Run the detector over a source and return its pose frames; closes the source."""
    detector = PoseDetector(settings, cache_folder())
    pose_frames = []
    while (item := source.read()) is not None:
        pose_frames.append(detector.detect(item) if isinstance(item, Frame) else item)
    detector.close()
    source.close()
    return pose_frames


def read_all(source: Source) -> list[PoseFrame]:
    """Return all pose frames of a recording."""
    items = []
    while (item := source.read()) is not None:
        items.append(item)
    source.close()
    return [item for item in items if isinstance(item, PoseFrame)]


def _detect(source: Source, settings: PoseSettings, recording: Path) -> None:
    OUT.mkdir(exist_ok=True)
    info = source.info
    pose_frames = detect_all(source, settings)
    unfinished = recording.with_name(f"unfinished-{os.getpid()}.landmarks.csv.gz")
    with RecordingWriter(unfinished, info.rate_hz, info.size_px) as writer:
        for pose_frame in pose_frames:
            writer.write(pose_frame)
    unfinished.replace(recording)


_DETECTOR = code_of(cuecoach.pose, but="model_*")  # where a model's file comes from changes no landmark
