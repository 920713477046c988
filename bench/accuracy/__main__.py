"""How good the measurement is: one table, each row with its data, measure, target, ours, and what others would give.

Usage: `python -m bench.accuracy [--quick] [--[no-]films] [--runs N] [--runners N] [--hours H] [--detail]
[--write-errors] [--pictures] [--data FOLDER]`.

The columns beside ours get the same landmarks: "raw MediaPipe" is the landmarks as they come, then three classic rules
for foot contacts. Truth is a labelled film, motion capture with a force plate seen by a simulated camera, and the
virtual runner. Without the shared data those rows are left out and a sentence says so.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.accuracy.cells import LEGEND
from bench.accuracy.detail import show_detail
from bench.accuracy.errors import measured, mocap_near, write
from bench.accuracy.ours import follow
from bench.accuracy.pictures import draw_pictures
from bench.accuracy.rows.bystander import bystander_rows
from bench.accuracy.rows.clip import ClipRun, clip_rows
from bench.accuracy.rows.drawn import MEDIAPIPE, drawn_rows, scene_rows
from bench.accuracy.rows.faulty import faulty_rows
from bench.accuracy.rows.film import film_rows
from bench.accuracy.rows.gross_fault import gross_fault_rows
from bench.accuracy.rows.mocap import Condition, Take, belt_rows, mocap_rows
from bench.accuracy.rows.speed import slow_motion_row, speed_rows
from bench.accuracy.rows.virtual import healthy_rows, noisy
from bench.accuracy.score import StrideMatch, share_within
from bench.data.filmed import RUNNERS, RUNS, Run
from bench.data.poses import pose_frames_of
from bench.data.truth import STRIDE_COLUMNS, read_clip, read_mocap
from bench.table import OURS, Row, add_options, finish
from cuecoach.coach.policy import CoachSettings
from cuecoach.types import Activity
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
PICTURES = ROOT / "docs"
TRUST_MIN = CoachSettings().trust_min
REPEATS = 5
SCENE_RUNS, SCENE_SHARE = 8, 10  # hard scenes are drawn at least so often, and for one run in this many
TARGET_MEDIAN_US, TARGET_WORST_US = 1000.0, 3000.0
STANDARD = Condition("30 fps, noise 0.5 %", has_targets=True)
CONDITIONS = (
    STANDARD,
    Condition("60 fps, noise 0.5 %", rate_hz=60.0),
    Condition("30 fps, noise 1 %", noise=0.01),
    Condition("30 fps, noise 0.5 %, legs confused at crossings", confused=True),
)


def main() -> int:
    """Measure and print the table; with it, what was asked for: details, the package's errors.csv, the pictures."""
    arguments = _arguments()
    rows: list[Row] = []
    run = _timed("the film", lambda: _film(arguments.data / "clips", rows))
    if arguments.films and run is not None:
        rows += _timed("films of other people", lambda: film_rows(arguments.data / "clips"))
    conditions = CONDITIONS[:1] if arguments.quick else CONDITIONS
    shot = _timed("motion capture", lambda: _mocap(arguments.data / "mocap", conditions, rows))
    runs: list[Run] = []
    if arguments.runs:
        plain, runs = _timed("drawn runners", lambda: drawn_rows(arguments.runs))
        rows += plain
        rows += _timed("hard scenes", lambda: scene_rows(max(SCENE_RUNS, arguments.runs // SCENE_SHARE)))
    if not arguments.quick:
        rows += _timed("bystanders", bystander_rows)
        rows += _timed("gross faults", gross_fault_rows)
        rows += _timed("faulty runners", lambda: faulty_rows(arguments.runners))
        rows += _timed("healthy runners", lambda: healthy_rows(arguments.hours))
    rows.append(_cost_row())
    if arguments.detail:
        show_detail(run, shot)
    if arguments.write_errors:
        near = [measured([drawn.near for drawn in runs], MEDIAPIPE)] if runs else []
        write([*near, measured(mocap_near(shot.get(STANDARD.name, [])), "mocap")])
    if arguments.pictures:
        draw_pictures(run, runs, shot.get(STANDARD.name, []), PICTURES)
    return finish(rows, "accuracy", "Accuracy of the measurement", save_baseline=arguments.save_baseline, legend=LEGEND)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the film and one condition of motion capture only")
    parser.add_argument(
        "--films", action=argparse.BooleanOptionalAction, help="films of other people (not with --quick)"
    )
    parser.add_argument("--runs", type=int, help=f"drawn runs through MediaPipe (of {RUNS}; none with --quick)")
    parser.add_argument("--runners", type=int, default=RUNNERS, help="for each fault, speed and facing")
    parser.add_argument("--hours", type=float, default=10.0, help="of healthy virtual running, all packs together")
    parser.add_argument("--detail", action="store_true", help="also show where the errors come from")
    parser.add_argument(
        "--write-errors", action="store_true", help="write cuecoach/reference/errors.csv; needs drawn runs"
    )
    parser.add_argument("--pictures", action="store_true", help="draw the pictures of docs/accuracy.md")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help="the shared data")
    add_options(parser)
    arguments = parser.parse_args()
    if arguments.films is None:
        arguments.films = not arguments.quick
    if arguments.runs is None:
        arguments.runs = 0 if arguments.quick else RUNS
    if arguments.write_errors and arguments.runs < 2:
        parser.error("--write-errors needs --runs of at least 2.")
    return arguments


def _timed(what: str, work: Callable[[], T]) -> T:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    done = work()
    print(f"{what}: {time.perf_counter() - began:.0f} s", flush=True)
    return done


def _film(clips: Path, rows: list[Row]) -> ClipRun | None:
    """Add the rows of the labelled film, where there is one."""
    if not (clips / "male_side.mp4").is_file():
        print(f"There is no labelled film in {clips}: its rows are left out.")
        return None
    clip = read_clip(clips)
    run = ClipRun(clip, pose_frames_of(clip.film, raw=True), follow(pose_frames_of(clip.film)))
    rows += clip_rows(run)
    rows.append(_trust_row(run.name, [run.against_model()]))
    if (clips / "walk_park.mp4").is_file():
        rows.append(_nobody_runs_row(clips / "walk_park.mp4"))
    return run


def _nobody_runs_row(film: Path) -> Row:
    """Return how many strides of a film in which nobody runs could be spoken about."""
    strides = follow(pose_frames_of(film)).strides
    wrong = sum(stride.activity is Activity.RUNNING and stride.trust >= TRUST_MIN for stride in strides)
    cells = f"{wrong} (of {len(strides)} strides in all)"
    return Row(f"{film.stem} (film)", "trusted running strides where nobody runs", "0", cells, wrong == 0)


def _mocap(folder: Path, conditions: Sequence[Condition], rows: list[Row]) -> dict[str, list[Take]]:
    """Add the rows of the motion capture, where there is some; return the takes by condition."""
    mocaps = [read_mocap(trial) for trial in sorted(folder.glob("*_*"))]
    if not mocaps:
        print(f"There is no motion capture in {folder}: its rows are left out.")
        return {}
    shot: dict[str, list[Take]] = {}
    for condition in conditions:
        more, takes = mocap_rows(mocaps, condition)
        rows += more
        rows.append(_trust_row(more[0].data, [take.matched[OURS] for take in takes]))
        if condition is STANDARD:
            rows += belt_rows(mocaps, condition)
            rows += speed_rows(mocaps, condition)
        shot[condition.name] = takes
    if len(conditions) > 1:
        rows.append(slow_motion_row(mocaps))
    return shot


def _trust_row(data: str, matches: Sequence[StrideMatch]) -> Row:
    """Return how many of the strides that may be spoken about are right in every angle that has a truth."""
    share, count = share_within(matches, tuple(STRIDE_COLUMNS), 8.0, TRUST_MIN)
    total = sum(len(matched.pairs) for matched in matches)
    return Row(
        data,
        f"trusted (>= {TRUST_MIN:g}): all 3 angles within 8 deg",
        "95 %",
        f"{100 * share:.1f} % of {count:.0f} trusted, {total} found",
        bool(share >= 0.95),
    )


def _cost_row() -> Row:
    """Return what gait costs on the live path, each frame by the best of REPEATS runs: the rest is the machine."""
    pose_frames = list(noisy(VirtualRunnerSettings(faults=("none",), duration_s=30.0)))
    costs_us = np.min([follow(pose_frames).cost_us for _ in range(REPEATS)], axis=0)
    median, p99, worst = float(np.median(costs_us)), float(np.percentile(costs_us, 99)), float(costs_us.max())
    return Row(
        "live path",
        "gait, us a frame: median, 99 %, worst",
        f"{TARGET_MEDIAN_US:.0f}, worst {TARGET_WORST_US:.0f}",
        f"{median:.0f}, {p99:.0f}, {worst:.0f}",
        median <= TARGET_MEDIAN_US and worst <= TARGET_WORST_US,
    )


if __name__ == "__main__":
    sys.exit(main())
