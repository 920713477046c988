"""Rows of films of other people with hand labels, each as it is and in its variants, for each pose model.

Thigh and shank are told apart from the knee, for their errors cancel on one film and add on the next. Nothing here was
used to choose a method without leaving the film out. Events are scored in frames: a film whose clock is wrong is scored
like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.accuracy.cells import number
from bench.accuracy.ours import Ours, follow
from bench.accuracy.rows.calibration import calibration_rows
from bench.accuracy.score import (
    NO_ERRORS,
    Errors,
    FoundStride,
    contacts_of,
    event_errors,
    match_strides,
    toe_off_errors,
)
from bench.data.films import AS_IT_IS, FILMS, VARIANTS, Film, Labels, Variant, pose_frames, read_labels
from bench.data.truth import TrueStride
from bench.table import Row, stated
from cuecoach.coach.policy import CoachSettings
from cuecoach.config import cache_folder
from cuecoach.gait.angles import SHANK, THIGH, leg_angles
from cuecoach.gait.trust import RIGHT_DEG
from cuecoach.pose.model_catalogue import MODELS
from cuecoach.pose.model_file import cached_fault
from cuecoach.types import FloatArray, PoseFrame, Side

FOLDED_DEG = 70.0
TRUST_MIN = CoachSettings().trust_min
KNEE_AS_IT_IS, KNEE_VARIANT = (6.0, 3.0, 3.0), (8.0, 5.0, 5.0)  # RMSE, bias, bias where folded, in degrees
SEGMENT_BIAS_DEG, LIVE_RMSE_DEG = 3.0, 7.0
RIGHT_SHARE, TRUSTED_SHARE = 0.95, 0.75
FRAMES_60 = 60.0  # events are asked for in frames of this rate
SEEN_TRUST = 0.4  # of a leg in a frame that counts for calibration: below it was guessed
_NEAR_EVENT = (1.1, 1.6, 2.1)  # frames at most from knee peak, thigh vertical and thigh peak to a labelled frame
_STEEPEST = 3.0  # degrees of knee for one of thigh, as the thigh passes the vertical


@dataclass(frozen=True, slots=True, eq=False)
class FilmRun:
    """A film in one variant, as one model and gait saw it."""

    film: Film
    variant: Variant
    model: str
    labels: Labels
    frames: FloatArray  # (n,) of the film as it is ...
    t_s: FloatArray  # ... and when gait was told that they were
    ours: Ours

    @property
    def near(self) -> Side:
        """The near leg; a mirrored runner shows the other one."""
        return self.film.near.other if self.variant.mirrored else self.film.near

    def found(self) -> list[FoundStride]:
        """Return the near strides, in frames."""
        return [self._in_frames(stride) for stride in self.ours.found if stride.side is self.near]

    def _in_frames(self, stride: FoundStride) -> FoundStride:
        strike, toe_off, next_strike = (
            float(np.interp(t_s, self.t_s, self.frames))
            for t_s in (stride.t_strike_s, stride.t_toe_off_s, stride.t_next_strike_s)
        )
        return FoundStride(stride.side, strike, toe_off, next_strike, stride.trust)

    def angles_deg(self, live: bool = False) -> dict[int, tuple[float, float]]:
        """Return thigh and shank of the near leg by frame."""
        legs = self.ours.live if live else self.ours.legs
        angles = {frame: leg_angles(one)[self.near.row] for frame, one in legs.items()}
        return {frame: (float(one[THIGH]), float(one[SHANK])) for frame, one in angles.items()}


def film_rows(folder: Path) -> list[Row]:
    """Return the rows of every model that is here; a sentence says which is not."""
    rows: list[Row] = []
    for name, model in MODELS.items():
        if cached_fault(model, cache_folder()):
            print(f"{model.offer} Its rows are left out.")
            continue
        runs = {film: [_run(folder, film, variant, name) for variant in (AS_IT_IS, *VARIANTS)] for film in FILMS}
        for film, (as_it_is, *variants) in runs.items():
            data = f"{film.name}, {name}"
            rows += _rows_of(data, as_it_is, variants)
            legs, joints = as_it_is.ours.legs, as_it_is.labels.joints_px
            seen = [frame for frame in joints if frame in legs and legs[frame].trust[film.near.row] >= SEEN_TRUST]
            rows += calibration_rows(data, name, legs, film.near, joints, seen)
        rows += _trust_rows(f"films, {name}", [run for film in runs.values() for run in film])
    return rows


def _run(folder: Path, film: Film, variant: Variant, model: str) -> FilmRun:
    shown: Sequence[PoseFrame] = pose_frames(folder, film, variant, model)
    frames, t_s = np.array([one.index for one in shown], float), np.array([one.t_s for one in shown])
    return FilmRun(film, variant, model, read_labels(folder, film), frames, t_s, follow(shown))


def _rows_of(data: str, as_it_is: FilmRun, variants: Sequence[FilmRun]) -> Iterator[Row]:
    yield _knee_row(data, "near knee, RMSE; bias; bias where folded", KNEE_AS_IT_IS, [as_it_is])
    yield _knee_row(data, "the same in its variants, the worst of each", KNEE_VARIANT, variants)
    thigh, shank = (_errors(as_it_is)[part] for part in ("thigh", "shank"))
    yield Row(
        data,
        "near thigh; shank, bias ± SD",
        f"{SEGMENT_BIAS_DEG:g}; {SEGMENT_BIAS_DEG:g}",
        "; ".join(f"{number(one.bias, signed=True)} ± {number(one.sd)}" for one in (thigh, shank)),
        max(abs(thigh.bias), abs(shank.bias)) <= SEGMENT_BIAS_DEG,
    )
    live = _errors(as_it_is, live=True)["knee"].rmse
    yield Row(data, "live picture, near knee RMSE", f"{LIVE_RMSE_DEG:g}", number(live), live <= LIVE_RMSE_DEG)
    lost, invented = _strides_lost(as_it_is)
    yield Row(data, "near strides lost, invented", "0, 0", f"{lost}, {invented}", lost == invented == 0)
    for event, errors in _event_errors(as_it_is).items():
        of_60 = Errors(errors.values * FRAMES_60 / as_it_is.film.rate_hz, errors.missed, errors.invented)
        yield Row(
            data,
            f"near {event}, frames of 60 a second: median error; bias",
            "1; 0.5",
            f"{number(of_60.median_abs)}; {number(of_60.bias, signed=True)}",
            of_60.median_abs <= 1.0 and abs(of_60.bias) <= 0.5,
        )


def _knee_row(data: str, measure: str, targets: tuple[float, float, float], runs: Sequence[FilmRun]) -> Row:
    found = np.array([_knee(run) for run in runs])
    worst = [float(column[np.argmax(np.abs(column))]) for column in found.T]
    text = f"{number(worst[0])}; {number(worst[1], signed=True)}; {number(worst[2], signed=True)}"
    met = all(abs(value) <= limit for value, limit in zip(worst, targets, strict=True))
    return Row(data, measure, "; ".join(f"{target:g}" for target in targets), text, met)


def _knee(run: FilmRun) -> tuple[float, float, float]:
    errors = _errors(run)
    return errors["knee"].rmse, errors["knee"].bias, errors["folded"].bias


def _errors(run: FilmRun, live: bool = False) -> dict[str, Errors]:
    """Return the errors of thigh, shank and knee in the labelled frames, and of the knee where it is folded."""
    found = run.angles_deg(live)
    both = [(found[frame], true) for frame, true in run.labels.angles_deg.items() if frame in found]
    both = [pair for pair in both if all(map(math.isfinite, pair[0]))]
    thigh = np.array([ours[0] - true[0] for ours, true in both])
    shank = np.array([ours[1] - true[1] for ours, true in both])
    folded = np.array([true[2] > FOLDED_DEG for _, true in both], bool)
    parts = {"thigh": thigh, "shank": shank, "knee": thigh - shank, "folded": (thigh - shank)[folded]}
    return {name: Errors(values) for name, values in parts.items()}


def _true_strides(run: FilmRun) -> Iterator[list[TrueStride]]:
    """Yield, for each part of the film, the near strides that are labelled from strike to strike."""
    for contacts in run.labels.contacts[run.film.near]:
        strikes, toe_offs = contacts.strikes_s, contacts.toe_offs_s
        yield [
            TrueStride(
                run.near, float(begin), float(toe_offs[(toe_offs > begin) & (toe_offs < end)][0]), float(end), {}
            )
            for begin, end in pairwise(strikes)
        ]


def _strides_lost(run: FilmRun) -> tuple[int, int]:
    lost = invented = 0
    for true in _true_strides(run):
        result = match_strides(run.found(), true, window_s=0.15 * run.film.rate_hz)
        lost, invented = lost + len(result.missed), invented + len(result.invented)
    return lost, invented


def _event_errors(run: FilmRun) -> Mapping[str, Errors]:
    """Return the errors of the near leg's foot strikes and toe-offs in frames."""
    strike, toe_off, window = NO_ERRORS, NO_ERRORS, 0.15 * run.film.rate_hz
    for contacts in run.labels.contacts[run.film.near]:
        found = run.found()
        strike += event_errors(contacts_of(found, run.near).strikes_s, contacts.strikes_s, window)
        toe_off += toe_off_errors(found, contacts, run.near, window)
    return {"foot strike": strike, "toe-off": toe_off}


def _trust_rows(data: str, runs: Sequence[FilmRun]) -> Iterator[Row]:
    right = [all(abs(error) <= RIGHT_DEG for error in errors) for run in runs for errors in _trusted_errors(run)]
    share = sum(right) / max(len(right), 1)
    yield Row(
        data,
        f"trusted strides with labels: every labelled angle within {RIGHT_DEG:g} deg",
        f"{100 * RIGHT_SHARE:.0f} %",
        f"{100 * share:.0f} % of {len(right)}",
        share >= RIGHT_SHARE,
    )
    for ordinary in (True, False):
        trusts = [stride.trust for run in runs if run.variant.ordinary is ordinary for stride in run.found()]
        trusted = float(np.mean(np.array(trusts) >= TRUST_MIN))
        text = f"{100 * trusted:.0f} % of {len(trusts)}"
        if ordinary:
            measure = "near strides above the threshold, ordinary films"
            yield Row(data, measure, f"{100 * TRUSTED_SHARE:.0f} %", text, trusted >= TRUSTED_SHARE)
        else:
            yield stated(data, "the same, dark and blurred", text)


def _trusted_errors(run: FilmRun) -> Iterator[list[float]]:
    """Yield the errors of each trusted near stride in the three angles that cues rest on, where a label is near."""
    found = run.angles_deg()
    frames = np.array(sorted(found), float)
    thigh, shank = np.array([found[int(frame)] for frame in frames]).T
    knee = thigh - shank
    for stride in run.found():
        swing = np.flatnonzero((frames >= stride.t_toe_off_s) & (frames < stride.t_next_strike_s))
        if stride.trust < TRUST_MIN or len(swing) < 3:
            continue
        peak, furthest = swing[np.argmax(knee[swing])], swing[np.argmax(thigh[swing])]
        rising = [i for i in swing[:-1] if thigh[i] < 0 <= thigh[i + 1]]
        errors = []
        for frame, true in run.labels.angles_deg.items():
            i = int(np.searchsorted(frames, frame))
            if not (frame in found and swing[0] <= i <= swing[-1]):
                continue
            off_thigh, off_knee = thigh[i] - true[0], knee[i] - true[2]
            if abs(i - peak) <= _NEAR_EVENT[0]:
                errors.append(float(off_knee))
            if abs(i - furthest) <= _NEAR_EVENT[2]:
                errors.append(float(off_thigh))
            if rising and abs(i - rising[0]) <= _NEAR_EVENT[1]:
                errors.append(float(off_knee - _follows(thigh, knee, i) * off_thigh))
        if errors:
            yield errors


def _follows(thigh: FloatArray, knee: FloatArray, i: int) -> float:
    """Return how far the knee turns for each degree of thigh: a thigh that is off is vertical at another time."""
    before, after = max(i - 1, 0), min(i + 1, len(thigh) - 1)
    turned = max(float(thigh[after] - thigh[before]), 1e-3)
    return float(np.clip((knee[after] - knee[before]) / turned, -_STEEPEST, _STEEPEST))
