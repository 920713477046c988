"""What each command of the runner changes, and what is answered."""

from __future__ import annotations

import pytest

from cuecoach.gait.speed_units import SpeedUnit
from cuecoach.session.commands import RunnerControls
from cuecoach.session.settings import SessionSettings
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command


def controls(mps: float | None = 3.0) -> RunnerControls:
    return RunnerControls(SessionSettings(speed_mps=mps))


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


def test_a_key_changes_the_speed_by_the_units_own_step() -> None:
    changed = RunnerControls(SessionSettings(speed_mps=10 / 3.6, speed_unit=SpeedUnit.KM_PER_H))
    changed.change(Command.SPEED_UP)
    assert changed.speed is not None
    assert changed.speed.mps == pytest.approx(10.1 / 3.6)


def test_a_step_that_was_set_wins_over_the_units() -> None:
    changed = RunnerControls(SessionSettings(speed_mps=3.0, speed_unit=SpeedUnit.MIN_PER_KM, speed_step_mps=0.2))
    changed.change(Command.SPEED_DOWN)
    assert changed.speed is not None
    assert changed.speed.mps == pytest.approx(2.8)


def test_nobody_runs_faster_than_the_fastest() -> None:
    changed = controls(11.95)
    changed.change(Command.SPEED_UP)
    assert changed.speed is not None
    assert changed.speed.mps == 12.0


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
