"""Drawings as SVG text: scales, axes, dots, lines, rectangles and text.

Colours are CSS classes of the page, so that one drawing serves light, dark and paper. Text is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np

from cuecoach.types import FloatArray


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values to pixels."""

    low: float
    high: float
    from_px: float
    to_px: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.from_px + (value - self.low) * self._px_per_unit

    def all(self, values: FloatArray) -> FloatArray:
        """Return the pixels of values (n,)."""
        return np.asarray(self.from_px + (values - self.low) * self._px_per_unit)

    @property
    def _px_per_unit(self) -> float:
        return (self.to_px - self.from_px) / ((self.high - self.low) or 1.0)

    def ticks(self, about: int) -> list[float]:
        """Return about that many round values within the scale."""
        step = _round_step((self.high - self.low) / max(1, about))
        first = math.ceil(self.low / step - 1e-9)
        return [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def value_range(*groups: Iterable[float], pad: float = 0.06, least: float = 0.0) -> tuple[float, float]:
    """Return the range of all finite values, widened by `pad` of itself, at least `least` wide; (0, 1) without any."""
    values = [value for group in groups for value in group if math.isfinite(value)]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    missing = max(0.0, least - (high - low)) / 2
    margin = pad * (high - low) + missing or 1.0
    return low - margin, high + margin


class SvgDrawing:
    """One drawing, `width` by `height` px before the page scales it. `title` is for screen readers."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height = width, height
        self._parts = [f"<title>{escape(title)}</title>"]

    def __str__(self) -> str:
        head = f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" xmlns="http://www.w3.org/2000/svg">'
        return head + "".join(self._parts) + "</svg>"

    def __html__(self) -> str:
        """Return the drawing as it is: templates must not escape it."""
        return str(self)

    def rect(self, x: float, y: float, width: float, height: float, css_class: str) -> None:
        """Add a rectangle."""
        size = f'width="{_px(max(0.0, width))}" height="{_px(max(0.0, height))}"'
        self._parts.append(f'<rect x="{_px(x)}" y="{_px(y)}" {size} class="{css_class}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, css_class: str) -> None:
        """Add a straight line."""
        self._parts.append(f'<path d="M{_px(x1)} {_px(y1)}L{_px(x2)} {_px(y2)}" class="{css_class}"/>')

    def curve(self, x: FloatArray, y: FloatArray, css_class: str) -> None:
        """Add a line through points (n,), broken where one is not finite."""
        parts = []
        command = "M"
        for a, b in zip(x.tolist(), y.tolist(), strict=True):
            if math.isfinite(a) and math.isfinite(b):
                parts.append(f"{command}{_px(a)} {_px(b)}")
                command = "L"
            else:
                command = "M"
        self._parts.append(f'<path d="{"".join(parts)}" class="line {css_class}"/>')

    def dots(self, x: FloatArray, y: FloatArray, css_class: str) -> None:
        """Add dots at points (n,), each place once, rounded to half a pixel."""
        known = np.isfinite(x) & np.isfinite(y)
        places = np.unique(np.round(2 * np.stack([x[known], y[known]], axis=1)).astype(np.int64), axis=0) / 2
        marks = "".join(f"M{a:g} {b:g}h.01" for a, b in places.tolist())  # a line of no length is not printed
        self._parts.append(f'<path d="{marks}" class="dot {css_class}"/>')

    def marks(self, x: Iterable[float], y: float, size: float, css_class: str) -> None:
        """Add triangles that point down at (x, y)."""
        half = size / 2
        shapes = "".join(f"M{_px(a)} {_px(y)}l{_px(-half)} {_px(-size)}h{_px(size)}z" for a in x)
        self._parts.append(f'<path d="{shapes}" class="{css_class}"/>')

    def text(self, x: float, y: float, text: str, css_class: str = "", anchor: str = "start") -> None:
        """Add text, its base line at y; `anchor` is start, middle or end."""
        self._parts.append(
            f'<text x="{_px(x)}" y="{_px(y)}" class="{css_class}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def time_axis(self, scale: Scale, y: float, about: int = 8) -> None:
        """Add minutes below a panel."""
        for minute in Scale(scale.low / 60, scale.high / 60, 0, 1).ticks(about):
            x = scale(60 * minute)
            self.line(x, y, x, y + 4, "axis")
            self.text(x, y + 16, f"{minute:g}", "small", "middle")

    def value_axis(self, scale: Scale, x: float, to_x: float, about: int = 4, digits: int = 0) -> None:
        """Add values and their grid lines."""
        for value in scale.ticks(about):
            y = scale(value)
            self.line(x, y, to_x, y, "grid")
            self.text(x - 5, y + 4, f"{value:.{digits}f}", "small", "end")


def running_median(values: FloatArray, width: int) -> FloatArray:
    """Return the median of each value and its neighbours, (n,); NaN where fewer than a third are known."""
    half = width // 2
    padded = np.concatenate([np.full(half, np.nan), values, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    enough = np.isfinite(windows).sum(axis=1) >= max(1, width // 3)
    smooth = np.full(len(values), np.nan)
    if enough.any():
        smooth[enough] = np.nanmedian(windows[enough], axis=1)
    return smooth


def thinned(x: FloatArray, y: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """Return evenly spaced points of a line, so that at most about `most` are left."""
    step = max(1, math.ceil(len(x) / most))
    return x[::step], y[::step]


def _round_step(raw: float) -> float:
    if not raw > 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return float(min((factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999), default=raw))


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
