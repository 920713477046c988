"""What each command of the runner changes, and what is answered."""

from __future__ import annotations

import pytest

from cuecoach.session.commands import RunnerControls
from cuecoach.session.settings import SessionSettings
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command


def controls(mps: float | None = 3.0) -> RunnerControls:
    settings = SessionSettings(speed_mps=mps)
    return RunnerControls(settings.speed, settings.speed_step_mps, settings.speed_sd_fraction)


def test_speed_goes_in_steps_with_its_uncertainty() -> None:
    changed = controls()
    assert changed.speed == Speed(3.0, 0.06, SpeedOrigin.USER)
    assert changed.change(Command.SPEED_UP) is None
    assert changed.speed is not None
    assert (changed.speed.mps, changed.speed.sd_mps) == pytest.approx((3.1, 0.062))
    changed.change(Command.SPEED_DOWN)
    changed.change(Command.SPEED_DOWN)
    assert changed.speed.mps == pytest.approx(2.9)
    assert changed.speed.origin is SpeedOrigin.USER


def test_the_belt_does_not_stand_still() -> None:
    changed = controls(0.55)
    changed.change(Command.SPEED_DOWN)
    assert changed.speed is not None
    assert changed.speed.mps == 0.5


def test_a_speed_that_is_not_known_cannot_be_changed() -> None:
    changed = controls(None)
    assert "--speed" in (changed.change(Command.SPEED_UP) or "")
    assert changed.speed is None


def test_mute_is_there_and_back() -> None:
    changed = controls()
    assert [(changed.change(Command.MUTE), changed.muted)[1] for _ in range(3)] == [True, False, True]


@pytest.mark.parametrize("command", [Command.QUIT, Command.REPEAT, Command.TELL_ME_NOW])
def test_other_commands_set_nothing(command: Command) -> None:
    changed = controls()
    assert changed.change(command) is None
    assert (changed.speed, changed.muted, changed.easier_steps) == (controls().speed, False, 0)
