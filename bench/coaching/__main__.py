"""What the coach is worth: thousands of simulated sessions on the level of strides, seeds fixed, one table.

Usage: `make bench`, or `python -m bench.coaching [--sessions N] [--quick] [--other-python PYTHON]`. One core, about ten
minutes. Who runs is described in `coaching/runner.py`, what a true cue is in `coaching/truth.py`, how learning is
assumed to work in `coaching/learning.py`; promises are checked without the coach's own code (`coaching/rules.py`).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.coaching import cost as cost_of
from bench.coaching import effects as effects
from bench.coaching import learning as learning
from bench.coaching import replay as replaying
from bench.coaching.rules import Broken, check
from bench.coaching.sessions import KINDS, hostile_session, usual_session
from bench.coaching.strangers import stranger_rows
from bench.coaching.truth import Truth, judge
from bench.table import Row, add_options, finish, stated
from cuecoach.coach.policy import CoachSettings
from cuecoach.packs import library
from cuecoach.packs.pack import Pack

TRUE_MIN, RIGHT_SIDE_MIN = 0.98, 0.995
COVER = (0.93, 0.97)
PARTS = ("dose", "effects", "programme", "strangers", "replay", "cost")
LEARNERS_PACK = "heel-pickup"  # a lazy heel is its first focus, at a speed of 3 m/s


@dataclasses.dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated."""

    sessions: int = 2000
    minutes: float = 6.0
    hostile: int = 1000
    contrast: int = 240  # sessions without errors of measurement, and as many without their bias
    studied: int = 500
    studied_sessions: int = 3
    learners: int = 24
    other_worlds: int = 8
    strangers: int = 200
    programme: int = learning.SESSIONS
    landmarks_s: float = 120.0
    hours: float = 20.0


QUICK = Size(
    sessions=16,
    minutes=2.5,
    hostile=8,
    contrast=4,
    studied=3,
    studied_sessions=1,
    learners=1,
    other_worlds=0,
    strangers=2,
    programme=1,
    landmarks_s=0.0,
    hours=0.5,
)

Steps = Callable[[str, int], Callable[[], None]]  # what is done, how many of it -> one more is done


def dose_and_truth(size: Size, shipped: Sequence[Pack], steps: Steps) -> list[Row]:
    """Return the rows on what was said too much, and on what was said wrongly."""
    broken, truth = Broken(), {kind: Truth() for kind in KINDS}
    settings = CoachSettings()
    done = steps("usual sessions", size.sessions)
    for seed in range(size.sessions):
        pack, kind = shipped[seed % len(shipped)], KINDS[seed // len(shipped) % len(KINDS)]
        log = usual_session(seed, pack, kind, 60 * size.minutes)
        check(broken, log, pack, settings, f"{pack.id}, {kind}, session {seed}")
        judge(truth[kind], log, pack, settings)
        done()
    odd = Broken()
    done = steps("hostile sessions", size.hostile)
    for seed in range(size.hostile):
        pack = shipped[seed % len(shipped)]
        log, drawn = hostile_session(seed, pack, 60 * size.minutes)
        check(odd, log, pack, drawn, f"{pack.id}, hostile session {seed}")
        done()
    return [
        *_dose_rows(broken, "dose: runners, settings as shipped"),
        *_dose_rows(odd, "dose: hostile streams, odd settings"),
        *_truth_rows(truth, *_contrasts(size, shipped, steps)),
    ]


def _dose_rows(broken: Broken, part: str) -> list[Row]:
    def row(measure: str, count: int) -> Row:
        return Row(part, measure, "0", str(count), count == 0)

    least_s = f" (closest: {broken.least_onset_gap_s:+.2f} s)" if broken.spoken else ""
    return [
        stated(
            part, "sessions; things said; of them about a fault", f"{broken.sessions}; {broken.spoken}; {broken.cues}"
        ),
        row("more said than the rate cap allows, in any span of time", broken.rate),
        row("decided sooner than the minimum gap after the last words", broken.gap),
        dataclasses.replace(
            row("words begun sooner than that after the last ones began", broken.onset_gap),
            found=f"{broken.onset_gap}{least_s}",
        ),
        row("cues beyond the most without a recovery or a summary", broken.repeats),
        row("same fault again before its time, unasked", broken.refractory),
        row("words begun more than 2 strides (as set) after the last faulty one", broken.stale),
        row("said to somebody who stands, leaves or muted", broken.silence),
        row("sessions with words about an ignored fault", broken.ignored),
        *(stated(part, f"example {place}", text) for place, text in enumerate(broken.examples[:6], start=1)),
    ]


def _contrasts(size: Size, shipped: Sequence[Pack], steps: Steps) -> tuple[Truth, Truth]:
    """Return the truth without any error of measurement, and with errors but no bias."""
    exact, fair = Truth(), Truth()
    done = steps("sessions without errors, without bias", 2 * size.contrast)
    for truth, errors in ((exact, (0.0, 0.0, 0.0)), (fair, (0.0, 1.0, 1.0))):
        for seed in range(size.contrast):
            pack, kind = shipped[seed % len(shipped)], KINDS[seed // len(shipped) % len(KINDS)]
            log = usual_session(seed, pack, kind, 60 * size.minutes, errors)
            judge(truth, log, pack, CoachSettings())
            done()
    return exact, fair


def _truth_rows(by_kind: dict[str, Truth], exact: Truth, fair: Truth) -> list[Row]:
    part = "truth: errors as measured"
    whole = Truth()
    for truth in by_kind.values():
        whole.add(truth)
    true, wrong = whole.share("true"), whole.share("wrong")
    rows = [
        Row(part, f"cues that are true, of {whole.cues.total()}", ">= 98 %", _percent(true), true >= TRUE_MIN),
        Row(
            part,
            f"on the right side, of {whole.sided.total()} about one leg",
            ">= 99.5 %",
            _percent(1 - wrong, 2),
            1 - wrong >= RIGHT_SIDE_MIN,
        ),
        stated(part, "true, or at least no longer well (beyond the release limit)", _percent(whole.share("not_well"))),
        stated(
            part,
            "true by kind of runner (cues)",
            ", ".join(f"{kind} {_percent(one.share('true'))} ({one.cues.total()})" for kind, one in by_kind.items()),
        ),
        stated(part, "true without any error; with errors but no bias", f"{_share(exact)}; {_share(fair)}"),
    ]
    weak = sorted(
        (fault for fault in whole.cues if whole.share("true", fault) < TRUE_MIN), key=lambda f: -whole.cues[f]
    )
    shares = (f"{fault} {_percent(whole.share('true', fault))} ({whole.cues[fault]})" for fault in weak)
    rows.append(stated(part, "faults with less than 98 % true (cues)", ", ".join(shares) or "none"))
    return rows


def effect_rows(size: Size, pack: Pack, steps: Steps) -> list[Row]:
    """Return the rows on the estimated effects."""
    part = "did it work?"
    done = steps("runners with known effects", size.studied)
    found = []
    for seed in range(size.studied):
        found.append(effects.study(seed, pack, size.studied_sessions, deaf=seed % 3 == 0))
        done()
    known = [one for one in found if one.effect is not None and one.effect.estimate is not None]
    deaf = [one for one in known if one.truth_deg == 0.0]
    minutes = size.studied_sessions * effects.MINUTES
    about = f"{size.studied} runners of {minutes:g} minutes, {effects.CATCH_SHARE:.0%} of due cues withheld"
    if not deaf:
        return [stated(part, about, "too few trials")]
    cover = statistics.mean(one.covers for one in known)
    zero = statistics.mean(one.covers for one in deaf)
    off = [one.effect.estimate - one.truth_deg for one in known if one.effect and one.effect.estimate is not None]
    width = statistics.median(one.effect.high - one.effect.low for one in known if one.effect)  # type: ignore[operator]
    naive = statistics.mean(abs(one.naive_deg) <= one.naive_half_deg for one in deaf)
    return [
        Row(
            part,
            f"95 % intervals that hold the truth: {about}",
            "93 to 97 %",
            _percent(cover),
            COVER[0] <= cover <= COVER[1],
        ),
        # Of so few runners, a rate of 95 % may come out two standard errors lower.
        Row(
            part,
            f"{len(deaf)} who only regress to the mean: interval includes zero",
            "95 %, less chance",
            _percent(zero),
            zero >= 0.95 - 2 * (0.95 * 0.05 / len(deaf)) ** 0.5,
        ),
        _redrawn_row(part, [one.redrawn for one in found if not math.isnan(one.redrawn)]),
        stated(
            part, "the same by comparing before and after", f"{_percent(naive)} (mean {_mean_naive(deaf):+.1f} deg)"
        ),
        stated(
            part, "estimate less truth, deg: mean ± SD", f"{statistics.mean(off):+.2f} ± {statistics.pstdev(off):.2f}"
        ),
        stated(part, "width of the intervals, deg: median", f"{width:.2f}"),
        stated(part, "runners with too few trials for an interval", str(len(found) - len(known))),
    ]


def _redrawn_row(part: str, shares: Sequence[float]) -> Row:
    held, error = statistics.mean(shares), statistics.pstdev(shares) / math.sqrt(len(shares))
    about = f"such runners, the assignment drawn anew {effects.REDRAWS} times each"
    return Row(part, about, "95 %, less chance", _percent(held), held >= 0.95 - 2 * error)


def _mean_naive(studied: Sequence[effects.Studied]) -> float:
    return statistics.mean(one.naive_deg for one in studied)


def learning_rows(size: Size, pack: Pack, steps: Steps) -> list[Row]:
    """Return the rows on the programme and the two other coaches."""
    part = "programme: lazy heel, 1 is the limit"
    taught: dict[str, list[learning.Taught]] = {}
    done = steps("learners", (len(learning.COACHES) + 1) * size.learners + 2 * size.other_worlds)
    for coach in (*learning.COACHES, learning.CONTINUOUS):
        taught[coach] = []
        for seed in range(size.learners):
            taught[coach].append(learning.teach(seed, pack, coach, sessions=size.programme))
            done()
    ours, *others = (taught[coach] for coach in learning.COACHES)
    probe = statistics.mean(one.last_probe for one in ours)
    cues = [statistics.mean(one.cues for one in many) for many in (ours, *others)]
    rows = [
        Row(part, "mean level in the last no-cue probe", "< 1", f"{probe:.2f}", probe < 1.0),
        Row(
            part, "fewer cues than both others", "yes", "{:.0f}, {:.0f}, {:.0f}".format(*cues), cues[0] < min(cues[1:])
        ),
    ]
    rows += [
        stated(
            part,
            f"{coach}: level before, in the last probe, days later; cues; below 1 in the last probe",
            _course(many),
        )
        for coach, many in taught.items()
    ]
    for name, world in learning.WORLDS.items():
        if world is not learning.GUIDED and size.other_worlds:
            many = []
            for seed in range(size.other_worlds):
                many.append(learning.teach(seed, pack, learning.COACHES[0], world))
                done()
            rows.append(stated(part, f"CueCoach, were there {name}", _course(many)))
    return rows


def _course(many: Sequence[learning.Taught]) -> str:
    before, probe, later, cues = (
        statistics.mean(getattr(one, name) for one in many) for name in ("before", "last_probe", "days_later", "cues")
    )
    below = sum(one.last_probe < 1.0 for one in many)
    return f"{before:.2f}, {probe:.2f}, {later:.2f}; {cues:.0f}; {below} of {len(many)}"


def replay_rows(size: Size, shipped: Sequence[Pack], other: Path | None, steps: Steps) -> list[Row]:
    """Return the rows on replays, here and in another environment."""
    part = "replay of a journal"
    done = steps("recordings", len(shipped) + 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        for number, pack in enumerate(shipped):
            replaying.record_strides(path, number, pack, 60 * size.minutes)
            done()
        if size.landmarks_s:
            replaying.record_landmarks(path, len(shipped), library.find("pull-under"), size.landmarks_s)
        done()
        here = replaying.again(path)
        done()
        there = replaying.again_in(other, path) if other else None
    about = f"{here.sessions} sessions, {here.decisions} decisions: other than recorded"
    rows = [Row(part, about, "0", str(here.different), here.different == 0), stated(part, "sha256", here.sha256)]
    if there:
        same = there == here
        rows.append(Row(part, f"the same under {other}", "same", "same" if same else there.sha256, same))
    return rows


def cost_rows(size: Size, pack: Pack, steps: Steps) -> list[Row]:
    """Return the row on what the coach costs."""
    done = steps("half hours for the cost", max(1, round(size.hours / cost_of.CHUNK_H)))
    strides, seconds = cost_of.cost(pack, size.hours, done)
    whole_s = seconds / size.hours * cost_of.TARGET_HOURS
    about = f"1,000 hours, from {size.hours:g} h ({strides} strides, {1e6 * seconds / strides:.1f} us each)"
    return [Row("cost", about, "< 300 s", f"{whole_s:.0f} s", whole_s < cost_of.TARGET_S)]


def _percent(share: float, digits: int = 1) -> str:
    return "?" if math.isnan(share) else f"{100 * share:.{digits}f} %"


def _share(truth: Truth) -> str:
    return f"{_percent(truth.share('true'))} of {truth.cues.total()}"


def run(size: Size, other: Path | None, only: Sequence[str] = ()) -> list[Row]:
    """Return all rows, or those of some parts."""
    shipped = replaying.packs_here()
    by_id = {pack.id: pack for pack in shipped}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        if not progress.console.is_terminal:
            progress.disable = True

        def steps(what: str, total: int) -> Callable[[], None]:
            task = progress.add_task(what, total=total)
            return lambda: progress.advance(task)

        parts: dict[str, Callable[[], list[Row]]] = {
            "dose": lambda: dose_and_truth(size, shipped, steps),
            "effects": lambda: effect_rows(size, by_id[LEARNERS_PACK], steps),
            "programme": lambda: learning_rows(size, by_id[LEARNERS_PACK], steps),
            "strangers": lambda: stranger_rows(shipped, size.strangers, steps("strangers, packs", 2 * len(shipped))),
            "replay": lambda: replay_rows(size, shipped, other, steps),
            "cost": lambda: cost_rows(size, by_id["pull-under"], steps),
        }
        return [row for name, part in parts.items() if not only or name in only for row in part()]


def main() -> int:
    """Simulate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, help="sessions of usual runners; half as many hostile ones")
    parser.add_argument("--quick", action="store_true", help="a little of everything, in seconds; proves nothing")
    parser.add_argument("--only", nargs="+", default=(), choices=PARTS)
    parser.add_argument("--other-python", type=Path, help="replay in this interpreter's environment as well")
    parser.add_argument(
        "--replay", type=Path, metavar="JOURNAL", help="replay a journal and print what came out, as JSON"
    )
    add_options(parser)
    arguments = parser.parse_args()
    if arguments.replay:
        print(json.dumps(dataclasses.asdict(replaying.again(arguments.replay))))
        return 0
    os.nice(10)
    size = QUICK if arguments.quick else Size()
    if arguments.sessions:
        size = dataclasses.replace(size, sessions=arguments.sessions, hostile=max(1, arguments.sessions // 2))
    rows = run(size, arguments.other_python, arguments.only)
    title = f"bench/coaching: {size.sessions} usual and {size.hostile} hostile sessions of {size.minutes:g} minutes"
    return finish(rows, "coaching", title, save_baseline=arguments.save_baseline)


if __name__ == "__main__":
    sys.exit(main())
