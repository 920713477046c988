"""`sessions replay`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cuecoach.analysis import labels
from cuecoach.analysis.record import decisions_of, pack_of
from cuecoach.analysis.replay import DecisionPair, pair_decisions, replay_session
from cuecoach.cli import options
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.journal import read
from cuecoach.packs import library
from cuecoach.types import Decision, PoseFrame


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
    record = read.session(path, number)
    chosen = pack_of(record) if pack is None else library.find(pack)
    again = replay_session(path, number, chosen, landmarks=landmarks, progress=_progress(record.row.recorded_frames))
    if not again.exact:
        typer.echo("This session is from before situations were kept: they are guessed from its strides.", err=True)
    source = "landmarks, measured again," if landmarks else "strides"
    typer.echo(f"Session {number} once more, from its {source} with the pack {chosen.id}.")
    pairs = pair_decisions(decisions_of(record), again.decisions)
    if pack is None:
        _print_check(pairs)
    else:
        _print_comparison(pairs, record.row.pack_id, chosen.id)


def _progress(frames: int) -> Callable[[Iterator[PoseFrame]], Iterable[PoseFrame]]:
    """Return what shows on a terminal how far the landmarks are measured."""
    quiet = not sys.stderr.isatty()
    console = Console(stderr=True)
    return lambda each: track(each, "Measuring again", frames, console=console, transient=True, disable=quiet)


def _print_check(pairs: list[DecisionPair]) -> None:
    different = [pair for pair in pairs if not pair.same]
    if not different:
        typer.echo(f"All {len(pairs)} decisions are the same.")
        return
    typer.echo(f"{len(different)} of {len(pairs)} decisions differ:")
    _print_pairs(different, "then", "now")


def _print_comparison(pairs: list[DecisionPair], kept: str, replayed: str) -> None:
    """Print what either pack said, and how often each kept silent for which reason."""
    spoken = [pair for pair in pairs if any(one is not None and one.fires for one in (pair.kept, pair.replayed))]
    _print_pairs(spoken, kept, replayed)
    table = plain_table("", kept, replayed, numbers=(kept, replayed))
    columns = ([pair.kept for pair in pairs], [pair.replayed for pair in pairs])
    counts = [Counter(_outcome(one) for one in column if one is not None) for column in columns]
    for outcome in sorted(set().union(*counts), key=lambda outcome: (outcome != "said", outcome)):
        table.add_row(outcome, *(str(count[outcome]) for count in counts))
    print_table(table)


def _print_pairs(pairs: list[DecisionPair], kept: str, replayed: str) -> None:
    table = plain_table("time s", "about", kept, replayed, numbers=("time s",))
    for pair in pairs:
        one = pair.kept or pair.replayed
        about = " ".join(filter(None, [one.fault or str(one.kind), str(one.side or "")])) if one else ""
        table.add_row(f"{pair.t_s:.1f}", about, _described(pair.kept), _described(pair.replayed))
    print_table(table)


def _outcome(decision: Decision) -> str:
    return "said" if decision.fires else f"held: {labels.reason(decision.reason)}"


def _described(decision: Decision | None) -> str:
    if decision is None:
        return "-"
    return f"“{decision.cue.text}”" if decision.fires and decision.cue else _outcome(decision)
