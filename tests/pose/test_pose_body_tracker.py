"""Which candidate is which person, and how each has moved: every limit from both sides, on exact figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from crowd import SIZE_PX, figure, triangle

from cuecoach.pose.base import Candidate
from cuecoach.pose.body_tracker import BodyMotion, BodyTrack, BodyTracker

RATE_HZ = 30.0
S_PX = 300.0  # the size of a figure
X_PX = 500.0


def tracked(*pictures: Sequence[Candidate], rate_hz: float = RATE_HZ) -> BodyTracker:
    """Return a tracker after these pictures."""
    tracker = BodyTracker()
    for index, people in enumerate(pictures):
        tracker.update(index / rate_hz, people, SIZE_PX)
    return tracker


def followed(person: Callable[[float], Candidate], seconds: float, rate_hz: float = 240.0) -> BodyTrack:
    """Return the one track of somebody seen from 0 to `seconds`."""
    tracker = BodyTracker()
    for index in range(round(seconds * rate_hz) + 1):
        tracker.update(index / rate_hz, [person(index / rate_hz)], SIZE_PX)
    (track,) = tracker.tracks
    return track


def motion_of(person: Callable[[float], Candidate], seconds: float = 1.5) -> BodyMotion:
    motion = followed(person, seconds).motion()
    assert motion is not None
    return motion


@pytest.mark.parametrize(("apart", "people"), [(0.13, 1), (0.17, 2)])
def test_two_candidates_whose_trunks_nearly_coincide_are_one_body(apart: float, people: int) -> None:
    tracker = tracked([figure(X_PX), figure(X_PX + apart * S_PX)])
    assert len(tracker.tracks) == people


@pytest.mark.parametrize(("ratio", "people"), [(1.3, 1), (1.4, 2)])
def test_two_candidates_of_different_size_are_two_bodies(ratio: float, people: int) -> None:
    # The shoulders of the larger are higher up, so the lengths are compared with its own size.
    tracker = tracked([figure(X_PX), figure(X_PX, size_px=ratio * S_PX)])
    assert len(tracker.tracks) == people


def test_of_a_body_found_twice_the_more_visible_form_is_kept() -> None:
    clear, faint = figure(X_PX + 9, visibility=0.9), figure(X_PX, visibility=0.6)
    (track,) = tracked([faint, clear]).tracks
    assert track.candidate is clear


@pytest.mark.parametrize(("ratio", "people"), [(1.3, 1), (1.4, 2)])
def test_a_body_does_not_change_its_size_at_once(ratio: float, people: int) -> None:
    assert len(tracked([figure(X_PX)], [figure(X_PX, size_px=ratio * S_PX)]).tracks) == people


@pytest.mark.parametrize(
    ("unseen", "jump", "people"),
    # 0.12 sizes at once, 1.5 more for each second unseen, 0.35 at most.
    [(1, 0.16, 1), (1, 0.18, 2), (3, 0.25, 1), (3, 0.29, 2), (9, 0.33, 1), (9, 0.37, 2)],
)
def test_the_longer_a_body_was_unseen_the_further_it_may_be(unseen: int, jump: float, people: int) -> None:
    tracker = tracked([figure(X_PX)], *[[]] * (unseen - 1), [figure(X_PX + jump * S_PX)])
    assert len(tracker.tracks) == people


def test_a_body_is_expected_where_it_was_going() -> None:
    step_px = 12.0
    walk = [[figure(X_PX + step_px * k)] for k in range(10)]
    expected_px = X_PX + step_px * 9 + step_px * 6
    assert len(tracked(*walk, *[[]] * 5, [figure(expected_px + 0.3 * S_PX)]).tracks) == 1
    assert len(tracked(*walk, *[[]] * 5, [figure(expected_px - 0.37 * S_PX)]).tracks) == 2


@pytest.mark.parametrize(("unseen_s", "number"), [(0.95, 0), (1.05, 1)])
def test_a_body_unseen_for_a_second_is_forgotten(unseen_s: float, number: int) -> None:
    tracker = BodyTracker()
    for t_s in (0.0, unseen_s):
        tracker.update(t_s, [figure(X_PX)], SIZE_PX)
    assert [track.number for track in tracker.tracks] == [number]


# Two who were seen beside each other, `apart` sizes between the hips; then one body only, `near` from the first.
@pytest.mark.parametrize(
    ("apart", "near", "certain"),
    [
        (0.23, 0.07, True),  # fits the other 2.3 times worse
        (0.23, 0.09, False),  # only 1.6 times
        (0.09, 0.0, True),  # fits the other badly: 0.53 of the limit
        (0.05, 0.0, False),  # fits the other as well: 0.29 of the limit
    ],
)
def test_a_body_that_could_be_either_of_two_is_nobodys(apart: float, near: float, certain: bool) -> None:
    # They lean away from each other, or they would be one body.
    both = [figure(X_PX, lean=-0.25), figure(X_PX + apart * S_PX, lean=0.25)]
    tracker = tracked(both, both, [figure(X_PX + near * S_PX)])
    assert len(tracker.tracks) == 2
    assert [track.candidate is not None for track in tracker.tracks] == [certain, False]


@pytest.mark.parametrize(("age_s", "known"), [(0.75, False), (0.85, True)])
def test_motion_is_known_when_most_of_a_second_was_seen(age_s: float, known: bool) -> None:
    assert (followed(lambda _t_s: figure(X_PX), age_s).motion() is not None) is known


def test_the_speed_of_the_feet_is_their_way_in_a_tenth_of_a_second() -> None:
    period_s, swing_rad = 0.4, 0.3
    foot = lambda t_s: 0.6 * np.array([math.sin(a := swing_rad * triangle(t_s, period_s)), math.cos(a)])  # noqa: E731
    times_s = np.arange(120, 361) / 240

    def way(t_s: float) -> float:
        kept = math.dist(foot(t_s), foot(t_s - 0.1))
        swapped = math.dist(foot(t_s) * (-1, 1), foot(t_s - 0.1))  # the feet may have been taken for each other
        return min(kept, swapped) / 0.1

    expected = float(np.median([way(t_s) for t_s in times_s]))
    motion = motion_of(lambda t_s: figure(X_PX, swing_rad * triangle(t_s, period_s)))
    assert motion.foot_speed_per_s == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("offset_rad", [0.0, 0.1, -0.1])
def test_crossing_is_how_far_each_foot_passes_the_other(offset_rad: float) -> None:
    motion = motion_of(lambda t_s: figure(X_PX, 0.3 * triangle(t_s, 0.5), offset_rad))
    # Nine tenths of the way from one end of the wave to the other, and one tenth.
    ahead, behind = (1.2 * math.sin(offset_rad + sign * 0.8 * 0.3) for sign in (1, -1))
    assert motion.feet_crossing == pytest.approx(min(ahead, -behind), abs=0.012)


def test_hip_range_and_size_change_are_those_of_the_last_second() -> None:
    motion = motion_of(lambda t_s: figure(X_PX + 0.4 * S_PX * t_s))
    assert motion.hip_range == pytest.approx(0.9 * 0.4, rel=0.03)
    assert motion.size_change == pytest.approx(0.0, abs=1e-6)
    growing = motion_of(lambda t_s: figure(X_PX, size_px=S_PX * (1 + 0.2 * t_s)))
    assert growing.size_change == pytest.approx(0.2 / (1 + 0.2 * 1.5), rel=0.05)


def test_drift_is_that_of_the_last_three_tenths_of_a_second() -> None:
    track = followed(lambda t_s: figure(X_PX + 0.4 * S_PX * t_s), 1.2)
    assert track.drift() == pytest.approx(0.3 * 0.4, rel=0.06)


@pytest.mark.parametrize(("visibility", "seen"), [(0.45, False), (0.55, True)])
def test_legs_count_as_seen_when_they_are_visible(visibility: float, seen: bool) -> None:
    assert motion_of(lambda _t_s: figure(X_PX, visibility=visibility)).legs_seen is seen


def test_legs_below_the_picture_are_not_seen() -> None:
    assert not motion_of(lambda _t_s: figure(X_PX, size_px=700.0)).legs_seen
