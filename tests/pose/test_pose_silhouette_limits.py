"""Every limit of the silhouette refinement from both sides: when a shank is corrected, how far, and what counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_pose_silhouette import NEAR, SHANK_PX, draw, learn, leg, misread, near, seen

from cuecoach.pose.base import Candidate
from cuecoach.pose.silhouette import SilhouetteRefiner, _edges, _line
from cuecoach.types import ANKLE, KNEE, FloatArray

ALONG = np.repeat(np.linspace(0.25, 0.85, 13), 2)  # where the 26 edges are, from knee to ankle
KNEE_PX, ANKLE_PX = np.array([100.0, 50.0]), np.array([100.0, 200.0])


def corrected(refiner: SilhouetteRefiner, t_s: float, truth: FloatArray, said: FloatArray) -> bool:
    """Tell whether the knee of a leg is moved at all."""
    return not np.array_equal(near(refiner.refine(t_s, seen(truth, said)))[KNEE], said[KNEE])


@pytest.mark.parametrize(("bend", "share"), [(90, 1.0), (67.5, 0.75), (60, 0.5), (52.5, 0.25), (40, 0.0)])
def test_the_more_a_leg_is_folded_the_more_it_follows_its_silhouette(bend: float, share: float) -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, bend)
    x, y = truth[ANKLE] - truth[KNEE]
    across = 12 * np.array([y, -x]) / SHANK_PX
    said = truth.copy()
    said[[KNEE, ANKLE]] += across  # the whole shank is 12 px off, so that its bend stays about right
    moved = (near(refiner.refine(t_s, seen(truth, said))) - said)[KNEE]
    assert -moved @ across / 12 == pytest.approx(12 * share, abs=1.5)


@pytest.mark.parametrize(("turn_deg", "follows"), [(17.0, True), (23.5, False)])
def test_landmarks_turned_too_far_are_on_something_else(turn_deg: float, follows: bool) -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner)
    truth = leg(15, 95)
    a = math.radians(turn_deg)
    middle = (truth[KNEE] + truth[ANKLE]) / 2
    said = truth.copy()
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    said[[KNEE, ANKLE]] = middle + (truth[[KNEE, ANKLE]] - middle) @ turn.T
    assert corrected(refiner, t_s, truth, said) is follows


@pytest.mark.parametrize(
    ("frames", "rate_hz", "enough"),
    # Eight straight legs, at least 0.025 s apart.
    [(7, 30.0, False), (8, 30.0, True), (10, 50.0, False), (16, 50.0, True)],
)
def test_edges_are_known_after_enough_straight_legs(frames: int, rate_hz: float, enough: bool) -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner, frames=frames, rate_hz=rate_hz)
    truth = leg(15, 95)
    assert corrected(refiner, t_s, truth, misread(truth)) is enough


@pytest.mark.parametrize(("pause_s", "kept"), [(0.22, True), (0.28, False)])
def test_after_a_pause_nothing_is_kept(pause_s: float, kept: bool) -> None:
    refiner = SilhouetteRefiner()
    last_s = learn(refiner) - 1 / 30
    truth = leg(15, 95)
    assert corrected(refiner, last_s + pause_s, truth, misread(truth)) is kept


@pytest.mark.parametrize(("later", "new"), [(25, False), (40, True)])
def test_the_edges_are_those_of_most_of_the_latest_sixty_straight_legs(later: int, new: bool) -> None:
    refiner = SilhouetteRefiner()
    t_s = learn(refiner, frames=60)
    for k in range(later):  # the model now places straight legs 9 px further forward
        truth = leg(20 - 3 * (k % 12), 15)
        refiner.refine(t_s + k / 30, seen(truth, truth + np.array([9.0, 0.0])))
    truth = leg(15, 95)
    moved = near(refiner.refine(t_s + later / 30, seen(truth, truth)))[KNEE] - truth[KNEE]
    assert (math.hypot(*moved) > 5.0) is new


@pytest.mark.parametrize(("shank_px", "large"), [(17.0, False), (26.0, True)])
def test_a_shank_of_few_pixels_is_left_as_it_is(shank_px: float, large: bool) -> None:
    scale = shank_px / SHANK_PX
    refiner = SilhouetteRefiner()

    def sharp(truth: FloatArray, said: FloatArray) -> Candidate:
        candidate = seen(truth, said)
        mask = np.zeros((640, 640), np.float32)
        draw(mask, truth)
        return Candidate(candidate.points_px, candidate.visibility, mask)

    for k in range(12):
        straight = leg(20 - 3 * k, 15, scale=scale)
        refiner.refine(k / 30, sharp(straight, straight))
    truth = leg(15, 95, scale=scale)
    said = truth.copy()
    said[[KNEE, ANKLE]] += (1.5, -1.5)
    moved = refiner.refine(0.4, sharp(truth, said)).points_px[NEAR[KNEE]] - said[KNEE]
    assert (math.hypot(*moved) > 0.5) is large


def bar(left_px: float, right_px: float) -> np.ndarray:
    """Return a mask of a vertical bar, from and to so many pixels from the line of knee and ankle."""
    x_px = np.arange(200, dtype=np.float32)
    inside = np.clip(x_px - (100 + left_px) + 0.5, 0, 1) * np.clip(100 + right_px - x_px + 0.5, 0, 1)
    return np.tile(inside, (250, 1)).astype(np.float32)


@pytest.mark.parametrize(("half_width", "found"), [(0.05, True), (0.31, True), (0.37, False)])
def test_edges_are_looked_for_within_reach(half_width: float, found: bool) -> None:
    edges = _edges(bar(-half_width * 150, half_width * 150), KNEE_PX, ANKLE_PX, 150.0).reshape(-1, 2)
    assert np.isfinite(edges).all() == found
    if found:
        np.testing.assert_allclose(edges, np.tile([-half_width, half_width], (13, 1)), atol=0.005)


@pytest.mark.parametrize(("begins", "found"), [(0.12, True), (0.16, False)])
def test_the_person_must_be_near_the_line(begins: float, found: bool) -> None:
    edges = _edges(bar(begins * 150, (begins + 0.1) * 150), KNEE_PX, ANKLE_PX, 150.0)
    assert np.isfinite(edges).any() == found


def test_the_edge_is_where_the_person_becomes_less_likely_than_not() -> None:
    x_px = np.arange(200, dtype=np.float32)
    mask = np.tile(np.clip(1 - (np.abs(x_px - 100) - 10) / 30, 0, 1), (250, 1)).astype(np.float32)
    edges = _edges(mask, KNEE_PX, ANKLE_PX, 150.0).reshape(-1, 2)
    np.testing.assert_allclose(edges * 150, np.tile([-25.0, 25.0], (13, 1)), atol=1.0)


def offsets(slope: float = 0.0, places: int = 13, step: int = 1) -> FloatArray:
    """Return the offsets (26,) of a line of this slope at the first `places` of every `step`, NaN elsewhere."""
    off = np.full(26, np.nan)
    known = [2 * step * k + side for k in range(places) for side in (0, 1)]
    off[known] = slope * ALONG[known]
    return off


@pytest.mark.parametrize(("away", "counts"), [(0.022, True), (0.042, False)])
def test_an_edge_far_from_the_others_does_not_count(away: float, counts: bool) -> None:
    off = offsets()
    off[::4] += away
    line = _line(off)
    assert line is not None
    assert (abs(line[0] + 0.55 * line[1]) > 0.003) is counts


@pytest.mark.parametrize(("known", "enough"), [(11, False), (12, True)])
def test_a_line_needs_enough_edges(known: int, enough: bool) -> None:
    off = offsets()
    off[np.argsort(np.arange(26) % 2, kind="stable")[: 26 - known]] = np.nan  # one side first: the span stays
    assert np.isfinite(off).sum() == known
    assert (_line(off) is not None) is enough


@pytest.mark.parametrize(("places", "enough"), [(6, False), (8, True)])
def test_the_edges_of_a_line_must_span_a_part_of_the_shank(places: int, enough: bool) -> None:
    assert (_line(offsets(places=places)) is not None) is enough


@pytest.mark.parametrize(("slope", "found"), [(0.0, True), (0.49, True), (0.6, False)])
def test_a_steep_line_is_no_shank(slope: float, found: bool) -> None:
    line = _line(offsets(slope, places=7, step=2))
    assert (line is not None) is found
    if line is not None:
        assert line == pytest.approx((0.0, slope), abs=1e-6)
