"""The error of every metric over many runs, and how it is written to the package's `reference/errors.csv`."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from bench.accuracy.rows.mocap import Take
from bench.accuracy.score import STRIDE_WINDOW_S, StrideMatch, match_strides
from bench.data.camera import Camera, film
from bench.data.filmed import TRUTH_HZ, strides_as_truth
from bench.data.truth import TrueStride
from bench.table import OURS
from cuecoach.gait.metrics import METRICS
from cuecoach.reference.errors import MetricError

FILE = Path(str(files("cuecoach.reference").joinpath("errors.csv")))
COLUMNS = ("metric", "condition", "bias", "spread", "sd", "strides")


def measured(runs: Sequence[StrideMatch], condition: str) -> dict[str, MetricError]:
    """Return the error of every metric; each match is one run of one runner. Metrics without two runs are left out."""
    out = {}
    for name in METRICS:
        groups = [values for run in runs if len(values := run.errors(name).values) > 1]
        if len(groups) > 1:
            biases = np.array([group.mean() for group in groups])
            within = math.sqrt(float(np.mean([group.var(ddof=1) for group in groups])))
            strides = sum(len(group) for group in groups)
            out[name] = MetricError(float(biases.mean()), float(biases.std(ddof=1)), within, strides, condition)
    return out


def mocap_near(takes: Sequence[Take]) -> list[StrideMatch]:
    """Return near strides of the takes beside the full truth: force plate and markers, else exact landmarks."""
    return [match_strides([f for f in take.found[OURS] if f.side is take.near], _whole_truth(take)) for take in takes]


def _whole_truth(take: Take) -> list[TrueStride]:
    """Return the near leg's true strides with every metric that the trial's own truth or exact landmarks tell."""
    camera = Camera(take.near, TRUTH_HZ, noise=0.0, jitter_s=0.0, dropped=0.0)
    exact = [stride for stride in strides_as_truth(film(take.mocap, camera, 0)) if stride.side is take.near]
    strikes_s = np.array([stride.t_strike_s for stride in exact])
    out = []
    for stride in take.mocap.strides:
        nearest = exact[int(np.abs(strikes_s - stride.t_strike_s).argmin())]
        if stride.side is take.near and abs(nearest.t_strike_s - stride.t_strike_s) < STRIDE_WINDOW_S:
            contact_s = stride.t_toe_off_s - stride.t_strike_s
            own = {"contact_s": contact_s, "duty": contact_s / (stride.t_next_strike_s - stride.t_strike_s)}
            out.append(replace(stride, metrics={**nearest.metrics, **own, **stride.metrics}))
    return out


def write(errors: Sequence[Mapping[str, MetricError]], path: Path = FILE) -> None:
    """Write the errors, metric by metric, each in all its conditions."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name in METRICS:
            for error in (table[name] for table in errors if name in table):
                numbers = (f"{value:.4g}" for value in (error.bias, error.spread, error.sd))
                writer.writerow((name, error.condition, *numbers, error.strides))
