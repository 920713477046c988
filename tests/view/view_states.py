"""States that the view's tests, and the child process of these, draw."""

from __future__ import annotations

import dataclasses

import numpy as np

from cuecoach.types import Activity, Legs, Side, Speed, SpeedOrigin
from cuecoach.view.base import ViewState

IMAGE_SIZE_PX = (400, 300)


def make_legs(*, near: Side = Side.LEFT, trust: tuple[float, float] = (0.9, 0.9)) -> Legs:
    """Both legs of a runner in the middle of a picture of IMAGE_SIZE_PX, the left one ahead."""
    right = np.array([(200, 120), (190, 170), (150, 200), (140, 195), (150, 215)], dtype=float)
    left = np.array([(204, 120), (225, 165), (215, 215), (205, 225), (235, 228)], dtype=float)
    trunk = np.array([(210, 60), (202, 120)], dtype=float)
    return Legs(1.0, 30, np.array([left, right]), np.array(trust), trunk, 1, near)


def make_state(**changes: object) -> ViewState:
    image = np.full((IMAGE_SIZE_PX[1], IMAGE_SIZE_PX[0], 3), (90, 90, 90), dtype=np.uint8)
    state = ViewState(
        image_bgr=image,
        legs=make_legs(),
        activity=Activity.RUNNING,
        trust=0.9,
        reason="silent: form is good",
        cadence_spm=168.6,
        speed=Speed(2.8, 0.1, SpeedOrigin.USER),
    )
    return dataclasses.replace(state, **changes)  # type: ignore[arg-type]
