"""Stick people for tests of the pose room: candidates as the detector would give them, with truth and noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cuecoach.pose.base import Candidate
from cuecoach.types import LANDMARKS

SIZE_PX = (1280, 720)
_ROW = {name: row for row, name in enumerate(LANDMARKS)}


@dataclass(frozen=True)
class Someone:
    """A person of `height_px` who does `what` ("run", "walk", "stand", "jacks") with the hips at `x_px(t)`."""

    x_px: Callable[[float], float]
    what: Callable[[float], str] = lambda _t_s: "stand"
    height_px: float = 400.0
    ground_px: float = 650.0
    facing: int = 1
    phase: float = 0.0
    noise: float = 0.004  # of height, each coordinate
    visibility: float = 0.95
    there: Callable[[float], bool] = field(default=lambda _t_s: True)

    def seen(self, t_s: float, rng: np.random.Generator) -> Candidate:
        """Return what the detector gives of this person at `t_s`."""
        points = np.full((33, 2), math.nan)
        what = self.what(t_s)
        cycle = 2 * math.pi * (1.4 if what == "run" else 0.9) * t_s + self.phase
        bounce = 0.015 * math.sin(2 * cycle) if what in ("run", "walk") else 0.0
        hip = np.array([self.x_px(t_s), self.ground_px - (0.53 - bounce) * self.height_px])
        points[:] = hip - (0.0, 0.40 * self.height_px)  # everything of no interest is in the head
        for side, turn in (("left", 0.0), ("right", math.pi)):
            thigh, knee, spread = _leg(what, cycle + turn, 1 if side == "left" else -1)
            shank = thigh - knee
            along = np.array([self.facing * math.sin(thigh) + spread, math.cos(thigh)])
            points[_ROW[f"{side}_shoulder"]] = hip - (0.0, 0.29 * self.height_px)
            points[_ROW[f"{side}_hip"]] = hip
            points[_ROW[f"{side}_knee"]] = hip + 0.245 * self.height_px * along
            ankle = points[_ROW[f"{side}_knee"]] + 0.246 * self.height_px * np.array(
                [self.facing * math.sin(shank) + spread, math.cos(shank)]
            )
            points[_ROW[f"{side}_ankle"]] = ankle
            points[_ROW[f"{side}_heel"]] = ankle + self.height_px * np.array([-0.02 * self.facing, 0.02])
            points[_ROW[f"{side}_foot_index"]] = ankle + self.height_px * np.array([0.12 * self.facing, 0.03])
        points += rng.normal(0.0, self.noise * self.height_px, points.shape)
        return Candidate(points, np.full(33, self.visibility))


def _leg(what: str, cycle: float, side: int) -> tuple[float, float, float]:
    """Return thigh angle and knee flexion in rad, and how far the leg is spread sideways."""
    if what == "run":
        return 0.2 + 0.55 * math.sin(cycle), 0.9 + 0.7 * math.cos(cycle), 0.0
    if what == "walk":
        return 0.05 + 0.4 * math.sin(cycle), 0.4 + 0.35 * math.cos(cycle), 0.0
    if what == "jacks":
        return 0.0, 0.0, side * 0.25 * (1 - math.cos(2 * math.pi * 1.0 * cycle / (2 * math.pi * 0.9)))
    return 0.0, 0.05, 0.04 * side


def at(x_px: float) -> Callable[[float], float]:
    """Return the place of somebody who stays there."""
    return lambda _t_s: x_px


def walking(from_px: float, px_per_s: float, begin_s: float = 0.0) -> Callable[[float], float]:
    """Return the place of somebody who walks from `from_px` on, beginning at `begin_s`."""
    return lambda t_s: from_px + px_per_s * max(0.0, t_s - begin_s)


def always(what: str) -> Callable[[float], str]:
    """Return the activity of somebody who does only this."""
    return lambda _t_s: what


def figure(
    x_px: float,
    swing_rad: float = 0.0,
    offset_rad: float = 0.0,
    size_px: float = 300.0,
    lean: float = 0.0,
    visibility: float = 0.95,
) -> Candidate:
    """Return a person of exactly `size_px` (trunk + thigh + shank) with the hips at `x_px`, without noise.

    The legs are straight, 0.6 sizes long, and swing against each other: the left foot by `offset_rad` + `swing_rad` to
    the right of the hips, the right foot as far to the left. `lean` is how far the shoulders are from above the hips,
    in sizes; the trunk is 0.4 sizes long.
    """
    hip = np.array([x_px, 350.0])
    points = np.tile(hip, (33, 1))
    for side, sign in (("left", 1), ("right", -1)):
        angle = sign * (offset_rad + swing_rad)
        along = size_px * np.array([math.sin(angle), math.cos(angle)])
        points[_ROW[f"{side}_shoulder"]] = hip + size_px * np.array([lean, -math.sqrt(0.16 - lean**2)])
        points[_ROW[f"{side}_knee"]] = hip + 0.3 * along
        points[_ROW[f"{side}_ankle"]] = hip + 0.6 * along
    return Candidate(points, np.full(33, visibility))


def triangle(t_s: float, period_s: float) -> float:
    """Return a wave between -1 and 1 of steady speed: -1 at 0, 1 at half the period."""
    return 1 - 4 * abs(t_s / period_s % 1 - 0.5)
