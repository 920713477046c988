"""The virtual runner's motion: joint angles and true events at any time.

`RunnerMotion` lays one cycle (a stride of both legs) after the other. What a cycle is like (its faults, its random
variation) is fixed when it begins, so the motion is a function of time alone: 24 and 240 Hz show the same run. A cycle
begins in the left leg's stance, `_START` of a stride past its foot strike, where no event is near.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cuecoach.reference.body import ARM_REST_DEG, BOB, Posture, leg_points
from cuecoach.reference.mean_stride import mean_stride
from cuecoach.types import ANKLE, HEEL, TOE, FloatArray, Side
from cuecoach.virtual_runner import faults as fault
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

_START = 0.22
_SAMPLES = 240
_GRID = np.linspace(0.0, 1.0, _SAMPLES + 1)
_CYCLES_KEPT = 64
_LEAN_DEG = 7.0  # Thorstensson 1984: 6 to 13 degrees over 2 to 6 m/s
_LEAN_SWAY_DEG = 1.5
# Standard deviations from stride to stride of one runner.
_PERIOD_SD = 0.012
_FOLD_SD = 0.02
_LEAN_SD_DEG = 0.5


class GaitEventKind(StrEnum):
    """What happened at a true event."""

    FOOT_STRIKE = "foot_strike"
    MID_STANCE = "mid_stance"  # the ankle passes under the hip
    TOE_OFF = "toe_off"
    KNEE_PEAK = "knee_peak"  # largest knee flexion in swing
    THIGH_PEAK = "thigh_peak"  # largest thigh angle


@dataclass(frozen=True, slots=True)
class GaitEvent:
    """A true event. `value_deg` is the thigh angle at the thigh's peak, and knee flexion at all others."""

    t_s: float
    side: Side
    kind: GaitEventKind
    value_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class _Traits:
    """What one cycle is like. `strengths` maps every leg fault to (2,), one per leg; `duty` (2,) of the cycle."""

    period_s: float
    lean_deg: float
    fold_gain: FloatArray
    strengths: Mapping[str, FloatArray]
    duty: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Cycle:
    """One cycle on `_GRID`: `angles_deg` (n, 2, 3) thigh, knee, foot of both legs, `hip_m` (n,), `lean_deg` (n,)."""

    start_s: float
    period_s: float
    angles_deg: FloatArray
    hip_m: FloatArray
    lean_deg: FloatArray


class RunnerMotion:
    """The runner's motion as a function of time.

    Parameters
    ----------
    settings : speed, faulty side and seed are used.
    strength_at : strength of a fault at a time, `(name, t_s) -> float`; asked once per cycle, at its beginning.
    """

    def __init__(self, settings: VirtualRunnerSettings, strength_at: Callable[[str, float], float]) -> None:
        self._settings = settings
        self._strength_at = strength_at
        self._mean = mean_stride(settings.speed_mps)
        self._mean_reach_m = self._reach_m({})
        self._cycles: deque[_Cycle] = deque(maxlen=_CYCLES_KEPT)
        self._events: list[GaitEvent] = []
        self._made = 0
        self._traits = self._sample_traits(0.0)

    # -- asked from outside ------------------------------------------------------------------------------------

    def posture(self, t_s: float) -> Posture:
        """Return the joint angles at `t_s` >= 0. Time may go back by up to 64 strides."""
        cycle = self._cycle_at(t_s)
        place = (t_s - cycle.start_s) / cycle.period_s * _SAMPLES
        low = min(int(place), _SAMPLES - 1)
        part = place - low

        def between(curve: FloatArray) -> FloatArray:
            return np.asarray(curve[low] + part * (curve[low + 1] - curve[low]))

        legs = between(cycle.angles_deg)
        swing = legs[::-1, 0] - 4.0  # an arm swings with the other leg's thigh
        return Posture(
            legs_deg=legs,
            hip_m=np.array([0.0, float(between(cycle.hip_m))]),
            lean_deg=float(between(cycle.lean_deg)),
            upper_arms_deg=ARM_REST_DEG + 0.9 * swing,
            elbows_deg=92.0 + 0.45 * swing,
        )

    def events(self, since_s: float, until_s: float) -> tuple[GaitEvent, ...]:
        """Return the true events with `since_s` < t <= `until_s`, in the order of time."""
        self._cycle_at(until_s)
        found = []
        for event in reversed(self._events):
            if event.t_s <= since_s:
                break
            if event.t_s <= until_s:
                found.append(event)
        return tuple(reversed(found))

    # -- one cycle after the other -----------------------------------------------------------------------------

    def _cycle_at(self, t_s: float) -> _Cycle:
        end_s = self._cycles[-1].start_s + self._cycles[-1].period_s if self._cycles else 0.0
        while t_s >= end_s:
            before, self._traits = self._traits, self._sample_traits(end_s)
            self._cycles.append(self._make_cycle(end_s, before, self._traits))
            self._made += 1
            end_s += self._cycles[-1].period_s
        return next(cycle for cycle in reversed(self._cycles) if cycle.start_s <= t_s)

    def _sample_traits(self, t_s: float) -> _Traits:
        """Fix what the cycle that begins at `t_s` is like."""
        settings = self._settings
        rng = np.random.default_rng([settings.seed, self._made])
        strength = {name: self._strength_at(name, t_s) for name in fault.FAULTS}
        cadence = 1.0 - 0.15 * strength[fault.LOW_CADENCE]
        period_s = self._mean.stride_s / cadence * (1.0 + _PERIOD_SD * rng.standard_normal())
        one_leg = settings.near if settings.side == "both" else Side(settings.side)
        legs = np.ones(2) if settings.side == "both" else np.eye(2)[one_leg.row]
        strengths = {name: strength[name] * legs for name in fault.LEG_FAULTS}
        strengths[fault.ASYMMETRIC_HEEL] = strength[fault.ASYMMETRIC_HEEL] * np.eye(2)[one_leg.row]
        # The belt decides how long a foot stays: a longer way on the ground takes longer.
        down_s = [
            self._mean.contact_s
            * self._reach_m({name: both[row] for name, both in strengths.items()})
            / self._mean_reach_m
            for row in range(2)
        ]
        return _Traits(
            period_s=period_s,
            lean_deg=_LEAN_DEG - 12.0 * strength[fault.LEANING_BACK] + _LEAN_SD_DEG * rng.standard_normal(),
            fold_gain=1.0 + _FOLD_SD * rng.standard_normal(2),
            strengths=strengths,
            duty=np.array(down_s) / period_s,
        )

    def _reach_m(self, strengths: Mapping[str, float]) -> float:
        """Return how far the toe travels while the foot is flat."""
        phase = np.array([0.2, 0.6])
        angles = fault.apply_leg_faults(phase, self._mean.curves(phase), strengths)
        toe = leg_points(*angles.T)[:, TOE, 0]
        return float(toe[0] - toe[1])

    def _make_cycle(self, start_s: float, before: _Traits, traits: _Traits) -> _Cycle:
        """Return the cycle that goes over from `before` to `traits`, and note its events."""
        ease = _GRID * _GRID * (3.0 - 2.0 * _GRID)

        def mix(old: FloatArray | float, new: FloatArray | float) -> FloatArray:
            return np.asarray(old + ease * (np.asarray(new) - old))

        angles, phases, bobs = [], [], []
        for side in Side:
            row = side.row
            cycle = (_GRID + _START + 0.5 * row) % 1.0
            duty = mix(before.duty[row], traits.duty[row])
            phase = np.where(cycle < duty, cycle / duty, 1.0 + (cycle - duty) / (1.0 - duty))
            curves = self._mean.curves(phase)
            strengths = {name: mix(before.strengths[name][row], both[row]) for name, both in traits.strengths.items()}
            fold = mix(before.fold_gain[row], traits.fold_gain[row])
            angles.append(fault.apply_leg_faults(phase, curves, strengths, fold))
            phases.append(phase)
            bobs.append(curves[:, BOB])
        legs = np.stack(angles, axis=1)
        sway = _LEAN_SWAY_DEG * np.cos(4.0 * np.pi * (_GRID + _START - 0.1))
        made = _Cycle(
            start_s,
            traits.period_s,
            legs,
            self._hip_height_m(legs, np.stack(phases), np.mean(bobs, axis=0)),
            mix(before.lean_deg, traits.lean_deg) + sway,
        )
        self._note_events(made, np.stack(phases))
        return made

    def _hip_height_m(self, legs_deg: FloatArray, phases: FloatArray, bob_m: FloatArray) -> FloatArray:
        """Return the hip's height above the belt: the measured bob, corrected so that a stance foot is on the belt."""
        points = leg_points(*np.moveaxis(legs_deg, 2, 0))
        needed = -points[:, :, (HEEL, TOE), 1].min(axis=2).T  # (2, n)
        standing = (phases > 0.1) & (phases < 0.92)
        on_one = standing[0] != standing[1]
        correction = np.where(standing[0], needed[0], needed[1]) - bob_m
        height = bob_m + np.interp(_GRID, _GRID[on_one], correction[on_one], period=1.0)
        return np.asarray(np.maximum(height, needed.max(axis=0)))  # a foot that reaches far is down early

    def _note_events(self, cycle: _Cycle, phases: FloatArray) -> None:
        points = leg_points(*np.moveaxis(cycle.angles_deg, 2, 0))
        found = []
        for side in Side:
            thigh, knee, _ = cycle.angles_deg[:, side.row].T
            phase, ankle = phases[side.row], points[:, side.row, ANKLE, 0]
            strike = np.flatnonzero(np.diff(phase) < -1.0)
            toe_off = np.flatnonzero((phase[:-1] < 1.0) & (phase[1:] >= 1.0))
            under = np.flatnonzero((ankle[:-1] > 0.0) & (ankle[1:] <= 0.0) & (phase[1:] < 1.0))
            in_swing = phase > 1.0
            marks = [
                (GaitEventKind.FOOT_STRIKE, at + (2.0 - phase[at]) / (phase[at + 1] + 2.0 - phase[at])) for at in strike
            ]
            marks += [(GaitEventKind.TOE_OFF, at + (1.0 - phase[at]) / (phase[at + 1] - phase[at])) for at in toe_off]
            marks += [(GaitEventKind.MID_STANCE, at + ankle[at] / (ankle[at] - ankle[at + 1])) for at in under]
            marks.append((GaitEventKind.KNEE_PEAK, float(np.argmax(np.where(in_swing, knee, -np.inf)))))
            marks.append((GaitEventKind.THIGH_PEAK, float(np.argmax(np.where(in_swing, thigh, -np.inf)))))
            for kind, place in marks:
                curve = thigh if kind is GaitEventKind.THIGH_PEAK else knee
                value = float(np.interp(place, np.arange(_SAMPLES + 1), curve))
                found.append(GaitEvent(cycle.start_s + place / _SAMPLES * cycle.period_s, side, kind, value))
        self._events.extend(sorted(found, key=lambda event: event.t_s))
