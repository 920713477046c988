"""The smaller pictures of the page: mean swing, effects of cues, the trend, why nothing was said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from cuecoach.analysis import labels
from cuecoach.analysis.cue_effects import Effect
from cuecoach.analysis.history import TrendPoint
from cuecoach.analysis.mean_swing import PHASES, MeanSwing, SessionSwings
from cuecoach.report.svg import Scale, SvgDrawing, span, stick
from cuecoach.types import Reason, Side

_GROWS_PX = 70.0  # that these words need
_STICKS = {0.0: "landing", 0.5: "stance", 1.0: "toe-off", 1.35: "swing", 1.65: "", 2.0: "landing"}


def angle_angle(swings: SessionSwings) -> str:
    """Return thigh against knee over the stride: both legs at the end of the session, and the norm."""
    drawing = SvgDrawing(380, 330, "Knee fold against thigh angle over a stride, both legs and the norm at this speed")
    drawn = [(swing, str(side)) for side, swing in swings.end.items()]
    if swings.norm is not None:
        drawn.insert(0, (swings.norm, "norm"))
    x = Scale(*span(*(swing.thigh_deg.tolist() for swing, _ in drawn)), 44, 372)
    y = Scale(*span(*(swing.knee_deg.tolist() for swing, _ in drawn)), 286, 8)
    drawing.value_axis(y, 44, 372, about=5)
    for value in x.ticks(6):
        drawing.line(x(value), 286, x(value), 290, "axis")
        drawing.text(x(value), 302, f"{value:g}", "small", "middle")
    drawing.line(x(0), 8, x(0), 286, "edge")
    for swing, look in drawn:
        drawing.curve(x.all(swing.thigh_deg), y.all(swing.knee_deg), f"{look} thick")
        toe_off = len(PHASES) // 2
        drawing.dots(x.all(swing.thigh_deg[[0]]), y.all(swing.knee_deg[[0]]), f"{look} strike")
        drawing.dots(x.all(swing.thigh_deg[[toe_off]]), y.all(swing.knee_deg[[toe_off]]), f"{look} toe-off")
    drawing.text(208, 322, "thigh: behind ← degrees → in front", "small", "middle")
    drawing.text(370, 280, "↑ knee fold, degrees", "small", "end")
    return str(drawing)


def sticks(swings: SessionSwings, side: Side, width: float) -> str:
    """Return one leg through the stride as stick figures: before the first cue, at the end, and the norm."""
    step = width / len(_STICKS)
    size = min(1.15 * step, 125.0)
    height = 1.05 * size + 50.0
    drawing = SvgDrawing(width, height, f"The {side} leg through the stride, against the norm at this speed")
    looks = (("norm", swings.norm), ("early", swings.before.get(side)), (str(side), swings.end.get(side)))
    for place, (phase, name) in enumerate(_STICKS.items()):
        hip_x = step * (place + 0.5)
        for look, swing in looks:
            if swing is not None:
                _draw_stick(drawing, swing, phase, (hip_x, 12.0), size, look)
        drawing.text(hip_x, height - 6, name, "small", "middle")
    return str(drawing)


def _draw_stick(
    drawing: SvgDrawing, swing: MeanSwing, phase: float, hip: tuple[float, float], size: float, look: str
) -> None:
    x, y = stick(swing.stick(phase))
    drawing.curve(hip[0] + size * x, hip[1] - size * y, f"{look} thick")
    drawing.dots(np.array([hip[0]]), np.array([hip[1]]), look)


def forest(found: Sequence[tuple[str, Effect]], width: float = 400) -> str:
    """Return named effects with their intervals, one line each; those without an interval are left out."""
    rows = [(name, effect) for name, effect in found if effect.estimate is not None]
    if not rows:
        return ""
    height = 40 + 46 * len(rows)
    drawing = SvgDrawing(width, height, "What cues changed, compared with silence, with 95 % intervals")
    bounds = [bound for _, effect in rows for bound in (effect.low, effect.high, 0.0) if bound is not None]
    scale = Scale(*span(bounds, pad=0.12), 8, width - 8)
    bottom = height - 34.0
    for value in scale.ticks(5):
        drawing.line(scale(value), 4, scale(value), bottom, "grid")
        drawing.text(
            scale(value), bottom + 15, labels.with_sign(value, 3).rstrip("0").rstrip(".") or "0", "small", "middle"
        )
    drawing.line(scale(0.0), 4, scale(0.0), bottom, "axis")
    drawing.text(scale(0.0) - 8, height - 3, "← the fault shrinks", "small", "end")
    if width - scale(0.0) > _GROWS_PX:
        drawing.text(scale(0.0) + 8, height - 3, "grows →", "small", "start")
    for row, (name, effect) in enumerate(rows):
        _draw_effect(drawing, name, effect, scale, 18 + 46.0 * row)
    return str(drawing)


def _draw_effect(drawing: SvgDrawing, name: str, effect: Effect, scale: Scale, y: float) -> None:
    mean, low, high = (math.nan if bound is None else bound for bound in (effect.estimate, effect.low, effect.high))
    sure = "good" if high < 0 else "bad" if low > 0 else "plain"
    counts = f"{effect.n_fired} cues, {effect.n_catch} silences"
    drawing.text(8, y, f"{name}: {labels.number(mean, effect.metric, signed=True)} ({counts})", "small")
    drawing.line(scale(low), y + 13, scale(high), y + 13, f"whisker {sure}")
    drawing.dots(np.array([scale(mean)]), np.array([y + 13]), f"estimate {sure}")


def trend(points: Sequence[TrendPoint], width: float = 400) -> str:
    """Return the share of faulty strides at the start and at the end of each session."""
    if len(points) < 2:
        return ""
    drawing = SvgDrawing(width, 210, "Share of faulty strides at the start and at the end of the runner's sessions")
    x = Scale(0, len(points) - 1, 64, width - 40)
    y = Scale(0.0, 1.0, 160, 14)
    for value in (0.0, 0.5, 1.0):
        drawing.line(44, y(value), width - 12, y(value), "grid")
        drawing.text(38, y(value) + 4, f"{100 * value:.0f} %", "small", "end")
    places = np.arange(len(points), dtype=np.float64)
    for look, shares in (
        ("early", [one.statistics.before.share for one in points]),
        ("late", [one.statistics.end.share for one in points]),
    ):
        values = np.array(shares, dtype=np.float64)
        drawing.curve(x.all(places), y.all(values), f"{look} thick")
        drawing.dots(x.all(places), y.all(values), f"{look} big")
    every = max(1, math.ceil(len(points) * 74 / width))
    for place, one in enumerate(points):
        if place % every == 0 or place == len(points) - 1:
            drawing.text(x(place), 178, one.row.started_at[5:10], "small", "middle")
            drawing.text(x(place), 192, f"no. {one.row.id}", "tiny", "middle")
    return str(drawing)


def reasons(withheld: Mapping[Reason, int], width: float = 380) -> str:
    """Return how often nothing was said, by reason, the most frequent first."""
    if not withheld:
        return ""
    rows = sorted(withheld.items(), key=lambda item: -item[1])
    drawing = SvgDrawing(width, 26 * len(rows) + 4, "Why nothing was said, by reason")
    scale = Scale(0, max(withheld.values()), 0, width - 44)
    for row, (word, count) in enumerate(rows):
        y = 26.0 * row
        drawing.rect(0, y + 15, scale(count), 6, "bar")
        drawing.text(0, y + 11, labels.reason(word), "small")
        drawing.text(scale(count) + 6, y + 22, str(count), "small")
    return str(drawing)
