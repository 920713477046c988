"""Small drawings as SVG text: scales, axes, dots, lines, bands. Knows nothing of running.

Colours are CSS classes of the page, so that one drawing serves light, dark and paper. Text is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from cuecoach.types import FloatArray


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values to pixels."""

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
        """Return round values within the scale, about as many as wanted."""
        step = _round_step((self.high - self.low) / max(1, about))
        first = math.ceil(self.low / step - 1e-9)
        return [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def span(*parts: Iterable[float], pad: float = 0.06, least: float = 0.0) -> tuple[float, float]:
    """Return the range of all finite values, a little widened, at least `least` wide; (0, 1) without any."""
    values = [value for part in parts for value in part if math.isfinite(value)]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    missing = max(0.0, least - (high - low)) / 2
    margin = pad * (high - low) + missing or 1.0
    return low - margin, high + margin


class SvgDrawing:
    """One picture, `width` by `height` px before the page scales it. `title` is read aloud in its place."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height = width, height
        self._parts = [f"<title>{escape(title)}</title>"]

    def __str__(self) -> str:
        head = f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" xmlns="http://www.w3.org/2000/svg">'
        return head + "".join(self._parts) + "</svg>"

    def rect(self, x: float, y: float, width: float, height: float, look: str) -> None:
        """Add a rectangle."""
        size = f'width="{_n(max(0.0, width))}" height="{_n(max(0.0, height))}"'
        self._parts.append(f'<rect x="{_n(x)}" y="{_n(y)}" {size} class="{look}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str) -> None:
        """Add a straight line."""
        self._parts.append(f'<path d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}" class="{look}"/>')

    def curve(self, x: FloatArray, y: FloatArray, look: str) -> None:
        """Add a line through points (n,), broken where one is not finite."""
        parts = []
        pen = "M"
        for a, b in zip(x.tolist(), y.tolist(), strict=True):
            if math.isfinite(a) and math.isfinite(b):
                parts.append(f"{pen}{_n(a)} {_n(b)}")
                pen = "L"
            else:
                pen = "M"
        self._parts.append(f'<path d="{"".join(parts)}" class="line {look}"/>')

    def dots(self, x: FloatArray, y: FloatArray, look: str) -> None:
        """Add dots at points (n,), each place once: half a pixel is finer than anybody sees."""
        known = np.isfinite(x) & np.isfinite(y)
        places = np.unique(np.round(2 * np.stack([x[known], y[known]], axis=1)).astype(np.int64), axis=0) / 2
        marks = "".join(f"M{a:g} {b:g}h.01" for a, b in places.tolist())  # of no length they would not be printed
        self._parts.append(f'<path d="{marks}" class="dot {look}"/>')

    def marks(self, x: Iterable[float], y: float, size: float, look: str) -> None:
        """Add triangles that point down at (x, y)."""
        half = size / 2
        shapes = "".join(f"M{_n(a)} {_n(y)}l{_n(-half)} {_n(-size)}h{_n(size)}z" for a in x)
        self._parts.append(f'<path d="{shapes}" class="{look}"/>')

    def text(self, x: float, y: float, words: str, look: str = "", anchor: str = "start") -> None:
        """Add words, their base line at y; `anchor` is start, middle or end."""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" class="{look}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def time_axis(self, scale: Scale, y: float, about: int = 8) -> None:
        """Add minutes below a panel."""
        for minute in Scale(scale.low / 60, scale.high / 60, 0, 1).ticks(about):
            x = scale(60 * minute)
            self.line(x, y, x, y + 4, "axis")
            self.text(x, y + 16, f"{minute:g}", "small", "middle")

    def value_axis(self, scale: Scale, x: float, to_x: float, about: int = 4, digits: int = 0) -> None:
        """Add values and their grid lines; the zeros of a scale with a unit are the caller's words."""
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
    """Return every so many points of a line, so that at most about `most` are left."""
    step = max(1, math.ceil(len(x) / most))
    return x[::step], y[::step]


def _round_step(raw: float) -> float:
    if not raw > 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return float(min((factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999), default=raw))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def stick(points: Sequence[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Return the corners of a stick figure as x and y, (n,)."""
    corners = np.array(points, dtype=np.float64)
    return corners[:, 0], corners[:, 1]
