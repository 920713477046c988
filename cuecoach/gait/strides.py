"""Settled legs in, finished strides out: finds the events of both legs, closes strides, numbers them, judges activity.

Owns the stretch of settled legs that events need, the order of contacts per leg, the sanity rules and the trust of a
stride. Asks `events`, `metrics` and `belt` for everything that is computed.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import numpy as np

from cuecoach.gait.belt import Belt
from cuecoach.gait.events import Contact, find_contacts
from cuecoach.gait.habit import Habit
from cuecoach.gait.metrics import MARGIN_S, Cycle, flat_foot_deg, measure
from cuecoach.gait.track import Track, slope, smooth_line
from cuecoach.types import ANKLE, HEEL, HIP, TOE, Activity, Legs, Side, Speed, Stride

_KEEP_S = 3.6  # two slow strides and their margins
_SHORTEST_S, _LONGEST_S = 0.35, 1.6
_LEAST_DUTY, _MOST_DUTY = 0.18, 0.75
# Walking: both feet are down at once, or the hips, as over a stiff leg, are highest at mid-stance; running: they are
# lowest there, as on a spring (Cavagna, Heglund & Taylor 1977). Between the two limits of duty the hips must tell.
_WALKING_DUTY, _RUNNING_DUTY = 0.5, 0.46
_OVERLAP = -0.07  # of a stride: flight shorter than this is walking
_BOUNCE_LEG = 0.01  # hips at mid-stance against their mean, in leg lengths: beyond this they tell
_DRIFT_LEG = 0.35  # a runner in place whose hips move further than this in a stride is not on a treadmill
_LEAST_SWING_KNEE_DEG = 25.0  # no leg swings through straighter: whatever that was, it was no stride
_LONE_LEG = 0.5  # what a stride is worth in which the other leg did not stand exactly once
_DEFAULT_STRIDE_S = 0.75
_COMPLETE = 0.5  # of a stride after mid-stance: by then the foot has left the belt, running or walking
_GUESSED = 0.4  # trust of a frame below which it was rather guessed than seen
_REFRACTORY = 0.35  # of a stride between two mid-stances of one leg
_FOOT = (ANKLE, HEEL, TOE)


class StrideMaker:
    """Closes strides of one runner. `belt` is shared with whoever wants to know the speed."""

    def __init__(self, belt: Belt) -> None:
        self.belt = belt
        self.number = 0
        self.forget()

    def forget(self) -> None:
        """Start over: the next legs belong to somebody else, or come after a gap."""
        self._settled: deque[Legs] = deque()
        self._contacts: tuple[list[Contact], list[Contact]] = ([], [])
        self._closed_to_s = [-math.inf, -math.inf]
        self._stride_s = _DEFAULT_STRIDE_S
        self._zero: tuple[deque[float], deque[float]] = (deque(maxlen=10), deque(maxlen=10))
        self._habit = Habit()
        self._recent: deque[Activity] = deque(maxlen=3)

    def update(
        self, settled: tuple[Legs, ...], stride_hint_s: float, said: Speed | None, now_s: float, last: bool = False
    ) -> tuple[Stride, ...]:
        """Take in newly settled legs; return the strides that closed with them, by time.

        `stride_hint_s` is the rhythm's stride time, NaN when there is none; `last`: nothing will follow.
        """
        whole = [legs for legs in settled if np.isfinite(legs.points_px).all()]
        if not whole:
            return ()
        self._settled.extend(whole)
        while self._settled[-1].t_s - self._settled[0].t_s > _KEEP_S:
            self._settled.popleft()
        if len(self._settled) < 10:
            return ()
        if math.isfinite(stride_hint_s):
            self._stride_s = stride_hint_s
        track = Track.of(self._settled)
        self._find(track, last)
        edge_s = float(track.t_s[-1]) - (0.0 if last else MARGIN_S)
        cycles = [cycle for row in (0, 1) for cycle in self._closed(row, edge_s)]
        cycles.sort(key=lambda cycle: cycle.t_next_strike_s)
        strides = (self._stride(track, cycle, said, now_s) for cycle in cycles)
        return tuple(stride for stride in strides if stride is not None)

    def _find(self, track: Track, last: bool) -> None:
        """Find contacts in the kept stretch, and add those that are complete and new."""
        for row in (0, 1):
            leg_px = float(track.leg_px[row])
            legs_per_s = self.belt.legs_per_s
            if math.isnan(legs_per_s):
                foot = -slope(track.t_s, track.legs[:, row, _FOOT, 0].mean(axis=1))
                legs_per_s = self.belt.first_guess_px_s(foot) / leg_px
            if not legs_per_s > 0:
                continue
            found = find_contacts(track.t_s, track.legs[:, row], leg_px, legs_per_s * leg_px, self._stride_s)
            known = self._contacts[row]
            newest_s = known[-1].t_midstance_s if known else -math.inf
            complete_s = float(track.t_s[-1]) - (0.0 if last else _COMPLETE * self._stride_s)
            new = [c for c in found if newest_s + _REFRACTORY * self._stride_s < c.t_midstance_s <= complete_s]
            # A contact that began before anything was seen says nothing.
            whole_s = track.t_s[0] + _REFRACTORY * self._stride_s
            new = [c for c in new if math.isfinite(c.t_strike_s) or c.t_midstance_s > whole_s]
            for contact in new:
                self._habit.learn(row, contact)
            for contact in new:
                self._add(track, row, self._habit.steady(row, contact, self._stride_s))
            del known[:-6]

    def _add(self, track: Track, row: int, contact: Contact) -> None:
        if not track.t_s[0] <= contact.t_strike_s < contact.t_toe_off_s <= track.t_s[-1]:
            return
        self._contacts[row].append(contact)
        self.belt.add(track, row, contact)
        self._zero[row].append(flat_foot_deg(track, row, contact))

    def _closed(self, row: int, edge_s: float) -> list[Cycle]:
        """Return the strides of one leg that ended before `edge_s` and were not yet handed out."""
        cycles = []
        contacts = self._contacts[row]
        for first, second in pairwise(contacts):
            if second.t_strike_s <= self._closed_to_s[row] or second.t_strike_s > edge_s:
                continue
            self._closed_to_s[row] = second.t_strike_s
            stride_s = second.t_strike_s - first.t_strike_s
            duty = (first.t_toe_off_s - first.t_strike_s) / stride_s
            if _SHORTEST_S < stride_s < _LONGEST_S and _LEAST_DUTY < duty < _MOST_DUTY:
                cycles.append(Cycle(row, first, second.t_strike_s, tuple(self._contacts[1 - row])))
        return cycles

    def _stride(self, track: Track, cycle: Cycle, said: Speed | None, now_s: float) -> Stride | None:
        zero = [z for z in self._zero[cycle.row] if math.isfinite(z)]
        metrics = measure(track, cycle, float(np.median(zero)) if zero else math.nan)
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
            trust=_trust(track, cycle),
            metrics=metrics,
        )
        self.number += 1
        return stride

    def _activity(self, track: Track, cycle: Cycle, duty: float, flight_s: float) -> Activity:
        leg_px = float(track.leg_px[cycle.row])
        part = track.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s)
        hips = part.legs[:, :, HIP].mean(axis=1) / leg_px
        if len(hips) < 5 or abs(float(hips[-1, 0] - hips[0, 0])) > _DRIFT_LEG:
            now = Activity.UNSURE
        else:
            bounce = float(np.interp(cycle.contact.t_midstance_s, part.t_s, smooth_line(part.t_s, hips[:, 1])[0]))
            bounce -= float(hips[:, 1].mean())
            if duty > _WALKING_DUTY or flight_s < _OVERLAP * cycle.stride_s or bounce > _BOUNCE_LEG:
                now = Activity.WALKING
            elif duty < _RUNNING_DUTY or bounce < -_BOUNCE_LEG:
                now = Activity.RUNNING
            else:
                now = Activity.UNSURE
        self._recent.append(now)
        return max(set(self._recent), key=lambda a: (list(self._recent).count(a), a is now))


def _trust(track: Track, cycle: Cycle) -> float:
    """Return 0..1: mean trust of the leg's frames, lowered by what was guessed in swing and by a lone leg."""
    whole = track.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s).trust[:, cycle.row]
    swing = track.slice(cycle.contact.t_toe_off_s, cycle.t_next_strike_s).trust[:, cycle.row]
    if not len(whole) or not len(swing):
        return 0.0
    between = [c for c in cycle.others if cycle.contact.t_midstance_s < c.t_midstance_s < cycle.t_next_strike_s]
    alternates = 1.0 if len(between) == 1 else _LONE_LEG
    return float(whole.mean() * (swing > _GUESSED).mean()) * alternates
