"""The adapter on real MediaPipe. Few frames: each costs tens of milliseconds."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import needs
import numpy as np
import pytest

from cuecoach.config import cache_folder
from cuecoach.errors import DeviceError
from cuecoach.pose.base import Candidate, Detections
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.model_file import find_model
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.film import FilmSource
from cuecoach.types import LANDMARKS, Frame
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

pytestmark = pytest.mark.pose

HIPS = [LANDMARKS.index("left_hip"), LANDMARKS.index("right_hip")]
KNEES = LANDMARKS.index("left_knee")
NOBODY = np.full((240, 320, 3), 90, np.uint8)


@pytest.fixture
def detector() -> Iterator[PoseDetector]:
    opened = PoseDetector(PoseSettings(model="full"), cache_folder())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def runner_film() -> list[np.ndarray]:
    """Pictures of a real runner, a second and more: the near leg stands, folds and reaches forward."""
    clip = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "clips" / "male_side.mp4"
    if not clip.exists():
        needs.missing("the shared clips and motion capture beside the checkout")
    film = FilmSource(clip)
    frames = [film.read() for _ in range(36)]
    film.close()
    return [frame.image_bgr for frame in frames if frame is not None]


@pytest.fixture(scope="module")
def runner_images(runner_film: list[np.ndarray]) -> list[np.ndarray]:
    """Five pictures of a real runner."""
    return runner_film[:5]


def test_a_runner_is_found_in_pixels_from_the_first_picture(
    detector: PoseDetector, runner_images: list[np.ndarray], capfd: pytest.CaptureFixture[str]
) -> None:
    for index, image in enumerate(runner_images):
        pose = detector.detect(Frame(index / 30, index, image)).pose
        assert pose is not None
        assert pose.t_s == index / 30
        assert pose.image_size_px == (720, 1280)
        assert pose.points_px.shape == (33, 2)
        assert ((pose.visibility >= 0) & (pose.visibility <= 1)).all()
        # Labelled by hand in this clip: the hips stay in this box.
        assert ((pose.points_px[HIPS] > (240, 820)) & (pose.points_px[HIPS] < (380, 960))).all()
    assert capfd.readouterr().err == "", "what native code says at its start stays off the terminal"


def test_times_closer_than_a_millisecond_are_accepted(detector: PoseDetector) -> None:
    for index in range(4):
        detector.detect(Frame(index * 0.0001, index, NOBODY))


def test_one_picture_of_another_size_is_no_trouble(detector: PoseDetector, runner_images: list[np.ndarray]) -> None:
    detector.detect(Frame(0.0, 0, NOBODY))
    small = np.ascontiguousarray(cv2.resize(runner_images[0], None, fx=0.5, fy=0.5))
    pose = detector.detect(Frame(0.1, 1, small)).pose
    assert pose is not None
    assert pose.image_size_px == (360, 640)
    assert ((pose.points_px[HIPS] > (120, 410)) & (pose.points_px[HIPS] < (190, 480))).all()


def test_a_runner_who_is_not_found_beside_somebody_else_is_looked_for_where_the_runner_was(
    detector: PoseDetector,
) -> None:
    runner = VirtualRunner(VirtualRunnerSettings(faults=("none",), rate_hz=15.0, width_px=480, height_px=360))
    for index in range(30):  # who strides for 1.6 s is the runner
        frame = runner.frame(index)
        detector.detect(frame)
    frame = runner.frame(30)
    seen = detector.detect_all(frame)
    coach = Candidate(seen.people[0].points_px + np.array([150, 0]), seen.people[0].visibility, seen.people[0].mask)
    assert detector.select_runner(frame, Detections([], seen)).pose is None  # nobody else is there to hide the runner
    frame = runner.frame(31)
    pose = detector.select_runner(frame, Detections([coach], seen)).pose
    assert pose is not None
    off_px = np.hypot(*(pose.points_px - frame.truth.points_px)[[*HIPS, KNEES, KNEES + 1]].T)
    assert off_px.max() < 0.05 * 360


def test_the_silhouette_moves_only_legs_and_only_when_asked_for(
    detector: PoseDetector, runner_film: list[np.ndarray]
) -> None:
    plain = PoseDetector(PoseSettings(model="full", silhouette=False), cache_folder())
    most = 0.0
    for index, image in enumerate(runner_film):
        frame = Frame(index / 30, index, image)
        raw, corrected = plain.detect(frame).pose, detector.detect(frame).pose
        assert raw is not None
        assert corrected is not None
        moved = np.abs(corrected.points_px - raw.points_px).max(axis=1)
        assert (moved[:KNEES] == 0).all()
        most = max(most, float(moved.max()))
    assert 3 < most < 60, "px; a shank is 150 px long and the near leg folds once"
    x, y = raw.points_px[HIPS].mean(axis=0).astype(int)
    again = Frame(2.0, 99, runner_film[-1])
    mask = detector.detect_all(again).people[0].mask
    assert mask is not None
    assert mask.shape == (1280, 720)
    assert mask[y, x] > 0.5 > mask[20, 20]
    assert plain.detect_all(again).people[0].mask is None
    plain.close()


@pytest.mark.parametrize("broken", ["version", "cut"])
def test_a_broken_model_ends_in_one_sentence_that_names_it(
    tmp_path: Path, broken: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.task"
    with (
        zipfile.ZipFile(find_model(PoseSettings(model="full"), cache_folder()).path) as sound,
        zipfile.ZipFile(path, "w") as copy,
    ):
        for member in sound.namelist():
            content = sound.read(member)
            copy.writestr(member, content[:8] + bytes(500) if broken == "version" else content[: len(content) // 2])
    capfd.readouterr()
    with pytest.raises(DeviceError) as caught:
        PoseDetector(PoseSettings(model=str(path)), tmp_path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""
