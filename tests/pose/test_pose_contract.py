"""What every pose backend promises (`cuecoach.pose.base.PoseBackend`), on MediaPipe and on the perfect-pose helper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from perfect_pose import PerfectDetector

from cuecoach.config import cache_folder
from cuecoach.errors import DeviceError
from cuecoach.pose.base import PoseBackend
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.settings import PoseSettings
from cuecoach.types import LANDMARKS, LEG_LANDMARKS, Frame, PoseFrame
from cuecoach.virtual_runner.runner import VirtualRunner, VirtualRunnerFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

BACKENDS: dict[str, Callable[[], PoseBackend]] = {
    "perfect pose": PerfectDetector,
    "mediapipe": lambda: PoseDetector(PoseSettings(model="full", workers=2), cache_folder()),
    "mediapipe with one person": lambda: PoseDetector(PoseSettings(model="full", num_poses=1), cache_folder()),
}
RUN = VirtualRunnerSettings(width_px=480, height_px=640, rate_hz=30.0)
SIZE_PX = (480, 640)
NOBODY = np.full((240, 320, 3), 90, np.uint8)
LEGS = [row for leg in LEG_LANDMARKS for row in leg]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.pose] * (name != "perfect pose")) for name in BACKENDS])
def backend(request: pytest.FixtureRequest) -> Iterator[PoseBackend]:
    opened = BACKENDS[request.param]()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def frames() -> list[VirtualRunnerFrame]:
    runner = VirtualRunner(RUN)
    return [runner.frame(index) for index in range(5)]


def test_a_picture_without_a_person_is_nobody(backend: PoseBackend) -> None:
    frame = Frame(0.25, 7, NOBODY)
    assert len(backend.detect_all(frame).people) == 0
    found = backend.detect(Frame(0.30, 8, NOBODY))
    assert (found.t_s, found.index, found.pose) == (0.30, 8, None)


def test_a_runner_is_found_in_pixels_of_the_picture(backend: PoseBackend, frames: list[VirtualRunnerFrame]) -> None:
    for frame in frames:
        pose_frame = backend.detect(frame)
        pose = pose_frame.pose
        assert pose is not None
        assert (pose_frame.t_s, pose_frame.index, pose.t_s) == (frame.t_s, frame.index, frame.t_s)
        assert pose.image_size_px == SIZE_PX
        assert pose.points_px.shape == (len(LANDMARKS), 2)
        assert pose.visibility.shape == (len(LANDMARKS),)
        assert ((pose.visibility >= 0) & (pose.visibility <= 1)).all()
        away_px = np.abs(pose.points_px - frame.truth.points_px)[LEGS]
        assert np.median(away_px) < 20, "px, of a body 400 px high"


def test_what_is_found_before_the_choice_has_the_same_form(
    backend: PoseBackend, frames: list[VirtualRunnerFrame]
) -> None:
    people = backend.detect_all(frames[0]).people
    assert len(people) >= 1
    for person in people:
        assert person.points_px.shape == (len(LANDMARKS), 2)
        assert person.visibility.shape == (len(LANDMARKS),)
        if person.mask is not None:
            assert person.mask.shape == SIZE_PX[::-1]
            assert 0.0 <= person.mask.min() < person.mask.max() <= 1.0


def test_detect_all_and_select_runner_are_detect_whatever_the_worker(
    backend: PoseBackend, frames: list[VirtualRunnerFrame], request: pytest.FixtureRequest
) -> None:
    other = BACKENDS[request.node.callspec.params["backend"]]()
    expected = [other.detect(frame) for frame in frames]
    other.close()
    count = backend.start_workers()
    assert count >= 1
    assert backend.start_workers() == count, "starting them again starts no more"
    workers = [index % count for index in range(len(frames))]
    with ThreadPoolExecutor(1) as pool:
        found = list(pool.map(backend.detect_all, frames, workers))
    for frame, detections, one in zip(frames, found, expected, strict=True):
        assert_same(backend.select_runner(frame, detections), one)


def assert_same(one: PoseFrame, other: PoseFrame) -> None:
    assert (one.t_s, one.index) == (other.t_s, other.index)
    assert one.pose is not None
    assert other.pose is not None
    np.testing.assert_array_equal(one.pose.points_px, other.pose.points_px)
    np.testing.assert_array_equal(one.pose.visibility, other.pose.visibility)


def test_the_workers_search_at_the_same_time(backend: PoseBackend, frames: list[VirtualRunnerFrame]) -> None:
    count = backend.start_workers()
    with ThreadPoolExecutor(count) as pool:
        for worker, detections in enumerate(pool.map(backend.detect_all, frames[:count], range(count))):
            assert len(detections.people) >= 1, f"worker {worker}"


def test_it_says_which_model_it_has_and_each_notice_once(backend: PoseBackend) -> None:
    assert backend.model
    assert all(isinstance(sentence, str) for sentence in backend.notices())
    assert backend.notices() == ()


def test_closed_is_closed(backend: PoseBackend) -> None:
    backend.close()
    backend.close()
    with pytest.raises(DeviceError, match="closed"):
        backend.detect_all(Frame(0.0, 0, NOBODY))
