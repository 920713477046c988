"""A source with its pose model: what is opened, searched ahead, stopped and closed, and when."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from perfect_pose import PerfectPose, write_recording

from cuecoach.errors import DeviceError
from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.pipeline.pose_frames import PoseFrames, open_pose_frames
from cuecoach.source.base import SourceInfo
from cuecoach.types import Frame, PoseFrame, Side, SourceKind
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

PICTURE = np.zeros((4, 4, 3), np.uint8)
HANG_S = 20.0  # longer than anything here takes


class Pictures:
    """A source of `count` frames at 10 Hz; without a count it waits for light until it is closed."""

    def __init__(self, kind: SourceKind = SourceKind.VIDEO, live: bool = False, count: int | None = 8) -> None:
        self.info = SourceInfo(kind, "pictures", (4, 4), 10.0, live, 0.0 if live else None, count)
        self.given = self.closed = 0
        self.waiting = threading.Event()
        self._closed = threading.Event()

    def read(self) -> Frame | None:
        if self.info.frame_count is None:
            self.waiting.set()
            assert self._closed.wait(HANG_S)
        if self.given == self.info.frame_count or self._closed.is_set():
            return None
        self.given += 1
        return Frame((self.given - 1) / 10, self.given - 1, PICTURE)

    def notices(self) -> tuple[str, ...]:
        return ("a notice",)

    def close(self) -> None:
        self.closed += 1
        self._closed.set()


class VirtualPictures(Pictures):
    """A source whose runner responds to cues."""

    def __init__(self) -> None:
        super().__init__(SourceKind.VIRTUAL)
        self.heard: list[tuple[str, float]] = []

    def hear(self, fault: str, t_s: float) -> None:
        self.heard.append((fault, t_s))


class Detector:
    """Sees nobody anywhere; fails on the frames `fails`."""

    def __init__(self, *fails: int) -> None:
        self.workers = self.closed = 0
        self._fails = fails

    model = "nobody's"

    def notices(self) -> tuple[str, ...]:
        return ("of the model",)

    def start_workers(self) -> int:
        self.workers = 2
        return 2

    def detect_all(self, frame: Frame, worker: int = 0) -> Frame:
        if frame.index in self._fails:
            raise DeviceError(f"The pose model failed on frame {frame.index}.")
        return frame

    def select_runner(self, frame: Frame, detections: Frame) -> PoseFrame:
        assert detections.index == frame.index
        return PoseFrame(frame.t_s, frame.index, None)

    def detect(self, frame: Frame) -> PoseFrame:
        return self.select_runner(frame, self.detect_all(frame))

    def close(self) -> None:
        self.closed += 1


def opened(source: Pictures, detector: Detector | None = None, slow_motion: float = 1.0) -> PoseFrames:
    return PoseFrames(lambda: source, lambda: detector or Detector(), slow_motion)  # type: ignore[arg-type,return-value]


@pytest.fixture(params=[Pictures, VirtualPictures], ids=["ahead", "one by one"])
def source(request: pytest.FixtureRequest) -> Pictures:
    made: Pictures = request.param()
    return made


def test_every_frame_comes_once_in_order_with_its_picture(source: Pictures) -> None:
    with opened(source, slow_motion=4.0) as frames:
        seen = []
        while (frame := frames.read()) is not None:
            seen.append(frame)
        assert frames.read() is None
        assert frames.notices() == ("of the model", "a notice")
    assert [frame.pose_frame.index for frame in seen] == list(range(8))
    assert [frame.pose_frame.t_s for frame in seen] == [index / 40 for index in range(8)]
    assert all(frame.image_bgr is not None for frame in seen)


def test_a_picture_on_which_the_model_fails_shows_nobody_and_says_why(source: Pictures) -> None:
    with opened(source, Detector(3)) as frames:
        seen = [frames.read() for _ in range(8)]
    assert [frame.pose_frame.index for frame in seen if frame and frame.failure] == [3]
    assert seen[3] is not None
    assert seen[3].pose_frame.pose is None


def test_iterating_raises_that_failure(source: Pictures) -> None:
    with opened(source, Detector(3)) as frames, pytest.raises(DeviceError, match="frame 3"):
        list(frames)


def test_pictures_are_read_ahead_unless_the_runner_responds_to_cues() -> None:
    ahead, one_by_one = Pictures(), VirtualPictures()
    many, one = Detector(), Detector()
    with opened(ahead, many) as frames:
        assert not frames.runner_responds
        frames.read()
        begun_s = time.monotonic()
        while ahead.given < 2 and time.monotonic() - begun_s < HANG_S:
            time.sleep(0.001)
        assert ahead.given > 1
        frames.hear("lazy-heel", 1.0)  # who does not respond does not hear
    with opened(one_by_one, one) as frames:
        assert frames.runner_responds
        frames.read()
        assert one_by_one.given == 1
        frames.hear("lazy-heel", 1.0)
    assert one_by_one.heard == [("lazy-heel", 1.0)]
    assert (many.workers, one.workers) == (2, 0)


def test_a_landmark_recording_needs_no_pose_model(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "r.landmarks.csv", VirtualRunnerSettings(duration_s=4.0))
    with open_pose_frames(str(recording)) as frames:  # the whole of measuring, as a script would do it
        measurement = measure_pose_frames(frames, GaitSettings())
    assert measurement.counts.frames == 120
    assert measurement.counts.strides[Side.LEFT] > 1
    seen = PoseFrames(lambda: PerfectPose(VirtualRunnerSettings(duration_s=1.0)), lambda: pytest.fail("not needed"))
    assert len(list(seen)) == 30


@pytest.mark.parametrize(
    ("kind", "live", "times"),
    [
        (SourceKind.VIDEO, True, 2),
        (SourceKind.VIRTUAL, True, 2),
        (SourceKind.CAMERA, True, 1),
        (SourceKind.VIDEO, False, 1),
    ],
)
def test_only_what_is_paced_by_its_own_clock_is_opened_again(kind: SourceKind, live: bool, times: int) -> None:
    made: list[Pictures] = []

    def open_one() -> Pictures:
        made.append(Pictures(kind, live))
        return made[-1]

    frames = PoseFrames(open_one, Detector)  # type: ignore[arg-type]
    frames.restart()
    assert len(made) == times
    assert [one.closed for one in made] == [1] * (times - 1) + [0]
    assert len(list(frames)) == 8
    frames.close()
    assert [one.closed for one in made] == [1] * times


def test_stopping_ends_a_read_that_waits_and_closing_closes_each_once() -> None:
    source, detector = Pictures(SourceKind.CAMERA, live=True, count=None), Detector()
    frames = opened(source, detector)
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(frames.read()))
    reader.start()
    assert source.waiting.wait(HANG_S)
    frames.stop()
    reader.join(HANG_S)
    assert got == [None]
    assert (source.closed, detector.closed) == (1, 0), "the reader may still use the model"
    frames.close()
    frames.close()
    assert (source.closed, detector.closed) == (1, 1)
    assert frames.read() is None


def test_stopped_before_the_first_frame_nothing_is_read() -> None:
    source = Pictures()
    frames = opened(source)
    frames.stop()
    assert frames.read() is None
    assert source.given == 0
    frames.close()


def test_a_source_that_fails_to_close_leaves_no_model_open() -> None:
    class Stuck(Pictures):
        def close(self) -> None:
            raise DeviceError("The camera is stuck.")

    detector = Detector()
    frames = opened(Stuck(), detector)
    frames.open_detector()
    with pytest.raises(DeviceError, match="stuck"):
        frames.close()
    assert detector.closed == 1


def test_slow_motion_hastens_landmarks_and_nothing_else() -> None:
    virtual_runner = VirtualRunnerSettings(duration_s=1.0)
    plain = list(PoseFrames(lambda: PerfectPose(virtual_runner)))
    fast = list(PoseFrames(lambda: PerfectPose(virtual_runner), slow_motion=4.0))
    for one, other in zip(plain, fast, strict=True):
        assert one.pose is not None
        assert other.pose is not None
        assert other.t_s == other.pose.t_s == one.t_s / 4
        assert np.array_equal(other.pose.points_px, one.pose.points_px)
        assert replace(other, t_s=one.t_s).index == one.index
