"""A stick figure whose joint angles are cosines of the phase, so that what is true of it can be written down.

Both legs differ in size and movement, so that nothing read from the wrong leg goes unseen. Left foot strike is at
t = 0, right half a stride later; the events are those that `contact` says, whatever the feet do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.gait.events import Contact
from cuecoach.gait.stride_window import Cycle
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.types import FloatArray, Legs, Side

MIDSTANCE, TOE_OFF = 0.14, 0.37  # shares of a stride after foot strike


def turned(angle_deg: FloatArray, x: float, y: float) -> FloatArray:
    """Return the vector (x, y) turned anticlockwise, (n, 2)."""
    angle = np.radians(angle_deg)
    return np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=-1)


@dataclass(frozen=True)
class AnalyticLeg:
    """Angles at a share of the leg's stride: mean + amplitude x cosine; the knee has a second cosine.

    The knee is most folded at `knee_peak` (mean + first + second), has its smaller peak half a stride away
    (mean - first + second), and no other. Pixels in runner axes.
    """

    thigh_deg: tuple[float, float]  # mean, amplitude
    thigh_peak: float
    knee_deg: tuple[float, float, float]  # mean, first, second
    knee_peak: float
    foot_deg: tuple[float, float]
    foot_peak: float
    thigh_px: float
    shank_px: float
    hip_px: tuple[float, float]
    heel_px: tuple[float, float] = (-22.0, -24.0)  # from the ankle, foot flat
    toe_px: tuple[float, float] = (64.0, -24.0)

    @property
    def leg_px(self) -> float:
        return self.thigh_px + self.shank_px

    def thigh(self, share: FloatArray) -> FloatArray:
        mean, amplitude = self.thigh_deg
        return mean + amplitude * np.cos(2 * np.pi * (share - self.thigh_peak))

    def knee(self, share: FloatArray) -> FloatArray:
        mean, first, second = self.knee_deg
        angle = 2 * np.pi * (share - self.knee_peak)
        return mean + first * np.cos(angle) + second * np.cos(2 * angle)

    def foot(self, share: FloatArray) -> FloatArray:
        mean, amplitude = self.foot_deg
        return mean + amplitude * np.cos(2 * np.pi * (share - self.foot_peak))


@dataclass(frozen=True)
class AnalyticRunner:
    """Two legs half a stride apart. The hips go up and down by `bob_px`, the trunk by `lean_deg` (mean, swing)."""

    legs: tuple[AnalyticLeg, AnalyticLeg]
    stride_s: float = 0.72
    bob_px: float = 11.0
    lean_deg: tuple[float, float] = (8.0, 3.0)

    def share(self, row: int, t_s: FloatArray) -> FloatArray:
        return np.asarray(t_s) / self.stride_s - 0.5 * row

    def bob(self, t_s: FloatArray) -> FloatArray:
        """Return the height (n,) of both hips above their mean."""
        return self.bob_px * np.cos(4 * np.pi * np.asarray(t_s) / self.stride_s)

    def joints(self, row: int, t_s: FloatArray) -> FloatArray:
        """Return the joints (n, 5, 2) of a leg, px, x forward and y up."""
        leg, share = self.legs[row], self.share(row, t_s)
        hip = np.broadcast_to(np.array(leg.hip_px), (len(share), 2)) + np.stack([0 * share, self.bob(t_s)], axis=-1)
        knee = hip + turned(leg.thigh(share), 0.0, -leg.thigh_px)
        ankle = knee + turned(leg.thigh(share) - leg.knee(share), 0.0, -leg.shank_px)
        foot = leg.foot(share)
        return np.stack([hip, knee, ankle, ankle + turned(foot, *leg.heel_px), ankle + turned(foot, *leg.toe_px)], 1)

    def trunk(self, t_s: FloatArray) -> FloatArray:
        """Return mid-shoulder and mid-hip (n, 2, 2)."""
        mean, swing = self.lean_deg
        lean = mean + swing * np.cos(4 * np.pi * np.asarray(t_s) / self.stride_s)
        hips = np.mean([self.joints(row, t_s)[:, 0] for row in (0, 1)], axis=0)
        return np.stack([hips + turned(-lean, 0.0, 250.0), hips], axis=1)

    def contact(self, row: int, number: int) -> Contact:
        strike_s = (number + 0.5 * row) * self.stride_s
        return Contact(strike_s, strike_s + MIDSTANCE * self.stride_s, strike_s + TOE_OFF * self.stride_s)

    def cycle(self, row: int, number: int) -> Cycle:
        others = [self.contact(1 - row, k) for k in range(number - 2, number + 4)]
        return Cycle(row, self.contact(row, number), self.contact(row, number + 1).t_strike_s, others)

    def trajectory(
        self, fps: float, *, seconds: float = 3.0, facing: int = 1, near: Side = Side.LEFT, dropped: Sequence[int] = ()
    ) -> LegTrajectory:
        """Return what is settled of a film of it without error; of each 20 frames those of `dropped` are missing."""
        t_s = np.arange(0.0, seconds, 1.0 / fps)
        t_s = t_s[~np.isin(np.arange(len(t_s)) % 20, np.asarray(dropped, int))]
        legs = np.stack([self.joints(row, t_s) for row in (0, 1)], axis=1)
        to_image = np.array([facing, -1.0])
        return LegTrajectory.of(
            [
                Legs(float(t), k, 600.0 + points * to_image, np.ones(2), 600.0 + trunk * to_image, facing, near)
                for k, (t, points, trunk) in enumerate(zip(t_s, legs, self.trunk(t_s), strict=True))
            ]
        )


RUNNER = AnalyticRunner(
    (
        AnalyticLeg(
            thigh_deg=(4.0, 31.0),
            thigh_peak=0.83,
            knee_deg=(43.5, 31.5, 30.0),
            knee_peak=0.67,
            foot_deg=(-22.0, 30.0),
            foot_peak=0.02,
            thigh_px=150.0,
            shank_px=152.0,
            hip_px=(3.0, 2.0),
        ),
        AnalyticLeg(
            thigh_deg=(2.0, 27.0),
            thigh_peak=0.82,
            knee_deg=(38.0, 26.0, 27.0),
            knee_peak=0.66,
            foot_deg=(-18.0, 27.0),
            foot_peak=0.04,
            thigh_px=141.0,
            shank_px=143.0,
            hip_px=(-3.0, 4.0),
        ),
    )
)
