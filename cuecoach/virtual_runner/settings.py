"""Settings of the virtual runner, and their checks."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.errors import InputError
from cuecoach.gait.speed_units import SPEED
from cuecoach.settings import setting
from cuecoach.types import Side
from cuecoach.virtual_runner.faults import FAULTS

NONE = "none"


@dataclass(frozen=True, slots=True)
class VirtualRunnerSettings:
    """The virtual runner, its faults, how it answers to cues, and how it is filmed.

    Raises
    ------
    InputError
        When a fault's name is unknown.
    """

    speed_mps: float = setting(3.0, "belt speed", low=2.0, high=6.0, written=SPEED)
    faults: tuple[str, ...] = setting(("lazy-heel",), "faults the runner shows, or none", choices=(NONE, *FAULTS))
    strength: float = setting(1.0, "how strong the faults are: 0 none, 1 clearly beyond the limit", low=0.0, high=2.0)
    side: str = setting(
        "both",
        "leg that shows the leg faults; for asymmetric-heel both means the near leg",
        choices=("both", "left", "right"),
    )
    responsiveness: float = setting(
        0.75, "share of a fault that one cue removes, on average: 0 deaf, 1 perfect", low=0.0, high=1.0
    )
    relapse_s: float = setting(90.0, "time constant with which a corrected fault comes back", low=5.0, high=3600.0)
    facing: str = setting("left", "where the runner faces in the picture", choices=("left", "right"))
    width_px: int = setting(640, "picture width", low=160, high=3840)
    height_px: int = setting(480, "picture height", low=160, high=3840)
    rate_hz: float = setting(30.0, "pictures per second", low=5.0, high=240.0)
    duration_s: float = setting(90.0, "length of the run", low=0.1, high=36_000.0)
    seed: int = setting(1, "same seed, same run", low=0)

    def __post_init__(self) -> None:
        for name in self.faults:
            if name != NONE and name not in FAULTS:
                allowed = ", ".join((NONE, *FAULTS))
                raise InputError(f"The virtual runner knows no fault {name!r}; choose from: {allowed}.")

    @property
    def near(self) -> Side:
        """The leg closer to the camera: the right one when the runner faces right."""
        return Side.RIGHT if self.facing == "right" else Side.LEFT

    @property
    def shown_faults(self) -> tuple[str, ...]:
        """The faults without "none"."""
        return tuple(name for name in self.faults if name != NONE)
