"""The numbers of a session, computed in this one place: what `show`, the report and the export all tell.

Owns how strides are counted into blocks and faults, and how what was said is counted. Draws nothing, words nothing.
Strides are judged again by the pack and the settings that the journal kept, as the coach judged them.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cuecoach.analysis.cue_effects import Effect, Trial, effects, trials_of
from cuecoach.analysis.fault_statistics import (
    FaultStatistics,
    about_a_fault,
    apart,
    fault_statistics,
    judged_metrics,
    median_speed_mps,
)
from cuecoach.coach.policy import CoachSettings
from cuecoach.errors import InputError
from cuecoach.journal import read
from cuecoach.journal.records import CueRow, SessionRecord, SessionRow
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import parse_pack
from cuecoach.settings import with_current_names
from cuecoach.types import Activity, AttentionFocus, Cue, Decision, EventKind, Kind, Reason, Side, Stride

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class BlockSummary:
    """A part of the session; `name` is the programme's, or tells where the first cue was."""

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
class LegSums:
    """How one leg was seen: medians over its running strides; `trusted` is the share good enough to judge."""

    strides: int
    running: int
    is_near: bool
    trust: float
    trusted: float
    cadence_spm: float
    contact_s: float


@dataclass(frozen=True, slots=True)
class SoundSums:
    """What became of the words: how many began to sound and where, how many never did and why, and how late."""

    said: int
    heard: Mapping[str, int]  # device, file, nothing
    dropped: Mapping[str, int]  # by cause
    delay_median_s: float  # from the decision to the first sound
    delay_max_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """All numbers of a session. `pack` is None when its kept text cannot be read by this version (`pack_problem`)."""

    row: SessionRow
    pack: Pack | None
    pack_problem: str
    settings: CoachSettings
    speed_mps: float  # median, NaN when never known
    minutes_running: float
    blocks: tuple[BlockSummary, ...]
    faults: tuple[FaultStatistics, ...]  # worked on first, most cued first
    trials: tuple[Trial, ...]  # cues fired, and held back on purpose, with the strides around them
    effects: tuple[Effect, ...]  # of speaking, by fault
    said_for: Mapping[str, int]  # by fault, or by kind where it was not about one
    fired: Mapping[Reason, int]
    withheld: Mapping[Reason, int]
    legs: Mapping[Side, LegSums]
    sound: SoundSums
    unmeasured: Mapping[str, float]  # as of the page

    @property
    def worked_on(self) -> tuple[FaultStatistics, ...]:
        """Return the lines of the faults that were cued, or held back as catch trials."""
        return tuple(line for line in self.faults if line.said or line.held_back)

    @property
    def main(self) -> FaultStatistics | None:
        """Return the line of the fault most worked on, on the leg that shows it most; None when nothing was cued."""
        lines = self.worked_on
        if not lines:
            return None
        first = [line for line in lines if line.fault == lines[0].fault]
        return max(first, key=lambda line: -1.0 if math.isnan(line.before.share) else line.before.share)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain data; what was not measured is None."""
        plain: dict[str, Any] = _plain(
            {
                "session": dataclasses.asdict(self.row),
                "speed_mps": self.speed_mps,
                "minutes_running": self.minutes_running,
                "blocks": [dataclasses.asdict(block) | {"cues_per_min": block.cues_per_min} for block in self.blocks],
                "faults": [_line_dict(line) for line in self.faults],
                "effects": [_effect_dict(effect) for effect in self.effects],
                "said_for": dict(self.said_for),
                "fired": dict(self.fired),
                "withheld": dict(self.withheld),
                "legs": {str(side): dataclasses.asdict(sums) for side, sums in self.legs.items()},
                "sound": dataclasses.asdict(self.sound),
                "unmeasured": dict(self.unmeasured),
            }
        )
        return plain


def told(path: Path, number: int) -> tuple[SessionRecord, Summary]:
    """Read a session, but of its strides no more than is needed, and return it with its numbers (raises as `read`)."""
    page = read.session(path, number)
    pack, _ = _pack_of(page.pack_text)
    needed = judged_metrics(page.cues, pack) if pack else ()
    return page, summarise(page, read.strides(path, number, metrics=needed))


def summarise(page: SessionRecord, strides: Sequence[Stride]) -> Summary:
    """Return the numbers of a session from its page and all its strides."""
    pack, problem = _pack_of(page.pack_text)
    settings = settings_of(page, "coach", CoachSettings)
    running = [stride for stride in strides if stride.activity is Activity.RUNNING]
    blocks = _blocks(page, running)
    begins_s = [block.begin_s for block in blocks]
    trials = _trials(page, pack, settings, running)
    return Summary(
        row=page.row,
        pack=pack,
        pack_problem=problem,
        settings=settings,
        speed_mps=median_speed_mps(running),
        minutes_running=_minutes(running),
        blocks=blocks,
        faults=fault_statistics(page.cues, pack, settings, strides, begins_s) if pack else (),
        trials=tuple(trials),
        effects=tuple(effects(trials, by=("fault",))),
        said_for=dict(Counter(_about(cue) for cue in page.cues if cue.fires)),
        fired=page.fired,
        withheld=page.withheld,
        legs={side: _leg_sums(side, strides, settings) for side in Side if any(s.side is side for s in strides)},
        sound=_sound_sums(page.cues),
        unmeasured=page.unmeasured,
    )


def decisions_of(page: SessionRecord) -> list[Decision]:
    """Return the session's decisions as the coach made them, but for what the journal does not keep: their expiry."""
    return [
        Decision(
            t_s=cue.decided_s,
            fires=cue.fires,
            kind=cue.kind,
            reason=cue.reason,
            fault=cue.fault,
            side=cue.side,
            cue=Cue(cue.cue_id, cue.text or "", cue.focus or AttentionFocus.EXTERNAL) if cue.cue_id else None,
            strides=cue.strides,
        )
        for cue in page.cues
    ]


def settings_of(page: SessionRecord, section: str, kind: type[S]) -> S:
    """Return one section of a session's settings as its dataclass; what this version does not know is left out."""
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    kept = with_current_names(kind, page.settings.get(section, {}))
    return kind(**{key: value for key, value in kept.items() if key in known})


def _pack_of(text: str) -> tuple[Pack | None, str]:
    try:
        return parse_pack(text, "the pack in the journal"), ""
    except InputError as error:
        return None, str(error)


def _trials(page: SessionRecord, pack: Pack | None, settings: CoachSettings, running: Sequence[Stride]) -> list[Trial]:
    if pack is None:
        return []
    runner, number = page.row.runner or "", page.row.id
    return trials_of(decisions_of(page), running, pack, settings, runner=runner, session=number)


def _about(cue: CueRow) -> str:
    return cue.fault if cue.fault and cue.kind is Kind.FAULT else cue.kind


# -- blocks


def _blocks(page: SessionRecord, running: Sequence[Stride]) -> tuple[BlockSummary, ...]:
    """Return the programme's blocks; without a programme what came before and after the first cue about a fault."""
    end_s = max(page.row.duration_s, max((stride.closed_s for stride in running), default=0.0))
    begins = [(event.detail, event.t_s) for event in page.events if event.kind is EventKind.BLOCK]
    if not begins:
        first_s = next((cue.decided_s for cue in page.cues if about_a_fault(cue)), None)
        begins = [("whole session", 0.0)] if first_s is None else [("before the first cue", 0.0), ("after it", first_s)]
    elif begins[0][1] > 0.0 and any(stride.closed_s < begins[0][1] for stride in running):
        begins.insert(0, ("start", 0.0))
    ends = [begin_s for _, begin_s in begins[1:]] + [end_s]
    starts = [begin_s for _, begin_s in begins]
    ran = apart(running, starts, lambda stride: stride.closed_s)
    said = apart([cue for cue in page.cues if cue.fires], starts, lambda cue: cue.decided_s)
    return tuple(
        BlockSummary(name, begin_s, until_s, _minutes(ran[place]), len(said[place]))
        for place, ((name, begin_s), until_s) in enumerate(zip(begins, ends, strict=True))
    )


def _minutes(running: Sequence[Stride]) -> float:
    """Return how long somebody ran: the strides of the leg that was seen longer."""
    by_leg = dict.fromkeys(Side, 0.0)
    for stride in running:
        by_leg[stride.side] += stride.t_next_strike_s - stride.t_strike_s
    return max(by_leg.values()) / 60.0


# -- legs, sound, what is missing


def _leg_sums(side: Side, strides: Sequence[Stride], settings: CoachSettings) -> LegSums:
    mine = [stride for stride in strides if stride.side is side]
    running = [stride for stride in mine if stride.activity is Activity.RUNNING]
    return LegSums(
        strides=len(mine),
        running=len(running),
        is_near=sum(stride.is_near for stride in mine) * 2 > len(mine),
        trust=_median(stride.trust for stride in running),
        trusted=sum(stride.trust >= settings.trust_min for stride in running) / len(running) if running else math.nan,
        cadence_spm=_median(stride.cadence_spm for stride in running),
        contact_s=_median(stride.contact_s for stride in running),
    )


def _sound_sums(cues: Sequence[CueRow]) -> SoundSums:
    delays = [cue.started_s - cue.decided_s for cue in cues if cue.started_s is not None]
    return SoundSums(
        said=sum(cue.fires for cue in cues),
        heard=dict(Counter(cue.heard_on or "nothing" for cue in cues if cue.started_s is not None)),
        dropped=dict(Counter(cue.heard_detail or "no reason given" for cue in cues if cue.dropped_s is not None)),
        delay_median_s=statistics.median(delays) if delays else math.nan,
        delay_max_s=max(delays, default=math.nan),
    )


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def _line_dict(line: FaultStatistics) -> dict[str, Any]:
    plain = dataclasses.asdict(line)
    for key, cell in (("before", line.before), ("end", line.end)):
        plain[key]["share"] = cell.share
    for kept, cell in zip(plain["blocks"], line.blocks, strict=True):
        kept["share"] = cell.share
    return plain


def _effect_dict(effect: Effect) -> dict[str, Any]:
    names = (field.name for field in dataclasses.fields(effect))
    return {name: getattr(effect, name) for name in names} | {"group": dict(effect.group)}


def _plain(value: Any) -> Any:
    """Return data that JSON can hold: NaN as None, words as text, whatever maps as dict."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Side) else value
