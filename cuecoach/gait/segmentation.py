"""Settled legs in, finished strides out: finds the events of both legs, closes strides, numbers them, judges activity.

Owns the stretch of settled legs that events need, the order of contacts per leg, and the sanity rules. Asks `events`,
`metrics`, `trust` and `belt` for everything that is computed.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import numpy as np

from cuecoach.gait.belt import Belt
from cuecoach.gait.contact_prior import ContactPrior
from cuecoach.gait.events import Contact, closing_strike, find_contacts
from cuecoach.gait.metrics import MARGIN_S, Cycle, StrideWindow, flat_foot_deg, measure
from cuecoach.gait.trajectory import LegTrajectory, smooth_line
from cuecoach.gait.trust import Trust
from cuecoach.types import HIP, Activity, Legs, Side, Speed, Stride

_KEEP_S = 3.6  # two slow strides and their margins
_SHORTEST_S, _LONGEST_S = 0.35, 1.6
_LEAST_DUTY, _MOST_DUTY = 0.18, 0.75
# Walking: the hips, as over a stiff leg, are highest at mid-stance; running: they are lowest there, as on a spring,
# even when no flight is left (Cavagna, Heglund & Taylor 1977). When the hips do neither, contact and flight must tell.
_WALKING_DUTY, _GROUNDED_DUTY = 0.5, 0.56
_CLEAR_FLIGHT = 0.1  # of a stride
_OVERLAP = -0.07  # of a stride: flight shorter than this is walking
_BOUNCE_LEG = 0.01  # hips at mid-stance against their mean, in leg lengths: beyond this they tell
_DRIFT_LEG = 0.35  # a runner in place whose hips move further than this in a stride is not on a treadmill
_LEAST_SWING_KNEE_DEG = 25.0  # no leg swings through straighter: whatever that was, it was no stride
_DEFAULT_STRIDE_S = 0.75
_COMPLETE = 0.5  # of a stride after mid-stance: by then the foot has left the belt, running or walking
_REFRACTORY = 0.35  # of a stride between two mid-stances of one leg
_BEFORE_NEWEST = 0.2  # of a stride before the newest mid-stance: from there on new contacts are looked for
_LOST = 2.5  # strides without a contact: the belt's speed must be wrong
_PATIENCE_S = 2.0  # the first contacts wait so long for a habit to lean on
_ON_TIME = 0.12  # of a stride: a last strike without its mid-stance is believed when it comes no earlier or later
_LEAST_FRAMES = 10


class StrideSegmenter:
    """Closes strides of one runner. `belt` is shared with whoever wants to know the speed.

    Legs are taken in by `take`; what they bring is worked out by `work`, in slices that are short enough for one frame.
    """

    def __init__(self, belt: Belt) -> None:
        self.belt = belt
        self.number = 0
        self.forget()

    def forget(self) -> None:
        """Start over: the next legs belong to somebody else, or come after a gap."""
        self._track: LegTrajectory | None = None
        self._last = self._unread = False
        self._cycles: deque[Cycle] = deque()
        self._waiting: list[tuple[int, Contact]] = []
        self._contacts: tuple[list[Contact], list[Contact]] = ([], [])
        self._closed_to_s = [-math.inf, -math.inf]
        self._stride_s = _DEFAULT_STRIDE_S
        self._zero: tuple[deque[float], deque[float]] = (deque(maxlen=10), deque(maxlen=10))
        self._habit = ContactPrior()
        self._trust = Trust()
        self._recent: deque[Activity] = deque(maxlen=3)

    def take(self, settled: tuple[Legs, ...], stride_hint_s: float, last: bool = False) -> None:
        """Take in newly settled legs.

        `stride_hint_s` is the rhythm's stride time, NaN when there is none; `last`: nothing will follow.
        """
        self._last = last
        if math.isfinite(stride_hint_s):
            self._stride_s = stride_hint_s
        whole = [legs for legs in settled if np.isfinite(legs.points_px).all()]
        if whole:
            new = LegTrajectory.of(whole)
            self._track = self._track.then(new, _KEEP_S) if self._track else new
        self._unread = self._track is not None and len(self._track.t_s) >= _LEAST_FRAMES and bool(whole or last)

    @property
    def busy(self) -> bool:
        """Whether there is something to work out."""
        return self._unread or bool(self._cycles)

    def work(self, said: Speed | None, now_s: float) -> tuple[Stride, ...]:
        """Do one slice: look for contacts in what was taken in, or measure one stride; return what was closed."""
        if self._track is None:
            return ()
        if self._unread:
            self._unread = False
            self._find(self._track, said)
            edge_s = float(self._track.t_s[-1]) - (0.0 if self._last else MARGIN_S)
            cycles = [cycle for row in (0, 1) for cycle in self._closed(row, edge_s)]
            self._cycles.extend(sorted(cycles, key=lambda cycle: cycle.t_next_strike_s))
            return ()
        stride = self._stride(self._track, self._cycles.popleft(), said, now_s) if self._cycles else None
        return (stride,) if stride else ()

    def _find(self, track: LegTrajectory, said: Speed | None) -> None:
        """Find contacts that are complete and new, and keep them, the first ones as soon as there is a habit."""
        legs_per_s = self.belt.working_legs_per_s(track, self._stride_s, said)
        if not legs_per_s > 0:
            return
        end_s = float(track.t_s[-1])
        for row in (0, 1):
            newest_s = self._newest_s(row)
            if end_s - newest_s > _LOST * self._stride_s and math.isfinite(newest_s):
                self.belt.doubt()
            leg_px = float(track.leg_px[row])
            since_s = newest_s - _BEFORE_NEWEST * self._stride_s
            belt_px_s = legs_per_s * leg_px
            found = find_contacts(track.t_s, track.legs[:, row], leg_px, belt_px_s, self._stride_s, since_s)
            for contact in self._complete(track, found, newest_s):
                self._habit.learn(row, contact)
                self._waiting.append((row, contact))
        patient = self._waiting and end_s - self._waiting[0][1].t_midstance_s < _PATIENCE_S
        if self._habit.formed or self._last or not patient:
            for row, contact in self._waiting:
                self._add(track, row, self._habit.steady(row, contact, self._stride_s), said)
            self._waiting.clear()
        if self._last:
            self._close_last(track, legs_per_s)

    def _close_last(self, track: LegTrajectory, legs_per_s: float) -> None:
        """Add strikes of the last moment, each where the rhythm has it: a stride is strike to strike."""
        for row in (0, 1):
            known = self._contacts[row]
            if not known or math.isnan(known[-1].t_midstance_s):
                continue
            leg_px = float(track.leg_px[row])
            since_s, belt_px_s = known[-1].t_midstance_s, legs_per_s * leg_px
            t = closing_strike(track.t_s, track.legs[:, row], leg_px, belt_px_s, self._stride_s, since_s)
            if abs((t - known[-1].t_strike_s) / self._stride_s - 1) < _ON_TIME:
                known.append(Contact(t, math.nan, math.nan))

    def _newest_s(self, row: int) -> float:
        known = [*self._contacts[row], *(contact for leg, contact in self._waiting if leg == row)]
        return known[-1].t_midstance_s if known else -math.inf

    def _complete(self, track: LegTrajectory, found: list[Contact], newest_s: float) -> list[Contact]:
        """Return those that are new, lie whole in the track, or may: at the end a strike is enough."""
        complete_s = float(track.t_s[-1]) - (0.0 if self._last else _COMPLETE * self._stride_s)
        # A contact that began before anything was seen says nothing.
        whole_s = track.t_s[0] + _REFRACTORY * self._stride_s
        return [
            c
            for c in found
            if newest_s + _REFRACTORY * self._stride_s < c.t_midstance_s <= complete_s
            and (math.isfinite(c.t_strike_s) or c.t_midstance_s > whole_s)
        ]

    def _add(self, track: LegTrajectory, row: int, contact: Contact, said: Speed | None) -> None:
        whole = contact.t_strike_s < contact.t_toe_off_s <= track.t_s[-1]
        if not contact.t_strike_s >= track.t_s[0] or not (whole or self._last):
            return
        self._contacts[row].append(contact)
        del self._contacts[row][:-6]
        if whole:
            self.belt.add(track, row, contact, said)
            self._zero[row].append(flat_foot_deg(track, row, contact))

    def _closed(self, row: int, edge_s: float) -> list[Cycle]:
        """Return the strides of one leg that ended before `edge_s` and were not yet handed out."""
        cycles = []
        for first, second in pairwise(self._contacts[row]):
            if second.t_strike_s <= self._closed_to_s[row] or second.t_strike_s > edge_s:
                continue
            self._closed_to_s[row] = second.t_strike_s
            stride_s = second.t_strike_s - first.t_strike_s
            duty = (first.t_toe_off_s - first.t_strike_s) / stride_s
            if _SHORTEST_S < stride_s < _LONGEST_S and _LEAST_DUTY < duty < _MOST_DUTY:
                cycles.append(Cycle(row, first, second.t_strike_s, tuple(self._contacts[1 - row])))
        return cycles

    def _stride(self, track: LegTrajectory, cycle: Cycle, said: Speed | None, now_s: float) -> Stride | None:
        part = StrideWindow.of(track, cycle)
        if part is None:
            return None
        zero = [z for z in self._zero[cycle.row] if math.isfinite(z)]
        metrics = measure(part, cycle, float(np.median(zero)) if zero else math.nan)
        if not metrics["knee_peak_swing_deg"] > _LEAST_SWING_KNEE_DEG:
            return None
        contact = cycle.contact
        self.belt.add_stride_time(cycle.stride_s)
        self._stride_s = cycle.stride_s
        side = Side.LEFT if cycle.row == 0 else Side.RIGHT
        duty = (contact.t_toe_off_s - contact.t_strike_s) / cycle.stride_s
        stride = Stride(
            number=self.number,
            side=side,
            is_near=side is track.near,
            t_strike_s=contact.t_strike_s,
            t_midstance_s=contact.t_midstance_s,
            t_toe_off_s=contact.t_toe_off_s,
            t_next_strike_s=cycle.t_next_strike_s,
            closed_s=now_s,
            cadence_spm=120.0 / cycle.stride_s,
            contact_s=contact.t_toe_off_s - contact.t_strike_s,
            duty=duty,
            activity=self._activity(track, cycle, duty, metrics["flight_s"]),
            speed=self.belt.speed(said),
            trust=self._trust.of(part, cycle, side is track.near),
            metrics=metrics,
        )
        self.number += 1
        return stride

    def _activity(self, track: LegTrajectory, cycle: Cycle, duty: float, flight_s: float) -> Activity:
        leg_px = float(track.leg_px[cycle.row])
        part = track.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s)
        hips = part.legs[:, :, HIP].mean(axis=1) / leg_px
        if len(hips) < 5 or abs(float(hips[-1, 0] - hips[0, 0])) > _DRIFT_LEG:
            now = Activity.UNSURE
        else:
            bounce = float(np.interp(cycle.contact.t_midstance_s, part.t_s, smooth_line(part.t_s, hips[:, 1])[0]))
            bounce -= float(hips[:, 1].mean())
            now = _gait(duty, flight_s / cycle.stride_s, bounce)
        self._recent.append(now)
        return max(set(self._recent), key=lambda a: (list(self._recent).count(a), a is now))


def _gait(duty: float, flight: float, bounce: float) -> Activity:
    """Return walking, running or unsure; `flight` as a share of the stride, `bounce` in leg lengths."""
    grounded = flight < _OVERLAP
    if bounce > _BOUNCE_LEG:
        return Activity.WALKING
    if bounce < -_BOUNCE_LEG:
        return Activity.RUNNING if duty < _GROUNDED_DUTY and not grounded else Activity.UNSURE
    if duty > _WALKING_DUTY or grounded:
        return Activity.WALKING
    return Activity.RUNNING if flight > _CLEAR_FLIGHT else Activity.UNSURE
