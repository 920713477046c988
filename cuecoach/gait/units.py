"""The units of metrics, and how numbers of each are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers of one unit are written.

    `sign` stands behind a number where room is short, `text` in a sentence; `name` is the unit alone. `digits` mean
    something to a person; `stored_digits` are those of `strides.csv`.
    """

    sign: str
    text: str
    name: str
    digits: int
    stored_digits: int


DEGREES = Unit("°", " deg", "degrees", 0, 2)
LEG_LENGTHS = Unit(" leg", " of leg length", "leg lengths", 2, 5)
SECONDS = Unit(" s", " s", "seconds", 3, 5)
STEPS_A_MINUTE = Unit(" steps/min", " steps a minute", "steps a minute", 0, 3)
NO_UNIT = Unit("", "", "no unit", 2, 5)
