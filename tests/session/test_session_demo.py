"""The demo's session: a chosen fault, a runner who is none of the user's, and waits that a minute can hold."""

from __future__ import annotations

import dataclasses

import pytest

from cuecoach.config import Settings
from cuecoach.errors import InputError
from cuecoach.session import demo
from cuecoach.session.settings import SessionSettings
from cuecoach.source.virtual_runner import VirtualSource


def test_the_demo_changes_what_it_must_and_nothing_else() -> None:
    configured = Settings(session=SessionSettings(runner="Ann", pack="recoil", speed_mps=2.5))
    settings = demo.demo_settings(configured, "flick", 30.0, 3.2)
    assert settings.virtual_runner == dataclasses.replace(
        configured.virtual_runner, faults=("flick",), duration_s=30.0, speed_mps=3.2
    )
    assert settings.session == dataclasses.replace(configured.session, runner="", speed_mps=3.2)
    waits = {name: getattr(settings.coach, name) for name in demo.WAITS}
    assert waits == {
        "warmup_inhibit_s": 8.0,
        "cue_refractory_s": 14.0,
        "cue_refractory_steps": 36,
        "bucket_refill_s": 15.0,
    }
    assert (
        dataclasses.replace(settings.coach, **{name: getattr(configured.coach, name) for name in waits})
        == configured.coach
    )


def test_without_a_speed_the_virtual_runner_runs_as_it_is_configured() -> None:
    settings = demo.demo_settings(Settings(), "none", 30.0, None)
    assert settings.session.speed_mps == settings.virtual_runner.speed_mps == Settings().virtual_runner.speed_mps


def test_a_fault_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="lazy-hel"):
        demo.demo_settings(Settings(), "lazy-hel", 30.0, None)


@pytest.mark.parametrize(("speaker", "fast", "live"), [(True, False, True), (True, True, False), (False, False, False)])
def test_it_runs_at_its_own_pace_where_it_can_be_heard(
    monkeypatch: pytest.MonkeyPatch, speaker: bool, fast: bool, live: bool
) -> None:
    monkeypatch.setattr(demo, "device_available", lambda: speaker)
    request = demo.demo_request(Settings(), fast)
    assert callable(request.source)
    source = request.source()
    assert isinstance(source, VirtualSource)
    assert source.info.live is live
    source.close()
