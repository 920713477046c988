"""Run as a process by test_journal_crash.py: writes a session until it is killed or has done its work.

Arguments: journal file, number of strides (0: for ever). Prints the session's number, then the time of every stride.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from journal_builders import make_decision, make_info, make_pose_frame, make_stride

from cuecoach.journal.store import Journal
from cuecoach.types import SessionOutcome


def main(path: Path, strides: int) -> None:
    journal = Journal.open(path)
    print(journal.begin(make_info()), flush=True)  # noqa: T201  # the parent listens
    start_s = time.monotonic()
    number = 0
    while number < strides or not strides:
        t_s = time.monotonic() - start_s
        journal.stride(make_stride(number, t_s))
        journal.decision(make_decision(t_s), utterance=number)
        journal.pose_frame(make_pose_frame(number, t_s))
        print(t_s, flush=True)  # noqa: T201
        number += 1
        time.sleep(0.01 if not strides else 0.001)
    journal.end(t_s, SessionOutcome.FINISHED)
    journal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
