"""Rows of calibration by set points: six labelled frames of a film are taken as points, the others are scored.

Owns the drawing of frames and the targets. Pure: films, labels and legs are given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from bench.table import Row
from cuecoach.gait.angles import SHANK, THIGH, knee_flexion, segment_angles, to_runner_axes
from cuecoach.gait.calibration.offsets import Calibration, Placement
from cuecoach.gait.calibration.points import SetPoint, calibrate_points
from cuecoach.types import ANKLE, JOINTS, FloatArray, Legs, Side

POINT_FRAMES = 6
DRAWS = 100
FOLDED_DEG = 70.0
KNEE_RMSE_DEG = {"heavy": 4.0, "full": 4.5}  # targets by pose model
KNEE_BIAS_DEG, FOLDED_BIAS_DEG, THIGH_BIAS_DEG, SHANK_BIAS_DEG = 1.5, 2.0, 1.5, 2.0
_NOWHERE = Placement(1.0, 0.5, 1, 0.0)  # the offsets do not depend on it


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of the near leg, degrees: RMSE of the knee, and mean errors of knee, folded knee, thigh and shank."""

    knee_rmse: float
    knee: float
    folded: float
    thigh: float
    shank: float

    @staticmethod
    def of(found: FloatArray, hand: FloatArray) -> Score:
        """Return the score of angles (n, 3) as of `segment_angles` against those of the hand."""
        off = found - hand
        knee = knee_flexion(found) - knee_flexion(hand)
        folded = knee[knee_flexion(hand) > FOLDED_DEG]
        return Score(
            float(np.sqrt(np.mean(knee**2))),
            float(knee.mean()),
            float(folded.mean()) if len(folded) else 0.0,
            float(off[:, THIGH].mean()),
            float(off[:, SHANK].mean()),
        )


def calibration_rows(
    data: str,
    model: str,
    legs: Mapping[int, Legs],
    near: Side,
    hand_px: Mapping[int, FloatArray],
    counted: Collection[int] | None = None,
) -> list[Row]:
    """Return the rows of one film.

    Parameters
    ----------
    data : what the table calls the film.
    model : pose model, which decides the target of the knee.
    legs : settled legs by frame, measured without calibration.
    near : the labelled leg.
    hand_px : joints (5, 2) px by frame as set by hand, NaN where not set.
    counted : frames that are drawn and scored; None: all labelled ones that were measured.
    """
    frames = [
        frame
        for frame in sorted(hand_px)
        if frame in legs and np.isfinite(hand_px[frame][: ANKLE + 1]).all() and (counted is None or frame in counted)
    ]
    before = _score(legs, hand_px, near, frames, None)
    after = [_draw(legs, hand_px, near, frames, np.random.default_rng(seed)) for seed in range(DRAWS)]
    return [
        _row(data, "near knee, RMSE", KNEE_RMSE_DEG[model], before.knee_rmse, [score.knee_rmse for score in after]),
        _row(data, "near knee, bias", KNEE_BIAS_DEG, before.knee, [score.knee for score in after]),
        _row(data, "near knee where folded, bias", FOLDED_BIAS_DEG, before.folded, [score.folded for score in after]),
        _row(data, "near thigh, bias", THIGH_BIAS_DEG, before.thigh, [score.thigh for score in after]),
        _row(data, "near shank, bias", SHANK_BIAS_DEG, before.shank, [score.shank for score in after]),
    ]


def _draw(
    legs: Mapping[int, Legs],
    hand_px: Mapping[int, FloatArray],
    near: Side,
    frames: list[int],
    chance: np.random.Generator,
) -> Score:
    """Return the score of all other frames after calibration by six random ones."""
    drawn = {int(frame) for frame in chance.choice(frames, POINT_FRAMES, replace=False)}
    points = [
        SetPoint(frame, str(near), joint, float(x), float(y))
        for frame in sorted(drawn)
        for joint, (x, y) in zip(JOINTS, hand_px[frame].tolist(), strict=True)
        if np.isfinite(x)
    ]
    calibration = calibrate_points(points, legs, _NOWHERE)
    return _score(legs, hand_px, near, [frame for frame in frames if frame not in drawn], calibration)


def _score(
    legs: Mapping[int, Legs],
    hand_px: Mapping[int, FloatArray],
    near: Side,
    frames: list[int],
    calibration: Calibration | None,
) -> Score:
    seen = [legs[frame] if calibration is None else calibration.corrected_legs(legs[frame]) for frame in frames]
    found = [segment_angles(to_runner_axes(item.of(near), item.facing)) for item in seen]
    hand = [segment_angles(to_runner_axes(hand_px[frame], legs[frame].facing)) for frame in frames]
    return Score.of(np.array(found), np.array(hand))


def _row(data: str, measure: str, limit: float, before: float, after: list[float]) -> Row:
    """Return a row: the mean size over the draws, and beside it without calibration."""
    size = float(np.mean(np.abs(after)))
    found = f"{size:.1f} deg (without {before:+.1f})"
    name = f"{measure}, calibrated by {POINT_FRAMES} frames"
    return Row(data, name, f"at most {limit:g} deg", found, size <= limit, size)
