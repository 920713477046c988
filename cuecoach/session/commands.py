"""What the runner sets with keys or on the page: mute, belt speed, how much easier. Owns what each command changes."""

from __future__ import annotations

from cuecoach.coach.policy import EASIER_STEP_FRACTION, EASIER_STEPS_MAX
from cuecoach.gait.speed_units import stepped
from cuecoach.session.settings import SPEED_MAX_MPS, SPEED_MIN_MPS, SessionSettings
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command


class RunnerControls:
    """The settings of the moment. `speed` None leaves the belt speed to the estimate.

    Parameters
    ----------
    settings : SessionSettings
        The speed at the start, its unit and uncertainty, and what one key press adds or takes.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self.speed = settings.speed
        self.speed_unit = settings.speed_unit
        self.muted = False
        self.easier_steps = 0
        self._settings = settings

    def change(self, command: Command) -> str | None:
        """Take a command in and return a sentence for the runner, or None; commands that set nothing do nothing."""
        if command is Command.MUTE:
            self.muted = not self.muted
        elif command is Command.SPEED_UP:
            return self._change_speed(1)
        elif command is Command.SPEED_DOWN:
            return self._change_speed(-1)
        elif command is Command.EASIER:
            return self._set_easier_steps(self.easier_steps + 1)
        elif command is Command.HARDER:
            return self._set_easier_steps(self.easier_steps - 1)
        return None

    def _change_speed(self, steps: int) -> str | None:
        if self.speed is None:
            return "The belt speed is not known yet: start with --speed to be able to change it."
        before_mps, step_mps = self.speed.mps, self._settings.speed_step_mps
        mps = before_mps + steps * step_mps if step_mps else stepped(before_mps, self.speed_unit, steps)
        mps = min(SPEED_MAX_MPS, max(SPEED_MIN_MPS, mps))
        self.speed = Speed(mps, mps * self._settings.speed_sd_fraction, SpeedOrigin.USER)
        return None

    def _set_easier_steps(self, steps: int) -> str:
        """Ask less of the runner by so many steps; never more than the pack does."""
        self.easier_steps = min(EASIER_STEPS_MAX, max(0, steps))
        if not self.easier_steps:
            return "These are the pack's own limits."
        return f"Easier: limits {100 * EASIER_STEP_FRACTION * self.easier_steps:.0f} % wider."
