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
        runner = self._finder.update(frame.t_s, detections.people, (width_px, height_px))
        if runner is None:
            return PoseFrame(frame.t_s, frame.index, None)
        runner = self._hip_aligner.align(frame.t_s, self._refiner.refine(frame.t_s, runner))
        pose = Pose(frame.t_s, runner.points_px, runner.visibility, (width_px, height_px))
        return PoseFrame(frame.t_s, frame.index, pose)

    def notices(self) -> tuple[str, ...]:
        """Return, once each, what the user should know of the model."""
        told, self._notices = tuple(self._notices), []
        return told

    def close(self) -> None:
        """Release the model. May be called more than once."""
        workers, self._workers = self._workers, []
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


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
