"""The schools disagree, and so does the coaching: the same strides through the real coach, under every shipped pack.

Each cell is the first thing said about a fault in 80 s, or why there is none: "-" nothing to say, "alone" seen and
left alone, "n/a" not a speed of this pack.
"""

from __future__ import annotations

from functools import cache

import pytest
from coach_strides import FAULTY, fired, run, situation

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.packs import library
from cuecoach.packs.parse import parse_pack
from cuecoach.types import Kind, Reason, Side, Speed, SpeedOrigin

# A low heel as it comes: the knee folds too little, the shank stays low, the foot passes low, the push is short.
VERY_LAZY = {"knee_peak_swing_deg": -30.0, "knee_at_thigh_vertical_deg": -30.0}
LOW_HEEL = VERY_LAZY | FAULTY["low-shank"] | FAULTY["not-over-the-knee"] | {"thigh_at_toe_off_deg": 15.0}
RUNNERS = {
    "low heel, easy": (3.0, LOW_HEEL),
    "low heel, tempo": (4.0, LOW_HEEL),
    "low heel, sprint": (6.5, LOW_HEEL),
    "back kick, tempo": (4.0, FAULTY["flick"]),
    "back kick, sprint": (6.5, FAULTY["flick"]),
    "high heel, easy": (3.0, FAULTY["heel-too-high"]),
    "low knee, tempo": (4.0, FAULTY["low-knee-drive"]),
    "high knee, easy": (3.0, FAULTY["knee-too-high"]),
    "overstride, easy": (3.0, FAULTY["overstride"]),
    "nothing wrong": (3.0, {}),
}
TABLES = (
    """
              | low heel, easy          | low heel, tempo         | low heel, sprint
pull-under    | pull under, don't flick | pull under, don't flick | n/a
heel-pickup   | snap it up under you    | snap it up under you    | n/a
pose-pull     | pull it straight up     | pull it straight up     | pull it straight up
pull-through  | n/a                     | pull it through, forward | pull it through, forward
step-over     | n/a                     | n/a                     | step over the log
toe-heel-knee | n/a                     | n/a                     | toe up, heel up, knee up
recoil        | push the belt away      | push the belt away      | push the belt away
""",
    """
              | back kick, tempo        | back kick, sprint       | high heel, easy
pull-under    | smaller, and underneath | n/a                     | a smaller pull will do
heel-pickup   | a wall behind you       | n/a                     | -
pose-pull     | straight up, not back   | straight up, not back   | less, and let go
pull-through  | through, not up behind  | through, not up behind  | n/a
step-over     | n/a                     | up and over, not back   | n/a
toe-heel-knee | n/a                     | knee up, heel through   | n/a
recoil        | alone                   | alone                   | alone
""",
    """
              | low knee, tempo         | high knee, easy         | overstride, easy     | nothing wrong
pull-under    | alone                   | lift less, pull under   | keep it under you    | -
heel-pickup   | alone                   | alone                   | alone                | -
pose-pull     | alone                   | just pull, don't drive  | -                    | -
pull-through  | pop forwards and up     | n/a                     | n/a                  | n/a
step-over     | n/a                     | n/a                     | n/a                  | n/a
toe-heel-knee | n/a                     | n/a                     | n/a                  | n/a
recoil        | -                       | -                       | -                    | -
""",
)


@cache
def first_words(pack_id: str, runner: str) -> str:
    mps, added = RUNNERS[runner]
    pack = library.find(pack_id)
    decisions = run(
        Coach(pack, CoachSettings()),
        lambda _now_s, _side: {"added": added, "mps": mps},
        80.0,
        lambda _now_s: situation(speed=Speed(mps, 0.0, SpeedOrigin.USER)),
    )
    said = [decision.cue.text for decision in fired(decisions) if decision.kind is Kind.FAULT and decision.cue]
    if not pack.speeds_mps[0] <= mps <= pack.speeds_mps[1]:
        assert not said
        return "n/a"
    if said:
        return said[0]
    return "alone" if Reason.IGNORED_BY_PACK in {decision.reason for decision in decisions} else "-"


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.mark.parametrize("table", TABLES, ids=["low heel", "back kick", "knee and landing"])
def test_the_same_runner_is_coached_by_the_school(table: str) -> None:
    (_, *runners), *expected = rows(table)
    found = [[pack_id, *(first_words(pack_id, runner) for runner in runners)] for pack_id, *_ in expected]
    assert found == expected


def test_the_table_has_every_school() -> None:
    shown = {row[0] for row in rows(TABLES[0])[1:]}
    assert shown == {entry.id for entry in library.available() if entry.pack and entry.pack.language == "en"}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_translation_speaks_exactly_when_its_original_does(runner: str) -> None:
    english, german = first_words("pull-under", runner), first_words("pull-under-de", runner)
    if english in ("-", "alone", "n/a"):
        assert german == english
    else:
        assert german not in ("-", "alone", "n/a", english)


def test_a_recording_of_an_extending_pack_is_replayed_from_its_own_text_alone() -> None:
    pack = library.find("pull-under-de")
    again = parse_pack(pack.text, "journal")
    plan = lambda _now_s, side: {"added": LOW_HEEL if side is Side.LEFT else {}}  # noqa: E731
    assert run(Coach(pack), plan, 120.0) == run(Coach(again), plan, 120.0)
