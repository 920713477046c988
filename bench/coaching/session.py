"""One simulated session: a run, a coach, and a runner who hears what is said. Owns the loop; judges nothing.

Words begin when the coach wished, or at once, and sound 50 ms later. How the runner answers is an `Answer`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bench.coaching.runner import Run, stride_of
from cuecoach.coach.programme import BlockKind
from cuecoach.coach.scheduler import Coach
from cuecoach.types import Decision, FloatArray, Kind, Situation, Speed, Stride
from cuecoach.virtual_runner.response import DELAY_S

APPROACH_S = 1.5  # as in `cuecoach.virtual_runner`: two or three strides
LATENCY_S = 0.05

Step = tuple[float, tuple[Stride, ...], Situation, bool]  # what the coach is told: when, what, how things are, asked


class Answer(Protocol):
    """How strong each dial of a runner is, 1 before anything was said."""

    def hear(self, fault: str, t_s: float) -> None:
        """Take in words that begin to sound at `t_s`."""
        ...

    def strength(self, dial: int, t_s: float) -> float:
        """Return the strength of a dial at `t_s`, asked in the order of time."""
        ...


class Deaf:
    """A runner whom nothing changes."""

    def hear(self, fault: str, t_s: float) -> None:
        """Change nothing."""

    def strength(self, dial: int, t_s: float) -> float:
        """Return 1."""
        del dial, t_s
        return 1.0


class Willing:
    """A runner in whom each cue takes a share of its fault away for a while, as the virtual runner does."""

    def __init__(self, faults: Sequence[str], share: float, relapse_s: float, chance: np.random.Generator) -> None:
        self._faults = tuple(faults)
        self._share = share
        self._relapse_s = relapse_s
        self._chance = chance
        self._answers: list[list[tuple[float, float]]] = [[] for _ in self._faults]

    def hear(self, fault: str, t_s: float) -> None:
        """Begin to answer 1.6 to 2.8 s later."""
        if fault in self._faults:
            share = min(1.0, self._share * self._chance.uniform(0.8, 1.2))
            answers = self._answers[self._faults.index(fault)]
            answers.append((t_s + self._chance.uniform(*DELAY_S), share))
            del answers[:-4]  # older ones are forgotten anyway

    def strength(self, dial: int, t_s: float) -> float:
        """Return what is left of the fault."""
        left = 1.0
        for onset_s, share in self._answers[dial]:
            left *= 1.0 - share * profile(t_s - onset_s, self._relapse_s)
        return left


def profile(since_s: float, relapse_s: float) -> float:
    """Return how much of an answer is there, 0..1: there within seconds, and fading."""
    if since_s <= 0.0:
        return 0.0
    return (1.0 - math.exp(-since_s / APPROACH_S)) * math.exp(-since_s / relapse_s)


@dataclasses.dataclass(slots=True, eq=False)
class Log:
    """What happened: the run, the strength of each dial at each stride (n, dials), strides and decisions.

    `summaries_s` is when blocks for a summary began. `steps` is what the coach was told, and `by_step` what it said to
    that, when they are kept.
    """

    run: Run
    strength: FloatArray
    strides: list[Stride]
    decisions: list[Decision]
    summaries_s: list[float]
    steps: list[Step]
    by_step: list[tuple[Decision, ...]]

    @property
    def said(self) -> list[Decision]:
        """What was spoken."""
        return [decision for decision in self.decisions if decision.fires]

    def values(self, *, true: bool) -> FloatArray:
        """Return the metrics (n, NAMES), true or as measured, the dials included."""
        values = (self.run.true if true else self.run.measured).copy()
        for dial, (columns, shift, seen) in enumerate(self.run.shifts):
            values[:, columns] += (shift if true else seen) * self.strength[:, dial : dial + 1]
        return values


def begins_s(decision: Decision) -> float:
    """Return when the words of a decision begin."""
    return decision.t_s if decision.start_s is None else decision.start_s


def coached(run: Run, coach: Coach, answer: Answer, *, keep_steps: bool = False) -> Log:
    """Let a coach follow a run whose runner hears it."""
    rows = run.measured.tolist()
    dials = [(place, columns, seen.tolist()) for place, (columns, _, seen) in enumerate(run.shifts)]
    strength = np.ones((len(rows), len(dials)))
    log = Log(run, strength, [], [], [], [], [])
    changes, change = run.situations, 0
    cached: tuple[Speed | None, Situation, Situation] | None = None
    state = changes[0][1]
    for number, (closed_s, speed) in enumerate(zip(run.closed_s.tolist(), run.speeds, strict=True)):
        while change < len(changes) and changes[change][0] <= closed_s:
            t_s, state, asked = changes[change]
            change += 1
            state = dataclasses.replace(state, speed=speed)
            _step(log, coach, answer, (t_s, (), state, asked), keep_steps)
        if cached is None or cached[0] is not speed or cached[2] is not state:
            cached = (speed, dataclasses.replace(state, speed=speed), state)
        row = rows[number]
        at_s = closed_s - 0.65  # about where the leg swings
        for place, columns, shifts in dials:
            strength[number, place] = part = answer.strength(place, at_s)
            for column, by in zip(columns, shifts[number], strict=True):
                row[column] += by * part
        stride = stride_of(run, number, row)
        log.strides.append(stride)
        _step(log, coach, answer, (closed_s, (stride,), cached[1], False), keep_steps)
    return log


def _step(log: Log, coach: Coach, answer: Answer, step: Step, keep: bool) -> None:
    before = coach.block
    decisions = coach.step(*step)
    log.decisions += decisions
    if coach.block is not before and coach.block is not None and coach.block.kind is BlockKind.SUMMARY:
        log.summaries_s.append(step[0])
    for decision in decisions:
        if decision.fires and decision.kind is Kind.FAULT and decision.fault is not None:
            answer.hear(decision.fault, begins_s(decision) + LATENCY_S)
    if keep:
        log.steps.append(step)
        log.by_step.append(decisions)
