"""What a view is: the state it is shown, the commands it returns, and the protocol that every view keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cuecoach.gait.speed_units import SpeedUnit
from cuecoach.types import Activity, Legs, Speed


class Command(Enum):
    """What the runner or the coach asked for with a key."""

    SPEED_UP = auto()  # the belt was set faster
    SPEED_DOWN = auto()
    MUTE = auto()  # silent, or speaking again
    TELL_ME_NOW = auto()
    REPEAT = auto()  # say the last cue again
    EASIER = auto()  # ask less of me: limits wider
    HARDER = auto()
    QUIT = auto()


@dataclass(frozen=True, slots=True, eq=False)
class ViewState:
    """Everything a view shows at `t_s` of the session. `image_bgr` (h, w, 3) uint8 is not changed, nor kept for long.

    `trust` 0..1 is that of the near leg, None before anything is known. `cue_text` is what is being said, `reason` one
    line on why the coach is silent (or what it waits for). `mirror` shows the picture as in a mirror.
    """

    t_s: float = 0.0
    image_bgr: NDArray[np.uint8] | None = None
    image_size_px: tuple[int, int] | None = None  # width, height; only needed where there are legs without a picture
    legs: Legs | None = None
    activity: Activity = Activity.UNSURE
    trust: float | None = None
    cue_text: str | None = None
    reason: str = ""
    cadence_spm: float | None = None
    speed: Speed | None = None
    speed_unit: SpeedUnit = SpeedUnit.M_PER_S
    muted: bool = False
    notice: str | None = None
    mirror: bool = False


class View(Protocol):
    """Shows the newest state and returns the commands of the user. No call ever waits."""

    def show(self, state: ViewState) -> None:
        """Show `state` as soon as possible; an older one not yet shown is forgotten."""
        ...

    def commands(self) -> tuple[Command, ...]:
        """Return, once each, the commands since the last call, oldest first."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences the user should read since the last call."""
        ...

    def close(self) -> None:
        """Show no more. May be called more than once."""
        ...
