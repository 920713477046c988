"""The standing trial before a camera or on a film: watches for three seconds at a time until one is good."""

from __future__ import annotations

from collections.abc import Callable

from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.calibration.standing import TRIAL_S, judge_standing
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.types import PoseFrame

ATTEMPTS = 5
INSTRUCTION = "Stand still, side-on."
DONE = "Good. That was it."


def standing_trial(frames: PoseFrames, near_side: str, say: Callable[[str], None]) -> Calibration:
    """Return the calibration of a standing person, hands-free: what to do, and why a trial was not good, is said.

    Parameters
    ----------
    frames : a camera, or a film of somebody who stands.
    near_side : as in the settings of gait.
    say : called with each sentence; may take as long as the words.

    Raises
    ------
    InputError
        No trial was good.
    DeviceError
        The pose model failed.
    """
    problem = "Nobody was seen."
    for _ in range(ATTEMPTS):
        say(INSTRUCTION)
        seen = _watch(frames)
        if not seen:
            break
        trial = judge_standing(seen, near_side)
        if trial.calibration is not None:
            say(DONE)
            return trial.calibration
        problem = trial.problem
        say(problem)
    raise InputError(f"No standing trial was good. The last one: {problem}")


def _watch(frames: PoseFrames) -> list[PoseFrame]:
    """Return the next three seconds of pose frames; fewer at the end of a film, none after it."""
    seen: list[PoseFrame] = []
    while (frame := frames.read()) is not None:
        if frame.failure is not None:
            raise frame.failure
        seen.append(frame.pose_frame)
        if seen[-1].t_s - seen[0].t_s >= TRIAL_S:
            break
    return seen
