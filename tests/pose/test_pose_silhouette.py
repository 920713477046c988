"""Folded legs follow the silhouette; straight ones, and everything the silhouette does not show, stay."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from cuecoach.pose.base import Candidate
from cuecoach.pose.silhouette import SilhouetteRefiner
from cuecoach.types import ANKLE, HEEL, HIP, KNEE, LEG_LANDMARKS, TOE, FloatArray

SIZE_PX = (640, 640)  # width, height
THIGH_PX, SHANK_PX = 150.0, 150.0
NEAR, FAR = LEG_LANDMARKS
# Half widths of a shank to the front and to the back (the calf), from knee to ankle.
FRONT, BACK = (0.16, 0.14, 0.11, 0.1), (0.17, 0.24, 0.14, 0.1)


def leg(thigh_deg: float, bend_deg: float, facing: int = 1, scale: float = 1.0) -> FloatArray:
    """Joints (5, 2) px of a leg; the heel and toe hang square below the ankle."""

    def along(angle_deg: float, length_px: float) -> FloatArray:
        a = math.radians(angle_deg)
        return np.array([facing * math.sin(a), math.cos(a)]) * length_px * scale

    hip = np.array([320.0, 150.0])
    knee = hip + along(thigh_deg, THIGH_PX)
    ankle = knee + along(thigh_deg - bend_deg, SHANK_PX)
    return np.array([hip, knee, ankle, ankle + along(thigh_deg - bend_deg, 30), ankle + along(90 - bend_deg, 60)])


def draw(mask: np.ndarray, joints: FloatArray, facing: int = 1) -> None:
    """Add a leg with a calf to the mask."""
    hip, knee, ankle = joints[:3]
    thickness_px = round(60 * math.dist(hip, knee) / THIGH_PX)
    cv2.line(mask, *(tuple(int(v) for v in p) for p in (hip, knee)), 1.0, thickness_px)
    way = ankle - knee
    forward = facing * np.array([way[1], -way[0]])
    share = np.linspace(0, 1, 4)
    front = [knee + s * way + w * forward for s, w in zip(share, FRONT, strict=True)]
    back = [knee + s * way - w * forward for s, w in zip(share, BACK, strict=True)]
    edges = np.array([*front, *back[::-1]])
    cv2.fillPoly(mask, [np.rint(edges * 16).astype(np.int32)], 1.0, shift=4)


def seen(truth: FloatArray, said: FloatArray, facing: int = 1) -> Candidate:
    """One leg, drawn where `truth` has it and with landmarks where `said` has them; the other leg not to be seen."""
    mask = np.zeros(SIZE_PX[::-1], np.float32)
    draw(mask, truth, facing)
    points = np.full((33, 2), 5.0)
    points[list(NEAR)] = said
    return Candidate(points, np.ones(33), cv2.GaussianBlur(mask, (0, 0), 2.0))


def misread(truth: FloatArray) -> FloatArray:
    """Return a folded leg as the pose model has it: the knee too high, the ankle a little low, across the shank."""
    x, y = truth[ANKLE] - truth[KNEE]
    up = np.array([y, -x]) / math.hypot(x, y) * (1 if x > 0 else -1)
    said = truth.copy()
    said[KNEE] += 14 * up
    said[ANKLE:] -= 5 * up
    return said


def bend_deg(joints: FloatArray) -> float:
    thigh, shank = joints[KNEE] - joints[HIP], joints[ANKLE] - joints[KNEE]
    return math.degrees(math.acos(thigh @ shank / math.hypot(*thigh) / math.hypot(*shank)))


def near(candidate: Candidate) -> FloatArray:
    return candidate.points_px[list(NEAR)]


def learn(
    refiner: SilhouetteRefiner, facing: int = 1, frames: int = 12, scale: float = 1.0, rate_hz: float = 30.0
) -> float:
    """Show a straight leg that swings a little; return the time of the next picture."""
    for k in range(frames):
        truth = leg(20 - 3 * (k % 12), 15, facing, scale)
        refiner.refine(k / rate_hz, seen(truth, truth, facing))
    return frames / rate_hz


@pytest.mark.parametrize("facing", [1, -1])
@pytest.mark.parametrize(("thigh_deg", "bend"), [(10, 80), (20, 100), (30, 85), (0, 120)])
def test_a_folded_leg_is_put_where_its_silhouette_is(facing: int, thigh_deg: float, bend: float) -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner, facing)
    truth = leg(thigh_deg, bend, facing)
    said = misread(truth)
    assert bend_deg(said) < bend - 3.5
    corrected = near(refiner.refine(t_s, seen(truth, said, facing)))
    assert bend_deg(corrected) == pytest.approx(bend, abs=1.5)
    assert np.array_equal(corrected[HIP], said[HIP])
    moved = corrected - said
    assert np.allclose(moved[[HEEL, TOE]], moved[ANKLE]), "the foot goes with its ankle"


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_share_of_the_way_to_the_silhouette(share: float) -> None:
    whole, part = SilhouetteRefiner(), SilhouetteRefiner(share)
    t_s = learn(whole)
    learn(part)
    truth = leg(20, 100)
    said = misread(truth)
    moved = near(whole.refine(t_s, seen(truth, said))) - said
    assert np.abs(moved).max() > 5.0
    assert np.allclose(near(part.refine(t_s, seen(truth, said))) - said, share * moved)


def test_a_leg_that_is_right_stays() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, 95)
    assert np.abs(near(refiner.refine(t_s, seen(truth, truth))) - truth).max() < 3


def test_straight_legs_and_all_other_landmarks_are_not_touched() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    said = leg(20, 25)
    runner = seen(leg(12, 25), said)
    assert np.array_equal(refiner.refine(t_s, runner).points_px, runner.points_px)


def test_part_of_the_silhouette_may_be_another_leg() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, 95)
    runner = seen(truth, misread(truth))
    assert runner.mask is not None
    draw(runner.mask, leg(-5, 10))  # the stance leg, straight down behind the folded one
    assert bend_deg(near(refiner.refine(t_s, runner))) == pytest.approx(95, abs=2.5)


def test_nothing_is_moved_without_a_silhouette() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    said = misread(leg(15, 95))
    unmasked = replace(seen(said, said), mask=None)
    assert refiner.refine(t_s, unmasked) is unmasked
    for value in (0.0, 1.0):
        blank = replace(unmasked, mask=np.full(SIZE_PX[::-1], value, np.float32))
        assert np.array_equal(near(refiner.refine(t_s + 0.03, blank)), said)


def test_landmarks_on_something_else_are_left_to_others() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    said = leg(15, 60)
    assert np.array_equal(near(refiner.refine(t_s, seen(leg(15, 95), said))), said)


def test_a_folded_leg_is_believed_until_straight_ones_have_been_seen() -> None:
    refiner = SilhouetteRefiner()
    truth = leg(15, 95)
    said = misread(truth)
    assert np.array_equal(near(refiner.refine(0.0, seen(truth, said))), said)


def test_after_a_pause_a_smaller_runner_is_not_measured_by_the_last_one() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, 95, scale=0.6)
    said = misread(truth)
    assert np.array_equal(near(refiner.refine(t_s + 1.0, seen(truth, said))), said)


def test_legs_without_a_size_or_outside_the_picture_do_no_harm() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    point = np.full((5, 2), 100.0)
    outside = leg(15, 95) + 5000.0
    for said in (point, outside):
        assert np.array_equal(near(refiner.refine(t_s, seen(leg(15, 95), said))), said)


def test_a_folded_leg_without_a_silhouette_is_less_visible() -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, 95)
    blank = replace(seen(truth, truth), mask=np.zeros(SIZE_PX[::-1], np.float32))
    ends = [NEAR[KNEE], NEAR[ANKLE]]
    assert np.all(refiner.refine(t_s, seen(truth, truth)).visibility == 1.0)
    doubtful = refiner.refine(t_s + 0.03, blank).visibility
    assert doubtful[ends] == pytest.approx(0.35), "seen, and no more sure than that"
    assert np.all(np.delete(doubtful, ends) == 1.0)
    straight = replace(seen(leg(5, 10), leg(5, 10)), mask=blank.mask)
    assert np.all(refiner.refine(t_s + 0.06, straight).visibility == 1.0)
