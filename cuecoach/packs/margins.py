"""Warnings for limits so near to what is usual that measuring errors would trigger them. Forbids nothing.

A limit is fit to be spoken about when what is usual lies at least three times as far from it as a decision may be off
(`reference/errors.py`). Closer, and the coach would sometimes correct what is only measured wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cuecoach.packs.diagnostics import Diagnostic, Diagnostics
from cuecoach.packs.faults import Fault, distance
from cuecoach.packs.pack import Pack
from cuecoach.packs.toml_lines import Path
from cuecoach.reference.errors import error
from cuecoach.reference.norms import speed_range_mps

ROOM = 3.0
_STEP_MPS = 0.25


@dataclass(frozen=True, slots=True)
class Margin:
    """Distance of a criterion's limit from what is usual, the smallest at any of the pack's speeds, and the error.

    Both in the metric's unit; NaN where unknown.
    """

    metric: str
    distance: float
    error: float

    @property
    def enough(self) -> bool:
        """Whether the distance is three errors or more."""
        return self.distance >= ROOM * self.error


def margins(rule: Fault, speeds_mps: tuple[float, float]) -> tuple[Margin, ...]:
    """Return the margin of each criterion of `rule`, in order, over the speeds (m/s) at which it is judged.

    `also` is left out: it only narrows a criterion. The error of the far leg is not known, so a rule that compares the
    legs is given the whole error of one of them, though part of it will cancel.
    """
    slowest, fastest = (
        max(speeds_mps[0], rule.speeds_mps[0], speed_range_mps()[0]),
        min(speeds_mps[1], rule.speeds_mps[1], speed_range_mps()[1]),
    )
    steps = max(1, math.ceil((fastest - slowest) / _STEP_MPS))
    grid = [slowest + (fastest - slowest) * step / steps for step in range(steps + 1)]
    return tuple(
        Margin(
            criterion.metric,
            min(
                (distance(criterion, rule.scope, mps) for mps in grid), key=lambda d: -math.inf if math.isnan(d) else d
            ),
            error(criterion.metric).of_decision,
        )
        for criterion in rule.criteria
    )


def warnings(pack: Pack, text: str, where: str) -> tuple[Diagnostic, ...]:
    """Return a warning for each rule that is spoken about though its limit is within reach of the metric's error.

    `text` is the file, for the lines; `where` names it.
    """
    diagnostics = Diagnostics(text, where)
    for path, what in _too_near(pack):
        diagnostics.add(path, what, beside=("cues", path[1]))
    return diagnostics.entries


def _too_near(pack: Pack) -> Iterator[tuple[Path, str]]:
    for rule in pack.rules:
        if rule.id in pack.ignored_faults:
            continue
        for margin in margins(rule, pack.speeds_mps):
            if not margin.enough:
                yield ("faults", rule.id, "limits", margin.metric), _sentence(margin)


def _sentence(margin: Margin) -> str:
    if math.isnan(margin.error):
        return "is spoken about, but nobody knows how well it is measured"
    return (
        f"lies {margin.distance:.3g} from what is usual, and a decision may be {margin.error:.2g} off; to be sure, it "
        f"should lie {ROOM * margin.error:.3g} away, or the fault be ignored"
    )
