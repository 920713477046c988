"""Findings: each fault of the catalogue is seen when it is there, and only then; doubt is never a fault."""

from __future__ import annotations

import dataclasses
import math

import pytest
from coach_strides import FAULTY, after_both_legs, always, judge_of, make_stride, pack_of, strides_of
from coach_strides import healthy as mean_runner
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.analysis.fault_statistics import limit_and_target
from cuecoach.coach.findings import Judge, Level
from cuecoach.coach.policy import CoachSettings
from cuecoach.gait.metrics import STRIDE_METRICS
from cuecoach.packs.faults import FAULTS, Scope
from cuecoach.types import Activity, Finding, Side, Speed, SpeedOrigin, Stride


def seen(judge: Judge, stride: Stride) -> list[Finding]:
    return [verdict.finding for verdict in judge.judge(stride) if verdict and verdict.finding]


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
    assert level(5.5) is Level.VIOLATED


@pytest.mark.parametrize("calibrated", [False, True])
def test_the_limit_that_a_report_draws_is_where_the_coach_sees_the_fault(calibrated: bool) -> None:
    pack = pack_of("overstride")
    begins, _ = limit_and_target(pack.rules[0], CoachSettings(), 3.0, calibrated=calibrated)
    offset = begins - mean_runner(3.0)["shank_at_strike_deg"]
    for extra, level in ((-0.05, Level.IN_BAND), (0.05, Level.VIOLATED)):
        judge = Judge(pack, CoachSettings())
        judge.judge(make_stride(0, Side.RIGHT, 0.65))
        stride = make_stride(1, Side.LEFT, 1.0, added={"shank_at_strike_deg": offset + extra, "overstride_leg": 0.1})
        (verdict,) = judge.judge(dataclasses.replace(stride, calibrated=calibrated))
        assert verdict is not None
        assert verdict.level is level


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
