"""Decides a session again: its strides through the coach, or its landmarks through gait and coach.

The coach is a function of strides, situation and settings, all of which are kept, so the same pack decides the same,
bit for bit. From landmarks the strides are measured again, some hundred times slower: that shows what another version
of the measurement would have made of the session.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path

from cuecoach.analysis.record import calibrations_of, pack_of, settings_of
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.gait import RECENT_S, Gait
from cuecoach.gait.settings import GaitSettings
from cuecoach.journal import read
from cuecoach.journal.records import SessionRecord, SituationRow
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, PoseFrame, Situation, Speed, SpeedOrigin, Stride


@dataclass(frozen=True, slots=True)
class CoachStep:
    """The arguments of one call of `Coach.step`."""

    t_s: float
    strides: tuple[Stride, ...]
    situation: Situation
    asked: bool = False


@dataclass(slots=True)
class Replay:
    """What came out. `exact` is False when situations had to be guessed from the strides (journals of version 1)."""

    decisions: list[Decision] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)
    exact: bool = True


def replay_session(
    path: Path,
    number: int,
    pack: Pack | None = None,
    *,
    landmarks: bool = False,
    progress: Callable[[Iterator[PoseFrame]], Iterable[PoseFrame]] = iter,
) -> Replay:
    """Decide a session of the journal at `path` again.

    Parameters
    ----------
    path : Path
    number : int
    pack : Pack or None
        None: the session's own.
    landmarks : bool
        Measure the recorded landmarks again, instead of taking the kept strides.
    progress : callable
        Passes the recorded landmarks on, and may show how far they are.

    Raises
    ------
    InputError
        There is no such session, its pack cannot be read, or it has no landmarks.
    DeviceError
        The journal cannot be read.
    """
    record, situations = read.session(path, number), read.situations(path, number)
    coach = coach_of(record, pack or pack_of(record))
    if not landmarks:
        return from_strides(read.strides(path, number), situations, coach)
    gait = Gait(settings_of(record, "gait", GaitSettings), calibrations_of(record))
    return from_landmarks(progress(read.pose_frames(path, number)), situations, coach, gait)


def coach_of(record: SessionRecord, pack: Pack) -> Coach:
    """Return a coach as it was at the start of a session, with this pack: its settings, programme and seed."""
    session = record.settings.get("session", {})
    kind = session.get("programme")
    return make_coach(
        pack,
        settings_of(record, "coach", CoachSettings),
        settings_of(record, "programme", ProgrammeSettings),
        kind=kind or "none",
        runner=session.get("runner", "") if kind else "",  # nothing was assigned at random before there were programmes
        seed=record.seed,
    )


def from_strides(strides: Sequence[Stride], situations: Sequence[SituationRow], coach: Coach) -> Replay:
    """Let a new coach decide about the strides of a session, in the situations that were kept."""
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
    """Measure the recorded landmarks again with a new gait, and let a new coach decide about the strides.

    What was not measured is taken from the session: a belt speed that was typed or sent, mute, easier, "tell me now".
    """
    replay = Replay(exact=bool(situations))
    inputs = _SessionInputs(situations)
    now_s = 0.0
    for pose_frame in pose_frames:
        now_s = pose_frame.t_s
        inputs.advance(now_s)
        step = gait.update(pose_frame, inputs.speed)
        replay.strides += step.strides
        situation = Situation(step.activity, step.leaving, step.speed, inputs.muted, inputs.easier_steps)
        replay.decisions += coach.step(now_s, step.strides, situation, inputs.asked)
    last = gait.finish()
    replay.strides += last.strides
    situation = Situation(last.activity, last.leaving, last.speed, inputs.muted, inputs.easier_steps)
    replay.decisions += coach.step(now_s, last.strides, situation, False)
    return replay


@dataclass(frozen=True, slots=True)
class DecisionPair:
    """What the session decided at one moment and what the replay did; None where it decided nothing."""

    t_s: float
    kept: Decision | None
    replayed: Decision | None

    @property
    def same(self) -> bool:
        """Whether both are the same in all that the journal keeps of a decision."""
        if self.kept is None or self.replayed is None:
            return self.kept is self.replayed
        return _stored_fields(self.kept) == _stored_fields(self.replayed)


def pair_decisions(kept: Iterable[Decision], replayed: Iterable[Decision]) -> list[DecisionPair]:
    """Pair decisions that are about the same thing at the same moment, in the order of time."""
    pairs: dict[tuple[float, str, str, int], list[Decision | None]] = {}
    for place, decisions in enumerate((kept, replayed)):
        seen: Counter[tuple[float, str, str]] = Counter()
        for decision in decisions:
            about = (decision.t_s, str(decision.kind), decision.fault or "")
            pairs.setdefault((*about, seen[about]), [None, None])[place] = decision
            seen[about] += 1
    return [DecisionPair(key[0], *pairs[key]) for key in sorted(pairs, key=lambda key: key[0])]


def _stored_fields(decision: Decision) -> tuple[object, ...]:
    what = (decision.fires, decision.kind, decision.reason, decision.fault, decision.side)
    return (decision.t_s, *what, decision.cue, decision.strides)


def _steps(strides: Sequence[Stride], rows: Sequence[SituationRow]) -> Iterator[CoachStep]:
    """Yield the steps with strides, or with another situation than before; no others can change a decision.

    A row of situations holds from its own frame until the next row.
    """
    by_number = {stride.number: stride for stride in strides}
    last = max(by_number, default=-1) + 1
    ends = [row.next_stride for row in rows[1:]] + [last]
    for row, end in zip(rows, ends, strict=True):
        mine = [by_number[number] for number in range(row.next_stride, end) if number in by_number]
        at_once = tuple(stride for stride in mine if stride.closed_s == row.t_s)
        yield CoachStep(row.t_s, at_once, row.situation, row.asked)
        for closed_s, group in groupby(mine[len(at_once) :], key=lambda stride: stride.closed_s):
            yield CoachStep(closed_s, tuple(group), row.situation)


def _guessed_steps(strides: Sequence[Stride]) -> Iterator[CoachStep]:
    """Yield steps with the situation guessed from the strides: their activity and speed, not muted."""
    groups = [(t_s, tuple(group)) for t_s, group in groupby(strides, key=lambda stride: stride.closed_s)]
    for (t_s, group), (next_s, _) in pairwise([*groups, (math.inf, ())]):
        yield CoachStep(t_s, group, Situation(group[-1].activity, False, group[-1].speed, False))
        if next_s - t_s > RECENT_S:
            yield CoachStep(t_s + RECENT_S, (), Situation(Activity.UNSURE, False, group[-1].speed, False))


class _SessionInputs:
    """What the runner and the treadmill gave the session, at each moment."""

    def __init__(self, rows: Sequence[SituationRow]) -> None:
        self._rows = rows
        self._next = 0
        self.speed: Speed | None = None
        self.muted = False
        self.easier_steps = 0
        self.asked = False

    def advance(self, t_s: float) -> None:
        """Go on to the frame at `t_s`."""
        self.asked = False
        while self._next < len(self._rows) and self._rows[self._next].t_s <= t_s:
            row = self._rows[self._next]
            speed = row.situation.speed
            self.speed = speed if speed and speed.origin is not SpeedOrigin.PICTURE else None
            self.muted = row.situation.muted
            self.easier_steps = row.situation.easier_steps
            self.asked = row.asked
            self._next += 1
