"""The loop with real parts, but a perfect pose model in the place of MediaPipe: what is said, kept and survived."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from keys import Keys
from perfect_pose import PerfectDetector, PerfectPose, write_recording
from sessions import AT_3_MPS, QUICK, decisions, run_session

from cuecoach.coach.programme import Block, BlockKind, Programme
from cuecoach.coach.scheduler import Coach
from cuecoach.errors import DeviceError, InputError
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import SessionEvent
from cuecoach.source.base import Source
from cuecoach.types import Frame, PoseFrame, SourceKind, Speed, SpeedOrigin, Stride, UtteranceEvent, UtteranceState
from cuecoach.view.base import Command
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

Events = list[SessionEvent]
LAZY = VirtualRunnerSettings(duration_s=24.0, faults=("lazy-heel",), responsiveness=0.0)


def run(folder: Path, source: Source, *, view: Keys | None = None, **parts: Any) -> tuple[SessionCounts, Events]:
    return run_session(folder / "journal.sqlite", source, views=[view or Keys()], **parts)


def test_a_fault_is_cued_heard_and_written_down(tmp_path: Path) -> None:
    counts, events = run(tmp_path, PerfectPose(LAZY))
    fired = [decision for decision in decisions(events) if decision.fires]
    assert fired
    assert {decision.fault for decision in fired} == {"lazy-heel"}
    starts = [item for item in events if isinstance(item, UtteranceEvent) and item.state is UtteranceState.STARTED]
    wished = [decision.t_s if decision.start_s is None else decision.start_s for decision in fired]
    assert [start.t_s for start in starts] == pytest.approx(wished, abs=0.01)
    (row,) = read.sessions(tmp_path / "journal.sqlite")
    assert row.outcome == "finished"
    assert row.fired == len(fired) == len(counts.fired)
    assert row.strides == sum(counts.strides.values())
    assert counts.frames == 720


def test_the_same_runner_under_another_school_is_coached_differently(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, pulled = run(tmp_path / "a", PerfectPose(LAZY), pack="pull-under")
    _, recoiled = run(tmp_path / "b", PerfectPose(LAZY), pack="recoil")
    assert any(decision.fires and decision.fault == "lazy-heel" for decision in decisions(pulled))
    about_heel = [decision for decision in decisions(recoiled) if decision.fault == "lazy-heel"]
    assert about_heel
    assert not any(decision.fires for decision in about_heel)
    assert {str(decision.reason) for decision in about_heel} == {"ignored_by_pack"}


def test_a_recorded_session_replays_to_the_same_decisions(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    keep = dataclasses.replace(AT_3_MPS, record_landmarks=True)
    _, events = run(tmp_path, PerfectPose(LAZY), settings=keep)

    class Replay(PerfectPose):
        kept = read.pose_frames(tmp_path / "journal.sqlite", 1)

        def read(self) -> Frame | PoseFrame | None:
            return next(self.kept, None)

    _, again = run(tmp_path / "again", Replay(LAZY))
    assert decisions(again) == decisions(events)


def programmed(programme: Programme) -> Coach:
    return Coach(library.find("pull-under"), QUICK, programme)


def test_blocks_are_written_down_and_sessions_of_the_programme_counted(tmp_path: Path) -> None:
    probes = (Block(BlockKind.PROBE, 1, 0.0), Block(BlockKind.RECALL, 1, 4.0), Block(BlockKind.PROBE, 2, 6.0))
    virtual_runner = dataclasses.replace(LAZY, duration_s=12.0)
    journal = tmp_path / "journal.sqlite"
    run(tmp_path, PerfectPose(virtual_runner), coach=programmed(Programme(2, 1.0, 1.0, probes)), info={"runner": "Ada"})
    blocks = [(event.detail, event.t_s) for event in read.session(journal, 1).events if event.kind == "block"]
    assert blocks[0] == ("probe 1", 0.0)
    assert [name for name, _ in blocks] == ["probe 1", "recall 1", "probe 2"]
    assert 4.0 <= blocks[1][1] < 7.0
    assert read.programme_sessions(journal, "Ada") == 0  # it never came to a window of cues
    with_cues = Programme(2, 1.0, 1.0, (probes[0], Block(BlockKind.ON, 1, 4.0)))
    run(tmp_path, PerfectPose(virtual_runner), coach=programmed(with_cues), info={"runner": "Ada"})
    assert (read.programme_sessions(journal, "Ada"), read.programme_sessions(journal, "Bo")) == (1, 0)


def test_cautions_are_said_and_shown_before_the_first_stride_and_are_no_cues(tmp_path: Path) -> None:
    view = Keys()
    counts, events = run(tmp_path, PerfectPose(dataclasses.replace(LAZY, duration_s=14.0)), view=view, warn=True)
    cautions = library.find("pull-under").caution_cues()
    assert len(cautions) == 2
    first_stride = next(place for place, item in enumerate(events) if isinstance(item, Stride))
    said = [
        item.cue_id
        for item in events[:first_stride]
        if isinstance(item, UtteranceEvent) and item.state is UtteranceState.STARTED
    ]
    assert said == [cue.id for cue in cautions]
    reasons = {state.reason for state in view.shown}
    assert "silent: warming up" in reasons
    assert not [reason for reason in reasons if "_" in reason], "words for the runner, not the journal's"
    assert view.shown[0].cue_text == " ".join(cue.text for cue in cautions)
    assert all(decision.fault for decision in counts.fired)
    record = read.session(tmp_path / "journal.sqlite", 1)
    assert [event.detail for event in record.events if event.kind == "caution"] == [cue.text for cue in cautions]
    assert {cue.kind for cue in record.cues} == {"fault"}


def test_mute_silences_and_is_written_down(tmp_path: Path) -> None:
    _, events = run(tmp_path, PerfectPose(LAZY), view=Keys({3: Command.MUTE}))
    assert not any(decision.fires for decision in decisions(events))
    assert "muted" in {str(decision.reason) for decision in decisions(events)}
    assert ("command", "mute") in {
        (event.kind, event.detail) for event in read.session(tmp_path / "journal.sqlite", 1).events
    }


def test_quit_ends_at_once_and_closes_properly(tmp_path: Path) -> None:
    counts, _ = run(tmp_path, PerfectPose(LAZY), view=Keys({90: Command.QUIT}))
    assert counts.frames <= 92
    (row,) = read.sessions(tmp_path / "journal.sqlite")
    assert row.outcome == "stopped"


def test_speed_keys_change_the_speed_that_strides_are_judged_at(tmp_path: Path) -> None:
    keys = Keys({60: Command.SPEED_UP, 61: Command.SPEED_UP, 62: Command.SPEED_DOWN})
    run(tmp_path, PerfectPose(dataclasses.replace(LAZY, duration_s=8.0)), view=keys)
    strides = read.strides(tmp_path / "journal.sqlite", 1)
    assert strides[0].speed == Speed(3.0, 0.06, SpeedOrigin.USER)
    assert strides[-1].speed is not None
    assert strides[-1].speed.mps == pytest.approx(3.1)
    assert keys.shown[-1].speed == strides[-1].speed


def test_a_pose_model_that_fails_is_told_once_and_the_session_goes_on(tmp_path: Path) -> None:
    import numpy as np

    class Pictures(PerfectPose):
        def read(self) -> Frame | PoseFrame | None:
            seen = super().read()
            return seen and Frame(seen.t_s, seen.index, np.zeros((48, 64, 3), np.uint8))

    class Broken(PerfectDetector):
        def detect(self, frame: Frame) -> PoseFrame:
            raise DeviceError("The pose model stopped working.")

    pictures = Pictures(dataclasses.replace(LAZY, duration_s=2.0))
    pictures.info = dataclasses.replace(pictures.info, kind=SourceKind.VIDEO)
    counts, events = run(tmp_path, pictures, detector=Broken())
    assert counts.frames == 60
    assert [item for item in events if isinstance(item, str)] == ["The pose model stopped working."]


def test_a_source_that_breaks_leaves_a_closed_journal(tmp_path: Path) -> None:
    class Breaking(PerfectPose):
        def read(self) -> Frame | PoseFrame | None:
            seen = super().read()
            if seen and seen.index == 200:
                raise DeviceError("The film cannot be read any further.")
            return seen

    with pytest.raises(DeviceError):
        run(tmp_path, Breaking(LAZY))
    (row,) = read.sessions(tmp_path / "journal.sqlite")
    assert row.outcome == "failed"
    assert row.strides > 5


def start(recording: Path, journal: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cuecoach", "run", "--source", recording, "--realtime", "--view", "none"]
    quiet = os.environ | {"PULSE_SERVER": "none"}
    return subprocess.Popen(
        [*command, "--journal", journal, "--speed", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=quiet,
    )


def wait_for_strides(journal: Path, count: int) -> None:
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        with contextlib.suppress(InputError):  # not there yet, or being made
            rows = read.sessions(journal)
            if rows and rows[0].strides >= count:
                return
        time.sleep(0.1)
    pytest.fail(f"no {count} strides in the journal")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "lazy.landmarks.csv", dataclasses.replace(LAZY, duration_s=60.0))


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
def test_ctrl_c_closes_the_session_properly(tmp_path: Path, recording: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    process = start(recording, journal)
    wait_for_strides(journal, 4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "foot strikes" in out
    (row,) = read.sessions(journal)
    assert row.outcome == "stopped"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
def test_a_killed_session_is_readable_up_to_the_last_second(tmp_path: Path, recording: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    process = start(recording, journal)
    wait_for_strides(journal, 4)
    time.sleep(3.0)
    process.kill()
    out, _ = process.communicate(timeout=30)
    printed_s = max(float(line.split()[0]) for line in out.splitlines() if " stride " in line)
    (row,) = read.sessions(journal)
    assert row.outcome == "not closed"
    kept_s = max(stride.closed_s for stride in read.strides(journal, row.id))
    # A stride closes every 0.36 s; what was printed more than a second before the end must be in the journal.
    assert kept_s >= printed_s - 1.0 - 0.4
