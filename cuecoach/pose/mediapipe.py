"""The pose backend on MediaPipe's Tasks API, for mediapipe 0.10.21 and 1.x.

Owns the landmarkers and their clock. Who the runner is decides `runner_finder.py`, where a folded leg is
`silhouette.py`, and where the model file is `model_file.py`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cuecoach.errors import DeviceError, missing_library
from cuecoach.pose.base import Candidate, Detections
from cuecoach.pose.hips import HipAligner
from cuecoach.pose.model_catalogue import FULL, MODELS
from cuecoach.pose.model_download import Progress
from cuecoach.pose.model_file import find_model
from cuecoach.pose.runner_finder import RunnerFinder
from cuecoach.pose.settings import PoseSettings
from cuecoach.pose.silhouette import SilhouetteRefiner
from cuecoach.pose.stderr_filter import StderrFilter
from cuecoach.types import Frame, Pose, PoseFrame

_log = logging.getLogger(__name__)

# Of another look for a runner whom somebody hides: half width and half height about the hips, in sizes of the body.
_NEAR_RUNNER = (0.7, 0.95)
_LEAST_PART_PX = 32


class PoseDetector:
    """Finds people with MediaPipe (Bazarevsky et al. 2020) and selects the runner; see `base.PoseBackend`.

    With two or more `num_poses` every picture is searched afresh (IMAGE mode gives the same landmarks as VIDEO mode
    then, measured), so it does not matter which worker gets it. With one, landmarks are smoothed and one body is
    followed, by the one worker there is.

    Parameters
    ----------
    settings : PoseSettings
    cache_dir : Path
        Where the model file is kept (see `model_file.find_model`).
    progress : callable, optional
        Called with (bytes so far, bytes in all) while a model is downloaded.
    notices : sequence of str
        What `notices` gives at first.

    Raises
    ------
    InputError
        The configured model is missing or no pose model.
    DeviceError
        No model can be had, or MediaPipe does not start with it.
    """

    def __init__(
        self,
        settings: PoseSettings,
        cache_dir: Path,
        progress: Progress | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        file = find_model(settings, cache_dir, progress)
        self.model = file.name
        self._notices = [*notices, *filter(None, [file.notice])]
        self._finder = RunnerFinder()
        model = MODELS.get(file.name, FULL)  # nothing is known of a file of the user's own
        self._refiner = SilhouetteRefiner(model.silhouette_share)
        self._hip_aligner = HipAligner(model.hips_share if settings.align_hips else 0.0)
        self._settings = settings
        self._model = file.path.read_bytes()
        self._workers: list[_Worker] = []
        self._second_look: _Worker | None = None
        native = StderrFilter()
        try:
            with native.filtering():
                self._workers.append(_Worker(settings, self._model))
        except (RuntimeError, ValueError, OSError) as error:
            _log.debug("mediapipe did not start and said:\n%s%s", native.text, error)
            raise missing_library(error) or DeviceError(
                f"MediaPipe cannot start with the model {file.path} ({_first_line(error)}); "
                "delete the file, so that it is made again, or name another as pose.model."
            ) from error

    def start_workers(self) -> int:
        """Have as many workers as the settings and this machine allow; return how many."""
        wanted = min(self._settings.workers, os.cpu_count() or 1) if self._settings.num_poses > 1 else 1
        with StderrFilter().filtering():
            while len(self._workers) < wanted:
                self._workers.append(_Worker(self._settings, self._model))
        return len(self._workers)

    def detect(self, frame: Frame) -> PoseFrame:
        """Return who runs in this picture; pose None when nobody does.

        Frames come in the order of time. Raises DeviceError when MediaPipe fails on the picture.
        """
        return self.select_runner(frame, self.detect_all(frame))

    def detect_all(self, frame: Frame, worker: int = 0) -> Detections:
        """Return everybody found in this picture.

        May be called from several threads at once, each with a worker of its own. Raises DeviceError as `detect`.
        """
        if not self._workers:
            raise DeviceError("The pose model is closed already; open a new PoseDetector.")
        return self._workers[worker].detect_all(frame)

    def select_runner(self, frame: Frame, detections: Detections) -> PoseFrame:
        """Return who of those found in this picture runs. Called in the order of time, by one thread."""
        height_px, width_px = frame.image_bgr.shape[:2]
        people, size_px = detections.people, (width_px, height_px)
        hidden = self._finder.hidden_at(frame.t_s, people, size_px) if self._settings.num_poses > 1 else None
        if hidden is not None:
            people = [*people, *self._look_again(frame, *hidden)]
        runner = self._finder.update(frame.t_s, people, size_px)
        if runner is None:
            largest = max(people, key=lambda person: float(np.ptp(person.points_px[:, 1])), default=None)
            return PoseFrame(frame.t_s, frame.index, None, None if largest is None else self._pose(frame, largest))
        runner = self._hip_aligner.align(frame.t_s, self._refiner.refine(frame.t_s, runner))
        return PoseFrame(frame.t_s, frame.index, self._pose(frame, runner))

    def _pose(self, frame: Frame, person: Candidate) -> Pose:
        height_px, width_px = frame.image_bgr.shape[:2]
        return Pose(frame.t_s, person.points_px, person.visibility, (width_px, height_px))

    def _look_again(self, frame: Frame, hip_px: tuple[float, float], body_px: float) -> list[Candidate]:
        """Return who may be the runner in the part of the picture where the runner was: others hide less of it."""
        if self._second_look is None:
            with StderrFilter().filtering():
                self._second_look = _Worker(self._settings, self._model)
        height_px, width_px = frame.image_bgr.shape[:2]
        (x, y), (half_width, half_height) = hip_px, (share * body_px for share in _NEAR_RUNNER)
        left, right = max(0, round(x - half_width)), min(width_px, round(x + half_width))
        top, bottom = max(0, round(y - half_height)), min(height_px, round(y + half_height))
        if right - left < _LEAST_PART_PX or bottom - top < _LEAST_PART_PX:
            return []
        part = np.ascontiguousarray(frame.image_bgr[top:bottom, left:right])
        found = self._second_look.detect_all(Frame(frame.t_s, frame.index, part))
        size_px = width_px, height_px
        whole = [_in_whole(candidate, (left, top), size_px) for candidate in found.people]
        return [candidate for candidate in whole if self._finder.may_be_runner(frame.t_s, candidate, size_px)]

    def notices(self) -> tuple[str, ...]:
        """Return, once each, what the user should know of the model."""
        told, self._notices = tuple(self._notices), []
        return told

    def close(self) -> None:
        """Release the model. May be called more than once."""
        workers = [*self._workers, *([self._second_look] if self._second_look else [])]
        self._workers, self._second_look = [], None
        with StderrFilter().filtering():
            for worker in workers:
                worker.close()


class _Worker:
    """One landmarker, for one thread at a time."""

    def __init__(self, settings: PoseSettings, model: bytes) -> None:
        # Imported here: a second of start-up that only pictures need.
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        self._image_class = mediapipe.Image
        self._image_format = mediapipe.ImageFormat.SRGB
        self._follows = settings.num_poses == 1
        self._last_ms = -1
        self._found_somebody = False
        self._landmarker: Any = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                # Bytes, not the path: MediaPipe's own opening of files stumbles over drive letters and accents.
                base_options=BaseOptions(model_asset_buffer=model),
                running_mode=vision.RunningMode.VIDEO if self._follows else vision.RunningMode.IMAGE,
                num_poses=settings.num_poses,
                min_pose_detection_confidence=settings.min_detection_confidence,
                min_pose_presence_confidence=settings.min_presence_confidence,
                min_tracking_confidence=settings.min_tracking_confidence,
                output_segmentation_masks=settings.silhouette,
            )
        )

    def detect_all(self, frame: Frame) -> Detections:
        """Return everybody found in this picture."""
        image = self._image_class(
            image_format=self._image_format, data=cv2.cvtColor(frame.image_bgr, cv2.COLOR_BGR2RGB)
        )
        try:
            if self._found_somebody:
                result = self._result(image, frame.t_s)
            else:
                # The landmark network first runs, and logs that it does, with the first person.
                with StderrFilter().filtering():
                    result = self._result(image, frame.t_s)
        except (RuntimeError, ValueError) as error:
            raise DeviceError(
                f"MediaPipe failed on frame {frame.index} ({_first_line(error)}); the frame counts as nobody seen."
            ) from error
        self._found_somebody = self._found_somebody or bool(result.pose_landmarks)
        height_px, width_px = frame.image_bgr.shape[:2]
        masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
        people = [
            _candidate(landmarks, mask, width_px, height_px)
            for landmarks, mask in zip(result.pose_landmarks, masks, strict=True)
        ]
        return Detections(people, result)

    def _result(self, image: Any, t_s: float) -> Any:
        if not self._follows:
            return self._landmarker.detect(image)
        # MediaPipe wants whole, strictly rising milliseconds; above 1000 Hz two frames would share one.
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))
        return self._landmarker.detect_for_video(image, self._last_ms)

    def close(self) -> None:
        """Release the landmarker."""
        self._landmarker.close()


def _candidate(landmarks: list[Any], mask: Any, width_px: int, height_px: int) -> Candidate:
    """Turn MediaPipe's landmarks, fractions of the picture, into pixels, and its mask image into an array."""
    values = np.array([(point.x, point.y, point.visibility) for point in landmarks], dtype=np.float64)
    # 1.x gives the mask a third axis of length 1. It is a view, good as long as the result it came with.
    pixels = None if mask is None else mask.numpy_view().reshape(height_px, width_px)
    return Candidate(values[:, :2] * (width_px, height_px), values[:, 2], pixels)


def _in_whole(candidate: Candidate, corner_px: tuple[int, int], size_px: tuple[int, int]) -> Candidate:
    """Return a candidate found in a part of a picture, whose top left corner is given, as of the whole picture."""
    mask = None
    if candidate.mask is not None:
        (left, top), (height, width) = corner_px, candidate.mask.shape
        mask = np.zeros((size_px[1], size_px[0]), candidate.mask.dtype)
        mask[top : top + height, left : left + width] = candidate.mask
    return Candidate(candidate.points_px + corner_px, candidate.visibility, mask)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
