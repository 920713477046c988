"""The causal picture of the legs: one frame judged at once, for the screen.

Owns the same judgement as `repair.py`, written for a single frame in plain numbers: on one frame NumPy's own overhead
would cost ten times the work. What is drawn from it is never measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.outliers import (
    APART_DEG,
    BONE_RANGE,
    DRAWN_FACTOR,
    FADE_S,
    GUESS_TRUST,
    MERGED_LEG,
    SPREADS,
    SWAP_COST,
    TIMING_S,
    BodyModel,
)
from cuecoach.gait.phase import TWO_PI, GaitPhaseEstimator
from cuecoach.gait.stride_curve import HARMONICS, MeanStrideCurve
from cuecoach.types import ANKLE, HIP, KNEE, FloatArray

_DEG = 180.0 / math.pi
Point = list[float]
_Leg = list[Point]


@dataclass(slots=True)
class _Expected:
    """Thigh, shank, foot angle (deg) and the slopes of thigh and shank (deg a second) of one leg."""

    angles: list[float]
    rates: list[float]


class LiveLegs:
    """Judges the newest frame from the rhythm so far. Keeps what was last believed of each leg."""

    def __init__(self) -> None:
        self._carried: list[tuple[float, float, float] | None] = [None, None]

    def guess(
        self,
        t_s: float,
        points: FloatArray,
        visibility: FloatArray,
        rhythm: GaitPhaseEstimator,
        template: MeanStrideCurve,
        build: BodyModel,
    ) -> tuple[FloatArray, FloatArray]:
        """Return points (2, 5, 2) in runner axes and trust (2,) of left and right leg.

        `points` (2, 5, 2) runner axes and `visibility` (2,) are as the pose model labelled them.
        """
        seen: list[_Leg] = points.tolist()
        phase = rhythm.phase_at(t_s)
        bones = build.bones.tolist()
        expected = [_expect(template.rows[leg], phase + leg * math.pi, TWO_PI * rhythm.hz) for leg in (0, 1)]
        angles = [_angles(leg) for leg in seen]
        spread = template.spread_deg.tolist()
        error = [[_error(angles[k], expected[leg], expected[1 - leg], spread) for leg in (0, 1)] for k in (0, 1)]
        for k in (0, 1):
            if not _possible(seen[k], bones[k], bones[1 - k]):
                error[k] = [math.inf, math.inf]
        if _merged(seen, expected, build.leg_px):
            loser = 1 if min(error[0][0], error[1][0]) <= min(error[0][1], error[1][1]) else 0
            error[0][loser] = error[1][loser] = math.inf
        order = (1, 0) if _swap(error) else (0, 1)
        trust = [0.0, 0.0]
        out: list[_Leg] = []
        for leg in (0, 1):
            k = order[leg]
            if error[k][leg] < 1.0:
                sight = min(max((float(visibility[k]) - 0.1) / 0.5, 0.3), 1.0)
                trust[leg] = (1.0 - 0.6 * error[k][leg] ** 2) * sight
                off = [angles[k][c] - expected[leg].angles[c] for c in (0, 1)]
                self._carried[leg] = (t_s, off[0], off[1])
                out.append(seen[k])
            else:
                trust[leg], guessed = self._guessed(t_s, leg, expected[leg])
                out.append(_hang(seen[k][HIP], guessed, bones[leg], build.foot[leg].tolist()))
        return np.array(out), np.array(trust)

    def _guessed(self, t_s: float, leg: int, expected: _Expected) -> tuple[float, list[float]]:
        carried = self._carried[leg]
        if carried is None:
            return 0.0, expected.angles
        age = t_s - carried[0]
        fade = math.exp(-((age / FADE_S) ** 2))
        thigh, shank, foot = expected.angles
        return GUESS_TRUST * math.exp(-age / FADE_S), [thigh + fade * carried[1], shank + fade * carried[2], foot]


def _expect(rows: list[list[float]], phase: float, rad_s: float) -> _Expected:
    """Evaluate the Fourier series `rows` (3 channels of 11) and its slope."""
    cos = [math.cos(k * phase) for k in range(1, HARMONICS + 1)]
    sin = [math.sin(k * phase) for k in range(1, HARMONICS + 1)]
    angles, rates = [], []
    for row in rows:
        value, rate = row[0], 0.0
        for k in range(HARMONICS):
            a, b = row[1 + 2 * k], row[2 + 2 * k]
            value += a * cos[k] + b * sin[k]
            rate += (k + 1) * (b * cos[k] - a * sin[k])
        angles.append(value)
        rates.append(rate * rad_s)
    return _Expected(angles, rates)


def _angles(leg: _Leg) -> list[float]:
    hip, knee, ankle = leg[HIP], leg[KNEE], leg[ANKLE]
    thigh = math.atan2(knee[0] - hip[0], hip[1] - knee[1]) * _DEG
    shank = math.atan2(ankle[0] - knee[0], knee[1] - ankle[1]) * _DEG
    return [thigh, shank - 360.0 if shank > 150.0 else shank]


def _error(seen: list[float], expected: _Expected, other: _Expected, spread: list[float]) -> float:
    worst = 0.0
    for c in (0, 1):
        if math.isnan(seen[c]):
            return math.inf
        off = (seen[c] - expected.angles[c]) / (SPREADS * spread[c] + TIMING_S * abs(expected.rates[c]))
        apart = other.angles[c] - expected.angles[c]
        drawn = abs(apart) > APART_DEG and off * apart > 0
        worst = max(worst, abs(off) * (DRAWN_FACTOR if drawn else 1.0))
    return worst


def _possible(leg: _Leg, own: list[float], other: list[float]) -> bool:
    for bone, (a, b) in enumerate(((HIP, KNEE), (KNEE, ANKLE))):
        length = math.hypot(leg[b][0] - leg[a][0], leg[b][1] - leg[a][1])
        if not BONE_RANGE[0] * own[bone] <= length <= BONE_RANGE[1] * max(own[bone], other[bone]):
            return False
    return True


def _merged(seen: list[_Leg], expected: list[_Expected], leg_px: float) -> bool:
    gap = max(abs(seen[0][j][axis] - seen[1][j][axis]) for j in (KNEE, ANKLE) for axis in (0, 1))
    apart = max(abs(expected[0].angles[c] - expected[1].angles[c]) for c in (0, 1))
    return gap < MERGED_LEG * leg_px and apart > APART_DEG


def _swap(error: list[list[float]]) -> bool:
    bounded = [[min(e, 1.5) ** 2 for e in row] for row in error]
    return bounded[0][1] + bounded[1][0] + SWAP_COST < bounded[0][0] + bounded[1][1]


def _hang(hip: Point, angles: list[float], bones: list[float], foot: list[Point]) -> _Leg:
    """Return a leg of given build hung on a hip at given angles."""
    leg = [hip]
    for bone in (0, 1):
        a = angles[bone] / _DEG
        x, y = leg[-1]
        leg.append([x + bones[bone] * math.sin(a), y - bones[bone] * math.cos(a)])
    cos, sin = math.cos(angles[2] / _DEG), math.sin(angles[2] / _DEG)
    x, y = leg[ANKLE]
    leg.extend([x + cos * along - sin * up, y + sin * along + cos * up] for along, up in foot)
    return leg
