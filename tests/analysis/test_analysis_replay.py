"""A session once more: the same decisions for the same pack, whatever the runner and the keys did meanwhile."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from keys import Keys
from perfect_pose import PerfectPose
from sessions import run_session

from cuecoach.analysis import replay
from cuecoach.analysis.record import decisions_of
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.config import Settings
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.session.settings import SessionSettings
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

QUICK = CoachSettings(
    steady_error_share=0.0,
    warmup_inhibit_s=5.0,
    cue_refractory_s=6.0,
    cue_refractory_steps=20,
    bucket_refill_s=8.0,
    speed_change_inhibit_s=3.0,
)
PROGRAMME = ProgrammeSettings(minutes=8.0, probe_s=70.0, recall_s=20.0, last_probe_s=20.0)
LAZY = VirtualRunnerSettings(duration_s=28.0, faults=("lazy-heel",), responsiveness=0.6)


def run(
    path: Path,
    virtual_runner: VirtualRunnerSettings,
    presses: dict[int, Command],
    speed: Speed | None,
    programme: str = "none",
) -> Pack:
    """Run a recorded session of Ann with a perfect pose model."""
    pack = library.find("pull-under")
    mps = None if speed is None else speed.mps
    session = SessionSettings(record_landmarks=True, runner="Ann", programme=programme, speed_mps=mps)
    settings = Settings(session=session, coach=QUICK, programme=PROGRAMME)
    coach = make_coach(pack, QUICK, PROGRAMME, kind=programme, runner="Ann", seed=5)
    info = {"settings": dataclasses.asdict(settings), "seed": 5}
    run_session(path, PerfectPose(virtual_runner), coach=coach, views=[Keys(presses)], settings=session, info=info)
    return pack


PRESSES = {
    220: Command.TELL_ME_NOW,
    230: Command.EASIER,
    300: Command.HARDER,
    320: Command.SPEED_UP,
    321: Command.SPEED_UP,
    480: Command.MUTE,
    600: Command.MUTE,
    640: Command.EASIER,
    641: Command.EASIER,
    700: Command.TELL_ME_NOW,
    701: Command.SPEED_DOWN,
}


@pytest.mark.parametrize("speed", [Speed(3.0, 0.06, SpeedOrigin.USER), None])
def test_the_same_pack_decides_the_same(tmp_path: Path, speed: Speed | None) -> None:
    path = tmp_path / "journal.sqlite"
    run(path, LAZY, PRESSES, speed)
    then = decisions_of(read.session(path, 1))
    assert speed is None or "muted" in {str(decision.reason) for decision in then}
    assert {decision.fires for decision in then} == {True, False}
    assert {row.situation.easier_steps for row in read.situations(path, 1)} == {0, 1, 2}
    for landmarks in (False, True):
        now = replay.replay_session(path, 1, landmarks=landmarks)
        assert now.exact
        pairs = replay.pair_decisions(then, now.decisions)
        assert [pair for pair in pairs if not pair.same] == []
        assert len(pairs) == len(then)


def test_the_programme_and_its_catch_trials_are_replayed_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    virtual_runner = dataclasses.replace(LAZY, duration_s=110.0, responsiveness=0.0)
    run(path, virtual_runner, {}, Speed(3.0, 0.06, SpeedOrigin.USER), programme="standard")
    record = read.session(path, 1)
    assert [event.detail for event in record.events if event.kind == "block"][:2] == ["probe 1", "probe 2"]
    then = decisions_of(record)
    assert "probe" in {str(decision.reason) for decision in then}
    pairs = replay.pair_decisions(then, replay.replay_session(path, 1).decisions)
    assert all(pair.same for pair in pairs)


def test_another_pack_decides_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    run(path, LAZY, {}, Speed(3.0, 0.06, SpeedOrigin.USER))
    then = decisions_of(read.session(path, 1))
    now = replay.replay_session(path, 1, library.find("recoil")).decisions
    pairs = replay.pair_decisions(then, now)
    assert [pair.kept for pair in pairs if pair.kept] == then
    assert [pair.replayed for pair in pairs if pair.replayed] == now
    assert [pair.t_s for pair in pairs] == sorted(pair.t_s for pair in pairs)
    assert any(pair.kept and pair.kept.fires for pair in pairs)
    assert not any(pair.replayed and pair.replayed.fires and pair.replayed.fault == "lazy-heel" for pair in pairs)


def test_without_situations_they_are_guessed_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    pack = run(path, LAZY, {}, Speed(3.0, 0.06, SpeedOrigin.USER))
    record = read.session(path, 1)
    guessed = replay.from_strides(read.strides(path, 1), [], replay.coach_of(record, pack))
    assert not guessed.exact
    assert [one.t_s for one in guessed.decisions if one.fires] == [one.t_s for one in decisions_of(record) if one.fires]
