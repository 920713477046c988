"""What anybody would do with the same landmarks: the raw angles, and three classic rules for foot strike and toe-off.

Each rule gets the treatment it gets in the literature: gaps interpolated, an even beat, a zero-lag 4th-order low-pass
of 10 Hz, and the whole recording at once (none of them is causal here). Owns these rules only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy.signal import butter, find_peaks, sosfiltfilt

from bench.accuracy.score import FoundStride
from cuecoach.gait.angles import bone_lengths, knee_flexion, segment_angles, to_runner_axes
from cuecoach.types import ANKLE, HEEL, HIP, LEG_LANDMARKS, TOE, FloatArray, PoseFrame, Side

CUT_OFF_HZ = 10.0
SHORTEST_S, LONGEST_S = 0.35, 1.6  # a stride

Times = tuple[FloatArray, FloatArray]  # strikes and toe-offs, s


def raw_legs(pose_frames: Sequence[PoseFrame]) -> tuple[FloatArray, FloatArray]:
    """Return times (n,) and legs (n, 2, 5, 2) px exactly as the pose model gave them, NaN without a pose."""
    legs = np.full((len(pose_frames), 2, 5, 2), np.nan)
    for row, pose_frame in enumerate(pose_frames):
        if pose_frame.pose is not None:
            legs[row] = pose_frame.pose.points_px[np.array(LEG_LANDMARKS)]
    return np.array([pose_frame.t_s for pose_frame in pose_frames]), legs


def raw_angles(legs_px: FloatArray, facing: int) -> dict[str, FloatArray]:
    """Return thigh and knee (n, 2) in degrees of unfiltered legs."""
    angles = segment_angles(to_runner_axes(legs_px, facing))
    return {"thigh": angles[..., 0], "knee": knee_flexion(angles)}


def raw_stride_metrics(
    t_s: FloatArray, thigh: FloatArray, knee: FloatArray, swing: tuple[float, float]
) -> dict[str, float]:
    """Return the swing metrics of one leg (n,) between two given times, from the samples as they are."""
    inside = (t_s >= swing[0]) & (t_s <= swing[1]) & np.isfinite(thigh) & np.isfinite(knee)
    if inside.sum() < 3:
        return {}
    th, kn = thigh[inside], knee[inside]
    out = {"knee_peak_swing_deg": float(kn.max()), "thigh_max_deg": float(th.max())}
    rising = np.flatnonzero((th[:-1] < 0) & (th[1:] >= 0))
    if len(rising):
        i = rising[0]
        out["knee_at_thigh_vertical_deg"] = float(kn[i] + (kn[i + 1] - kn[i]) * -th[i] / (th[i + 1] - th[i]))
    return out


class Smooth:
    """The recording on an even beat, filtered, in runner axes (x forward, y up)."""

    def __init__(self, pose_frames: Sequence[PoseFrame], facing: int) -> None:
        t_s, legs = raw_legs(pose_frames)
        rate_hz = 1.0 / float(np.median(np.diff(t_s)))
        self.t_s = np.arange(t_s[0], t_s[-1], 1.0 / rate_hz)
        flat = to_runner_axes(legs, facing).reshape(len(t_s), -1)
        even = np.stack([_filled(self.t_s, t_s, column) for column in flat.T], axis=1)
        low_pass = butter(4, min(CUT_OFF_HZ / (rate_hz / 2), 0.9), output="sos")
        self.legs = sosfiltfilt(low_pass, even, axis=0).reshape(-1, 2, 5, 2)
        self.leg_px = float(np.median(bone_lengths(self.legs).sum(axis=-1)))
        self.rate_hz = rate_hz

    def crossings(self, values: FloatArray, level: float, rising: bool) -> FloatArray:
        """Return the times at which values (n,) pass the level, by linear interpolation."""
        above = values >= level
        at = np.flatnonzero(above[1:] & ~above[:-1] if rising else ~above[1:] & above[:-1])
        share = (level - values[at]) / (values[at + 1] - values[at])
        return np.asarray(self.t_s[at] + share * (self.t_s[at + 1] - self.t_s[at]))

    def peaks(self, values: FloatArray) -> FloatArray:
        """Return the times of clear maxima of values (n,), at most one in the shortest stride."""
        apart = max(1, int(SHORTEST_S * self.rate_hz))
        at, _ = find_peaks(values, distance=apart, prominence=0.25 * float(np.ptp(values)))
        return np.asarray(self.t_s[at])


def zeni(smooth: Smooth, leg: FloatArray) -> Times:
    """Strike: heel farthest ahead of the hips. Toe-off: toe farthest behind (Zeni, Richards & Higginson 2008)."""
    hips = smooth.legs[:, :, HIP, 0].mean(axis=1)
    return smooth.peaks(leg[:, HEEL, 0] - hips), smooth.peaks(hips - leg[:, TOE, 0])


def foot_height(smooth: Smooth, leg: FloatArray) -> Times:
    """Down while the lowest foot point is within 4 % of leg length of the ground; up when the toe is 5 % above it."""
    low = leg[:, (HEEL, TOE), 1].min(axis=1)
    ground = float(np.percentile(low, 5))
    strikes = smooth.crossings(-low, -(ground + 0.04 * smooth.leg_px), rising=True)
    return strikes, smooth.crossings(leg[:, TOE, 1], ground + 0.05 * smooth.leg_px, rising=True)


def foot_speed(smooth: Smooth, leg: FloatArray) -> Times:
    """Down while the foot goes back at more than 60 % of belt speed; up when the toe falls below 70 % of it.

    After Bruening & Ridge 2014; the belt is taken as the 90th percentile of the foot's backward speed.
    """
    foot = -np.gradient(leg[:, (ANKLE, HEEL, TOE), 0].mean(axis=1), smooth.t_s)
    toe = -np.gradient(leg[:, TOE, 0], smooth.t_s)
    belt = float(np.percentile(foot, 90))
    return smooth.crossings(foot, 0.6 * belt, rising=True), smooth.crossings(toe, 0.7 * belt, rising=False)


RULES: dict[str, Callable[[Smooth, FloatArray], Times]] = {
    "Zeni": zeni,
    "foot height": foot_height,
    "foot speed": foot_speed,
}


def strides_by(rule: str, pose_frames: Sequence[PoseFrame], facing: int) -> list[FoundStride]:
    """Return the strides of both legs that a rule finds: strike to next strike, first toe-off between."""
    smooth = Smooth(pose_frames, facing)
    strides = []
    for side in Side:
        strikes, toe_offs = RULES[rule](smooth, smooth.legs[:, side.row])
        for begin, end in pairwise(strikes.tolist()):
            between = toe_offs[(toe_offs > begin) & (toe_offs < end)]
            if SHORTEST_S < end - begin < LONGEST_S:
                strides.append(FoundStride(side, begin, float(between[0]) if len(between) else np.nan, end))
    return sorted(strides, key=lambda stride: stride.t_strike_s)


def _filled(at_s: FloatArray, t_s: FloatArray, values: FloatArray) -> FloatArray:
    seen = np.isfinite(values)
    return np.interp(at_s, t_s[seen], values[seen]) if seen.any() else np.zeros_like(at_s)
