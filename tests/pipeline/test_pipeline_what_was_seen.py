"""What was seen, in words: each reason from the landmarks that show it, the same in every verb."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gait_stick import MEAN_WALKER, SIZE, Stick, film, times
from perfect_pose import clean_runner, pose_frames, write_pose_frames
from typer.testing import CliRunner

from cuecoach.cli import app
from cuecoach.pipeline.counts import MeasurementCounts
from cuecoach.pipeline.what_was_seen import PeopleSeen, Seen, what_was_seen
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import Activity, Pose, PoseFrame, Speed, SpeedOrigin


def moved(frames: Iterable[PoseFrame], px: np.ndarray) -> list[PoseFrame]:
    """Return the frames with everything moved by (n,) px to the right."""
    return [
        replace(one, pose=one.pose and replace(one.pose, points_px=one.pose.points_px + np.array([shift, 0.0])))
        for one, shift in zip(frames, px, strict=True)
    ]


def standing() -> list[PoseFrame]:
    first = film(Stick(), times(0.1, 30.0))[0]
    assert first.pose is not None
    rng = np.random.default_rng(1)
    out = []
    for k in range(150):
        points = first.pose.points_px + rng.normal(0.0, 3.0, first.pose.points_px.shape)
        out.append(PoseFrame(k / 30, k, replace(first.pose, t_s=k / 30, points_px=points)))
    return out


def hidden(frames: Iterable[PoseFrame]) -> list[PoseFrame]:
    return [replace(one, pose=one.pose and replace(one.pose, visibility=np.full(33, 0.2))) for one in frames]


def below_the_picture(frames: Iterable[PoseFrame]) -> list[PoseFrame]:
    return [
        replace(one, pose=one.pose and replace(one.pose, points_px=one.pose.points_px + np.array([0.0, 500.0])))
        for one in frames
    ]


def slowed(frames: Iterable[PoseFrame], by: float) -> list[PoseFrame]:
    return [replace(one, t_s=by * one.t_s, pose=one.pose and replace(one.pose, t_s=by * one.t_s)) for one in frames]


def squatting() -> list[PoseFrame]:
    """Return somebody whose one leg swings to and fro."""
    frames = film(Stick(), times(6.0, 30.0))
    out = []
    for one in frames:
        assert one.pose is not None
        points = one.pose.points_px.copy()
        points[[23, 25, 27, 29, 31]] = frames[0].pose.points_px[[23, 25, 27, 29, 31]]  # type: ignore[union-attr]
        out.append(replace(one, pose=replace(one.pose, points_px=points)))
    return out


WALKER = film(Stick(stride_s=1.1, curves=MEAN_WALKER, bob_leg=-0.025), times(6.0, 30.0))
ACROSS_PX = np.linspace(-550.0, 550.0, len(WALKER))
RUNNER = film(Stick(), times(6.0, 30.0))


@pytest.mark.parametrize(
    ("frames", "seen"),
    [
        ([PoseFrame(k / 30, k, None) for k in range(90)], Seen.NOBODY),
        (RUNNER[:2] + [PoseFrame(k / 30, k, None) for k in range(2, 90)], Seen.NOBODY),
        (moved(WALKER, ACROSS_PX), Seen.PASSING),
        (hidden(RUNNER), Seen.LEGS_HIDDEN),
        (below_the_picture(RUNNER), Seen.LEGS_HIDDEN),
        (standing(), Seen.STANDING),
        (squatting(), Seen.UNCLEAR),
    ],
    ids=["nobody", "hardly anybody", "passing", "hidden", "below the picture", "standing", "unclear"],
)
def test_why_there_is_no_stride(frames: list[PoseFrame], seen: Seen) -> None:
    people = PeopleSeen()
    for frame in frames:
        people.add(frame)
    assert what_was_seen({}, people.summary()) is seen


def test_a_bystander_is_somebody() -> None:
    people = PeopleSeen()
    for frame in moved(WALKER, ACROSS_PX):
        people.add(PoseFrame(frame.t_s, frame.index, None, bystander=frame.pose))
    assert what_was_seen({}, people.summary()) is Seen.PASSING


def test_two_people_who_take_turns_in_the_picture_do_not_pass() -> None:
    people = PeopleSeen()
    for frame in moved(standing(), np.where(np.arange(150) % 20 < 10, 0.0, 900.0)):
        people.add(frame)
    assert people.summary().passing == 0.0


def test_running_needs_no_reason_and_walking_is_told() -> None:
    people = PeopleSeen()
    for frame in WALKER:
        people.add(frame)
    assert what_was_seen({Activity.RUNNING: 3}, people.summary()) is Seen.RUNNING
    assert what_was_seen({Activity.WALKING: 3}, people.summary()) is Seen.WALKING


@pytest.mark.parametrize("mps", [9.0, 1.0])
@pytest.mark.parametrize("height_m", [None, 1.6, 1.95])
def test_a_speed_that_contradicts_the_feet_is_told(mps: float, height_m: float | None) -> None:
    people = PeopleSeen()
    for frame in RUNNER:
        people.add(frame)
    given = Speed(mps, 0.1, SpeedOrigin.USER)
    assert what_was_seen({}, people.summary(), given=given, height_m=height_m) is Seen.SPEED_CONTRADICTS
    assert what_was_seen({}, people.summary(), given=Speed(2.8, 0.1, SpeedOrigin.USER)) is Seen.UNCLEAR
    assert what_was_seen({}, people.summary(), slow_motion=4.0, given=given) is Seen.SLOWED


def test_nothing_seen_is_nobody() -> None:
    assert what_was_seen({}, PeopleSeen().summary()) is Seen.NOBODY
    unseen = PeopleSeen()
    for k in range(10):
        unseen.add(PoseFrame(k / 30, k, Pose(k / 30, np.full((33, 2), np.nan), np.zeros(33), (640, 480))))
    assert what_was_seen({}, unseen.summary()) is Seen.LEGS_HIDDEN
    counts = MeasurementCounts()
    assert counts.why == "nobody was seen, so nothing was measured"


@pytest.mark.parametrize(
    ("frames", "seen", "words"),
    [
        (standing(), "standing", "stood there"),
        (moved(WALKER, ACROSS_PX), "passing", "crossed the picture"),
        (hidden(standing()), "legs_hidden", "legs are hidden"),
        (slowed(pose_frames(clean_runner(rate_hz=60.0)), 8.0), "slowed", "--slow-motion 8"),
        ([PoseFrame(k / 30, k, None) for k in range(90)], "nobody", "nobody was seen"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_measure_and_run_say_the_same(tmp_path: Path, frames: list[PoseFrame], seen: str, words: str) -> None:
    recording = tmp_path / "it.landmarks.csv"
    with RecordingWriter(recording, 30.0, SIZE) as writer:
        for frame in frames:
            writer.write(frame)
    journal = tmp_path / "j.sqlite"
    verbs = (
        ("measure", str(recording), "--out", str(tmp_path / "out")),
        ("run", "--source", str(recording), "--view", "none", "--journal", str(journal), "--quiet"),
    )
    for verb in verbs:
        told = CliRunner().invoke(app, [*verb])
        assert told.exit_code == 0, told.output
        assert words in told.stdout
        as_json = json.loads(CliRunner().invoke(app, [*verb, "--json"]).stdout)
        assert as_json["seen"] == seen
        assert as_json["slow_motion"] == (8.0 if seen == "slowed" else None)


@pytest.mark.parametrize("speed", ["1.2m/s", "12m/s"])
def test_a_given_speed_far_from_that_of_the_feet_is_told_with_strides_or_without(tmp_path: Path, speed: str) -> None:
    recording = write_pose_frames(tmp_path / "it.landmarks.csv", pose_frames(clean_runner()))
    command = ["measure", str(recording), "--out", str(tmp_path / "out"), "--speed"]
    assert "as at about 2.7 m/s" in CliRunner().invoke(app, [*command, speed]).stdout
    assert "as at about" not in CliRunner().invoke(app, [*command, "3m/s"]).stdout
