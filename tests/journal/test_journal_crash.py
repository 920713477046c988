"""Real processes: killed at random moments, and several at once in one file."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from cuecoach.journal import read
from cuecoach.journal.store import Journal

CHILD = Path(__file__).parents[1] / "helpers" / "journal_child.py"
KILLS = 5


def start(path: Path, strides: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, CHILD, path, str(strides)], stdout=subprocess.PIPE, text=True)


def test_a_killed_session_is_readable_up_to_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    rng = random.Random(4)  # noqa: S311
    missing_s = []
    for kill in range(1, KILLS + 1):
        child = start(path, 0)
        assert child.stdout is not None
        number = int(child.stdout.readline())
        time.sleep(rng.uniform(0.8, 1.6))
        child.kill()
        last_s = float([line for line in child.communicate()[0].split("\n") if line][-2])
        record = read.session(path, number)
        strides = read.strides(path, number)
        assert number == kill
        assert not record.row.closed
        assert [stride.number for stride in strides] == list(range(len(strides)))
        assert len(record.cues) == record.row.fired == record.row.strides == len(strides)
        assert [pose_frame.index for pose_frame in read.pose_frames(path, number)] == list(
            range(record.row.recorded_frames)
        )
        missing_s.append(last_s - record.row.duration_s)
    assert statistics.median(missing_s) <= 1.0  # a machine under load may be late once
    journal = Journal.open(path)
    assert journal.notices() == ()  # nothing was damaged
    journal.close()
    assert len(read.sessions(path)) == KILLS


def test_processes_that_begin_one_file_at_once_all_write_everything(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    children = [start(path, 150) for _ in range(3)]
    for child in children:
        child.communicate()
        assert child.returncode == 0
    rows = read.sessions(path)
    assert sorted(row.id for row in rows) == [1, 2, 3]
    for row in rows:
        assert (row.strides, row.fired, row.recorded_frames, row.closed) == (150, 150, 150, True)
