"""`cuecoach demo` as a newcomer runs it: a real process, real MediaPipe, real speech, a real journal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile
from sound import energy_spans

from cuecoach.journal import read

TOLERANCE_S = 0.06


def demo(folder: Path, *arguments: str) -> tuple[dict[str, Any], Path, Path]:
    journal, wav = folder / "journal.sqlite", folder / "cues.wav"
    command = [sys.executable, "-m", "cuecoach", "demo", "--fast", "--json", "--view", "none"]
    done = subprocess.run(
        [*command, "--journal", journal, "--audio-out", wav, *arguments], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout), journal, wav


@pytest.mark.pose
def test_a_lazy_heel_is_cued_and_everything_is_written_down(tmp_path: Path) -> None:
    summary, journal, wav = demo(tmp_path, "--seconds", "32")

    fired = [cue for cue in summary["cues_fired"] if cue["kind"] == "fault"]
    assert fired, summary
    assert {cue["fault"] for cue in fired} == {"lazy-heel"}
    assert summary["cues_withheld"], "nothing was withheld: the warm-up alone must withhold"
    assert summary["strides"]["left"] > 20
    assert summary["strides"]["right"] > 20

    (row,) = read.sessions(journal)
    record = read.session(journal, row.id)
    assert row.outcome == "finished"
    assert row.strides == sum(summary["strides"].values())
    assert [cue.text for cue in record.cues if cue.fires] == [cue["text"] for cue in summary["cues_fired"]]
    assert dict(record.withheld) == summary["cues_withheld"]

    # The WAV is on the session's time line: sound where the journal says so, silence everywhere else.
    samples, rate_hz = soundfile.read(wav)
    spans = energy_spans(samples, rate_hz)
    heard = [(cue.started_s, cue.finished_s) for cue in record.cues if cue.started_s is not None]
    assert len(spans) == len(heard) == len(summary["cues_fired"])
    for (start_s, end_s), (started_s, finished_s) in zip(spans, heard, strict=True):
        assert started_s is not None
        assert finished_s is not None
        assert abs(start_s - started_s) < TOLERANCE_S
        assert end_s < finished_s + TOLERANCE_S


@pytest.mark.pose
def test_a_clean_runner_is_left_in_peace(tmp_path: Path) -> None:
    summary, journal, wav = demo(tmp_path, "--fault", "none", "--seconds", "25")
    assert summary["cues_fired"] == []
    assert sum(summary["strides"].values()) > 40
    (row,) = read.sessions(journal)
    assert row.fired == 0
    samples, rate_hz = soundfile.read(wav)
    assert energy_spans(samples, rate_hz) == []
