"""Chooses the pose model for a source: the best there is for a film, the best that keeps up for a camera.

Owns the measurement of how fast a model is on this machine. Which file a model has is `model_file.py`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cuecoach.pose.base import PoseBackend
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.model_catalogue import FULL, HEAVY
from cuecoach.pose.model_download import Progress
from cuecoach.pose.model_file import find_model
from cuecoach.pose.settings import AUTO, PoseSettings
from cuecoach.types import Frame, SourceKind
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import NONE, VirtualRunnerSettings

NEEDED_HZ = 25.0  # ten pictures in a swing of 0.4 s
_LOOP_SHARE = 0.2  # of the cores, kept for decoding, gait, window and sound; an engineering choice
_MEASURED_S = 1.0
_DRAWN_PX = 640


def open_detector(
    settings: PoseSettings,
    kind: SourceKind,
    live: bool,
    size_px: tuple[int, int],
    cache_dir: Path,
    progress: Progress | None = None,
) -> PoseDetector:
    """Open MediaPipe with the model that fits a source; its notices say which a live one got, and why.

    `auto` is the full model for the virtual runner, whose drawing leaves nothing to gain; the best that is there for a
    film; and for a source that does not wait the best that finds `NEEDED_HZ` pictures a second on this machine.

    Parameters
    ----------
    settings : PoseSettings
    kind, live, size_px
        What the source says of itself: `size_px` is width, height.
    cache_dir, progress
        See `model_file.find_model`, which also says what is raised.
    """
    full = dataclasses.replace(settings, model=FULL.name)
    if _is_auto(settings) and kind is SourceKind.VIRTUAL:
        return PoseDetector(full, cache_dir, progress)
    if not (_is_auto(settings) and live):
        return PoseDetector(settings, cache_dir, progress)
    best = find_model(settings, cache_dir, progress)
    if best.name == FULL.name:
        return PoseDetector(settings, cache_dir, progress)
    rate_hz = measured_rate_hz(settings, size_px, cache_dir)
    if rate_hz >= NEEDED_HZ:
        told = f"Pose model {best.name}: it keeps {rate_hz:.0f} pictures a second on this machine."
        return PoseDetector(settings, cache_dir, notices=[told])
    told = (
        f"Pose model full: {best.name} would keep {rate_hz:.0f} pictures a second on this machine, and "
        f"{NEEDED_HZ:g} are needed; films are measured with {best.name}."
    )
    return PoseDetector(full, cache_dir, progress, notices=[told])


def heavy_hint(settings: PoseSettings, cache_dir: Path) -> str:
    """Return in a sentence what the heavy model would bring, "" when it is there or another model is wanted."""
    if not _is_auto(settings) or (cache_dir / HEAVY.file_name).exists():
        return ""
    return HEAVY.offer


def measured_rate_hz(settings: PoseSettings, size_px: tuple[int, int], cache_dir: Path) -> float:
    """Return how many pictures of this size a session would search in a second with all its workers.

    Takes about two seconds: the model is opened, and searches a drawn runner for one of them.
    """
    detector = PoseDetector(settings, cache_dir)
    try:
        return (1.0 - _LOOP_SHARE) * searched_hz(detector, drawn_pictures(size_px), _MEASURED_S)
    finally:
        detector.close()


def searched_hz(detector: PoseBackend, pictures: Sequence[NDArray[np.uint8]], seconds: float) -> float:
    """Return how many pictures a second all workers of a backend search together, measured for some seconds."""
    workers = detector.start_workers()
    frames = [Frame(0.0, index, picture) for index, picture in enumerate(pictures)]

    def search(worker: int) -> int:
        count = 0
        while time.monotonic() < until_s:
            detector.detect_all(frames[count % len(frames)], worker)
            count += 1
        return count

    with ThreadPoolExecutor(workers) as pool:
        # The landmark network is made ready with the first person.
        list(pool.map(detector.detect_all, frames[:1] * workers, range(workers)))
        began_s = time.monotonic()
        until_s = began_s + seconds
        count = sum(pool.map(search, range(workers)))
        return count / (time.monotonic() - began_s)


def drawn_pictures(size_px: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return the virtual runner in pictures of this size, at some moments of a stride.

    A picture without a person would cost a third: landmarks are searched where somebody is found.
    """
    scale = _DRAWN_PX / max(size_px)
    width_px, height_px = (max(1, round(scale * side_px)) for side_px in size_px)
    runner = VirtualRunner(VirtualRunnerSettings(faults=(NONE,), width_px=width_px, height_px=height_px))
    drawn = [runner.frame(index).image_bgr for index in (0, 5, 10)]
    return [np.asarray(cv2.resize(picture, size_px), dtype=np.uint8) for picture in drawn]


def _is_auto(settings: PoseSettings) -> bool:
    return settings.model in ("", AUTO)
