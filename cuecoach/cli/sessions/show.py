"""`sessions show` and `sessions compare`: the numbers of sessions as pages in the terminal."""

from __future__ import annotations

import json as json_text
import math
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from cuecoach.analysis import labels
from cuecoach.analysis.cue_effects import Effect, effects
from cuecoach.analysis.fault_statistics import COMPARED_S
from cuecoach.analysis.session import AnalysedSession, analyse
from cuecoach.analysis.summary import Summary
from cuecoach.cli import options
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.errors import InputError
from cuecoach.gait.speed_units import SpeedUnit, speed_text
from cuecoach.journal.records import CueRow
from cuecoach.pose.settings import AUTO

Number = Annotated[int, typer.Argument(help="The session's number in the list.", metavar="NO")]


@options.handle_errors
def show(
    number: Number,
    cues: Annotated[bool, typer.Option("--cues", help="Every decision, said and withheld.")] = False,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """Show one session: what was said and what was not and why, fault rates by block, trust, sound."""
    path, unit = options.journal_and_unit(journal, config_file)
    session = analyse(path, number, all_metrics=False)
    summary = session.summary
    if json:
        typer.echo(json_text.dumps(summary.as_dict(), ensure_ascii=False))
        return
    for line in _head(session, unit):
        typer.echo(line)
    print_table(_legs(summary))
    if summary.faults:
        print_table(_faults(summary))
    elif summary.pack_problem:
        typer.echo(f"Faults cannot be counted: {summary.pack_problem}")
    print_table(_reasons(summary))
    typer.echo(labels.sound(summary.sound))
    for effect in summary.effects:
        typer.echo(_effect(effect))
    if cues:
        print_table(_decisions(session.record.cues))
    for event in session.record.events:
        typer.echo(f"{event.t_s:7.1f} s  {event.kind}: {event.detail}")


@options.handle_errors
def compare(
    numbers: Annotated[list[int], typer.Argument(help="Two sessions or more, by number.", metavar="NO...")],
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Compare sessions side by side: dose, faults before the cues and at the end, and what cues were worth in all."""
    if len(set(numbers)) < 2:
        raise InputError("Name two sessions or more, as in `cuecoach sessions compare 3 4`.")
    path, unit = options.journal_and_unit(journal, config_file)
    found = [analyse(path, number, all_metrics=False).summary for number in dict.fromkeys(numbers)]
    names = [f"no. {one.row.id}" for one in found]
    table = plain_table("", *names, numbers=names)
    for name, cells in _compared(found, unit):
        table.add_row(name, *cells)
    print_table(table)
    typer.echo(f"faulty: of the strides, {labels.duration(COMPARED_S)} before the first cue → in the last as many.")
    trials = [trial for one in found for trial in one.trials]
    if len({one.row.runner for one in found}) > 1:
        typer.echo("These are different runners, so what cues were worth is not put together.")
        return
    for effect in effects(trials, by=("fault", "side", "cue_id")):
        typer.echo(_effect(effect))


def _effect(effect: Effect) -> str:
    """Return what a cue was worth as a sentence."""
    name = f"Effect of a cue on {labels.group_name(effect)}"
    if effect.estimate is None or effect.low is None or effect.high is None:
        return f"{name}: not known, {effect.why_not}."
    size = labels.number(effect.estimate, effect.metric, signed=True)
    return (
        f"{name}: {size} ({effect.low:+.1f} to {effect.high:+.1f}; {effect.n_fired} cues, {effect.n_catch} silences); "
        "below 0 is better."
    )


def _head(session: AnalysedSession, unit: SpeedUnit) -> list[str]:
    summary = session.summary
    row = summary.row
    model = session.record.settings.get("pose", {}).get("model", AUTO)  # kept as it was chosen; a recording had none
    speed = "not known" if math.isnan(summary.speed_mps) else speed_text(summary.speed_mps, unit)
    return [
        f"Session {row.id}, {labels.started(row.started_at)}, {row.duration_s / 60:.1f} minutes, "
        f"{summary.minutes_running:.1f} of them running, {row.outcome}",
        f"Pack {row.pack_id}; source {row.source_kind} {row.source_name}; runner {row.runner or 'not named'}; "
        f"speed {speed}; {'' if model == AUTO else f'pose model {model}; '}"
        f"landmarks {f'of {row.recorded_frames} frames' if row.recorded_frames else 'not kept'}",
        labels.calibration(summary.calibration),
    ]


def _legs(summary: Summary) -> Table:
    names = ("leg", "strides", "running", "judged", "trust", "cadence", "contact")
    table = plain_table(*names, numbers=names[1:])
    for side, sums in summary.legs.items():
        table.add_row(
            f"{side}{' (near)' if sums.is_near else ''}",
            str(sums.strides),
            str(sums.running),
            labels.share(sums.trusted),
            "?" if math.isnan(sums.trust) else f"{sums.trust:.2f}",
            labels.number(sums.cadence_spm, "cadence_spm"),
            labels.number(sums.contact_s, "contact_s"),
        )
    return table


def _faults(summary: Summary) -> Table:
    """Return blocks with their dose and the share of faulty strides in each."""
    names = [labels.fault_name(line) + (" (left alone)" if line.ignored else "") for line in summary.faults]
    numbers = ("min", "said", "a min")
    table = plain_table("Strides faulty", *numbers, *names, numbers=(*numbers, *names), gap=1)
    for place, block in enumerate(summary.blocks):
        rate = "" if math.isnan(block.cues_per_min) else f"{block.cues_per_min:.2f}"
        cells = [f"{labels.share(line.blocks[place].share)} of {line.blocks[place].judged}" for line in summary.faults]
        table.add_row(block.name, f"{block.minutes_running:.1f}", str(block.said), rate, *cells)
    return table


def _reasons(summary: Summary) -> Table:
    table = plain_table("", "why", "times", numbers=("times",))
    for what, counts in (("said", summary.fired), ("withheld", summary.withheld)):
        for word, count in counts.items():
            table.add_row(what, labels.reason(word), str(count))
    return table


def _decisions(cues: Sequence[CueRow]) -> Table:
    table = plain_table("time s", "", "about", "words", "why", "heard", numbers=("time s",))
    for cue in cues:
        about = " ".join(filter(None, [cue.fault or cue.kind, cue.side]))
        said = "SAID" if cue.fires else "held"
        table.add_row(f"{cue.decided_s:.1f}", said, about, cue.text or "", labels.reason(cue.reason), _heard(cue))
    return table


def _heard(cue: CueRow) -> str:
    if cue.started_s is not None:
        return f"{cue.started_s:.2f} s on {cue.heard_on}"
    if cue.dropped_s is not None:
        return f"not heard: {cue.heard_detail}"
    return ""


def _compared(found: Sequence[Summary], unit: SpeedUnit) -> list[tuple[str, list[str]]]:
    rows = [
        ("started", [labels.started(one.row.started_at) for one in found]),
        ("runner", [one.row.runner or "-" for one in found]),
        ("pack", [one.row.pack_id for one in found]),
        ("speed", ["?" if math.isnan(one.speed_mps) else speed_text(one.speed_mps, unit) for one in found]),
        ("minutes running", [f"{one.minutes_running:.1f}" for one in found]),
        ("said", [str(sum(one.fired.values())) for one in found]),
        ("withheld", [str(sum(one.withheld.values())) for one in found]),
    ]
    lines = [{labels.fault_name(line): line for line in one.faults} for one in found]
    for name in sorted({name for one in lines for name in one}):
        cells = []
        for one in lines:
            line = one.get(name)
            cells.append(f"{labels.share(line.before.share)} → {labels.share(line.end.share)}" if line else "-")
        rows.append((f"faulty: {name}", cells))
    return rows
