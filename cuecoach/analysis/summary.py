"""The summary of a session: the numbers that `sessions show`, the report and the exports share."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cuecoach.analysis.cue_effects import Effect, Trial, effects, trials_of
from cuecoach.analysis.fault_statistics import (
    FaultRate,
    FaultStatistics,
    fault_statistics,
    grouped_by_block,
    is_fault_cue,
    median_speed_mps,
)
from cuecoach.analysis.record import calibrations_of, decisions_of, readable_pack_of, settings_of
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.calibration.placement import LEFT_OUT
from cuecoach.gait.calibration.record import calibration_line
from cuecoach.journal.records import CueRow, SessionRecord, SessionRow
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, AudioOutput, EventKind, Kind, Reason, Side, Stride


@dataclass(frozen=True, slots=True)
class BlockSummary:
    """One block of the session; `name` is the programme's, or says on which side of the first cue it lies."""

    name: str
    begin_s: float
    end_s: float
    minutes_running: float
    said: int

    @property
    def cues_per_min(self) -> float:
        """Return how much was said per minute of running, NaN without running."""
        return self.said / self.minutes_running if self.minutes_running > 0 else math.nan


@dataclass(frozen=True, slots=True)
class LegSummary:
    """How one leg was seen: medians over its running strides; `trusted` is the share good enough to judge."""

    strides: int
    running: int
    is_near: bool
    trust: float
    trusted: float
    cadence_spm: float
    contact_s: float


@dataclass(frozen=True, slots=True)
class SoundSummary:
    """What became of the cues that were fired: how many sounded and where, how many were dropped and why, how late."""

    said: int
    heard: Mapping[AudioOutput, int]
    dropped: Mapping[str, int]  # by cause
    delay_median_s: float  # from the decision to the first sound
    delay_max_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """All numbers of a session. `pack` is None when this version cannot read its text (`pack_problem` says why)."""

    row: SessionRow
    pack: Pack | None
    pack_problem: str
    settings: CoachSettings
    speed_mps: float  # median, NaN when never known
    minutes_running: float
    blocks: tuple[BlockSummary, ...]
    faults: tuple[FaultStatistics, ...]  # worked on first, most cued first
    trials: tuple[Trial, ...]  # cues fired, and withheld on purpose, with the strides around them
    effects: tuple[Effect, ...]  # of speaking, by fault
    said_for: Mapping[str, int]  # by fault, or by kind where no fault was meant
    fired: Mapping[Reason, int]
    withheld: Mapping[Reason, int]
    legs: Mapping[Side, LegSummary]
    sound: SoundSummary
    unmeasured: Mapping[str, float]  # as in `SessionRecord`
    calibration: str = ""  # a line about the one the session began with, empty without one

    @property
    def worked_on(self) -> tuple[FaultStatistics, ...]:
        """Return the faults that were cued, or held back as catch trials."""
        return tuple(fault for fault in self.faults if fault.said or fault.held_back)

    @property
    def main(self) -> FaultStatistics | None:
        """Return the fault most worked on, on the leg that shows it most; None when nothing was cued."""
        if not self.worked_on:
            return None
        legs = [fault for fault in self.worked_on if fault.fault == self.worked_on[0].fault]
        return max(legs, key=lambda leg: -1.0 if math.isnan(leg.before.share) else leg.before.share)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain data; what was not measured is None."""
        plain: dict[str, Any] = _plain(
            {
                "session": dataclasses.asdict(self.row),
                "speed_mps": self.speed_mps,
                "minutes_running": self.minutes_running,
                "blocks": [dataclasses.asdict(block) | {"cues_per_min": block.cues_per_min} for block in self.blocks],
                "faults": [_fault_dict(fault) for fault in self.faults],
                "effects": [_effect_dict(effect) for effect in self.effects],
                "said_for": dict(self.said_for),
                "fired": dict(self.fired),
                "withheld": dict(self.withheld),
                "legs": {side: dataclasses.asdict(leg) for side, leg in self.legs.items()},
                "sound": dataclasses.asdict(self.sound),
                "unmeasured": dict(self.unmeasured),
                "calibration": self.calibration or None,
            }
        )
        return plain


def summarise(record: SessionRecord, strides: Sequence[Stride]) -> Summary:
    """Return the numbers of a session; the strides may lack metrics that no fault needs (`judged_metrics`)."""
    pack, problem = readable_pack_of(record)
    settings = settings_of(record, "coach", CoachSettings)
    running = [stride for stride in strides if stride.activity is Activity.RUNNING]
    blocks = _blocks(record, running)
    begins_s = [block.begin_s for block in blocks]
    trials = _trials(record, pack, settings, running)
    return Summary(
        row=record.row,
        pack=pack,
        pack_problem=problem,
        settings=settings,
        speed_mps=median_speed_mps(running),
        minutes_running=_minutes(running),
        blocks=blocks,
        faults=fault_statistics(record.cues, pack, settings, strides, begins_s) if pack else (),
        trials=tuple(trials),
        effects=tuple(effects(trials, by=("fault",))),
        said_for=dict(Counter(_about(cue) for cue in record.cues if cue.fires)),
        fired=record.fired,
        withheld=record.withheld,
        legs={side: _leg_summary(side, strides, settings) for side in Side if any(s.side is side for s in strides)},
        sound=_sound_summary(record.cues),
        unmeasured=record.unmeasured,
        calibration=_calibration(record),
    )


def _trials(
    record: SessionRecord, pack: Pack | None, settings: CoachSettings, running: Sequence[Stride]
) -> list[Trial]:
    if pack is None:
        return []
    runner, number = record.row.runner or "", record.row.id
    return trials_of(decisions_of(record), running, pack, settings, runner=runner, session=number)


def _calibration(record: SessionRecord) -> str:
    """Return a line about the calibration that the session began with, and whether it was left out later."""
    left_out = any(event.kind is EventKind.NOTICE and event.detail.startswith(LEFT_OUT) for event in record.events)
    lines = [calibration_line(one) for one in calibrations_of(record)[:1]]
    return "".join(lines) + (", left out when the camera was moved" if lines and left_out else "")


def _about(cue: CueRow) -> str:
    return cue.fault if cue.fault and cue.kind is Kind.FAULT else str(cue.kind)


# -- blocks


def _blocks(record: SessionRecord, running: Sequence[Stride]) -> tuple[BlockSummary, ...]:
    """Return the programme's blocks; without a programme the time before and after the first cue about a fault."""
    end_s = max(record.row.duration_s, max((stride.closed_s for stride in running), default=0.0))
    begins = [(event.detail, event.t_s) for event in record.events if event.kind is EventKind.BLOCK]
    if not begins:
        first_s = next((cue.decided_s for cue in record.cues if is_fault_cue(cue)), None)
        begins = [("whole session", 0.0)] if first_s is None else [("before the first cue", 0.0), ("after it", first_s)]
    elif begins[0][1] > 0.0 and any(stride.closed_s < begins[0][1] for stride in running):
        begins.insert(0, ("start", 0.0))
    ends = [begin_s for _, begin_s in begins[1:]] + [end_s]
    starts = [begin_s for _, begin_s in begins]
    ran = grouped_by_block(running, starts, lambda stride: stride.closed_s)
    said = grouped_by_block([cue for cue in record.cues if cue.fires], starts, lambda cue: cue.decided_s)
    return tuple(
        BlockSummary(name, begin_s, until_s, _minutes(ran[place]), len(said[place]))
        for place, ((name, begin_s), until_s) in enumerate(zip(begins, ends, strict=True))
    )


def _minutes(running: Sequence[Stride]) -> float:
    """Return the minutes of running: the stride times of the leg that was seen longer."""
    by_leg = dict.fromkeys(Side, 0.0)
    for stride in running:
        by_leg[stride.side] += stride.t_next_strike_s - stride.t_strike_s
    return max(by_leg.values()) / 60.0


# -- legs and sound


def _leg_summary(side: Side, strides: Sequence[Stride], settings: CoachSettings) -> LegSummary:
    mine = [stride for stride in strides if stride.side is side]
    running = [stride for stride in mine if stride.activity is Activity.RUNNING]
    return LegSummary(
        strides=len(mine),
        running=len(running),
        is_near=sum(stride.is_near for stride in mine) * 2 > len(mine),
        trust=_median(stride.trust for stride in running),
        trusted=sum(stride.trust >= settings.trust_min for stride in running) / len(running) if running else math.nan,
        cadence_spm=_median(stride.cadence_spm for stride in running),
        contact_s=_median(stride.contact_s for stride in running),
    )


def _sound_summary(cues: Sequence[CueRow]) -> SoundSummary:
    delays = [cue.started_s - cue.decided_s for cue in cues if cue.started_s is not None]
    return SoundSummary(
        said=sum(cue.fires for cue in cues),
        heard=dict(Counter(cue.heard_on or AudioOutput.NOTHING for cue in cues if cue.started_s is not None)),
        dropped=dict(Counter(cue.heard_detail or "no reason given" for cue in cues if cue.dropped_s is not None)),
        delay_median_s=statistics.median(delays) if delays else math.nan,
        delay_max_s=max(delays, default=math.nan),
    )


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def _fault_dict(fault: FaultStatistics) -> dict[str, Any]:
    plain = dataclasses.asdict(fault)
    plain["refused"] = plain.pop("ignored")  # as readers of `summary.json` have known it since version 0.1
    plain |= {"before": _rate_dict(fault.before), "end": _rate_dict(fault.end)}
    plain["blocks"] = [_rate_dict(rate) for rate in fault.blocks]
    return plain


def _rate_dict(rate: FaultRate) -> dict[str, Any]:
    return dataclasses.asdict(rate) | {"share": rate.share}


def _effect_dict(effect: Effect) -> dict[str, Any]:
    names = (field.name for field in dataclasses.fields(effect))
    return {name: getattr(effect, name) for name in names} | {"group": dict(effect.group)}


def _plain(value: Any) -> Any:
    """Return data that JSON can hold: NaN as None, members of enums as text, every mapping as dict."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, StrEnum) else value
