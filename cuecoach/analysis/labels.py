"""The journal's words as a person would say them. Owns no numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cuecoach.gait.metrics import METRICS
from cuecoach.gait.units import NO_UNIT, Unit

if TYPE_CHECKING:
    from cuecoach.analysis.cue_effects import Effect
    from cuecoach.analysis.fault_statistics import FaultStatistics
    from cuecoach.analysis.summary import SoundSums

REASONS = {
    "due": "it was time",
    "asked": "the runner asked",
    "programme": "the programme's own words",
    "catch_trial": "held back on purpose, to learn what the cue is worth",
    "probe": "a block without cues",
    "faded": "outside the programme's windows of feedback",
    "ignored_by_pack": "this pack leaves it alone",
    "other_focus": "something else is being worked on",
    "refractory": "the runner still has time to answer",
    "gave_up": "said three times without effect",
    "rate_cap": "enough has been said lately",
    "min_gap": "too soon after the last words",
    "expired": "too long ago",
    "no_longer_true": "no longer true",
    "warm_up": "warming up",
    "speed_change": "the speed has just changed",
    "speed_unknown": "the speed is not known",
    "out_of_range": "outside the pack's speeds",
    "low_trust": "the legs are not seen well enough",
    "not_running": "not running",
    "leaving": "leaving the belt",
    "muted": "muted",
}


def reason(word: str) -> str:
    """Return a reason in words; one of a newer version as it stands."""
    return REASONS.get(word, word.replace("_", " "))


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
    """Return when a session began, to the minute, by the clock on its wall."""
    return at[:16].replace("T", " ")


def line_name(line: FaultStatistics) -> str:
    """Return a fault with its leg, as tables name it."""
    return f"{line.fault}, {line.side}" if line.side else line.fault


def group_name(effect: Effect) -> str:
    """Return what an effect is about: the fault, its leg, the cue."""
    group = effect.group
    return ", ".join(part for part in (group.get("cue_id", group.get("fault")), group.get("side")) if part)


def sound(sums: SoundSums) -> str:
    """Return in a sentence what became of the words."""
    if not sums.said:
        return "Nothing was said."
    parts = [f"{count} on {'no device (silent)' if on == 'nothing' else on}" for on, count in sums.heard.items()]
    parts += [f"{count} not heard ({why})" for why, count in sums.dropped.items()]
    if not math.isnan(sums.delay_median_s):
        parts.append(f"{1000 * sums.delay_median_s:.0f} ms after the decision (median)")
    return f"Of {sums.said} said: {', '.join(parts)}."
