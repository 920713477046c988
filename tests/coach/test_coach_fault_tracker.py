"""Does a fault persist, and may it be cued again: every transition of the two tables, with the policy's own numbers."""

from __future__ import annotations

import itertools

import pytest
from coach_strides import make_stride

from cuecoach.coach.fault_tracker import CueState, FaultTracker, Leg, Speakable
from cuecoach.coach.findings import Level, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.packs.faults import FAULTS
from cuecoach.types import Reason, Side

LEVELS = {"V": Level.VIOLATED, "b": Level.IN_BAND, "o": Level.OK, "?": Level.UNKNOWN}
STRIDE_S = 0.75  # like all times here without a rounding error
BOTH = (Side.LEFT, Side.RIGHT)


class Runner:
    """A fault followed on legs whose strides have the levels of a text: V violated, b in band, o OK, ? unknown."""

    def __init__(self, fault: str = "lazy-heel", settings: CoachSettings | None = None) -> None:
        settings = settings or CoachSettings()
        self.legs = {side: Leg(settings) for side in (*Side, None)}
        self.tracker = FaultTracker(FAULTS[fault], settings, self.legs)
        self.now_s = 0.0
        self._numbers = itertools.count()

    def run(self, levels: str, *sides: Side, passed_s: float = STRIDE_S) -> FaultTracker:
        """Run a stride of each leg (LEFT unless named) for each level."""
        for level in levels:
            self.now_s += passed_s
            for side in sides or (Side.LEFT,):
                stride = make_stride(next(self._numbers), side, self.now_s, stride_s=STRIDE_S)
                self.legs[side].add_stride(stride)
                if stride.is_near:
                    self.legs[None].add_stride(stride)
                self.tracker.add_verdict(Verdict(LEVELS[level]), stride)
        return self.tracker

    def speakable(self, *trusted: Side | None, later_s: float = 0.0) -> Speakable | Reason:
        return self.tracker.speakable(self.now_s + later_s, trusted or (*Side, None))


# -- persistence


@pytest.mark.parametrize(
    ("levels", "persists"),
    [
        ("VVVVV", False),
        ("VVVVVV", True),  # six
        ("VVVbbVVV", True),
        ("bVoVVVV?V", True),
        ("VbboVVVVV", False),  # the first one has left the window
        ("VVVbbooVVV", False),
        ("bbbbbbbbbb", False),  # the band is no fault
    ],
)
def test_it_persists_from_six_violations_among_the_last_eight_strides(levels: str, persists: bool) -> None:
    assert Runner().run(levels).persists is persists


@pytest.mark.parametrize(
    ("after", "persists"),
    [
        ("ooooo", True),
        ("oooooo", False),  # six of eight are OK, two are not
        ("oobooo", True),
        ("oobooob", True),
        ("bboooooo", False),
        ("??oooooo", False),
        ("oobobooo", False),
        ("oobobobo", True),
        ("bbbbbbbbbbbb", True),  # half the way is not well
        ("????????????", True),
        ("oVooooVo", False),
        ("oVooVoVo", True),
    ],
)
def test_it_is_over_when_all_but_two_of_eight_strides_are_ok(after: str, persists: bool) -> None:
    assert Runner().run("VVVVVV" + after).persists is persists


def test_at_first_nothing_persists_and_nothing_is_known() -> None:
    tracker = Runner().tracker
    assert (tracker.persists, tracker.well(0.0), tracker.window(Side.LEFT).all_ok) == (False, False, False)


def test_it_is_not_over_before_the_window_is_full_again() -> None:
    runner = Runner(settings=CoachSettings(enter_strides=2, release_strides=1, window_strides=4))
    assert runner.run("VV").persists
    assert runner.run("oo").persists
    assert not runner.run("o").persists


def test_a_leg_out_of_sight_for_more_than_five_seconds_starts_anew() -> None:
    assert Runner().run("VVVVV").persists is False
    for passed_s, persists in ((5.0, True), (5.01, False)):
        runner = Runner()
        runner.run("VVVVVV")
        assert runner.run("b", passed_s=passed_s).side is (Side.LEFT if persists else None)


def test_what_was_seen_before_a_leg_was_lost_counts_no_more() -> None:
    runner = Runner()
    runner.run("VVVVV")
    assert runner.run("V", passed_s=5.01).persists is False
    assert runner.run("VVVV").persists is False
    assert runner.run("V").persists is True


def test_each_leg_persists_for_itself_and_both_are_no_side() -> None:
    runner = Runner()
    assert runner.run("VVVVVV").side is Side.LEFT
    assert runner.run("VVVVVV", Side.RIGHT).side is None
    assert runner.run("oooooo").side is Side.RIGHT
    assert runner.tracker.persists
    assert runner.run("oooooo", Side.RIGHT).persists is False


def test_of_two_legs_against_each_other_the_later_is_named() -> None:
    runner = Runner("asymmetric-heel")
    runner.run("VVVVVV", Side.RIGHT)
    assert runner.run("VVVVVV", Side.LEFT, passed_s=0.5).side is Side.LEFT
    assert runner.run("V", Side.RIGHT).side is Side.RIGHT
    found = runner.speakable()
    assert isinstance(found, Speakable)
    assert found.side is Side.RIGHT
    assert found.evidence == (0, 1, 2, 3, 4, 5, 12)


def test_a_fault_of_the_body_has_no_side() -> None:
    tracker = Runner("leaning-back").run("VVVVVV")
    assert tracker.persists
    assert tracker.side is None
    assert tracker.window(Side.LEFT) is tracker.window(Side.RIGHT)


def test_last_evident_is_the_last_stride_with_six_violations_in_the_window() -> None:
    runner = Runner()
    runner.run("VVVVVVoo")
    evident_s = runner.now_s
    assert runner.run("o").last_evident_s == evident_s
    assert runner.run("VV").persists
    assert runner.tracker.last_evident_s == evident_s


# -- what may be said


def test_evidence_are_the_strides_that_violate_on_legs_where_it_persists() -> None:
    runner = Runner()
    runner.run("VoVVVbVV")
    assert runner.tracker.evidence == (0, 2, 3, 4, 6, 7)
    runner.run("VVVVV", Side.RIGHT)
    assert runner.tracker.evidence == (0, 2, 3, 4, 6, 7)
    runner.run("V", Side.RIGHT)
    assert runner.tracker.evidence == (0, 2, 3, 4, 6, 7, *range(8, 14))


def test_it_may_be_said_for_two_strides_after_the_last_violation() -> None:
    runner = Runner()
    runner.run("VVVVVV")
    last_s = runner.now_s
    found = runner.speakable()
    assert isinstance(found, Speakable)
    assert (found.side, found.evidence) == (Side.LEFT, (0, 1, 2, 3, 4, 5))
    assert found.expires_s == pytest.approx(last_s + 2 * STRIDE_S)
    assert runner.speakable(later_s=2 * STRIDE_S - 0.01) == found
    assert runner.speakable(later_s=2 * STRIDE_S + 0.01) is Reason.EXPIRED
    runner.run("oo", passed_s=0.125)
    assert isinstance(runner.speakable(), Speakable)
    runner.run("V", passed_s=0.125)
    runner.run("ooo", passed_s=0.125)
    assert runner.tracker.persists
    assert runner.speakable() is Reason.NO_LONGER_TRUE


def test_three_better_strides_make_it_stale_however_fast_they_are() -> None:
    settings = CoachSettings(window_strides=10)
    runner = Runner(settings=settings)
    runner.run("VVVVVV")
    runner.run("bb", passed_s=0.125)
    assert isinstance(runner.speakable(), Speakable)
    runner.run("b", passed_s=0.125)
    assert runner.speakable() is Reason.EXPIRED


def test_a_stride_whose_times_contradict_each_other_is_stale_at_once() -> None:
    runner = Runner()
    runner.run("VVVVV")
    stride = make_stride(5, Side.LEFT, runner.now_s + 0.75, stride_s=-0.5)
    runner.legs[Side.LEFT].add_stride(stride)
    runner.tracker.add_verdict(Verdict(Level.VIOLATED), stride)
    runner.now_s = stride.closed_s
    assert isinstance(runner.speakable(), Speakable)
    assert runner.speakable(later_s=0.01) is Reason.EXPIRED


def test_only_legs_that_can_be_trusted_are_spoken_about() -> None:
    runner = Runner()
    runner.run("VVVVVV", *BOTH)
    assert runner.speakable(Side.LEFT, Side.RIGHT).side is None  # type: ignore[union-attr]
    assert runner.speakable(Side.RIGHT).side is Side.RIGHT  # type: ignore[union-attr]
    assert runner.speakable(None) is Reason.LOW_TRUST
    body = Runner("leaning-back")
    body.run("VVVVVV")
    assert body.speakable(Side.LEFT) is Reason.LOW_TRUST
    assert body.speakable(None).evidence == (0, 1, 2, 3, 4, 5)  # type: ignore[union-attr]


def test_both_legs_expire_with_the_earlier_one() -> None:
    runner = Runner()
    runner.run("VVVVVV", Side.RIGHT)
    right_s = runner.now_s
    runner.run("VVVVVV", Side.LEFT, passed_s=0.125)
    found = runner.speakable()
    assert isinstance(found, Speakable)
    assert (found.side, found.expires_s) == (None, pytest.approx(right_s + 2 * STRIDE_S))


def test_well_needs_one_leg_known_to_be_well_and_none_on_which_it_persists() -> None:
    runner = Runner()
    assert not runner.run("ooooooo").well(runner.now_s)  # seven are no full window
    assert runner.run("o").well(runner.now_s)
    assert runner.tracker.well(runner.now_s + 5.0)
    assert not runner.tracker.well(runner.now_s + 5.01)
    runner.run("VVVVVV", Side.RIGHT)
    assert not runner.tracker.well(runner.now_s)
    assert not Runner().run("bbbbbbbb").well(0.0)


# -- cues

WAIT_S, WAIT_STEPS = 40.0, 120


def test_after_a_cue_seconds_and_steps_must_pass() -> None:
    tracker = Runner().run("VVVVVV")
    assert tracker.cue_state(0.0, 0) is CueState.READY
    tracker.note_cue(100.0, 50, spoken=True)
    for passed_s, steps, state in (
        (0.0, 0, CueState.REFRACTORY),
        (WAIT_S, WAIT_STEPS, CueState.READY),
        (WAIT_S - 0.01, WAIT_STEPS, CueState.REFRACTORY),
        (WAIT_S, WAIT_STEPS - 1, CueState.REFRACTORY),
    ):
        assert tracker.cue_state(100.0 + passed_s, 50 + steps) is state, (passed_s, steps)


def test_the_third_cue_without_a_recovery_is_the_last() -> None:
    runner = Runner()
    tracker = runner.run("VVVVVV")
    states = []
    for _ in range(3):
        tracker.note_cue(0.0, 0, spoken=True)
        states.append((tracker.cue_state(0.0, 0), tracker.cue_state(WAIT_S, WAIT_STEPS)))
    assert states == [(CueState.REFRACTORY, CueState.READY)] * 2 + [(CueState.LAST_CUE, CueState.GIVEN_UP)]
    runner.run("oooooo")
    assert (tracker.cue_state(0.0, 0), tracker.cue_state(WAIT_S, WAIT_STEPS)) == states[0]
    assert cues_to_give_up(tracker) == 3


def cues_to_give_up(tracker: FaultTracker) -> int:
    count = 0
    while tracker.cue_state(WAIT_S, WAIT_STEPS) is CueState.READY:
        tracker.note_cue(0.0, 0, spoken=True)
        count += 1
    return count


def test_a_summary_begins_the_count_anew_and_keeps_the_wait() -> None:
    tracker = Runner().run("VVVVVV")
    for _ in range(3):
        tracker.note_cue(0.0, 0, spoken=True)
    tracker.note_summary()
    assert tracker.persists
    assert (tracker.cue_state(0.0, 0), tracker.cue_state(WAIT_S, WAIT_STEPS)) == (CueState.REFRACTORY, CueState.READY)
    assert cues_to_give_up(tracker) == 3


def test_a_leg_out_of_sight_is_no_recovery() -> None:
    runner = Runner()
    tracker = runner.run("VVVVVV")
    for _ in range(3):
        tracker.note_cue(0.0, 0, spoken=True)
    runner.run("oooooooo", passed_s=5.01)
    assert not runner.run("oooooooo").persists
    assert tracker.recovered_s is None
    assert tracker.cue_state(WAIT_S, WAIT_STEPS) is CueState.GIVEN_UP


def test_catch_trials_count_but_are_not_spoken() -> None:
    tracker = Runner().run("VVVVVV")
    tracker.note_cue(0.0, 0, spoken=False)
    tracker.note_cue(0.0, 0, spoken=True)
    assert (tracker.due_count, tracker.spoken_count, tracker.out_of_cues) == (2, 1, False)
    tracker.note_cue(0.0, 0, spoken=False)
    assert (tracker.due_count, tracker.spoken_count, tracker.out_of_cues) == (3, 1, True)


@pytest.mark.parametrize("spoken", [[True], [True, False], [False, True]])
def test_a_recovery_after_spoken_words_awaits_praise_once(spoken: list[bool]) -> None:
    runner = Runner()
    tracker = runner.run("VVVVVV")
    for one in spoken:
        tracker.note_cue(runner.now_s, 0, spoken=one)
    assert runner.run("ooooo").recovered_s is None
    assert runner.run("o").recovered_s == runner.now_s
    tracker.recovered_s = None
    runner.run("ooVVVVVV")
    assert runner.run("oooooooo").recovered_s is None  # the second time nothing was said


def test_a_recovery_without_spoken_words_awaits_none() -> None:
    runner = Runner()
    runner.run("VVVVVV").note_cue(0.0, 0, spoken=False)
    assert runner.run("oooooo").recovered_s is None


def test_a_new_cue_ends_the_wait_for_praise() -> None:
    runner = Runner()
    tracker = runner.run("VVVVVV")
    tracker.note_cue(0.0, 0, spoken=True)
    assert runner.run("oooooo").recovered_s is not None
    tracker.note_cue(0.0, 0, spoken=True)
    assert tracker.recovered_s is None


def test_cleared_legs_end_persistence_and_make_praise_too_late() -> None:
    runner = Runner()
    tracker = runner.run("VVVVVV")
    for leg in runner.legs.values():
        leg.clear()
    tracker.legs_cleared()
    assert (tracker.persists, tracker.recovered_s, tracker.evidence) == (False, None, ())
    tracker.recovered_s = 3.0
    tracker.legs_cleared()
    assert tracker.recovered_s == float("-inf")


def test_a_window_of_ok_strides_says_that_another_changes_nothing() -> None:
    runner = Runner()
    window = runner.run("ooooooo").window(Side.LEFT)
    assert not window.all_ok
    runner.run("o")
    assert window.all_ok
    runner.run("b")
    assert not window.all_ok
    runner.run("oooooooo")
    assert window.all_ok
    runner.legs[Side.LEFT].clear()
    assert not window.all_ok
