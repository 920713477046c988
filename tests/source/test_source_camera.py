"""Cameras, by means of a network camera on this machine that stalls, dies and comes back."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
from mjpeg import Camera

from cuecoach.errors import DeviceError
from cuecoach.source.camera import CameraSource
from cuecoach.source.settings import SourceSettings
from cuecoach.types import Frame, PoseFrame

SETTINGS = SourceSettings(stall_s=0.4, retry_most_s=0.4)


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera() as served:
        yield served


@pytest.fixture
def source(camera: Camera) -> Iterator[CameraSource]:
    opened = CameraSource(camera.url, SETTINGS)
    yield opened
    opened.close()


def read_until(source: CameraSource, enough: Callable[[Frame | PoseFrame], bool]) -> list[Frame | PoseFrame]:
    """Read until `enough`; the test's own time limit is the end of patience."""
    items = []
    while (item := source.read()) is not None:
        items.append(item)
        if enough(item):
            return items
    pytest.fail("the camera ended")


def is_nobody(item: Frame | PoseFrame) -> bool:
    return isinstance(item, PoseFrame) and item.pose is None


def is_frame(item: Frame | PoseFrame) -> bool:
    return isinstance(item, Frame)


def fail(camera: Camera, how: str) -> Callable[[], None]:
    """Make the camera fail; return what makes it work again."""
    if how == "stall":
        camera.stall()
        return camera.go_on
    camera.die()
    return camera.come_back


@pytest.mark.parametrize("how", ["stall", "die"])
def test_a_lost_camera_is_told_once_nobody_is_seen_and_it_comes_back(
    camera: Camera, source: CameraSource, how: str
) -> None:
    items = read_until(source, is_frame)
    repair = fail(camera, how)
    items += read_until(source, is_nobody)
    items += read_until(source, is_nobody)
    lost = source.notices()
    assert len(lost) == 1
    assert camera.url in lost[0]
    repair()
    items += read_until(source, is_frame)
    back = source.notices()
    assert len(back) == 1
    assert "back" in back[0]
    assert all(two.t_s > one.t_s and two.index > one.index for one, two in itertools.pairwise(items))


def test_it_is_found_again_and_again(camera: Camera, source: CameraSource) -> None:
    for _ in range(2):
        read_until(source, is_frame)
        camera.die()
        read_until(source, is_nobody)
        camera.come_back()
        read_until(source, is_frame)
    assert len(source.notices()) == 4


@pytest.mark.parametrize("how", ["stall", "die"])
def test_closing_ends_a_read_that_waits_for_a_lost_camera(camera: Camera, source: CameraSource, how: str) -> None:
    read_until(source, is_frame)
    fail(camera, how)
    ended = threading.Event()

    def read_on() -> None:
        while source.read() is not None:
            pass
        ended.set()

    threading.Thread(target=read_on, daemon=True).start()
    source.close()
    assert ended.wait(10.0)


def test_a_stream_that_is_not_there_is_told_in_one_sentence(camera: Camera) -> None:
    url = camera.url
    camera.die()
    with pytest.raises(DeviceError) as caught:
        CameraSource(url, SETTINGS)
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_camera_that_is_not_there_is_told_in_one_sentence() -> None:
    with pytest.raises(DeviceError, match=r"Camera 93 .*another number"):
        CameraSource("93", SETTINGS)
