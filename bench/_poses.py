"""Landmarks of films by real MediaPipe, through the package's own detector, kept in bench/out for the next time.

Owns that cache: a recording is used again while film, MediaPipe version and the question asked are the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
from importlib.metadata import version
from pathlib import Path

from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.base import Source
from cuecoach.source.recording import RecordingSource, RecordingWriter
from cuecoach.source.video import VideoSource
from cuecoach.types import Frame, Sighting

OUT = Path(__file__).resolve().parent / "out"


def sightings_of(film: Path, raw: bool = False) -> list[Sighting]:
    """Return who runs in each frame of a film; `raw` leaves the landmarks as MediaPipe gives them."""
    digest = hashlib.sha256(film.read_bytes()).hexdigest()[:12]
    recording = OUT / f"{film.stem}-{digest}-mediapipe{version('mediapipe')}{'-raw' if raw else ''}.landmarks.csv.gz"
    if not recording.is_file():
        _detect(film, recording, raw)
    return read_all(RecordingSource(recording))


def detect_all(source: Source, settings: PoseSettings) -> list[Sighting]:
    """Run the detector over a source and return its sightings; closes the source."""
    detector = PoseDetector(settings, OUT)
    sightings = []
    while (item := source.read()) is not None:
        sightings.append(detector.detect(item) if isinstance(item, Frame) else item)
    detector.close()
    source.close()
    return sightings


def read_all(source: Source) -> list[Sighting]:
    """Return all sightings of a recording."""
    items = []
    while (item := source.read()) is not None:
        items.append(item)
    source.close()
    return [item for item in items if isinstance(item, Sighting)]


def _detect(film: Path, recording: Path, raw: bool) -> None:
    OUT.mkdir(exist_ok=True)
    source = VideoSource(film)
    info = source.info
    sightings = detect_all(source, dataclasses.replace(PoseSettings(), outlines=not raw))
    unfinished = recording.with_name("unfinished.landmarks.csv.gz")
    with RecordingWriter(unfinished, info.rate_hz, info.size_px) as writer:
        for sighting in sightings:
            writer.write(sighting)
    unfinished.replace(recording)
