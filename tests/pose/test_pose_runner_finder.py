"""Who is the runner: the one who runs in place, whoever else is in the picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from crowd import SIZE_PX, Someone, always, at, walking
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cuecoach.pose.base import Candidate
from cuecoach.pose.runner_finder import RunnerFinder

RUNNER = Someone(at(640), always("run"))
COACH = Someone(at(980), height_px=560, visibility=0.99)
SETTLED_S = 2.5  # by then somebody who has run from the start must be known
Hidden = Callable[[float, Sequence[int]], Sequence[int]]


def reported(
    people: Sequence[Someone],
    seconds: float,
    rate_hz: float = 30.0,
    hidden: Hidden = lambda _t_s, found: found,
    shuffle: bool = True,
) -> list[tuple[float, int | None]]:
    """Play a scene; return for each frame its time and which of the people was called the runner (None nobody)."""
    rng = np.random.default_rng(7)
    finder = RunnerFinder()
    out: list[tuple[float, int | None]] = []
    for frame in range(round(seconds * rate_hz)):
        t_s = frame / rate_hz
        found = list(hidden(t_s, [i for i, person in enumerate(people) if person.there(t_s)]))
        seen = {i: people[i].seen(t_s, rng) for i in found}
        order = list(rng.permutation(found)) if shuffle and found else found
        chosen = finder.update(t_s, [seen[i] for i in order], SIZE_PX)
        out.append((t_s, next((i for i in found if seen[i] is chosen), None)))
    return out


def whom(scene: list[tuple[float, int | None]], from_s: float = 0.0, to_s: float = np.inf) -> set[int | None]:
    return {who for t_s, who in scene if from_s <= t_s < to_s}


def crossing(from_px: float, px_per_s: float, begin_s: float, height_px: float) -> Someone:
    """Return somebody who walks through the picture to the right, seen from `begin_s` on."""
    place = walking(from_px, px_per_s, begin_s)
    there = lambda t_s: t_s >= begin_s and place(t_s) < SIZE_PX[0]  # noqa: E731
    return Someone(place, always("walk"), height_px=height_px, phase=1.0, there=there)


def assert_no_jump(scene: list[tuple[float, int | None]]) -> None:
    for (_, one), (_, two) in itertools.pairwise(scene):
        assert one is None or two is None or one == two


@pytest.mark.parametrize("rate_hz", [24, 30, 60, 120, 240])
@pytest.mark.parametrize("facing", [1, -1])
def test_a_runner_alone_is_reported_in_every_frame(rate_hz: float, facing: int) -> None:
    runner = Someone(at(640), always("run"), facing=facing)
    assert whom(reported([runner], 4.0, rate_hz)) == {0}


def test_nobody_is_nobody() -> None:
    assert whom(reported([], 1.0)) == {None}


def test_a_candidate_without_legs_is_nobody() -> None:
    nothing = Candidate(np.full((33, 2), np.nan), np.zeros(33))
    assert RunnerFinder().update(0.0, [nothing], SIZE_PX) is None


@pytest.mark.parametrize("rate_hz", [24, 30, 60, 240])
def test_the_coach_who_stands_nearer_is_not_the_runner(rate_hz: float) -> None:
    scene = reported([COACH, RUNNER], 6.0, rate_hz)
    assert whom(scene, SETTLED_S) == {1}
    assert_no_jump(scene)


@pytest.mark.parametrize("place_px", [700, 760, 980])
def test_a_coach_beside_the_runner_is_never_reported_while_the_runner_is_there(place_px: float) -> None:
    coach = Someone(at(place_px), height_px=440, there=lambda t_s: t_s > 3.0)
    scene = reported([RUNNER, coach], 8.0)
    assert 1 not in whom(scene)
    assert sum(who == 0 for _, who in scene) > 0.9 * len(scene)


def test_of_several_nobody_is_reported_before_somebody_strides() -> None:
    runner = Someone(at(640), lambda t_s: "stand" if t_s < 3.0 else "run")
    scene = reported([COACH, runner], 8.0)
    assert whom(scene, 0.0, 3.0) == {None}
    assert whom(scene) == {None, 1}
    first_s = min(t_s for t_s, who in scene if who == 1)
    assert first_s <= 3.0 + 0.6
    assert whom(scene, first_s) == {1}


def test_who_is_left_of_several_is_reported_after_some_seconds() -> None:
    leaves = Someone(at(980), height_px=560, there=lambda t_s: t_s < 2.0)
    scene = reported([leaves, Someone(at(640))], 6.0)
    assert whom(scene, 0.0, 4.9) == {None}
    assert whom(scene, 5.2) == {1}


def test_a_slip_of_the_detector_does_not_make_one_person_several() -> None:
    slip = Someone(at(200), height_px=300, there=lambda t_s: 1.0 <= t_s < 1.1)
    scene = reported([Someone(at(640)), slip], 3.0)
    assert sum(who == 0 for _, who in scene) >= len(scene) - 3


def test_a_runner_whose_feet_are_hidden_for_long_is_not_replaced_by_the_coach_who_shifts_the_feet() -> None:
    # The detector sees the hidden legs move, in no clear way; the coach's jitter looks like striding.
    runner = Someone(at(640), always("run"))
    coach = Someone(at(500), lambda t_s: "walk" if 5.0 < t_s < 10.0 else "stand", height_px=520)
    rng, finder = np.random.default_rng(3), RunnerFinder()
    for frame in range(round(11.0 * 30)):
        t_s = frame / 30
        hidden = runner.seen(t_s, rng)
        if t_s > 3.0:
            hidden = Candidate(hidden.points_px, np.where(np.arange(33) >= 23, 0.3, hidden.visibility))
        other = coach.seen(t_s, rng)
        chosen = finder.update(t_s, [other, hidden], SIZE_PX)
        assert chosen is not other
        assert t_s < 3.0 or chosen is hidden


def test_a_hidden_runner_is_looked_for_where_the_runner_was() -> None:
    rng, finder = np.random.default_rng(3), RunnerFinder()
    for frame in range(90):
        coach, runner = COACH.seen(frame / 30, rng), RUNNER.seen(frame / 30, rng)
        assert finder.hidden_at(frame / 30, [coach, runner], SIZE_PX) is None
        finder.update(frame / 30, [coach, runner], SIZE_PX)
    assert finder.hidden_at(3.0, [], SIZE_PX) is None
    hidden = finder.hidden_at(3.0, [coach], SIZE_PX)
    assert hidden is not None
    assert hidden[0] == pytest.approx((640, 650 - 0.53 * 400), abs=15)
    assert finder.may_be_runner(3.0, runner, SIZE_PX)
    assert not finder.may_be_runner(3.0, coach, SIZE_PX)
    assert finder.hidden_at(5.0, [coach], SIZE_PX) is None  # gone, not hidden


def test_the_runner_is_reported_as_soon_as_two_who_stood_in_one_place_are_apart_again() -> None:
    coach = Someone(lambda t_s: 645 if 4.0 < t_s < 4.2 else 740)
    scene = reported([RUNNER, coach], 6.0)
    assert whom(scene, 2.5, 4.0) == {0}
    assert whom(scene, 4.25) == {0}


def test_the_role_goes_from_the_waiting_coach_to_the_runner_with_a_pause_between() -> None:
    runner = Someone(at(640), always("run"), there=lambda t_s: t_s > 3.0)
    scene = reported([COACH, runner], 8.0)
    assert whom(scene, 0.0, 3.0) == {0}
    assert whom(scene, 6.0) == {1}
    last_coach = max(t_s for t_s, who in scene if who == 0)
    first_runner = min(t_s for t_s, who in scene if who == 1)
    assert first_runner - last_coach >= 0.3


@pytest.mark.parametrize("height_px", [300, 400, 430, 520])
@pytest.mark.parametrize("px_per_s", [230, 330])
def test_a_passer_by_is_never_adopted(height_px: float, px_per_s: float) -> None:
    passing = crossing(0, px_per_s, 3.0, height_px)
    scene = reported([RUNNER, passing], 9.0)
    assert whom(scene, SETTLED_S, 9.0) <= {0, None}
    assert sum(who == 0 for _, who in scene) > 0.85 * len(scene)


@pytest.mark.parametrize("height_px", [400, 480])
def test_a_passer_by_who_hides_the_runner_is_not_taken_for_him(height_px: float) -> None:
    passing = crossing(0, 270, 3.0, height_px)

    def hidden(t_s: float, found: Sequence[int]) -> Sequence[int]:
        return [1] if abs(passing.x_px(t_s) - 640) < 90 else found

    scene = reported([RUNNER, passing], 9.0, hidden=hidden)
    assert 1 not in whom(scene, SETTLED_S)
    assert whom(scene, 8.0) == {0}


def test_a_passer_by_first_seen_where_the_runner_was_is_let_go_at_once() -> None:
    passing = crossing(640, 300, 4.0, 400)

    def hidden(t_s: float, found: Sequence[int]) -> Sequence[int]:
        return [i for i in found if i == 1] if 4.0 <= t_s < 5.0 else found

    scene = reported([RUNNER, passing], 9.0, hidden=hidden)
    wrong = [t_s for t_s, who in scene if who == 1]
    assert len(wrong) <= 0.3 * 30
    assert whom(scene, 7.0) == {0}


def test_the_mirror_image_is_not_the_runner() -> None:
    mirror = Someone(at(820), always("run"), height_px=310, ground_px=560, facing=-1, visibility=0.99)
    scene = reported([mirror, RUNNER], 6.0)
    assert whom(scene, SETTLED_S) == {1}


def test_when_the_runner_steps_off_nobody_is_measured() -> None:
    runner = Someone(
        lambda t_s: 640 - min(260.0, 300 * max(0.0, t_s - 5.0)),
        lambda t_s: "run" if t_s < 5.0 else "walk" if t_s < 5.9 else "stand",
    )
    scene = reported([COACH, runner], 10.0)
    assert whom(scene, SETTLED_S, 5.0) == {1}
    assert whom(scene, 6.2) == {None}


def test_when_the_runner_leaves_the_picture_the_coach_is_not_the_runner() -> None:
    runner = Someone(at(640), always("run"), there=lambda t_s: t_s < 5.0 or t_s > 9.0)
    scene = reported([COACH, runner], 12.0)
    assert whom(scene, 5.0, 9.0) == {None}
    assert whom(scene, 11.0) == {1}


def test_a_runner_who_rests_on_the_belt_stays_the_runner() -> None:
    runner = Someone(at(640), lambda t_s: "stand" if 5.0 < t_s < 12.0 else "run")
    scene = reported([COACH, runner], 14.0)
    assert whom(scene, SETTLED_S) == {1}


def test_who_runs_takes_over_from_who_only_rests() -> None:
    first = Someone(at(400), lambda t_s: "run" if t_s < 4.0 else "stand")
    second = Someone(at(900), lambda t_s: "run" if t_s > 6.0 else "stand")
    scene = reported([first, second], 13.0)
    assert whom(scene, SETTLED_S, 4.0) == {0}
    assert whom(scene, 11.0) == {1}
    assert_no_jump(scene)


def test_walking_on_the_belt_counts() -> None:
    scene = reported([COACH, Someone(at(640), always("walk"))], 6.0)
    assert whom(scene, SETTLED_S) == {1}


@pytest.mark.parametrize("what", ["jacks", "stand"])
def test_who_exercises_elsewhere_does_not_keep_the_role(what: str) -> None:
    other = Someone(at(300), always(what), height_px=500)
    runner = Someone(at(640), always("run"), there=lambda t_s: t_s > 4.0)
    scene = reported([other, runner], 9.0)
    assert whom(scene, 7.0) == {1}
    assert_no_jump(scene)


def test_one_body_found_twice_is_one_body() -> None:
    ghost = Someone(at(648), always("run"), noise=0.01, visibility=0.6)
    scene = reported([RUNNER, ghost], 6.0)
    assert whom(scene) == {0}


def test_short_gaps_of_the_detector_do_not_end_the_role() -> None:
    scene = reported([COACH, RUNNER], 8.0, hidden=lambda t_s, found: [] if 5.0 < t_s < 5.5 else found)
    assert whom(scene, 5.5) == {1}


@settings(max_examples=15)
@example(x_px=496.0, height_px=393.0, px_per_s=90.0, what="run", begin_s=0.0)
@example(x_px=554.0, height_px=393.6, px_per_s=37.9, what="run", begin_s=0.65)
@given(
    x_px=st.floats(200, 1000),
    height_px=st.floats(250, 560),
    px_per_s=st.floats(-350, 350),
    what=st.sampled_from(["run", "walk", "stand", "jacks"]),
    begin_s=st.floats(0.0, 3.0),
)
def test_the_report_never_jumps_between_people(
    x_px: float, height_px: float, px_per_s: float, what: str, begin_s: float
) -> None:
    # Two of one size who stand in one place from the first picture on are one body, for whoever looks.
    assume(abs(x_px - 640) >= 60 or abs(height_px - 400) >= 80)
    other = Someone(walking(x_px, px_per_s, begin_s), always(what), height_px=height_px, phase=0.5)
    assert_no_jump(reported([RUNNER, other], 4.0))


@pytest.mark.parametrize(("x_px", "height_px"), [(604, 345), (640, 400), (900, 560), (300, 300)])
def test_the_order_of_the_candidates_does_not_matter(x_px: float, height_px: float) -> None:
    people = [RUNNER, Someone(at(x_px), height_px=height_px)]
    finders = RunnerFinder(), RunnerFinder()
    rng = np.random.default_rng(3)
    for frame in range(90):
        seen = [person.seen(frame / 30, rng) for person in people]
        one = finders[0].update(frame / 30, seen, SIZE_PX)
        two = finders[1].update(frame / 30, seen[::-1], SIZE_PX)
        assert one is two, f"frame {frame}"
