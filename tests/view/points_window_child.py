"""Run as a process by test_view_points_window.py: the window in which joints are set. Prints what came of it."""

from __future__ import annotations

import numpy as np

from cuecoach.errors import DeviceError
from cuecoach.view.point_editor import Picture
from cuecoach.view.points_window import set_points

LEG = np.array([[300.0, 200.0], [340.0, 320.0], [280.0, 420.0], [262.0, 450.0], [330.0, 446.0]])


def main() -> None:
    image = np.full((640, 480, 3), 120, np.uint8)
    try:
        joints = set_points([Picture(image, "mid-stance", LEG)])
        print("left" if joints is None else f"saved {joints[0][0].round(1).tolist()}")  # noqa: T201
    except DeviceError as problem:
        print(f"raised {problem}")  # noqa: T201


if __name__ == "__main__":
    main()
