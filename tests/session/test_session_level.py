"""Easier and harder: keys become a level, the level a situation, and the journal keeps it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from keys import Keys
from perfect_pose import PerfectPose
from sessions import decisions, run_session

from cuecoach.journal import read
from cuecoach.session.session import SessionEvent
from cuecoach.types import Kind, Situation
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.playback.silent_voice import SilentVoice

LAZY = VirtualRunnerSettings(duration_s=16.0, faults=("lazy-heel",), responsiveness=0.0)
OWN = "These are the pack's own limits."


def run(folder: Path, *presses: Command) -> tuple[list[Situation], Keys, list[SessionEvent]]:
    path, keys = folder / "journal.sqlite", Keys(dict(enumerate(presses)))
    _, events = run_session(path, PerfectPose(LAZY), views=[keys], voice=SilentVoice({}))
    kept = [row.situation for row in read.situations(path, 1)]
    return kept, keys, events


def test_easier_goes_three_steps_and_harder_back_to_the_pack_and_no_further(tmp_path: Path) -> None:
    presses = 4 * [Command.EASIER] + 5 * [Command.HARDER] + [Command.EASIER]
    kept, keys, events = run(tmp_path, *presses)
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
    assert [item for item in events if item in (*wider, OWN)] == [*wider, OWN]  # each once: the screen shows the rest
    assert {situation.speed and situation.speed.mps for situation in kept} == {3.0}


def test_the_level_lasts_and_asks_less_and_harder_asks_no_more(tmp_path: Path) -> None:
    for folder in ("plain", "easier", "harder"):
        (tmp_path / folder).mkdir()
    own, _, plain = run(tmp_path / "plain")
    asked, _, easier = run(tmp_path / "easier", *3 * [Command.EASIER])
    _, _, harder = run(tmp_path / "harder", *3 * [Command.HARDER])
    assert {situation.easier_steps for situation in own} == {0}
    assert asked[-1].easier_steps == 3
    assert [one for one in decisions(plain) if one.fires and one.kind is Kind.FAULT]
    assert not [one for one in decisions(easier) if one.fires and one.kind is Kind.FAULT]
    assert decisions(harder) == decisions(plain)
