"""The settings of a session, where the command line says nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.coach.programme import KINDS
from cuecoach.gait.speed_units import SPEED, SpeedUnit
from cuecoach.settings import setting
from cuecoach.types import Speed, SpeedOrigin

SPEED_MIN_MPS, SPEED_MAX_MPS = 0.5, 12.0  # what a belt speed may be, at the start and with the keys


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Section [session] of config.toml."""

    pack: str = setting("pull-under", "cue pack: the id of a shipped or own pack, or a file")
    speed_mps: float | None = setting(
        None,
        "belt speed at the start; not set: estimated from the foot",
        low=SPEED_MIN_MPS,
        high=SPEED_MAX_MPS,
        written=SPEED,
    )
    speed_unit: SpeedUnit = setting(  # noqa: RUF009
        SpeedUnit.M_PER_S, "how speeds are shown and stepped; files for other programs stay in m/s"
    )
    speed_sd_fraction: float = setting(
        0.02, "uncertainty of a speed that a person typed, as a share of it (Willwacher 2021)", low=0.0, high=0.2
    )
    speed_step_mps: float | None = setting(
        None,
        "what one key press adds to or takes from the speed; not set: 0.1 of the unit shown, or 5 seconds of a pace",
        low=0.01,
        high=1.0,
    )
    runner: str = setting("", "name under which sessions are kept; empty: nobody's name is kept")
    programme: str = setting(
        "standard", "how feedback fades over a named runner's sessions; without a name it never does", choices=KINDS
    )
    view: str = setting("auto", "what is shown while running", choices=("auto", "window", "none"))
    journal: str = setting("", "journal file; empty: cuecoach.sqlite in the user's data folder")
    record_landmarks: bool = setting(False, "keep the landmarks of every frame in the journal, for replay")

    @property
    def speed(self) -> Speed | None:
        """The belt speed that the user gave, with its uncertainty."""
        mps = self.speed_mps
        return None if mps is None else Speed(mps, mps * self.speed_sd_fraction, SpeedOrigin.USER)
