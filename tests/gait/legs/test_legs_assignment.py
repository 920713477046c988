"""The rules that assign seen legs: each limit by itself, and one frame judged as a stretch of frames is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cuecoach.gait.angles import BodyModel, along, segment_angles
from cuecoach.gait.legs.assignment import (
    assign,
    assign_one,
    fit_trust,
    thigh_and_shank_deg,
    tolerance_deg,
    visibility_weight,
)
from cuecoach.gait.legs.stride_curve import FAST_RUNNER, MEAN_RUNNER, MeanStrideCurve
from cuecoach.types import FloatArray

HEEL_PX, TOE_PX = np.array([-7.0, -8.0]), np.array([21.0, -8.0])
BODY = BodyModel(np.array([[50.0, 48.0], [46.0, 47.0]]), np.array([[HEEL_PX, TOE_PX]] * 2))
LEG_PX = BODY.leg_px
TOLERANCE = np.full((2, 2), 10.0)
APART = np.array([[20.0, 10.0], [-20.0, -30.0]])  # expected thigh and shank of left and right leg: 40 degrees apart
TOGETHER = np.array([[2.0, -20.0], [-2.0, -18.0]])


def legs(angles: FloatArray, hip: FloatArray | None = None) -> FloatArray:
    """Return joints (2, 5, 2) of legs of BODY with these thighs and shanks (2, 2), feet flat."""
    hips = np.zeros((2, 2)) if hip is None else hip
    knee = hips + BODY.bones[:, :1] * along(angles[:, 0])
    ankle = knee + BODY.bones[:, 1:] * along(angles[:, 1])
    return np.stack([hips, knee, ankle, ankle + HEEL_PX, ankle + TOE_PX], axis=1)


def judged(
    points: FloatArray, expected: FloatArray, tolerance: FloatArray = TOLERANCE
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return order and error of one frame, on which both ways of judging must agree."""
    order, error = assign(points[None], segment_angles(points[None]), expected[None], tolerance[None], BODY)
    seen = points.tolist()
    angles = [thigh_and_shank_deg(leg) for leg in seen]
    order_one, error_one = assign_one(seen, angles, expected.tolist(), tolerance.tolist(), BODY)
    assert tuple(order[0]) == order_one
    assert error_one == pytest.approx(tuple(error[0]), rel=1e-9, abs=1e-9)
    return order_one, error_one


def test_a_leg_as_expected_fits() -> None:
    assert judged(legs(APART), APART) == ((0, 1), pytest.approx((0.0, 0.0), abs=1e-9))


def test_the_error_is_the_larger_one_of_thigh_and_shank_in_tolerances() -> None:
    seen = APART + np.array([[4.0, 6.0], [0.0, 0.0]])
    assert judged(legs(seen), APART)[1] == pytest.approx((0.6, 0.0), abs=1e-9)
    assert judged(legs(seen), APART, np.array([[5.0, 10.0]] * 2))[1] == pytest.approx((0.8, 0.0), abs=1e-9)


@pytest.mark.parametrize(("apart_deg", "factor"), [(24.0, 1.0), (26.0, 1.5)])
def test_an_error_towards_the_other_leg_counts_half_as_much_again(apart_deg: float, factor: float) -> None:
    expected = np.array([[0.0, -10.0], [apart_deg, -10.0]])
    off = np.array([[5.0, 0.0], [0.0, 0.0]])
    assert judged(legs(expected + off), expected)[1] == pytest.approx((0.5 * factor, 0.0), abs=1e-9)
    assert judged(legs(expected - off), expected)[1] == pytest.approx((0.5, 0.0), abs=1e-9)


@pytest.mark.parametrize(("share", "fits"), [(0.72, False), (0.76, True), (1.27, True), (1.33, False)])
@pytest.mark.parametrize("joint", [1, 2])
def test_bones_are_0_74_to_1_3_of_their_usual_length(share: float, fits: bool, joint: int) -> None:
    points = legs(APART)
    points[0, joint:] += (share - 1) * (points[0, joint] - points[0, joint - 1])
    assert math.isfinite(judged(points, APART)[1][0]) == fits


def test_a_bone_may_be_as_long_as_that_of_the_longer_leg() -> None:
    points = legs(APART)
    points[1, 1:] += (1.35 - 1) * (points[1, 1] - points[1, 0])  # 1.35 of 46 px are less than 1.3 of 50 px
    assert math.isfinite(judged(points, APART)[1][1])


@pytest.mark.parametrize("joint", [0, 1, 2])
def test_a_leg_that_was_not_seen_fits_nowhere(joint: int) -> None:
    points = legs(APART)
    points[1, joint] = np.nan
    assert judged(points, APART) == ((0, 1), (pytest.approx(0.0, abs=1e-9), math.inf))


def test_swapped_legs_are_put_right() -> None:
    assert judged(legs(APART)[::-1], APART) == ((1, 0), pytest.approx((0.0, 0.0), abs=1e-9))


@pytest.mark.parametrize(("error", "swaps"), [(0.61, False), (0.64, True)])
def test_a_swap_must_fit_better_by_half_a_squared_tolerance(error: float, swaps: bool) -> None:
    """Thighs a tolerance apart: both err by e as labelled, by 1 - e swapped; 2 e^2 > 2 (1 - e)^2 + 0.5 above 0.625."""
    expected = np.array([[5.0, -20.0], [-5.0, -20.0]])
    seen = expected + np.array([[-10.0 * error, 0.0], [10.0 * error, 0.0]])
    assert judged(legs(seen), expected)[0] == ((1, 0) if swaps else (0, 1))


@pytest.mark.parametrize(("error", "swaps"), [(1.25, True), (1.40, False)])
def test_an_error_counts_as_one_and_a_half_tolerances_at_most(error: float, swaps: bool) -> None:
    """Label 0 fits neither leg, label 1 errs by `error` as the left one and fits the right one not at all.

    Swapped, the two cost 1.5^2 + error^2 + 0.5, as labelled 2 * 1.5^2: a swap up to an error of 1.32.
    """
    expected = np.array([[11.0, -20.0], [-11.0, -20.0]])
    seen = np.array([[-60.0, -20.0], [11.0 + 10.0 * error, -20.0]])
    assert judged(legs(seen), expected)[0] == ((1, 0) if swaps else (0, 1))


def test_a_leg_that_fits_nowhere_says_little_about_a_swap() -> None:
    """Label 0 is wild: bounded at 1.5 either way, the other label decides."""
    seen = APART.copy()
    seen[0] = [-80.0, -120.0]
    assert judged(legs(seen), APART)[0] == (0, 1)
    seen[1] = APART[0]
    order, error = judged(legs(seen), APART)
    assert order == (1, 0)
    assert error[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("gap", "merged"), [(0.11, True), (0.13, False)])
def test_two_labels_0_12_leg_lengths_apart_are_one_leg(gap: float, merged: bool) -> None:
    """It is left to the leg that it fits better; the other one is not seen."""
    points = legs(np.array([APART[0], APART[0]]))
    points[1] = points[0] + [gap * LEG_PX, 0.0]
    order, error = judged(points, APART, np.full((2, 2), 60.0))
    assert error[0] < 1.0
    assert math.isinf(error[1]) == merged
    assert order in ((0, 1), (1, 0))


@pytest.mark.parametrize(("apart_deg", "merged"), [(24.0, False), (26.0, True)])
def test_legs_that_should_be_together_are_not_merged(apart_deg: float, merged: bool) -> None:
    expected = np.array([[0.0, -10.0], [apart_deg, -10.0]])
    error = judged(legs(np.array([expected[0]] * 2)), expected, np.full((2, 2), 60.0))[1]
    assert math.isinf(error[1]) == merged


def test_the_better_fit_keeps_merged_legs() -> None:
    for leg in (0, 1):
        error = judged(legs(np.array([APART[leg]] * 2)), APART, np.full((2, 2), 60.0))[1]
        assert error[leg] == pytest.approx(0.0, abs=1e-9)
        assert math.isinf(error[1 - leg])


def test_the_tolerance_is_four_spreads_and_15_ms_of_motion() -> None:
    assert tolerance_deg(6.0, -50.0, 1.4) == pytest.approx(4 * 6.0 + 0.015 * 2 * math.pi * 1.4 * 50.0)
    array = tolerance_deg(np.array([6.0, 3.0]), np.array([-50.0, 0.0]), 1.4)
    assert array == pytest.approx([tolerance_deg(6.0, -50.0, 1.4), 12.0])


def test_the_weight_of_visibility_and_the_trust_of_a_fit() -> None:
    assert visibility_weight(np.array([0.0, 0.25, 0.3, 0.5, 0.6, 1.0])) == pytest.approx([0.3, 0.3, 0.4, 0.8, 1.0, 1.0])
    assert fit_trust(np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 0.85, 0.4])
    assert fit_trust(0.5) == pytest.approx(0.85)


def test_an_angle_is_read_as_by_segment_angles() -> None:
    for thigh in np.arange(-209.0, 149.0, 7.0):
        for shank in (-200.0, -120.0, 0.0, 140.0):
            points = legs(np.array([[thigh, shank], [0.0, 0.0]]))
            assert thigh_and_shank_deg(points[0].tolist()) == pytest.approx([thigh, shank])
            assert segment_angles(points[0])[:2] == pytest.approx([thigh, shank])


# -- a single frame as a stretch ---------------------------------------------------------------------------------------


def random_frames(n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return points (n, 2, 5, 2), expected and tolerance (n, 2, 2): legs swapped, merged, wild, unseen."""
    curve = MeanStrideCurve(FAST_RUNNER if rng.random() < 0.5 else MEAN_RUNNER)
    phase = rng.uniform(0, 2 * np.pi, n)
    expected = curve.angles(phase)[..., :2]
    spread = rng.uniform(2.5, 12.0, (n, 2))
    tolerance = tolerance_deg(spread[:, None], curve.slopes(phase)[..., :2], 1.4)
    angles = expected + tolerance * rng.normal(0.0, 0.5, (n, 2, 2))
    points = np.array([legs(one, rng.normal(0.0, 2.0, (2, 2))) for one in angles])
    points *= rng.normal(1.0, 0.12, (n, 2, 1, 1))

    def some(share: float) -> np.ndarray:
        return np.flatnonzero(rng.random(n) < share)

    swapped, wild, unseen = some(0.3), some(0.1), some(0.1)
    points[swapped] = points[swapped, ::-1]
    for label in (0, 1):
        merged = some(0.15)
        points[merged, label] = points[merged, 1 - label] + rng.normal(0.0, 0.06 * LEG_PX, (len(merged), 5, 2))
    points[wild] += rng.normal(0.0, 0.3 * LEG_PX, (len(wild), 2, 5, 2))
    points[unseen, rng.integers(0, 2, len(unseen)), rng.integers(0, 3, len(unseen))] = np.nan
    return points, expected, tolerance


@pytest.mark.parametrize("seed", range(4))
def test_one_frame_is_judged_as_a_stretch_is(seed: int) -> None:
    points, expected, tolerance = random_frames(1500, np.random.default_rng(seed))
    order, error = assign(points, segment_angles(points), expected, tolerance, BODY)
    for k, frame in enumerate(points.tolist()):
        angles = [thigh_and_shank_deg(leg) for leg in frame]
        order_one, error_one = assign_one(frame, angles, expected[k].tolist(), tolerance[k].tolist(), BODY)
        assert order_one == tuple(order[k])
        assert error_one == pytest.approx(tuple(error[k]), rel=1e-9, abs=1e-9)
    accepted = error < 1.0
    assert 0.1 < (order[:, 0] == 1).mean() < 0.5, "swaps are among them"
    assert 0.2 < accepted.mean() < 0.9
    assert np.isinf(error).mean() > 0.1, "legs that fit nowhere are among them"


@pytest.mark.parametrize("curve", [MeanStrideCurve(), MeanStrideCurve(FAST_RUNNER)])
def test_the_curve_at_one_phase_is_that_of_many(curve: MeanStrideCurve) -> None:
    for phase in np.linspace(-7.0, 7.0, 50):
        angles, slopes = curve.at(float(phase))
        assert np.array(angles) == pytest.approx(curve.angles(np.array([phase]))[0], abs=1e-9)
        assert np.array(slopes) == pytest.approx(curve.slopes(np.array([phase]))[0], abs=0.1)
