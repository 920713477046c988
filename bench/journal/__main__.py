"""What journal, report and commands cost, and what they survive: sizes, times, kills, full disks.

Usage: `python -m bench.journal [--kills N] [--episodes N]`. Sessions are made up by `story.py`.
Kills are real SIGKILLs of a process that writes a session. Full disks are real: a small tmpfs, which only root may
mount on Linux, filled and emptied. For the read-only episodes SQLite's connection is made read-only for a while: a file
system does not turn read-only while a file in it is open for writing, unless it is damaged.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from bench.journal.story import Story, events, write
from bench.table import Row, add_options, at_most, finish, stated
from cuecoach.analysis import replay
from cuecoach.analysis.session import analyse
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.report.data import gather
from cuecoach.report.page import render
from cuecoach.types import PoseFrame, SessionOutcome, Stride

MB = 1e6
HOUR = Story(minutes=60.0, stride_s=0.72, cue_every_s=40.0, withheld_every_s=15.0)
ROUNDS = 5


def best_s(action: Callable[[], object]) -> float:
    """Return the shortest of a few times: others use this machine, too."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def sizes_and_times(folder: Path) -> list[Row]:
    """Measure an hour, alone and among a thousand sessions."""
    path = folder / "hour.sqlite"
    number = write(path, HOUR)
    row = read.session(path, number).row
    rows = [stated("size and time", "an hour", f"{row.strides} strides, {row.fired + row.withheld} decisions")]
    rows.append(at_most("size and time", "journal of an hour", path.stat().st_size / MB, 15.0, "MB", 1))
    kept = folder / "recorded.sqlite"
    write(kept, dataclasses.replace(HOUR, frames_hz=30.0))
    frames = read.sessions(kept)[0].recorded_frames
    rows.append(
        at_most("size and time", f"the same with {frames} frames of landmarks", kept.stat().st_size / MB, 40.0, "MB", 1)
    )
    page = render(gather(kept, 1))
    rows.append(
        at_most("size and time", "report of it, with landmarks", best_s(lambda: render(gather(kept, 1))), 3.0, "s")
    )
    rows.append(at_most("size and time", "size of the page", len(page.encode()) / MB, 3.0, "MB"))
    for _ in range(999):
        write(path, dataclasses.replace(HOUR, minutes=0.1))
    rows.append(
        at_most(
            "size and time", "list among 1,000 sessions", best_s(lambda: read.sessions(path, limit=20)), 0.3, "s", 3
        )
    )
    shown = best_s(lambda: analyse(path, number, all_metrics=False))
    rows.append(at_most("size and time", "show of the hour among 1,000 sessions", shown, 0.3, "s", 3))
    return [*rows, replay_rate(path, number)]


def replay_rate(path: Path, number: int) -> Row:
    """Return how many times faster than life the coach decides the hour anew."""
    record, strides, situations = read.session(path, number), read.strides(path, number), read.situations(path, number)
    pack = library.find(record.row.pack_id)

    def again() -> None:
        coach = make_coach(pack, CoachSettings(), ProgrammeSettings(), kind="standard", runner="Ann", seed=1)
        replay.from_strides(strides, situations, coach)

    rate = record.row.duration_s / best_s(again)
    return Row(
        "size and time",
        "replay of the hour, from its strides",
        "at least 500 times life",
        f"{rate:.0f} times life",
        rate >= 500,
        1 / rate,
    )


def command_times(path: Path) -> list[Row]:
    """Return what the whole commands take, with the start of Python and its libraries, beside numpy's own start."""
    # Compiled once, as an installed package is, also where nothing may be written beside the sources.
    surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": str(path.parent / "compiled")}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)

    def taken_s(*arguments: str) -> float:
        command = [sys.executable, *arguments]
        return best_s(lambda: subprocess.run(command, capture_output=True, check=True, env=surroundings))

    rows = [stated("commands", "`import numpy`, for comparison", f"{taken_s('-c', 'import numpy'):.2f} s")]
    for verb in (["list"], ["show", "1"]):
        spent_s = taken_s("-m", "cuecoach", "sessions", *verb, "--journal", str(path))
        rows.append(at_most("commands", f"`sessions {verb[0]}`, from start to end", spent_s, 0.3, "s"))
    return rows


# -- kills


def _write_for_ever(path: Path, told: Connection) -> None:
    """Write a session a hundred times faster than life, and tell the time of each record just handed over."""
    journal = Journal.open(path)
    journal.begin(_info())
    start_s = time.monotonic()
    for item in events(dataclasses.replace(HOUR, frames_hz=10.0)):
        t_s = time.monotonic() - start_s
        if isinstance(item, Stride):
            journal.stride(dataclasses.replace(item, closed_s=t_s))
            told.send(t_s)
            time.sleep(0.005)
        elif isinstance(item, PoseFrame):
            journal.pose_frame(PoseFrame(t_s, item.index, item.pose))
    time.sleep(60.0)


def kills(folder: Path, count: int) -> list[Row]:
    """Kill a writing process at random moments; look at the journal each time as a reader and as the next session."""
    rng = random.Random(7)  # noqa: S311
    opened, missing_s = 0, []
    for kill in range(count):
        path = folder / f"killed-{kill // 50}.sqlite"  # fifty sessions in one file
        last_s = _killed(path, rng.uniform(0.05, 1.2))
        row = read.sessions(path)[0]
        strides = read.strides(path, row.id)
        whole = [stride.number for stride in strides] == list(range(row.strides))
        journal = Journal.open(path)
        opened += whole and not row.closed and journal.notices() == ()
        journal.close()
        missing_s.append(last_s - row.duration_s)
    return _kill_rows(count, opened, missing_s)


def _killed(path: Path, after_s: float) -> float:
    """Kill a writing process so long after its first record; return the time of the last record it handed over."""
    fork = multiprocessing.get_context("fork")
    listen, tell = fork.Pipe(duplex=False)
    child = fork.Process(target=_write_for_ever, args=(path, tell), daemon=True)
    child.start()
    tell.close()
    last_s: float = listen.recv()
    time.sleep(after_s)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    try:
        while True:
            last_s = listen.recv()
    except EOFError:
        return last_s


def _kill_rows(count: int, opened: int, missing_s: list[float]) -> list[Row]:
    worst = max(missing_s)
    return [
        Row("kills", f"{count} kills: journal opens, whole", "all", f"{opened} of {count}", opened == count),
        at_most("kills", "most that a kill cost", worst, 1.0, "s"),
    ]


# -- disks


def _info() -> SessionInfo:
    pack = library.find("pull-under")
    return SessionInfo("2026-01-01T10:00:00+00:00", "camera", "0", 30.0, pack.id, pack.text, {}, 1, "0.1.0")


def episodes(folder: Path, count: int) -> list[Row]:
    """Fill the disk, or make the journal read-only, again and again under one running session each."""
    disk = folder / "small-disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        return [stated("disks", "episodes", "not measured: only root may mount a small disk, on Linux")]
    filler = disk / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65_536))
            except OSError:
                pass

    try:
        full = _episodes(
            "full disk", disk / "full.sqlite", count, lambda _journal: fill(), lambda _journal: filler.unlink()
        )
        read_only = _episodes(
            "read-only",
            disk / "read-only.sqlite",
            count,
            lambda journal: _query_only(journal, "ON"),
            lambda journal: _query_only(journal, "OFF"),
        )
    finally:
        subprocess.run(["umount", str(disk)], check=False)  # noqa: S607
    return [full, read_only]


def _query_only(journal: Journal, value: str) -> None:
    with journal._file_lock:
        journal._connection.execute(f"PRAGMA query_only = {value}")


def _episodes(
    name: str, path: Path, count: int, begin: Callable[[Journal], None], end: Callable[[Journal], None]
) -> Row:
    journal = Journal.open(path)
    number = journal.begin(_info())
    strides = (item for item in events(HOUR) if isinstance(item, Stride))
    given, told_once, slowest_s = 0, 0, 0.0

    def give_until(words: str) -> int:
        """Hand strides over until a notice with these words comes; return how many notices came."""
        nonlocal given, slowest_s
        notices: list[str] = []
        give_up = time.monotonic() + 60.0
        while not any(words in notice for notice in notices) and time.monotonic() < give_up:
            start = time.perf_counter()
            journal.stride(next(strides))
            slowest_s = max(slowest_s, time.perf_counter() - start)
            given += 1
            notices += journal.notices()
            time.sleep(0.02)
        return len(notices)

    for _ in range(count):
        begin(journal)
        told = give_until("cannot be written")
        end(journal)
        told_once += told == 1 and give_until("is written again: nothing is lost") == 1
    journal.end(1.0, SessionOutcome.FINISHED)
    journal.close()
    kept = read.session(path, number).row.strides
    value = f"{told_once} of {count} told once, {kept} of {given} strides kept, slowest call {1000 * slowest_s:.1f} ms"
    return Row("disks", f"{count} times {name}", "all, all", value, told_once == count and kept == given)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--episodes", type=int, default=5)
    add_options(parser)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = kills(folder, wanted.kills) if wanted.kills else []
        rows += episodes(folder, wanted.episodes) if wanted.episodes else []
        rows += sizes_and_times(folder) + command_times(folder / "hour.sqlite")
    return finish(rows, "journal", "Sessions", save_baseline=wanted.save_baseline)


if __name__ == "__main__":
    sys.exit(main())
