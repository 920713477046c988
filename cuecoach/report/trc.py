"""Landmarks as a TRC file, the marker format of OpenSim and its kin. Owns the scale from pixels to metres.

A picture has one depth, so z is 0. Metres come from the leg: 0.491 of the runner's height (Drillis & Contini 1966), or
0.864 m, the mean runner's of Fukuchi et al. 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cuecoach.errors import InputError
from cuecoach.types import ANKLE, HIP, KNEE, LANDMARKS, LEG_LANDMARKS, FloatArray, PoseFrame

_LEG_OF_HEIGHT = 0.491
_LEG_M = 0.864


def write_trc(path: Path, pose_frames: Sequence[PoseFrame], rate_hz: float, height_m: float | None) -> None:
    """Write landmarks as TRC; raises InputError when nobody was ever seen, OSError when it cannot be written."""
    points = to_metres(pose_frames, height_m)
    cells = [[f"{value:.4f}" if np.isfinite(value) else "" for value in row] for row in points.reshape(len(points), -1)]
    names = "\t\t\t".join(LANDMARKS)
    axes = "\t".join(f"{axis}{place}" for place in range(1, len(LANDMARKS) + 1) for axis in "XYZ")
    count = len(pose_frames)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate_hz:.6g}\t{rate_hz:.6g}\t{count}\t{len(LANDMARKS)}\tm\t{rate_hz:.6g}\t1\t{count}",
        f"Frame#\tTime\t{names}\t\t",
        f"\t\t{axes}",
        "",
    ]
    lines += [
        "\t".join([str(number), f"{pose_frame.t_s:.6f}", *row])
        for number, (pose_frame, row) in enumerate(zip(pose_frames, cells, strict=True), start=1)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def to_metres(pose_frames: Sequence[PoseFrame], height_m: float | None) -> FloatArray:
    """Return (frames, 33, 3) metres: x forward from the first hips, y up from the lowest foot, z 0; NaN: not seen."""
    nobody = np.full((len(LANDMARKS), 2), np.nan)
    px = np.array([one.pose.points_px if one.pose else nobody for one in pose_frames]).reshape(-1, len(LANDMARKS), 2)
    legs = px[:, np.array(LEG_LANDMARKS)]
    if not np.isfinite(legs).any():
        raise InputError("Nobody was seen in this recording: there are no landmarks to write.")
    bones = np.linalg.norm(legs[:, :, KNEE] - legs[:, :, HIP], axis=-1)
    bones += np.linalg.norm(legs[:, :, ANKLE] - legs[:, :, KNEE], axis=-1)
    leg_m = _LEG_M if height_m is None else _LEG_OF_HEIGHT * height_m
    m_per_px = leg_m / float(np.nanmedian(bones))
    forward = np.nanmedian(legs[:, :, 4, 0] - legs[:, :, 3, 0])  # toes are in front of heels
    hips = legs[:, :, HIP].mean(axis=1)
    first = hips[np.isfinite(hips).all(axis=1)][0]
    x = (px[..., 0] - first[0]) * (1.0 if forward >= 0 else -1.0) * m_per_px
    y = (np.nanmax(legs[..., 1]) - px[..., 1]) * m_per_px
    return np.stack([x, y, np.where(np.isfinite(x), 0.0, np.nan)], axis=-1)
