"""How reasons, metrics, shares and durations are written for people: in the terminal, the report and films."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cuecoach.gait.metrics import METRICS
from cuecoach.gait.units import NO_UNIT, Unit
from cuecoach.types import AudioOutput, Reason

if TYPE_CHECKING:
    from cuecoach.analysis.cue_effects import Effect
    from cuecoach.analysis.fault_statistics import FaultStatistics
    from cuecoach.analysis.summary import SoundSummary

REASONS: Mapping[Reason, str] = {
    Reason.DUE: "it was time",
    Reason.ASKED: "the runner asked",
    Reason.PROGRAMME: "the programme's own words",
    Reason.CATCH_TRIAL: "held back on purpose, to learn what the cue is worth",
    Reason.PROBE: "a block without cues",
    Reason.FADED: "outside the programme's windows of feedback",
    Reason.IGNORED_BY_PACK: "this pack leaves it alone",
    Reason.OTHER_FOCUS: "something else is being worked on",
    Reason.REFRACTORY: "the runner still has time to answer",
    Reason.GAVE_UP: "said three times without effect",
    Reason.RATE_CAP: "enough has been said lately",
    Reason.MIN_GAP: "too soon after the last words",
    Reason.EXPIRED: "too long ago",
    Reason.NO_LONGER_TRUE: "no longer true",
    Reason.WARM_UP: "warming up",
    Reason.SPEED_CHANGE: "the speed has just changed",
    Reason.SPEED_UNKNOWN: "the speed is not known",
    Reason.OUT_OF_RANGE: "outside the pack's speeds",
    Reason.LOW_TRUST: "the legs are not seen well enough",
    Reason.NOT_RUNNING: "not running",
    Reason.LEAVING: "leaving the belt",
    Reason.MUTED: "muted",
}


def reason(reason: Reason) -> str:
    """Return a reason as a phrase."""
    return REASONS[reason]


def calibration(line: str) -> str:
    """Return the sentence about a session's calibration, from its line."""
    return f"Calibrated: {line}." if line else "Not calibrated: the angles may be steadily off by some degrees."


def metric(name: str) -> str:
    """Return a metric's name in a few words; one of a newer version as it stands."""
    return METRICS[name].label if name in METRICS else name.replace("_", " ")


def unit(name: str) -> str:
    """Return the sign behind a metric's numbers."""
    return _unit(name).sign


def digits(name: str) -> int:
    """Return how many digits of a metric mean anything."""
    return _unit(name).digits


def _unit(name: str) -> Unit:
    return METRICS[name].unit if name in METRICS else NO_UNIT


def number(value: float, name: str, *, signed: bool = False) -> str:
    """Return a metric's value with its unit, "not measured" for NaN."""
    if math.isnan(value):
        return "not measured"
    places = digits(name)
    return (with_sign(value, places) if signed else _typeset(f"{value:.{places}f}")) + unit(name)


def with_sign(value: float, places: int) -> str:
    """Return a number with its sign, which zero has not."""
    text = f"{value:+.{places}f}"
    return text[1:] if not float(text) else _typeset(text)


def _typeset(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def share(value: float) -> str:
    """Return a share as a percentage, "not judged" for NaN."""
    return "not judged" if math.isnan(value) else f"{100 * value:.0f} %"


def duration(seconds: float) -> str:
    """Return a duration as minutes, or as seconds when there are few."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def started(at: str) -> str:
    """Return when a session began, to the minute, by its own wall clock."""
    return at[:16].replace("T", " ")


def fault_name(fault: FaultStatistics) -> str:
    """Return a fault with its leg, as tables name it."""
    return f"{fault.fault}, {fault.side}" if fault.side else fault.fault


def group_name(effect: Effect) -> str:
    """Return what an effect is about: the fault, its leg, the cue."""
    group = effect.group
    return ", ".join(part for part in (group.get("cue_id", group.get("fault")), group.get("side")) if part)


def sound(summary: SoundSummary) -> str:
    """Return a sentence on what became of the spoken cues."""
    if not summary.said:
        return "Nothing was said."
    parts = [
        f"{count} on {'no device (silent)' if on is AudioOutput.NOTHING else on}" for on, count in summary.heard.items()
    ]
    parts += [f"{count} not heard ({why})" for why, count in summary.dropped.items()]
    if not math.isnan(summary.delay_median_s):
        parts.append(f"{1000 * summary.delay_median_s:.0f} ms after the decision (median)")
    return f"Of {summary.said} said: {', '.join(parts)}."
