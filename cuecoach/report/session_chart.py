"""The drawing of a session over time: a fault's metric on each leg against its target, cues, blocks, dose and speed.

The page holds it twice, wide and narrow, because letters must not shrink with the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cuecoach.analysis import labels
from cuecoach.analysis.fault_statistics import FaultStatistics, cues_about, limit_and_target
from cuecoach.analysis.summary import Summary
from cuecoach.gait.metrics import METRICS, value_of
from cuecoach.gait.speed_units import charted
from cuecoach.gait.units import DEGREES, LEG_LENGTHS, NO_UNIT, SECONDS, STEPS_A_MINUTE, Unit
from cuecoach.packs.faults import Fault, Scope
from cuecoach.report.data import ReportData
from cuecoach.report.svg import Scale, SvgDrawing, running_median, thinned, value_range
from cuecoach.types import Activity, FloatArray, Stride

_MEDIAN_STRIDES = 15  # about ten seconds of one leg
_LINE_POINTS = 1500  # more than there are pixels
_DOSE_PX, _SPEED_PX = 46.0, 40.0
_GAP_PX = 16.0
_RANGE_MIN = {DEGREES: 20.0, LEG_LENGTHS: 0.1, NO_UNIT: 0.2, SECONDS: 0.05, STEPS_A_MINUTE: 20.0}  # of a panel


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The drawing, and the time axis that all panels share."""

    drawing: SvgDrawing
    time: Scale
    left: float
    right: float


def session_chart(
    data: ReportData, fault: str, width: float, panel_px: float = 145.0, *, common_panels: bool = True
) -> SvgDrawing:
    """Return the drawing of one fault over the session.

    Parameters
    ----------
    data : ReportData
    fault : str
        One of the summary's.
    width : float
        In px, before the page scales it.
    panel_px : float
        Height of the panel of one leg.
    common_panels : bool
        Whether the panels of dose and speed stand below.
    """
    summary = data.summary
    if summary.pack is None:
        raise ValueError("a session whose pack cannot be read has no faults to draw")
    rule = next(rule for rule in summary.pack.rules if rule.id == fault)
    legs = [leg for leg in summary.faults if leg.fault == fault]
    common_px = _DOSE_PX + _SPEED_PX + 2 * _GAP_PX + 14 if common_panels else 0.0
    height = 80 + len(legs) * (panel_px + _GAP_PX + 14) + common_px
    title = f"{legs[0].name}, stride by stride, with cues, blocks and speed over the session's minutes"
    drawing = SvgDrawing(width, height, title)
    left, right = 40.0, width - 8.0
    canvas = _Canvas(drawing, Scale(0.0, max(60.0, summary.row.duration_s), left, right), left, right)
    bottom = height - 34
    _blocks(canvas, summary, 20.0, bottom)
    y = 46.0
    for leg in legs:
        y = _metric_panel(canvas, data, leg, rule, (y + 14, y + 14 + panel_px)) + _GAP_PX
    if common_panels:
        y = _dose_panel(canvas, [cue.decided_s for cue in data.session.record.cues if cue.fires], y + 12) + _GAP_PX
        _speed_panel(canvas, data, y + 12)
    drawing.line(left, bottom, right, bottom, "axis")
    drawing.time_axis(canvas.time, bottom, about=max(4, int(width / 90)))
    drawing.text(right, height - 2, "minutes", "small", "end")
    return drawing


def _blocks(canvas: _Canvas, summary: Summary, top: float, bottom: float) -> None:
    """Shade every other block, and name those that have room for their name."""
    for place, block in enumerate(summary.blocks):
        x1, x2 = canvas.time(block.begin_s), canvas.time(block.end_s)
        if place % 2:
            canvas.drawing.rect(x1, top, x2 - x1, bottom - top, "block")
        canvas.drawing.line(x1, top, x1, bottom, "edge")
        if x2 - x1 > 6.2 * len(block.name):
            canvas.drawing.text(x1 + 4, top - 5, block.name, "small")


def _metric_panel(
    canvas: _Canvas,
    data: ReportData,
    leg: FaultStatistics,
    rule: Fault,
    edges: tuple[float, float],
) -> float:
    """Draw one leg's metric, stride by stride; return the panel's lower edge."""
    drawing, (top, bottom) = canvas.drawing, edges
    strides = [
        stride
        for stride in data.session.strides
        if stride.activity is Activity.RUNNING
        and (stride.side is leg.side if leg.side else stride.is_near)
        and stride.trust >= data.summary.settings.trust_min
    ]
    t_s = np.array([stride.closed_s for stride in strides])
    values = _values(strides, data.session.strides, leg, rule)
    judged_at = [(stride.speed.mps if stride.speed else math.nan, stride.calibrated) for stride in strides]
    limit_at = {
        (mps, calibrated): limit_and_target(rule, data.summary.settings, mps, calibrated=calibrated)[0]
        for mps, calibrated in set(judged_at)
    }
    limits = np.array([limit_at[one] for one in judged_at])
    low, high = np.nanpercentile(values, (0.5, 99.5)) if np.isfinite(values).any() else (math.nan, math.nan)
    unit = METRICS[leg.metric].unit
    scale = Scale(*value_range([low, high], limits[np.isfinite(limits)].tolist(), least=_RANGE_MIN[unit]), bottom, top)
    drawing.value_axis(scale, canvas.left, canvas.right, digits=0 if _RANGE_MIN[unit] > 1 else 2)
    _target(canvas, t_s, limits, scale, leg.above, edges)
    css_class = str(leg.side) if leg.side else "body"
    inside = np.clip(values, scale.low, scale.high)
    drawing.dots(canvas.time.all(t_s), scale.all(inside), css_class)
    smooth = running_median(values, _MEDIAN_STRIDES)
    drawing.curve(*thinned(canvas.time.all(t_s), scale.all(smooth), _LINE_POINTS), f"median {css_class}")
    cues = cues_about(data.session.record.cues, leg.fault, leg.side)
    for fires, css_class in ((True, "cue"), (False, "held")):
        _cue_marks(canvas, [cue.decided_s for cue in cues if cue.fires is fires], css_class, edges)
    heading = f"{leg.side.capitalize()} {f'less {leg.side.other}' if leg.pair else 'leg'}: " if leg.side else ""
    drawing.text(canvas.left, top - 4, f"{heading}{labels.metric(leg.metric)}{_in_unit(unit)}", "panel")
    return bottom


def _values(strides: Sequence[Stride], every: Sequence[Stride], leg: FaultStatistics, rule: Fault) -> FloatArray:
    """Return the fault's metric, (n,); for a fault of a pair, minus the running median of the other leg's."""
    values = np.array([value_of(stride, leg.metric) for stride in strides], dtype=np.float64)
    if rule.scope is not Scope.PAIR or not len(values):
        return values
    others = [stride for stride in every if stride.side is not leg.side and stride.activity is Activity.RUNNING]
    if not others:
        return np.full(len(values), np.nan)
    theirs = running_median(np.array([value_of(stride, leg.metric) for stride in others]), _MEDIAN_STRIDES)
    at = np.array([stride.closed_s for stride in strides])
    return np.asarray(values - np.interp(at, [stride.closed_s for stride in others], theirs))


def _target(
    canvas: _Canvas, t_s: FloatArray, limits: FloatArray, scale: Scale, above: bool, edges: tuple[float, float]
) -> None:
    """Shade where the fault is not: from its limit, which depends on the speed, to the panel's edge."""
    known = np.isfinite(limits)
    if not known.any():
        return
    t_s, limits = t_s[known], limits[known]
    changes = [0, *(np.flatnonzero(np.abs(np.diff(limits)) > 1e-9) + 1).tolist()]
    ends = [*(float(t_s[row]) for row in changes[1:]), float(t_s[-1])]
    top, bottom = edges
    if len(changes) > 200:  # an estimated speed varies a little all the time
        changes, ends = [0], [float(t_s[-1])]
        limits = np.full(len(limits), float(np.median(limits)))
    for row, end_s in zip(changes, ends, strict=True):
        y = min(max(scale(float(limits[row])), top), bottom)
        x1, x2 = canvas.time(float(t_s[row])), canvas.time(end_s)
        canvas.drawing.rect(x1, y if above else top, x2 - x1, (bottom - y) if above else (y - top), "target")
        canvas.drawing.line(x1, y, x2, y, "limit")
    last = min(max(scale(float(limits[-1])), top + 10), bottom - 4)
    canvas.drawing.text(canvas.right - 3, last + (12 if above else -4), "target", "target-word", "end")


def _cue_marks(canvas: _Canvas, times_s: Sequence[float], css_class: str, edges: tuple[float, float]) -> None:
    top, bottom = edges
    at = [canvas.time(t_s) for t_s in times_s]
    for x in at:
        canvas.drawing.line(x, top, x, bottom, f"{css_class}-line")
    canvas.drawing.marks(at, top + 8, 9, css_class)


def _dose_panel(canvas: _Canvas, said_s: Sequence[float], top: float) -> float:
    """Draw how much was said in each minute; return the lower edge."""
    bottom = top + _DOSE_PX
    minutes = int(canvas.time.high // 60) + 1
    counts = [0] * minutes
    for t_s in said_s:
        if 0 <= t_s < 60 * minutes:
            counts[int(t_s // 60)] += 1
    scale = Scale(0.0, max(2, *counts), bottom, top)
    canvas.drawing.value_axis(scale, canvas.left, canvas.right, about=2)
    for minute, count in enumerate(counts):
        if count:
            x1, x2 = canvas.time(60 * minute), min(canvas.time(60 * (minute + 1)), canvas.right)
            canvas.drawing.rect(x1 + 0.5, scale(count), x2 - x1 - 1, bottom - scale(count), "bar")
    canvas.drawing.text(canvas.left, top - 4, "Words said in each minute", "panel")
    return bottom


def _speed_panel(canvas: _Canvas, data: ReportData, top: float) -> None:
    known = [(stride.closed_s, stride.speed.mps) for stride in data.session.strides if stride.speed]
    per_mps, unit = charted(1.0, data.speed_unit)
    canvas.drawing.text(canvas.left, top - 4, f"Belt speed, {unit}" if known else "Belt speed: not known", "panel")
    if not known:
        return
    t_s, mps = np.array(known).T
    speeds = mps * per_mps
    scale = Scale(*value_range(speeds.tolist(), least=per_mps), top + _SPEED_PX, top)
    canvas.drawing.value_axis(scale, canvas.left, canvas.right, about=2, digits=1)
    canvas.drawing.curve(*thinned(canvas.time.all(t_s), scale.all(speeds), _LINE_POINTS), "speed")


def _in_unit(unit: Unit) -> str:
    return "" if unit == NO_UNIT else f", {unit.name}"
