"""The page itself: one HTML text with everything inside, no script, no request. Owns which section stands where.

The look is `template.html`, the first screen `answers.py`, the pictures `timeline.py` and `charts.py`.
"""

from __future__ import annotations

import json
import math
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from cuecoach.analysis import labels
from cuecoach.analysis.fault_statistics import FaultRate, values_of
from cuecoach.analysis.summary import Summary
from cuecoach.errors import DeviceError
from cuecoach.gait.metrics import norm
from cuecoach.report import charts
from cuecoach.report.answers import answers
from cuecoach.report.data import ReportData, gather
from cuecoach.report.session_chart import timeline
from cuecoach.types import Activity, EventKind, Side

_FAULTS_DRAWN = 2
_BLOCK_TOLD_S = 30.0  # shorter ones hold a recall or a summary, and hardly a stride
_COMPARED = (
    "knee_peak_swing_deg",
    "knee_at_thigh_vertical_deg",
    "thigh_max_deg",
    "thigh_at_toe_off_deg",
    "overstride_leg",
    "shank_at_strike_deg",
    "contact_s",
)
_MUCH_DEG = 5.0  # healthy legs differ by up to 3 degrees (PMID 33148971), and perspective turns one by a degree or two


def write(path: Path, number: int, out: Path) -> Path:
    """Write the page of a session and return its path; its folder is made.

    Raises
    ------
    InputError
        There is no such session, or no journal.
    DeviceError
        The page cannot be written, or the journal cannot be read.
    """
    text = render(gather(path, number))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeviceError(
            f"{out} cannot be written ({error.strerror or error}); give another place with --out."
        ) from error
    return out


def render(data: ReportData) -> str:
    """Return the page as text."""
    summary = data.summary
    row = summary.row
    template = Template(files(__package__).joinpath("template.html").read_text(encoding="utf-8"))
    numbers = json.dumps(summary.as_dict(), ensure_ascii=False, separators=(",", ":"))
    return template.substitute(
        title=escape(f"Session {row.id}, {row.started_at[:10]}" + (f", {row.runner}" if row.runner else "")),
        heading=escape((f"{row.runner}: running" if row.runner else "Running") + f" session {row.id}"),
        facts=escape(_facts(summary)),
        answers=_answers(data),
        timeline=_timeline(data),
        effects=_effects(data),
        swing=_swing(data),
        legs=_legs(data),
        silence=_silence(summary),
        trend=_trend(data),
        trust=_trust(data),
        pack=_pack(summary),
        footer=_footer(summary),
        numbers=numbers.replace("<", "\\u003c"),
    )


def _facts(summary: Summary) -> str:
    row = summary.row
    day, time = row.started_at[:10], row.started_at[11:16]
    speed = "speed not known" if math.isnan(summary.speed_mps) else f"{summary.speed_mps:.1f} m/s"
    pack = summary.pack.name if summary.pack else row.pack_id
    parts = [
        f"{day} {time}",
        f"{labels.duration(60 * summary.minutes_running)} of running in {labels.duration(row.duration_s)}",
        speed,
        f"pack “{pack}”",
        f"{row.source_kind} {row.source_name}".strip(),
    ]
    if not row.closed:
        parts.append("the session was cut short")
    return " · ".join(parts)


def _answers(data: ReportData) -> str:
    return "\n".join(
        f'<div class="answer {one.tone}"><dt>{escape(one.question)}</dt>'
        f'<dd><div class="short">{escape(one.short)}</div><div class="detail">{escape(one.detail)}</div></dd></div>'
        for one in answers(data.summary, data.pooled, data.pooled_sessions)
    )


def _timeline(data: ReportData) -> str:
    faults = list(dict.fromkeys(line.fault for line in data.summary.worked_on))[:_FAULTS_DRAWN]
    if not faults:
        faults = list(dict.fromkeys(line.fault for line in data.summary.faults))[:1]
    if not faults:
        return _section("What was worked on", "<p>No fault of this pack lasted long enough to be worked on.</p>")
    panel_px = 145.0 if len(faults) == 1 else 85.0
    drawn = ""
    for fault in faults:
        wide, narrow = (timeline(data, fault, px, panel_px, dose=fault is faults[-1]) for px in (980, 370))
        drawn += f'<figure><div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>'
    key = _key(
        ("dot left", "left leg, one dot a stride"),
        ("dot right", "right leg"),
        ("target", "where the fault is not"),
        ("cue", "cue said"),
        ("held", "held back on purpose"),
    )
    return _section("What was worked on", key + drawn + _blocks_table(data.summary))


def _blocks_table(summary: Summary) -> str:
    """Return dose and fault rates of each block; the same numbers as `sessions show`."""
    lines = summary.worked_on or summary.faults[:2]
    head = "".join(f"<th>{escape(labels.fault_name(line))}</th>" for line in lines)
    rows = "".join(
        f"<tr><td>{escape(block.name)}</td><td>{block.minutes_running:.1f}</td><td>{block.said}</td>"
        f"<td>{_rate(block.cues_per_min)}</td>{''.join(f'<td>{_cell(line.blocks[place])}</td>' for line in lines)}</tr>"
        for place, block in enumerate(summary.blocks)
        if block.end_s - block.begin_s >= _BLOCK_TOLD_S
    )
    names = "<th>block</th><th>min running</th><th>said</th><th>said / min</th>"
    return f'<div class="scroll"><table><tr>{names}{head}</tr>{rows}</table></div>'


def _rate(cues_per_min: float) -> str:
    return "" if math.isnan(cues_per_min) else f"{cues_per_min:.2f}"


def _cell(cell: FaultRate) -> str:
    return f"{labels.share(cell.share)} of {cell.judged}" if cell.judged else "not judged"


def _effects(data: ReportData) -> str:
    sessions = data.pooled_sessions
    found = [(f"{labels.group_name(effect)}, this session", effect) for effect in data.summary.effects]
    where = f", {sessions} sessions" if sessions > 1 else ""
    by_cue = [(f"{labels.group_name(effect)}{where}", effect) for effect in data.pooled]
    found += [(name, effect) for name, effect in by_cue if sessions > 1 or effect.estimate is not None]
    if not found:
        return ""
    chart = charts.forest(found)
    text = "<p>How much more a fault shrank or grew after a cue than after a silence kept on purpose.</p>"
    figure = f'<figure class="half">{chart}</figure>' if chart else ""
    few = [f"<li>{escape(name)}: {escape(effect.why_not)}</li>" for name, effect in found if effect.estimate is None]
    rest = f'<p class="note">Not enough to compare:</p><ul class="plain note">{"".join(few)}</ul>' if few else ""
    return _section("What each cue was worth", text + figure + rest)


def _swing(data: ReportData) -> str:
    swings = data.swings
    if swings is None:
        text = (
            "The mean stride needs the landmarks of the session, which were not kept: run with --record to keep them."
        )
        return _section("The swing against the norm", f'<p class="note">{text}</p>')
    main = data.summary.main
    side = main.side if main and main.side in swings.end else next(iter(swings.end), None)
    if side is None:
        text = "Too few strides at the end of the session were seen well enough to average."
        return _section("The swing against the norm", f'<p class="note">{text}</p>')
    counts = ", ".join(f"{swing.strides} {leg}" for leg, swing in swings.end.items())
    normed = (
        f"the mean of 28 runners at {data.summary.speed_mps:.1f} m/s (Fukuchi et al. 2017)"
        if swings.norm
        else "no norm at this speed"
    )
    key = _key(
        ("line left thick", "left, at the end"),
        ("line right thick", "right, at the end"),
        ("line norm thick", normed),
        ("line early thick", f"{side} before the first cue"),
    )
    loop = "The knee's fold against the thigh's angle; round dot: landing, square: toe-off."
    return _section(
        "The swing against the norm",
        key
        + '<div class="two wide-left"><div>'
        + f'<figure><div class="wide">{charts.sticks(swings, side, 640)}</div>'
        + f'<div class="narrow">{charts.sticks(swings, side, 370)}</div>'
        + f"<figcaption>The {side} leg from landing to landing. Means of {counts} strides.</figcaption></figure></div>"
        + f"<figure>{charts.angle_angle(swings)}<figcaption>{loop}</figcaption></figure></div>",
    )


def _legs(data: ReportData) -> str:
    """Return left against right: medians of trusted running strides, and the norm."""
    summary = data.summary
    running = [
        stride
        for stride in data.session.strides
        if stride.activity is Activity.RUNNING and stride.trust >= summary.settings.trust_min
    ]
    by_leg = {side: [stride for stride in running if stride.side is side] for side in Side}
    if not all(by_leg.values()):
        return _section("Left against right", '<p class="note">Only one leg was seen well enough to compare.</p>')
    rows = []
    for metric in _COMPARED:
        left, right = (_median(values_of(by_leg[side], metric)) for side in Side)
        usual = norm(metric, summary.speed_mps)
        much = labels.unit(metric) == "°" and abs(left - right) > _MUCH_DEG
        cells = [
            labels.number(left, metric),
            labels.number(right, metric),
            labels.number(left - right, metric, signed=True),
        ]
        cells.append("" if math.isnan(usual) else labels.number(usual, metric))
        marked = "".join(
            f'<td class="much">{escape(cell)}</td>' if much and place == 2 else f"<td>{escape(cell)}</td>"
            for place, cell in enumerate(cells)
        )
        rows.append(f"<tr><td>{escape(labels.metric(metric))}</td>{marked}</tr>")
    head = "<tr><th>median</th><th>left</th><th>right</th><th>difference</th><th>norm</th></tr>"
    near = next((side for side, sums in summary.legs.items() if sums.is_near), None)
    note = f"The {near} leg was nearer to the camera. " if near else ""
    note += (
        "Up to 3 degrees between legs is usual, and perspective adds a degree or two; more than 5 stands out in bold."
    )
    return _section(
        "Left against right",
        f'<div class="scroll"><table>{head}{"".join(rows)}</table></div><p class="note">{note}</p>',
    )


def _median(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def _silence(summary: Summary) -> str:
    chart = charts.reasons(summary.withheld)
    withheld = f'<figure class="half">{chart}</figure>' if chart else "<p>Nothing was withheld.</p>"
    note = '<p class="note">Counted once each time the reason for a fault changes, not once a stride.</p>'
    return _section("Why nothing was said", withheld + note)


def _trend(data: ReportData) -> str:
    chart = charts.trend(data.trend)
    if not chart or data.summary.main is None:
        return ""
    main = data.summary.main
    key = _key(("line early thick", "before the first cue of the day"), ("line late thick", "at the end"))
    leg = f", {main.side} leg" if main.side else ""
    return _section(
        f"Over the sessions: {main.name.partition(': ')[0]}{leg}",
        f'{key}<figure class="half">{chart}<figcaption>Strides that show the fault. The dashed line tells what was '
        "kept from one session to the next.</figcaption></figure>",
    )


def _trust(data: ReportData) -> str:
    summary = data.summary
    rows = "".join(
        f"<tr><td>{side}{' (near)' if sums.is_near else ' (far)'}</td><td>{sums.strides}</td>"
        f"<td>{labels.share(sums.trusted)}</td><td>{labels.number(sums.cadence_spm, 'cadence_spm')}</td>"
        f"<td>{labels.number(sums.contact_s, 'contact_s')}</td></tr>"
        for side, sums in summary.legs.items()
    )
    table = (
        f"<table><tr><th>leg</th><th>strides</th><th>judged</th><th>cadence</th><th>contact</th></tr>{rows}</table>"
        if rows
        else "<p>No stride was measured.</p>"
    )
    missing = [labels.sound(summary.sound)]
    if summary.unmeasured:
        names = ", ".join(
            f"{labels.metric(name)} ({labels.share(share)})" for name, share in summary.unmeasured.items()
        )
        missing.append(f"Missing in more than half of the strides: {names}.")
    if math.isnan(summary.speed_mps):
        missing.append("The speed was not known, so nothing could be held against a norm.")
    blind = [line for line in summary.faults if not any(cell.judged for cell in line.blocks)]
    if blind:
        missing.append("Never judged: " + ", ".join(sorted({line.fault for line in blind})) + ".")
    if summary.pack_problem:
        missing.append(f"The pack of this session cannot be read any more: {summary.pack_problem}")
    missing.append("A side view never shows knees falling inward, a dropping pelvis or crossing feet.")
    notices = [event for event in data.session.record.events if event.kind is EventKind.NOTICE][:5]
    missing += [f"At {labels.duration(event.t_s)}: {event.detail}" for event in notices]
    return _section(
        "How well it was seen, and what was not",
        f'{table}<ul class="plain note">{"".join(f"<li>{escape(one)}</li>" for one in missing)}</ul>',
    )


def _pack(summary: Summary) -> str:
    pack = summary.pack
    if pack is None:
        return ""
    drills = "".join(
        f"<li><b>{escape(drill.name)}.</b> {escape(drill.how)} {escape(drill.dose)}</li>" for drill in pack.drills
    )
    cautions = "".join(f"<li>{escape(caution)}</li>" for caution in pack.cautions)
    body = f"<p>{escape(pack.school)}</p>"
    body += f'<ul class="plain">{drills}</ul>' if drills else '<p class="note">This pack has no drills.</p>'
    body += f'<p class="note">Before you start:</p><ul class="plain note">{cautions}</ul>' if cautions else ""
    return _section(f"Drills of “{pack.name}”", body)


def _footer(summary: Summary) -> str:
    return escape(
        f"CueCoach {summary.row.version}, session {summary.row.id}. Strides count as faulty by the rules of the pack. "
        "Before: up to two minutes before the first cue about the fault. End: the last two minutes. Intervals are for "
        "means of eight neighbouring strides. Not a medical device; no promise of fewer injuries or a better economy."
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>"


def _key(*entries: tuple[str, str]) -> str:
    """Return the legend: a small sample of each look, and what it means."""
    samples = []
    for look, meaning in entries:
        if look.startswith("dot"):
            shape = f'<path d="M11 6h.01" class="{look}" style="opacity:1;stroke-width:6"/>'
        elif look.startswith("line"):
            shape = f'<path d="M1 6L21 6" class="{look}"/>'
        elif look == "target":
            shape = '<rect x="0" y="0" width="22" height="12" class="target"/><path d="M0 11L22 11" class="limit"/>'
        else:
            shape = f'<path d="M11 11l-5 -10h10z" class="{look}"/>'
        samples.append(f'<li><svg viewBox="0 0 22 12" aria-hidden="true">{shape}</svg>{escape(meaning)}</li>')
    return f'<ul class="key">{"".join(samples)}</ul>'
