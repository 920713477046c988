"""Rows of the labelled film of a real runner. The landmarks are real MediaPipe's."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.accuracy.cells import RAW, event_cell, number
from bench.accuracy.ours import Ours
from bench.accuracy.rules import RULES, raw_angles, raw_legs, raw_stride_metrics, strides_by
from bench.accuracy.score import (
    Errors,
    FoundStride,
    StrideMatch,
    contacts_of,
    event_errors,
    match_strides,
    misassigned,
    toe_off_errors,
)
from bench.data.truth import STRIDE_COLUMNS, Clip, TrueStride
from bench.table import OURS, Row
from cuecoach.types import ANKLE, HIP, KNEE, FloatArray, Legs, PoseFrame

FOLDED_DEG = 70.0
LEG_POINTS = (KNEE, ANKLE)


@dataclass(frozen=True, slots=True, eq=False)
class ClipRun:
    """The film as MediaPipe alone sees it (`raw`) and as followed (`ours`)."""

    clip: Clip
    raw: Sequence[PoseFrame]
    ours: Ours
    facing: int = -1

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.clip.film.stem} (film, 30 fps)"

    def found(self) -> dict[str, list[FoundStride]]:
        """Return the strides by method."""
        rules = {rule: strides_by(rule, self.raw, self.facing) for rule in RULES}
        return {OURS: self.ours.found} | rules

    def legs_px(self, legs: Mapping[int, Legs]) -> FloatArray:
        """Return legs (n, 2, 5, 2) by frame, NaN where nothing was said."""
        out = np.full((len(self.raw), 2, 5, 2), np.nan)
        for row, pose_frame in enumerate(self.raw):
            if pose_frame.index in legs:
                out[row] = legs[pose_frame.index].points_px
        return out

    def model_strides(self) -> list[TrueStride]:
        """Return the labelled near strides with the angles of the independent model."""
        return self._with_angles(self.clip.model_px)

    def against_model(self, method: str = OURS) -> StrideMatch:
        """Return near strides, ours or as the raw landmarks give them, beside those of the independent model."""
        if method == OURS:
            found = [stride for stride in self.ours.found if stride.side is self.clip.near]
        else:
            found = [
                FoundStride(s.side, s.t_strike_s, s.t_toe_off_s, s.t_next_strike_s, metrics=s.metrics)
                for s in self._with_angles(raw_legs(self.raw)[1])
            ]
        return match_strides(found, self.model_strides())

    def _with_angles(self, legs_px: FloatArray) -> list[TrueStride]:
        near = self.clip.near
        angles = raw_angles(legs_px, self.facing)
        t_s = np.arange(len(legs_px)) / self.clip.rate_hz
        thigh, knee = angles["thigh"][:, near.row], angles["knee"][:, near.row]
        return [
            replace(s, metrics=raw_stride_metrics(t_s, thigh, knee, (s.t_toe_off_s, s.t_next_strike_s)))
            for s in self.clip.strides(near)
        ]

    def near_knee(self, legs_px: FloatArray) -> FloatArray:
        """Return the near knee's flexion (n,)."""
        return raw_angles(legs_px, self.facing)["knee"][:, self.clip.near.row]


def clip_rows(run: ClipRun) -> list[Row]:
    """Return every row of the film."""
    return [*_stride_rows(run), *_leg_rows(run), *_knee_rows(run), *_metric_rows(run), *_contact_rows(run)]


def _stride_rows(run: ClipRun) -> list[Row]:
    found = run.found()
    rows = []
    for side, name in ((run.clip.near, "near"), (run.clip.near.other, "far")):
        truth = run.clip.strides(side)
        cells: dict[str, str] = {}
        good = False
        for method, strides in found.items():
            result = match_strides([s for s in strides if s.side is side], truth)
            cells[method] = f"{len(result.pairs)} of {len(truth)}, +{len(result.invented)}"
            if method == OURS:
                good = not result.missed and not result.invented
        near = side is run.clip.near
        rows.append(
            Row(
                run.name, f"{name} strides found, +invented", "all" if near else "stated", cells, good if near else None
            )
        )
    cadence = {m: [120 / (s.t_next_strike_s - s.t_strike_s) for s in strides] for m, strides in found.items()}
    off = {m: statistics.median(values) - run.clip.cadence_spm if values else math.nan for m, values in cadence.items()}
    cells = {m: number(value, signed=True) for m, value in off.items()}
    rows.append(Row(run.name, "cadence, median - 168.9 spm", "0.5", cells, abs(off[OURS]) <= 0.5))
    return rows


def _leg_rows(run: ClipRun) -> list[Row]:
    """How often the near leg is not where it is, in frames of strides that count."""
    truth = run.clip.model_px
    near, far = (truth[:, side.row][:, LEG_POINTS] for side in (run.clip.near, run.clip.near.other))
    length = np.hypot(*np.moveaxis(np.diff(truth[:, :, (HIP, KNEE, ANKLE)], axis=2), -1, 0))
    leg_px = float(np.median(length.sum(axis=-1)))
    own = [s for s in run.ours.found if s.side is run.clip.near]
    cells: dict[str, str] = {}
    bad_ours = 0
    for method, legs in (
        (OURS, run.legs_px(run.ours.legs)),
        (RAW, raw_legs(run.raw)[1]),
        ("live", run.legs_px(run.ours.live)),
    ):
        bad = misassigned(legs[:, run.clip.near.row][:, LEG_POINTS], near, far, leg_px)
        t_s = np.arange(len(bad)) / run.clip.rate_hz
        strides = sum(bool(bad[(t_s >= s.t_strike_s) & (t_s < s.t_next_strike_s)].any()) for s in own)
        text = f"{strides} ({int(bad.sum())} frames)"
        if method == "live":
            cells[OURS] += f" live {text}"
        else:
            cells[method] = text
        if method == OURS:
            bad_ours = strides
    return [Row(run.name, "strides with the near leg swapped or lost", "0", cells, bad_ours == 0)]


def _knee_rows(run: ClipRun) -> list[Row]:
    frames = np.array(sorted(run.clip.near_knee_deg))
    hand = np.array([run.clip.near_knee_deg[int(frame)] for frame in frames])
    model = run.near_knee(run.clip.model_px)
    sources = {
        OURS: run.near_knee(run.legs_px(run.ours.legs)),
        RAW: run.near_knee(raw_legs(run.raw)[1]),
        "live": run.near_knee(run.legs_px(run.ours.live)),
    }
    cells: list[dict[str, str]] = [{}, {}, {}, {}]
    met = [False] * 4
    for method, knee in sources.items():
        by_hand, by_model = _finite(knee[frames] - hand), _finite(knee - model)
        folded = _finite((knee[frames] - hand)[hand > FOLDED_DEG])
        peaks = _peak_errors(run, knee, model)
        values = (by_hand.rmse, folded.bias, by_model.rmse, peaks.bias)
        for k, value in enumerate(values):
            text = number(value, signed=k % 2 == 1)
            lost = f" ({by_hand.missed} of {len(hand)} not seen)" if k == 0 and by_hand.missed else ""
            if method == "live":
                cells[k][OURS] += f" (live {text})"
            else:
                cells[k][method] = text + lost
        if method == OURS:
            met = [abs(v) <= limit for v, limit in zip(values, (6, 3, 6, 4), strict=True)]
    names = (
        ("near knee flexion against the hand, RMSE deg", "6"),
        (f"the same where folded > {FOLDED_DEG:.0f}, bias deg", "3"),
        ("near knee flexion against the independent model, RMSE deg", "6"),
        ("the same, peak of each swing, bias deg", "4"),
    )
    return [Row(run.name, *names[k], cells[k], met[k]) for k in range(4)]


def _metric_rows(run: ClipRun) -> list[Row]:
    rows = []
    for metric in STRIDE_COLUMNS:
        errors = {method: run.against_model(method).errors(metric) for method in (OURS, RAW)}
        cells = {m: f"{number(e.bias, signed=True)} ± {number(e.sd)}" for m, e in errors.items()}
        rows.append(Row(run.name, f"{metric} - independent model", "stated", cells))
    return rows


def _peak_errors(run: ClipRun, knee: FloatArray, truth: FloatArray) -> Errors:
    t_s = np.arange(len(truth)) / run.clip.rate_hz
    off = []
    for stride in run.clip.strides(run.clip.near):
        swing = (t_s >= stride.t_toe_off_s) & (t_s < stride.t_next_strike_s)
        off.append(float(np.nanmax(knee[swing])) - float(truth[swing].max()))
    return Errors(np.array(off))


def _finite(values: FloatArray) -> Errors:
    seen = np.isfinite(values)
    return Errors(values[seen], int((~seen).sum()))


def _contact_rows(run: ClipRun) -> list[Row]:
    found = run.found()
    rows = []
    for side, leg in ((run.clip.near, "near"), (run.clip.near.other, "far")):
        truth = run.clip.contacts[side]
        cells: list[dict[str, str]] = [{}, {}]
        good = [False, False]
        for method, strides in found.items():
            strike = event_errors(contacts_of(strides, side).strikes_s, truth.strikes_s)
            toe_off = toe_off_errors(strides, truth, side)
            for k, errors in enumerate((strike, toe_off)):
                in_frames = Errors(errors.values * run.clip.rate_hz, errors.missed, errors.invented)
                cells[k][method] = event_cell(in_frames, digits=2)
                if method == OURS:
                    good[k] = in_frames.median_abs <= 1.0
        for k, event in enumerate(("foot strike", "toe-off")):
            rows.append(
                Row(
                    run.name,
                    f"{leg} {event}, frames",
                    "1" if leg == "near" else "stated",
                    cells[k],
                    good[k] if leg == "near" else None,
                )
            )
    return rows
