"""Where the errors come from: by part of the stride, by leg, by trial. Printed below the table when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.accuracy.cells import RAW, number
from bench.accuracy.rows.clip import FOLDED_DEG, ClipRun
from bench.accuracy.rows.mocap import Take, event_ms, metric_errors, only
from bench.accuracy.rules import raw_legs
from bench.accuracy.score import Errors
from bench.data.truth import STRIDE_COLUMNS, TrueStride
from bench.table import OURS
from cuecoach.gait.angles import SHANK, THIGH, segment_angles, to_runner_axes
from cuecoach.types import JOINTS, FloatArray

PARTS = 10


def show_detail(run: ClipRun | None, shot: Mapping[str, Sequence[Take]]) -> None:
    """Print everything there is."""
    console = Console(width=200)
    if run is not None:
        console.print(_knee_by_phase(run))
        console.print(_hand_frames(run))
        console.print(_joints(run))
        console.print("Near strides not found begin at:", *_begins(run.against_model().missed))
    for name, takes in shot.items():
        console.print(_by_take(name, takes))
        for take in takes:
            if take.matched[OURS].missed:
                console.print(f"{take.mocap.name}, near {take.near}, missed:", *_begins(take.matched[OURS].missed))


def _knee_by_phase(run: ClipRun) -> Table:
    """Near knee against the independent model, by tenth of the labelled stride."""
    table = Table(
        "part of the stride",
        *(f"{100 * k // PARTS} %" for k in range(PARTS)),
        title="near knee minus the independent model, deg: mean (SD)",
    )
    model = run.near_knee(run.clip.model_px)
    part = _phase(run)
    for name, knee in _knees(run).items():
        cells = []
        for k in range(PARTS):
            off = (knee - model)[part == k]
            off = off[np.isfinite(off)]
            cells.append(f"{off.mean():+.0f} ({off.std():.0f})" if len(off) else "")
        table.add_row(name, *cells)
    return table


def _phase(run: ClipRun) -> FloatArray:
    """Return the tenth (n,) of the near leg's stride that each frame is in, -1 outside labelled strides."""
    t_s = np.arange(len(run.clip.model_px)) / run.clip.rate_hz
    part = np.full(len(t_s), -1.0)
    for stride in run.clip.strides(run.clip.near):
        inside = (t_s >= stride.t_strike_s) & (t_s < stride.t_next_strike_s)
        share = (t_s[inside] - stride.t_strike_s) / (stride.t_next_strike_s - stride.t_strike_s)
        part[inside] = np.floor(share * PARTS)
    return part


def _knees(run: ClipRun) -> dict[str, FloatArray]:
    return {
        OURS: run.near_knee(run.legs_px(run.ours.legs)),
        "live": run.near_knee(run.legs_px(run.ours.live)),
        RAW: run.near_knee(raw_legs(run.raw)[1]),
    }


def _hand_frames(run: ClipRun) -> Table:
    """Every hand-labelled frame: what each says, and ours' trust."""
    knees = _knees(run) | {"independent": run.near_knee(run.clip.model_px)}
    table = Table("frame", "part", "hand", *knees, "trust", title="near knee flexion in the hand-labelled frames, deg")
    part = _phase(run)
    for frame, hand in sorted(run.clip.near_knee_deg.items()):
        legs = run.ours.legs.get(frame)
        trust = number(float(legs.trust[run.clip.near.row]), 2) if legs else ""
        cells = [f"{knee[frame]:.0f} ({knee[frame] - hand:+.0f})" for knee in knees.values()]
        table.add_row(str(frame), f"{100 * part[frame] / PARTS:.0f} %", f"{hand:.0f}", *cells, trust)
    return table


def _joints(run: ClipRun) -> Table:
    """Segments and joints of the near leg against the hand, folded and not: median over the labelled frames."""
    title = "near leg minus the hand's (forward, up)"
    table = Table("", "knee", "thigh deg", "shank deg", *(f"{joint} px" for joint in JOINTS), title=title)
    frames = np.array(sorted(run.clip.near_knee_deg))
    hand_deg = np.array([run.clip.near_knee_deg[int(frame)] for frame in frames])
    near = run.clip.near.row
    sources = {
        OURS: run.legs_px(run.ours.legs)[:, near],
        RAW: raw_legs(run.raw)[1][:, near],
        "independent": run.clip.model_px[:, near],
    }
    hand = to_runner_axes(run.clip.near_px, run.facing)
    for name, legs_px in sources.items():
        legs = to_runner_axes(legs_px, run.facing)
        for words, chosen in (("folded", hand_deg > FOLDED_DEG), ("not", hand_deg <= FOLDED_DEG)):
            rows = frames[chosen]
            turned = np.nanmedian((segment_angles(legs) - segment_angles(hand))[rows], axis=0)
            moved = np.nanmedian((legs - hand)[rows], axis=0)
            cells = [number(float(turned[segment]), signed=True) for segment in (THIGH, SHANK)]
            table.add_row(name, words, *cells, *(f"{x:+.0f}, {y:+.0f}" for x, y in moved))
    return table


def _by_take(name: str, takes: Sequence[Take]) -> Table:
    metrics = list(STRIDE_COLUMNS)
    table = Table(
        "trial", "near", "leg", "strides", "strike ms", "toe-off ms", *metrics, title=f"ours, {name}: bias ± SD"
    )
    for take in takes:
        for side in (take.near, take.near.other):
            found = sum(pair[0].side is side for pair in take.matched[OURS].pairs)
            total = sum(stride.side is side for stride in take.mocap.strides)
            cells = [event_ms([take], OURS, k, only(side)) for k in (0, 1)]
            cells += [metric_errors([take], OURS, m, only(side)) for m in metrics]
            which = "near" if side is take.near else "far"
            table.add_row(take.mocap.name, str(take.near), which, f"{found} of {total}", *map(_bias, cells))
    return table


def _begins(strides: Sequence[TrueStride]) -> list[str]:
    return [f"{stride.side} {stride.t_strike_s:.2f} s" for stride in strides]


def _bias(errors: Errors) -> str:
    return f"{number(errors.bias, signed=True)} ± {number(errors.sd)}" if len(errors.values) else ""
