"""The standing trial from the first words to the calibration, on scripted people before a source without a camera."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from cuecoach.errors import DeviceError, InputError
from cuecoach.pipeline.pose_frames import SeenFrame
from cuecoach.pipeline.standing_trial import ATTEMPTS, DONE, INSTRUCTION, standing_trial
from cuecoach.types import LEG_LANDMARKS, Pose, PoseFrame, Side


def standing(t_s: float, moved_px: float = 0.0) -> PoseFrame:
    points = np.full((33, 2), 200.0)
    points[[11, 12]] = [320.0, 80.0]
    for row in LEG_LANDMARKS:
        joints = [[320, 200], [312, 290], [307, 380], [297, 392], [339, 392]]
        points[list(row)] = np.add(joints, (moved_px, 0.0))
    return PoseFrame(t_s, round(30 * t_s), Pose(t_s, points, np.ones(33), (640, 480)))


@dataclass
class Frames:
    """Frames of some seconds of a person who moves until `still_from_s`."""

    seconds: float
    still_from_s: float = 0.0
    fails_at_s: float = np.inf
    index: int = field(default=0)

    def read(self) -> SeenFrame | None:
        t_s = self.index / 30
        self.index += 1
        if t_s >= self.seconds:
            return None
        pose_frame = standing(t_s, moved_px=60.0 * max(self.still_from_s - t_s, 0.0))
        return SeenFrame(pose_frame, None, DeviceError("The model failed.") if t_s >= self.fails_at_s else None)


def trial(frames: Frames) -> tuple[object, list[str]]:
    said: list[str] = []
    return standing_trial(frames, "auto", said.append), said  # type: ignore[arg-type]


def test_a_good_trial_needs_one_instruction() -> None:
    found, said = trial(Frames(10.0))
    assert said == [INSTRUCTION, DONE]
    assert found.of(Side.RIGHT) is not None  # type: ignore[attr-defined]


def test_who_moves_is_told_so_and_asked_again() -> None:
    _, said = trial(Frames(20.0, still_from_s=5.0))
    assert said[:2] == [INSTRUCTION, "You moved: stand still for three seconds."]
    assert said[-2:] == [INSTRUCTION, DONE]


@pytest.mark.parametrize("seconds", [1.0, 100.0])
def test_after_some_trials_it_ends_with_the_last_reason(seconds: float) -> None:
    said: list[str] = []
    with pytest.raises(InputError, match="No standing trial was good"):
        standing_trial(Frames(seconds, still_from_s=1000.0), "auto", said.append)  # type: ignore[arg-type]
    assert 1 <= said.count(INSTRUCTION) <= ATTEMPTS


def test_a_model_that_fails_ends_it() -> None:
    with pytest.raises(DeviceError, match="model failed"):
        trial(Frames(10.0, fails_at_s=1.0))
