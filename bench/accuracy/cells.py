"""How errors are written in the cells of the table, and which methods are measured beside ours."""

from __future__ import annotations

import math

from bench.accuracy.rules import RULES
from bench.accuracy.score import Errors
from bench.table import OURS

RAW = "raw MediaPipe"
LEGEND = (
    "Events: median absolute error (bias ± SD), -missed, +invented. Metrics: bias ± SD within a leg of a trial (worst "
    "bias of one). `live` is the causal picture, without the settling delay. A labelled contact lies half a frame "
    "before the first frame that shows it."
)
METHODS = (OURS, RAW, *RULES)


def number(value: float, digits: int = 1, signed: bool = False) -> str:
    """Return a number for a cell, a question mark for NaN."""
    if math.isnan(value):
        return "?"
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def event_cell(errors: Errors, digits: int = 1) -> str:
    """Return the median absolute error, bias and SD in brackets, and what was missed and invented, if anything."""
    spread = f"{number(errors.bias, digits, signed=True)} ± {number(errors.sd, digits)}"
    lost = f" -{errors.missed}" * (errors.missed > 0) + f" +{errors.invented}" * (errors.invented > 0)
    return f"{number(errors.median_abs, digits)} ({spread}){lost}"
