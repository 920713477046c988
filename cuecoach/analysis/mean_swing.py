"""The runner's mean stride, from recorded landmarks, and the norm's at the same speed.

Strides are averaged over the leg's own phase: 0 foot strike, 0 to 1 stance, 1 toe-off, 1 to 2 swing. Strides of
different length, and the norm, then agree at foot strike and toe-off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.analysis.fault_statistics import is_fault_cue
from cuecoach.analysis.record import calibrations_of, settings_of
from cuecoach.analysis.session import AnalysedSession
from cuecoach.gait.angles import segment_angles, to_runner_axes
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.gait import Gait
from cuecoach.gait.settings import GaitSettings
from cuecoach.reference.body import FOOT, KNEE, THIGH
from cuecoach.reference.mean_stride import HIGH_MPS, LOW_MPS, mean_stride
from cuecoach.types import Activity, FloatArray, Legs, PoseFrame, Side, Speed, SpeedOrigin, Stride

PHASES: FloatArray = np.linspace(0.0, 2.0, 101)
STRIDES_MIN = 5
_STRETCH_S = 20.0  # about 28 strides of each leg: enough for a stable mean
_LEAD_IN_S = 4.0  # before it, for gait to recognise the legs
_THIGH_LEG, _SHANK_LEG = 0.499, 0.501  # of leg length; Drillis & Contini 1966
_TOE_LEG = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class MeanSwing:
    """Mean segment angles at PHASES, (101,) each, in degrees; `strides` were averaged (0: the norm)."""

    thigh_deg: FloatArray
    shank_deg: FloatArray
    foot_deg: FloatArray
    strides: int

    @property
    def knee_deg(self) -> FloatArray:
        """Knee flexion, (101,)."""
        return self.thigh_deg - self.shank_deg

    def stick(self, phase: float) -> list[tuple[float, float]]:
        """Return hip, knee, ankle and toe at a phase, in leg lengths, x forward, y up, the hip at (0, 0)."""
        angles = [float(np.interp(phase, PHASES, part)) for part in (self.thigh_deg, self.shank_deg, self.foot_deg)]
        thigh, shank, foot = map(math.radians, angles)
        knee = (_THIGH_LEG * math.sin(thigh), -_THIGH_LEG * math.cos(thigh))
        ankle = (knee[0] + _SHANK_LEG * math.sin(shank), knee[1] - _SHANK_LEG * math.cos(shank))
        toe = (ankle[0] + _TOE_LEG * math.cos(foot), ankle[1] + _TOE_LEG * math.sin(foot))
        return [(0.0, 0.0), knee, ankle, toe]


@dataclass(frozen=True, slots=True, eq=False)
class SessionSwings:
    """Mean strides by leg, at the end of the session and before the first cue (empty without one), and the norm's."""

    end: dict[Side, MeanSwing]
    before: dict[Side, MeanSwing]
    norm: MeanSwing | None


def session_swings(session: AnalysedSession) -> SessionSwings | None:
    """Return the mean strides of a session, None when it has no landmark recording."""
    record, summary = session.record, session.summary
    if not record.row.recorded_frames:
        return None
    first_s = next((cue.decided_s for cue in record.cues if is_fault_cue(cue)), None)
    before = {} if first_s is None else _swings_until(session, first_s)
    return SessionSwings(_swings_until(session, record.row.duration_s), before, norm_swing(summary.speed_mps))


def _swings_until(session: AnalysedSession, until_s: float) -> dict[Side, MeanSwing]:
    """Return the mean strides of the last _STRETCH_S before a moment."""
    summary = session.summary
    from_s = max(0.0, until_s - _STRETCH_S)
    mps = summary.speed_mps
    speed = None if math.isnan(mps) else Speed(mps, 0.02 * mps, SpeedOrigin.USER)
    settings = settings_of(session.record, "gait", GaitSettings)
    pose_frames = session.pose_frames(from_s - _LEAD_IN_S, until_s)
    calibrations = calibrations_of(session.record)
    return mean_swings(pose_frames, settings, speed, from_s, summary.settings.trust_min, calibrations)


def norm_swing(speed_mps: float) -> MeanSwing | None:
    """Return the mean stride of 28 runners at a speed (Fukuchi et al. 2017); None outside 2 to 6 m/s."""
    if not LOW_MPS <= speed_mps <= HIGH_MPS:
        return None
    curves = mean_stride(speed_mps).curves(PHASES)
    return MeanSwing(curves[:, THIGH], curves[:, THIGH] - curves[:, KNEE], curves[:, FOOT], 0)


def mean_swings(
    pose_frames: Iterable[PoseFrame],
    settings: GaitSettings,
    speed: Speed | None,
    from_s: float,
    trust_min: float,
    calibrations: Sequence[Calibration] = (),
) -> dict[Side, MeanSwing]:
    """Measure a stretch of recorded landmarks and average the trusted running strides that begin after `from_s`.

    The pose frames should begin some seconds earlier, for gait to recognise the legs. A leg with fewer than
    STRIDES_MIN strides is left out.
    """
    gait = Gait(settings, calibrations)
    legs: list[Legs] = []
    strides: list[Stride] = []
    for pose_frame in pose_frames:
        step = gait.update(pose_frame, speed)
        legs += step.settled
        strides += step.strides
    last = gait.finish()
    legs += last.settled
    strides += last.strides
    return {side: mean for side in Side if (mean := _mean_swing(legs, strides, side, from_s, trust_min)) is not None}


def _mean_swing(
    legs: Sequence[Legs], strides: Sequence[Stride], side: Side, from_s: float, trust_min: float
) -> MeanSwing | None:
    usable = [
        stride
        for stride in strides
        if stride.side is side
        and stride.activity is Activity.RUNNING
        and stride.trust >= trust_min
        and stride.t_strike_s >= from_s
    ]
    if len(usable) < STRIDES_MIN:
        return None
    t_s = np.array([leg.t_s for leg in legs])
    points = np.array([to_runner_axes(leg.of(side), leg.facing) for leg in legs])
    angles = segment_angles(points)
    mean = np.nanmean([_resampled(t_s, angles, stride) for stride in usable], axis=0)
    flat = float(np.mean(mean[(PHASES > 0.2) & (PHASES < 0.6), 2]))
    return MeanSwing(mean[:, 0], mean[:, 1], mean[:, 2] - flat, len(usable))


def _resampled(t_s: FloatArray, angles: FloatArray, stride: Stride) -> FloatArray:
    """Return thigh, shank and foot of one stride at PHASES, (101, 3)."""
    ends_s = (stride.t_strike_s, stride.t_toe_off_s, stride.t_next_strike_s)
    wanted_s = np.interp(PHASES, (0.0, 1.0, 2.0), ends_s)
    return np.stack([np.interp(wanted_s, t_s, angles[:, segment]) for segment in range(3)], axis=1)
