"""The journal's words as a person would say them. Owns no numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cuecoach.gait.metric_table import METRICS

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

_SHORT = {
    "knee_peak_swing_deg": "knee fold in swing",
    "knee_at_thigh_vertical_deg": "knee fold as the thigh passes",
    "shank_min_deg": "shank's highest",
    "thigh_at_knee60_deg": "thigh when the knee folds",
    "thigh_max_deg": "knee drive",
    "thigh_min_deg": "back-swing of the thigh",
    "thigh_at_toe_off_deg": "thigh at toe-off",
    "thigh_at_heel_peak_deg": "thigh when the heel is highest",
    "ankle_at_thigh_max_deg": "ankle at full knee drive",
    "ankle_swing_deg": "ankle in swing",
    "pass_fraction": "foot passing the standing leg",
    "overstride_leg": "foot ahead at landing",
    "shank_at_strike_deg": "shank at landing",
    "foot_at_strike_deg": "foot at landing",
    "knee_stance_peak_deg": "knee bend in stance",
    "braking_share": "braking share of contact",
    "trunk_lean_deg": "forward lean",
    "vertical_oscillation_leg": "bounce",
    "ankle_rise_leg": "ankle rise",
    "hip_height_leg": "hip height",
    "flight_s": "flight",
    "cadence_spm": "cadence",
    "contact_s": "ground contact",
    "duty": "share of the stride on the ground",
}
_UNITS = {"deg": "°", "leg": " leg", "s": " s", "spm": " steps/min", "": ""}
_UNIT_OF = {metric.name: metric.unit for metric in METRICS} | {"cadence_spm": "spm", "contact_s": "s", "duty": ""}


def reason(word: str) -> str:
    """Return a reason in words; one of a newer version as it stands."""
    return REASONS.get(word, word.replace("_", " "))


def metric(name: str) -> str:
    """Return a metric's name in a few words."""
    return _SHORT.get(name) or name.rsplit("_", 1)[0].replace("_", " ")


def unit(name: str) -> str:
    """Return the sign behind a metric's numbers."""
    return _UNITS[_UNIT_OF.get(name, "")]


def digits(name: str) -> int:
    """Return how many digits of a metric mean anything."""
    return {"deg": 0, "spm": 0, "leg": 2, "s": 3, "": 2}[_UNIT_OF.get(name, "")]


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
