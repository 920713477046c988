"""`sessions replay`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cuecoach.analysis import labels
from cuecoach.analysis import replay as again
from cuecoach.analysis.replay import Line
from cuecoach.analysis.summary import decisions_of, settings_of
from cuecoach.cli import options
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.gait.gait import Gait
from cuecoach.gait.settings import GaitSettings
from cuecoach.journal import read
from cuecoach.journal.records import SessionRecord
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import parse_pack
from cuecoach.types import Decision


@options.handle_errors
def replay(
    number: Annotated[int, typer.Argument(help="The session's number in the list.", metavar="NO")],
    pack: options.Pack = None,
    landmarks: Annotated[
        bool, typer.Option("--landmarks", help="Measure the recorded landmarks again, instead of its kept strides.")
    ] = False,
    journal: options.JournalFile = None,
    config_file: options.Config = None,
) -> None:
    """Decide a session once more: with its own pack, to check, or with another, to see the difference side by side."""
    path = options.journal_path(journal, config_file)
    page = read.session(path, number)
    own = pack is None
    chosen = parse_pack(page.pack_text, f"the pack of session {number}") if pack is None else library.find(pack)
    found = _replayed(path, page, chosen, landmarks)
    if not found.exact:
        typer.echo("This session is from before situations were kept: they are guessed from its strides.", err=True)
    source = "landmarks, measured again," if landmarks else "strides"
    typer.echo(f"Session {number} once more, from its {source} with the pack {chosen.id}.")
    lines = again.side_by_side(decisions_of(page), found.decisions)
    if own:
        _tell_same(lines)
    else:
        _tell_sides(lines, page.row.pack_id, chosen)


def _replayed(path: Path, page: SessionRecord, pack: Pack, landmarks: bool) -> again.Replay:
    number = page.row.id
    situations, coach = read.situations(path, number), again.coach_of(page, pack)
    if not landmarks:
        return again.from_strides(read.strides(path, number), situations, coach)
    gait = Gait(settings_of(page, "gait", GaitSettings))
    pose_frames = track(
        read.pose_frames(path, number),
        "Measuring again",
        page.row.recorded_frames,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    return again.from_landmarks(pose_frames, situations, coach, gait)


def _tell_same(lines: list[Line]) -> None:
    different = [line for line in lines if not again.same(line.left, line.right)]
    if not different:
        typer.echo(f"All {len(lines)} decisions are the same.")
        return
    typer.echo(f"{len(different)} of {len(lines)} decisions differ:")
    _print_lines(different, "then", "now")


def _tell_sides(lines: list[Line], then: str, chosen: Pack) -> None:
    """Print what either would have said, and how often each kept silent for which reason."""
    spoken = [line for line in lines if any(one is not None and one.fires for one in (line.left, line.right))]
    _print_lines(spoken, then, chosen.id)
    table = plain_table("", then, chosen.id, numbers=(then, chosen.id))
    sides = ([line.left for line in lines], [line.right for line in lines])
    counts = [Counter(_outcome(one) for one in side if one is not None) for side in sides]
    for outcome in sorted(set().union(*counts), key=lambda word: (word != "said", word)):
        table.add_row(outcome, *(str(count[outcome]) for count in counts))
    print_table(table)


def _print_lines(lines: list[Line], left: str, right: str) -> None:
    table = plain_table("time s", "about", left, right, numbers=("time s",))
    for line in lines:
        one = line.left or line.right
        about = " ".join(filter(None, [one.fault or str(one.kind), str(one.side or "")])) if one else ""
        table.add_row(f"{line.t_s:.1f}", about, _words(line.left), _words(line.right))
    print_table(table)


def _outcome(decision: Decision) -> str:
    return "said" if decision.fires else f"held: {labels.reason(str(decision.reason))}"


def _words(decision: Decision | None) -> str:
    if decision is None:
        return "-"
    return f"“{decision.cue.text}”" if decision.fires and decision.cue else _outcome(decision)
