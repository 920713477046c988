"""Is what was said true? Cues against what the simulated runner really did. Owns the definition of a true cue.

A cue is true when the fault it names is really there on the leg it is about: by the pack's own limits at the true
speed, in the mean of the true strides that the coach looked at (the last eight found of that leg; 20 of each leg when
legs are compared), or in at least half of them. Words about both legs are true when it is there on one. About a runner
who is no longer well but not beyond the limit no cue is true; how many of these there are is told apart.

A cue names the wrong side when the leg it is about has not got the fault and the other one has.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.coaching.rules import View, pair_shows, shows
from bench.coaching.runner import SIDES
from bench.coaching.session import Log
from cuecoach.coach.policy import CoachSettings
from cuecoach.packs.faults import Fault, Scope
from cuecoach.packs.pack import Pack
from cuecoach.types import Decision, Kind, Side


@dataclasses.dataclass(slots=True)
class Truth:
    """How many cues were there, true, in the band between well and beyond, about a leg, and about the wrong one."""

    cues: Counter[str] = dataclasses.field(default_factory=Counter)
    true: Counter[str] = dataclasses.field(default_factory=Counter)
    not_well: Counter[str] = dataclasses.field(
        default_factory=Counter
    )  # true, or at least not within the release limit
    sided: Counter[str] = dataclasses.field(default_factory=Counter)
    wrong: Counter[str] = dataclasses.field(default_factory=Counter)

    def add(self, other: Truth) -> None:
        """Take in another count."""
        for name in ("cues", "true", "not_well", "sided", "wrong"):
            getattr(self, name).update(getattr(other, name))

    def share(self, what: str, fault: str | None = None) -> float:
        """Return the share of the cues (about a fault) that are `what`; NaN without any."""
        whole = self.sided if what == "wrong" else self.cues
        count = whole[fault] if fault else whole.total()
        part: Counter[str] = getattr(self, what)
        return (part[fault] if fault else part.total()) / count if count else float("nan")


def judge(truth: Truth, log: Log, pack: Pack, settings: CoachSettings) -> None:
    """Count the cues of a session."""
    cues = [decision for decision in log.said if decision.kind is Kind.FAULT]
    if not cues:
        return
    mps = log.run.true_mps
    view = View(log.values(true=True), mps, mps)
    rules = {rule.id: rule for rule in pack.rules}
    for cue in cues:
        rule = rules[str(cue.fault)]
        truth.cues[rule.id] += 1
        truth.true[rule.id] += _there(log, view, rule, cue, pack, settings, leave=False)
        truth.not_well[rule.id] += _there(log, view, rule, cue, pack, settings, leave=True)
        if cue.side is not None:
            truth.sided[rule.id] += 1
            here, there = (
                _on_leg(log, view, rule, leg, cue.t_s, pack, settings, leave=False)
                for leg in (cue.side, cue.side.other)
            )
            truth.wrong[rule.id] += there and not here


def _there(
    log: Log, view: View, rule: Fault, cue: Decision, pack: Pack, settings: CoachSettings, *, leave: bool
) -> bool:
    legs = (log.run.plan.near,) if rule.scope is Scope.BODY else (cue.side,) if cue.side else SIDES
    return any(_on_leg(log, view, rule, leg, cue.t_s, pack, settings, leave=leave) for leg in legs)


def _on_leg(
    log: Log, view: View, rule: Fault, leg: Side, t_s: float, pack: Pack, settings: CoachSettings, *, leave: bool
) -> bool:
    """Whether a leg truly has a fault at a time."""
    if rule.scope is Scope.PAIR:
        mine, other = (_last(log, side, t_s, settings.pair_strides) for side in (leg, leg.other))
        return pair_shows(rule, view.take(mine), view.take(other), leave=leave)
    window = view.take(_last(log, leg, t_s, settings.window_strides))
    if not len(window.values):
        return False
    each = shows(rule, window, leave=leave, pack=pack)
    return bool(2 * each.sum() >= len(each) or shows(rule, window.mean(), leave=leave, pack=pack)[0])


def _last(log: Log, leg: Side, t_s: float, count: int) -> NDArray[Any]:
    return np.flatnonzero((log.run.side == leg.row) & (log.run.closed_s <= t_s))[-count:]
