"""Which fault's turn it is: the focus while it is held, else the first of the pack's order that persists."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from cuecoach.coach.fault_tracker import CueState, FaultTracker
from cuecoach.coach.focus import Focus
from cuecoach.coach.policy import CoachSettings


def tracker(evident_s: float, *, persists: bool = True, state: CueState = CueState.READY) -> FaultTracker:
    """Return a fault as far as the focus looks at it."""
    return cast(
        FaultTracker,
        SimpleNamespace(persists=persists, last_evident_s=evident_s, cue_state=lambda _now_s, _step: state),
    )


def turn(
    *trackers: FaultTracker, held: FaultTracker | None = None, now_s: float = 100.0, asked: bool = False
) -> FaultTracker | None:
    focus = Focus(trackers, CoachSettings())
    focus.current = held
    return focus.candidate(now_s, 0, asked=asked)


def test_the_first_in_the_order_that_persists() -> None:
    over, first, second = tracker(100.0, persists=False), tracker(90.0), tracker(100.0)
    assert turn(over, first, second) is first
    assert turn(over) is None


@pytest.mark.parametrize("state", CueState)
def test_a_fault_that_was_given_up_has_no_turn(state: CueState) -> None:
    first, second = tracker(100.0, state=state), tracker(100.0)
    expected = second if state is CueState.GIVEN_UP else first
    assert turn(first, second) is expected
    assert turn(second, first, held=first) is expected


def test_a_fault_not_evident_for_twenty_seconds_has_no_turn() -> None:
    first, second = tracker(80.0), tracker(95.0)
    assert turn(first, second) is first
    assert turn(first, second, now_s=100.01) is second
    assert turn(tracker(30.0), second) is second
    assert turn(second, first, held=first) is first
    assert turn(second, first, held=first, now_s=100.01) is second


def test_the_focus_is_held_though_it_does_not_persist_unless_the_runner_asks() -> None:
    held, other = tracker(85.0, persists=False), tracker(100.0)
    assert turn(other, held, held=held) is held
    assert turn(other, held, held=held, asked=True) is other
    assert turn(other, held, held=tracker(100.0), asked=True) not in (held, other)


def test_a_dropped_focus_does_not_come_back_by_itself() -> None:
    held, other = tracker(80.0), tracker(100.0)
    focus = Focus((other, held), CoachSettings())
    focus.current = held
    assert focus.candidate(100.01, 0, asked=False) is other
    assert focus.current is None
