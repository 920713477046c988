"""Every metric of the registry against a stick figure for which its value can be written down."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from analytic_runner import MIDSTANCE, RUNNER, TOE_OFF, AnalyticLeg, AnalyticRunner
from coach_strides import make_stride

from cuecoach.gait.events import Contact
from cuecoach.gait.metrics import METRICS, STRIDE_FIELDS, STRIDE_METRICS, measure, value_of
from cuecoach.gait.stride_window import Cycle, StrideWindow, flat_foot_deg, flat_times_s
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.gait.units import DEGREES, LEG_LENGTHS, NO_UNIT, SECONDS, STEPS_A_MINUTE
from cuecoach.types import ANKLE, KNEE, FloatArray, Side

FOOT_ZERO_DEG = 4.0
STANDING_SHANK_DEG = -3.1
Share = float | FloatArray


@dataclass(frozen=True)
class Truth:
    """What is true of one leg of the figure. Shares are of its stride: 0 foot strike, 1 the next one."""

    runner: AnalyticRunner
    row: int

    @property
    def leg(self) -> AnalyticLeg:
        return self.runner.legs[self.row]

    def thigh(self, share: Share) -> FloatArray:
        return self.leg.thigh(np.asarray(share))

    def knee(self, share: Share) -> FloatArray:
        return self.leg.knee(np.asarray(share))

    def shank(self, share: Share) -> FloatArray:
        return self.thigh(share) - self.knee(share)

    def foot(self, share: Share) -> FloatArray:
        """Against flat."""
        return self.leg.foot(np.asarray(share)) - FOOT_ZERO_DEG

    def ankle(self, share: Share) -> FloatArray:
        """Dorsiflexion against standing."""
        return self.foot(share) - (self.shank(share) - STANDING_SHANK_DEG)

    @property
    def thigh_vertical(self) -> float:
        """Share at which the thigh comes forward through the vertical: mean + amplitude x cos = 0."""
        mean, amplitude = self.leg.thigh_deg
        return self.leg.thigh_peak - math.acos(-mean / amplitude) / (2 * math.pi)

    def shares(self, start: float, end: float) -> FloatArray:
        return np.linspace(start, end, 20001)

    def joint(self, joint: int, share: FloatArray, row: int | None = None) -> FloatArray:
        """Place (n, 2) of a joint of this leg, or of a `row`, in this leg's lengths, at shares of this leg's stride."""
        t_s = (np.atleast_1d(share) + 0.5 * self.row) * self.runner.stride_s
        return self.runner.joints(self.row if row is None else row, t_s)[:, joint] / self.leg.leg_px

    def rise(self, joint: int) -> float:
        swing = self.joint(joint, self.shares(TOE_OFF, 1.0))[:, 1].max()
        flat = self.joint(joint, self.shares(0.2 * TOE_OFF, 0.6 * TOE_OFF))[:, 1]
        return float(swing - np.median(flat))

    @property
    def heel_from_hip(self) -> FloatArray:
        """In swing."""
        shares = self.shares(TOE_OFF, 1.0)
        return self.joint(3, shares) - self.joint(0, shares)

    @property
    def heel_peak(self) -> float:
        """Share at which the heel is highest."""
        shares = self.shares(TOE_OFF, 1.0)
        return float(shares[self.joint(3, shares)[:, 1].argmax()])

    @property
    def knee60(self) -> float:
        """Share at which the knee folds through 60 degrees: the second cosine written as a square, and solved."""
        mean, first, second = self.leg.knee_deg
        root = math.sqrt(first**2 - 8 * second * (mean - second - 60.0))
        return self.leg.knee_peak - math.acos((-first + root) / (4 * second)) / (2 * math.pi)

    @property
    def pass_fraction(self) -> float:
        """Where the ankles pass, the support one taken to go straight as it does from 20 to 60 % of its stance."""
        other = 1 - self.row
        flat = self.shares(0.5 + 0.2 * TOE_OFF, 0.5 + 0.6 * TOE_OFF)
        support = self.joint(2, flat, other)
        way = np.polynomial.Polynomial.fit(flat, support[:, 0], 1)
        shares = self.shares(TOE_OFF, 1.0)
        ahead = self.joint(2, shares)[:, 0] - way(shares)
        passing = shares[np.flatnonzero((ahead[:-1] < 0) & (ahead[1:] >= 0))[0]]
        low, knee = float(np.median(support[:, 1])), float(self.joint(1, passing, other)[0, 1])
        return (float(self.joint(2, passing)[0, 1]) - low) / (knee - low)


EXPECTED: dict[str, Callable[[Truth], float | FloatArray]] = {
    "knee_peak_swing_deg": lambda it: sum(it.leg.knee_deg),
    "knee_at_thigh_vertical_deg": lambda it: it.knee(it.thigh_vertical),
    "shank_min_deg": lambda it: it.shank(it.shares(TOE_OFF, 1.0)).min(),
    "thigh_at_knee60_deg": lambda it: it.thigh(it.knee60),
    "thigh_max_deg": lambda it: sum(it.leg.thigh_deg),
    "thigh_min_deg": lambda it: it.leg.thigh_deg[0] - it.leg.thigh_deg[1],
    "thigh_at_toe_off_deg": lambda it: it.thigh(TOE_OFF),
    "thigh_at_strike_deg": lambda it: it.thigh(0.0),
    "thigh_at_opposite_midstance_deg": lambda it: it.thigh(0.5 + MIDSTANCE),
    "thigh_at_opposite_toe_off_deg": lambda it: it.thigh(0.5 + TOE_OFF),
    "ankle_rise_leg": lambda it: it.rise(2),
    "heel_rise_leg": lambda it: it.rise(3),
    "heel_to_hip_min_leg": lambda it: np.linalg.norm(it.heel_from_hip, axis=1).min(),
    "pass_fraction": lambda it: it.pass_fraction,
    "heel_back_at_peak_leg": lambda it: (it.joint(3, it.heel_peak) - it.joint(0, it.heel_peak))[0, 0],
    "heel_back_min_leg": lambda it: it.heel_from_hip[:, 0].min(),
    "thigh_at_heel_peak_deg": lambda it: it.thigh(it.heel_peak),
    "ankle_swing_deg": lambda it: it.ankle(it.shares(it.thigh_vertical, it.leg.thigh_peak)).mean(),
    "ankle_at_thigh_max_deg": lambda it: it.ankle(it.leg.thigh_peak),
    "foot_at_strike_deg": lambda it: it.foot(0.0),
    "overstride_leg": lambda it: (it.joint(2, 0.0) - it.joint(0, 0.0))[0, 0],
    "shank_at_strike_deg": lambda it: it.shank(0.0),
    "knee_at_strike_deg": lambda it: it.knee(0.0),
    "knee_at_toe_off_deg": lambda it: it.knee(TOE_OFF),
    "knee_stance_peak_deg": lambda it: it.leg.knee_deg[0] - it.leg.knee_deg[1] + it.leg.knee_deg[2],
    "hip_height_leg": lambda it: (it.joint(0, MIDSTANCE) - it.joint(2, MIDSTANCE))[0, 1],
    "braking_share": lambda _: MIDSTANCE / TOE_OFF,
    "trunk_lean_deg": lambda it: it.runner.lean_deg[0],
    "trunk_range_deg": lambda it: 2 * it.runner.lean_deg[1],
    "vertical_oscillation_leg": lambda it: 2 * it.runner.bob_px / it.leg.leg_px,
    "flight_s": lambda it: (0.5 - TOE_OFF) * it.runner.stride_s,
    "cadence_spm": lambda it: 120.0 / it.runner.stride_s,
    "contact_s": lambda it: TOE_OFF * it.runner.stride_s,
    "duty": lambda _: TOE_OFF,
}

# Slow enough for the smoothing to take nothing; a runner's cadence, at which it does, a little.
SLOW, QUICK = 1.4, 0.72
BY_UNIT = {
    SLOW: {DEGREES: 0.05, LEG_LENGTHS: 0.004, SECONDS: 1e-9, STEPS_A_MINUTE: 1e-9, NO_UNIT: 0.003},
    QUICK: {DEGREES: 0.5, LEG_LENGTHS: 0.008, SECONDS: 1e-9, STEPS_A_MINUTE: 1e-9, NO_UNIT: 0.01},
}
# The moment of a flat maximum is known to a sample or two, and these turn quickly there.
BY_METRIC = {
    SLOW: {"thigh_at_heel_peak_deg": 0.35, "ankle_swing_deg": 0.4, "ankle_at_thigh_max_deg": 0.65},
    QUICK: {"thigh_at_heel_peak_deg": 0.7, "ankle_swing_deg": 0.9, "ankle_at_thigh_max_deg": 1.8},
}


def window(trajectory: LegTrajectory, cycle: Cycle, foot_zero_deg: float = FOOT_ZERO_DEG) -> StrideWindow:
    found = StrideWindow.of(trajectory, cycle, foot_zero_deg)
    assert found is not None
    return found


def runner(stride_s: float = SLOW) -> AnalyticRunner:
    return dataclasses.replace(RUNNER, stride_s=stride_s)


def test_every_metric_of_the_registry_has_its_value_written_down() -> None:
    assert list(EXPECTED) == list(METRICS) == [*STRIDE_METRICS, *STRIDE_FIELDS]


@cache
def expected(stride_s: float, row: int) -> dict[str, float]:
    truth = Truth(runner(stride_s), row)
    return {name: float(value(truth)) for name, value in EXPECTED.items()}


def assert_true(found: dict[str, float], stride_s: float, row: int) -> None:
    for name, value in found.items():
        near = BY_METRIC[stride_s].get(name, BY_UNIT[stride_s][METRICS[name].unit])
        assert value == pytest.approx(expected(stride_s, row)[name], abs=near), (name, row)


# Of each 20 frames these are missing; at 24 frames a second two in a row leave too little of a knee.
DROPPED = [(24.0, ()), (24.0, (7,)), (60.0, ()), (60.0, (3, 4, 11)), (240.0, ()), (240.0, (2, 3, 4, 5, 12))]


@pytest.mark.parametrize("stride_s", [SLOW, QUICK])
@pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
@pytest.mark.parametrize(("fps", "dropped"), DROPPED)
def test_a_metric_is_what_its_definition_says(
    fps: float, dropped: tuple[int, ...], facing: int, stride_s: float
) -> None:
    figure = runner(stride_s)
    trajectory = figure.trajectory(fps, seconds=3.5 * stride_s, facing=facing, dropped=dropped)
    for row in (0, 1):
        assert_true(measure(window(trajectory, figure.cycle(row, 1))), stride_s, row)


FIGURE = runner(QUICK)
FILM = FIGURE.trajectory(120.0)
CYCLE = FIGURE.cycle(0, 1)


def measured(trajectory: LegTrajectory = FILM, cycle: Cycle = CYCLE) -> dict[str, float]:
    return measure(window(trajectory, cycle))


def unmeasured(found: dict[str, float]) -> set[str]:
    return {name for name, value in found.items() if math.isnan(value)}


def test_without_the_other_leg_only_what_needs_it_is_missing() -> None:
    alone = unmeasured(measured(cycle=dataclasses.replace(CYCLE, others=())))
    assert alone == {name for name, metric in METRICS.items() if metric.needs_far_leg}


def test_what_needs_the_far_leg_is_said_in_the_registry() -> None:
    """Moving the other leg alone changes these metrics and no other (the hips' rise and fall has both hips in it)."""
    legs = FILM.legs.copy()
    legs[:, 1, 1:, 1] += 30.0
    moved = measured(dataclasses.replace(FILM, legs=legs))
    assert {name for name, value in measured().items() if value != moved[name]} == {"pass_fraction"}


@pytest.mark.parametrize("more_deg", [-9.0, 1.0])
def test_without_the_foot_s_zero_only_foot_and_ankle_are_missing(more_deg: float) -> None:
    blind = measure(window(FILM, CYCLE, math.nan))
    assert unmeasured(blind) == {"foot_at_strike_deg", "ankle_swing_deg", "ankle_at_thigh_max_deg"}
    turned = measure(window(FILM, CYCLE, FOOT_ZERO_DEG + more_deg))
    changed = {name: value - turned[name] for name, value in measured().items() if value != turned[name]}
    assert changed == pytest.approx(dict.fromkeys(unmeasured(blind), more_deg))


def test_a_trunk_seen_in_half_of_the_frames_is_not_measured() -> None:
    begin_s = CYCLE.contact.t_strike_s - 0.05
    film = FILM.slice(begin_s, begin_s + 100 / 120.0)
    assert len(film.t_s) == 100
    for seen, missing in ((50, {"trunk_lean_deg", "trunk_range_deg"}), (51, set())):
        trunk = film.trunk.copy()
        trunk[seen:, 0] = math.nan  # mid-shoulder; the hips are seen
        found = measured(dataclasses.replace(film, trunk=trunk))
        assert unmeasured(found) == missing


def test_a_thigh_that_never_comes_forward_has_no_moment_at_the_vertical() -> None:
    behind = dataclasses.replace(FIGURE.legs[0], thigh_deg=(-40.0, 30.0))
    figure = dataclasses.replace(FIGURE, legs=(behind, FIGURE.legs[1]))
    assert unmeasured(measured(figure.trajectory(120.0))) == {"knee_at_thigh_vertical_deg", "ankle_swing_deg"}


def test_a_knee_that_never_folds_by_60_degrees_has_no_moment_of_doing_so() -> None:
    stiff = dataclasses.replace(FIGURE.legs[0], knee_deg=(25.0, 15.0, 12.0))
    figure = dataclasses.replace(FIGURE, legs=(stiff, FIGURE.legs[1]))
    assert unmeasured(measured(figure.trajectory(120.0))) == {"thigh_at_knee60_deg"}


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize(("trust", "known"), [(0.29, False), (0.31, True)])
def test_the_passing_height_needs_a_trusted_other_leg(trust: float, known: bool, row: int) -> None:
    seen = FILM.trust.copy()
    seen[:, 1 - row] = trust
    found = measured(dataclasses.replace(FILM, trust=seen), FIGURE.cycle(row, 1))
    assert unmeasured(found) == (set() if known else {"pass_fraction"})


def test_the_passing_height_needs_a_support_that_lasts() -> None:
    contact = CYCLE.others[2]
    for samples, known in ((3, False), (5, True)):
        brief = dataclasses.replace(contact, t_toe_off_s=contact.t_strike_s + samples / (0.4 * 160.0))
        cycle = dataclasses.replace(CYCLE, others=(brief,))
        assert math.isfinite(measured(cycle=cycle)["pass_fraction"]) is known


def test_the_passing_height_needs_a_knee_above_the_support_ankle() -> None:
    legs = FILM.legs.copy()
    legs[:, 1, KNEE, 1] = legs[:, 1, ANKLE, 1].min() - 50.0
    assert unmeasured(measured(dataclasses.replace(FILM, legs=legs))) == {"pass_fraction"}


def test_flight_ends_with_the_other_foot_s_strike_half_a_stride_after_this_one() -> None:
    """Not with the one a stride earlier or later; below 0 the other foot is down before this one leaves."""
    for share, known in ((0.2, False), (0.26, True), (0.74, True), (0.8, False)):
        strike_s = CYCLE.contact.t_strike_s + share * QUICK
        cycle = dataclasses.replace(CYCLE, others=(dataclasses.replace(CYCLE.contact, t_strike_s=strike_s),))
        flight_s = measured(cycle=cycle)["flight_s"]
        assert flight_s == pytest.approx((share - TOE_OFF) * QUICK) if known else math.isnan(flight_s)


def test_a_stride_needs_eight_frames() -> None:
    few = FILM.slice(CYCLE.contact.t_strike_s, CYCLE.contact.t_strike_s + 7.5 / 120.0)
    assert StrideWindow.of(few, CYCLE, 0.0) is None
    enough = FILM.slice(CYCLE.contact.t_strike_s, CYCLE.contact.t_strike_s + 8.5 / 120.0)
    assert StrideWindow.of(enough, CYCLE, 0.0) is not None


def test_a_window_has_a_margin_on_both_sides() -> None:
    seen = window(FILM, CYCLE).seen.t_s
    assert seen[0] == pytest.approx(CYCLE.contact.t_strike_s - 0.3, abs=1 / 120.0)
    assert seen[-1] == pytest.approx(CYCLE.t_next_strike_s + 0.3, abs=1 / 120.0)


def test_values_are_read_between_samples_and_not_outside_the_window() -> None:
    it = window(FILM, CYCLE)
    values = 2.0 * it.t_s
    assert it.at(values, 1.2345) == pytest.approx(2.469)
    assert it.at(values, float(it.t_s[0])) == values[0]
    assert it.at(values, float(it.t_s[-1])) == values[-1]
    for outside_s in (it.t_s[0] - 1e-6, it.t_s[-1] + 1e-6, math.nan):
        assert math.isnan(it.at(values, outside_s))


def test_a_part_of_a_stride_has_at_least_one_sample() -> None:
    it = window(FILM, CYCLE)
    part = it.between(1.0, 1.1)
    assert (it.t_s[part] >= 1.0).all()
    assert (it.t_s[part] < 1.1).all()
    assert len(it.t_s[part]) == 16
    assert len(it.t_s[it.between(1.0, 1.0)]) == 1
    assert len(it.t_s[it.between(99.0, 99.5)]) == 1


def test_the_first_rise_is_the_first_one_and_between_samples() -> None:
    it = window(FILM, CYCLE)
    values = np.sin(2 * np.pi * 5.0 * (it.t_s - it.t_s[0] - 0.11))
    whole = slice(0, len(it.t_s))
    assert it.first_rise(values, 0.0, whole) == pytest.approx(it.t_s[0] + 0.11, abs=1e-4)
    later = it.between(float(it.t_s[0]) + 0.2, float(it.t_s[-1]))
    assert it.first_rise(values, 0.5, later) == pytest.approx(it.t_s[0] + 0.31 + 1 / 60, abs=1e-3)
    assert math.isnan(it.first_rise(values, 1.5, whole))
    assert math.isnan(it.first_rise(-it.t_s, -it.t_s[20], whole))
    line = it.t_s - it.t_s[20]
    assert it.first_rise(line, 0.0, whole) == pytest.approx(it.t_s[20])
    assert math.isnan(it.first_rise(line, 0.0, slice(20, 40)))  # it begins there
    early = window(FILM, FIGURE.cycle(0, 0))
    assert early.first_rise(early.t_s, 1.5 / 160, slice(0, 9)) == pytest.approx(1.5 / 160)


def test_the_other_leg_s_event_is_the_first_between_two_times() -> None:
    strikes = [contact.t_strike_s for contact in CYCLE.others]
    assert CYCLE.other("t_strike_s", strikes[1], strikes[3]) == strikes[1]
    assert CYCLE.other("t_strike_s", strikes[1] + 1e-6, strikes[2]) == strikes[2]
    assert math.isnan(CYCLE.other("t_strike_s", strikes[1] + 1e-6, strikes[2] - 1e-6))
    assert math.isnan(CYCLE.other("t_strike_s", math.nan, strikes[2]))


def test_a_contact_lasts_from_strike_to_toe_off() -> None:
    contact = Contact(0.2, 0.35, 0.7)
    assert Cycle(0, contact, 0.9, ()).contact_s == pytest.approx(0.5)
    assert flat_times_s(contact) == pytest.approx((0.3, 0.5))


def test_the_flat_foot_is_the_median_of_the_middle_of_stance() -> None:
    share = np.linspace(0.2 * TOE_OFF, 0.6 * TOE_OFF, 1001)
    for row in (0, 1):
        true = np.median(FIGURE.legs[row].foot(share))
        assert flat_foot_deg(FILM, row, FIGURE.contact(row, 1)) == pytest.approx(true, abs=0.6)
    contact = FIGURE.contact(0, 1)
    assert math.isnan(flat_foot_deg(FILM, 0, dataclasses.replace(contact, t_toe_off_s=math.nan)))
    assert math.isnan(flat_foot_deg(FILM, 0, FIGURE.contact(0, 40)))


def test_the_documentation_defines_the_metrics_as_the_registry_does() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")
    for metric in METRICS.values():
        assert f"| `{metric.name}` | {metric.unit.name} | {metric.definition} |\n" in told


def test_a_label_is_of_one_metric_and_the_brief_definition_of_its_first_words() -> None:
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)
    assert METRICS["thigh_at_toe_off_deg"].brief == "thigh angle at toe-off"
    assert METRICS["shank_min_deg"].brief == "most backward shank angle in swing"
    assert METRICS["foot_at_strike_deg"].brief == "foot angle at foot strike"
    assert METRICS["heel_back_at_peak_leg"].brief == METRICS["heel_back_at_peak_leg"].definition


def test_every_metric_of_a_finished_stride_is_found_by_name() -> None:
    stride = make_stride(3, Side.LEFT, 9.0, added={"knee_peak_swing_deg": 2.0})
    for name, value in stride.metrics.items():
        assert value_of(stride, name) == value or math.isnan(value)
    for name in STRIDE_FIELDS:
        assert value_of(stride, name) == getattr(stride, name)
    assert math.isnan(value_of(stride, "shoe_size"))
