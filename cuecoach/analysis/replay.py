"""A session once more: the same strides through the coach, or the same landmarks through gait and coach.

Owns the way from what the journal kept back to decisions. Speaks nothing, draws nothing, writes nothing.

The coach is a function of strides, situation and settings, all of which are kept, so the same pack decides the same,
bit for bit. From landmarks the strides are measured again, some hundred times slower: that shows what another version
of the measurement would have made of the session.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from cuecoach.analysis.summary import settings_of
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.gait import Gait
from cuecoach.journal.records import SessionRecord, SituationRow
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, PoseFrame, Situation, Speed, SpeedOrigin, Stride


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the coach: what it was told at `t_s`."""

    t_s: float
    strides: tuple[Stride, ...]
    situation: Situation
    asked: bool = False


@dataclass(slots=True)
class Replay:
    """What came out. `exact` is False when the situation had to be guessed from the strides (journals of version 1)."""

    decisions: list[Decision] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)
    exact: bool = True


def coach_of(page: SessionRecord, pack: Pack) -> Coach:
    """Return a coach as it was at the start of a session, with this pack: its settings, programme and seed."""
    session = page.settings.get("session", {})
    kind = session.get("programme")
    return make_coach(
        pack,
        settings_of(page, "coach", CoachSettings),
        settings_of(page, "programme", ProgrammeSettings),
        kind=kind or "none",
        runner=session.get("runner", "") if kind else "",  # before there were programmes nothing was drawn by lot
        seed=page.seed,
    )


def from_strides(strides: Sequence[Stride], situations: Sequence[SituationRow], coach: Coach) -> Replay:
    """Let a fresh coach decide about the strides of a session, in the situations that it was told of."""
    steps = _steps(strides, situations) if situations else _guessed_steps(strides)
    replay = Replay(strides=list(strides), exact=bool(situations))
    for step in steps:
        replay.decisions += coach.step(step.t_s, step.strides, step.situation, step.asked)
    return replay


def from_landmarks(
    pose_frames: Iterable[PoseFrame],
    situations: Sequence[SituationRow],
    coach: Coach,
    gait: Gait,
) -> Replay:
    """Measure the recorded landmarks again with a fresh gait and let a fresh coach decide about what comes out.

    The belt's speed, as far as it was said by somebody, mute, easier and "tell me now" are those of the session.
    """
    replay = Replay(exact=bool(situations))
    told = _Told(situations)
    now_s = 0.0
    for pose_frame in pose_frames:
        now_s = pose_frame.t_s
        told.advance(now_s)
        step = gait.update(pose_frame, told.said_speed)
        replay.strides += step.strides
        situation = Situation(step.activity, step.leaving, step.speed, told.muted, told.easier_steps)
        replay.decisions += coach.step(now_s, step.strides, situation, told.asked)
    last = gait.finish()
    replay.strides += last.strides
    situation = Situation(last.activity, last.leaving, last.speed, told.muted, told.easier_steps)
    replay.decisions += coach.step(now_s, last.strides, situation, False)
    return replay


@dataclass(frozen=True, slots=True)
class Line:
    """One moment of two runs side by side: what each said, or why it kept silent; None where it decided nothing."""

    t_s: float
    left: Decision | None
    right: Decision | None


def side_by_side(left: Iterable[Decision], right: Iterable[Decision]) -> list[Line]:
    """Pair decisions of two runs that are about the same thing at the same moment, in the order of time."""
    pairs: dict[tuple[float, str, str, int], list[Decision | None]] = {}
    for place, decisions in enumerate((left, right)):
        seen: Counter[tuple[float, str, str]] = Counter()
        for decision in decisions:
            about = (decision.t_s, str(decision.kind), decision.fault or "")
            pairs.setdefault((*about, seen[about]), [None, None])[place] = decision
            seen[about] += 1
    return [Line(key[0], *pairs[key]) for key in sorted(pairs, key=lambda key: key[0])]


def same(left: Decision | None, right: Decision | None) -> bool:
    """Whether two decisions are the same in all that the journal keeps of them."""
    if left is None or right is None:
        return left is right
    return _kept(left) == _kept(right)


def _kept(decision: Decision) -> tuple[object, ...]:
    told = (decision.t_s, decision.fires, decision.kind, decision.reason, decision.fault, decision.side)
    return (*told, decision.cue, decision.strides)


def _steps(strides: Sequence[Stride], rows: Sequence[SituationRow]) -> Iterator[Step]:
    """Yield the steps that mattered: those with strides, or with another situation than before.

    A row came with the strides of its own frame that follow it, and holds until the next row.
    """
    by_number = {stride.number: stride for stride in strides}
    last = max(by_number, default=-1) + 1
    ends = [row.next_stride for row in rows[1:]] + [last]
    for row, end in zip(rows, ends, strict=True):
        mine = [by_number[number] for number in range(row.next_stride, end) if number in by_number]
        at_once = tuple(stride for stride in mine if stride.closed_s == row.t_s)
        yield Step(row.t_s, at_once, row.situation, row.asked)
        for closed_s, group in groupby(mine[len(at_once) :], key=lambda stride: stride.closed_s):
            yield Step(closed_s, tuple(group), row.situation)


_PAUSE_S = 2.0  # as long as gait remembers the last stride


def _guessed_steps(strides: Sequence[Stride]) -> Iterator[Step]:
    """Yield steps with the situation that the strides themselves tell: their activity, their speed, nobody muted."""
    groups = [(t_s, tuple(group)) for t_s, group in groupby(strides, key=lambda stride: stride.closed_s)]
    for (t_s, group), (next_s, _) in pairwise([*groups, (math.inf, ())]):
        yield Step(t_s, group, Situation(group[-1].activity, False, group[-1].speed, False))
        if next_s - t_s > _PAUSE_S:
            yield Step(t_s + _PAUSE_S, (), Situation(Activity.UNSURE, False, group[-1].speed, False))


class _Told:
    """What was said to the session from outside, at each moment."""

    def __init__(self, rows: Sequence[SituationRow]) -> None:
        self._rows = rows
        self._next = 0
        self.said_speed: Speed | None = None
        self.muted = False
        self.easier_steps = 0
        self.asked = False

    def advance(self, t_s: float) -> None:
        """Take in the rows up to a frame."""
        self.asked = False
        while self._next < len(self._rows) and self._rows[self._next].t_s <= t_s:
            row = self._rows[self._next]
            speed = row.situation.speed
            self.said_speed = speed if speed and speed.origin is not SpeedOrigin.PICTURE else None
            self.muted = row.situation.muted
            self.easier_steps = row.situation.easier_steps
            self.asked = row.asked
            self._next += 1
