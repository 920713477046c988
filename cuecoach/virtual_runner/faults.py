"""The faults of the virtual runner: their names, and what each does to thigh, knee and foot.

Strength 1 is clearly beyond the limit of that fault in the norms the coach uses, at every speed from 2.5 to 4.5 m/s;
0 is none; between and above scale linearly. Faults that are not of the legs (lean, cadence) are applied in
`kinematics.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cuecoach.reference.body import FOOT, KNEE, THIGH
from cuecoach.types import FloatArray

LAZY_HEEL = "lazy-heel"
FLICK = "flick"
KNEE_TOO_HIGH = "knee-too-high"
OVERSTRIDE = "overstride"
LEANING_BACK = "leaning-back"
LOW_CADENCE = "low-cadence"
ASYMMETRIC_HEEL = "asymmetric-heel"
WEAK_PUSH = "weak-push"
FAULTS: tuple[str, ...] = (
    LAZY_HEEL,
    FLICK,
    KNEE_TOO_HIGH,
    OVERSTRIDE,
    LEANING_BACK,
    LOW_CADENCE,
    ASYMMETRIC_HEEL,
    WEAK_PUSH,
)

LEG_FAULTS = tuple(name for name in FAULTS if name not in (LEANING_BACK, LOW_CADENCE))

_FOLDED_FROM_DEG = 14.0  # the knee is this bent at toe-off; what is above it in swing is the fold of the leg


def _bump(phase: FloatArray, start: float, peak: float, end: float) -> FloatArray:
    """Return a smooth hill in the leg phase (period 2): 0 outside `start`..`end`, 1 at `peak`."""
    from_start = (phase - start) % 2.0
    rise, fall = peak - start, end - peak
    up = 0.5 - 0.5 * np.cos(np.pi * from_start / rise)
    down = 0.5 + 0.5 * np.cos(np.pi * (from_start - rise) / fall)
    return np.where(from_start < rise, up, np.where(from_start < rise + fall, down, 0.0))


def apply_leg_faults(
    phase: FloatArray,
    angles: FloatArray,
    strengths: Mapping[str, FloatArray | float],
    knee_gain: FloatArray | float = 1.0,
) -> FloatArray:
    """Return `angles` (n, 3: thigh, knee, foot, deg) at leg phases `phase` (n,) with the faults dialled in.

    In swing the foot follows the shank, so that the ankle angle stays as measured; in mid-stance the sole stays on the
    belt. `knee_gain` scales the fold of the leg in swing (stride-to-stride variation).
    """
    thigh, knee, foot = angles[:, THIGH].copy(), angles[:, KNEE].copy(), angles[:, FOOT].copy()
    shank_before = thigh - knee

    def dial(name: str) -> FloatArray | float:
        return strengths.get(name, 0.0)

    fold = np.where(phase > 1.0, np.maximum(knee - _FOLDED_FROM_DEG, 0.0), 0.0)
    knee += fold * (knee_gain - 1.0 - 0.32 * dial(LAZY_HEEL) - 0.14 * dial(ASYMMETRIC_HEEL))
    thigh -= 12.0 * dial(FLICK) * _bump(phase, 1.0, 1.3, 1.75)
    knee += dial(FLICK) * (16.0 * _bump(phase, 1.0, 1.2, 1.6) + 20.0 * _bump(phase, 1.1, 1.48, 1.95))
    thigh += 22.0 * dial(KNEE_TOO_HIGH) * _bump(phase, 1.2, 1.68, 1.98)
    knee += 18.0 * dial(KNEE_TOO_HIGH) * _bump(phase, 1.2, 1.68, 1.98)
    no_push = dial(WEAK_PUSH) * _bump(phase, 0.35, 1.0, 1.4)
    thigh += 15.5 * no_push - 14.0 * dial(WEAK_PUSH) * _bump(phase, 1.3, 1.72, 2.08)
    knee += 12.0 * no_push
    reach = dial(OVERSTRIDE) * _bump(phase, 1.6, 2.0, 2.55)
    thigh += 5.0 * reach
    knee = np.maximum(knee - 8.0 * reach, np.minimum(knee, 1.0))
    follows = np.interp(phase, (0.0, 0.2, 0.8, 1.0, 1.8, 2.0), (0.3, 0.0, 0.0, 1.0, 1.0, 0.3))
    foot += follows * (thigh - knee - shank_before)
    foot += 14.0 * dial(LAZY_HEEL) * _bump(phase, 1.1, 1.6, 1.95)  # or the toe would catch on the belt
    return np.stack([thigh, knee, foot], axis=1)
