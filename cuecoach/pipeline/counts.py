"""Counts what was measured: frames, strides, foot strikes, cadence, trust; and remembers who was seen."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass, field

from cuecoach.pipeline.what_was_seen import (
    PeopleSeen,
    PeopleSummary,
    Seen,
    contradicts,
    reason,
    slowed_sentence,
    speed_sentence,
    what_was_seen,
)
from cuecoach.types import Activity, PoseFrame, Side, Speed, Stride


@dataclass(slots=True)
class MeasurementCounts:
    """The running count. All times are the source's `t_s`.

    `slow_motion` is how many times slower than life the film seems to play, None when it does not; `height_m` is the
    runner's, when known.
    """

    frames: int = 0
    frames_with_runner: int = 0
    first_s: float = math.nan
    last_s: float = math.nan
    strides: Counter[Side] = field(default_factory=Counter)
    activities: Counter[Activity] = field(default_factory=Counter)  # of the strides
    strikes_s: dict[Side, set[float]] = field(default_factory=lambda: {side: set() for side in Side})
    cadences_spm: list[float] = field(default_factory=list)
    trusts: list[float] = field(default_factory=list)
    people: PeopleSeen = field(default_factory=PeopleSeen)
    given_speed: Speed | None = None
    height_m: float | None = None
    slow_motion: float | None = None

    def add_frame(self, pose_frame: PoseFrame, given: Speed | None = None) -> None:
        """Count one frame; `given` is the belt's speed as a person or machine says it."""
        if not self.activities[Activity.RUNNING]:
            self.people.add(pose_frame)
            self.given_speed = given  # the one that goes with these
        self.frames += 1
        self.frames_with_runner += pose_frame.pose is not None
        if math.isnan(self.first_s):
            self.first_s = pose_frame.t_s
        self.last_s = pose_frame.t_s

    def add_stride(self, stride: Stride) -> None:
        """Count one stride; only running strides make the cadence."""
        self.strides[stride.side] += 1
        self.activities[stride.activity] += 1
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

    @property
    def seen(self) -> Seen:
        """Return what was seen, if only why nobody was measured running."""
        return self._seen(self.people.summary())

    @property
    def why(self) -> str:
        """Return why nobody was measured running, and advice on time and speed, without the last point.

        Empty when all is well.
        """
        people = self.people.summary()
        sentences = [reason(self._seen(people))]
        if self.slow_motion is not None:
            sentences.append(slowed_sentence(self.slow_motion))
        elif contradicts(self.given_speed, people, self.height_m):
            sentences.append(speed_sentence(people, self.height_m))
        return ". ".join(sentence.removesuffix(".") for sentence in sentences if sentence)

    def _seen(self, people: PeopleSummary) -> Seen:
        return what_was_seen(self.activities, people, self.slow_motion, self.given_speed, self.height_m)

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
            "seen": str(self.seen),
            "slow_motion": self.slow_motion,
        }
