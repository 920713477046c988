"""The blob format: nothing but the grain is lost, and that only once."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from journal_builders import make_pose_frame

from cuecoach.journal.landmarks import CHUNK_FRAMES, chunks, decode, encode, quantised
from cuecoach.types import Pose, PoseFrame

SIZE = (720, 1280)
coordinates = st.one_of(st.floats(-1e5, 1e5), st.just(float("nan")), st.just(float("inf")))


@st.composite
def pose_frames(draw: st.DrawFn) -> list[PoseFrame]:
    found = []
    for index in range(draw(st.integers(1, 4))):
        t_s = draw(st.floats(0, 1e5))
        pose = None
        if draw(st.booleans()):
            points = draw(hnp.arrays(np.float64, (33, 2), elements=coordinates, fill=coordinates))
            visibility = draw(hnp.arrays(np.float64, 33, elements=st.floats(0, 1), fill=st.floats(0, 1)))
            pose = Pose(t_s, points, visibility, SIZE)
        found.append(PoseFrame(t_s, index * draw(st.integers(1, 3)), pose))
    return found


@given(pose_frames())
def test_decoding_gives_back_the_quantised_pose_frames_bit_for_bit(written: list[PoseFrame]) -> None:
    found = decode(encode(written), SIZE)
    assert [(after.t_s, after.index) for after in found] == [(before.t_s, before.index) for before in written]
    for before, after in zip(map(quantised, written), found, strict=True):
        assert (before.pose is None) == (after.pose is None)
        if before.pose and after.pose:
            assert after.pose.points_px.tobytes() == before.pose.points_px.tobytes()
            assert after.pose.visibility.tobytes() == before.pose.visibility.tobytes()


def test_snapping_is_the_rounding_of_a_recordings_text() -> None:
    points = np.random.default_rng(1).uniform(0, 2000, (33, 2))
    pose_frame = quantised(PoseFrame(1 / 3, 0, Pose(1 / 3, points, np.full(33, 0.12349), SIZE)))
    pose = pose_frame.pose
    assert pose is not None
    assert pose_frame.t_s == pose.t_s == float(f"{1 / 3:.6f}") == quantised(PoseFrame(1 / 3, 0, None)).t_s
    assert pose.points_px.tolist() == [[float(f"{x:.2f}"), float(f"{y:.2f}")] for x, y in points]
    assert pose.visibility[0] == 0.123
    assert quantised(PoseFrame(0.0, 0, pose)).pose.points_px.tobytes() == pose.points_px.tobytes()  # type: ignore[union-attr]


def test_chunks_are_short_and_of_one_picture_size() -> None:
    small = [make_pose_frame(index) for index in range(CHUNK_FRAMES + 3)]
    pose = Pose(9.0, np.zeros((33, 2)), np.zeros(33), (640, 480))
    found = list(chunks([PoseFrame(-1.0, -1, None), *small, PoseFrame(9.0, 999, pose)]))
    assert [(size, len(run)) for size, run in found] == [(SIZE, CHUNK_FRAMES), (SIZE, 4), ((640, 480), 1)]
    assert list(chunks([])) == []


@pytest.mark.parametrize("blob", [b"", b"no blob", zlib.compress(b"123")])
def test_what_is_no_blob_is_refused(blob: bytes) -> None:
    with pytest.raises((ValueError, zlib.error)):
        decode(blob, SIZE)
