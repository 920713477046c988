"""What is put into a journal comes out of it, whatever the disk and other programs do meanwhile."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from journal_builders import PACK_TEXT, make_decision, make_info, make_pose_frame, make_stride, wait_for_notice

from cuecoach.errors import DeviceError, InputError
from cuecoach.journal import file, read, store
from cuecoach.journal.store import Journal
from cuecoach.types import (
    Activity,
    AudioOutput,
    EventKind,
    Reason,
    SessionOutcome,
    Situation,
    Speed,
    SpeedOrigin,
    UtteranceEvent,
    UtteranceState,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "journal.sqlite3"


def test_a_whole_session_reads_back_as_it_was(path: Path) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info(runner="Ann", runner_height_m=1.7))
    for stride in range(6):
        journal.stride(make_stride(stride))
    journal.decision(make_decision(3.5), utterance=1)
    for state, t_s in ((UtteranceState.QUEUED, 3.5), (UtteranceState.STARTED, 3.6), (UtteranceState.FINISHED, 4.4)):
        journal.utterance_event(UtteranceEvent(1, "lazy-heel.short", state, t_s, AudioOutput.DEVICE))
    for t_s in (4.0, 4.5):
        journal.decision(make_decision(t_s, fires=False, reason=Reason.REFRACTORY))
    journal.event(5.0, EventKind.SPEED, "2.9 m/s by key")
    journal.end(6.0, SessionOutcome.FINISHED)
    journal.close()

    record = read.session(path, number)
    assert record.row == read.sessions(path)[0]
    assert (record.row.runner, record.row.pack_id, record.row.outcome, record.row.duration_s) == (
        "Ann",
        "pull-under",
        "finished",
        6.0,
    )
    assert (record.row.strides, record.row.fired, record.row.withheld, record.row.closed) == (6, 1, 2, True)
    assert record.pack_text == PACK_TEXT
    assert record.pack_sha256 == hashlib.sha256(PACK_TEXT.encode()).hexdigest()
    assert record.settings == {"coach": {"gap_min_s": 12.0}}
    assert (record.fired, record.withheld) == ({"due": 1}, {"refractory": 2})
    spoken = record.cues[0]
    assert (spoken.text, spoken.strides, spoken.fault, spoken.side) == ("Ferse höch", (3, 4, 5), "lazy-heel", "left")
    assert (spoken.decided_s, spoken.queued_s, spoken.started_s, spoken.finished_s) == (3.5, 3.5, 3.6, 4.4)
    assert (spoken.dropped_s, spoken.heard_on) == (None, "device")
    assert record.cues[1].started_s is None
    assert [(event.t_s, event.kind) for event in record.events] == [(5.0, "speed")]
    assert record.unmeasured == {"flight_s": 1.0}
    assert [stride.metrics for stride in read.strides(path, number, metrics={"knee_peak_swing_deg", "duty"})] == [
        {"knee_peak_swing_deg": 101.25}
    ] * 6


def test_strides_read_back_equal_and_nan_stays_nan(path: Path) -> None:
    written = [
        make_stride(0),
        make_stride(1, knee_peak_swing_deg=99.5),
        dataclasses.replace(make_stride(2, measured_by_a_later_version=1.5), calibrated=True),
    ]
    journal = Journal.open(path)
    number = journal.begin(make_info())
    for stride in written:
        journal.stride(stride)
    journal.close()
    found = read.strides(path, number)
    for before, after in zip(written, found, strict=True):
        names = ("number", "side", "is_near", "t_strike_s", "closed_s", "duty", "activity", "speed", "trust")
        for name in (*names, "calibrated"):
            assert getattr(after, name) == getattr(before, name), name
        for name, value in before.metrics.items():
            assert after.metrics[name] == pytest.approx(value, nan_ok=True, abs=0)
    assert math.isnan(found[0].metrics["flight_s"])
    assert math.isnan(found[0].metrics["measured_by_a_later_version"])


def test_sound_that_no_decision_asked_for_becomes_an_event(path: Path) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.utterance_event(
        UtteranceEvent(99, "tone.in-view", UtteranceState.DROPPED, 1.0, AudioOutput.NOTHING, "no device")
    )
    journal.close()
    (event,) = read.session(path, number).events
    assert event.kind == "sound"
    assert "tone.in-view" in event.detail
    assert "dropped" in event.detail
    assert "no device" in event.detail


def test_situations_read_back_and_only_changes_are_kept(path: Path) -> None:
    running = Situation(Activity.RUNNING, False, Speed(2.8, 0.05, SpeedOrigin.USER), False, easier_steps=2)
    leaving = dataclasses.replace(running, leaving=True, speed=None)
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.situation(1.0, running, asked=False)
    journal.situation(2.0, running, asked=False)
    journal.situation(3.0, running, asked=True)
    journal.stride(make_stride(6))
    journal.situation(4.0, leaving, asked=False)
    journal.close()
    assert [(row.t_s, row.next_stride, row.asked, row.situation) for row in read.situations(path, number)] == [
        (1.0, 0, False, running),
        (3.0, 0, True, running),
        (4.0, 7, False, leaving),
    ]
    with sqlite3.connect(path) as connection:
        (text,) = connection.execute("SELECT situation_json FROM situation LIMIT 1").fetchone()
    assert text == (  # as other programs that read the file know it
        '{"activity":"running","leaving":false,"speed":{"mps":2.8,"sd_mps":0.05,"origin":"user"},'
        '"muted":false,"easier_steps":2}'
    )


@pytest.mark.parametrize(("key", "steps"), [('"ease":3', 3), ('"easier_steps":1', 1), ('"other":1', 0)])
def test_situations_of_version_0_1_are_read(path: Path, key: str, steps: int) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.situation(1.0, Situation(Activity.RUNNING, False, None, False), asked=False)
    journal.close()
    text = f'{{"activity":"walking","leaving":false,"speed":null,"muted":false,{key}}}'
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE situation SET situation_json = ?", (text,))
    (row,) = read.situations(path, number)
    assert row.situation == Situation(Activity.WALKING, False, None, False, steps)


@pytest.mark.parametrize("change", ["cue SET reason", "cue SET kind", "event SET kind", "session SET outcome"])
def test_a_word_of_a_newer_version_is_one_sentence(path: Path, change: str) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.decision(make_decision(1.0))
    journal.event(2.0, EventKind.COMMAND, "mute")
    journal.end(3.0, SessionOutcome.STOPPED)
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {change} = 'odd'")
    with pytest.raises(InputError, match="'odd', which this CueCoach does not know"):
        read.session(path, number)


def test_a_recording_reads_back_the_same_pose_frames(path: Path) -> None:
    written = [make_pose_frame(index) for index in range(300)]
    journal = Journal.open(path)
    number = journal.begin(make_info())
    for first in (0, 10, 200):  # several transactions, so that an unfinished chunk is written again
        for pose_frame in written[first : {0: 10, 10: 200, 200: 300}[first]]:
            journal.pose_frame(pose_frame)
        journal._write_all()
    journal.close()
    found = list(read.pose_frames(path, number))
    assert [(pose_frame.t_s, pose_frame.index) for pose_frame in found] == [(s.t_s, s.index) for s in written]
    for before, after in zip(written, found, strict=True):
        assert (before.pose is None) == (after.pose is None)
        if before.pose and after.pose:
            assert after.pose.image_size_px == (720, 1280)
            assert after.pose.points_px.tobytes() == before.pose.points_px.tobytes()
            assert after.pose.visibility.tobytes() == before.pose.visibility.tobytes()
    assert read.sessions(path)[0].recorded_frames == 300


def test_a_session_without_a_recording_says_so(path: Path) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.close()
    with pytest.raises(InputError, match="no landmark recording"):
        read.pose_frames(path, number)
    with pytest.raises(InputError, match="no session 12"):
        read.session(path, 12)


def test_sessions_share_packs_and_runners_and_are_listed_newest_first(path: Path) -> None:
    for runner in ("Ann", "Ann", None):
        journal = Journal.open(path)
        journal.begin(make_info(runner=runner))
        journal.close()
    rows = read.sessions(path)
    assert [(row.id, row.runner) for row in rows] == [(3, None), (2, "Ann"), (1, "Ann")]
    assert [row.id for row in read.sessions(path, limit=1)] == [3]
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM pack").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM runner").fetchone() == (1,)


def test_a_session_that_was_not_ended_shows_as_not_closed(path: Path) -> None:
    journal = Journal.open(path)
    journal.begin(make_info())
    journal.stride(make_stride(4))
    journal.close()
    (row,) = read.sessions(path)
    assert (row.closed, row.outcome, row.duration_s) == (False, "not closed", make_stride(4).closed_s)


def test_reading_while_the_session_writes(path: Path) -> None:
    journal = Journal.open(path)
    journal.begin(make_info())
    journal.stride(make_stride(0))
    journal._write_all()
    assert read.sessions(path)[0].strides == 1
    journal.stride(make_stride(1))
    journal.close()
    journal.close()
    assert read.sessions(path)[0].strides == 2


def test_one_journal_writes_one_session(path: Path) -> None:
    journal = Journal.open(path)
    journal.begin(make_info())
    with pytest.raises(ValueError, match="begun"):
        journal.begin(make_info())
    journal.close()


def test_a_full_disk_costs_nothing_once_there_is_room_again(small_disk: Callable[..., Path]) -> None:
    folder = small_disk()
    path = folder / "journal.sqlite3"
    journal = Journal.open(path)
    number = journal.begin(make_info())
    for stride in range(20):
        journal.stride(make_stride(stride))
    journal._write_all()
    filler = folder / "filler"
    fill(filler)
    for stride in range(20, 1020):
        journal.stride(make_stride(stride))
    assert "disk is full" in wait_for_notice(journal, "full")
    assert read.sessions(path)[0].strides >= 20  # what was written is still there
    journal.decision(make_decision(400.0), utterance=1)
    filler.unlink()
    assert "nothing is lost" in wait_for_notice(journal, "written again")
    journal.end(401.0, SessionOutcome.FINISHED)
    journal.close()
    assert journal.notices() == ()  # each was said once
    assert [stride.number for stride in read.strides(path, number)] == list(range(1020))
    assert read.session(path, number).row.fired == 1


def test_a_disk_that_stays_full_is_reported_and_loses_nothing_written(small_disk: Callable[..., Path]) -> None:
    folder = small_disk()
    path = folder / "journal.sqlite3"
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.stride(make_stride(0))
    journal._write_all()
    fill(folder / "filler")
    for stride in range(1, 1001):
        journal.stride(make_stride(stride))
    journal.close()
    notices = " ".join(journal.notices())
    assert "disk is full" in notices
    assert "did not take" in notices
    (folder / "filler").unlink()
    assert read.strides(path, number)[0].number == 0
    Journal.open(path).close()


def test_a_disk_that_is_full_from_the_start_is_one_sentence(small_disk: Callable[..., Path]) -> None:
    folder = small_disk()
    fill(folder / "filler")
    with pytest.raises(DeviceError, match="disk is full"):
        Journal.open(folder / "journal.sqlite3")


def fill(path: Path) -> None:
    """Take every byte that is left on the disk of `path`."""
    with path.open("wb", buffering=0) as filler:
        for size in (65536, 4096, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue


def test_another_programs_lock_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_S", 0.1)
    journal = Journal.open(path)
    number = journal.begin(make_info())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.stride(make_stride(0))
    assert "another program" in wait_for_notice(journal, "cannot be written")
    other.execute("ROLLBACK")
    other.close()
    assert "nothing is lost" in wait_for_notice(journal, "written again")
    journal.close()
    assert len(read.strides(path, number)) == 1


def test_memory_is_bounded_and_what_is_lost_is_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_S", 0.1)
    monkeypatch.setattr(store, "PENDING_MAX_ROWS", 5)
    journal = Journal.open(path)
    number = journal.begin(make_info())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for stride in range(8):
        journal.stride(make_stride(stride))
    wait_for_notice(journal, "cannot be written")
    other.execute("ROLLBACK")
    other.close()
    assert "3 records" in wait_for_notice(journal, "written again")
    journal.close()
    assert [stride.number for stride in read.strides(path, number)] == list(range(5))


def test_a_row_that_can_never_be_written_does_not_hold_up_the_others(path: Path) -> None:
    journal = Journal.open(path)
    number = journal.begin(make_info())
    journal.stride(make_stride(0))
    journal.stride(make_stride(0))  # the same number again
    journal.event(1.0, EventKind.NOTICE, object())  # type: ignore[arg-type]
    journal.stride(make_stride(1))
    journal.close()
    assert len(read.strides(path, number)) == 2
    assert any("2 records" in sentence for sentence in journal.notices())
