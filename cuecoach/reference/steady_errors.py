"""What all strides of one film have in common as an error and no frame of it shows: `steady_errors.csv`.

Owns the table: for each metric the SD of that error between films of other people, in the metric's unit, without and
with a calibration of the leg (`gait/calibration/`). Metrics that are not in it have none that is known.

Where the numbers come from: films of four people labelled by hand, each with the full and the heavy network, and the
means of three films more that were labelled likewise: the root of the mean squared error of a film's mean, rounded. A
hip under a long top is 2 to 6 degrees of thigh, so trunk lean and what is measured from the hip follow by geometry.
Part of it is the labels' own (the hip is estimated under cloth, some 3 degrees of thigh). With a calibration: what is
left on the frames that were not set, six set frames, films left out one by one.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


def steady_sd(metric: str, *, calibrated: bool) -> float:
    """Return the SD between films of a metric's steady error, 0 where none is known."""
    return _table().get(metric, (0.0, 0.0))[calibrated]


@cache
def _table() -> dict[str, tuple[float, float]]:
    lines = files(__package__).joinpath("steady_errors.csv").read_text(encoding="utf-8").splitlines()
    return {row["metric"]: (float(row["uncalibrated"]), float(row["calibrated"])) for row in csv.DictReader(lines)}
