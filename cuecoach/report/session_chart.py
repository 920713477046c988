"""The session on one time axis: the worked-on metric of each leg against its target, cues, blocks, dose and speed.

Owns the layout of that picture. Drawn twice, wide and narrow, because letters must not shrink with the screen.
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
from cuecoach.gait.units import DEGREES, LEG_LENGTHS, NO_UNIT, SECONDS, STEPS_A_MINUTE
from cuecoach.packs.faults import Fault, Scope
from cuecoach.report.data import ReportData
from cuecoach.report.svg import Scale, SvgDrawing, running_median, span, thinned
from cuecoach.types import Activity, FloatArray, Stride

_MEDIAN_STRIDES = 15  # about ten seconds of one leg
_LINE_POINTS = 1500  # more than there are pixels
_DOSE_PX, _SPEED_PX = 46.0, 40.0
_GAP_PX = 16.0
_LEAST_BAND = {
    DEGREES: 20.0,
    LEG_LENGTHS: 0.1,
    NO_UNIT: 0.2,
    SECONDS: 0.05,
    STEPS_A_MINUTE: 20.0,
}  # the least that a panel shows


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all panels share."""

    drawing: SvgDrawing
    time: Scale
    left: float
    right: float


def timeline(data: ReportData, fault: str, width: float, panel_px: float = 145.0, *, dose: bool = True) -> str:
    """Return the picture of one fault over the session.

    Parameters
    ----------
    data : ReportData
    fault : str
    width : float
        Before the page scales it.
    panel_px : float
        Height of the panel of one leg.
    dose : bool
        Whether the panels of dose and speed stand below.
    """
    summary = data.summary
    lines = [line for line in summary.faults if line.fault == fault]
    rule = next(rule for rule in summary.pack.rules if rule.id == fault) if summary.pack else None
    if not lines or rule is None:
        return ""
    common_px = _DOSE_PX + _SPEED_PX + 2 * _GAP_PX + 14 if dose else 0.0
    height = 80 + len(lines) * (panel_px + _GAP_PX + 14) + common_px
    title = f"{lines[0].name}, stride by stride, with cues, blocks and speed over the session's minutes"
    drawing = SvgDrawing(width, height, title)
    left, right = 40.0, width - 8.0
    frame = _Frame(drawing, Scale(0.0, max(60.0, summary.row.duration_s), left, right), left, right)
    bottom = height - 34
    _blocks(frame, summary, 20.0, bottom)
    y = 46.0
    for line in lines:
        y = _metric_panel(frame, data, line, rule, (y + 14, y + 14 + panel_px)) + _GAP_PX
    if dose:
        y = _dose_panel(frame, [cue.decided_s for cue in data.session.record.cues if cue.fires], y + 12) + _GAP_PX
        _speed_panel(frame, data.session.strides, y + 12)
    drawing.line(left, bottom, right, bottom, "axis")
    drawing.time_axis(frame.time, bottom, about=max(4, int(width / 90)))
    drawing.text(right, height - 2, "minutes", "small", "end")
    return str(drawing)


def _blocks(frame: _Frame, summary: Summary, top: float, bottom: float) -> None:
    """Shade every other block, and name those that have room for their name."""
    for place, block in enumerate(summary.blocks):
        x1, x2 = frame.time(block.begin_s), frame.time(block.end_s)
        if place % 2:
            frame.drawing.rect(x1, top, x2 - x1, bottom - top, "block")
        frame.drawing.line(x1, top, x1, bottom, "edge")
        if x2 - x1 > 6.2 * len(block.name):
            frame.drawing.text(x1 + 4, top - 5, block.name, "small")


def _metric_panel(
    frame: _Frame,
    data: ReportData,
    line: FaultStatistics,
    rule: Fault,
    edges: tuple[float, float],
) -> float:
    """Draw one leg's metric, stride by stride; return the panel's lower edge."""
    drawing, (top, bottom) = frame.drawing, edges
    strides = [
        stride
        for stride in data.session.strides
        if stride.activity is Activity.RUNNING
        and (stride.side is line.side if line.side else stride.is_near)
        and stride.trust >= data.summary.settings.trust_min
    ]
    t_s = np.array([stride.closed_s for stride in strides])
    values = _values(strides, data.session.strides, line, rule)
    speeds = [stride.speed.mps if stride.speed else math.nan for stride in strides]
    limit_at = {speed: limit_and_target(rule, data.summary.settings, speed)[0] for speed in set(speeds)}
    limits = np.array([limit_at[speed] for speed in speeds])
    low, high = np.nanpercentile(values, (0.5, 99.5)) if np.isfinite(values).any() else (math.nan, math.nan)
    unit_width = _LEAST_BAND[METRICS[line.metric].unit]
    scale = Scale(*span([low, high], limits[np.isfinite(limits)].tolist(), least=unit_width), bottom, top)
    drawing.value_axis(scale, frame.left, frame.right, digits=0 if unit_width > 1 else 2)
    _target(frame, t_s, limits, scale, line.above, edges)
    look = str(line.side) if line.side else "body"
    inside = np.clip(values, scale.low, scale.high)
    drawing.dots(frame.time.all(t_s), scale.all(inside), look)
    smooth = running_median(values, _MEDIAN_STRIDES)
    drawing.curve(*thinned(frame.time.all(t_s), scale.all(smooth), _LINE_POINTS), f"median {look}")
    cues = cues_about(data.session.record.cues, line.fault, line.side)
    for fires, look in ((True, "cue"), (False, "held")):
        _cue_marks(frame, [cue.decided_s for cue in cues if cue.fires is fires], look, edges)
    leg = f"{line.side.capitalize()} {f'less {line.side.other}' if line.pair else 'leg'}: " if line.side else ""
    drawing.text(frame.left, top - 4, f"{leg}{labels.metric(line.metric)}{_in_unit(line.metric)}", "panel")
    return bottom


def _values(strides: Sequence[Stride], every: Sequence[Stride], line: FaultStatistics, rule: Fault) -> FloatArray:
    """Return what the fault is told by: the metric, or for a pair of legs the metric less the other leg's."""
    values = np.array([value_of(stride, line.metric) for stride in strides], dtype=np.float64)
    if rule.scope is not Scope.PAIR or not len(values):
        return values
    others = [stride for stride in every if stride.side is not line.side and stride.activity is Activity.RUNNING]
    if not others:
        return np.full(len(values), np.nan)
    theirs = running_median(np.array([value_of(stride, line.metric) for stride in others]), _MEDIAN_STRIDES)
    at = np.array([stride.closed_s for stride in strides])
    return np.asarray(values - np.interp(at, [stride.closed_s for stride in others], theirs))


def _target(
    frame: _Frame, t_s: FloatArray, limits: FloatArray, scale: Scale, above: bool, edges: tuple[float, float]
) -> None:
    """Shade where the fault is not: from its limit, which moves with the speed, to the panel's edge."""
    known = np.isfinite(limits)
    if not known.any():
        return
    t_s, limits = t_s[known], limits[known]
    changes = [0, *(np.flatnonzero(np.abs(np.diff(limits)) > 1e-9) + 1).tolist()]
    ends = [*(float(t_s[row]) for row in changes[1:]), float(t_s[-1])]
    top, bottom = edges
    if len(changes) > 200:  # a speed that is estimated moves a little all the time
        changes, ends = [0], [float(t_s[-1])]
        limits = np.full(len(limits), float(np.median(limits)))
    for row, end_s in zip(changes, ends, strict=True):
        y = min(max(scale(float(limits[row])), top), bottom)
        x1, x2 = frame.time(float(t_s[row])), frame.time(end_s)
        frame.drawing.rect(x1, y if above else top, x2 - x1, (bottom - y) if above else (y - top), "target")
        frame.drawing.line(x1, y, x2, y, "limit")
    last = min(max(scale(float(limits[-1])), top + 10), bottom - 4)
    frame.drawing.text(frame.right - 3, last + (12 if above else -4), "target", "target-word", "end")


def _cue_marks(frame: _Frame, times_s: Sequence[float], look: str, edges: tuple[float, float]) -> None:
    top, bottom = edges
    at = [frame.time(t_s) for t_s in times_s]
    for x in at:
        frame.drawing.line(x, top, x, bottom, f"{look}-line")
    frame.drawing.marks(at, top + 8, 9, look)


def _dose_panel(frame: _Frame, said_s: Sequence[float], top: float) -> float:
    """Draw how much was said in each minute; return the lower edge."""
    bottom = top + _DOSE_PX
    minutes = int(frame.time.high // 60) + 1
    counts = [0] * minutes
    for t_s in said_s:
        if 0 <= t_s < 60 * minutes:
            counts[int(t_s // 60)] += 1
    scale = Scale(0.0, max(2, *counts), bottom, top)
    frame.drawing.value_axis(scale, frame.left, frame.right, about=2)
    for minute, count in enumerate(counts):
        if count:
            x1, x2 = frame.time(60 * minute), min(frame.time(60 * (minute + 1)), frame.right)
            frame.drawing.rect(x1 + 0.5, scale(count), x2 - x1 - 1, bottom - scale(count), "bar")
    frame.drawing.text(frame.left, top - 4, "Words said in each minute", "panel")
    return bottom


def _speed_panel(frame: _Frame, strides: Sequence[Stride], top: float) -> None:
    known = [(stride.closed_s, stride.speed.mps) for stride in strides if stride.speed]
    frame.drawing.text(frame.left, top - 4, "Belt speed, m/s" if known else "Belt speed: not known", "panel")
    if not known:
        return
    t_s, mps = np.array(known).T
    scale = Scale(*span(mps.tolist(), least=1.0), top + _SPEED_PX, top)
    frame.drawing.value_axis(scale, frame.left, frame.right, about=2, digits=1)
    frame.drawing.curve(*thinned(frame.time.all(t_s), scale.all(mps), _LINE_POINTS), "speed")


def _in_unit(metric: str) -> str:
    unit = METRICS[metric].unit
    return "" if unit is NO_UNIT else f", {unit.name}"
