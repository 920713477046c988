"""Where the camera stands, as the runner's own legs show it, and which calibration fits it.

Owns the tolerances beyond which a camera counts as moved. All time is that of the pose frames.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from cuecoach.gait.angles import bone_lengths
from cuecoach.gait.calibration.offsets import Calibration, Placement
from cuecoach.types import HIP, TOE, FloatArray, Legs, Stride

LEFT_OUT = "The calibration is not used any more"  # how the notice begins when none fits
LEAST_STRIDES = 3  # of the near leg, before a placement is known
_STRIDES = 6  # of the near leg: a placement is their median
_KEEP_S = 4.0  # of legs: longer than a stride and the wait until it closes
_TOE_FROM, _TOE_TO = 0.2, 0.85  # the part of contact in which the toe goes with the belt
_LEAST_FRAMES = 3  # for a line
# Offsets come from the direction the camera looks in: these turn it by some 3 degrees, or change what hides the hip.
# The same camera's estimates differ less within a film (on four films: scale 5 %, height 2 %, belt 5 degrees, where it
# stands still).
_SCALE = 0.10  # of the leg's length
_HEIGHT = 0.06  # of the picture's height
_BELT_DEG = 6.0


def why_moved(then: Placement, now: Placement) -> str:
    """Return what shows that the camera was moved between two placements, as part of a sentence; empty if nothing."""
    if now.facing != then.facing:
        return "the runner faces the other way"
    scale = now.leg_share / then.leg_share
    if not abs(scale - 1.0) <= _SCALE:
        return f"the runner is {'larger' if scale > 1 else 'smaller'} in the picture, {scale:.2f} times"
    height = now.hip_share - then.hip_share
    if not abs(height) <= _HEIGHT:
        return f"the runner is {'lower' if height > 0 else 'higher'} in the picture, by {abs(height):.0%} of its height"
    turned_deg = now.belt_deg - then.belt_deg
    if abs(turned_deg) > _BELT_DEG:  # NaN: the belt's line was not seen
        return f"the belt's line is turned by {abs(turned_deg):.0f} degrees"
    return ""


class PlacementEstimator:
    """Estimates the camera's placement from settled legs, as measured without calibration, and closed strides."""

    def __init__(self) -> None:
        self._legs: deque[Legs] = deque()
        self._height_px = math.nan
        self._strides: deque[tuple[float, float, int]] = deque(maxlen=_STRIDES)
        self._lines: deque[FloatArray] = deque(maxlen=_STRIDES)

    def add_legs(self, settled: Sequence[Legs], height_px: float) -> None:
        """Add newly settled legs of pictures of this height."""
        self._height_px = height_px
        self._legs.extend(settled)
        while self._legs and self._legs[0].t_s < self._legs[-1].t_s - _KEEP_S:
            self._legs.popleft()

    def add_stride(self, stride: Stride) -> bool:
        """Add a closed stride, after its legs; return whether it changed the placement: only near ones do."""
        if not stride.is_near:
            return False
        part = [legs for legs in self._legs if stride.t_strike_s <= legs.t_s <= stride.t_next_strike_s]
        if len(part) < _LEAST_FRAMES:
            return False
        points = np.array([legs.points_px for legs in part])
        row = stride.side.row
        leg_px = float(np.nanmedian(bone_lengths(points[:, row]).sum(axis=-1)))
        hip_px = float(np.nanmedian(points[:, :, HIP, 1]))
        self._strides.append((leg_px, hip_px, part[-1].facing))
        if len(line := _belt_line(part, stride)):
            self._lines.append(line)
        return True

    @property
    def placement(self) -> Placement | None:
        """The placement that the last strides show, None before there are enough of them."""
        if len(self._strides) < LEAST_STRIDES or not self._height_px > 0:
            return None
        leg_px, hip_px, _ = np.median(np.array(self._strides), axis=0)
        facing = self._strides[-1][2]
        return Placement(leg_px / self._height_px, hip_px / self._height_px, facing, _slope_deg(self._lines, facing))


def placement_of(legs: Sequence[Legs], strides: Sequence[Stride], height_px: float) -> Placement | None:
    """Return the placement that a whole film shows, None when too few strides of the near leg were found."""
    estimator = PlacementEstimator()
    rest = deque(legs)
    found: list[Placement] = []
    for stride in sorted(strides, key=lambda stride: stride.t_next_strike_s):
        due: list[Legs] = []
        while rest and rest[0].t_s <= stride.t_next_strike_s:
            due.append(rest.popleft())
        estimator.add_legs(due, height_px)
        if estimator.add_stride(stride) and (placement := estimator.placement):
            found.append(placement)
    if not found:
        return None
    facing = found[-1].facing
    own = np.array([(p.leg_share, p.hip_share, p.belt_deg) for p in found if p.facing == facing])
    leg, hip, belt = (float(np.median(column)) for column in own.T)
    return Placement(leg, hip, facing, belt)


class CalibrationChoice:
    """Which of a runner's calibrations holds, newest first; `active` is None when none does.

    The first is taken on trust. As soon as strides show the placement, and whenever they show another one later, the
    first that fits is chosen; `take_notice` then says, once, what was changed and why.
    """

    def __init__(self, candidates: Sequence[Calibration] = ()) -> None:
        self._candidates = tuple(candidates)
        self._estimator = PlacementEstimator()
        self._notice = ""
        self.active = self._candidates[0] if self._candidates else None

    def add(self, settled: Sequence[Legs], strides: Sequence[Stride], height_px: float) -> None:
        """Add legs and strides, as measured without calibration, and choose anew when they show another placement."""
        if not self._candidates:
            return
        self._estimator.add_legs(settled, height_px)
        changed = [self._estimator.add_stride(stride) for stride in strides]
        now = self._estimator.placement
        if any(changed) and now is not None:
            self._choose(now)

    def restart(self) -> None:
        """Forget the placement: another runner, or the same one after a gap."""
        self._estimator = PlacementEstimator()

    def take_notice(self) -> str:
        """Return, once, the sentence about the last change; empty when there was none."""
        notice, self._notice = self._notice, ""
        return notice

    def _choose(self, now: Placement) -> None:
        before = self.active
        if before is not None and not why_moved(before.placement, now):
            return
        self.active = next((c for c in self._candidates if not why_moved(c.placement, now)), None)
        if self.active is before:
            return
        if self.active is not None:
            self._notice = "The camera stands as for another calibration of this runner: that one is used from now on."
            return
        why = why_moved(self._candidates[0].placement, now)
        self._notice = f"{LEFT_OUT}, the camera was moved: {why}. Calibrate again."


def _belt_line(legs: Sequence[Legs], stride: Stride) -> FloatArray:
    """Return how the near toe moves with the belt (n, 2) about its mean, px; empty when too few frames show it."""
    begin_s, end_s = (stride.t_strike_s + share * stride.contact_s for share in (_TOE_FROM, _TOE_TO))
    on_belt = [item.of(stride.side)[TOE] for item in legs if begin_s <= item.t_s <= end_s]
    if len(on_belt) < _LEAST_FRAMES or not np.isfinite(on_belt).all():
        return np.empty((0, 2))
    return np.asarray(on_belt - np.mean(on_belt, axis=0))


def _slope_deg(lines: Sequence[FloatArray], facing: int) -> float:
    """Return the angle of the line that the toe's ways on the belt have in common, + the front end up."""
    if not lines:
        return math.nan
    x, y = np.concatenate(lines).T
    return math.degrees(math.atan2(-facing * float(x @ y), float(x @ x)))
