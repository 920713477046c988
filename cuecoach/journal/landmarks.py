"""The format of a landmark recording in the journal: pose frames to compact blobs and back, without loss.

A blob is zlib over blocks for n frames, little-endian: n as int64; the times (bits of the float64) and the indices,
both as int64 differences; n bytes "somebody was seen"; then for the frames with a pose (33, 3) x, y, visibility as
whole steps of the rounding grid, int32 differences from frame to frame with NOT_SEEN for NaN, all first bytes before
all second bytes and so on. About 175 bytes a frame of a real runner: 19 MB for an hour at 30 frames/s.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import LANDMARKS, Pose, PoseFrame

# The rounding of `*.landmarks.csv` too. Far finer than the landmarks' own noise (about 1 px), and a whole number of
# steps divided by these is the same float64 as the decimal text read back.
_STEPS_PER_UNIT = np.array([100.0, 100.0, 1000.0])  # per px, per px, per unit of visibility
NOT_SEEN = -(2**31)
_TIME_DIGITS = 6  # as in `*.landmarks.csv`

CHUNK_FRAMES = 128

_Size = tuple[int, int]


def quantised(pose_frame: PoseFrame) -> PoseFrame:
    """Return the pose frame with its pose rounded to whole steps and its time to microseconds.

    A recorded session is measured from quantised frames, which are what its recording gives back, so that a replay
    decides the same, bit for bit.
    """
    t_s, pose = round(pose_frame.t_s, _TIME_DIGITS), pose_frame.pose
    if pose is None:
        return replace(pose_frame, t_s=t_s)
    values = _from_steps(_to_steps([pose]))[0]
    return replace(pose_frame, t_s=t_s, pose=_pose(t_s, values, pose.image_size_px))


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
    """Return one blob. Poses must share one picture size; coordinates are rounded to whole steps."""
    times = np.array([pose_frame.t_s for pose_frame in pose_frames], dtype="<f8")
    indices = np.array([pose_frame.index for pose_frame in pose_frames], dtype="<i8")
    poses = [pose_frame.pose for pose_frame in pose_frames if pose_frame.pose]
    seen = np.array([pose_frame.pose is not None for pose_frame in pose_frames], dtype=np.uint8)
    count = np.array([len(pose_frames)], dtype="<i8")
    blocks = (
        count,
        _differences(times.view("<i8")),
        _differences(indices),
        seen,
        _byte_planes(_differences(_to_steps(poses))),
    )
    return zlib.compress(b"".join(block.tobytes() for block in blocks))


def decode(blob: bytes, size_px: _Size) -> list[PoseFrame]:
    """Return the pose frames of one blob; raises ValueError or zlib.error when it is not one."""
    data = zlib.decompress(blob)
    count = int(np.frombuffer(data, dtype="<i8", count=1)[0])
    times, indices = np.cumsum(np.frombuffer(data, dtype="<i8", count=2 * count, offset=8).reshape(2, count), axis=1)
    seen = np.frombuffer(data, dtype=np.uint8, count=count, offset=8 + 16 * count)
    planes = np.frombuffer(data, dtype=np.uint8, offset=8 + 17 * count).reshape(4, -1)
    differences = np.ascontiguousarray(planes.T).view("<i4").reshape(-1, 3 * len(LANDMARKS))
    poses = iter(_from_steps(np.cumsum(differences, axis=0, dtype="<i4")))
    return [
        PoseFrame(t_s, index, _pose(t_s, next(poses), size_px) if has_pose else None)
        for t_s, index, has_pose in zip(times.view("<f8").tolist(), indices.tolist(), seen.tolist(), strict=True)
    ]


def _to_steps(poses: Sequence[Pose]) -> NDArray[np.int32]:
    """Return whole steps, one row a pose: x, y, visibility of each landmark, NOT_SEEN for what is not finite."""
    values = np.empty((len(poses), len(LANDMARKS), 3))
    for row, pose in enumerate(poses):
        values[row, :, :2], values[row, :, 2] = pose.points_px, pose.visibility
    steps = np.rint(values * _STEPS_PER_UNIT)
    whole: NDArray[np.int32] = np.where(np.isfinite(steps), steps, NOT_SEEN).astype("<i4")
    return whole.reshape(len(poses), 3 * len(LANDMARKS))


def _from_steps(steps: NDArray[np.int32]) -> NDArray[np.float64]:
    """Undo `_to_steps`: (poses, 33, 3), NaN for NOT_SEEN."""
    whole = steps.reshape(-1, len(LANDMARKS), 3)
    return np.where(whole == NOT_SEEN, np.nan, whole / _STEPS_PER_UNIT)


def _pose(t_s: float, values: NDArray[np.float64], size_px: _Size) -> Pose:
    return Pose(t_s, values[:, :2], values[:, 2], size_px)


def _differences(rows: NDArray[Any]) -> NDArray[Any]:
    """Return differences down the first axis, the first row kept; integers wrap, so nothing is lost."""
    return np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))


def _byte_planes(rows: NDArray[Any]) -> NDArray[np.uint8]:
    """Return all first bytes, then all second bytes, ...: small numbers leave long runs of equal bytes for zlib."""
    return np.ascontiguousarray(rows).view(np.uint8).reshape(-1, rows.dtype.itemsize).T
