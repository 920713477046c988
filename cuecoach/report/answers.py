"""The answers to what a coach asks first, and the rules by which the summary's numbers become answers.

The questions are in `questions.txt`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from cuecoach.analysis import labels
from cuecoach.analysis.cue_effects import ENOUGH, Effect
from cuecoach.analysis.fault_statistics import COMPARED_S, FaultStatistics
from cuecoach.analysis.intervals import Estimate
from cuecoach.analysis.summary import Summary
from cuecoach.types import Reason

GONE = 0.25  # a fault in at most this share of strides counts as gone
SEEN_WELL = 0.8  # from this share of judged strides on, numbers can be relied on
_EVEN = 0.15  # legs whose shares of faulty strides differ by less have the fault alike

Tone = Literal["good", "bad", "plain"]
_Reply = tuple[str, str, Tone]  # short, detail, tone


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer: a few words that stand out, then a sentence or two."""

    question: str
    short: str
    detail: str
    tone: Tone = "plain"


def questions() -> list[str]:
    """Return the questions, in the order of the page."""
    return files(__package__).joinpath("questions.txt").read_text(encoding="utf-8").splitlines()


def answers(summary: Summary, pooled: Sequence[Effect] = (), sessions: int = 1) -> list[Answer]:
    """Return the answers to all questions; `pooled` are effects over several sessions of this runner."""
    main = summary.main
    if main is None:
        replies = _nothing_worked_on(summary)
    else:
        replies = [
            _which(summary, main),
            _leg(summary, main),
            _change(main),
            _cause(summary, main, pooled, sessions),
            _sure(summary, main),
            _next(summary, main),
        ]
    return [Answer(question, *reply) for question, reply in zip(questions(), replies, strict=True)]


def _which(summary: Summary, main: FaultStatistics) -> _Reply:
    name, _, more = main.name.partition(": ")
    said = summary.said_for.get(main.fault, 0)
    held = max(leg.held_back for leg in summary.faults if leg.fault == main.fault)
    held_back = f", held back on purpose {_times(held)}" if held else ""
    others = sorted({leg.fault for leg in summary.worked_on} - {main.fault})
    too = f" Also cued: {', '.join(_short_name(summary, fault) for fault in others)}." if others else ""
    return name.capitalize(), f"{more.capitalize() + '. ' if more else ''}Cued {_times(said)}{held_back}.{too}", "plain"


def _leg(summary: Summary, main: FaultStatistics) -> _Reply:
    if main.side is None:
        return "The whole body", "This is not a fault of one leg.", "plain"
    other = next((leg for leg in summary.faults if leg.fault == main.fault and leg.side is main.side.other), None)
    if other is None or math.isnan(other.before.share):
        text = f"The {main.side.other} leg was not seen well enough to be judged."
        return f"The {main.side}", text, "plain"
    shares = {leg.side: leg.before.share for leg in (main, other)}
    detail = f"Before the first cue {labels.share(shares[main.side])} of the {main.side} strides showed it, "
    detail += f"{labels.share(shares[other.side])} of the {other.side} ones."
    if abs(shares[main.side] - shares[other.side]) < _EVEN:
        return "Both legs alike", detail, "plain"
    if shares[other.side] <= GONE:
        return f"The {main.side}", detail, "plain"
    return f"The {main.side}, more than the {other.side}", detail, "plain"


def _change(main: FaultStatistics) -> _Reply:
    shares = f"{labels.share(main.before.share)} → {labels.share(main.end.share)} of strides faulty"
    values = f"{_metric_name(main)} {labels.number(main.before.value.mean, main.metric)} → "
    values += f"{labels.number(main.end.value.mean, main.metric)}"
    minutes = f"last {labels.duration(COMPARED_S)}"
    if math.isnan(main.change.mean):
        return "Cannot be told", "Too few strides before the first cue or at the end could be judged.", "plain"
    detail = (
        f"{shares}; {values} (change {_interval(main.change, main.metric)}; {minutes} against before the first cue)."
    )
    if main.better is None:
        return "No" if main.stayed else "Not clearly", detail, "plain"
    return ("Yes, better", detail, "good") if main.better else ("No, it got worse", detail, "bad")


def _cause(summary: Summary, main: FaultStatistics, pooled: Sequence[Effect], sessions: int) -> _Reply:
    found = next((one for one in summary.effects if one.group.get("fault") == main.fault), None)
    where = "in this session"
    if found is None or found.estimate is None:
        together = [one for one in pooled if one.group.get("fault") == main.fault and one.estimate is not None]
        if sessions > 1 and together:
            found, where = max(together, key=lambda one: one.n_fired + one.n_catch), f"over {sessions} sessions"
    if found is None or found.estimate is None or found.low is None or found.high is None:
        n_fired, n_catch = (found.n_fired, found.n_catch) if found else (0, 0)
        detail = "To tell, the coach must sometimes keep silent on purpose: there were "
        detail += f"{n_fired} cues and {n_catch} silences that can be compared, {ENOUGH}."
        return "Cannot be told", detail, "plain"
    metric, better = found.metric, found.estimate <= 0
    low, high = (-found.high, -found.low) if better else (found.low, found.high)
    detail = (
        f"After a cue the fault {'shrank' if better else 'grew'} by {labels.number(abs(found.estimate), metric)} more "
    )
    detail += f"than after a silence kept on purpose, 95 % interval {_bounds(low, high, metric)}, {where} "
    detail += f"({found.n_fired} cues, {found.n_catch} silences)."
    if low <= 0.0:
        return "Not told apart", f"{detail} That may be chance.", "plain"
    return ("Because of the cues", detail, "good") if better else ("The cues did harm", detail, "bad")


def _sure(summary: Summary, main: FaultStatistics) -> _Reply:
    legs = [leg for side, leg in summary.legs.items() if main.side in (None, side)]
    trusted = max((leg.trusted for leg in legs if not math.isnan(leg.trusted)), default=0.0)
    doubts = []
    if trusted < SEEN_WELL:
        doubts.append(f"only {labels.share(trusted)} of the strides were seen well enough to judge")
    if main.side is not None and not summary.legs[main.side].is_near:
        doubts.append("it is the leg farther from the camera")
    if min(main.before.judged, main.end.judged) < 30:
        doubts.append(f"few strides to compare ({main.before.judged} before, {main.end.judged} at the end)")
    if not main.change.sure and not main.stayed:
        doubts.append("strides differ as much among themselves as before and after")
    said = f"{labels.share(trusted)} of the strides could be judged; {main.before.judged} before and {main.end.judged} "
    said += "at the end were compared."
    if not doubts:
        return "Quite sure", f"{said} One session tells of one day.", "good"
    short = "Fairly" if len(doubts) == 1 else "Not very"
    return short, f"{said} But {'; '.join(doubts)}.", "plain" if len(doubts) == 1 else "bad"


def _next(summary: Summary, main: FaultStatistics) -> _Reply:
    pack = summary.pack
    drill = f" Drill: {pack.drills[0].name.lower()}." if pack and pack.drills else ""
    left = [leg for leg in summary.faults if leg.fault != main.fault and not leg.ignored and leg.end.share > 0.5]
    if summary.withheld.get(Reason.LOW_TRUST, 0) > 0 and main.end.judged < 10:
        return "Look at the camera first", "Too little was seen at the end: check light, distance and angle.", "plain"
    if math.isnan(main.end.share):
        return "The same once more", f"It could not be judged at the end.{drill}", "plain"
    if main.end.share <= GONE:
        if left:
            name = _short_name(summary, left[0].fault)
            detail = f"{_short_name(summary, main.fault).capitalize()} is down to {labels.share(main.end.share)}; "
            detail += f"{name} is seen in {labels.share(left[0].end.share)} of the strides."
            return f"Go on to {name}", detail, "plain"
        detail = f"Down to {labels.share(main.end.share)} of the strides. See whether it stays without words."
        return "Fewer cues", detail, "plain"
    if main.better:
        return "Stay with it", f"It moves the right way, {labels.share(main.end.share)} are left.{drill}", "plain"
    return "Other words, or the drill", f"These cues have not moved it in this session.{drill}", "plain"


def _nothing_worked_on(summary: Summary) -> list[_Reply]:
    why = sorted(summary.withheld.items(), key=lambda item: -item[1])
    if not summary.minutes_running:
        because = "Nobody was seen running."
    elif not why:
        because = "No fault of this pack lasted long enough to be cued: silence means carry on."
    else:
        because = (
            "Nothing was said: " + ", ".join(f"{labels.reason(reason)} ({count})" for reason, count in why[:3]) + "."
        )
    ignored = sorted({leg.name.partition(": ")[0] for leg in summary.faults if leg.ignored})
    left_alone = f" This pack sees and leaves alone: {', '.join(ignored)}." if ignored else ""
    trusts = [leg.trusted for leg in summary.legs.values() if not math.isnan(leg.trusted)]
    sure = f"{labels.share(max(trusts))} of the strides could be judged." if trusts else "No stride could be judged."
    unsure = bool(trusts) and max(trusts) < SEEN_WELL
    seen = [leg for leg in summary.faults if not leg.ignored and leg.end.share > 0.5]
    if unsure or not trusts:
        advice = ("Look at the camera first", "Check light, distance and angle.")
    elif seen:
        most = max(seen, key=lambda leg: leg.end.share)
        detail = f"It was seen in {labels.share(most.end.share)} of the strides at the end, and never cued."
        advice = (f"Work on {_short_name(summary, most.fault)}", detail)
    else:
        advice = ("Carry on", "")
    return [
        ("None", because + left_alone, "plain"),
        ("Neither", "No leg was cued.", "plain"),
        ("Nothing to change", "There is no cue to compare before and after with.", "plain"),
        ("Does not apply", "Nothing was said.", "plain"),
        ("Not very" if unsure or not trusts else "Quite sure", sure, "plain"),
        (*advice, "plain"),
    ]


def _short_name(summary: Summary, fault: str) -> str:
    names = [leg.name for leg in summary.faults if leg.fault == fault]
    return names[0].partition(": ")[0] if names else fault


def _metric_name(leg: FaultStatistics) -> str:
    name = labels.metric(leg.metric)
    return f"{name}, this leg less the other," if leg.pair else name


def _interval(estimate: Estimate, metric: str) -> str:
    mean = labels.number(estimate.mean, metric, signed=True)
    if math.isnan(estimate.low):
        return f"{mean}, too few strides for an interval"
    return f"{mean}, 95 % interval {_bounds(estimate.low, estimate.high, metric)}"


def _bounds(low: float, high: float, metric: str) -> str:
    places = labels.digits(metric)
    return f"{labels.with_sign(low, places)} to {labels.with_sign(high, places)}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
