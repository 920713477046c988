"""What each section of the page shows: drawings, and texts with their numbers, for the templates to lay out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.analysis import labels
from cuecoach.analysis.fault_statistics import FaultRate, values_of
from cuecoach.analysis.summary import Summary
from cuecoach.gait.metrics import norm
from cuecoach.gait.speed_units import SpeedUnit, speed_text
from cuecoach.report import charts
from cuecoach.report.data import ReportData
from cuecoach.report.session_chart import session_chart
from cuecoach.report.svg import SvgDrawing
from cuecoach.types import Activity, EventKind, FloatArray, Side

_WIDE_PX, _NARROW_PX = 980.0, 370.0
_FAULTS_DRAWN_MAX = 2
_BLOCK_MIN_S = 30.0  # shorter blocks hold a recall or a summary, and hardly a stride
_NOTICES_MAX = 5
_COMPARED = (
    "knee_peak_swing_deg",
    "knee_at_thigh_vertical_deg",
    "thigh_max_deg",
    "thigh_at_toe_off_deg",
    "overstride_leg",
    "shank_at_strike_deg",
    "contact_s",
)
# Healthy legs differ by up to 3 degrees (PMID 33148971), and perspective turns one by a degree or two.
_STANDS_OUT_DEG = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class WorkedOn:
    """A wide and a narrow drawing of each fault, and the table of blocks."""

    charts: Sequence[tuple[SvgDrawing, SvgDrawing]]
    header: Sequence[str]
    blocks: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The effects of cues that have an interval, drawn, and the others by name with the reason."""

    chart: SvgDrawing | None
    too_few: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """The main fault over the runner's sessions."""

    about: str
    chart: SvgDrawing


@dataclass(frozen=True, slots=True, eq=False)
class Swing:
    """The mean stride of one leg: stick figures, wide and narrow, and the knee against the thigh of both legs."""

    side: Side
    norm: str
    counts: str  # strides of each leg
    wide: SvgDrawing
    narrow: SvgDrawing
    loop: SvgDrawing


@dataclass(frozen=True, slots=True)
class ComparedLegs:
    """One metric of both legs, as medians."""

    metric: str
    left: str
    right: str
    difference: str
    stands_out: bool
    norm: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How well each leg was seen, and what was missing."""

    legs: Sequence[Sequence[str]]
    remarks: Sequence[str]


def facts(summary: Summary, speed_unit: SpeedUnit) -> list[str]:
    """Return the session in a few words: when, how long, how fast, with which pack and from which source."""
    row = summary.row
    parts = [
        labels.started(row.started_at),
        f"{labels.duration(60 * summary.minutes_running)} of running in {labels.duration(row.duration_s)}",
        "speed not known" if math.isnan(summary.speed_mps) else speed_text(summary.speed_mps, speed_unit),
        f"pack “{summary.pack.name if summary.pack else row.pack_id}”",
        f"{row.source_kind} {row.source_name}".strip(),
    ]
    return parts if row.closed else [*parts, "the session was cut short"]


def worked_on(data: ReportData) -> WorkedOn:
    """Return the drawings of the faults most worked on, or of the one most seen, and the blocks."""
    summary = data.summary
    faults = list(dict.fromkeys(fault.fault for fault in summary.worked_on))[:_FAULTS_DRAWN_MAX]
    if not faults:
        faults = list(dict.fromkeys(fault.fault for fault in summary.faults))[:1]
    panel_px = 145.0 if len(faults) == 1 else 85.0
    drawings = []
    for fault in faults:
        wide, narrow = (
            session_chart(data, fault, width, panel_px, common_panels=fault is faults[-1])
            for width in (_WIDE_PX, _NARROW_PX)
        )
        drawings.append((wide, narrow))
    shown = summary.worked_on or summary.faults[:2]
    header = ["block", "min running", "said", "said / min", *map(labels.fault_name, shown)]
    blocks = [
        [
            block.name,
            f"{block.minutes_running:.1f}",
            str(block.said),
            "" if math.isnan(block.cues_per_min) else f"{block.cues_per_min:.2f}",
            *(_rate(fault.blocks[place]) for fault in shown),
        ]
        for place, block in enumerate(summary.blocks)
        if block.end_s - block.begin_s >= _BLOCK_MIN_S
    ]
    return WorkedOn(drawings, header, blocks)


def _rate(rate: FaultRate) -> str:
    return f"{labels.share(rate.share)} of {rate.judged}" if rate.judged else "not judged"


def effects(data: ReportData) -> Effects | None:
    """Return the effects by fault in this session, and by cue over the pooled ones; None without any."""
    sessions = data.pooled_sessions
    named = [(f"{labels.group_name(effect)}, this session", effect) for effect in data.summary.effects]
    where = f", {sessions} sessions" if sessions > 1 else ""
    by_cue = [(f"{labels.group_name(effect)}{where}", effect) for effect in data.pooled]
    named += [(name, effect) for name, effect in by_cue if sessions > 1 or effect.estimate is not None]
    if not named:
        return None
    too_few = [(name, effect.why_not) for name, effect in named if effect.estimate is None]
    return Effects(charts.forest(named), too_few)


def trend(data: ReportData) -> Trend | None:
    """Return the main fault over the sessions; None without one, or with one session only."""
    chart, main = charts.trend(data.trend), data.summary.main
    if chart is None or main is None:
        return None
    return Trend(main.name.partition(": ")[0] + (f", {main.side} leg" if main.side else ""), chart)


def swing(data: ReportData) -> Swing | str:
    """Return the mean stride of the leg most worked on, or the sentence that says why there is none."""
    swings = data.swings
    if swings is None:
        return (
            "The mean stride needs the landmarks of the session, which were not kept: run with --record to keep them."
        )
    main = data.summary.main
    side = main.side if main and main.side in swings.end else next(iter(swings.end), None)
    if side is None:
        return "Too few strides at the end of the session were seen well enough to average."
    return Swing(
        side=side,
        norm=f"the mean of 28 runners at {speed_text(data.summary.speed_mps, data.speed_unit)} (Fukuchi et al. 2017)"
        if swings.norm
        else "no norm at this speed",
        counts=", ".join(f"{mean.strides} {leg}" for leg, mean in swings.end.items()),
        wide=charts.sticks(swings, side, 640),
        narrow=charts.sticks(swings, side, _NARROW_PX),
        loop=charts.angle_angle(swings),
    )


def compared_legs(data: ReportData) -> list[ComparedLegs]:
    """Return medians of trusted running strides, left against right; [] when one leg was not seen well enough."""
    summary = data.summary
    trusted = [
        stride
        for stride in data.session.strides
        if stride.activity is Activity.RUNNING and stride.trust >= summary.settings.trust_min
    ]
    by_leg = {side: [stride for stride in trusted if stride.side is side] for side in Side}
    if not all(by_leg.values()):
        return []
    rows = []
    for metric in _COMPARED:
        left, right = (_median(values_of(by_leg[side], metric)) for side in Side)
        usual = norm(metric, summary.speed_mps)
        rows.append(
            ComparedLegs(
                metric=labels.metric(metric),
                left=labels.number(left, metric),
                right=labels.number(right, metric),
                difference=labels.number(left - right, metric, signed=True),
                stands_out=labels.unit(metric) == "°" and abs(left - right) > _STANDS_OUT_DEG,
                norm="" if math.isnan(usual) else labels.number(usual, metric),
            )
        )
    return rows


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def quality(data: ReportData) -> Quality:
    """Return how well each leg was seen, and remarks on sound, missing metrics, faults never judged and notices."""
    summary = data.summary
    legs = [
        [
            f"{side} ({'near' if leg.is_near else 'far'})",
            str(leg.strides),
            labels.share(leg.trusted),
            labels.number(leg.cadence_spm, "cadence_spm"),
            labels.number(leg.contact_s, "contact_s"),
        ]
        for side, leg in summary.legs.items()
    ]
    remarks = [labels.calibration(summary.calibration), labels.sound(summary.sound)]
    if summary.unmeasured:
        names = ", ".join(
            f"{labels.metric(name)} ({labels.share(share)})" for name, share in summary.unmeasured.items()
        )
        remarks.append(f"Missing in more than half of the strides: {names}.")
    if math.isnan(summary.speed_mps):
        remarks.append("The speed was not known, so nothing could be held against a norm.")
    never = {fault.fault for fault in summary.faults if not any(rate.judged for rate in fault.blocks)}
    if never:
        remarks.append(f"Never judged: {', '.join(sorted(never))}.")
    if summary.pack_problem:
        remarks.append(f"The pack of this session cannot be read any more: {summary.pack_problem}")
    remarks.append("A side view never shows knees falling inward, a dropping pelvis or crossing feet.")
    notices = [event for event in data.session.record.events if event.kind is EventKind.NOTICE][:_NOTICES_MAX]
    remarks += [f"At {labels.duration(event.t_s)}: {event.detail}" for event in notices]
    return Quality(legs, remarks)
