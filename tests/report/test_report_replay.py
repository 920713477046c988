"""A recording that was exported is run like any other source, and decides what the session decided."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from perfect_pose import PerfectPose

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.config import SessionSettings
from cuecoach.gait.gait import Gait
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.report.export import export
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.source.base import Source
from cuecoach.source.landmark_recording import RecordingSource
from cuecoach.types import Decision, Speed, SpeedOrigin, Stride
from cuecoach.view.none import NoView
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.playback.silent import SilentVoice
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare

QUICK = CoachSettings(warmup_inhibit_s=5.0, cue_refractory_s=6.0, cue_refractory_steps=20, bucket_refill_s=8.0)


def run(path: Path, source: Source) -> tuple[list[Decision], list[Stride]]:
    pack = library.find("pull-under")
    journal = Journal.open(path)
    kept = {"coach": dataclasses.asdict(QUICK)}
    about = SessionInfo("2026-01-01T10:00:00+00:00", "recording", "eyes", 30.0, pack.id, pack.text, kept, 1, "0")
    journal.begin(about)
    clips = prepare([], VoiceSettings(engine="none"), path.parent / "phrases")
    parts = Parts(source, None, Gait(), Coach(pack, QUICK), SilentVoice(clips.clips), journal, NoView())
    told: list[SessionEvent] = []
    ears = [source.hear] if isinstance(source, PerfectPose) else []
    Session(
        parts, SessionSettings(record_landmarks=True), Speed(3.0, 0.06, SpeedOrigin.USER), [told.append], ears
    ).run()
    decisions = [item for item in told if isinstance(item, Decision)]
    return decisions, [item for item in told if isinstance(item, Stride)]


def test_an_exported_recording_decides_the_same_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    then, strides = run(path, PerfectPose(VirtualRunnerSettings(duration_s=30.0, faults=("lazy-heel",))))
    assert any(decision.fires for decision in then)
    export(path, [1], tmp_path, landmarks="csv")
    now, again = run(tmp_path / "again.sqlite", RecordingSource(tmp_path / "session-1.landmarks.csv.gz"))
    assert list(map(_told, again)) == list(map(_told, strides))
    assert now == then


def _told(stride: Stride) -> str:
    """Return a stride's time and metrics with all their digits, NaN as a word."""
    return repr((stride.closed_s, sorted(stride.metrics.items())))
