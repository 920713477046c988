"""The registry of metrics: all that is known of each one, and how it is computed, in one place.

A metric is added here and in its test; pages, films, tables, exports, the packs' checker and their schema read it from
here. `docs/conventions.md` holds the same definitions beside those of angles and events. Everything is computed when
the stride has closed, from its `StrideWindow`: from smoothed legs, but at foot strike from unsmoothed ones, because
smoothing blunts the strike. What cannot be measured is NaN. Keeps no state.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from cuecoach.gait.stride_window import StrideWindow
from cuecoach.gait.units import DEGREES, LEG_LENGTHS, NO_UNIT, SECONDS, STEPS_A_MINUTE, Unit
from cuecoach.reference import norms
from cuecoach.reference.usual import usual_without_norm
from cuecoach.types import ANKLE, HEEL, HIP, Stride


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `label` names it for people; of `definition`, what stands before a colon or semicolon does, too.

    `norm_row` is the row of `norms.csv`, empty where no norm by speed exists (see `usual`); what a value is off by is
    in `reference/errors.csv`. `needs_far_leg`: both legs must be seen well. `is_field`: it is a field of `Stride` of
    its own, not an entry of `Stride.metrics`.
    """

    name: str
    unit: Unit
    label: str
    definition: str
    compute: Callable[[StrideWindow], float]
    norm_row: str = ""
    needs_far_leg: bool = False
    is_field: bool = False

    @property
    def brief(self) -> str:
        """The first part of the definition."""
        return re.split(r"[;:]|, \+", self.definition)[0]


def measure(stride: StrideWindow) -> dict[str, float]:
    """Return every metric of one stride by name, NaN where it cannot be measured."""
    return {name: float(metric.compute(stride)) for name, metric in METRICS.items()}


def value_of(stride: Stride, metric: str) -> float:
    """Return a metric of a finished stride; NaN when it is not there."""
    if metric in STRIDE_FIELDS:
        return float(getattr(stride, metric))
    return stride.metrics.get(metric, math.nan)


def has_norm(metric: str) -> bool:
    """Return whether a metric has a norm by speed."""
    return metric in _NORM_ROWS


def norm(metric: str, speed_mps: float) -> float:
    """Return the norm of a metric, in its unit, at a belt speed; NaN outside the norms' speeds or without a norm."""
    row = _NORM_ROWS.get(metric)
    return math.nan if row is None else norms.at_speed(row, speed_mps)


def usual(metric: str, speed_mps: float) -> float:
    """Return what healthy runners do at a speed: the norm, or one number from the literature; NaN if unknown."""
    return norm(metric, speed_mps) if has_norm(metric) else usual_without_norm(metric, speed_mps)


def _rise_leg(stride: StrideWindow, joint: int) -> float:
    height = stride.smooth.points[:, joint, 1]
    return float(stride.in_swing(height).max() - np.median(height[stride.flat])) / stride.leg_px


def _thigh_min(stride: StrideWindow) -> float:
    from_midstance = stride.between(stride.cycle.contact.t_midstance_s, stride.cycle.t_next_strike_s)
    return float(stride.smooth.thigh_deg[from_midstance].min())


def _heel_to_hip_min(stride: StrideWindow) -> float:
    heel = stride.in_swing(stride.heel_from_hip_leg)
    return float(np.hypot(heel[:, 0], heel[:, 1]).min())


def _ankle_swing(stride: StrideWindow) -> float:
    start_s, end_s = stride.t_thigh_vertical_s, float(stride.t_s[stride.thigh_max_sample])
    return float(stride.ankle_deg[stride.between(start_s, end_s)].mean()) if start_s < end_s else math.nan


def _overstride(stride: StrideWindow) -> float:
    forward = stride.sharp.points[:, :, 0]
    return stride.at_strike(forward[:, ANKLE] - forward[:, HIP]) / stride.leg_px


def _hip_height(stride: StrideWindow) -> float:
    height = stride.smooth.points[:, :, 1]
    return stride.at(height[:, HIP] - height[:, ANKLE], stride.cycle.contact.t_midstance_s) / stride.leg_px


def _braking_share(stride: StrideWindow) -> float:
    contact = stride.cycle.contact
    return (contact.t_midstance_s - contact.t_strike_s) / stride.cycle.contact_s


def _flight(stride: StrideWindow) -> float:
    # The other foot comes down half a stride after this one: before this toe-off in walking, after it in running.
    start_s, quarter_s = stride.cycle.contact.t_strike_s, stride.cycle.stride_s / 4
    opposite_s = stride.cycle.other("t_strike_s", start_s + quarter_s, start_s + 3 * quarter_s)
    return opposite_s - stride.cycle.contact.t_toe_off_s


_TABLE = (
    Metric(
        "knee_peak_swing_deg",
        DEGREES,
        "knee fold in swing",
        "largest knee flexion in swing",
        lambda stride: stride.in_swing(stride.smooth.knee_deg).max(),
        norm_row="knee_sw_pk",
    ),
    Metric(
        "knee_at_thigh_vertical_deg",
        DEGREES,
        "knee fold as the thigh passes",
        "knee flexion as the swinging thigh passes the vertical",
        lambda stride: stride.at(stride.smooth.knee_deg, stride.t_thigh_vertical_s),
        norm_row="knee_at_thigh_vert",
    ),
    Metric(
        "shank_min_deg",
        DEGREES,
        "shank's highest",
        "most backward shank angle in swing; below -90 the shank is above the horizontal",
        lambda stride: stride.in_swing(stride.smooth.shank_deg).min(),
        norm_row="shank_min",
    ),
    Metric(
        "thigh_at_knee60_deg",
        DEGREES,
        "thigh when the knee folds",
        "thigh angle when the knee folds through 60 degrees after toe-off",
        lambda stride: stride.at(
            stride.smooth.thigh_deg, stride.first_rise(stride.smooth.knee_deg, 60.0, stride.swing)
        ),
        norm_row="thigh_at_knee60",
    ),
    Metric(
        "thigh_max_deg",
        DEGREES,
        "knee drive",
        "knee drive: largest thigh angle in swing",
        lambda stride: stride.in_swing(stride.smooth.thigh_deg).max(),
        norm_row="thigh_max",
    ),
    Metric(
        "thigh_min_deg",
        DEGREES,
        "back-swing of the thigh",
        "largest back-swing of the thigh: its smallest angle from mid-stance to the next foot strike",
        _thigh_min,
        norm_row="thigh_min",
    ),
    Metric(
        "thigh_at_toe_off_deg",
        DEGREES,
        "thigh at toe-off",
        "thigh angle at toe-off: hip extension",
        lambda stride: stride.at_toe_off(stride.smooth.thigh_deg),
        norm_row="thigh_TO",
    ),
    Metric(
        "thigh_at_strike_deg",
        DEGREES,
        "thigh at landing",
        "thigh angle at foot strike",
        lambda stride: stride.at_strike(stride.sharp.thigh_deg),
    ),
    Metric(
        "thigh_at_opposite_midstance_deg",
        DEGREES,
        "thigh over the standing leg",
        "swing thigh angle at the other leg's mid-stance",
        lambda stride: stride.at(stride.smooth.thigh_deg, stride.t_opposite_midstance_s),
        needs_far_leg=True,
    ),
    Metric(
        "thigh_at_opposite_toe_off_deg",
        DEGREES,
        "thigh at the other toe-off",
        "swing thigh angle at the other leg's toe-off",
        lambda stride: stride.at(stride.smooth.thigh_deg, stride.t_opposite_toe_off_s),
        needs_far_leg=True,
    ),
    Metric(
        "ankle_rise_leg",
        LEG_LENGTHS,
        "ankle rise",
        "highest ankle in swing above its stance height: the median over 20 to 60 % of stance",
        lambda stride: _rise_leg(stride, ANKLE),
        norm_row="ankle_rise/leg",
    ),
    Metric(
        "heel_rise_leg",
        LEG_LENGTHS,
        "heel rise",
        "highest heel in swing above its stance height: the median over 20 to 60 % of stance",
        lambda stride: _rise_leg(stride, HEEL),
    ),
    Metric(
        "heel_to_hip_min_leg",
        LEG_LENGTHS,
        "heel's nearest to the hip",
        "closest distance of heel and hip in swing",
        _heel_to_hip_min,
    ),
    Metric(
        "pass_fraction",
        NO_UNIT,
        "foot passing the standing leg",
        "height of the swing ankle as it passes the support ankle: 0 support ankle, 1 support knee",
        lambda stride: stride.pass_fraction(),
        norm_row="ankle_pass_frac_of_support_knee",
        needs_far_leg=True,
    ),
    Metric(
        "heel_back_at_peak_leg",
        LEG_LENGTHS,
        "heel's place when it is highest",
        "heel ahead of (+) or behind (-) the hip when the heel is highest",
        lambda stride: stride.heel_from_hip_leg[stride.heel_peak_sample, 0],
    ),
    Metric(
        "heel_back_min_leg",
        LEG_LENGTHS,
        "heel's furthest back",
        "most backward place of the heel in swing, relative to the hip",
        lambda stride: stride.in_swing(stride.heel_from_hip_leg[:, 0]).min(),
    ),
    Metric(
        "thigh_at_heel_peak_deg",
        DEGREES,
        "thigh when the heel is highest",
        "thigh angle when the heel is highest",
        lambda stride: stride.smooth.thigh_deg[stride.heel_peak_sample],
    ),
    Metric(
        "ankle_swing_deg",
        DEGREES,
        "ankle in swing",
        "mean ankle dorsiflexion from thigh vertical to largest thigh angle",
        _ankle_swing,
    ),
    Metric(
        "ankle_at_thigh_max_deg",
        DEGREES,
        "ankle at full knee drive",
        "ankle dorsiflexion at the largest thigh angle",
        lambda stride: stride.ankle_deg[stride.thigh_max_sample],
        norm_row="dors_at_thigh_max",
    ),
    Metric(
        "foot_at_strike_deg",
        DEGREES,
        "foot at landing",
        "foot angle at foot strike, + toe up",
        lambda stride: stride.at_strike(stride.sharp.foot_deg) - stride.foot_zero_deg,
    ),
    Metric(
        "overstride_leg",
        LEG_LENGTHS,
        "foot ahead at landing",
        "ankle ahead of the hip at foot strike",
        _overstride,
        norm_row="ankle_ahead_hip_FS/leg",
    ),
    Metric(
        "shank_at_strike_deg",
        DEGREES,
        "shank at landing",
        "shank angle at foot strike, + ankle in front of the knee",
        lambda stride: stride.at_strike(stride.sharp.shank_deg),
        norm_row="shank_FS",
    ),
    Metric(
        "knee_at_strike_deg",
        DEGREES,
        "knee bend at landing",
        "knee flexion at foot strike",
        lambda stride: stride.at_strike(stride.sharp.knee_deg),
        norm_row="knee_FS",
    ),
    Metric(
        "knee_at_toe_off_deg",
        DEGREES,
        "knee bend at toe-off",
        "knee flexion at toe-off",
        lambda stride: stride.at_toe_off(stride.smooth.knee_deg),
        norm_row="knee_TO",
    ),
    Metric(
        "knee_stance_peak_deg",
        DEGREES,
        "knee bend in stance",
        "largest knee flexion in stance",
        lambda stride: stride.smooth.knee_deg[stride.stance].max(),
        norm_row="knee_stance_pk",
    ),
    Metric(
        "hip_height_leg",
        LEG_LENGTHS,
        "hip height",
        "hip above the ankle when the ankle is under the hip: at mid-stance",
        _hip_height,
    ),
    Metric(
        "braking_share",
        NO_UNIT,
        "braking share of contact",
        "share of contact before the ankle is under the hip: before mid-stance",
        _braking_share,
    ),
    Metric(
        "trunk_lean_deg",
        DEGREES,
        "forward lean",
        "mean forward lean of the trunk over the stride",
        lambda stride: stride.lean_deg[stride.whole].mean(),
    ),
    Metric(
        "trunk_range_deg",
        DEGREES,
        "range of the lean",
        "largest minus smallest forward lean over the stride",
        lambda stride: np.ptp(stride.lean_deg[stride.whole]),
    ),
    Metric(
        "vertical_oscillation_leg",
        LEG_LENGTHS,
        "bounce",
        "rise and fall of the hips over a stride: highest minus lowest mid-hip",
        lambda stride: float(np.ptp(stride.hip_height_px[stride.whole])) / stride.leg_px,
        norm_row="vert_osc_pelvis/leg",
    ),
    Metric(
        "flight_s",
        SECONDS,
        "flight",
        "time from this leg's toe-off to the other foot's strike; below 0 both feet are down",
        _flight,
        needs_far_leg=True,
    ),
    Metric(
        "cadence_spm",
        STEPS_A_MINUTE,
        "cadence",
        "cadence: steps of both feet a minute, 120 divided by the stride time",
        lambda stride: 120.0 / stride.cycle.stride_s,
        norm_row="cadence_spm",
        is_field=True,
    ),
    Metric(
        "contact_s",
        SECONDS,
        "ground contact",
        "ground contact: time from foot strike to toe-off",
        lambda stride: stride.cycle.contact_s,
        norm_row="contact_s",
        is_field=True,
    ),
    Metric(
        "duty",
        NO_UNIT,
        "share of the stride on the ground",
        "share of the stride on the ground: contact time divided by stride time",
        lambda stride: stride.cycle.contact_s / stride.cycle.stride_s,
        norm_row="duty",
        is_field=True,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _TABLE})
# The keys of `Stride.metrics`, in the order of the columns of `strides.csv`; and the metrics that are its fields.
STRIDE_METRICS: tuple[str, ...] = tuple(metric.name for metric in _TABLE if not metric.is_field)
STRIDE_FIELDS: tuple[str, ...] = tuple(metric.name for metric in _TABLE if metric.is_field)
_NORM_ROWS: Mapping[str, str] = {metric.name: metric.norm_row for metric in _TABLE if metric.norm_row}
