"""A leg whose events are known in closed form: foot speeds and knee flexion are lines between knots.

Times are written in strides from mid-stance, so that a share of the stride reads as a time, and speeds in those of the
belt, which passes a leg length a stride.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cuecoach.gait.events import Contact, find_contacts
from cuecoach.types import ANKLE, HEEL, KNEE, TOE, FloatArray

PX = 1000.0  # leg length
STRIDE_S = 1.25
START_S = 20.0  # when the stride has its mid-stance
HIP_X_PX = 300.0
BELT_PX_S = PX / STRIDE_S
Knots = tuple[tuple[float, float], ...]  # (time, value)

# Forward until the foot strikes, with the belt until it leaves, forward again: in speeds of the belt, + backward.
FOOT: Knots = ((-0.35, -1.0), (-0.15, 1.0), (0.25, 1.0), (0.45, -1.0))
# The knee begins to fold at 0.15: by 3 degrees at 0.21, by 25 at 0.317.
FLEXION: Knots = ((0.15, 10.0), (0.25, 15.0), (0.45, 75.0))
STRIKE = -0.19  # the foot has 0.6 of the belt's speed
FOLDS, REAR, TOE_LEAVES = 0.21, 0.29, 0.28  # 3 degrees; 0.6 of the belt's speed; 0.7 of it


def line(knots: Knots, t: FloatArray) -> FloatArray:
    return np.interp(t, *np.array(knots).T)


def seconds(t: float) -> float:
    return START_S + STRIDE_S * t


def strides(t_s: float) -> float:
    return (t_s - START_S) / STRIDE_S


def in_strides(contact: Contact) -> Contact:
    return Contact(*(strides(t_s) for t_s in (contact.t_strike_s, contact.t_midstance_s, contact.t_toe_off_s)))


def contacts_of(t: FloatArray, points: FloatArray, since: float = -math.inf) -> list[Contact]:
    """Return the contacts of a leg (n, 5, 2) px, their times in strides."""
    found = find_contacts(START_S + STRIDE_S * t, points, PX, BELT_PX_S, STRIDE_S, seconds(since))
    return [in_strides(contact) for contact in found]


@dataclass(frozen=True)
class Leg:
    """Backward speed of ankle, heel and toe (belt speeds), knee flexion (deg) and height of the foot (legs)."""

    ankle: Knots = FOOT
    heel: Knots = FOOT
    toe: Knots = FOOT
    flexion: Knots = FLEXION
    height: Knots = ((0.0, 0.0),)
    start: float = -0.6
    end: float = 0.8
    rate: float = 1000.0  # frames a stride

    @property
    def t(self) -> FloatArray:
        """Return the capture times: one frame at 0."""
        return np.arange(math.ceil(self.start * self.rate), math.floor(self.end * self.rate) + 1) / self.rate

    def points(self, t: FloatArray) -> FloatArray:
        """Return joints (n, 5, 2) in px at any times."""
        fine = np.linspace(self.start - 0.1, self.end + 0.1, 20001)

        def x(speed: Knots) -> FloatArray:
            v = line(speed, fine)
            way = np.concatenate([[0.0], np.cumsum((v[1:] + v[:-1]) / 2 * np.diff(fine))])
            return np.interp(t, fine, np.interp(0.0, fine, way) - way)

        joints = np.zeros((len(t), 5, 2))
        joints[:, ANKLE] = np.stack([x(self.ankle), np.full(len(t), -0.9)], 1)
        joints[:, HEEL] = np.stack([x(self.heel) - 0.05, line(self.height, t) - 1.0], 1)
        joints[:, TOE] = np.stack([x(self.toe) + 0.2, line(self.height, t) - 1.0], 1)
        half = np.radians(line(self.flexion, t)) / 2  # thigh and shank of one length: a half of it at each end
        reach = np.hypot(*joints[:, ANKLE].T)
        thigh = np.arctan2(joints[:, ANKLE, 0], -joints[:, ANKLE, 1]) + half
        joints[:, KNEE] = (reach / 2 / np.cos(half))[:, None] * np.stack([np.sin(thigh), -np.cos(thigh)], 1)
        return joints * PX + [HIP_X_PX, 0.0]

    def contacts(self, since: float = -math.inf, t: FloatArray | None = None) -> list[Contact]:
        t = self.t if t is None else t
        return contacts_of(t, self.points(t), since)

    def contact(self) -> Contact:
        """Return the one contact there is."""
        (contact,) = self.contacts()
        return contact


LEG = Leg()


def shifted(knots: Knots, by_s: float) -> Knots:
    return tuple((t + by_s, value) for t, value in knots)


def near(t: float | list[float], within: float = 0.0015) -> Any:
    return pytest.approx(t, abs=within)
