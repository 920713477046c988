"""Landmarks of a session as compact blobs, and back without loss. Owns that format; knows neither SQLite nor files.

A blob is zlib over blocks for n frames, little-endian: n as int64; the times (bits of the float64) and the indices,
both as int64 differences; n bytes "somebody was seen"; then for the frames with a pose (33, 3) x, y, visibility as
whole grains, int32 differences from frame to frame with NOT_SEEN for NaN, all first bytes before all second bytes and
so on. About 175 bytes a frame of a real runner: 19 MB for an hour at 30 frames/s.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import LANDMARKS, Pose, PoseFrame

# The grain of `*.landmarks.csv` too. Far finer than the landmarks' own noise (about 1 px), and a whole number of grains
# divided by these is the same float64 as the decimal text read back.
_GRAINS = np.array([100.0, 100.0, 1000.0])  # per px, per px, per unit of visibility
NOT_SEEN = -(2**31)
_TIME_DIGITS = 6  # those of a recording's text

CHUNK_FRAMES = 128

_Size = tuple[int, int]


def snapped(pose_frame: PoseFrame) -> PoseFrame:
    """Return the pose frame with its pose rounded to whole grains and its time to microseconds.

    What gait is fed live must be what a recording gives back, in the journal or as `*.landmarks.csv`, or a replay could
    not decide the same, bit for bit.
    """
    t_s, pose = round(pose_frame.t_s, _TIME_DIGITS), pose_frame.pose
    if pose is None:
        return PoseFrame(t_s, pose_frame.index, None)
    values = _values(_grains_of([pose]))[0]
    return PoseFrame(t_s, pose_frame.index, _pose(t_s, values, pose.image_size_px))


def chunks(pose_frames: Iterable[PoseFrame]) -> Iterator[tuple[_Size, list[PoseFrame]]]:
    """Split into runs of at most CHUNK_FRAMES with one picture size (width, height); (0, 0) when nobody was seen."""
    size: _Size = (0, 0)
    run: list[PoseFrame] = []
    for pose_frame in pose_frames:
        new_size = pose_frame.pose.image_size_px if pose_frame.pose else size
        if run and (len(run) == CHUNK_FRAMES or (size not in ((0, 0), new_size))):
            yield size, run
            run = []
        size = new_size
        run.append(pose_frame)
    if run:
        yield size, run


def encode(pose_frames: Sequence[PoseFrame]) -> bytes:
    """Return one blob. Poses must share one picture size; coordinates are rounded to whole grains."""
    times = np.array([pose_frame.t_s for pose_frame in pose_frames], dtype="<f8")
    indices = np.array([pose_frame.index for pose_frame in pose_frames], dtype="<i8")
    poses = [pose_frame.pose for pose_frame in pose_frames if pose_frame.pose]
    seen = np.array([pose_frame.pose is not None for pose_frame in pose_frames], dtype=np.uint8)
    count = np.array([len(pose_frames)], dtype="<i8")
    blocks = (count, _steps(times.view("<i8")), _steps(indices), seen, _bytes_apart(_steps(_grains_of(poses))))
    return zlib.compress(b"".join(block.tobytes() for block in blocks))


def decode(blob: bytes, size_px: _Size) -> list[PoseFrame]:
    """Return the pose frames of one blob; raises ValueError or zlib.error when it is not one."""
    data = zlib.decompress(blob)
    count = int(np.frombuffer(data, dtype="<i8", count=1)[0])
    times, indices = np.cumsum(np.frombuffer(data, dtype="<i8", count=2 * count, offset=8).reshape(2, count), axis=1)
    seen = np.frombuffer(data, dtype=np.uint8, count=count, offset=8 + 16 * count)
    apart = np.frombuffer(data, dtype=np.uint8, offset=8 + 17 * count).reshape(4, -1)
    steps = np.ascontiguousarray(apart.T).view("<i4").reshape(-1, 3 * len(LANDMARKS))
    poses = iter(_values(np.cumsum(steps, axis=0, dtype="<i4")))
    return [
        PoseFrame(t_s, index, _pose(t_s, next(poses), size_px) if has_pose else None)
        for t_s, index, has_pose in zip(times.view("<f8").tolist(), indices.tolist(), seen.tolist(), strict=True)
    ]


def _grains_of(poses: Sequence[Pose]) -> NDArray[np.int32]:
    """Whole grains, one row a pose: x, y, visibility of each landmark, NOT_SEEN for what is not finite."""
    values = np.empty((len(poses), len(LANDMARKS), 3))
    for row, pose in enumerate(poses):
        values[row, :, :2], values[row, :, 2] = pose.points_px, pose.visibility
    grains = np.rint(values * _GRAINS)
    whole: NDArray[np.int32] = np.where(np.isfinite(grains), grains, NOT_SEEN).astype("<i4")
    return whole.reshape(len(poses), 3 * len(LANDMARKS))


def _values(grains: NDArray[np.int32]) -> NDArray[np.float64]:
    """Undo `_grains_of`: (poses, 33, 3), NaN for NOT_SEEN."""
    whole = grains.reshape(-1, len(LANDMARKS), 3)
    return np.where(whole == NOT_SEEN, np.nan, whole / _GRAINS)


def _pose(t_s: float, values: NDArray[np.float64], size_px: _Size) -> Pose:
    return Pose(t_s, values[:, :2], values[:, 2], size_px)


def _steps(rows: NDArray[Any]) -> NDArray[Any]:
    """Differences down the first axis, the first row kept; whole numbers wrap, so nothing is lost."""
    return np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))


def _bytes_apart(rows: NDArray[Any]) -> NDArray[np.uint8]:
    """All first bytes, then all second bytes, ...: small numbers then leave long runs of equal bytes for zlib."""
    return np.ascontiguousarray(rows).view(np.uint8).reshape(-1, rows.dtype.itemsize).T
