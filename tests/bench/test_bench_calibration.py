"""The rows of calibration, on a leg whose offset and labels are made up."""

from __future__ import annotations

import numpy as np

from bench.accuracy.rows.calibration import Score, calibration_rows
from cuecoach.types import Legs, Side


def leg(thigh_deg: float, knee_deg: float) -> list[list[float]]:
    thigh, shank = np.radians(thigh_deg), np.radians(thigh_deg - knee_deg)
    knee = np.array([100 * np.sin(thigh), 100 * np.cos(thigh)])
    ankle = knee + np.array([100 * np.sin(shank), 100 * np.cos(shank)])
    return [
        [0.0, 0.0],
        knee.tolist(),
        ankle.tolist(),
        np.add(ankle, (-10.0, 10.0)).tolist(),
        np.add(ankle, (30.0, 10.0)).tolist(),
    ]


def test_a_steady_offset_is_taken_off_and_the_table_says_from_what() -> None:
    knees = np.linspace(5.0, 120.0, 30)
    hand = {k: np.array(leg(15.0, knee)) for k, knee in enumerate(knees)}
    legs = {
        k: Legs(
            k / 30, k, np.array([leg(0.0, 9.0), leg(21.0, knee + 6.0)]), np.ones(2), np.zeros((2, 2)), 1, Side.RIGHT
        )
        for k, knee in enumerate(knees)
    }
    rows = {row.measure.split(",")[0] + row.measure.split(",")[1]: row for row in calibration_rows(
        "made up", "heavy", legs, Side.RIGHT, hand
    )}  # fmt: skip
    assert all(row.met for row in rows.values())
    assert "without +6.0" in rows["near knee RMSE"].cells["CueCoach"]
    assert "without +6.0" in rows["near thigh bias"].cells["CueCoach"]
    assert "without +0.0" in rows["near shank bias"].cells["CueCoach"]
    fewer = calibration_rows("made up", "full", legs, Side.RIGHT, hand, counted=range(10))
    assert fewer[0].target == "at most 4.5 deg"


def test_a_score_is_the_mean_over_frames() -> None:
    hand = np.array([[10.0, -80.0, 0.0], [20.0, 10.0, 0.0]])
    score = Score.of(np.add(hand, [[3.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]), hand)
    assert (score.thigh, score.shank, score.knee, score.folded) == (1.0, 1.0, 0.0, 2.0)
    assert score.knee_rmse == 2.0
