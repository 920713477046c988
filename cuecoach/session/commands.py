"""What the runner sets with keys or on the page: mute, belt speed, how much easier. Owns what each command changes."""

from __future__ import annotations

from cuecoach.coach.policy import EASIER_STEP_FRACTION, EASIER_STEPS_MAX
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command

SLOWEST_MPS = 0.5


class RunnerControls:
    """The settings of the moment. `speed` None leaves the belt speed to the estimate.

    Parameters
    ----------
    speed : Speed or None
        What the user said at the start.
    speed_step_mps, speed_sd_fraction : float
        What one key press adds or takes; the uncertainty of a speed that a person set, as a share of it.
    """

    def __init__(self, speed: Speed | None, speed_step_mps: float, speed_sd_fraction: float) -> None:
        self.speed = speed
        self.muted = False
        self.easier_steps = 0
        self._speed_step_mps = speed_step_mps
        self._speed_sd_fraction = speed_sd_fraction

    def change(self, command: Command) -> str | None:
        """Take a command in and return a sentence for the runner, or None; commands that set nothing do nothing."""
        if command is Command.MUTE:
            self.muted = not self.muted
        elif command is Command.SPEED_UP:
            return self._change_speed(self._speed_step_mps)
        elif command is Command.SPEED_DOWN:
            return self._change_speed(-self._speed_step_mps)
        elif command is Command.EASIER:
            return self._set_easier_steps(self.easier_steps + 1)
        elif command is Command.HARDER:
            return self._set_easier_steps(self.easier_steps - 1)
        return None

    def _change_speed(self, by_mps: float) -> str | None:
        if self.speed is None:
            return "The belt speed is not known yet: start with --speed to be able to change it."
        mps = max(SLOWEST_MPS, self.speed.mps + by_mps)
        self.speed = Speed(mps, mps * self._speed_sd_fraction, SpeedOrigin.USER)
        return None

    def _set_easier_steps(self, steps: int) -> str:
        """Ask less of the runner by so many steps; never more than the pack does."""
        self.easier_steps = min(EASIER_STEPS_MAX, max(0, steps))
        if not self.easier_steps:
            return "These are the pack's own limits."
        return f"Easier: limits {100 * EASIER_STEP_FRACTION * self.easier_steps:.0f} % wider."
