"""Findings: each fault of the catalogue is seen when it is there, and only then; doubt is never a fault."""

from __future__ import annotations

import dataclasses
import math

import pytest
from coach_strides import FAULTY, always, make_stride, strides_of
from coach_strides import healthy as mean_runner
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.analysis.fault_statistics import limit_and_target
from cuecoach.coach.findings import Judge, Level, Verdict, uncertainty_margin
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import STRIDE_METRICS, norm
from cuecoach.packs.faults import FAULTS, Criterion, Scope
from cuecoach.packs.limits import parse_limit
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import parse_pack
from cuecoach.reference import errors
from cuecoach.reference.errors import MetricError
from cuecoach.types import Activity, Finding, Side, Speed, SpeedOrigin, Stride


def judge_of(*faults: str, extra: str = "") -> Judge:
    return Judge(pack_of(*faults, extra=extra), CoachSettings(uncertainty_margin_sd=0.0))


def pack_of(*faults: str, extra: str = "") -> Pack:
    cues = "\n".join(f'[cues.{fault}]\nlong = "words"\nshort = "word"' for fault in faults)
    return parse_pack(
        f'format = 1\nid = "x"\nname = "X"\nlanguage = "en"\nschool = "s"\nfor_whom = "w"\nspeeds_mps = [2, 9]\n'
        f'focus_order = {list(faults)}\npraise = ["good"]\n{cues}\n{extra}',
        "x.toml",
    )


def seen(judge: Judge, stride: Stride) -> list[Finding]:
    return [verdict.finding for verdict in judge.judge(stride) if verdict and verdict.finding]


def after_both_legs(judge: Judge, plan_added: dict[str, float], count: int = 60, **options: object) -> list[Verdict]:
    """Feed strides of both legs, the fault on both; return the verdicts on near-leg strides."""
    verdicts = []
    for number in range(count):
        side = (Side.LEFT, Side.RIGHT)[number % 2]
        stride = make_stride(number, side, 0.35 * (number + 1), added=plan_added, **options)  # type: ignore[arg-type]
        verdict = judge.judge(stride)[0]
        if side is Side.LEFT and verdict is not None:
            verdicts.append(verdict)
    return verdicts


@pytest.mark.parametrize("mps", [2.5, 3.0, 4.5, 6.0])
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if FAULTS[fault].scope is not Scope.PAIR])
def test_each_fault_is_seen_when_there_and_not_in_the_mean_runner(fault: str, mps: float) -> None:
    low, high = FAULTS[fault].speeds_mps
    there = after_both_legs(judge_of(fault), FAULTY[fault], 10, mps=mps)[-1]
    assert (there.level is Level.VIOLATED) == (low <= mps <= high), there
    if there.finding:
        assert there.finding.fault == fault
        assert there.finding.outside > 0
        assert there.finding.side is (None if FAULTS[fault].scope is Scope.BODY else Side.LEFT)
    healthy = after_both_legs(judge_of(fault), {}, 10, mps=mps)[-1]
    assert healthy.level is (Level.OK if low <= mps <= high else Level.UNKNOWN)


def test_every_fault_of_the_catalogue_is_made_of_known_metrics() -> None:
    for fault in FAULTS.values():
        assert 1 <= fault.needed <= len(fault.criteria)
        assert set(fault.metrics) <= {*STRIDE_METRICS, "cadence_spm"}
        assert set(fault.only_with) <= set(FAULTS) - {fault.id}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stride_without_numbers_shows_nothing(fault: str) -> None:
    nothing = dict.fromkeys(STRIDE_METRICS, math.nan) | {"cadence_spm": math.nan}
    assert {verdict.level for verdict in after_both_legs(judge_of(fault), nothing)} == {Level.UNKNOWN}


@given(
    fault=st.sampled_from(sorted(FAULTS)),
    added=st.dictionaries(
        st.sampled_from([*STRIDE_METRICS, "cadence_spm"]), st.one_of(st.floats(), st.floats(-100, 100)), max_size=8
    ),
    trust=st.floats(0, 0.59),
)
def test_an_untrusted_or_walking_stride_is_never_a_fault(fault: str, added: dict[str, float], trust: float) -> None:
    for options in (
        {"trust": trust},
        {"trust": math.nan},
        {"activity": Activity.WALKING},
        {"activity": Activity.UNSURE},
    ):
        assert all(v.level is Level.UNKNOWN for v in after_both_legs(judge_of(fault), added, 4, **options))


@given(
    fault=st.sampled_from(["lazy-heel", "flick", "overstride", "weak-push", "low-cadence", "toe-down", "low-shank"]),
    scale=st.floats(0.0, 1.5),
    mps=st.floats(3.6, 6.0),
    sd_mps=st.floats(0.0, 0.6),
    place=st.floats(-1.0, 1.0),
)
def test_a_fault_at_an_uncertain_speed_is_a_fault_at_every_speed_within(
    fault: str, scale: float, mps: float, sd_mps: float, place: float
) -> None:
    added = {metric: by * scale for metric, by in FAULTY[fault].items()}
    judge = judge_of(fault)
    after_both_legs(judge, {}, 2)
    uncertain = make_stride(2, Side.LEFT, 1.05, mps=mps, sd_mps=sd_mps, added=added)
    findings = seen(judge, uncertain)
    if findings:
        elsewhere = dataclasses.replace(uncertain, speed=Speed(mps + place * sd_mps, 0.0, SpeedOrigin.USER))
        assert seen(judge, elsewhere), (findings, elsewhere.speed)


def test_uncertain_speed_takes_a_slight_fault_away() -> None:
    slight = {"knee_peak_swing_deg": -16.0, "knee_at_thigh_vertical_deg": -16.0}
    assert after_both_legs(judge_of("lazy-heel"), slight, 2)[0].level is Level.VIOLATED
    assert after_both_legs(judge_of("lazy-heel"), slight, 2, sd_mps=0.3)[0].level is not Level.VIOLATED


def test_unknown_speed_judges_only_what_needs_no_norm() -> None:
    assert after_both_legs(judge_of("lazy-heel"), FAULTY["lazy-heel"], 2, mps=None)[0].level is Level.UNKNOWN
    assert after_both_legs(judge_of("leaning-back"), FAULTY["leaning-back"], 2, mps=None)[0].level is Level.VIOLATED


def test_between_the_limits_is_neither_fault_nor_well() -> None:
    on_the_way = {"knee_peak_swing_deg": -14.0, "knee_at_thigh_vertical_deg": -14.0}
    assert after_both_legs(judge_of("lazy-heel"), on_the_way, 2)[0].level is Level.IN_BAND


def test_half_of_what_a_fault_needs_is_no_fault() -> None:
    assert after_both_legs(judge_of("lazy-heel"), {"knee_peak_swing_deg": -40.0}, 2)[0].level is Level.OK
    assert after_both_legs(judge_of("flick"), {"thigh_at_knee60_deg": -30.0}, 2)[0].level is Level.OK


def test_a_high_heel_is_a_flick_only_without_knee_drive() -> None:
    high = {"thigh_at_knee60_deg": -15.0, "knee_peak_swing_deg": 20.0}
    assert after_both_legs(judge_of("flick"), high | {"thigh_max_deg": 5.0}, 2)[0].level is Level.OK
    assert after_both_legs(judge_of("flick"), high | {"thigh_max_deg": -2.0}, 2)[0].level is Level.VIOLATED


def test_a_weak_push_counts_only_with_a_companion_unless_the_pack_says_so() -> None:
    alone = {"thigh_at_toe_off_deg": 15.0}
    assert after_both_legs(judge_of("weak-push"), alone, 2)[0].level is Level.IN_BAND
    assert after_both_legs(judge_of("weak-push"), FAULTY["weak-push"], 2)[0].level is Level.VIOLATED
    own = "[faults.weak-push]\nonly_with = []"
    assert after_both_legs(judge_of("weak-push", extra=own), alone, 2)[0].level is Level.VIOLATED


def test_a_fault_of_the_body_asks_the_near_leg_only() -> None:
    judge = judge_of("leaning-back")
    assert judge.judge(make_stride(0, Side.RIGHT, 1.0, added=FAULTY["leaning-back"])) == (None,)


def test_what_needs_the_far_leg_is_unknown_while_it_is_not_seen() -> None:
    judge = judge_of("not-over-the-knee")
    low = FAULTY["not-over-the-knee"]
    levels = []
    for number in range(20):
        side = (Side.LEFT, Side.RIGHT)[number % 2]
        trust = 0.2 if side is Side.RIGHT else 1.0
        verdict = judge.judge(make_stride(number, side, 0.35 * (number + 1), added=low, trust=trust))[0]
        assert verdict is not None
        levels.append(verdict.level)
    assert set(levels) == {Level.UNKNOWN}


def test_one_lazy_leg_is_told_from_the_other_after_twenty_strides_each() -> None:
    judge = judge_of("asymmetric-heel")
    findings = [
        finding for stride in strides_of(always("lazy-heel", Side.RIGHT), 30.0) for finding in seen(judge, stride)
    ]
    assert {finding.side for finding in findings} == {Side.RIGHT}
    assert findings[0].stride >= 39
    assert findings[0].value == pytest.approx(-25.0)


def test_equal_legs_are_not_asymmetric_whatever_they_do() -> None:
    judge = judge_of("asymmetric-heel")
    assert not [f for stride in strides_of(always("lazy-heel"), 40.0) for f in seen(judge, stride)]


def test_a_leg_out_of_sight_is_not_compared_with_its_past() -> None:
    judge = judge_of("asymmetric-heel")
    list(map(judge.judge, strides_of(always("lazy-heel", Side.RIGHT), 30.0)))
    alone = [make_stride(100 + n, Side.RIGHT, 40.0 + 0.7 * n, added=FAULTY["lazy-heel"]) for n in range(30)]
    assert not [finding for stride in alone for finding in seen(judge, stride)]


def test_a_pack_may_move_a_limit() -> None:
    slight = {"knee_peak_swing_deg": -13.0, "knee_at_thigh_vertical_deg": -20.0}
    own = '[faults.lazy-heel.limits]\nknee_peak_swing_deg = { below = "norm - 12" }'
    assert after_both_legs(judge_of("lazy-heel"), slight, 2)[0].level is Level.IN_BAND
    assert after_both_legs(judge_of("lazy-heel", extra=own), slight, 2)[0].level is Level.VIOLATED


@pytest.mark.parametrize(("fault", "sign"), [("lazy-heel", -1.0), ("overstride", 1.0)])
def test_what_measuring_errors_explain_is_no_fault(fault: str, sign: float) -> None:
    """A little beyond the limit is neither a fault nor well; well beyond it is a fault."""

    def level(extra: float) -> Level:
        judge = Judge(pack_of(fault), CoachSettings())
        added = {name: value + sign * extra for name, value in AT_THE_LIMIT[fault].items()} | {"overstride_leg": 0.1}
        return after_both_legs(judge, added, 2)[0].level

    assert level(-1.0) is Level.IN_BAND
    assert level(0.5) is Level.IN_BAND
    assert level(5.0) is Level.VIOLATED


def test_the_limit_that_a_report_draws_is_where_the_coach_sees_the_fault() -> None:
    pack = pack_of("overstride")
    begins, _ = limit_and_target(pack.rules[0], CoachSettings(), 3.0)
    offset = begins - mean_runner(3.0)["shank_at_strike_deg"]
    for extra, level in ((-0.05, Level.IN_BAND), (0.05, Level.VIOLATED)):
        added = {"shank_at_strike_deg": offset + extra, "overstride_leg": 0.1}
        assert after_both_legs(Judge(pack, CoachSettings()), added, 2, mps=3.0)[0].level is level


AT_THE_LIMIT = {
    "lazy-heel": {"knee_peak_swing_deg": -15.0, "knee_at_thigh_vertical_deg": -15.0},
    "overstride": {"shank_at_strike_deg": 8.0},
}


def test_errors_that_hide_a_fault_do_not_make_it_harder_to_find() -> None:
    """The knee is read too little folded: that feigns a lazy heel, and hides a heel that is too high."""
    lazy, high = (errors_of(sign) for sign in (-1.0, 1.0))
    assert lazy > high > 0.0


def errors_of(sign: float) -> float:
    """Return how far beyond its limit a swing peak must be, found by trying."""
    fault, offset = ("lazy-heel", -15.0) if sign < 0 else ("heel-too-high", 18.0)
    for tenth in range(100):
        peak = offset + sign * (0.05 + tenth / 10)
        added = {"knee_peak_swing_deg": peak} | ({"knee_at_thigh_vertical_deg": -40.0} if sign < 0 else {})
        if after_both_legs(Judge(pack_of(fault), CoachSettings()), added, 2)[0].level is Level.VIOLATED:
            return tenth / 10
    return 10.0


# -- the numbers of the policy, each where it turns


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
    assert uncertainty_margin(criterion, scope, CoachSettings()) == pytest.approx(margin)
    assert uncertainty_margin(criterion, scope, CoachSettings(uncertainty_margin_sd=0.0)) == 0.0


def test_the_margin_grows_with_its_setting_but_not_by_the_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "conditions", lambda _metric: (MetricError(1.0, 3.0, 0.0, 100, "mocap"),))
    criterion = Criterion(KNEE, True, ANY)
    assert uncertainty_margin(criterion, Scope.LEG, CoachSettings(uncertainty_margin_sd=2.0)) == pytest.approx(7.0)
    assert uncertainty_margin(criterion, Scope.LEG, CoachSettings(uncertainty_margin_sd=0.0)) == 0.0


def test_the_margin_moves_the_limit_but_not_the_release_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "conditions", lambda _metric: (MetricError(0.0, 2.0, 0.0, 100, "mocap"),))
    for peak_deg, level in (
        (-17.01, Level.VIOLATED),
        (-16.99, Level.IN_BAND),
        (-12.76, Level.IN_BAND),
        (-12.74, Level.OK),
    ):
        judge = Judge(pack_of("lazy-heel"), CoachSettings())
        assert after_both_legs(judge, knee(peak_deg), 2)[0].level is level
