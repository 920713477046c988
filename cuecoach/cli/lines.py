"""What a session prints: one line for each stride, cue and notice while it runs, and the summary at its end."""

from __future__ import annotations

import json
import math
import sys

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cuecoach.analysis import labels
from cuecoach.pipeline.counts import MeasurementCounts
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import SessionEvent
from cuecoach.types import Activity, Decision, Stride, UtteranceEvent, UtteranceState


class Lines:
    """Prints the events of a session, as they happen. `quiet` keeps to cues and notices; `silent` prints nothing."""

    def __init__(self, quiet: bool, silent: bool) -> None:
        self._quiet = quiet
        self._silent = silent
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def print_event(self, event: SessionEvent) -> None:
        """Print one event."""
        if self._silent:
            return
        if isinstance(event, str):
            typer.echo(event, err=True)
        elif isinstance(event, Decision):
            typer.echo(decision_line(event))
        elif isinstance(event, UtteranceEvent):
            if event.state is UtteranceState.DROPPED:
                typer.echo(f"{event.t_s:7.1f} s  not heard: {event.cue_id} ({event.detail})")
        elif not self._quiet:
            typer.echo(stride_line(event))

    def progress(self, what: str, done: int, of: int) -> None:
        """Show how far something long has come, on a terminal only; nothing when its length is not known, `of` 0."""
        if self._silent or not of or not sys.stderr.isatty():
            return
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(what)
        self._bar.update(self._task, description=what, completed=done, total=of)
        if done >= of:
            self._bar.stop()
            self._bar.remove_task(self._task)
            self._task = None


def stride_line(stride: Stride) -> str:
    """Return one stride as a line."""
    knee = stride.metrics["knee_peak_swing_deg"]
    fold = "  knee   ? " if math.isnan(knee) else f"  knee {knee:4.0f}°"
    return (
        f"{stride.closed_s:7.1f} s  stride {stride.number:4d}  {stride.side!s:5}  {stride.cadence_spm:5.1f} spm"
        f"  contact {stride.contact_s * 1000:4.0f} ms{fold}  trust {stride.trust:4.2f}"
        + ("" if stride.activity is Activity.RUNNING else f"  ({stride.activity})")
    )


def decision_line(decision: Decision) -> str:
    """Return one decision as a line: what was said, or what was not and why."""
    about = " ".join(filter(None, [decision.fault or str(decision.kind), str(decision.side or "")]))
    evidence = f", strides {decision.strides[0]} to {decision.strides[-1]}" if decision.strides else ""
    if decision.fires and decision.cue:
        return f"{decision.t_s:7.1f} s  SAY    “{decision.cue.text}”  ({about}{evidence})"
    why = labels.reason(decision.reason)
    return f"{decision.t_s:7.1f} s  hold   {about}: {why}"


def print_summary(counts: SessionCounts, as_json: bool, written: dict[str, str]) -> None:
    """Print the end of a session; `written` maps what was written to where."""
    if as_json:
        typer.echo(json.dumps(counts.as_dict() | {"written": written}, ensure_ascii=False))
        return
    typer.echo("")
    typer.echo(seen_sentence(counts))
    if counts.fired:
        texts = ", ".join(f"“{decision.cue.text}” at {decision.t_s:.1f} s" for decision in counts.fired if decision.cue)
        typer.echo(f"Said {len(counts.fired)}: {texts}.")
    else:
        typer.echo("Nothing was said.")
    if counts.withheld:
        withheld = ", ".join(f"{labels.reason(reason)} {n}" for reason, n in counts.withheld.most_common())
        typer.echo(f"Withheld {counts.withheld.total()}: {withheld}.")
    for what, where in written.items():
        typer.echo(f"{what}: {where}")


def seen_sentence(counts: MeasurementCounts) -> str:
    """Return what was measured in a session, film or recording."""
    seen = f"{counts.frames} frames, {counts.duration_s:.1f} s"
    why = f"{counts.why}." if counts.why else ""
    if not counts.strides:
        return f"{seen}: {why}"
    legs = " and ".join(f"{count} {side}" for side, count in sorted(counts.strides.items()))
    cadence = f"cadence {counts.cadence_spm:.1f} spm" if counts.cadences_spm else "none of them running"
    measured = f"{legs} strides, {counts.foot_strikes} foot strikes, {cadence}, trust {counts.trust_median:.2f}."
    return f"{seen}: {measured} {why[:1].upper()}{why[1:]}".rstrip()
