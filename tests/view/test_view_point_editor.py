"""Dragging joints on stills: what is grabbed, where it goes, and how it is taken back."""

from __future__ import annotations

import numpy as np
import pytest

from cuecoach.types import FloatArray
from cuecoach.view.point_editor import GRAB_PX, Crop, Picture, PointEditor
from cuecoach.view.points_window import CANVAS_PX, command, draw_still

LEG: FloatArray = np.array([[300.0, 200.0], [340.0, 320.0], [280.0, 420.0], [262.0, 450.0], [330.0, 446.0]])


def editor(count: int = 3) -> PointEditor:
    image = np.full((640, 480, 3), 120, np.uint8)
    return PointEditor([Picture(image, f"moment {k}", LEG + k) for k in range(count)], CANVAS_PX)


def press_joint(edit: PointEditor, joint: int, off: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    x, y = edit.shown[joint]
    edit.press(x + off[0], y + off[1])
    return float(x), float(y)


@pytest.mark.parametrize("canvas_px", [(1000, 680), (400, 900)])
def test_the_whole_leg_is_shown_and_places_agree_both_ways(canvas_px: tuple[int, int]) -> None:
    crop = Crop.about(LEG, canvas_px)
    shown = crop.to_canvas(LEG)
    assert (shown > 0).all()
    assert (shown < canvas_px).all()
    assert crop.to_picture(*shown[2]) == pytest.approx(LEG[2])


def test_a_joint_is_dragged_where_the_pointer_goes() -> None:
    edit = editor()
    x, y = press_joint(edit, 0, off=(3.0, 2.0))
    assert edit.grabbed == 0
    edit.move(x + 50.0, y - 20.0)
    edit.release()
    edit.move(0.0, 0.0)
    assert edit.points_px[0][0] == pytest.approx(LEG[0] + np.array([50.0, -20.0]) / edit.crop.scale)
    assert (edit.points_px[0][1:] == LEG[1:]).all()
    assert (edit.points_px[1] == LEG + 1).all()
    assert (edit.pictures[0].points_px == LEG).all(), "what was measured is kept"


def test_the_nearest_joint_is_grabbed_and_none_that_is_far() -> None:
    edit = editor()
    heel, toe = edit.shown[3], edit.shown[4]
    edit.press(*(0.6 * heel + 0.4 * toe) if np.hypot(*(heel - toe)) < 1.5 * GRAB_PX else tuple(heel + 1.0))
    assert edit.grabbed == 3
    edit.release()
    edit.press(*(edit.shown[0] + [0.0, -2.0 * GRAB_PX]))
    assert edit.grabbed is None


def test_undo_takes_back_one_drag_after_the_other_and_shows_where() -> None:
    edit = editor()
    for number, joint in ((0, 1), (1, 2)):
        x, y = press_joint(edit, joint)
        edit.move(x + 30.0, y)
        edit.release()
        edit.turn(1)
        assert edit.number == number + 1
    edit.undo()
    assert edit.number == 1
    assert (edit.points_px[1] == LEG + 1).all()
    assert (edit.points_px[0] != LEG).any()
    edit.undo()
    edit.undo()
    assert edit.number == 0
    assert (edit.points_px[0] == LEG).all()


def test_stills_are_turned_to_the_ends_and_no_further() -> None:
    edit = editor(2)
    edit.turn(-1)
    assert edit.label() == "1 of 2, moment 0"
    edit.turn(1)
    edit.turn(1)
    assert edit.label() == "2 of 2, moment 1"
    press_joint(edit, 0)
    assert edit.label().endswith(": hip")


def test_saving_waits_until_every_still_was_seen() -> None:
    edit = editor(3)
    assert command(edit, ord("s")) == ""
    assert edit.number == 1
    assert command(edit, ord("n")) == ""
    assert command(edit, ord("p")) == ""
    assert edit.number == 1
    assert command(edit, ord("S")) == "save"
    assert command(edit, 27) == "leave"
    assert command(edit, 255) == ""


def test_the_still_is_drawn_with_its_joints() -> None:
    edit = editor()
    drawn = draw_still(edit)
    assert drawn.shape == (CANVAS_PX[1], CANVAS_PX[0], 3)
    for x, y in edit.shown:
        about = drawn[round(y) - 9 : round(y) + 10, round(x) - 9 : round(x) + 10]
        assert (about != 120).any()
    before = drawn.copy()
    x, y = press_joint(edit, 0)
    edit.move(x + 40, y)
    assert (draw_still(edit) != before).any()
