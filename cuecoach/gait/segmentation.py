"""Segments settled legs into strides: keeps the contacts of both legs, closes strides, numbers them, tells activity.

Owns the stretch of settled legs that events need, the order of contacts per leg, and the rules for what is a stride.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import numpy as np

from cuecoach.gait.belt import BeltSpeedEstimator
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.contact_prior import ContactPrior
from cuecoach.gait.events import REFRACTORY, Contact, closing_foot_strike, find_contacts
from cuecoach.gait.metrics import STRIDE_METRICS, measure
from cuecoach.gait.stride_window import MARGIN_S, Cycle, StrideWindow, flat_foot_deg
from cuecoach.gait.trajectory import LegTrajectory, smooth_line
from cuecoach.gait.trust import trust_of
from cuecoach.types import HIP, Activity, Legs, Side, Speed, Stride

_KEEP_S = 3.6  # two slow strides and their margins
_SHORTEST_S, _LONGEST_S = 0.35, 1.6
_LEAST_DUTY, _MOST_DUTY = 0.18, 0.75
# Walking: the hips, as over a stiff leg, are highest at mid-stance; running: they are lowest there, as on a spring,
# even when no flight is left (Cavagna, Heglund & Taylor 1977). When the hips do neither, contact and flight decide.
_WALKING_DUTY, _GROUNDED_DUTY = 0.5, 0.56
_CLEAR_FLIGHT = 0.1  # of a stride
_OVERLAP = -0.07  # of a stride: flight shorter than this is walking
_BOUNCE_LEG = 0.01  # hips this far above or below their mean at mid-stance, in leg lengths, are high or low
_DRIFT_LEG = 0.35  # hips that move further in one stride do not run in place
_LEAST_SWING_KNEE_DEG = 25.0  # a leg that swings through straighter made no stride
_DEFAULT_STRIDE_S = 0.75
_COMPLETE = 0.5  # of a stride after mid-stance: by then the foot has left the belt, running or walking
_BEFORE_NEWEST = 0.2  # of a stride before the newest mid-stance: new contacts are looked for from there on
_LOST_STRIDES = 2.5  # without a contact: the belt speed must be wrong
_PRIOR_WAIT_S = 2.0  # the first contacts wait so long for a prior
_LAST_STRIKE_TOLERANCE = 0.12  # of a stride: a last foot strike may come this much too early or late
_LEAST_FRAMES = 10  # to look for contacts
_LEAST_HIP_FRAMES = 5  # to tell the activity
_ACTIVITY_STRIDES = 3  # the activity is the commonest one of so many
_FLAT_FOOT_STANCES = 10  # of one leg: the angle of the flat foot is their median
_CONTACTS_KEPT = 6  # of one leg


class StrideSegmenter:
    """Closes strides of one runner. `number` is that of the next stride; `belt` is updated with every contact.

    Strides are measured with `calibration`, which may be changed at any time.

    `add_legs` only stores; `work` does the rest, in slices that are short enough for one frame.
    """

    def __init__(self, belt: BeltSpeedEstimator) -> None:
        self.belt = belt
        self.number = 0
        self.calibration: Calibration | None = None
        self.reset()

    def reset(self) -> None:
        """Start over: the next legs belong to another runner, or come after a gap."""
        self._trajectory: LegTrajectory | None = None
        self._is_last = self._unread = False
        self._cycles: deque[Cycle] = deque()
        self._pending: list[tuple[int, Contact]] = []
        self._contacts: tuple[list[Contact], list[Contact]] = ([], [])
        self._closed_to_s = [-math.inf, -math.inf]
        self._stride_s = _DEFAULT_STRIDE_S
        self._flat_foot_deg: tuple[deque[float], deque[float]] = (
            deque(maxlen=_FLAT_FOOT_STANCES),
            deque(maxlen=_FLAT_FOOT_STANCES),
        )
        self._contact_prior = ContactPrior()
        self._recent_activities: deque[Activity] = deque(maxlen=_ACTIVITY_STRIDES)

    def add_legs(self, settled: tuple[Legs, ...], stride_hint_s: float, last: bool = False) -> None:
        """Add newly settled legs.

        `stride_hint_s` is the stride time of the fitted phase, NaN when there is none; `last`: nothing will follow.
        """
        self._is_last = last
        if math.isfinite(stride_hint_s):
            self._stride_s = stride_hint_s
        whole = [legs for legs in settled if np.isfinite(legs.points_px).all()]
        if whole:
            new = LegTrajectory.of(whole)
            self._trajectory = self._trajectory.then(new, _KEEP_S) if self._trajectory else new
        self._unread = (
            self._trajectory is not None and len(self._trajectory.t_s) >= _LEAST_FRAMES and bool(whole or last)
        )

    @property
    def busy(self) -> bool:
        """Whether `work` has something to do."""
        return self._unread or bool(self._cycles)

    def work(self, given: Speed | None, now_s: float) -> tuple[Stride, ...]:
        """Do one slice: look for contacts in the added legs, or measure one stride; return what closed."""
        if self._trajectory is None:
            return ()
        if self._unread:
            self._unread = False
            self._find_contacts(self._trajectory, given)
            edge_s = float(self._trajectory.t_s[-1]) - (0.0 if self._is_last else MARGIN_S)
            cycles = [cycle for row in (0, 1) for cycle in self._closed_cycles(row, edge_s)]
            self._cycles.extend(sorted(cycles, key=lambda cycle: cycle.t_next_strike_s))
            return ()
        stride = self._stride(self._trajectory, self._cycles.popleft(), given, now_s) if self._cycles else None
        return (stride,) if stride else ()

    def _find_contacts(self, trajectory: LegTrajectory, given: Speed | None) -> None:
        """Find contacts that are complete and new, and keep them: the first ones as soon as the prior is formed."""
        legs_per_s = self.belt.search_speed_legs_per_s(trajectory, self._stride_s, given)
        if not legs_per_s > 0:
            return
        end_s = float(trajectory.t_s[-1])
        for row in (0, 1):
            newest_s = self._newest_midstance_s(row)
            if end_s - newest_s > _LOST_STRIDES * self._stride_s and math.isfinite(newest_s):
                self.belt.reset()
            leg_px = float(trajectory.leg_px[row])
            since_s = newest_s - _BEFORE_NEWEST * self._stride_s
            belt_px_s = legs_per_s * leg_px
            found = find_contacts(trajectory.t_s, trajectory.legs[:, row], leg_px, belt_px_s, self._stride_s, since_s)
            for contact in self._complete(trajectory, found, newest_s):
                self._contact_prior.update(row, contact)
                self._pending.append((row, contact))
        may_wait = self._pending and end_s - self._pending[0][1].t_midstance_s < _PRIOR_WAIT_S
        if self._contact_prior.is_formed or self._is_last or not may_wait:
            for row, contact in self._pending:
                self._add(trajectory, row, self._contact_prior.shrink(row, contact, self._stride_s), given)
            self._pending.clear()
        if self._is_last:
            self._add_last_strikes(trajectory, legs_per_s)

    def _add_last_strikes(self, trajectory: LegTrajectory, legs_per_s: float) -> None:
        """Add foot strikes at the very end, which close a stride, where they come a stride after the one before."""
        for row in (0, 1):
            known = self._contacts[row]
            if not known or math.isnan(known[-1].t_midstance_s):
                continue
            leg_px = float(trajectory.leg_px[row])
            since_s, belt_px_s = known[-1].t_midstance_s, legs_per_s * leg_px
            t = closing_foot_strike(trajectory.t_s, trajectory.legs[:, row], leg_px, belt_px_s, self._stride_s, since_s)
            if abs((t - known[-1].t_strike_s) / self._stride_s - 1) < _LAST_STRIKE_TOLERANCE:
                known.append(Contact(t, math.nan, math.nan))

    def _newest_midstance_s(self, row: int) -> float:
        known = [*self._contacts[row], *(contact for leg, contact in self._pending if leg == row)]
        return known[-1].t_midstance_s if known else -math.inf

    def _complete(self, trajectory: LegTrajectory, found: list[Contact], newest_s: float) -> list[Contact]:
        """Return those that are new and whole; of the last legs also those whose toe-off is not seen any more."""
        complete_s = float(trajectory.t_s[-1]) - (0.0 if self._is_last else _COMPLETE * self._stride_s)
        # A contact that began before the first legs has no foot strike.
        whole_s = trajectory.t_s[0] + REFRACTORY * self._stride_s
        return [
            c
            for c in found
            if newest_s + REFRACTORY * self._stride_s < c.t_midstance_s <= complete_s
            and (math.isfinite(c.t_strike_s) or c.t_midstance_s > whole_s)
        ]

    def _add(self, trajectory: LegTrajectory, row: int, contact: Contact, given: Speed | None) -> None:
        whole = contact.t_strike_s < contact.t_toe_off_s <= trajectory.t_s[-1]
        if not contact.t_strike_s >= trajectory.t_s[0] or not (whole or self._is_last):
            return
        self._contacts[row].append(contact)
        del self._contacts[row][:-_CONTACTS_KEPT]
        if whole:
            self.belt.add_contact(trajectory, row, contact, given)
            self._flat_foot_deg[row].append(flat_foot_deg(trajectory, row, contact))

    def _closed_cycles(self, row: int, edge_s: float) -> list[Cycle]:
        """Return the strides of one leg that ended before `edge_s` and were not yet handed out."""
        cycles = []
        for first, second in pairwise(self._contacts[row]):
            if second.t_strike_s <= self._closed_to_s[row] or second.t_strike_s > edge_s:
                continue
            self._closed_to_s[row] = second.t_strike_s
            cycle = Cycle(row, first, second.t_strike_s, tuple(self._contacts[1 - row]))
            if is_plausible(cycle.stride_s, cycle.contact_s / cycle.stride_s):
                cycles.append(cycle)
        return cycles

    def _stride(self, trajectory: LegTrajectory, cycle: Cycle, given: Speed | None, now_s: float) -> Stride | None:
        zeros = [zero for zero in self._flat_foot_deg[cycle.row] if math.isfinite(zero)]
        foot_zero_deg = float(np.median(zeros)) if zeros else math.nan
        window = StrideWindow.of(trajectory, cycle, foot_zero_deg, self.calibration)
        if window is None:
            return None
        values = measure(window)
        if not values["knee_peak_swing_deg"] > _LEAST_SWING_KNEE_DEG:
            return None
        contact = cycle.contact
        self.belt.add_stride_time(cycle.stride_s)
        self._stride_s = cycle.stride_s
        side = Side.LEFT if cycle.row == 0 else Side.RIGHT
        stride = Stride(
            number=self.number,
            side=side,
            is_near=side is trajectory.near,
            t_strike_s=contact.t_strike_s,
            t_midstance_s=contact.t_midstance_s,
            t_toe_off_s=contact.t_toe_off_s,
            t_next_strike_s=cycle.t_next_strike_s,
            closed_s=now_s,
            cadence_spm=values["cadence_spm"],
            contact_s=values["contact_s"],
            duty=values["duty"],
            activity=self._activity(trajectory, cycle, values["duty"], values["flight_s"]),
            speed=self.belt.speed(given),
            trust=trust_of(window, side is trajectory.near),
            metrics={name: values[name] for name in STRIDE_METRICS},
            calibrated=self._is_calibrated(side),
        )
        self.number += 1
        return stride

    def _is_calibrated(self, side: Side) -> bool:
        offsets = self.calibration.of(side) if self.calibration else None
        return offsets is not None and offsets.is_sure

    def _activity(self, trajectory: LegTrajectory, cycle: Cycle, duty: float, flight_s: float) -> Activity:
        leg_px = float(trajectory.leg_px[cycle.row])
        part = trajectory.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s)
        hips = part.legs[:, :, HIP].mean(axis=1) / leg_px
        if len(hips) < _LEAST_HIP_FRAMES or abs(float(hips[-1, 0] - hips[0, 0])) > _DRIFT_LEG:
            now = Activity.UNSURE
        else:
            bounce = float(np.interp(cycle.contact.t_midstance_s, part.t_s, smooth_line(part.t_s, hips[:, 1])[0]))
            bounce -= float(hips[:, 1].mean())
            now = classify_activity(duty, flight_s / cycle.stride_s, bounce)
        self._recent_activities.append(now)
        return max(set(self._recent_activities), key=lambda a: (list(self._recent_activities).count(a), a is now))


def is_plausible(stride_s: float, duty: float) -> bool:
    """Return whether a leg can stride like this; False for NaN."""
    return _SHORTEST_S < stride_s < _LONGEST_S and _LEAST_DUTY < duty < _MOST_DUTY


def classify_activity(duty: float, flight: float, bounce: float) -> Activity:
    """Return walking, running or unsure.

    `duty` and `flight` are shares of the stride; `bounce` is the height of the hips at mid-stance against their mean,
    in leg lengths.
    """
    grounded = flight < _OVERLAP
    if bounce > _BOUNCE_LEG:
        return Activity.WALKING
    if bounce < -_BOUNCE_LEG:
        return Activity.RUNNING if duty < _GROUNDED_DUTY and not grounded else Activity.UNSURE
    if duty > _WALKING_DUTY or grounded:
        return Activity.WALKING
    return Activity.RUNNING if flight > _CLEAR_FLIGHT else Activity.UNSURE
