"""What becomes of contacts: when they are kept, which close a stride, and what the runner then does.

The contacts are scripted, so that each limit can be met from both sides; the legs are those of the stick runner.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest
from gait_stick import LEG_PX, Stick

from cuecoach.gait import segmentation
from cuecoach.gait.belt import BeltSpeedEstimator
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.events import Contact
from cuecoach.gait.segmentation import StrideSegmenter, classify_activity, is_plausible
from cuecoach.gait.stride_window import Cycle, StrideWindow
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.types import Activity, FloatArray, Legs, Side, Speed, Stride

STRIDE_S = 0.8
STICK = Stick(stride_s=STRIDE_S)
FPS = 50.0


def contact(strike_s: float) -> Contact:
    """Return the stick runner's contact that begins at a time."""
    return Contact(strike_s, strike_s + 0.12, strike_s + 0.36 * STRIDE_S)


def contacts_of(row: int, until_s: float = 20.0) -> list[Contact]:
    """Return the stick runner's contacts: the right leg (row 1) strikes at 0 s, the left half a stride later."""
    return [contact(float(strike_s)) for strike_s in np.arange(0.4 * (1 - row), until_s, STRIDE_S)]


class Belt(BeltSpeedEstimator):
    """A belt whose speed is known, and that notes what happens to it."""

    def __init__(self) -> None:
        self.resets = 0
        self.added: list[tuple[int, Contact, float]] = []  # leg, contact, end of the legs at that time
        super().__init__(None)

    def reset(self) -> None:
        self.resets += 1
        super().reset()

    def search_speed_legs_per_s(self, trajectory: LegTrajectory, stride_s: float, given: Speed | None) -> float:
        return 3.0

    def add_contact(self, trajectory: LegTrajectory, row: int, contact: Contact, given: Speed | None) -> None:
        self.added.append((row, contact, float(trajectory.t_s[-1])))


class Bench:
    """A segmenter that finds the scripted contacts `found` of left and right leg, and is fed frame by frame."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: Sequence[Contact] = (), right: Sequence[Contact] = ()):
        self.found = (left, right)
        self.closing_s = (math.nan, math.nan)
        self.belt = Belt()
        self.segmenter = StrideSegmenter(self.belt)
        self.searches: list[tuple[int, float, float, float]] = []  # leg, end of the legs, stride_s, since_s
        self.strides: list[Stride] = []
        self._row = 0
        monkeypatch.setattr(segmentation, "find_contacts", self._find)
        monkeypatch.setattr(segmentation, "closing_foot_strike", self._closing)

    def _find(
        self, t_s: FloatArray, leg: FloatArray, leg_px: float, belt_px_s: float, stride_s: float, since_s: float
    ) -> list[Contact]:
        row = len(self.searches) % 2
        assert belt_px_s == pytest.approx(3.0 * leg_px)
        self.searches.append((row, float(t_s[-1]), stride_s, since_s))
        return [one for one in self.found[row] if since_s < one.t_midstance_s <= t_s[-1]]

    def _closing(
        self, t_s: FloatArray, leg: FloatArray, leg_px: float, belt_px_s: float, stride_s: float, since_s: float
    ) -> float:
        self._row += 1
        return self.closing_s[self._row - 1]

    def feed(
        self,
        start_s: float,
        end_s: float,
        hint_s: float = STRIDE_S,
        *,
        last: bool = False,
        fps: float = FPS,
        at_once: int = 1,
        drift_px_s: float = 0.0,
    ) -> Bench:
        """Add the stick runner's legs of a stretch of time, so many frames at once."""
        t_s = np.arange(round(start_s * fps), round(end_s * fps)) / fps
        points = STICK.points(t_s) * [1.0, -1.0] * LEG_PX
        points[..., 0] += (drift_px_s * t_s)[:, None, None]
        legs = [
            Legs(float(t), k, px, np.ones(2), np.full((2, 2), np.nan), 1, Side.RIGHT)
            for k, (t, px) in enumerate(zip(t_s, points, strict=True))
        ]
        for k in range(0, len(legs), at_once):
            self.segmenter.add_legs(tuple(legs[k : k + at_once]), hint_s, last and k + at_once >= len(legs))
            while self.segmenter.busy:
                self.strides += self.segmenter.work(None, legs[min(k + at_once, len(legs)) - 1].t_s)
        return self

    def newest_s(self, row: int) -> float:
        """Return the newest mid-stance that is kept of a leg, from where contacts were looked for last."""
        _, _, stride_s, since_s = next(one for one in reversed(self.searches) if one[0] == row)
        return since_s + 0.2 * stride_s


# -- when contacts are kept --------------------------------------------------------------------------------------------


def test_ten_frames_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Bench(monkeypatch).feed(0.0, 9 / FPS).searches == []
    assert len(Bench(monkeypatch).feed(0.0, 10 / FPS).searches) == 2


def test_the_stride_time_is_the_hint_or_0_75_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {one[2] for one in Bench(monkeypatch).feed(0.0, 1.0, 0.68).searches} == {0.68}
    assert {one[2] for one in Bench(monkeypatch).feed(0.0, 1.0, math.nan).searches} == {0.75}


def test_contacts_are_looked_for_from_0_2_of_a_stride_before_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = Bench(monkeypatch, right=[contact(0.4)]).feed(0.0, 1.5).searches
    assert searches[0][3] == -math.inf
    assert searches[-1][3] == pytest.approx(0.52 - 0.2 * STRIDE_S)
    assert searches[-2][3] == -math.inf, "of the other leg"


def test_a_contact_is_complete_half_a_stride_after_its_midstance(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = Bench(monkeypatch, right=[contact(0.4)]).feed(0.0, 1.5).searches
    known = next(end_s for row, end_s, _, since_s in searches if row == 1 and since_s > 0)
    assert known == pytest.approx(0.52 + 0.5 * STRIDE_S + 1 / FPS, abs=0.021), "one search later"


@pytest.mark.parametrize(("apart", "kept"), [(0.34, 0), (0.36, 1)])
def test_two_contacts_of_a_leg_are_0_35_of_a_stride_apart(
    monkeypatch: pytest.MonkeyPatch, apart: float, kept: int
) -> None:
    second = contact(0.4 + apart * STRIDE_S)
    bench = Bench(monkeypatch, right=[contact(0.4), second]).feed(0.0, 1.6)
    assert bench.newest_s(1) == pytest.approx([0.52, second.t_midstance_s][kept])


@pytest.mark.parametrize(("midstance", "kept"), [(0.34, False), (0.36, True)])
def test_a_first_contact_without_a_strike_began_before_the_legs(
    monkeypatch: pytest.MonkeyPatch, midstance: float, kept: bool
) -> None:
    first = Contact(math.nan, midstance * STRIDE_S, 0.5)
    bench = Bench(monkeypatch, right=[first]).feed(0.0, 1.5)
    assert math.isfinite(bench.newest_s(1)) == kept


def test_first_contacts_wait_two_seconds_for_a_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    ((row, kept, end_s),) = Bench(monkeypatch, right=[contact(0.4)]).feed(0.0, 3.5).belt.added
    assert (row, kept) == (1, contact(0.4))
    assert end_s == pytest.approx(0.52 + 2.0, abs=0.021)


def test_or_until_three_contacts_form_it(monkeypatch: pytest.MonkeyPatch) -> None:
    early = dataclasses.replace(contact(0.8), t_strike_s=0.77)
    bench = Bench(monkeypatch, left=[contact(0.4)], right=[contact(0.0), early]).feed(0.0, 2.0)
    # The legs begin at 0 s: with the prior every contact is whole, and one that deviates is shrunk towards it.
    assert [one[2] for one in bench.belt.added] == pytest.approx([0.92 + 0.5 * STRIDE_S] * 3, abs=0.021)
    assert bench.belt.added[-1][1].t_strike_s == pytest.approx((0.77 + 0.8) / 2)


def test_without_contacts_for_two_and_a_half_strides_the_belts_speed_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, right=[contact(0.4)]).feed(0.0, 0.52 + 2.5 * STRIDE_S)
    assert bench.belt.resets == 1, "only when it was made"
    assert bench.feed(0.52 + 2.5 * STRIDE_S, 0.52 + 2.5 * STRIDE_S + 0.06).belt.resets > 1


def test_settled_legs_are_kept_for_3_6_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    trajectory = Bench(monkeypatch).feed(0.0, 6.0).segmenter._trajectory
    assert trajectory is not None
    assert trajectory.t_s[-1] - trajectory.t_s[0] == pytest.approx(3.6, abs=0.021)


def test_legs_with_a_missing_point_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter = Bench(monkeypatch).segmenter
    segmenter.add_legs(
        (Legs(0.0, 0, np.full((2, 5, 2), np.nan), np.ones(2), np.full((2, 2), np.nan), 1, Side.RIGHT),), math.nan
    )
    assert not segmenter.busy
    assert segmenter.work(None, 0.0) == ()


# -- which contacts close a stride -------------------------------------------------------------------------------------


def test_two_contacts_of_a_leg_close_a_stride(monkeypatch: pytest.MonkeyPatch) -> None:
    strides = Bench(monkeypatch, contacts_of(0), contacts_of(1)).feed(0.0, 4.0).strides
    assert [stride.number for stride in strides] == list(range(len(strides)))
    assert [stride.side for stride in strides] == ([Side.RIGHT, Side.LEFT] * 4)[:7]
    assert [stride.t_strike_s for stride in strides] == pytest.approx([0.4 * k for k in range(len(strides))], abs=1e-9)
    assert {round(stride.t_next_strike_s - stride.t_strike_s, 9) for stride in strides} == {STRIDE_S}
    assert len(strides) == 7, "a stride closes when the next contact is complete"
    assert {stride.activity for stride in strides} == {Activity.RUNNING}
    assert all(stride.is_near == (stride.side is Side.RIGHT) for stride in strides)


def test_a_stride_after_a_reset_has_the_next_number(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, contacts_of(0), contacts_of(1)).feed(0.0, 4.0)
    bench.segmenter.reset()
    assert not bench.segmenter.busy
    before = len(bench.strides)
    assert bench.feed(4.0, 8.0).strides[before].number == before


@pytest.mark.parametrize(("late", "closes"), [(-0.13, False), (-0.11, True), (0.11, True), (0.13, False)])
def test_a_last_strike_comes_a_stride_after_the_one_before(
    monkeypatch: pytest.MonkeyPatch, late: float, closes: bool
) -> None:
    bench = Bench(monkeypatch, right=[contact(0.8)])
    bench.closing_s = (0.8 + STRIDE_S * (1 + late), math.nan)
    bench.feed(0.0, 1.8).feed(1.8, 1.82, last=True)
    assert len(bench.strides) == closes


def test_a_last_strike_needs_a_contact_with_a_midstance_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    bench.closing_s = (1.6, 1.6)
    assert bench.feed(0.0, 1.8, last=True, at_once=200).strides == []


def test_of_the_last_legs_a_strike_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished = Contact(1.6, 1.72, math.nan)
    bench = Bench(monkeypatch, right=[contact(0.8), unfinished])
    assert len(bench.feed(0.0, 1.8, last=True, at_once=200).strides) == 1
    assert [one[1].t_strike_s for one in bench.belt.added] == pytest.approx([0.8]), "the belt wants whole contacts"


@pytest.mark.parametrize(
    ("stride_s", "duty", "plausible"),
    [
        (0.36, 0.4, True),
        (0.34, 0.4, False),
        (1.55, 0.4, True),
        (1.65, 0.4, False),
        (0.7, 0.19, True),
        (0.7, 0.17, False),
        (0.7, 0.74, True),
        (0.7, 0.76, False),
        (math.nan, 0.4, False),
        (0.7, math.nan, False),
    ],
)
def test_a_stride_takes_0_35_to_1_6_seconds_and_stands_for_0_18_to_0_75_of_it(
    stride_s: float, duty: float, plausible: bool
) -> None:
    assert is_plausible(stride_s, duty) == plausible


def test_contacts_that_leave_too_long_a_stride_close_none(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, right=[contact(0.8), contact(2.5), contact(3.3)]).feed(0.0, 5.0)
    assert [stride.t_strike_s for stride in bench.strides] == pytest.approx([2.5])


@pytest.mark.parametrize(("knee_deg", "strides"), [(24.0, False), (26.0, True)])
def test_a_leg_that_swings_through_straight_made_no_stride(
    monkeypatch: pytest.MonkeyPatch, knee_deg: float, strides: bool
) -> None:
    measure = segmentation.measure
    monkeypatch.setattr(segmentation, "measure", lambda window: measure(window) | {"knee_peak_swing_deg": knee_deg})
    bench = Bench(monkeypatch, contacts_of(0), contacts_of(1)).feed(0.0, 4.0)
    assert bool(bench.strides) == strides


# -- what a stride remembers -------------------------------------------------------------------------------------------


def test_the_flat_foot_is_the_median_of_ten_stances_of_its_leg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The k-th stance of a leg is flat at k degrees (100 more for the left leg)."""
    counts, zeros, cycles = [0, 0], [], []
    window_of = StrideWindow.of

    def flat(trajectory: LegTrajectory, row: int, one: Contact) -> float:
        counts[row] += 1
        return counts[row] - 1.0 + 100.0 * (1 - row)

    def spy(
        trajectory: LegTrajectory, cycle: Cycle, foot_zero_deg: float, calibration: Calibration | None
    ) -> StrideWindow | None:
        zeros.append((counts[cycle.row] - 1.0 + 100.0 * (1 - cycle.row), foot_zero_deg))
        cycles.append(cycle)
        return window_of(trajectory, cycle, foot_zero_deg, calibration)

    monkeypatch.setattr(segmentation, "flat_foot_deg", flat)
    monkeypatch.setattr(StrideWindow, "of", staticmethod(spy))
    Bench(monkeypatch, contacts_of(0), contacts_of(1)).feed(0.0, 14.0, at_once=5)
    assert min(counts) > 14
    assert [newest - zero for newest, zero in zeros[-4:]] == pytest.approx([4.5] * 4)
    assert max(len(cycle.others) for cycle in cycles) == 6, "and six contacts of the other leg are kept"


R, U, W = Activity.RUNNING, Activity.UNSURE, Activity.WALKING


@pytest.mark.parametrize(
    ("seen", "expected"), [([R, R, U, U], [R, R, R, U]), ([R, R, U, W], [R, R, R, W]), ([W, R, U, W], [W, R, U, W])]
)
def test_the_activity_is_the_commonest_of_three_strides_else_the_newest(
    monkeypatch: pytest.MonkeyPatch, seen: list[Activity], expected: list[Activity]
) -> None:
    script = iter(seen + [R] * 20)
    monkeypatch.setattr(segmentation, "classify_activity", lambda *_: next(script))
    strides = Bench(monkeypatch, contacts_of(0), contacts_of(1)).feed(0.0, 4.0).strides
    assert [stride.activity for stride in strides[:4]] == expected


@pytest.mark.parametrize(("drift_leg", "activity"), [(0.33, R), (0.375, U), (-0.33, R), (-0.375, U)])
def test_hips_that_drift_0_35_leg_lengths_in_a_stride_do_not_run_in_place(
    monkeypatch: pytest.MonkeyPatch, drift_leg: float, activity: Activity
) -> None:
    bench = Bench(monkeypatch, contacts_of(0), contacts_of(1))
    bench.feed(0.0, 4.0, drift_px_s=drift_leg * LEG_PX / STRIDE_S)
    assert {stride.activity for stride in bench.strides} == {activity}


@pytest.mark.parametrize(("strike_s", "enough"), [(1.01, False), (0.99, True)])
def test_five_frames_of_a_stride_are_needed_to_tell_the_activity(
    monkeypatch: pytest.MonkeyPatch, strike_s: float, enough: bool
) -> None:
    """At 6 Hz four frames lie within 0.75 s from 1.01 s on, five from 0.99 s on."""
    monkeypatch.setattr(segmentation, "classify_activity", lambda *_: R)
    bench = Bench(monkeypatch, right=[contact(strike_s), contact(strike_s + 0.75)]).feed(0.0, 4.5, fps=6.0)
    assert [stride.activity for stride in bench.strides] == [R if enough else U]


@pytest.mark.parametrize(
    ("duty", "flight", "bounce", "activity"),
    [
        # Hips high at mid-stance: walking, whatever else; low: running, unless contacts overlap or last.
        (0.30, 0.20, 0.011, W),
        (0.55, -0.06, -0.011, R),
        (0.57, -0.06, -0.011, U),
        (0.55, -0.08, -0.011, U),
        # Neither: a long contact or overlap walks, a clear flight runs.
        (0.51, 0.20, 0.009, W),
        (0.49, 0.11, 0.009, R),
        (0.49, 0.11, -0.009, R),
        (0.49, 0.09, -0.009, U),
        (0.49, -0.06, 0.0, U),
        (0.49, -0.08, 0.0, W),
    ],
)
def test_walking_and_running(duty: float, flight: float, bounce: float, activity: Activity) -> None:
    assert classify_activity(duty, flight, bounce) is activity
