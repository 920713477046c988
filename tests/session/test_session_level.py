"""Easier and harder: keys become a level, the level a situation, and the journal keeps it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import msgspec
from keys import Keys
from perfect_pose import PerfectPose

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.config import SessionSettings
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.types import Decision, Kind, Situation, Speed, SpeedOrigin
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.playback.silent import SilentVoice

QUICK = CoachSettings(warmup_inhibit_s=5.0, cue_refractory_s=12.0, cue_refractory_steps=20, bucket_refill_s=10.0)
LAZY = VirtualRunnerSettings(duration_s=16.0, faults=("lazy-heel",), responsiveness=0.0)
OWN = "These are the pack's own limits."


def run(folder: Path, *presses: Command) -> tuple[list[Situation], Keys, list[SessionEvent]]:
    path, pack, keys, told = (
        folder / "journal.sqlite",
        library.find("pull-under"),
        Keys(dict(enumerate(presses))),
        list[SessionEvent](),
    )
    journal = Journal.open(path)
    journal.begin(
        SessionInfo("2026-01-01T10:00:00+00:00", "recording", "eyes", 30.0, pack.id, pack.text, {}, 1, "0", None)
    )
    parts = Parts(PerfectPose(LAZY), None, Gait(), Coach(pack, QUICK), SilentVoice({}), journal, keys)
    Session(parts, SessionSettings(), Speed(3.0, 0.06, SpeedOrigin.USER), [told.append]).run()
    kept = [msgspec.json.decode(row.situation_json, type=Situation) for row in read.situations(path, 1)]
    return kept, keys, told


def test_easier_goes_three_steps_and_harder_back_to_the_pack_and_no_further(tmp_path: Path) -> None:
    presses = 4 * [Command.EASIER] + 5 * [Command.HARDER] + [Command.EASIER]
    kept, keys, told = run(tmp_path, *presses)
    assert [easier_steps for easier_steps, _ in groupby(situation.easier_steps for situation in kept)] == [
        1,
        2,
        3,
        2,
        1,
        0,
        1,
    ]
    wider = [f"Easier: limits {percent} % wider." for percent in (25, 50, 75)]
    assert [state.notice for state in keys.shown[:10]] == [
        *wider,
        wider[2],
        wider[1],
        wider[0],
        OWN,
        OWN,
        OWN,
        wider[0],
    ]
    assert [item for item in told if item in (*wider, OWN)] == [*wider, OWN]  # each once: the screen shows the rest
    assert {situation.speed and situation.speed.mps for situation in kept} == {3.0}


def test_the_level_lasts_and_asks_less_and_harder_asks_no_more(tmp_path: Path) -> None:
    for folder in ("plain", "easier", "harder"):
        (tmp_path / folder).mkdir()
    own, _, plain = run(tmp_path / "plain")
    asked, _, easier = run(tmp_path / "easier", *3 * [Command.EASIER])
    _, _, harder = run(tmp_path / "harder", *3 * [Command.HARDER])
    assert {situation.easier_steps for situation in own} == {0}
    assert asked[-1].easier_steps == 3
    assert [one for one in decided(plain) if one.fires and one.kind is Kind.FAULT]
    assert not [one for one in decided(easier) if one.fires and one.kind is Kind.FAULT]
    assert decided(harder) == decided(plain)


def test_a_situation_of_an_earlier_version_means_the_packs_own_limits() -> None:
    kept = b'{"activity":"running","leaving":false,"speed":null,"muted":false}'
    assert msgspec.json.decode(kept, type=Situation).easier_steps == 0


def decided(told: list[SessionEvent]) -> list[Decision]:
    return [item for item in told if isinstance(item, Decision)]
