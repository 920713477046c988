"""What every source promises (`cuecoach.source.base.Source`), checked on every kind of source."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from films import numbered, steady, write_film
from mjpeg import Camera

from cuecoach.source.base import Source
from cuecoach.source.camera import CameraSource
from cuecoach.source.film import FilmSource
from cuecoach.source.landmark_recording import RecordingSource, RecordingWriter
from cuecoach.source.settings import SourceSettings
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.types import Frame, Pose, PoseFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SIZE_PX = (160, 120)
COUNT = 24


@dataclass(frozen=True)
class Kind:
    """One way to open a source. `count` is how many frames it has, None without end."""

    kind: str
    open: Callable[[Path], Source]
    live: bool
    count: int | None = COUNT


def film(folder: Path) -> Path:
    times_s = [t_s + 0.011 * (i % 3) for i, t_s in enumerate(steady(COUNT))]
    return write_film(folder / "film.mp4", [numbered(i, SIZE_PX) for i in range(COUNT)], times_s)


def recording(folder: Path) -> Path:
    path = folder / "run.landmarks.csv"
    with RecordingWriter(path, 30.0, SIZE_PX) as writer:
        for i, t_s in enumerate(steady(COUNT)):
            pose = None if i == 3 else Pose(t_s, np.full((33, 2), 10.0 + i), np.ones(33), SIZE_PX)
            writer.write(PoseFrame(t_s, i, pose))
    return path


def virtual(realtime: bool) -> Source:
    settings = VirtualRunnerSettings(
        duration_s=COUNT / 30, rate_hz=30.0, width_px=SIZE_PX[0] * 2, height_px=SIZE_PX[1] * 2
    )
    return VirtualSource(settings, realtime)


CAMERA_SETTINGS = SourceSettings(stall_s=0.5, retry_most_s=0.5)


@pytest.fixture(scope="module")
def camera() -> Iterator[Camera]:
    with Camera(size_px=SIZE_PX) as served:
        yield served


KINDS = {
    "video": Kind("video", lambda folder: FilmSource(film(folder)), live=False),
    "video in real time": Kind("video", lambda folder: FilmSource(film(folder), realtime=True), live=True),
    "recording": Kind("recording", lambda folder: RecordingSource(recording(folder)), live=False),
    "recording in real time": Kind(
        "recording", lambda folder: RecordingSource(recording(folder), realtime=True), live=True
    ),
    "virtual": Kind("virtual", lambda _: virtual(False), live=False),
    "virtual in real time": Kind("virtual", lambda _: virtual(True), live=True),
    "camera": Kind("camera", lambda _: pytest.fail("opened by the fixture"), live=True, count=None),
}


LIVE = [name for name, kind in KINDS.items() if kind.live]
NOT_LIVE = [name for name, kind in KINDS.items() if not kind.live]
WITH_AN_END = [name for name, kind in KINDS.items() if kind.count is not None]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def source(kind: Kind, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Source]:
    if kind.kind == "camera":
        opened: Source = CameraSource(request.getfixturevalue("camera").url, CAMERA_SETTINGS)
    else:
        opened = kind.open(tmp_path)
    yield opened
    opened.close()


def take(source: Source, most: int = COUNT) -> list[Frame | PoseFrame]:
    """Return up to `most` items."""
    items = []
    while len(items) < most and (item := source.read()) is not None:
        items.append(item)
    return items


def test_it_says_what_it_is(kind: Kind, source: Source) -> None:
    info = source.info
    assert info.kind == kind.kind
    assert info.name
    assert info.rate_hz > 0
    assert all(side > 0 for side in info.size_px)
    assert info.live is kind.live
    assert (info.epoch_s is not None) is kind.live
    assert info.frame_count == kind.count


def test_time_and_index_strictly_rise_from_near_zero(source: Source) -> None:
    items = take(source)
    assert len(items) >= 2
    times_s = [item.t_s for item in items]
    assert 0.0 <= times_s[0] < 0.5
    assert all(math.isfinite(t_s) for t_s in times_s)
    assert all(later > earlier for earlier, later in itertools.pairwise(times_s))
    assert all(two.index > one.index for one, two in itertools.pairwise(items))


def test_pictures_are_upright_bytes_of_the_stated_size_and_pose_frames_carry_it(source: Source) -> None:
    for item in take(source, 5):
        if isinstance(item, Frame):
            assert item.image_bgr.dtype == np.uint8
            assert item.image_bgr.shape == (source.info.size_px[1], source.info.size_px[0], 3)
        elif item.pose is not None:
            assert item.pose.image_size_px == source.info.size_px
            assert item.pose.t_s == item.t_s


@pytest.mark.parametrize("kind", NOT_LIVE, indirect=True)
def test_nothing_is_skipped_unless_it_runs_by_the_wall_clock(source: Source) -> None:
    assert [item.index for item in take(source, 2 * COUNT)] == list(range(COUNT))


@pytest.mark.parametrize("kind", WITH_AN_END, indirect=True)
def test_the_end_is_the_end_for_ever(source: Source) -> None:
    take(source, 2 * COUNT)
    assert [source.read() for _ in range(3)] == [None] * 3


@pytest.mark.parametrize("kind", LIVE, indirect=True)
def test_a_live_source_gives_no_frame_before_its_time_and_the_newest_to_a_slow_reader(source: Source) -> None:
    epoch_s = source.info.epoch_s
    assert epoch_s is not None
    first = source.read()
    time.sleep(0.3)
    item = source.read()
    assert first is not None
    assert item is None or item.t_s - first.t_s > 0.15, "the frames of the 0.3 s in which nobody read are lost"
    assert item is None or item.t_s <= time.monotonic() - epoch_s


def test_closing_twice_does_no_harm_and_ends_reading(source: Source) -> None:
    source.read()
    source.close()
    source.close()
    assert source.read() is None


def test_closing_from_another_thread_ends_a_read(source: Source) -> None:
    ended = threading.Event()

    def read_on() -> None:
        while source.read() is not None:
            pass
        ended.set()

    threading.Thread(target=read_on, daemon=True).start()
    source.close()
    assert ended.wait(5.0)


def test_a_healthy_source_has_nothing_to_tell(source: Source) -> None:
    take(source, 5)
    assert source.notices() == ()
