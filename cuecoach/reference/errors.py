"""How far off each metric is: `errors.csv`, as measured by `bench/accuracy --write-errors`, and how to read it.

Owns the table. Says nothing about limits: whether a rule leaves room for the error of its metric is for the pack
checker to ask.

Every metric has a row for each condition in which it was compared with a truth, near leg only, 30 pictures a second:

- `mediapipe`: virtual runners of different size, light, speed, facing and style, drawn, and seen by real MediaPipe.
  Truth is what gait measures from their exact landmarks at 120 Hz.
- `mocap`: motion capture (Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298) seen by a simulated camera with noise of 0.5 %
  of stature, jitter and dropped frames. Truth is the force plate and the full-rate markers for what these tell, else
  what gait measures from exact landmarks at the full rate.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

STRIDES_OF_A_DECISION = 6  # a fault is spoken of when six strides of eight show it


@dataclass(frozen=True, slots=True)
class MetricError:
    """The error of a metric, found minus true, in the metric's unit; NaN where it was not measured.

    `bias` is the mean over all runs, `spread` the SD of the runs' own biases about it, `sd` that of single strides
    within a run. `strides` is how many were compared, `condition` where.
    """

    bias: float
    spread: float
    sd: float
    strides: int
    condition: str

    @property
    def of_decision(self) -> float:
        """Return |bias| + sqrt(spread^2 + sd^2 / 6): what a decision made on six strides of one runner may be off by.

        The bias is in every stride alike and counts in full, and so does what one runner's strides have in common;
        only the chance of the single stride averages out. Weigh this against the distance of a limit from the norm.
        """
        return abs(self.bias) + math.hypot(self.spread, self.sd / math.sqrt(STRIDES_OF_A_DECISION))


UNKNOWN = MetricError(math.nan, math.nan, math.nan, 0, "")


def error(metric: str) -> MetricError:
    """Return the error of a metric by its name.

    Of the conditions it was measured in, the one in which a decision is off by most; `UNKNOWN` where there is none.
    """
    return max(conditions(metric), key=lambda measured: measured.of_decision, default=UNKNOWN)


def conditions(metric: str) -> tuple[MetricError, ...]:
    """Return the error of a metric in every condition in which it was measured."""
    return _table().get(metric, ())


@cache
def _table() -> dict[str, tuple[MetricError, ...]]:
    """Return the errors by metric, read once: the file is part of the code."""
    lines = files(__package__).joinpath("errors.csv").read_text(encoding="utf-8").splitlines()
    table: dict[str, tuple[MetricError, ...]] = {}
    for row in csv.DictReader(lines):
        bias, spread, sd = (float(row[column]) for column in ("bias", "spread", "sd"))
        measured = MetricError(bias, spread, sd, int(row["strides"]), row["condition"])
        table[row["metric"]] = (*table.get(row["metric"], ()), measured)
    return table
