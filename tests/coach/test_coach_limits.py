"""Where a stride turns from OK into the band and into a violation: limits, speeds, legs, and the margin for errors."""

from __future__ import annotations

import dataclasses
import math

import pytest
from coach_strides import FAULTY, after_both_legs, judge_of, make_stride, pack_of
from coach_strides import healthy as mean_runner

from cuecoach.coach.findings import Judge, Level, uncertainty_margin
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import norm
from cuecoach.packs.faults import FAULTS, Criterion, Scope
from cuecoach.packs.limits import parse_limit
from cuecoach.reference import errors
from cuecoach.reference.errors import MetricError
from cuecoach.types import Side, Speed, SpeedOrigin


def level_of(fault: str, added: dict[str, float], *, extra: str = "", **options: object) -> Level:
    """Return the level of a fault in a stride of the near leg, after one of the far leg, without a margin."""
    return after_both_legs(judge_of(fault, extra=extra), added, 2, **options)[0].level


def knee(peak_deg: float, passing_deg: float = -40.0) -> dict[str, float]:
    return {"knee_peak_swing_deg": peak_deg, "knee_at_thigh_vertical_deg": passing_deg}


@pytest.mark.parametrize(
    ("peak_deg", "level"),
    [(-15.01, Level.VIOLATED), (-14.99, Level.IN_BAND), (-12.76, Level.IN_BAND), (-12.74, Level.OK), (0.0, Level.OK)],
)
def test_the_release_limit_lies_fifteen_percent_nearer_to_the_norm(peak_deg: float, level: Level) -> None:
    assert level_of("lazy-heel", knee(peak_deg)) is level


@pytest.mark.parametrize(
    ("lean_deg", "level"),
    [(0.99, Level.VIOLATED), (1.0, Level.IN_BAND), (1.99, Level.IN_BAND), (2.0, Level.OK), (2.01, Level.OK)],
)
def test_a_limit_itself_is_no_violation_and_a_release_limit_is_ok(lean_deg: float, level: Level) -> None:
    assert level_of("leaning-back", {"trunk_lean_deg": lean_deg - mean_runner(3.0)["trunk_lean_deg"]}) is level


@pytest.mark.parametrize(
    ("peak_deg", "passing_deg", "level"),
    [
        (-40.0, -14.0, Level.IN_BAND),
        (-14.0, -14.0, Level.IN_BAND),
        (-14.0, 0.0, Level.OK),
        (-40.0, 0.0, Level.OK),
        (-40.0, math.nan, Level.UNKNOWN),
        (-14.0, math.nan, Level.UNKNOWN),
        (math.nan, math.nan, Level.UNKNOWN),
        (0.0, math.nan, Level.OK),
    ],
)
def test_two_questions_of_which_both_must_hold(peak_deg: float, passing_deg: float, level: Level) -> None:
    assert level_of("lazy-heel", knee(peak_deg, passing_deg)) is level


@pytest.mark.parametrize(
    ("knee_deg", "hip_leg", "level"),
    [
        (20.0, 0.0, Level.VIOLATED),
        (0.0, -0.2, Level.VIOLATED),
        (20.0, math.nan, Level.VIOLATED),
        (0.0, math.nan, Level.UNKNOWN),
        (0.0, 0.0, Level.OK),
    ],
)
def test_two_questions_of_which_one_must_hold(knee_deg: float, hip_leg: float, level: Level) -> None:
    assert level_of("sitting", {"knee_stance_peak_deg": knee_deg, "hip_height_leg": hip_leg}) is level


@pytest.mark.parametrize(
    ("shank_deg", "ahead_leg", "level"),
    [
        (15.0, 0.1, Level.VIOLATED),
        (15.0, -0.1, Level.OK),
        (15.0, -0.005, Level.IN_BAND),
        (7.5, 0.1, Level.IN_BAND),
        (15.0, math.nan, Level.UNKNOWN),
        (0.0, math.nan, Level.OK),
        (math.nan, -0.1, Level.OK),
    ],
)
def test_a_question_that_another_must_confirm(shank_deg: float, ahead_leg: float, level: Level) -> None:
    assert level_of("overstride", {"shank_at_strike_deg": shank_deg, "overstride_leg": ahead_leg}) is level


def test_a_fault_that_needs_another_beside_it_is_in_the_band_without() -> None:
    push = {"thigh_at_toe_off_deg": 15.0}
    assert level_of("weak-push", push) is Level.IN_BAND
    assert level_of("weak-push", push | {"thigh_max_deg": -9.0}) is Level.IN_BAND
    assert level_of("weak-push", push | FAULTY["low-knee-drive"]) is Level.VIOLATED


@pytest.mark.parametrize(
    ("fault", "mps", "sd_mps", "judged"),
    [
        ("heel-too-high", 4.0, 0.0, True),
        ("heel-too-high", 4.01, 0.0, False),
        ("heel-too-high", 4.0, 0.01, False),
        ("low-shank", 3.5, 0.0, True),
        ("low-shank", 3.49, 0.0, False),
        ("low-shank", 3.5, 0.01, False),
        ("low-shank", math.nan, 0.0, False),
    ],
)
def test_a_fault_is_judged_where_its_speeds_hold_the_whole_interval(
    fault: str, mps: float, sd_mps: float, judged: bool
) -> None:
    stride = make_stride(1, Side.LEFT, 1.0, mps=3.5, added=FAULTY[fault])
    judge = judge_of(fault)
    judge.judge(make_stride(0, Side.RIGHT, 0.65))
    (verdict,) = judge.judge(dataclasses.replace(stride, speed=Speed(mps, sd_mps, SpeedOrigin.USER)))
    assert verdict is not None
    assert (verdict.level is not Level.UNKNOWN) is judged


@pytest.mark.parametrize(
    ("mps", "sd_mps", "low_mps", "high_mps"),
    [
        (3.0, 0.0, 3.0, 3.0),
        (3.004, 0.0, 3.0, 3.01),
        (3.0, 0.25, 2.75, 3.25),
        (2.5, 0.05, 2.45, 2.55),
        (3.0, 0.004, 2.99, 3.01),
    ],
)
def test_a_limit_is_the_strictest_at_any_speed_in_the_interval(
    mps: float, sd_mps: float, low_mps: float, high_mps: float
) -> None:
    for fault, sign, offset in (("lazy-heel", -1.0, -15.0), ("heel-too-high", 1.0, 18.0)):
        criterion = FAULTS[fault].criteria[0]
        verdict = after_both_legs(judge_of(fault), knee(sign * 60.0, sign * 60.0), 2, mps=mps, sd_mps=sd_mps)[0]
        assert verdict.finding is not None
        both = [norm(criterion.metric, speed) + offset for speed in (low_mps, high_mps)]
        assert verdict.finding.limit == pytest.approx(max(both) if sign > 0 else min(both))
        assert verdict.finding.outside == pytest.approx(sign * (verdict.finding.value - verdict.finding.limit))


@pytest.mark.parametrize(("trust", "level"), [(0.6, Level.VIOLATED), (0.59, Level.UNKNOWN)])
def test_a_stride_with_less_trust_than_0_6_is_not_judged(trust: float, level: Level) -> None:
    assert level_of("lazy-heel", FAULTY["lazy-heel"], trust=trust) is level


@pytest.mark.parametrize(("passed_s", "seen_well"), [(5.0, True), (5.01, False)])
def test_the_far_leg_counts_as_seen_for_five_seconds(passed_s: float, seen_well: bool) -> None:
    judge = judge_of("not-over-the-knee")
    judge.judge(make_stride(0, Side.RIGHT, 10.0))
    (verdict,) = judge.judge(make_stride(1, Side.LEFT, 10.0 + passed_s, added=FAULTY["not-over-the-knee"]))
    assert verdict is not None
    assert (verdict.level is Level.VIOLATED) is seen_well


def test_legs_are_compared_by_the_means_of_their_last_twenty_strides() -> None:
    judge = judge_of("asymmetric-heel")
    levels = []
    for number in range(80):
        side = (Side.LEFT, Side.RIGHT)[number % 2]
        lower_deg = 0.0 if side is Side.RIGHT else 10.5 if number < 40 else 9.4
        (verdict,) = judge.judge(make_stride(number, side, 0.35 * number, added={"knee_peak_swing_deg": -lower_deg}))
        assert verdict is not None
        if side is Side.LEFT:
            levels.append((verdict.level, verdict.finding.value if verdict.finding else None))
    assert [level for level, _ in levels[:20]] == [Level.UNKNOWN] * 20  # the right leg has its twentieth after it
    # The mean of 10.5 and 9.4 in turn: 10 is passed after ten of the twenty are replaced.
    assert [level for level, _ in levels[20:]] == [Level.VIOLATED] * 9 + [Level.IN_BAND] * 11
    assert levels[20][1] == pytest.approx(-10.445)


@pytest.mark.parametrize(("passed_s", "compared"), [(5.0, True), (5.01, False)])
def test_a_leg_out_of_sight_for_more_than_five_seconds_begins_its_mean_anew(passed_s: float, compared: bool) -> None:
    judge = judge_of("asymmetric-heel")
    slow = {"knee_peak_swing_deg": -30.0}
    for number in range(40):
        side = (Side.LEFT, Side.RIGHT)[number % 2]
        judge.judge(make_stride(number, side, 0.25 * number, added=slow if side is Side.LEFT else {}))
    right_s = 0.25 * 39
    judge.judge(make_stride(40, Side.LEFT, right_s + 4.0, added=slow))
    (verdict,) = judge.judge(make_stride(41, Side.RIGHT, right_s + passed_s))
    assert verdict is not None
    assert (verdict.level is not Level.UNKNOWN) is compared


# -- the margin for measuring errors

KNEE, ANY = "knee_peak_swing_deg", parse_limit(0)
BY_CHANCE = CoachSettings(steady_error_share=0.0)  # nothing is off in every stride


@pytest.mark.parametrize(
    ("measured", "above", "scope", "margin"),
    [
        ([(0.0, 3.0, 4.0 * math.sqrt(6))], True, Scope.LEG, 5.0),  # spread and the mean of six strides
        ([(2.0, 3.0, 4.0 * math.sqrt(6))], True, Scope.LEG, 7.0),  # and a bias that feigns the fault
        ([(2.0, 3.0, 4.0 * math.sqrt(6))], False, Scope.LEG, 5.0),  # or hides it
        ([(-2.0, 3.0, 4.0 * math.sqrt(6))], False, Scope.LEG, 7.0),
        ([(2.0, 3.0, 4.0 * math.sqrt(6))], True, Scope.BODY, 7.0),
        ([(2.0, 3.0, 400.0)], True, Scope.PAIR, 5.4),  # of both legs the spread alone, 1.8 times
        ([(0.0, 1.0, 0.0), (0.0, 3.0, 0.0), (0.0, 2.0, 0.0)], True, Scope.LEG, 3.0),  # the worst condition
        ([(math.nan, 1.0, 0.0), (0.0, math.nan, 1.0)], True, Scope.LEG, 1.0),
        ([(0.0, math.nan, math.nan)], True, Scope.LEG, 0.0),
        ([], True, Scope.LEG, 0.0),
    ],
)
def test_the_margin_is_what_errors_may_explain(
    monkeypatch: pytest.MonkeyPatch,
    measured: list[tuple[float, float, float]],
    above: bool,
    scope: Scope,
    margin: float,
) -> None:
    rows = tuple(MetricError(bias, spread, sd, 100, "mocap") for bias, spread, sd in measured)
    monkeypatch.setattr(errors, "conditions", {KNEE: rows}.__getitem__)
    criterion = Criterion(KNEE, above, ANY)
    assert uncertainty_margin(criterion, scope, BY_CHANCE) == pytest.approx(margin)
    assert uncertainty_margin(criterion, scope, CoachSettings(uncertainty_margin_sd=0.0)) == 0.0


def test_the_margin_grows_with_its_setting_but_not_by_the_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "conditions", lambda _metric: (MetricError(1.0, 3.0, 0.0, 100, "mocap"),))
    criterion = Criterion(KNEE, True, ANY)
    twice = dataclasses.replace(BY_CHANCE, uncertainty_margin_sd=2.0)
    assert uncertainty_margin(criterion, Scope.LEG, twice) == pytest.approx(7.0)
    assert uncertainty_margin(criterion, Scope.LEG, CoachSettings(uncertainty_margin_sd=0.0)) == 0.0


@pytest.mark.parametrize(("calibrated", "steady_deg"), [(False, 4.5), (True, 2.0)])
@pytest.mark.parametrize("share", [0.0, 0.75, 1.0])
def test_what_a_film_is_off_by_in_every_stride_adds_to_chance_and_less_after_calibration(
    monkeypatch: pytest.MonkeyPatch, share: float, calibrated: bool, steady_deg: float
) -> None:
    criterion, settings = Criterion(KNEE, True, ANY), CoachSettings(steady_error_share=share)
    for rows, margin in (
        ((MetricError(1.0, 3.0, 0.0, 100, "mocap"),), 1.0 + math.hypot(3.0, share * steady_deg)),
        ((), share * steady_deg),
        ((MetricError(math.nan, math.nan, math.nan, 0, "mocap"),), share * steady_deg),
    ):
        monkeypatch.setattr(errors, "conditions", {KNEE: rows}.__getitem__)
        found = uncertainty_margin(criterion, Scope.LEG, settings, calibrated=calibrated)
        assert found == pytest.approx(margin)


def test_a_calibrated_stride_is_judged_more_strictly_than_another_of_the_same_judge() -> None:
    judge = Judge(pack_of("lazy-heel"), CoachSettings())
    for number, (calibrated, level) in enumerate([(False, Level.IN_BAND), (True, Level.VIOLATED)] * 2):
        stride = make_stride(number, Side.LEFT, float(number), added=knee(-19.5))
        (verdict,) = judge.judge(dataclasses.replace(stride, calibrated=calibrated))
        assert verdict is not None
        assert verdict.level is level


def test_the_margin_moves_the_limit_but_not_the_release_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "conditions", lambda _metric: (MetricError(0.0, 2.0, 0.0, 100, "mocap"),))
    for peak_deg, level in (
        (-17.01, Level.VIOLATED),
        (-16.99, Level.IN_BAND),
        (-12.76, Level.IN_BAND),
        (-12.74, Level.OK),
    ):
        judge = Judge(pack_of("lazy-heel"), BY_CHANCE)
        assert after_both_legs(judge, knee(peak_deg), 2)[0].level is level
