"""The time of a film against that of life: what is mended, what is doubted, and what is said about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from perfect_pose import PerfectPose, clean_runner, pose_frames

from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.film_time import LOOK_AHEAD, FilmTime
from cuecoach.pipeline.measurement import measure_pose_frames
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.types import PoseFrame, SourceKind


def through(frames: Sequence[PoseFrame], ahead: int = 0, film_time: FilmTime | None = None) -> list[PoseFrame]:
    """Return the frames as mended, each after `ahead` later ones were watched."""
    film_time = film_time or FilmTime()
    waiting: deque[PoseFrame] = deque()
    out = []
    for frame in frames:
        film_time.watch(frame)
        waiting.append(frame)
        if len(waiting) > ahead:
            out.append(film_time.mend(waiting.popleft()))
    film_time.finish()
    return out + [film_time.mend(frame) for frame in waiting]


def with_every_sixth_missing(frames: Sequence[PoseFrame]) -> tuple[list[PoseFrame], list[float]]:
    """Return 30 pictures a second written as 25, and when each was taken, on the film's clock as a whole."""
    kept = [one for one in frames if one.index % 6 != 2]
    dated = [PoseFrame(k / 25, k, one.pose and replace(one.pose, t_s=k / 25)) for k, one in enumerate(kept)]
    return dated, [one.t_s for one in kept]


def slowed(frames: Sequence[PoseFrame], times: float, from_s: float = 0.0) -> list[PoseFrame]:
    at_s = [from_s + times * (one.t_s - from_s) for one in frames]
    return [
        replace(one, t_s=t_s, pose=one.pose and replace(one.pose, t_s=t_s))
        for one, t_s in zip(frames, at_s, strict=True)
    ]


def test_with_what_comes_after_known_all_times_are_mended() -> None:
    film, true_s = with_every_sixth_missing(pose_frames(clean_runner()))
    film_time = FilmTime()
    mended = through(film, LOOK_AHEAD, film_time)
    assert film_time.notices() == ("One picture in 6 is missing in this film; the times of the others were put right.",)
    assert film_time.notices() == (), "once"
    off_s = np.array([one.t_s for one in mended]) - true_s
    assert np.ptp(off_s) < 1e-9
    assert all(one.pose is not None and one.pose.t_s == one.t_s for one in mended)


def test_at_once_they_are_mended_from_when_it_is_known_and_rise() -> None:
    film, true_s = with_every_sixth_missing(pose_frames(clean_runner()))
    mended = through(film)
    assert all(a.t_s < b.t_s for a, b in pairwise(mended))
    off_s = (np.array([one.t_s for one in mended]) - true_s)[100:]
    assert np.ptp(off_s) < 1e-9


def test_a_film_in_order_passes_as_it_is() -> None:
    frames = pose_frames(clean_runner())
    film_time = FilmTime()
    passed = through(frames, LOOK_AHEAD, film_time)
    assert all(one is other for one, other in zip(passed, frames, strict=True))
    assert film_time.notices() == ()
    assert film_time.slow_motion is None


@pytest.mark.parametrize(("times", "words"), [(2.0, "about 2 times"), (4.0, "about 4 times"), (8.0, "about 8 times")])
def test_strides_of_a_slowed_film_are_not_trusted_and_the_factor_is_proposed(times: float, words: str) -> None:
    film_time = FilmTime()
    seen = through(slowed(pose_frames(clean_runner()), times), LOOK_AHEAD, film_time)
    assert film_time.slow_motion == times
    (sentence,) = film_time.notices()
    assert words in sentence
    assert f"--slow-motion {times:g}" in sentence
    measured = measure_pose_frames(seen, GaitSettings())
    assert max(measured.counts.trusts, default=0.0) < 0.1


def test_what_is_left_of_a_slow_motion_is_proposed_as_a_whole() -> None:
    """A film slowed eight times and said to be slowed twice is still slowed four times."""
    film_time = FilmTime(slow_motion=2.0)
    through(slowed(pose_frames(clean_runner()), 4.0), 0, film_time)
    assert film_time.slow_motion == 8.0


def test_a_speed_that_changes_is_told_and_only_the_slowed_part_is_doubted() -> None:
    life = pose_frames(clean_runner(rate_hz=60.0))
    half = len(life) // 2
    turn_s = life[half].t_s
    slow = slowed(life[half:], 4.0, turn_s)
    film_time = FilmTime()
    seen = through(life[:half] + slow, LOOK_AHEAD, film_time)
    (sentence,) = film_time.notices()
    assert "speed changes about 3 s after its beginning" in sentence
    assert "from that of life to about 4 times slower" in sentence
    first, last = seen[30].pose, seen[-30].pose
    assert first is not None
    assert last is not None
    assert first.visibility.min() > 0.9
    assert last.visibility.max() < 0.5


def test_a_reader_that_iterates_looks_ahead_and_one_that_reads_does_not() -> None:
    film, true_s = with_every_sixth_missing(pose_frames(clean_runner()))

    class Recorded(PerfectPose):
        def __init__(self) -> None:
            super().__init__(clean_runner())
            self._left = iter(film)

        def read(self) -> PoseFrame | None:
            return next(self._left, None)

    def off_s(frames: list[PoseFrame]) -> np.ndarray:
        return np.array([one.t_s for one in frames]) - true_s

    ahead = PoseFrames(Recorded)
    assert np.ptp(off_s(list(ahead))) < 1e-9
    assert len(ahead.notices()) == 1
    at_once = PoseFrames(Recorded)
    read = []
    while (seen := at_once.read()) is not None:
        read.append(seen.pose_frame)
    assert np.ptp(off_s(read)) > 0.015
    assert np.ptp(off_s(read)[100:]) < 1e-9


def test_a_camera_and_the_virtual_runner_have_lifes_time() -> None:
    class Live(PerfectPose):
        def __init__(self) -> None:
            super().__init__(clean_runner())
            self.info = replace(self.info, kind=SourceKind.VIRTUAL)
            self._left = iter(slowed(pose_frames(clean_runner()), 4.0))

        def read(self) -> PoseFrame | None:
            return next(self._left, None)

    frames = PoseFrames(Live)
    list(frames)
    assert frames.seems_slowed is None
    assert frames.notices() == ()
