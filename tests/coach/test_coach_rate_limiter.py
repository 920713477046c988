"""How much is said: each rule of the rate limiter, with the policy's own numbers."""

from __future__ import annotations

import dataclasses

import pytest

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.rate_limiter import RateLimiter
from cuecoach.types import AttentionFocus, Cue, Kind, Reason

OUTSIDE = Cue("outside", "push the belt away", AttentionFocus.EXTERNAL)
INSIDE = Cue("inside", "lift your knee", AttentionFocus.INTERNAL)


def after(*said: tuple[float, Kind, Cue], settings: CoachSettings | None = None) -> RateLimiter:
    limiter = RateLimiter(settings or CoachSettings())
    for now_s, kind, cue in said:
        limiter.spend(now_s, kind, cue)
    return limiter


def fault_at(now_s: float) -> tuple[float, Kind, Cue]:
    return now_s, Kind.FAULT, OUTSIDE


@pytest.mark.parametrize("kind", [Kind.FAULT, Kind.PRAISE])
@pytest.mark.parametrize("cue", [OUTSIDE, INSIDE])
def test_the_first_words_wait_for_nothing(kind: Kind, cue: Cue) -> None:
    assert after().reason(0.0, kind, cue) is None


def test_eight_seconds_lie_between_any_two_things() -> None:
    limiter = after((100.0, Kind.RECALL, OUTSIDE))
    for kind in (Kind.FAULT, Kind.PRAISE, Kind.SUMMARY):
        assert limiter.reason(107.99, kind, OUTSIDE) is Reason.MIN_GAP
        assert limiter.reason(108.0, kind, OUTSIDE) is None


def test_thirty_seconds_lie_between_two_cues_about_the_body() -> None:
    limiter = after((0.0, Kind.FAULT, INSIDE))
    assert limiter.reason(8.0, Kind.FAULT, OUTSIDE) is None
    assert limiter.reason(29.99, Kind.FAULT, INSIDE) is Reason.MIN_GAP
    assert limiter.reason(30.0, Kind.FAULT, INSIDE) is None
    assert after(fault_at(0.0)).reason(8.0, Kind.FAULT, INSIDE) is None


def test_a_minute_lies_between_two_words_of_praise() -> None:
    limiter = after((0.0, Kind.PRAISE, OUTSIDE))
    assert limiter.reason(8.0, Kind.FAULT, OUTSIDE) is None
    assert limiter.reason(59.99, Kind.PRAISE, OUTSIDE) is Reason.MIN_GAP
    assert limiter.reason(60.0, Kind.PRAISE, OUTSIDE) is None
    assert after(fault_at(0.0)).reason(8.0, Kind.PRAISE, OUTSIDE) is None


def test_two_cues_may_follow_each_other_and_every_thirty_seconds_there_is_one_more() -> None:
    assert after(fault_at(0.0)).reason(10.0, Kind.FAULT, OUTSIDE) is None
    limiter = after(fault_at(0.0), fault_at(10.0))
    assert limiter.reason(29.9, Kind.FAULT, OUTSIDE) is Reason.RATE_CAP
    assert limiter.reason(30.1, Kind.FAULT, OUTSIDE) is None
    limiter.spend(30.1, Kind.FAULT, OUTSIDE)
    assert limiter.reason(59.9, Kind.FAULT, OUTSIDE) is Reason.RATE_CAP
    assert limiter.reason(60.1, Kind.FAULT, OUTSIDE) is None


def test_a_long_silence_saves_up_no_more_than_two() -> None:
    limiter = after(fault_at(0.0), fault_at(1000.0), fault_at(1010.0))
    assert limiter.reason(1029.9, Kind.FAULT, OUTSIDE) is Reason.RATE_CAP


def test_before_anything_was_said_nothing_is_saved_up() -> None:
    limiter = after(fault_at(500.0), fault_at(510.0))
    assert limiter.reason(520.0, Kind.FAULT, OUTSIDE) is Reason.RATE_CAP


@pytest.mark.parametrize(("chattiness", "refill_s"), [(0.5, 60.0), (0.8, 37.5), (1.0, 30.0), (2.0, 15.0)])
def test_chattiness_divides_the_time_for_another_cue(chattiness: float, refill_s: float) -> None:
    settings = dataclasses.replace(CoachSettings(), chattiness=chattiness, bucket_capacity=1)
    limiter = after(fault_at(0.0), settings=settings)
    assert limiter.reason(refill_s - 0.1, Kind.FAULT, OUTSIDE) is Reason.RATE_CAP
    assert limiter.reason(refill_s + 0.1, Kind.FAULT, OUTSIDE) is None
