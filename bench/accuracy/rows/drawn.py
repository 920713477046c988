"""Rows of virtual runners drawn and seen by real MediaPipe: the error of every metric, and trust in hard scenes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.accuracy.cells import number
from bench.accuracy.errors import measured
from bench.accuracy.rows.virtual import shipped
from bench.accuracy.score import StrideMatch
from bench.data.filmed import Run, filmed
from bench.data.scenes import HARD_SCENES
from bench.data.truth import STRIDE_COLUMNS
from bench.table import Row
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import METRICS
from cuecoach.reference.errors import MetricError

MEDIAPIPE = "mediapipe"  # the condition's name in reference/errors.csv
RIGHT_DEG = 8.0
SHARE = 0.95
TRUST_MIN = CoachSettings().trust_min


def drawn_rows(count: int) -> tuple[list[Row], list[Run]]:
    """Return the rows of the first `count` runs in the plain scene, and the runs."""
    runs, seconds = filmed(count)
    data = f"virtual runner, real MediaPipe, {count} runs ({seconds / 60:.0f} min)"
    near = [run.near for run in runs]
    found, missed = sum(len(run.pairs) for run in near), sum(len(run.missed) for run in near)
    invented = sum(len(run.invented) for run in near)
    rows = [Row(data, "near strides found, +invented", "stated", f"{found} of {found + missed}, +{invented}")]
    rows += _trust_rows(data, runs)
    used = {metric for pack in shipped() for rule in (*pack.rules, *pack.companions) for metric in rule.metrics}
    for name, error in measured(near, MEDIAPIPE).items():
        if name in used:
            rows.append(Row(data, f"{name}, bias ± spread ± SD", "stated", _cell(name, error)))
    return rows, runs


def _cell(name: str, error: MetricError) -> str:
    digits = METRICS[name].unit.digits + 1
    bias, spread, sd = number(error.bias, digits, signed=True), number(error.spread, digits), number(error.sd, digits)
    return f"{bias} ± {spread} ± {sd}, decision {number(error.of_decision, digits)}"


def scene_rows(count: int) -> list[Row]:
    """Return two rows for each hard scene and for all: whether trust falls before the error exceeds RIGHT_DEG."""
    rows: list[Row] = []
    everything: list[Run] = []
    for scene in HARD_SCENES:
        runs, seconds = filmed(count, scene)
        everything += runs
        rows += _trust_rows(f"the same, {scene}, {count} runs ({seconds / 60:.0f} min)", runs)
    return [*rows, *_trust_rows(f"the same, all {len(HARD_SCENES)} scenes", everything)]


def _trust_rows(data: str, runs: Sequence[Run]) -> list[Row]:
    rows = []
    for leg, matches in (("near", [run.near for run in runs]), ("far", [run.far for run in runs])):
        share, trusted, right, found, total = knows_itself(matches)
        cell = f"{100 * share:.1f} % of {found} found of {total}; trusted {trusted}, of them right {right}"
        measure = f"{leg} strides right within {RIGHT_DEG:.0f} deg, or not trusted (< {TRUST_MIN:g})"
        rows.append(Row(data, measure, f"{100 * SHARE:.0f} %", cell, share >= SHARE))
    return rows


def knows_itself(matches: Sequence[StrideMatch]) -> tuple[float, int, int, int, int]:
    """Return the share of found strides that are right or not trusted; then how many are trusted, right, found, true.

    A stride is right when every angle that cues rest on is within RIGHT_DEG. A found stride that nobody made is wrong.
    """
    trusted = [(f, t) for m in matches for f, t in m.pairs if f.trust >= TRUST_MIN]
    right = sum(
        all(abs(f.metrics.get(name, np.nan) - t.metrics[name]) <= RIGHT_DEG for name in STRIDE_COLUMNS)
        for f, t in trusted
    )
    invented = sum(len(m.invented) for m in matches)
    ghosts = sum(f.trust >= TRUST_MIN for m in matches for f in m.invented)
    found = invented + sum(len(m.pairs) for m in matches)
    total = sum(len(m.pairs) + len(m.missed) for m in matches)
    wrong = len(trusted) - right + ghosts
    return (1 - wrong / found if found else float("nan")), len(trusted) + ghosts, right, found, total
