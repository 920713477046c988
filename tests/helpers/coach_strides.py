"""Strides made by hand for the coach's tests: a healthy runner at a speed, and what each fault changes in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from cuecoach.coach.findings import Judge, Verdict
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.metrics import STRIDE_METRICS, norm
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import parse_pack
from cuecoach.types import Activity, Decision, Side, Situation, Speed, SpeedOrigin, Stride

FRAME_S = 1 / 30
_WITHOUT_NORM = {
    "thigh_at_heel_peak_deg": 2.0,
    "ankle_swing_deg": -4.0,
    "foot_at_strike_deg": 12.0,
    "hip_height_leg": 0.81,
    "braking_share": 0.33,
    "trunk_lean_deg": 6.0,
    "trunk_range_deg": 4.0,
}

# What a fault adds to the healthy stride, clearly beyond its limit.
FAULTY: dict[str, dict[str, float]] = {
    "lazy-heel": {"knee_peak_swing_deg": -25, "knee_at_thigh_vertical_deg": -25},
    "low-shank": {"shank_min_deg": 25},
    "flick": {"thigh_at_knee60_deg": -15, "thigh_at_heel_peak_deg": -30},
    "heel-too-high": {"knee_peak_swing_deg": 25},
    "knee-too-high": {"thigh_max_deg": 25},
    "low-knee-drive": {"thigh_max_deg": -18},
    "toe-down": {"ankle_at_thigh_max_deg": -30, "ankle_swing_deg": -30},
    "not-over-the-knee": {"pass_fraction": -0.5},
    "weak-push": {"thigh_at_toe_off_deg": 15, "thigh_max_deg": -15},
    "overstride": {"overstride_leg": 0.1, "shank_at_strike_deg": 15},
    "braking": {"overstride_leg": 0.1, "shank_at_strike_deg": 12, "braking_share": 0.3},
    "sitting": {"knee_stance_peak_deg": 20},
    "stiff-landing": {"knee_stance_peak_deg": -10},
    "toe-first": {"foot_at_strike_deg": -30},
    "leaning-back": {"trunk_lean_deg": -10},
    "leaning-forward": {"trunk_lean_deg": 20},
    "low-cadence": {"cadence_spm": -40},
    "bouncing": {"vertical_oscillation_leg": 0.08},
}


@cache
def healthy(mps: float) -> Mapping[str, float]:
    """Return the metrics of the mean runner at a speed; cadence among them."""
    return (
        {name: norm(name, mps) for name in STRIDE_METRICS} | _WITHOUT_NORM | {"cadence_spm": norm("cadence_spm", mps)}
    )


def make_stride(
    number: int,
    side: Side,
    closed_s: float,
    *,
    mps: float | None = 3.0,
    sd_mps: float = 0.0,
    added: Mapping[str, float] | None = None,
    trust: float = 1.0,
    near: Side = Side.LEFT,
    activity: Activity = Activity.RUNNING,
    stride_s: float = 0.7,
) -> Stride:
    """One stride that became known at `closed_s`; `added` is added to the healthy metrics (NaN makes them NaN)."""
    metrics = dict(healthy(3.0 if mps is None else mps))
    for name, by in (added or {}).items():
        metrics[name] += by
    cadence_spm = metrics.pop("cadence_spm")
    next_s = closed_s - 0.1
    return Stride(
        number=number,
        side=side,
        is_near=side is near,
        t_strike_s=next_s - stride_s,
        t_midstance_s=next_s - 0.85 * stride_s,
        t_toe_off_s=next_s - 0.65 * stride_s,
        t_next_strike_s=next_s,
        closed_s=closed_s,
        cadence_spm=cadence_spm,
        contact_s=0.25,
        duty=0.36,
        activity=activity,
        speed=None if mps is None else Speed(mps, sd_mps, SpeedOrigin.USER),
        trust=trust,
        metrics=metrics,
    )


Plan = Callable[[float, Side], Mapping[str, object]]  # time and leg -> keyword arguments of make_stride


def always(fault: str, *sides: Side) -> Plan:
    """Return a runner who never stops doing `fault`, on both legs unless told."""
    return lambda _now_s, side: {"added": FAULTY[fault]} if not sides or side in sides else {}


def between(fault: str, start_s: float, end_s: float) -> Plan:
    """Return a runner who shows `fault` from one time to another."""
    return lambda now_s, _side: {"added": FAULTY[fault]} if start_s <= now_s < end_s else {}


def well(_now_s: float, _side: Side) -> Mapping[str, object]:
    """Run without fault."""
    return {}


def strides_of(plan: Plan, seconds: float, start_s: float = 0.0, stride_s: float = 0.7) -> Iterator[Stride]:
    """Strides of both legs in turn."""
    count = int(seconds / (stride_s / 2))
    for number in range(count):
        closed_s = start_s + (number + 1) * stride_s / 2
        side = (Side.LEFT, Side.RIGHT)[number % 2]
        yield make_stride(number, side, closed_s, stride_s=stride_s, **plan(closed_s, side))  # type: ignore[arg-type]


def situation(**changes: object) -> Situation:
    """Return a situation: running at 3 m/s, nothing in the way, but for `changes`."""
    usual = {"activity": Activity.RUNNING, "leaving": False, "speed": Speed(3.0, 0.0, SpeedOrigin.USER), "muted": False}
    return Situation(**(usual | changes))  # type: ignore[arg-type]


def run(
    coach: Coach,
    plan: Plan,
    seconds: float,
    situation_at: Callable[[float], Situation] = lambda _now_s: situation(),
    asked_at: tuple[float, ...] = (),
    start_s: float = 0.0,
) -> list[Decision]:
    """Feed a coach frame by frame, as the loop does, and return all its decisions."""
    strides = deque(strides_of(plan, seconds, start_s))
    asks = deque(asked_at)
    decisions: list[Decision] = []
    for frame in range(int(seconds / FRAME_S) + 1):
        now_s = start_s + frame * FRAME_S
        due = []
        while strides and strides[0].closed_s <= now_s:
            due.append(strides.popleft())
        asked = bool(asks) and now_s >= asks[0]
        if asked:
            asks.popleft()
        decisions += coach.step(now_s, due, situation_at(now_s), asked)
    return decisions


def fired(decisions: list[Decision]) -> list[Decision]:
    """Only what was said."""
    return [decision for decision in decisions if decision.fires]


def judge_of(*faults: str, extra: str = "") -> Judge:
    """Return a judge of these faults, to which measurements are exact."""
    return Judge(pack_of(*faults, extra=extra), CoachSettings(uncertainty_margin_sd=0.0))


def pack_of(*faults: str, extra: str = "") -> Pack:
    """Return a pack that works on these faults; `extra` is added to its text."""
    cues = "\n".join(f'[cues.{fault}]\nlong = "words"\nshort = "word"' for fault in faults)
    return parse_pack(
        f'format = 1\nid = "x"\nname = "X"\nlanguage = "en"\nschool = "s"\nfor_whom = "w"\nspeeds_mps = [2, 9]\n'
        f'focus_order = {list(faults)}\npraise = ["good"]\n{cues}\n{extra}',
        "x.toml",
    )


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
