"""The pictures of docs/accuracy.md, as SVG: the near knee over four seconds of film, and errors of strides by trust.

Owns their look. Nothing of the film itself is shown, only curves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.accuracy.rows.clip import ClipRun
from bench.accuracy.rows.mocap import Take
from bench.accuracy.rules import raw_legs
from bench.accuracy.score import StrideMatch
from bench.data.filmed import Run
from bench.data.truth import STRIDE_COLUMNS
from bench.table import OURS
from cuecoach.coach.policy import CoachSettings
from cuecoach.types import FloatArray

KNEE_FILE, TRUST_FILE = "accuracy-knee.svg", "accuracy-trust.svg"
SHOWN_S = (4.0, 8.0)
RIGHT_DEG = 8.0
_BLUE, _ORANGE, _GREEN, _BLACK, _GREY = "#0072b2", "#d55e00", "#009e73", "#222222", "#c8c8c8"
_WIDTH, _HEIGHT = 860, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 46, 50  # margins
_DOTS_MOST = 1200  # of one kind: keeps the file small


@dataclass(slots=True)
class Plot:
    """One plot in the making: everything is given in the axes' own units.

    Parameters
    ----------
    x, y : ends of the axes.
    x_label, title : words; the title also says what the y axis is.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_label: str
    title: str
    _parts: list[str] = field(default_factory=list)
    _keys: list[tuple[str, str]] = field(default_factory=list)

    def curve(self, x: FloatArray, y: FloatArray, colour: str, name: str = "", width: float = 1.8) -> None:
        """Draw a line through points; NaN parts it. With a `name` it is in the key."""
        whole = np.isfinite(x) & np.isfinite(y)
        for rows in np.split(np.arange(len(x)), np.flatnonzero(np.diff(whole.astype(int))) + 1):
            if len(rows) and whole[rows[0]]:
                points = " ".join(f"{px:.1f},{py:.1f}" for px, py in zip(*self._at(x[rows], y[rows]), strict=True))
                self._parts.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
                )
        self._key(colour, name)

    def dots(self, x: FloatArray, y: FloatArray, colour: str, name: str = "", radius: float = 2.2) -> None:
        """Draw points, evenly thinned when they are too many; what lies outside is drawn at the edge."""
        few = np.unique(np.linspace(0, len(x) - 1, min(len(x), _DOTS_MOST)).astype(int)) if len(x) else []
        across, up = self._at(np.clip(x[few], *self.x), np.clip(y[few], *self.y))
        circles = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{radius}"/>' for a, b in zip(across, up, strict=True))
        self._parts.append(f'<g fill="{colour}" fill-opacity="0.6">{circles}</g>')
        self._key(colour, name)

    def band(self, x: tuple[float, float], y: tuple[float, float], colour: str) -> None:
        """Fill a rectangle behind what follows."""
        (left, right), (low, high) = self._at(np.array(x), np.array(y))
        self._parts.append(
            f'<rect x="{left:.1f}" y="{high:.1f}" width="{right - left:.1f}" height="{low - high:.1f}" '
            f'fill="{colour}" fill-opacity="0.12"/>'
        )

    def svg(self, x_ticks: Iterable[float], y_ticks: Iterable[float]) -> str:
        """Return the whole file."""
        grid, words = [], [_text(_LEFT, 22, self.title, size=15, weight="bold")]
        for value in x_ticks:
            at = float(self._at(np.array([value]), np.array([self.y[0]]))[0][0])
            grid.append(_line(at, _TOP, at, _HEIGHT - _BOTTOM))
            words.append(_text(at, _HEIGHT - _BOTTOM + 17, f"{value:g}", anchor="middle"))
        for value in y_ticks:
            up = float(self._at(np.array([self.x[0]]), np.array([value]))[1][0])
            grid.append(_line(_LEFT, up, _WIDTH - _RIGHT, up))
            words.append(_text(_LEFT - 7, up + 4, f"{value:g}", anchor="end"))
        words.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, self.x_label, anchor="middle"))
        right = float(_WIDTH - _RIGHT)
        for colour, name in reversed(self._keys):
            words.append(_text(right, _TOP - 8, name, anchor="end", colour=colour, weight="bold"))
            right -= 7.3 * len(name) + 22
        size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        inside = "\n".join([*grid, *self._parts, *words])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{inside}\n</svg>\n'
        )

    def _at(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        across = _LEFT + (x - self.x[0]) / (self.x[1] - self.x[0]) * (_WIDTH - _LEFT - _RIGHT)
        up = _HEIGHT - _BOTTOM - (y - self.y[0]) / (self.y[1] - self.y[0]) * (_HEIGHT - _TOP - _BOTTOM)
        return np.asarray(across), np.asarray(up)

    def _key(self, colour: str, name: str) -> None:
        if name:
            self._keys.append((colour, name))


def _text(
    x: float, y: float, words: str, anchor: str = "start", size: int = 12, colour: str = _BLACK, weight: str = "normal"
) -> str:
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    style = f'text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{words}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_GREY}" stroke-width="0.6"/>'


def draw_pictures(clip: ClipRun | None, runs: Sequence[Run], takes: Sequence[Take], folder: Path) -> None:
    """Write the pictures for which there is data."""
    if clip is not None:
        (folder / KNEE_FILE).write_text(knee_picture(clip))
    kinds = {
        "motion capture": [take.matched[OURS] for take in takes],
        "drawn, through MediaPipe": [run.matched for run in runs],
        "film": [clip.against_model()] if clip is not None else [],
    }
    (folder / TRUST_FILE).write_text(trust_picture({name: worst_errors(kind) for name, kind in kinds.items()}))


def knee_picture(run: ClipRun) -> str:
    """Return the near knee of the labelled film by everybody who measured it, over SHOWN_S."""
    plot = Plot(SHOWN_S, (0.0, 120.0), "seconds of film", "Flexion of the near knee in degrees")
    model = run.near_knee(run.clip.model_px)
    t_s = np.arange(len(model)) / run.clip.rate_hz
    shown = (t_s >= SHOWN_S[0]) & (t_s <= SHOWN_S[1])
    for knee, colour, name, width in (
        (run.near_knee(raw_legs(run.raw)[1]), _ORANGE, "MediaPipe as it is", 1.3),
        (model, _GREEN, "independent model", 1.3),
        (run.near_knee(run.legs_px(run.ours.legs)), _BLUE, "CueCoach", 2.4),
    ):
        plot.curve(t_s[shown], knee[shown], colour, name, width)
    frames = np.array([frame for frame in sorted(run.clip.near_knee_deg) if shown[frame]], dtype=int)
    hand = np.array([run.clip.near_knee_deg[int(frame)] for frame in frames])
    plot.dots(t_s[frames], hand, _BLACK, "by hand", radius=3.5)
    return plot.svg(np.arange(SHOWN_S[0], SHOWN_S[1] + 0.1, 0.5).tolist(), range(0, 121, 30))


def worst_errors(matches: Sequence[StrideMatch]) -> FloatArray:
    """Return (n, 2): trust of every matched stride, and the largest signed error of the angles that cues rest on."""
    out = []
    for found, true in (pair for match in matches for pair in match.pairs):
        off = [found.metrics.get(name, np.nan) - true.metrics[name] for name in STRIDE_COLUMNS]
        if np.isfinite(off).all():
            out.append((found.trust, max(off, key=abs)))
    return np.array(out).reshape(-1, 2)


def trust_picture(errors: dict[str, FloatArray]) -> str:
    """Return the errors of single strides over their trust; the band is where a cue may rest on a stride."""
    trust_min = CoachSettings().trust_min
    plot = Plot(
        (0.0, 1.0), (-20.0, 20.0), "trust of the stride", "Largest error of a stride's three cue angles, in degrees"
    )
    plot.band((trust_min, 1.0), (-RIGHT_DEG, RIGHT_DEG), _BLUE)
    for (name, points), colour in zip(errors.items(), (_GREEN, _BLUE, _ORANGE), strict=True):
        if len(points):
            plot.dots(points[:, 0], points[:, 1], colour, name)
    return plot.svg(np.linspace(0, 1, 6).tolist(), range(-16, 17, 8))
