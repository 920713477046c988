"""Every metric of `table.py` for one stride, computed when the stride has closed. Keeps no state.

Owns the definitions in code; `docs/conventions.md` says them in words. Angles and heights come from smoothed,
evenly sampled legs; what happens at foot strike from unsmoothed ones, because smoothing blunts the strike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.angles import FOOT, SHANK, THIGH, knee_flexion, segment_angles, trunk_lean
from cuecoach.gait.events import Contact
from cuecoach.gait.metric_table import METRIC_NAMES
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, FloatArray

MARGIN_S = 0.3  # of track on both sides of a stride, so that the filter has run in
_LEAST_FRAMES = 8
STANDING_SHANK_DEG = -3.1  # the shank leans back in standing: mean of 28 runners (1755/migera)
_STANCE_FROM, _STANCE_TO = 0.2, 0.6
_LEAST_FAR_TRUST = 0.3
_LEAST_SUPPORT = 4  # samples of support for a line through the ankle's way
_NAN = float("nan")


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

    def other(self, event: str, start_s: float, end_s: float) -> float:
        """Return the other leg's first `event` (a field of Contact) between two times, NaN when there is none."""
        times = [getattr(contact, event) for contact in self.others]
        return min((t for t in times if start_s <= t <= end_s), default=_NAN)


@dataclass(frozen=True, slots=True, eq=False)
class StrideWindow:
    """One stride and its margins: as captured, evenly sampled, and smoothed."""

    seen: LegTrajectory
    even: LegTrajectory
    smooth: LegTrajectory

    @staticmethod
    def of(track: LegTrajectory, cycle: Cycle) -> StrideWindow | None:
        """Return the part of a track that a stride needs, None when there is too little of it."""
        seen = track.slice(cycle.contact.t_strike_s - MARGIN_S, cycle.t_next_strike_s + MARGIN_S)
        if len(seen.t_s) < _LEAST_FRAMES:
            return None
        even = seen.even()
        return StrideWindow(seen, even, even.smooth(cycle.stride_s))


def measure(part: StrideWindow, cycle: Cycle, foot_zero_deg: float) -> dict[str, float]:
    """Return every metric of one stride by name, NaN where it cannot be measured.

    Parameters
    ----------
    part : settled legs from before the stride to after it.
    cycle : the stride and the other leg's contacts.
    foot_zero_deg : foot angle of this leg when the foot is flat, NaN when unknown.
    """
    metrics = dict.fromkeys(METRIC_NAMES, _NAN)
    sharp = _Side(part.even, cycle.row)
    smooth = _Side(part.smooth, cycle.row)
    _swing(metrics, smooth, cycle, foot_zero_deg)
    _heights(metrics, smooth, cycle)
    _strike(metrics, sharp, cycle, foot_zero_deg)
    _stance(metrics, smooth, cycle)
    _other_leg(metrics, smooth, cycle)
    if np.isfinite(part.seen.trunk).all(axis=(1, 2)).mean() > 0.5:
        lean = trunk_lean(smooth.track.trunk)[smooth.between(cycle.contact.t_strike_s, cycle.t_next_strike_s)]
        metrics["trunk_lean_deg"] = float(lean.mean())
        metrics["trunk_range_deg"] = float(np.ptp(lean))
    return metrics


class _Side:
    """One leg of an evenly sampled track: angles, and values at a moment or between two."""

    def __init__(self, track: LegTrajectory, row: int) -> None:
        self.track = track
        self.t_s = track.t_s
        self.leg = track.legs[:, row]
        self.other = track.legs[:, 1 - row]
        self.other_trust = track.trust[:, 1 - row]
        self.leg_px = float(track.leg_px[row])
        self.angles = segment_angles(self.leg)
        self.knee = knee_flexion(self.angles)

    def at(self, values: FloatArray, t_s: float) -> float:
        """Return values (n,) at a time, NaN outside the track."""
        if not self.t_s[0] <= t_s <= self.t_s[-1]:
            return _NAN
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
            return _NAN
        i = part.start + int(up[0])
        share = (level - values[i]) / (values[i + 1] - values[i])
        return float(self.t_s[i] + share * (self.t_s[i + 1] - self.t_s[i]))


def _swing(metrics: dict[str, float], leg: _Side, cycle: Cycle, foot_zero_deg: float) -> None:
    swing = leg.between(cycle.contact.t_toe_off_s, cycle.t_next_strike_s)
    thigh, shank = leg.angles[:, THIGH], leg.angles[:, SHANK]
    metrics["knee_peak_swing_deg"] = float(leg.knee[swing].max())
    metrics["shank_min_deg"] = float(shank[swing].min())
    metrics["thigh_max_deg"] = float(thigh[swing].max())
    metrics["thigh_min_deg"] = float(thigh[leg.between(cycle.contact.t_midstance_s, cycle.t_next_strike_s)].min())
    metrics["thigh_at_toe_off_deg"] = leg.at(thigh, cycle.contact.t_toe_off_s)
    metrics["knee_at_toe_off_deg"] = leg.at(leg.knee, cycle.contact.t_toe_off_s)
    t_vertical = leg.first_rise(thigh, 0.0, swing)
    metrics["knee_at_thigh_vertical_deg"] = leg.at(leg.knee, t_vertical)
    metrics["thigh_at_knee60_deg"] = leg.at(thigh, leg.first_rise(leg.knee, 60.0, swing))
    # Norms are not zeroed by the shank's standing lean, the convention is: see docs/conventions.md.
    ankle = leg.angles[:, FOOT] - foot_zero_deg - shank + STANDING_SHANK_DEG
    top = swing.start + int(np.argmax(thigh[swing]))
    metrics["ankle_at_thigh_max_deg"] = float(ankle[top])
    if t_vertical < leg.t_s[top]:
        metrics["ankle_swing_deg"] = float(ankle[leg.between(t_vertical, leg.t_s[top])].mean())


def _heights(metrics: dict[str, float], leg: _Side, cycle: Cycle) -> None:
    swing = leg.between(cycle.contact.t_toe_off_s, cycle.t_next_strike_s)
    stance = _mid_part(leg, cycle)
    heel, ankle, hip = leg.leg[:, HEEL], leg.leg[:, ANKLE], leg.leg[:, HIP]
    metrics["ankle_rise_leg"] = float(ankle[swing, 1].max() - np.median(ankle[stance, 1])) / leg.leg_px
    metrics["heel_rise_leg"] = float(heel[swing, 1].max() - np.median(heel[stance, 1])) / leg.leg_px
    from_hip = (heel - hip) / leg.leg_px
    metrics["heel_to_hip_min_leg"] = float(np.hypot(from_hip[swing, 0], from_hip[swing, 1]).min())
    peak = swing.start + int(np.argmax(heel[swing, 1]))
    metrics["heel_back_at_peak_leg"] = float(from_hip[peak, 0])
    metrics["heel_back_min_leg"] = float(from_hip[swing, 0].min())
    metrics["thigh_at_heel_peak_deg"] = float(leg.angles[peak, THIGH])
    whole = leg.between(cycle.contact.t_strike_s, cycle.t_next_strike_s)
    hips = leg.track.legs[whole, :, HIP, 1].mean(axis=1)
    metrics["vertical_oscillation_leg"] = float(np.ptp(hips)) / leg.leg_px


def _strike(metrics: dict[str, float], leg: _Side, cycle: Cycle, foot_zero_deg: float) -> None:
    t = cycle.contact.t_strike_s
    metrics["thigh_at_strike_deg"] = leg.at(leg.angles[:, THIGH], t)
    metrics["shank_at_strike_deg"] = leg.at(leg.angles[:, SHANK], t)
    metrics["knee_at_strike_deg"] = leg.at(leg.knee, t)
    metrics["foot_at_strike_deg"] = leg.at(leg.angles[:, FOOT], t) - foot_zero_deg
    metrics["overstride_leg"] = leg.at(leg.leg[:, ANKLE, 0] - leg.leg[:, HIP, 0], t) / leg.leg_px


def _stance(metrics: dict[str, float], leg: _Side, cycle: Cycle) -> None:
    contact = cycle.contact
    stance = leg.between(contact.t_strike_s, contact.t_toe_off_s)
    metrics["knee_stance_peak_deg"] = float(leg.knee[stance].max())
    height = leg.leg[:, HIP, 1] - leg.leg[:, ANKLE, 1]
    metrics["hip_height_leg"] = leg.at(height, contact.t_midstance_s) / leg.leg_px
    contact_s = contact.t_toe_off_s - contact.t_strike_s
    metrics["braking_share"] = (contact.t_midstance_s - contact.t_strike_s) / contact_s


def _other_leg(metrics: dict[str, float], leg: _Side, cycle: Cycle) -> None:
    t_off, t_next = cycle.contact.t_toe_off_s, cycle.t_next_strike_s
    thigh = leg.angles[:, THIGH]
    t_mid = cycle.other("t_midstance_s", t_off, t_next)
    metrics["thigh_at_opposite_midstance_deg"] = leg.at(thigh, t_mid)
    metrics["thigh_at_opposite_toe_off_deg"] = leg.at(thigh, cycle.other("t_toe_off_s", t_mid, t_next))
    # The other foot comes down half a stride after this one: before this toe-off in walking, after it in running.
    quarter = cycle.stride_s / 4
    start = cycle.contact.t_strike_s
    metrics["flight_s"] = cycle.other("t_strike_s", start + quarter, start + 3 * quarter) - t_off
    metrics["pass_fraction"] = _pass_fraction(leg, cycle)


def _pass_fraction(leg: _Side, cycle: Cycle) -> float:
    """Return the height of the swing ankle as it passes the support ankle, NaN where the other leg is not trusted.

    Where the support ankle is, and how high, is read from its whole way with the belt: as the legs pass, a pose model
    draws the ankle behind towards the one in front.
    """
    t_off, t_next = cycle.contact.t_toe_off_s, cycle.t_next_strike_s
    t_mid = cycle.other("t_midstance_s", t_off, t_next)
    support = next((contact for contact in cycle.others if contact.t_midstance_s == t_mid), None)
    if support is None:
        return _NAN
    part = leg.between(*_part_of(support, _STANCE_FROM, _STANCE_TO))
    if part.stop - part.start < _LEAST_SUPPORT:
        return _NAN
    middle_s = float(leg.t_s[part].mean())
    since, (x, y) = leg.t_s[part] - middle_s, leg.other[part, ANKLE].T
    way = x.mean() + (since @ x) / (since @ since) * (leg.t_s - middle_s)
    passing = leg.first_rise(leg.leg[:, ANKLE, 0] - way, 0.0, leg.between(t_off, t_next))
    low, knee = float(np.median(y)), leg.at(leg.other[:, KNEE, 1], passing)
    if not (leg.at(leg.other_trust, passing) >= _LEAST_FAR_TRUST and knee > low):
        return _NAN
    return (leg.at(leg.leg[:, ANKLE, 1], passing) - low) / (knee - low)


def _part_of(contact: Contact, start: float, end: float) -> tuple[float, float]:
    """Return the times of two shares of a contact."""
    contact_s = contact.t_toe_off_s - contact.t_strike_s
    return contact.t_strike_s + start * contact_s, contact.t_strike_s + end * contact_s


def _mid_part(leg: _Side, cycle: Cycle) -> slice:
    return leg.between(*_part_of(cycle.contact, _STANCE_FROM, _STANCE_TO))


def flat_foot_deg(track: LegTrajectory, row: int, contact: Contact) -> float:
    """Return the foot's angle while it lies on the belt: median over 20-60 % of stance, NaN when nothing was seen."""
    start, end = _part_of(contact, _STANCE_FROM, _STANCE_TO)
    part = track.slice(start, end)
    if not len(part.t_s) or math.isnan(start) or math.isnan(end):
        return _NAN
    return float(np.median(segment_angles(part.legs[:, row])[:, FOOT]))
