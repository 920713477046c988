"""A limit of a metric: a number, a distance from the norm at the runner's speed, or a table by speed.

Pure arithmetic on one limit. What a limit is used for (faults, hysteresis, persistence) is decided elsewhere.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cuecoach.gait.metrics import norm
from cuecoach.reference.usual import SpeedTable, between

_NUMBER = r"\d+(?:\.\d+)?"
FORMULA = re.compile(rf"(?:({_NUMBER})\s*\*\s*)?norm(?:\s*([+-])\s*({_NUMBER}))?")
_GRID_MPS = 0.25  # the norms are straight lines between multiples of 0.5 m/s, so no corner is missed

ALLOWED = 'a number, "norm - 15", "0.9 * norm", or a table by speed like [[2.5, 0.41], [4.5, 0.48]]'


@dataclass(frozen=True, slots=True)
class Limit:
    """`factor` x norm + `offset`, in the metric's unit; or `table`, (m/s, value) pairs, held beyond its ends."""

    factor: float = 0.0
    offset: float = 0.0
    table: SpeedTable = ()

    @property
    def uses_norm(self) -> bool:
        """Whether the limit moves with the norm."""
        return self.factor != 0.0

    def at(self, metric: str, mps: float) -> float:
        """Return the limit at `mps` (m/s) of `metric`; NaN where there is no norm."""
        if self.table:
            return between(self.table, mps)
        if not self.uses_norm:
            return self.offset
        return self.factor * norm(metric, mps) + self.offset

    def strictest(self, metric: str, low_mps: float, high_mps: float, *, above: bool) -> float:
        """Return the limit hardest to break anywhere between two speeds; NaN when one of them has no limit.

        A value beyond it is beyond the limit at every speed in between.
        """
        speeds = {low_mps, high_mps}
        first, last = math.ceil(low_mps / _GRID_MPS), math.floor(high_mps / _GRID_MPS)
        speeds.update(step * _GRID_MPS for step in range(first, last + 1))
        speeds.update(mps for mps, _ in self.table if low_mps < mps < high_mps)
        values = [self.at(metric, mps) for mps in sorted(speeds)]
        if any(math.isnan(value) for value in values):
            return math.nan
        return max(values) if above else min(values)

    def towards_norm(self, fraction: float) -> Limit:
        """Return the limit moved towards the norm by `fraction` of its distance from it; others as they are."""
        if not self.uses_norm:
            return self
        kept = 1.0 - fraction
        return Limit(factor=1.0 - (1.0 - self.factor) * kept, offset=self.offset * kept)

    def __str__(self) -> str:
        if self.table:
            return ", ".join(f"{value:g} at {mps:g} m/s" for mps, value in self.table)
        if not self.uses_norm:
            return f"{self.offset:g}"
        norm_part = "norm" if self.factor == 1.0 else f"{self.factor:g} * norm"
        if self.offset == 0.0:
            return norm_part
        return f"{norm_part} {'+' if self.offset > 0 else '-'} {abs(self.offset):g}"


def parse_limit(value: object) -> Limit:
    """Return the limit that a pack wrote as a number, a formula or a table.

    Raises
    ------
    ValueError
        When it is none of them; the message says what is allowed.
    """
    if isinstance(value, str):
        match = FORMULA.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is not a limit; allowed is {ALLOWED}")
        factor, sign, offset = match.groups()
        size = float(offset) if offset else 0.0
        return Limit(factor=float(factor) if factor else 1.0, offset=-size if sign == "-" else size)
    if isinstance(value, list):
        return Limit(table=_parse_table(value))
    if _is_number(value):
        return Limit(offset=float(value))  # type: ignore[arg-type]  # just found to be a number
    raise ValueError(f"{value!r} is not a limit; allowed is {ALLOWED}")


def _parse_table(rows: list[object]) -> SpeedTable:
    pairs: list[tuple[float, float]] = []
    for row in rows:
        if not (isinstance(row, list) and len(row) == 2 and all(_is_number(cell) for cell in row)):
            raise ValueError(f"{row!r} is not a pair of speed and value; allowed is {ALLOWED}")
        pairs.append((float(row[0]), float(row[1])))
    speeds = [mps for mps, _ in pairs]
    if not pairs or speeds != sorted(set(speeds)):
        raise ValueError("the speeds of a table must rise from row to row, and it needs at least one row")
    return tuple(pairs)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
