"""Files of version 0.1 (`tests/data/v0_1`, made by it) give the same decisions and numbers as they did then."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from cuecoach import config
from cuecoach.analysis.record import decisions_of
from cuecoach.analysis.replay import pair_decisions, replay_session
from cuecoach.analysis.session import analyse
from cuecoach.gait.settings import GaitSettings
from cuecoach.journal import read
from cuecoach.journal.store import Journal
from cuecoach.pipeline.csv_files import write_files
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.pipeline.pose_frames import open_pose_frames
from cuecoach.types import Decision, Reason, Side, Speed, SpeedOrigin, Stride

DATA = Path(__file__).parent / "data" / "v0_1"
ANGLES = ("knee_peak_swing_deg", "knee_at_thigh_vertical_deg", "thigh_max_deg")
SESSIONS = range(1, 11)  # 1 to 4 from simulated strides, the others from landmarks; all eight packs of version 0.1
RECORDED = range(5, 11)
# Measured otherwise on purpose (CHANGELOG.md, "Scientific changes"). What is gross in the first strides of 5 and 7 was
# an outlier until version 0.1 had learnt better, and is believed at once today; seven toe-offs of 10 were 25 ms late.
# From these strides on angles agree to a degree, and every cue is alike.
MEASURED_BETTER = {5: 8, 7: 30, 10: 0}
LEARNT_S = (
    4.0  # the same of the recording: from then on tables agree to 1.5 pixels and degrees; trust is judged otherwise
)


def unpacked(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("cuecoach.sqlite", tmp_path_factory.mktemp("v0_1"))


def assert_same(kept: list[Decision], again: list[Decision]) -> None:
    assert [pair for pair in pair_decisions(kept, again) if not pair.same] == []


@pytest.mark.parametrize("number", SESSIONS)
def test_the_same_strides_are_decided_alike(journal: Path, number: int) -> None:
    kept = decisions_of(read.session(journal, number))
    again = replay_session(journal, number, landmarks=False)
    assert again.exact
    assert_same(kept, again.decisions)


def assert_measured_alike(then: Stride, again: Stride) -> None:
    """Equal but for trust, which is judged otherwise today, and the last digits, which processors round differently."""
    assert (again.side, again.activity) == (then.side, then.activity)
    times_s = [(one.t_strike_s, one.t_toe_off_s, one.t_next_strike_s) for one in (then, again)]
    assert times_s[1] == pytest.approx(times_s[0], abs=1e-9)
    assert again.metrics == pytest.approx(then.metrics, abs=1e-9, nan_ok=True)


def cue_of(decision: Decision) -> tuple[float, str | None, Side | None, str | None]:
    return decision.t_s, decision.fault, decision.side, decision.cue and decision.cue.id


@pytest.mark.parametrize("number", RECORDED)
def test_the_same_landmarks_are_measured_and_decided_alike(journal: Path, number: int) -> None:
    again = replay_session(journal, number, landmarks=True)
    strides, decisions = read.strides(journal, number), decisions_of(read.session(journal, number))
    learnt = MEASURED_BETTER.get(number)
    if learnt is None:
        for one, other in zip(strides, again.strides, strict=True):
            assert_measured_alike(one, other)
        assert_same(decisions, again.decisions)
        return
    for one, other in list(zip(strides, again.strides, strict=True))[learnt:]:
        assert (other.side, other.activity) == (one.side, one.activity)
        assert [other.metrics[name] for name in ANGLES] == pytest.approx(
            [one.metrics[name] for name in ANGLES], abs=1.0
        )
    assert [cue_of(d) for d in again.decisions if d.fires] == [cue_of(d) for d in decisions if d.fires]


def test_the_sessions_are_told_and_new_ones_go_into_the_same_file(tmp_path: Path) -> None:
    path = unpacked("cuecoach.sqlite", tmp_path)
    before = [analyse(path, number).summary for number in SESSIONS]
    assert [row.id for row in read.sessions(path)] == [*reversed(SESSIONS)]
    Journal.open(path).close()  # what writes brings the file up to date
    assert [analyse(path, number).summary.as_dict() for number in SESSIONS] == [summary.as_dict() for summary in before]


def test_the_settings_still_mean_the_same() -> None:
    settings = config.load(DATA / "config.toml")
    assert settings.gait.runner_height_m == 1.78
    assert settings.coach.warmup_inhibit_s == 6.0
    assert settings.session.record_landmarks
    assert settings.pose.workers == 2  # was `lookers`
    assert settings.virtual_runner.speed_mps == 3.0  # was [athlete]


def number(cell: str) -> float | str:
    """Return a cell of a table as a number, if it is one; an empty one is none."""
    try:
        return float(cell) if cell else float("nan")
    except ValueError:
        return cell


def test_a_recording_gives_the_same_tables(tmp_path: Path) -> None:
    with open_pose_frames(str(DATA / "pull-under.landmarks.csv.gz")) as frames:
        measurement = measure_pose_frames(frames, GaitSettings(), Speed(2.8, 2.8 * 0.02, SpeedOrigin.USER))
    for path in write_files(measurement, tmp_path):
        then = gzip.decompress((DATA / f"{path.name}.gz").read_bytes()).decode()
        rows = [list(csv.DictReader(io.StringIO(text))) for text in (then, path.read_text(encoding="utf-8"))]
        assert len(rows[0]) == len(rows[1])
        for one, other in zip(*rows, strict=True):
            assert one.keys() == other.keys()
            if float(one.get("t_s") or one["t_strike_s"]) > LEARNT_S:
                numbers = [{name: number(row[name]) for name in row if "trust" not in name} for row in (one, other)]
                assert numbers[1] == pytest.approx(numbers[0], abs=1.5, nan_ok=True), path.name


def test_words_that_have_another_name_today_are_read_under_it(journal: Path) -> None:
    records = [read.session(journal, number) for number in SESSIONS]
    assert {cue.reason for record in records for cue in record.cues} <= set(Reason)
    assert sum(record.withheld.get("ignored_by_pack", 0) for record in records) == 5  # was `pack_refuses`
    origins = {stride.speed.origin for number in SESSIONS for stride in read.strides(journal, number) if stride.speed}
    assert origins == {SpeedOrigin.USER, SpeedOrigin.PICTURE}  # was `belt`
