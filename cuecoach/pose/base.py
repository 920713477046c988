"""The protocol of a pose backend, and what it finds in a picture before one person is selected.

`tests/pose/test_pose_contract.py` holds every backend to it; `mediapipe.py` is the one that users get.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import FloatArray, Frame, PoseFrame


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One person as found in one picture: `points_px` (33, 2), `visibility` (33,) 0..1.

    `mask` (h, w) 0..1 float32 says which pixels are this person, None when the backend gives none; valid as long as
    the `Detections` it belongs to.
    """

    points_px: FloatArray
    visibility: FloatArray
    mask: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Everybody found in one picture, in any order, before the runner is selected."""

    people: Sequence[Candidate]
    # Masks may be views of a backend's own memory, which must live as long as they do.
    masks_owner: object = field(default=None, repr=False)


class Detector(Protocol):
    """Finds the runner's landmarks in pictures, one picture after the other."""

    def detect(self, frame: Frame) -> PoseFrame:
        """Return who runs in this picture, pose None when nobody does.

        Frames come in the order of time. Raises DeviceError when the backend fails on the picture.
        """
        ...


class PoseBackend(Detector, Protocol):
    """A detector whose work can be spread over threads: each picture is searched alone, then the runner is selected.

    `detect(frame)` is `select_runner(frame, detect_all(frame))`.
    """

    def start_workers(self) -> int:
        """Prepare as many workers as the settings and this machine allow; return how many, at least 1."""
        ...

    def detect_all(self, frame: Frame, worker: int = 0) -> Detections:
        """Return everybody found in this picture.

        Called from several threads at once and with frames in any order, but never twice at once for one `worker`
        (0 to `start_workers() - 1`). Raises DeviceError when the backend fails on the picture or is closed.
        """
        ...

    def select_runner(self, frame: Frame, detections: Detections) -> PoseFrame:
        """Return who of those found in this picture runs. Called in the order of time, by one thread at a time."""
        ...

    @property
    def model(self) -> str:
        """The name of the model that finds people, as the journal keeps it."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences the user should read of it since the last call."""
        ...

    def close(self) -> None:
        """Release the model. May be called more than once."""
        ...
