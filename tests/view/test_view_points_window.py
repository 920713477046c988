"""The window in which joints are set, on a virtual display and in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from points_window_child import LEG

from cuecoach.errors import DeviceError
from cuecoach.view.point_editor import Crop, Picture
from cuecoach.view.points_window import CANVAS_PX, set_points

CHILD = Path(__file__).with_name("points_window_child.py")


def hands(*steps: str) -> str:
    """Carry out xdotool's steps in the window of a child; return what it printed."""
    child = subprocess.Popen([sys.executable, CHILD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    window = wait_for_window()
    subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True, timeout=30)
    for step in steps:
        words = [word if word != "WINDOW" else window for word in step.split()]
        subprocess.run(["xdotool", *words], check=True, timeout=30)
    out, _ = child.communicate(timeout=60)
    return out.strip()


def wait_for_window() -> str:
    """Return the number of the child's window; xdotool's own waiting stumbles over other windows that close."""
    search = ["xdotool", "search", "--onlyvisible", "--name", "^CueCoach: set the joints$"]
    give_up_s = time.monotonic() + 60.0
    while time.monotonic() < give_up_s:
        if found := subprocess.run(search, capture_output=True, text=True, check=False, timeout=30).stdout.split():
            return found[-1]
        time.sleep(0.1)
    pytest.fail("the window did not open")


@pytest.mark.usefixtures("display")
def test_a_joint_is_dragged_with_the_mouse_and_saved() -> None:
    crop = Crop.about(LEG, CANVAS_PX)
    x, y = (round(float(v)) for v in crop.to_canvas(LEG)[0])
    said = hands(
        f"mousemove --window WINDOW --sync {x} {y} sleep 0.3 mousedown 1 sleep 0.3",
        f"mousemove --window WINDOW --sync {x + 60} {y + 30} sleep 0.3 mouseup 1 sleep 0.3",
        "key --window WINDOW s",
    )
    assert said.startswith("saved [")
    found = [float(part) for part in said[len("saved [") : -1].split(",")]
    assert found == pytest.approx((LEG[0] + [60 / crop.scale, 30 / crop.scale]).tolist(), abs=3.0)


@pytest.mark.usefixtures("display")
def test_leaving_saves_nothing() -> None:
    assert hands("key --window WINDOW q") == "left"


@pytest.mark.skipif(sys.platform != "linux", reason="only X11 has displays by environment variable")
def test_without_a_display_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(DeviceError, match=r"there is no display .* --points FILE"):
        set_points([Picture(LEG[:1], "", LEG)])  # type: ignore[arg-type]
