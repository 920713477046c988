"""Which withheld decisions are recorded: changes, and after a minute the same once more."""

from __future__ import annotations

import pytest

from cuecoach.coach.change_filter import ChangeFilter
from cuecoach.types import Kind, Reason, Side

FIRST = (Kind.FAULT, "flick", Side.LEFT, Reason.WARM_UP)


@pytest.mark.parametrize(
    ("after_s", "second", "change"),
    [
        (59.9, FIRST, False),
        (60.0, FIRST, True),
        (90.0, FIRST, True),
        (1.0, (Kind.FAULT, "flick", Side.LEFT, Reason.MUTED), True),
        (1.0, (Kind.FAULT, "flick", None, Reason.WARM_UP), True),
        (1.0, (Kind.FAULT, "sitting", Side.LEFT, Reason.WARM_UP), True),
        (1.0, (Kind.PRAISE, "flick", Side.LEFT, Reason.WARM_UP), True),
    ],
)
def test_what_is_a_change(after_s: float, second: tuple[Kind, str, Side | None, Reason], change: bool) -> None:
    changes = ChangeFilter()
    assert changes.note(0.0, *FIRST)
    assert changes.note(after_s, *second) is change


def test_the_minute_begins_anew_with_each_note() -> None:
    changes = ChangeFilter()
    changes.note(0.0, *FIRST)
    assert not changes.note(50.0, *FIRST)
    assert not changes.note(100.0, *FIRST)
    assert changes.note(160.0, *FIRST)


def test_what_was_forgotten_is_recorded_again_and_nothing_else() -> None:
    changes = ChangeFilter()
    praise = (Kind.PRAISE, "flick", None, Reason.MIN_GAP)
    changes.note(0.0, *FIRST)
    changes.note(0.0, *praise)
    changes.forget(Kind.PRAISE, "flick")
    changes.forget(Kind.PRAISE, "sitting")
    assert changes.note(1.0, *praise)
    assert not changes.note(1.0, *FIRST)
