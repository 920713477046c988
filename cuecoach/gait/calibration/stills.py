"""Which pictures of a film a person sets points on: six moments of the near leg's stride, spread over the film."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.angles import THIGH, knee_flexion, leg_angles
from cuecoach.types import Activity, FloatArray, Legs, Side, Stride

_LATE_SHARE = 0.75  # of swing
_CANDIDATES = 12  # best trusted strides


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One picture to set points on: its frame, the moment in a stride, and the near leg's joints (5, 2) as measured."""

    frame: int
    t_s: float
    moment: str
    side: Side
    points_px: FloatArray


def choose_stills(legs: Sequence[Legs], strides: Sequence[Stride]) -> tuple[Still, ...]:
    """Return up to six stills in the order of time, each of another stride where there are enough.

    The near leg's best trusted running strides are asked in turn for foot strike, mid-stance, toe-off, the most folded
    knee, the thigh vertical in swing, and late swing.
    """
    own = [stride for stride in strides if stride.is_near and stride.activity is Activity.RUNNING]
    best = sorted(own, key=lambda stride: -stride.trust)[:_CANDIDATES]
    best.sort(key=lambda stride: stride.t_strike_s)
    seen = [item for item in legs if np.isfinite(item.points_px).all()]
    stills: dict[int, Still] = {}
    for number, (moment, time_of) in enumerate(_MOMENTS):
        if not best or not seen:
            break
        stride = best[(number * max(len(best) // len(_MOMENTS), 1)) % len(best)]
        t_s = time_of(stride, seen)
        item = min(seen, key=lambda item: abs(item.t_s - t_s))
        stills.setdefault(item.index, Still(item.index, item.t_s, moment, stride.side, item.of(stride.side)))
    return tuple(sorted(stills.values(), key=lambda still: still.t_s))


def _most_folded_s(stride: Stride, legs: Sequence[Legs]) -> float:
    part = _swing(stride, legs)
    knees = [float(knee_flexion(leg_angles(item))[stride.side.row]) for item in part]
    return part[int(np.argmax(knees))].t_s if part else stride.t_toe_off_s


def _thigh_vertical_s(stride: Stride, legs: Sequence[Legs]) -> float:
    part = _swing(stride, legs)
    thighs = [abs(float(leg_angles(item)[stride.side.row, THIGH])) for item in part]
    return part[int(np.argmin(thighs))].t_s if part else stride.t_toe_off_s


def _swing(stride: Stride, legs: Sequence[Legs]) -> list[Legs]:
    return [item for item in legs if stride.t_toe_off_s <= item.t_s <= stride.t_next_strike_s]


_MOMENTS: tuple[tuple[str, Callable[[Stride, Sequence[Legs]], float]], ...] = (
    ("foot strike", lambda stride, _legs: stride.t_strike_s),
    ("mid-stance", lambda stride, _legs: stride.t_midstance_s),
    ("toe-off", lambda stride, _legs: stride.t_toe_off_s),
    ("most folded", _most_folded_s),
    ("thigh vertical", _thigh_vertical_s),
    (
        "late swing",
        lambda stride, _legs: stride.t_toe_off_s + _LATE_SHARE * (stride.t_next_strike_s - stride.t_toe_off_s),
    ),
)
