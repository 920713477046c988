"""When the coach is silent about all faults alike: each reason, with the policy's own numbers."""

from __future__ import annotations

import pytest
from coach_strides import make_stride, situation

from cuecoach.coach.inhibition import Inhibition
from cuecoach.coach.policy import CoachSettings
from cuecoach.types import Activity, Reason, Side, Speed, SpeedOrigin

SPEEDS_MPS = (2.0, 6.0)
SETTLED = CoachSettings(warmup_inhibit_s=0.0)


def running(settings: CoachSettings = SETTLED, **changes: object) -> Inhibition:
    """Return what knows a runner who came at 100 s."""
    inhibition = Inhibition(settings, SPEEDS_MPS)
    inhibition.update(100.0, situation(**changes))
    inhibition.add_stride(100.0, make_stride(0, Side.LEFT, 100.0))
    return inhibition


def why(inhibition: Inhibition, now_s: float = 100.0, *, asked: bool = False) -> Reason | None:
    return inhibition.reason(now_s, asked=asked)


def test_nobody_runs_before_the_first_stride() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    assert why(inhibition) is Reason.NOT_RUNNING
    inhibition.update(100.0, situation())
    assert why(inhibition) is Reason.NOT_RUNNING
    inhibition.add_stride(100.0, make_stride(0, Side.LEFT, 100.0))
    assert why(inhibition) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"muted": True, "activity": Activity.WALKING}, Reason.MUTED),
        ({"activity": Activity.WALKING, "leaving": True}, Reason.NOT_RUNNING),
        ({"activity": Activity.NOBODY}, Reason.NOT_RUNNING),
        ({"leaving": True}, Reason.LEAVING),
        ({"speed": None}, Reason.SPEED_UNKNOWN),
        ({"speed": Speed(float("nan"), 0.0, SpeedOrigin.USER)}, Reason.SPEED_UNKNOWN),
        ({"speed": Speed(1.99, 0.0, SpeedOrigin.USER)}, Reason.OUT_OF_RANGE),
        ({"speed": Speed(2.0, 0.0, SpeedOrigin.USER)}, None),
        ({"speed": Speed(6.0, 0.0, SpeedOrigin.USER)}, None),
        ({"speed": Speed(6.01, 0.0, SpeedOrigin.USER)}, Reason.OUT_OF_RANGE),
    ],
)
def test_the_situation_and_the_order_of_its_reasons(changes: dict[str, object], reason: Reason | None) -> None:
    assert why(running(**changes)) is reason


def test_the_first_minute_is_for_warming_up_unless_the_runner_asks() -> None:
    inhibition = Inhibition(CoachSettings(), SPEEDS_MPS)
    inhibition.update(45.0, situation())
    inhibition.add_stride(45.0, make_stride(0, Side.LEFT, 45.0))
    assert why(inhibition, 104.99) is Reason.WARM_UP
    assert why(inhibition, 104.99, asked=True) is None
    assert why(inhibition, 105.0) is None


def test_the_first_stride_of_a_session_is_no_change_of_speed() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    inhibition.update(0.0, situation())
    inhibition.add_stride(0.0, make_stride(0, Side.LEFT, 0.0))
    assert why(inhibition, 0.0) is None


@pytest.mark.parametrize(
    ("mps", "origin", "changed"),
    [
        (3.049, SpeedOrigin.USER, False),
        (3.05, SpeedOrigin.USER, True),
        (2.951, SpeedOrigin.USER, False),
        (2.95, SpeedOrigin.USER, True),
        (3.5, SpeedOrigin.MACHINE, False),  # another source: what is known has changed, not the belt
        (3.5, SpeedOrigin.PICTURE, False),
    ],
)
def test_a_set_speed_that_changes_by_a_twentieth_silences_for_fifteen_seconds(
    mps: float, origin: SpeedOrigin, changed: bool
) -> None:
    inhibition = running()
    inhibition.update(110.0, situation(speed=Speed(mps, 0.0, origin)))
    assert why(inhibition, 124.99) is (Reason.SPEED_CHANGE if changed else None)
    assert why(inhibition, 125.0) is None


@pytest.mark.parametrize("before", SpeedOrigin)
@pytest.mark.parametrize("after", [SpeedOrigin.USER, SpeedOrigin.MACHINE])
def test_only_speeds_of_one_origin_are_compared(before: SpeedOrigin, after: SpeedOrigin) -> None:
    inhibition = running(speed=Speed(3.0, 0.0, before))
    inhibition.update(110.0, situation(speed=Speed(3.5, 0.0, after)))
    assert why(inhibition, 110.0) is (Reason.SPEED_CHANGE if before is after else None)


def test_a_machine_is_compared_with_its_own_last_speed_that_counted() -> None:
    inhibition = running(speed=Speed(3.0, 0.0, SpeedOrigin.MACHINE))
    for now_s, mps, reason in (
        (110.0, 3.03, None),
        (120.0, 3.06, Reason.SPEED_CHANGE),
        (140.0, 3.09, None),
        (150.0, 3.11, Reason.SPEED_CHANGE),
    ):
        inhibition.update(now_s, situation(speed=Speed(mps, 0.0, SpeedOrigin.MACHINE)))
        assert why(inhibition, now_s) is reason, mps


def test_a_measured_speed_may_wander_and_an_unknown_one_is_not_compared() -> None:
    inhibition = running(speed=Speed(3.0, 0.1, SpeedOrigin.PICTURE))
    inhibition.update(110.0, situation(speed=Speed(3.5, 0.1, SpeedOrigin.PICTURE)))
    assert why(inhibition, 110.0) is None
    inhibition.update(111.0, situation(speed=None))
    inhibition.update(112.0, situation(speed=Speed(4.0, 0.0, SpeedOrigin.USER)))
    assert why(inhibition, 112.0) is None


def add_strides(inhibition: Inhibition, start_s: float, times_s: list[float], trust: float = 1.0) -> float:
    """Add a stride of each duration, one every 0.4 s; return when the last one came."""
    for place, stride_s in enumerate(times_s):
        stride = make_stride(place, list(Side)[place % 2], 1.0, stride_s=stride_s, trust=trust)
        inhibition.add_stride(start_s + 0.4 * place, stride)
    return start_s + 0.4 * (len(times_s) - 1)


@pytest.mark.parametrize(
    ("times_s", "changed"),
    [
        ([0.8] * 8 + [0.761] * 8, False),
        ([0.8] * 8 + [0.759] * 8, True),
        ([0.8] * 8 + [0.839] * 8, False),
        ([0.8] * 8 + [0.841] * 8, True),
        ([0.8] * 8 + [0.7] * 7, False),  # not yet as many as before
        ([0.8] * 8 + [0.7] * 4 + [0.8] * 4, True),  # the median lies between
        ([0.8] * 8 + [0.7] * 3 + [0.8] * 5, False),  # the median is not the mean
        ([0.8] * 8 + [0.77] * 8 + [0.735] * 8, False),  # only with the eight before
    ],
)
def test_a_stride_time_that_shifts_by_a_twentieth_is_a_change_of_speed(times_s: list[float], changed: bool) -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    inhibition.update(100.0, situation())
    last_s = add_strides(inhibition, 100.0, times_s)
    assert why(inhibition, last_s + 14.9) is (Reason.SPEED_CHANGE if changed else None)
    assert why(inhibition, last_s + 15.0) is None


def test_after_a_shift_stride_times_are_compared_anew() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    inhibition.update(100.0, situation())
    add_strides(inhibition, 100.0, [0.8] * 8 + [0.7] * 8)
    last_s = add_strides(inhibition, 106.4, [0.7] * 8 + [0.75] * 8)  # fifteen of them are needed before the last
    assert why(inhibition, last_s) is Reason.SPEED_CHANGE
    assert why(inhibition, last_s + 14.9) is Reason.SPEED_CHANGE


def test_strides_without_trust_or_time_tell_no_shift() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    inhibition.update(100.0, situation())
    last_s = add_strides(inhibition, 100.0, [0.8] * 8)
    last_s = add_strides(inhibition, last_s + 0.4, [0.6] * 8, trust=0.59)
    last_s = add_strides(inhibition, last_s + 0.4, [0.0, -0.8] * 4)
    assert why(inhibition, last_s) is None
    assert why(inhibition, add_strides(inhibition, last_s + 0.4, [0.6] * 8)) is Reason.SPEED_CHANGE


@pytest.mark.parametrize(("pause_s", "reason"), [(5.0, None), (5.01, Reason.SPEED_CHANGE)])
def test_after_five_seconds_without_strides_the_runner_settles_first(pause_s: float, reason: Reason | None) -> None:
    inhibition = running()
    inhibition.add_stride(100.0 + pause_s, make_stride(1, Side.RIGHT, 100.0 + pause_s))
    assert why(inhibition, 100.0 + pause_s + 14.9) is reason
    assert why(inhibition, 100.0 + pause_s + 15.0) is None


def test_a_pause_forgets_which_legs_were_trusted() -> None:
    inhibition = running()
    assert not inhibition.low_trust(Side.LEFT)
    inhibition.add_stride(200.0, make_stride(1, Side.RIGHT, 200.0))
    assert inhibition.low_trust(Side.LEFT)


@pytest.mark.parametrize(
    ("trusts", "low"),
    [
        ([], True),
        ([0.6], False),
        ([0.59], True),
        ([0.5] + [1.0] * 4, False),  # a fifth
        ([0.5] + [1.0] * 3, True),
        ([0.5] * 4 + [1.0] * 7 + [0.5], False),  # one of the last eight
        ([0.5] * 4 + [1.0] * 6 + [0.5] * 2, True),
    ],
)
def test_a_leg_is_not_trusted_when_more_than_a_fifth_of_its_strides_are_not(trusts: list[float], low: bool) -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    for place, trust in enumerate(trusts):
        inhibition.add_stride(place * 0.7, make_stride(place, Side.LEFT, place * 0.7, trust=trust))
    assert inhibition.low_trust(Side.LEFT) is low
    assert inhibition.low_trust(Side.RIGHT)


def test_a_leg_cannot_be_judged_after_a_whole_window_without_trust() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    for place in range(8):
        assert not inhibition.unjudgeable(Side.LEFT)
        inhibition.add_stride(place * 0.7, make_stride(place, Side.LEFT, place * 0.7, trust=0.5))
    assert inhibition.unjudgeable(Side.LEFT)
    for place in range(8, 16):
        inhibition.add_stride(place * 0.7, make_stride(place, Side.LEFT, place * 0.7))
    assert not inhibition.unjudgeable(Side.LEFT)


def test_a_change_of_anything_but_the_speed_is_told() -> None:
    inhibition = Inhibition(SETTLED, SPEEDS_MPS)
    told = [
        inhibition.update(float(place), situation(**changes))
        for place, changes in enumerate(
            [
                {},
                {},
                {"muted": True},
                {"muted": True, "leaving": True},
                {"muted": True, "leaving": True, "activity": Activity.STANDING},
                {"muted": True, "leaving": True, "activity": Activity.STANDING, "speed": None},
                {"muted": True, "leaving": True},
                {"muted": True},
                {},
            ]
        )
    ]
    assert told == [False, False, True, True, True, False, True, True, True]
