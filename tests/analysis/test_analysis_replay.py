"""A session once more: the same decisions for the same pack, whatever the runner and the keys did meanwhile."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from keys import Keys
from perfect_pose import PerfectPose
from sessions import run_session

from cuecoach.analysis import replay
from cuecoach.analysis.summary import decisions_of, settings_of
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.config import Settings
from cuecoach.gait.gait import Gait
from cuecoach.gait.settings import GaitSettings
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.session.settings import SessionSettings
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

QUICK = CoachSettings(
    warmup_inhibit_s=5.0, cue_refractory_s=6.0, cue_refractory_steps=20, bucket_refill_s=8.0, speed_change_inhibit_s=3.0
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


def replayed(path: Path, pack: Pack, landmarks: bool = False) -> replay.Replay:
    page, situations = read.session(path, 1), read.situations(path, 1)
    coach = replay.coach_of(page, pack)
    if not landmarks:
        return replay.from_strides(read.strides(path, 1), situations, coach)
    gait = Gait(settings_of(page, "gait", GaitSettings))
    return replay.from_landmarks(read.pose_frames(path, 1), situations, coach, gait)


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
    pack = run(path, LAZY, PRESSES, speed)
    then = decisions_of(read.session(path, 1))
    assert speed is None or "muted" in {str(decision.reason) for decision in then}
    assert {decision.fires for decision in then} == {True, False}
    assert {row.situation.easier_steps for row in read.situations(path, 1)} == {0, 1, 2}
    for landmarks in (False, True):
        now = replayed(path, pack, landmarks)
        assert now.exact
        lines = replay.side_by_side(then, now.decisions)
        assert [line for line in lines if not replay.same(line.left, line.right)] == []
        assert len(lines) == len(then)


def test_the_programme_and_its_lot_are_replayed_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    virtual_runner = dataclasses.replace(LAZY, duration_s=110.0, responsiveness=0.0)
    pack = run(path, virtual_runner, {}, Speed(3.0, 0.06, SpeedOrigin.USER), programme="standard")
    page = read.session(path, 1)
    assert [event.detail for event in page.events if event.kind == "block"][:2] == ["probe 1", "probe 2"]
    then = decisions_of(page)
    assert "probe" in {str(decision.reason) for decision in then}
    lines = replay.side_by_side(then, replayed(path, pack).decisions)
    assert all(replay.same(line.left, line.right) for line in lines)


def test_another_pack_decides_otherwise_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    run(path, LAZY, {}, Speed(3.0, 0.06, SpeedOrigin.USER))
    then = decisions_of(read.session(path, 1))
    now = replayed(path, library.find("recoil")).decisions
    lines = replay.side_by_side(then, now)
    assert [line.left for line in lines if line.left] == then
    assert [line.right for line in lines if line.right] == now
    assert [line.t_s for line in lines] == sorted(line.t_s for line in lines)
    assert any(line.left and line.left.fires for line in lines)
    assert not any(line.right and line.right.fires and line.right.fault == "lazy-heel" for line in lines)


def test_without_situations_they_are_guessed_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    pack = run(path, LAZY, {}, Speed(3.0, 0.06, SpeedOrigin.USER))
    page = read.session(path, 1)
    guessed = replay.from_strides(read.strides(path, 1), [], replay.coach_of(page, pack))
    assert not guessed.exact
    assert [one.t_s for one in guessed.decisions if one.fires] == [one.t_s for one in decisions_of(page) if one.fires]
