"""What every pose backend promises. Owns the contract only; `mediapipe.py` keeps it."""

from __future__ import annotations

from typing import Protocol

from cuecoach.types import Frame, PoseFrame


class Detector(Protocol):
    """Finds the runner's landmarks in pictures."""

    def detect(self, frame: Frame) -> PoseFrame:
        """Return who runs in this picture, pose None when nobody does.

        Frames come in the order of time. Raises DeviceError when the backend fails on the picture.
        """
        ...
