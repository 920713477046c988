"""The table of metrics: name, unit, norm and meaning of everything measured on a stride. Data only, no computing.

Definitions are those of `docs/conventions.md`; lengths with the suffix `_leg` are fractions of leg length
(thigh + shank). `norm` names the row of `norms.csv`, empty where no norm by speed exists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of `strides.csv`."""

    name: str
    unit: str
    norm: str
    needs_far_leg: bool
    meaning: str


METRICS: tuple[Metric, ...] = (
    Metric("knee_peak_swing_deg", "deg", "knee_sw_pk", False, "largest knee flexion in swing"),
    Metric(
        "knee_at_thigh_vertical_deg",
        "deg",
        "knee_at_thigh_vert",
        False,
        "knee flexion as the swinging thigh passes the vertical",
    ),
    Metric(
        "shank_min_deg",
        "deg",
        "shank_min",
        False,
        "most backward shank angle in swing; below -90 the shank is above the horizontal",
    ),
    Metric(
        "thigh_at_knee60_deg",
        "deg",
        "thigh_at_knee60",
        False,
        "thigh angle when the knee folds through 60 degrees after toe-off",
    ),
    Metric("thigh_max_deg", "deg", "thigh_max", False, "knee drive: largest thigh angle"),
    Metric("thigh_min_deg", "deg", "thigh_min", False, "largest back-swing of the thigh"),
    Metric("thigh_at_toe_off_deg", "deg", "thigh_TO", False, "thigh angle at toe-off: hip extension"),
    Metric("thigh_at_strike_deg", "deg", "", False, "thigh angle at foot strike"),
    Metric("thigh_at_opposite_midstance_deg", "deg", "", True, "swing thigh angle at the other leg's mid-stance"),
    Metric("thigh_at_opposite_toe_off_deg", "deg", "", True, "swing thigh angle at the other leg's toe-off"),
    Metric("ankle_rise_leg", "leg", "ankle_rise/leg", False, "highest ankle in swing above its stance height"),
    Metric("heel_rise_leg", "leg", "", False, "highest heel in swing above its stance height"),
    Metric("heel_to_hip_min_leg", "leg", "", False, "closest distance of heel and hip in swing"),
    Metric(
        "pass_fraction",
        "",
        "ankle_pass_frac_of_support_knee",
        True,
        "height of the swing ankle as it passes the support ankle: 0 support ankle, 1 support knee",
    ),
    Metric(
        "heel_back_at_peak_leg", "leg", "", False, "heel ahead of (+) or behind (-) the hip when the heel is highest"
    ),
    Metric("heel_back_min_leg", "leg", "", False, "most backward place of the heel in swing, relative to the hip"),
    Metric("thigh_at_heel_peak_deg", "deg", "", False, "thigh angle when the heel is highest"),
    Metric("ankle_swing_deg", "deg", "", False, "mean ankle dorsiflexion from thigh vertical to largest thigh angle"),
    Metric(
        "ankle_at_thigh_max_deg", "deg", "dors_at_thigh_max", False, "ankle dorsiflexion at the largest thigh angle"
    ),
    Metric("foot_at_strike_deg", "deg", "", False, "foot angle at foot strike, + toe up"),
    Metric("overstride_leg", "leg", "ankle_ahead_hip_FS/leg", False, "ankle ahead of the hip at foot strike"),
    Metric("shank_at_strike_deg", "deg", "shank_FS", False, "shank angle at foot strike, + ankle in front of the knee"),
    Metric("knee_at_strike_deg", "deg", "knee_FS", False, "knee flexion at foot strike"),
    Metric("knee_at_toe_off_deg", "deg", "knee_TO", False, "knee flexion at toe-off"),
    Metric("knee_stance_peak_deg", "deg", "knee_stance_pk", False, "largest knee flexion in stance"),
    Metric("hip_height_leg", "leg", "", False, "hip above the ankle when the ankle is under the hip"),
    Metric("braking_share", "", "", False, "share of contact before the ankle is under the hip"),
    Metric("trunk_lean_deg", "deg", "", False, "mean forward lean of the trunk over the stride"),
    Metric("trunk_range_deg", "deg", "", False, "largest minus smallest forward lean over the stride"),
    Metric("vertical_oscillation_leg", "leg", "vert_osc_pelvis/leg", False, "rise and fall of the hips over a stride"),
    Metric(
        "flight_s", "s", "", True, "time from this leg's toe-off to the other foot's strike; below 0 both feet are down"
    ),
)

# Norms of quantities that are fields of `Stride` rather than metrics.
STRIDE_NORMS: dict[str, str] = {"cadence_spm": "cadence_spm", "contact_s": "contact_s", "duty": "duty"}

METRIC_NAMES: tuple[str, ...] = tuple(metric.name for metric in METRICS)
