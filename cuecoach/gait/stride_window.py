"""The stretch of settled legs that one stride is measured in: as captured, evenly sampled, and smoothed.

Owns the parts of a stride (stance, swing) as samples, and the ways to read a curve in them. Knows no metric. Imports
no scipy, so that the registry of metrics loads quickly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from cuecoach.gait.angles import FOOT, SHANK, THIGH, knee_flexion, segment_angles, trunk_lean
from cuecoach.gait.calibration.standing import STANDING_SHANK_DEG
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, FloatArray

if TYPE_CHECKING:
    from cuecoach.gait.calibration.offsets import Calibration
    from cuecoach.gait.events import Contact
    from cuecoach.gait.trajectory import LegTrajectory

MARGIN_S = 0.3  # on both sides of a stride, so that the filter has run in
_LEAST_FRAMES = 8
_FLAT_FROM, _FLAT_TO = 0.2, 0.6  # shares of stance between which the foot lies flat on the belt
_LEAST_FAR_TRUST = 0.3  # of the support leg, for its ankle to be believed
_LEAST_SUPPORT = 4  # samples of support for a line through the ankle's way
_TRUNK_SEEN = 0.5  # of the frames: seen in fewer, the trunk is not measured

Event = Literal["t_strike_s", "t_midstance_s", "t_toe_off_s"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """One stride of one leg (`row` 0 left, 1 right): its own events and the other leg's contacts around it."""

    row: int
    contact: Contact
    t_next_strike_s: float
    others: Sequence[Contact]

    @property
    def stride_s(self) -> float:
        """Foot strike to next foot strike."""
        return self.t_next_strike_s - self.contact.t_strike_s

    @property
    def contact_s(self) -> float:
        """Foot strike to toe-off."""
        return self.contact.t_toe_off_s - self.contact.t_strike_s

    def other(self, event: Event, start_s: float, end_s: float) -> float:
        """Return the other leg's first `event` between two times, NaN when there is none."""
        times = (getattr(contact, event) for contact in self.others)
        return min((t for t in times if start_s <= t <= end_s), default=math.nan)


@dataclass(frozen=True, slots=True, eq=False)
class LegCurves:
    """One leg at every sample: `points` (n, 5, 2) px in runner axes, angles (n,) in degrees."""

    points: FloatArray
    thigh_deg: FloatArray
    shank_deg: FloatArray
    foot_deg: FloatArray  # against the horizontal, the angle of the flat foot not taken off
    knee_deg: FloatArray

    @staticmethod
    def of(points: FloatArray) -> LegCurves:
        """Return the curves of a leg (n, 5, 2)."""
        angles = segment_angles(points)
        return LegCurves(points, angles[:, THIGH], angles[:, SHANK], angles[:, FOOT], knee_flexion(angles))


@dataclass(frozen=True, slots=True, eq=False)
class StrideWindow:
    """One stride of one leg and its margins.

    `seen` is as captured. Everything else is sampled at the times `t_s` (n,), evenly: the measured leg `sharp`
    (unsmoothed: smoothing blunts the foot strike) and `smooth`, and both smoothed legs in `legs` (n, 2, 5, 2). All
    legs are calibrated, where there is a calibration, but for `hip_height_px`: offsets that turn the hips about the
    knees would make them bounce. `foot_zero_deg` is the foot's angle when it is flat, NaN when unknown.
    """

    cycle: Cycle
    foot_zero_deg: float
    seen: LegTrajectory
    t_s: FloatArray
    legs: FloatArray
    sharp: LegCurves
    smooth: LegCurves
    other_trust: FloatArray  # (n,) of the other leg
    lean_deg: FloatArray  # (n,) forward lean of the trunk, NaN when it was hardly seen
    hip_height_px: FloatArray  # (n,) of the mid-hip, smoothed

    @staticmethod
    def of(
        trajectory: LegTrajectory, cycle: Cycle, foot_zero_deg: float, calibration: Calibration | None = None
    ) -> StrideWindow | None:
        """Return the window of a stride in a longer trajectory, None when there is too little of it.

        Events come from the legs as seen: a calibration changes angles, never when a foot strikes.
        """
        seen = trajectory.slice(cycle.contact.t_strike_s - MARGIN_S, cycle.t_next_strike_s + MARGIN_S)
        if len(seen.t_s) < _LEAST_FRAMES:
            return None
        even = seen.even()
        smooth = even.smooth(cycle.stride_s)
        hip_height_px = np.asarray(smooth.legs[:, :, HIP, 1].mean(axis=1))
        if calibration is not None:
            seen = replace(seen, legs=calibration.corrected(seen.legs))
            even = seen.even()
            smooth = even.smooth(cycle.stride_s)
        lean_deg = trunk_lean(smooth.trunk)
        if np.isfinite(seen.trunk).all(axis=(1, 2)).mean() <= _TRUNK_SEEN:
            lean_deg = np.full_like(lean_deg, math.nan)
        return StrideWindow(
            cycle=cycle,
            foot_zero_deg=foot_zero_deg,
            seen=seen,
            t_s=even.t_s,
            legs=smooth.legs,
            sharp=LegCurves.of(even.legs[:, cycle.row]),
            smooth=LegCurves.of(smooth.legs[:, cycle.row]),
            other_trust=smooth.trust[:, 1 - cycle.row],
            lean_deg=lean_deg,
            hip_height_px=hip_height_px,
        )

    @property
    def leg_px(self) -> float:
        """Length of the measured leg."""
        return float(self.seen.leg_px[self.cycle.row])

    @property
    def other(self) -> FloatArray:
        """Joints (n, 5, 2) of the other leg, smoothed."""
        return self.legs[:, 1 - self.cycle.row]

    @property
    def whole(self) -> slice:
        """Samples from foot strike to the next one."""
        return self.between(self.cycle.contact.t_strike_s, self.cycle.t_next_strike_s)

    @property
    def stance(self) -> slice:
        """Samples from foot strike to toe-off."""
        return self.between(self.cycle.contact.t_strike_s, self.cycle.contact.t_toe_off_s)

    @property
    def flat(self) -> slice:
        """Samples of the part of stance in which the foot lies flat."""
        return self.between(*flat_times_s(self.cycle.contact))

    @property
    def swing(self) -> slice:
        """Samples from toe-off to the next foot strike."""
        return self.between(self.cycle.contact.t_toe_off_s, self.cycle.t_next_strike_s)

    @property
    def t_thigh_vertical_s(self) -> float:
        """When the swinging thigh passes the vertical, forward; NaN if it does not."""
        return self.first_rise(self.smooth.thigh_deg, 0.0, self.swing)

    @property
    def t_opposite_midstance_s(self) -> float:
        """Mid-stance of the other leg while this one swings, NaN if there is none."""
        return self.cycle.other("t_midstance_s", self.cycle.contact.t_toe_off_s, self.cycle.t_next_strike_s)

    @property
    def t_opposite_toe_off_s(self) -> float:
        """Toe-off of the other leg after that mid-stance, NaN if there is none in this swing."""
        return self.cycle.other("t_toe_off_s", self.t_opposite_midstance_s, self.cycle.t_next_strike_s)

    @property
    def thigh_max_sample(self) -> int:
        """The sample of swing at which the thigh is furthest forward."""
        return int(self.swing.start) + int(np.argmax(self.in_swing(self.smooth.thigh_deg)))

    @property
    def heel_peak_sample(self) -> int:
        """The sample of swing at which the heel is highest."""
        return int(self.swing.start) + int(np.argmax(self.in_swing(self.smooth.points[:, HEEL, 1])))

    @property
    def heel_from_hip_leg(self) -> FloatArray:
        """Place (n, 2) of the heel relative to the hip, in leg lengths, smoothed."""
        return np.asarray((self.smooth.points[:, HEEL] - self.smooth.points[:, HIP]) / self.leg_px)

    @property
    def ankle_deg(self) -> FloatArray:
        """Dorsiflexion (n,) against standing. Norms of the shank keep its standing lean, see `docs/conventions.md`."""
        return self.smooth.foot_deg - self.foot_zero_deg - self.smooth.shank_deg + STANDING_SHANK_DEG

    def in_swing(self, values: FloatArray) -> FloatArray:
        """Return the values (n,) of the samples of swing."""
        return values[self.swing]

    def at_strike(self, values: FloatArray) -> float:
        """Return values (n,) at foot strike."""
        return self.at(values, self.cycle.contact.t_strike_s)

    def at_toe_off(self, values: FloatArray) -> float:
        """Return values (n,) at toe-off."""
        return self.at(values, self.cycle.contact.t_toe_off_s)

    def at(self, values: FloatArray, t_s: float) -> float:
        """Return values (n,) at a time, NaN outside the window."""
        if not self.t_s[0] <= t_s <= self.t_s[-1]:
            return math.nan
        return float(np.interp(t_s, self.t_s, values))

    def between(self, start_s: float, end_s: float) -> slice:
        """Return the samples between two times: at least one."""
        i, j = (int(k) for k in np.searchsorted(self.t_s, (start_s, end_s)))
        i = min(i, len(self.t_s) - 1)
        return slice(i, max(j, i + 1))

    def first_rise(self, values: FloatArray, level: float, part: slice) -> float:
        """Return when values (n,) first rise through `level` within `part`, NaN if they do not."""
        v = values[part]
        up = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
        if not len(up):
            return math.nan
        i = part.start + int(up[0])
        share = (level - values[i]) / (values[i + 1] - values[i])
        return float(self.t_s[i] + share * (self.t_s[i + 1] - self.t_s[i]))

    def pass_fraction(self) -> float:
        """Return the height of the swing ankle as it passes the support ankle: 0 support ankle, 1 support knee.

        NaN where the other leg is not trusted. Where the support ankle is, and how high, is read from its whole way
        with the belt: as the legs pass, a pose model draws the ankle behind towards the one in front.
        """
        t_mid = self.t_opposite_midstance_s
        support = next((contact for contact in self.cycle.others if contact.t_midstance_s == t_mid), None)
        if support is None:
            return math.nan
        part = self.between(*flat_times_s(support))
        if part.stop - part.start < _LEAST_SUPPORT:
            return math.nan
        middle_s = float(self.t_s[part].mean())
        since, (x, y) = self.t_s[part] - middle_s, self.other[part, ANKLE].T
        way = x.mean() + (since @ x) / (since @ since) * (self.t_s - middle_s)
        ankle = self.smooth.points[:, ANKLE]
        passing = self.first_rise(ankle[:, 0] - way, 0.0, self.swing)
        low, knee = float(np.median(y)), self.at(self.other[:, KNEE, 1], passing)
        if not (self.at(self.other_trust, passing) >= _LEAST_FAR_TRUST and knee > low):
            return math.nan
        return (self.at(ankle[:, 1], passing) - low) / (knee - low)


def flat_times_s(contact: Contact) -> tuple[float, float]:
    """Return the times between which the foot of a contact lies flat on the belt."""
    contact_s = contact.t_toe_off_s - contact.t_strike_s
    return contact.t_strike_s + _FLAT_FROM * contact_s, contact.t_strike_s + _FLAT_TO * contact_s


def flat_foot_deg(trajectory: LegTrajectory, row: int, contact: Contact) -> float:
    """Return the foot's angle while it lies on the belt: median over 20-60 % of stance, NaN when nothing was seen."""
    part = trajectory.slice(*flat_times_s(contact))  # of times that are NaN, nothing
    if not len(part.t_s):
        return math.nan
    return float(np.median(segment_angles(part.legs[:, row])[:, FOOT]))
