"""Eight sessions under three coaches: CueCoach's programme, one who speaks at every faulty stride, and one each 30 s.

Owns the learner, which is an assumption and no finding. It is as simple as the guidance hypothesis allows (Salmoni,
Schmidt & Walter 1984, Psychol Bull 95:355; Winstein & Schmidt 1990, J Exp Psychol Learn 16:677; Winstein, Pohl &
Lewthwaite 1994, Res Q Exerc Sport 65:316):

- A cue makes the runner correct 3/4 of the fault at once; without another one this fades with 90 s (the virtual runner
  of `cuecoach.virtual_runner`; VanGelder 2018 for how soon).
- What is practised is kept: with each corrected stride `kept` nears 1, the share of the fault that is gone for good.
- Less is kept the more feedback there is: all without any, a quarter under constant feedback, half way between the two
  at two cues a minute (mean of the last two minutes). This is the guidance hypothesis; how strong it is, nobody knows.
- The rate of learning is such that feedback on every stride in the programme's shrinking windows takes half of a fault
  away for good, as Crowell & Davis 2011 and Willy 2012 measured; from one session to the next 5 % are forgotten.
- The recall phrase does nothing, though it might do much (Van den Berghe 2024).

The table therefore cannot show that fading teaches better: that is put in. It shows whether the coach, as it really
decides on noisy strides, teaches such a learner, and with how many words. WORLDS tells how much hangs on it:
the same with guidance in full, and with none, each set by the same studies.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.coaching.runner import Dial, Plan, Run, make_run, stride_of
from bench.coaching.session import APPROACH_S, LATENCY_S, coached
from cuecoach.coach.findings import Judge, Level
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import BlockKind, Programme, plan
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.pack import Pack
from cuecoach.types import FloatArray, Kind
from cuecoach.virtual_runner.response import DELAY_S

FAULT = "lazy-heel"
SESSIONS = 8
COACHES = ("CueCoach", "every faulty stride", "every 30 s")
CONTINUOUS = "each stride, in the programme's windows"  # as in Crowell & Davis 2011: what the learner is set by
_MPS = 3.0
_SHARE, _RELAPSE_S = 0.75, 90.0
_HALF_AT_PER_MIN, _COUNTED_S = 2.0, 120.0
_FORGOTTEN = 0.05
_PHRASE_S = 1.5  # nobody can speak faster than this
_REMINDER_S = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """How learning might work: `least` of what is practised is kept under constant feedback, `strides` to learn.

    With `strides` corrected strides of one's own, 63 % of a fault are gone for good.
    """

    least: float
    strides: float


GUIDED = World(0.25, 5000.0)
WORLDS = {"guidance, as assumed": GUIDED, "guidance in full": World(0.0, 580.0), "no guidance": World(1.0, 18600.0)}


class Learner:
    """One runner through all sessions. `kept` is what is there without any cue."""

    def __init__(self, chance: np.random.Generator, world: World) -> None:
        self.kept = 0.0
        self._world = world
        self._chance = chance
        self._waiting: list[float] = []
        self._wish = 0.0  # what the cues have asked for and has not faded yet
        self._done = 0.0  # what of it the runner does; follows within seconds
        self._feedback_per_min = 0.0
        self._last_s = 0.0

    def begin_session(self) -> None:
        """Begin another session, some days later."""
        self.kept *= 1.0 - _FORGOTTEN
        self._waiting, self._wish, self._done, self._feedback_per_min, self._last_s = [], 0.0, 0.0, 0.0, 0.0

    def hear(self, fault: str, t_s: float) -> None:
        """Take in a cue."""
        if fault == FAULT:
            self._waiting.append(t_s + float(self._chance.uniform(*DELAY_S)))

    def strength(self, dial: int, t_s: float) -> float:
        """Return what is left of the fault; asked once for each stride, which is practice."""
        del dial
        passed_s = max(0.0, t_s - self._last_s)
        self._last_s = max(t_s, self._last_s)
        self._wish *= math.exp(-passed_s / _RELAPSE_S)
        self._feedback_per_min *= math.exp(-passed_s / _COUNTED_S)
        due = [onset_s for onset_s in self._waiting if onset_s <= t_s]
        self._waiting = [onset_s for onset_s in self._waiting if onset_s > t_s]
        for _ in due:
            self._wish += _SHARE * (1.0 - self._wish)
            self._feedback_per_min += 60.0 / _COUNTED_S
        self._done += (self._wish - self._done) * (1.0 - math.exp(-passed_s / APPROACH_S))
        own = self._world.least + (1.0 - self._world.least) / (1.0 + self._feedback_per_min / _HALF_AT_PER_MIN)
        self.kept += (1.0 - self.kept) * self._done * own / self._world.strides
        return (1.0 - self.kept) * (1.0 - self._done)


@dataclasses.dataclass(frozen=True, slots=True)
class Taught:
    """One runner after the programme, 1 being the limit: level before, in the last probe, days later; cues heard."""

    before: float
    last_probe: float
    days_later: float
    cues: int
    cues_by_session: tuple[int, ...]


def teach(seed: int, pack: Pack, coach: str, world: World = GUIDED, sessions: int = SESSIONS) -> Taught:
    """Take one runner through the programme with one of the COACHES, or with CONTINUOUS feedback."""
    chance = np.random.default_rng([seed, 5])
    level = float(chance.uniform(1.2, 1.8))
    rule = next(rule for rule in pack.rules if rule.id == FAULT)
    learner = Learner(np.random.default_rng([seed, 6]), world)
    counts, last_probe = [], math.nan
    for number in range(1, sessions + 1):
        programme = plan(number)
        learner.begin_session()
        seconds = programme.blocks[-1].start_s
        run = make_run(chance, Plan(seconds, ((0.0, _MPS),)), [Dial(rule, level)])
        if coach == COACHES[0]:
            strength, cues = _programme(run, pack, programme, learner)
        else:
            strength, cues = _other(run, pack, programme, learner, coach)
        counts.append(cues)
        last = _last_probe(programme)
        late = (run.closed_s >= last[0]) & (run.closed_s < last[1])
        last_probe = level * float(strength[late].mean())
    return Taught(level, last_probe, level * (1.0 - learner.kept * (1.0 - _FORGOTTEN)), sum(counts), tuple(counts))


def _last_probe(programme: Programme) -> tuple[float, float]:
    """Return from when to when the last probe lasts."""
    place = max(row for row, block in enumerate(programme.blocks) if block.kind is BlockKind.PROBE)
    return programme.blocks[place].start_s, programme.blocks[place + 1].start_s


def _windows(programme: Programme, t_s: FloatArray, *, all_on: bool) -> NDArray[Any]:
    """Return at which times (n,) feedback is given: in the programme's windows, or all the way between the probes."""
    if all_on:
        first_s = next(block.start_s for block in programme.blocks if block.kind is BlockKind.ON)
        return np.asarray((t_s >= first_s) & (t_s < _last_probe(programme)[0]))
    return np.array([programme.blocks[programme.index_at(one)].kind is BlockKind.ON for one in t_s.tolist()])


def _programme(run: Run, pack: Pack, programme: Programme, learner: Learner) -> tuple[NDArray[Any], int]:
    log = coached(run, Coach(pack, CoachSettings(), programme), learner)
    return log.strength[:, 0], sum(decision.kind is Kind.FAULT for decision in log.said)


def _other(run: Run, pack: Pack, programme: Programme, learner: Learner, coach: str) -> tuple[NDArray[Any], int]:
    """Run a session with a coach who speaks between the same probes, as soon as the last words are out."""
    judge = Judge(pack, CoachSettings())
    place = [rule.id for rule in pack.rules].index(FAULT)
    gap_s = {COACHES[1]: _PHRASE_S, COACHES[2]: _REMINDER_S, CONTINUOUS: 0.0}[coach]
    allowed = _windows(programme, run.closed_s, all_on=coach != CONTINUOUS)
    columns, _, seen = run.shifts[0]
    rows = run.measured.tolist()
    strength = np.ones(len(rows))
    spoken_s, count = -math.inf, 0
    for number, closed_s in enumerate(run.closed_s.tolist()):
        strength[number] = part = learner.strength(0, closed_s - 0.65)
        for column, by in zip(columns, seen[number].tolist(), strict=True):
            rows[number][column] += by * part
        if not allowed[number] or closed_s - spoken_s < gap_s:
            continue
        verdict = judge.judge(stride_of(run, number, rows[number]))[place] if coach == COACHES[1] else None
        if coach != COACHES[1] or (verdict is not None and verdict.level is Level.VIOLATED):
            spoken_s = closed_s
            count += 1
            learner.hear(FAULT, closed_s + LATENCY_S)
    return strength, count
