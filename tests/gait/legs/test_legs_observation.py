"""What a frame shows of the legs, and the slow estimate of facing and near leg."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cuecoach.gait.legs.observation import FacingEstimator, LegObservation
from cuecoach.types import LEG_LANDMARKS, SHOULDERS, FloatArray, Pose, Side

FPS = 100.0


def observation(t_s: float, vote: float, visibility: tuple[float, float] = (1.0, 1.0)) -> LegObservation:
    """Return straight legs 100 px long whose toes are `vote` leg lengths to the right of the heels."""
    leg = np.array([[0.0, 0.0], [0.0, 50.0], [0.0, 100.0], [0.0, 105.0], [100.0 * vote, 105.0]])
    return LegObservation(t_s, 0, np.array([leg, leg]), np.array(visibility), np.zeros((2, 2)))


def estimator_after(seconds: float, vote: float, visibility: tuple[float, float] = (1.0, 1.0)) -> FacingEstimator:
    """Return the estimator that has seen legs from 0 s to `seconds`."""
    estimator = FacingEstimator()
    for k in range(round(seconds * FPS) + 1):
        estimator.update(observation(k / FPS, vote, visibility))
    return estimator


def test_legs_are_the_landmarks_of_each_side() -> None:
    points: FloatArray = np.arange(66.0).reshape(33, 2)
    visibility = np.full(33, 0.5)
    visibility[[25, 27]], visibility[26] = 0.9, np.nan
    one = LegObservation.from_pose(1.5, 7, Pose(1.5, points, visibility, (640, 480)))
    assert (one.t_s, one.index) == (1.5, 7)
    assert one.points_px.tolist() == [[points[row].tolist() for row in rows] for rows in LEG_LANDMARKS]
    assert one.visibility == pytest.approx([0.9, 0.75]), "of knee and ankle; NaN counts as seen"
    assert one.trunk_px == pytest.approx(
        np.array([points[list(SHOULDERS)].mean(axis=0), points[[23, 24]].mean(axis=0)])
    )
    assert one.mid_hip_px == pytest.approx(points[[23, 24]].mean(axis=0))


def test_a_missing_observation_shows_nothing() -> None:
    one = LegObservation.missing(2.0, 3)
    assert np.isnan(one.points_px).all()
    assert np.isnan(one.trunk_px).all()
    assert one.visibility.tolist() == [0.0, 0.0]
    assert not FacingEstimator().update(one)


@pytest.mark.parametrize(("vote", "facing"), [(0.2, 1), (-0.2, -1)])
def test_the_runner_faces_where_the_toes_point(vote: float, facing: int) -> None:
    assert estimator_after(1.0, vote).facing == facing


@pytest.mark.parametrize(("knee", "facing"), [(10.0, 1), (-10.0, -1)])
def test_or_where_the_knees_bend(knee: float, facing: int) -> None:
    estimator = FacingEstimator()
    for k in range(60):
        one = observation(k / FPS, 0.0)
        one.points_px[:, 1, 0] = knee
        estimator.update(one)
    assert (estimator.facing, estimator.confident) == (facing, True)


@pytest.mark.parametrize(("vote", "confident"), [(0.043, True), (0.037, False), (-0.043, True), (-0.037, False)])
def test_a_mean_vote_of_0_04_leg_lengths_is_clear(vote: float, confident: bool) -> None:
    assert estimator_after(1.0, vote).confident == confident


@pytest.mark.parametrize(("seconds", "confident"), [(0.38, False), (0.42, True)])
def test_votes_of_0_4_seconds_are_needed(seconds: float, confident: bool) -> None:
    assert estimator_after(seconds, 0.2).confident == confident


def test_the_votes_are_a_mean_over_a_second() -> None:
    """After long the mean of opposite votes falls as exp(-t): to -0.04 of 0.2 when exp(-t) = 0.4."""
    estimator = estimator_after(9.0, 0.2)
    turned = [k / FPS for k in range(1, 200) if estimator.update(observation(9.0 + k / FPS, -0.2))]
    assert turned[0] == pytest.approx(-math.log(0.4), abs=0.03)


def test_the_first_votes_count_alike() -> None:
    """After 0.4 s of one vote and 0.2 s of the opposite one a third of the vote is left."""
    estimator = estimator_after(0.4, 0.15)
    for k in range(1, 21):
        assert not estimator.update(observation(0.4 + k / FPS, -0.15))
    assert estimator.facing == 1
    turned = [k for k in range(21, 100) if estimator.update(observation(0.4 + k / FPS, -0.15))]
    assert turned[0] / FPS == pytest.approx(0.7, abs=0.1), "a mean over the first second does not forget"


def test_one_wild_vote_counts_as_half_a_leg_length() -> None:
    wild, bounded = estimator_after(0.6, 0.02), estimator_after(0.6, 0.02)
    for k in range(2):
        wild.update(observation(0.61 + k / FPS, 90.0))
        bounded.update(observation(0.61 + k / FPS, 0.5))
    for k in range(200):
        one = observation(0.63 + k / FPS, -0.2)
        assert wild.update(one) == bounded.update(one)


def test_a_turn_back_is_no_turn() -> None:
    estimator = estimator_after(2.0, 0.2)
    assert not any(estimator.update(observation(2.0 + k / FPS, 0.2)) for k in range(1, 100))


@pytest.mark.parametrize(
    ("visibility", "near"),
    [((1.0, 0.83), Side.LEFT), ((0.83, 1.0), Side.RIGHT), ((1.0, 0.87), Side.RIGHT), ((0.87, 1.0), Side.RIGHT)],
)
def test_a_leg_seen_better_by_0_15_is_near(visibility: tuple[float, float], near: Side) -> None:
    """Else the right leg is, of a runner who faces image right."""
    assert estimator_after(3.0, 0.2, visibility).near is near


def test_the_leg_on_the_side_that_is_seen_is_near() -> None:
    assert estimator_after(1.0, -0.2).near is Side.LEFT
    assert estimator_after(1.0, 0.2).near is Side.RIGHT
    fixed = FacingEstimator("left")
    fixed.update(observation(0.0, 0.2))
    assert fixed.near is Side.LEFT
