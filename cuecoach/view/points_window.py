"""The OpenCV window in which a person drags the joints of a leg on stills. What a drag does is in `point_editor.py`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from cuecoach.errors import DeviceError
from cuecoach.types import JOINTS, FloatArray
from cuecoach.view.point_editor import Picture, PointEditor
from cuecoach.view.primitives import Canvas
from cuecoach.view.text import write
from cuecoach.view.window import PUMP_MS, is_open, why_no_window

TITLE = "CueCoach: set the joints"
CANVAS_PX = (1000, 680)
HELP = "drag the joints   n next   p previous   u undo   s save   q leave"
_BONES = ((0, 1), (1, 2), (2, 3), (3, 4), (2, 4))
_LINE, _JOINT, _GRABBED, _TEXT = (60, 200, 255), (0, 90, 255), (255, 255, 255), (235, 235, 235)
_CAP_PX, _LINE_PX = 14.0, 36
_NEXT, _PREVIOUS, _UNDO, _SAVE, _LEAVE = (tuple(map(ord, keys)) for keys in ("nN ", "pP", "uU", "sS", "qQ\x1b"))


def set_points(pictures: Sequence[Picture]) -> list[FloatArray] | None:
    """Show the stills until the person saves; return the joints (5, 2) px of each, None when the window was left.

    Raises
    ------
    DeviceError
        This machine can show no window.
    """
    if why := why_no_window():
        raise DeviceError(f"No window can be shown: {why}. Set the points elsewhere and give them with --points FILE.")
    editor = PointEditor(pictures, CANVAS_PX)
    try:
        cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.setMouseCallback(TITLE, _pointer(editor))
        return _pump(editor)
    except cv2.error as problem:
        raise DeviceError(f"The window failed ({str(problem).splitlines()[0]}): give points with --points.") from None
    finally:
        with contextlib.suppress(cv2.error):
            cv2.destroyAllWindows()
            cv2.waitKey(1)


def draw_still(editor: PointEditor) -> Canvas:
    """Return what the window shows, height x width x 3."""
    crop, (width, height) = editor.crop, CANVAS_PX
    shift = np.array([[crop.scale, 0, -crop.left_px * crop.scale], [0, crop.scale, -crop.top_px * crop.scale]])
    picture = editor.pictures[editor.number].image_bgr
    canvas = cv2.warpAffine(picture, shift, (width, height), flags=cv2.INTER_LINEAR).astype(np.uint8)
    points = [(round(x), round(y)) for x, y in editor.shown.tolist()]
    for start, end in _BONES:
        cv2.line(canvas, points[start], points[end], _LINE, 1, cv2.LINE_AA)
    for joint, place in enumerate(points):
        cv2.circle(canvas, place, 7, _GRABBED if joint == editor.grabbed else _JOINT, 2, cv2.LINE_AA)
        write(canvas, JOINTS[joint], place[0] + 12, place[1] - 6, _CAP_PX, _TEXT)
    for text, bottom in ((editor.label(), _LINE_PX), (HELP, height)):
        canvas[bottom - _LINE_PX : bottom] //= 3
        write(canvas, text, 12, bottom - 11, _CAP_PX, _TEXT)
    return canvas


def command(editor: PointEditor, key: int) -> str:
    """Carry out a key of `cv2.waitKey`; return save or leave when the window is done, else nothing."""
    if key in _NEXT or key in _PREVIOUS:
        editor.turn(1 if key in _NEXT else -1)
    elif key in _UNDO:
        editor.undo()
    elif key in _SAVE and editor.all_seen:
        return "save"
    elif key in _LEAVE:
        return "leave"
    elif key in _SAVE:
        editor.turn(1)  # there are stills that nobody has looked at
    return ""


def _pointer(editor: PointEditor) -> Callable[[int, int, int, int, object], None]:
    """Return what OpenCV calls with every movement of the pointer."""

    def moved(event: int, x: int, y: int, _flags: int, _data: object) -> None:
        if event == cv2.EVENT_LBUTTONDOWN:
            editor.press(x, y)
        elif event == cv2.EVENT_MOUSEMOVE:
            editor.move(x, y)
        elif event == cv2.EVENT_LBUTTONUP:
            editor.move(x, y)
            editor.release()

    return moved


def _pump(editor: PointEditor) -> list[FloatArray] | None:
    while True:
        cv2.imshow(TITLE, draw_still(editor))
        done = command(editor, cv2.waitKey(PUMP_MS) & 0xFF)
        if done == "save":
            return editor.points_px
        if done == "leave" or not is_open(TITLE):
            return None
