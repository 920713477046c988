"""Which pose model a source gets, how fast one is here, and the real heavy one."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from perfect_pose import PerfectDetector

from cuecoach.config import cache_folder
from cuecoach.pose import model_choice
from cuecoach.pose.base import Detections
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.pose.model_catalogue import FULL, HEAVY
from cuecoach.pose.model_choice import drawn_pictures, heavy_hint, open_detector, searched_hz
from cuecoach.pose.model_file import cached_fault, obtain
from cuecoach.pose.settings import PoseSettings
from cuecoach.types import LEG_LANDMARKS, Frame, SourceKind
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SIZE_PX = (480, 640)
CAMERA, FILM, VIRTUAL = SourceKind.CAMERA, SourceKind.VIDEO, SourceKind.VIRTUAL


def opened_for(kind: SourceKind, live: bool, cache: Path, model: str = "auto") -> tuple[str, tuple[str, ...]]:
    detector = open_detector(PoseSettings(model=model), kind, live, SIZE_PX, cache)
    detector.close()
    return detector.model, detector.notices()


@pytest.mark.parametrize(("size_px", "runner_px"), [((1280, 720), 500), ((720, 1280), 800), ((320, 240), 170)])
def test_the_drawn_pictures_have_the_sources_size_and_show_a_runner_who_moves(
    size_px: tuple[int, int], runner_px: int
) -> None:
    pictures = drawn_pictures(size_px)
    assert len(pictures) == 3
    assert {picture.shape for picture in pictures} == {(size_px[1], size_px[0], 3)}
    moved = np.abs(pictures[0].astype(int) - pictures[1]).max(axis=2) > 40
    rows = np.flatnonzero(moved.any(axis=1))
    assert np.ptp(rows) > 0.6 * runner_px


def test_the_rate_is_that_of_all_workers_together() -> None:
    class Slow(PerfectDetector):
        def detect_all(self, frame: Frame, worker: int = 0) -> Detections:
            time.sleep(0.02)
            return super().detect_all(frame, worker)

    assert 60 < searched_hz(Slow(), drawn_pictures(SIZE_PX), 0.4) <= 100, "two workers, each 50 a second"


def test_what_heavy_would_bring_is_told_where_it_could_be_used(tmp_path: Path) -> None:
    hint = heavy_hint(PoseSettings(), tmp_path)
    for word in ("4.5 instead of 5.3 degrees", "twice the time", "cuecoach models fetch heavy", "31 MB"):
        assert word in hint
    assert heavy_hint(PoseSettings(model="full"), tmp_path) == ""
    (tmp_path / HEAVY.file_name).touch()
    assert heavy_hint(PoseSettings(), tmp_path) == ""


@pytest.mark.pose
def test_without_heavy_nothing_is_measured_nor_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice, "measured_rate_hz", lambda *_: pytest.fail("there is nothing to choose"))
    shutil.copy(obtain(FULL, cache_folder()), tmp_path)
    assert opened_for(CAMERA, True, tmp_path) == ("full", ())


@pytest.mark.pose
def test_heavy_finds_the_drawn_runner_and_not_as_full_does(heavy_cache: Path) -> None:
    assert cached_fault(HEAVY, heavy_cache) == ""
    runner = VirtualRunner(VirtualRunnerSettings(width_px=SIZE_PX[0], height_px=SIZE_PX[1]))
    frame = runner.frame(3)
    points = {}
    for model in ("full", "heavy"):
        detector = PoseDetector(PoseSettings(model=model), heavy_cache)
        pose = detector.detect(frame).pose
        detector.close()
        assert pose is not None, model
        points[model] = pose.points_px
        legs = [row for leg in LEG_LANDMARKS for row in leg]
        assert np.median(np.abs(pose.points_px - frame.truth.points_px)[legs]) < 20, "px, of a body 400 px high"
    assert np.abs(points["full"] - points["heavy"]).max() > 1.0


@pytest.mark.pose
def test_a_film_gets_heavy_where_it_is_and_the_virtual_runner_does_not(heavy_cache: Path) -> None:
    assert opened_for(FILM, False, heavy_cache) == ("heavy", ())
    assert opened_for(VIRTUAL, False, heavy_cache) == ("full", ())
    assert opened_for(VIRTUAL, True, heavy_cache) == ("full", ())


@pytest.mark.pose
def test_a_camera_gets_the_best_that_keeps_up_and_is_told(heavy_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice, "NEEDED_HZ", 0.001)
    model, (told,) = opened_for(CAMERA, True, heavy_cache)
    assert model == "heavy"
    assert "pictures a second on this machine" in told
    monkeypatch.setattr(model_choice, "NEEDED_HZ", 10_000.0)
    model, (told,) = opened_for(CAMERA, True, heavy_cache)
    assert model == "full"
    assert told.startswith("Pose model full: heavy would keep")
    monkeypatch.setattr(model_choice, "measured_rate_hz", lambda *_: pytest.fail("the user has chosen"))
    assert opened_for(CAMERA, True, heavy_cache, "heavy") == ("heavy", ())
    assert opened_for(CAMERA, True, heavy_cache, "full") == ("full", ())


@pytest.mark.pose
def test_a_copy_of_a_model_is_known_by_its_name_wherever_it_is(heavy_cache: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.task"
    copy.write_bytes((heavy_cache / HEAVY.file_name).read_bytes())
    assert opened_for(FILM, False, tmp_path, str(copy)) == ("heavy", ())
