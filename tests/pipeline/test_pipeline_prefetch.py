"""Detecting ahead in threads must change nothing but the time it takes."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from cuecoach.config import cache_folder
from cuecoach.errors import DeviceError
from cuecoach.pipeline.prefetch import PrefetchingDetector
from cuecoach.pose.base import Detections
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.base import SourceInfo
from cuecoach.source.film import FilmSource
from cuecoach.types import Frame, Pose, PoseFrame, SourceKind

PICTURE = np.zeros((4, 4, 3), np.uint8)
HANG_S = 20.0  # longer than anything here takes


class Pictures:
    """A source of `count` frames; after them it ends, breaks, or (like a camera without light) waits to be closed."""

    def __init__(self, count: int, then: str = "end") -> None:
        self.info = SourceInfo(SourceKind.VIDEO, "pictures", (4, 4), 30.0, False, None, count)
        self.given = 0
        self.waiting, self.closed = threading.Event(), threading.Event()
        self._count, self._then = count, then

    def read(self) -> Frame | None:
        if self.given < self._count and not self.closed.is_set():
            self.given += 1
            return Frame((self.given - 1) / 30, self.given - 1, PICTURE)
        if self._then == "wait":
            self.waiting.set()
            assert self.closed.wait(HANG_S)
        if self._then == "break":
            raise DeviceError("The camera is gone.")
        return None

    def notices(self) -> tuple[str, ...]:
        return ("a notice",)

    def close(self) -> None:
        self.closed.set()


class TwoWorkers:
    """A backend whose worker on every even frame waits for the next frame's: they must come out in order.

    Fails on frame `fails`.
    """

    def __init__(self, fails: int = -1) -> None:
        self.busy: set[int] = set()
        self._fails = fails
        self._seen = [threading.Event() for _ in range(100)]

    def start_workers(self) -> int:
        return 2

    def detect_all(self, frame: Frame, worker: int = 0) -> Detections:
        assert worker not in self.busy, "two threads with one landmarker"
        self.busy.add(worker)
        if frame.index % 2 == 0:
            self._seen[frame.index + 1].wait(0.2)
        self._seen[frame.index].set()
        self.busy.discard(worker)
        if frame.index == self._fails:
            raise DeviceError("MediaPipe failed.")
        return Detections((), frame.index)

    def detect(self, frame: Frame) -> PoseFrame:
        return self.select_runner(frame, self.detect_all(frame))

    def select_runner(self, frame: Frame, detections: Detections) -> PoseFrame:
        assert detections.masks_owner == frame.index, "the detections of another picture"
        pose = Pose(frame.t_s, np.full((33, 2), frame.index), np.ones(33), (4, 4))
        return PoseFrame(frame.t_s, frame.index, pose)

    def close(self) -> None:
        pass


def opened(source: Pictures, detector: TwoWorkers | None = None) -> PrefetchingDetector:
    return PrefetchingDetector(source, detector or TwoWorkers())


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_every_frame_comes_once_in_order_with_its_own_detections(count: int) -> None:
    detector = opened(Pictures(count))
    seen = []
    while (item := detector.read()) is not None:
        assert isinstance(item, Frame)
        seen.append(detector.detect(item).index)
    assert seen == list(range(count))
    assert detector.read() is None, "the end is the end"
    detector.close()
    detector.close()


def test_little_is_read_ahead_so_that_a_live_picture_is_fresh() -> None:
    source = Pictures(50, then="wait")
    detector = opened(source)
    for _ in range(10):
        assert detector.read() is not None
    assert source.given <= 10 + 3
    detector.close()


def test_a_picture_on_which_the_model_fails_is_told_with_that_picture() -> None:
    detector = opened(Pictures(4), TwoWorkers(fails=1))
    for index in range(4):
        frame = detector.read()
        assert isinstance(frame, Frame)
        if index == 1:
            with pytest.raises(DeviceError, match="failed"):
                detector.detect(frame)
        else:
            assert detector.detect(frame).index == index
    detector.close()


def test_closing_from_another_thread_ends_a_read_that_waits() -> None:
    source = Pictures(0, then="wait")
    detector = opened(source)
    assert source.waiting.wait(HANG_S)
    closing = threading.Timer(0.05, detector.close)
    closing.start()
    assert detector.read() is None
    closing.join()
    assert detector.read() is None


def test_what_the_source_raises_reaches_the_reader() -> None:
    detector = opened(Pictures(1, then="break"))
    assert detector.read() is not None
    with pytest.raises(DeviceError, match="gone"):
        detector.read()
    detector.close()


@pytest.mark.pose
def test_a_film_gives_the_same_landmarks_as_without_threads(shared_data: Path) -> None:
    found = []
    for ahead in (False, True):
        film = FilmSource(shared_data / "clips" / "male_side.mp4")
        backend = PoseDetector(PoseSettings(model="full"), cache_folder())
        detector = PrefetchingDetector(film, backend) if ahead else None
        points = []
        for _ in range(20):
            frame = (detector or film).read()
            assert isinstance(frame, Frame)
            pose = (detector or backend).detect(frame).pose
            assert pose is not None
            points.append(pose.points_px)
        (detector or film).close()
        backend.close()
        found.append(points)
    np.testing.assert_array_equal(*found)
