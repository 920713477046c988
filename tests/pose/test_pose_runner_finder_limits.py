"""Every limit by which the runner is told from others, from both sides, on exact figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crowd import SIZE_PX, figure, triangle

from cuecoach.pose.base import Candidate
from cuecoach.pose.runner_finder import RunnerFinder

S_PX = 250.0  # the size of a figure
PLACE_PX = 800.0
ARRIVES_S = 1.0
Person = Callable[[float], Candidate | None]


def runner(
    x_px: float = PLACE_PX,
    period_s: float = 0.5,
    swing_rad: float = 0.3,
    offset_rad: float = 0.0,
    size_px: float = S_PX,
    moves: Callable[[float], float] = lambda _t_s: 0.0,
    grows_per_s: float = 0.0,
) -> Person:
    """Return somebody who swings the legs; `moves` gives the way from `x_px` in sizes at a time."""

    def person(t_s: float) -> Candidate:
        size = size_px * (1 + grows_per_s * t_s)
        return figure(x_px + moves(t_s) * size_px, swing_rad * triangle(t_s, period_s), offset_rad, size)

    return person


def standing(x_px: float = 200.0, size_px: float = 400.0) -> Person:
    return lambda _t_s: figure(x_px, size_px=size_px)


def between(person: Person, from_s: float, to_s: float) -> Person:
    return lambda t_s: person(t_s) if from_s <= t_s < to_s else None


def first(one: Person, until_s: float, then: Person) -> Person:
    return lambda t_s: one(t_s) if t_s < until_s else then(t_s)


def reported(*people: Person, seconds: float, rate_hz: float = 60.0) -> list[tuple[float, int | None]]:
    """Return for each picture its time and which of the people was called the runner (None nobody)."""
    finder = RunnerFinder()
    scene = []
    for index in range(round(seconds * rate_hz)):
        t_s = index / rate_hz
        found = {number: candidate for number, person in enumerate(people) if (candidate := person(t_s)) is not None}
        chosen = finder.update(t_s, list(found.values()), SIZE_PX)
        scene.append((t_s, next((number for number, one in found.items() if one is chosen), None)))
    return scene


def since_s(scene: list[tuple[float, int | None]], who: int | None, from_s: float = 0.0) -> float:
    """Return when somebody is first reported."""
    return next(t_s for t_s, number in scene if number == who and t_s >= from_s)


# Somebody larger stands there already: only who strides in place becomes the runner.
@pytest.mark.parametrize(
    ("one", "strides"),
    [
        (
            runner(period_s=2.4 * 0.2 / 0.48, swing_rad=0.2),
            True,
        ),  # the feet move by 0.48 sizes/s, at least 0.4 are needed
        (runner(period_s=2.4 * 0.2 / 0.35, swing_rad=0.2), False),
        (
            runner(period_s=0.47, offset_rad=0.8 * 0.3 - 0.06 / 1.2),
            True,
        ),  # the feet cross by 0.06 sizes, of at least 0.05
        (runner(period_s=0.47, offset_rad=0.8 * 0.3 - 0.04 / 1.2), False),
        (runner(moves=lambda t_s: 0.23 / 0.9 * t_s), True),  # the hips move by 0.23 sizes in a second, of at most 0.25
        (runner(moves=lambda t_s: 0.28 / 0.9 * t_s), False),
        (runner(grows_per_s=0.17), True),  # the size changes by less than 0.15 in a second
        (runner(grows_per_s=0.5), False),
    ],
    ids=["fast", "slow", "crossing", "not crossing", "in place", "passing", "steady", "approaching"],
)
def test_who_strides_in_place_is_the_runner(one: Person, strides: bool) -> None:
    scene = reported(standing(), between(one, ARRIVES_S, 9.0), seconds=ARRIVES_S + 3.0, rate_hz=240.0)
    assert (1 in {who for _, who in scene}) is strides


@pytest.mark.parametrize(
    ("one", "wait_s"),
    [
        # Motion is known after 0.8 s, and striding must last 0.8 s more ...
        (runner(period_s=2.4 * 0.2 / 0.48, swing_rad=0.2), 1.6),
        (runner(period_s=2.4 * 0.3 / 0.7), 1.6),
        # ... unless it is twice as clear: then half a second is enough.
        (runner(period_s=2.4 * 0.3 / 1.0), 0.5),
        (runner(), 0.5),
        (runner(moves=lambda t_s: 0.2 * t_s), 0.5),
    ],
)
def test_striding_must_last_before_it_counts(one: Person, wait_s: float) -> None:
    scene = reported(standing(), between(one, ARRIVES_S, 9.0), seconds=ARRIVES_S + 3.0)
    assert since_s(scene, None) == pytest.approx(ARRIVES_S, abs=0.02)
    assert since_s(scene, 1) == pytest.approx(ARRIVES_S + wait_s, abs=0.12)


def test_of_two_who_stand_neither_is_reported_nor_who_is_left_for_three_seconds() -> None:
    scene = reported(standing(), between(standing(700.0, 300.0), 0.0, 2.0), seconds=6.0)
    assert {who for t_s, who in scene if t_s < 4.9} == {None}
    assert since_s(scene, 0) == pytest.approx(2.0 + 3.0, abs=0.04)


@pytest.mark.parametrize(("share", "who"), [(0.7, 1), (0.5, 0)])
def test_of_those_who_stride_alike_the_largest_is_the_runner(share: float, who: int) -> None:
    small, large = runner(200.0), runner(swing_rad=0.3 * share, size_px=1.2 * S_PX)
    assert reported(small, large, seconds=3.0)[-1][1] == who


# The runner moves along the belt and runs on there.
@pytest.mark.parametrize(("way", "stays"), [(0.65, True), (0.88, False)])
def test_who_is_far_from_the_place_is_not_the_runner_any_more(way: float, stays: bool) -> None:
    # At 0.5 sizes/s the hips do not stay in place, so the place of running does not follow.
    one = runner(moves=lambda t_s: min(way, max(0.0, 0.5 * (t_s - 3.0))))
    scene = reported(one, seconds=3.0 + way / 0.5 + 0.4)
    assert (scene[-1][1] == 0) is stays


@pytest.mark.parametrize(("per_s", "kept"), [(0.5, True), (0.7, False)])
def test_hips_that_drift_faster_than_a_runner_does_are_not_reported(per_s: float, kept: bool) -> None:
    scene = reported(runner(moves=lambda t_s: max(0.0, per_s * (t_s - 3.0))), seconds=3.45)
    assert (scene[-1][1] == 0) is kept


@pytest.mark.parametrize(("way", "wait_s"), [(0.42, 0.8), (0.6, 1.6)])
def test_who_comes_back_to_the_place_is_known_sooner(way: float, wait_s: float) -> None:
    one = first(between(runner(), 0.0, 3.0), 5.0, runner(moves=lambda _t_s: way))
    scene = reported(one, seconds=8.0)
    assert since_s(scene, 0, from_s=3.5) == pytest.approx(5.0 + wait_s, abs=0.12)


@pytest.mark.parametrize(("per_s", "kept"), [(0.125, True), (0.19, False)])
def test_the_place_follows_a_runner_who_drifts_slowly(per_s: float, kept: bool) -> None:
    # It lags behind by its time constant of 5 s: 0.63 sizes, or 0.95, where 0.75 is the end.
    one, neighbour = runner(200.0, moves=lambda t_s: per_s * t_s), runner(1150.0, size_px=1.2 * S_PX)
    scene = reported(one, between(neighbour, 2.5, 30.0), seconds=18.0)
    assert (scene[-1][1] == 0) is kept


def test_a_runner_who_rests_is_replaced_after_three_seconds() -> None:
    scene = reported(first(runner(), 4.0, standing(PLACE_PX, S_PX)), runner(200.0, size_px=0.8 * S_PX), seconds=10.0)
    assert {who for t_s, who in scene if 3.0 < t_s < 6.5} == {0}
    # The feet are slow on average of a second half a second after they stopped.
    assert since_s(scene, None, from_s=4.0) == pytest.approx(4.0 + 0.5 + 3.0, abs=0.25)
    assert scene[-1][1] == 1
