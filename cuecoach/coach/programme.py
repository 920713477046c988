"""The plan of a session in blocks, and how feedback fades from one session of a runner to the next.

 Blocks are measured in running time, so a pause costs nothing. What is
learnt under constant feedback is lost without it (guidance hypothesis: Winstein & Schmidt 1990), so the windows in
which cues are allowed shrink (Crowell & Davis 2011, Willy 2012). Every session begins with a probe without cues, one
phrase to recall what was learnt, and a second measurement (Van den Berghe 2024), and ends with a probe.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from cuecoach.settings import setting
from cuecoach.types import Reason

KINDS = ("standard", "none")

# Eight sessions, feedback removed over the last four: the shape is that of Crowell & Davis 2011; 15 to 30 minutes bound
# the list of minutes, and the shares after the fourth session are those that are widely described.
MINUTES = (15.0, 18.0, 21.0, 24.0, 27.0, 30.0, 30.0, 30.0)
ON_SHARE = (1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.1)
_WINDOWS = 3  # of feedback: at the start, in the middle, at the end
_SPOKEN_S = 15.0  # length of a block with a recall or a summary: to speak it, and to answer it


@dataclass(frozen=True, slots=True)
class ProgrammeSettings:
    """How a session of the programme is divided."""

    session: int | None = setting(
        None, "number of this session in the runner's programme; not set: counted in the journal", low=1, high=1000
    )
    minutes: float | None = setting(
        None, "running minutes of a session; not set: 15 to 30, growing over eight sessions", low=8.0, high=180.0
    )
    probe_s: float = setting(
        120.0, "probe without cues at the start, in which the gait also settles", low=70.0, high=600.0
    )
    recall_s: float = setting(75.0, "probe after the recall phrase", low=20.0, high=600.0)
    last_probe_s: float = setting(90.0, "probe without cues at the end", low=20.0, high=600.0)


class BlockKind(Enum):
    """What a block of the session is for."""

    PROBE = "probe"  # no cues: the runner shows what was kept
    RECALL = "recall"  # one phrase that calls back what was learnt
    ON = "on"  # cues are allowed
    OFF = "off"  # cues are withheld
    SUMMARY = "summary"  # what was worked on, and whether it changed

    @property
    def withheld_for(self) -> Reason | None:
        """Why cues are withheld in it; None where they are allowed."""
        return _WITHHELD_FOR[self]


_WITHHELD_FOR = {
    BlockKind.PROBE: Reason.PROBE,
    BlockKind.RECALL: Reason.PROBE,
    BlockKind.ON: None,
    BlockKind.OFF: Reason.FADED,
    BlockKind.SUMMARY: Reason.FADED,
}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a session: the `number`-th of its kind, from `start_s` of running time on."""

    kind: BlockKind
    number: int
    start_s: float

    @property
    def name(self) -> str:
        """Return "probe 1", "on 2" and so on."""
        return f"{self.kind.value} {self.number}"


@dataclass(frozen=True, slots=True)
class Programme:
    """The plan of one session. The last block has no end: who runs on is left in peace."""

    session_number: int
    minutes: float
    on_share: float
    blocks: tuple[Block, ...]

    def index_at(self, running_s: float) -> int:
        """Return the index of the block at a running time."""
        return max(0, bisect_right(self.blocks, running_s, key=lambda block: block.start_s) - 1)


def plan(session_number: int, settings: ProgrammeSettings | None = None) -> Programme:
    """Return the plan of a runner's `session_number`-th session in the programme, counted from 1.

    From the ninth session on all are like the eighth. In the first there is nothing to recall yet.
    """
    settings = settings or ProgrammeSettings()
    place = min(max(session_number, 1), len(MINUTES)) - 1
    minutes = settings.minutes or MINUTES[place]
    share = ON_SHARE[place]
    opening: list[tuple[BlockKind, float]] = [
        (BlockKind.PROBE, settings.probe_s),
        (BlockKind.RECALL, _SPOKEN_S if place else 0.0),
        (BlockKind.PROBE, settings.recall_s),
    ]
    taken_s = settings.probe_s + settings.recall_s + settings.last_probe_s + (_WINDOWS + 1) * _SPOKEN_S
    feedback_s = max(0.0, 60.0 * minutes - taken_s)
    on_s, off_s = share * feedback_s / _WINDOWS, (1.0 - share) * feedback_s / (_WINDOWS - 1)
    between = [(BlockKind.SUMMARY, _SPOKEN_S), (BlockKind.OFF, off_s)]
    windows = [(BlockKind.ON, on_s), *((*between, (BlockKind.ON, on_s)) * (_WINDOWS - 1))]
    closing = [(BlockKind.PROBE, settings.last_probe_s), (BlockKind.SUMMARY, _SPOKEN_S), (BlockKind.OFF, 0.0)]
    return Programme(max(session_number, 1), minutes, share, _blocks([*opening, *windows, *closing]))


def _blocks(lengths_s: list[tuple[BlockKind, float]]) -> tuple[Block, ...]:
    """Return the blocks one after another, those of no length left out but for the last."""
    blocks: list[Block] = []
    counts = dict.fromkeys(BlockKind, 0)
    start_s = 0.0
    for place, (kind, length_s) in enumerate(lengths_s, start=1):
        if length_s > 0.0 or place == len(lengths_s):
            counts[kind] += 1
            blocks.append(Block(kind, counts[kind], start_s))
        start_s += length_s
    return tuple(blocks)
