"""A recording that was exported is run like any other source, and decides what the session decided."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from perfect_pose import PerfectPose
from sessions import AT_3_MPS, decisions, run_session

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.report.export import export
from cuecoach.source.base import Source
from cuecoach.source.landmark_recording import RecordingSource
from cuecoach.types import Decision, Stride
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

QUICK = CoachSettings(warmup_inhibit_s=5.0, cue_refractory_s=6.0, cue_refractory_steps=20, bucket_refill_s=8.0)


def run(path: Path, source: Source) -> tuple[list[Decision], list[Stride]]:
    coach = Coach(library.find("pull-under"), QUICK)
    settings = dataclasses.replace(AT_3_MPS, record_landmarks=True)
    info = {"settings": {"coach": dataclasses.asdict(QUICK)}}
    _, events = run_session(path, source, coach=coach, settings=settings, info=info)
    return decisions(events), [event for event in events if isinstance(event, Stride)]


def test_an_exported_recording_decides_the_same_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    then, strides = run(path, PerfectPose(VirtualRunnerSettings(duration_s=30.0, faults=("lazy-heel",))))
    assert any(decision.fires for decision in then)
    export(path, [1], tmp_path, landmarks="csv")
    now, again = run(tmp_path / "again.sqlite", RecordingSource(tmp_path / "session-1.landmarks.csv.gz"))
    assert list(map(_digits, again)) == list(map(_digits, strides))
    assert now == then


def _digits(stride: Stride) -> str:
    """Return a stride's time and metrics with all their digits, NaN as text."""
    return repr((stride.closed_s, sorted(stride.metrics.items())))
