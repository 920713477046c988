"""One session of the journal, read and analysed: what the report, the exports and the terminal are made from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cuecoach.analysis.fault_statistics import judged_metrics
from cuecoach.analysis.record import readable_pack_of
from cuecoach.analysis.summary import Summary, summarise
from cuecoach.journal import read
from cuecoach.journal.records import SessionRecord
from cuecoach.types import PoseFrame, Stride


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedSession:
    """A session with its strides and its numbers. `path` is the journal's."""

    path: Path
    record: SessionRecord
    strides: Sequence[Stride]
    summary: Summary

    def pose_frames(self, from_s: float = -math.inf, until_s: float = math.inf) -> Iterator[PoseFrame]:
        """Read the landmark recording, or the part between two times (raises InputError when there is none)."""
        return read.pose_frames(self.path, self.record.row.id, from_s, until_s)


def analyse(path: Path, number: int, *, all_metrics: bool = True) -> AnalysedSession:
    """Read a session of the journal at `path` and return it with its numbers.

    Without `all_metrics` the strides hold only those metrics that the numbers need, which is several times faster.

    Raises
    ------
    InputError
        There is no such session, or no journal.
    DeviceError
        The journal cannot be read.
    """
    record = read.session(path, number)
    metrics = None
    if not all_metrics:
        pack, _ = readable_pack_of(record)
        metrics = judged_metrics(record.cues, pack) if pack else ()
    strides = read.strides(path, number, metrics=metrics)
    return AnalysedSession(path, record, strides, summarise(record, strides))
