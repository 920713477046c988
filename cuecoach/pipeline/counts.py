"""Counts what was measured: frames, strides, foot strikes, cadence, trust. Decides nothing."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass, field

from cuecoach.types import Activity, PoseFrame, Side, Stride


@dataclass(slots=True)
class MeasurementCounts:
    """The running count. All times are the source's `t_s`."""

    frames: int = 0
    frames_with_runner: int = 0
    first_s: float = math.nan
    last_s: float = math.nan
    strides: Counter[Side] = field(default_factory=Counter)
    strikes_s: dict[Side, set[float]] = field(default_factory=lambda: {side: set() for side in Side})
    cadences_spm: list[float] = field(default_factory=list)
    trusts: list[float] = field(default_factory=list)

    def add_frame(self, pose_frame: PoseFrame) -> None:
        """Count one frame."""
        self.frames += 1
        self.frames_with_runner += pose_frame.pose is not None
        if math.isnan(self.first_s):
            self.first_s = pose_frame.t_s
        self.last_s = pose_frame.t_s

    def add_stride(self, stride: Stride) -> None:
        """Count one stride; only running strides make the cadence."""
        self.strides[stride.side] += 1
        self.strikes_s[stride.side] |= {stride.t_strike_s, stride.t_next_strike_s}
        self.trusts.append(stride.trust)
        if stride.activity is Activity.RUNNING:
            self.cadences_spm.append(stride.cadence_spm)

    @property
    def duration_s(self) -> float:
        """Return the time from the first to the last frame, 0 without frames."""
        return self.last_s - self.first_s if self.frames else 0.0

    @property
    def foot_strikes(self) -> int:
        """Return how many different foot strikes bound the strides of both legs together."""
        return sum(len(times) for times in self.strikes_s.values())

    @property
    def cadence_spm(self) -> float:
        """Return the median cadence of the running strides, NaN without any."""
        return statistics.median(self.cadences_spm) if self.cadences_spm else math.nan

    @property
    def trust_median(self) -> float:
        """Return the median trust of all strides, NaN without any."""
        return statistics.median(self.trusts) if self.trusts else math.nan

    def as_dict(self) -> dict[str, object]:
        """Return the count as plain data for `--json`; what was not measured is None."""
        return {
            "frames": self.frames,
            "frames_with_runner": self.frames_with_runner,
            "duration_s": round(self.duration_s, 3),
            "strides": {str(side): self.strides[side] for side in Side},
            "foot_strikes": self.foot_strikes,
            "cadence_spm": None if math.isnan(self.cadence_spm) else round(self.cadence_spm, 2),
            "trust_median": None if math.isnan(self.trust_median) else round(self.trust_median, 3),
        }
