"""Shows the session in a window of OpenCV on the main thread, while the session runs in a worker thread.

Maps keys to commands. What is shown is drawn by `screen.py`; the session never waits for the window.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

import cv2

from cuecoach.view.base import Command, View, ViewState
from cuecoach.view.screen import draw

T = TypeVar("T")

PUMP_MS = 33  # about 30 pictures a second
FIRST_SIZE_PX = (1280, 720)  # width, height of the window until the user changes it
CANVAS_PX = (1600, 900)  # what is drawn, whatever the window's size: Qt shrinks a picture but never enlarges it
PROBE_S = 10.0  # a slow machine loads cv2 and Qt in about two

_log = logging.getLogger(__name__)

# `waitKeyEx` codes of the arrows: X11 (Qt and GTK), Windows, macOS.
_UP: Final = (65362, 2490368, 63232)
_DOWN: Final = (65364, 2621440, 63233)
# What Bluetooth remotes send. Presenters: page up and down, sometimes a full stop (black screen). Headsets and media
# remotes: play, next, previous, and volume up and down, as far as the desktop leaves them to the window.
_PAGE_UP: Final = (65365, 2162688, 63276)
_PAGE_DOWN: Final = (65366, 2228224, 63277)
_PLAY: Final = (0x1008FF14, 0x1008FF31, 0xB3 << 16)  # XF86AudioPlay, XF86AudioPause, VK_MEDIA_PLAY_PAUSE
_AUDIO_MUTE: Final = (0x1008FF12, 0xAD << 16)
_NEXT: Final = (0x1008FF17, 0xB0 << 16)
_PREVIOUS: Final = (0x1008FF16, 0xB1 << 16)
_LOUDER: Final = (0x1008FF13, 0xAF << 16)
_SOFTER: Final = (0x1008FF11, 0xAE << 16)
_KEYS: Final[dict[int, Command]] = {
    **dict.fromkeys((*_UP, ord("+"), ord("=")), Command.SPEED_UP),
    **dict.fromkeys((*_DOWN, ord("-"), ord("_")), Command.SPEED_DOWN),
    **dict.fromkeys((*_AUDIO_MUTE, *_PLAY, ord("."), ord("m"), ord("M")), Command.MUTE),
    **dict.fromkeys((*_NEXT, *_PAGE_DOWN, ord(" "), ord("t"), ord("T")), Command.TELL_ME_NOW),
    **dict.fromkeys((*_PREVIOUS, *_PAGE_UP, ord("r"), ord("R")), Command.REPEAT),
    **dict.fromkeys((*_SOFTER, ord("e"), ord("E")), Command.EASIER),
    **dict.fromkeys((*_LOUDER, ord("h"), ord("H")), Command.HARDER),
    **dict.fromkeys((ord("q"), ord("Q"), 27), Command.QUIT),
}


def command_of(key: int) -> Command | None:
    """Return the command of a `cv2.waitKeyEx` code, None when the key has none (or none was pressed, -1)."""
    return _KEYS.get(key)


def why_no_window() -> str | None:
    """Return why this machine can show no window, or None when it can.

    A display that does not answer makes Qt end the process, so a child process tries first.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    probe = "import cv2; cv2.namedWindow('probe'); cv2.waitKey(1); cv2.destroyAllWindows()"
    try:
        done = subprocess.run([sys.executable, "-P", "-c", probe], capture_output=True, timeout=PROBE_S, check=False)
    except subprocess.TimeoutExpired:
        return f"the display does not answer within {PROBE_S:g} s"
    except OSError as problem:
        return f"the display cannot be tried ({problem.strerror})"
    return None if done.returncode == 0 else "the display does not answer, or OpenCV was built without windows"


def run_window(title: str, loop: Callable[[View], T]) -> T:
    """Run `loop(view)` in a worker thread and its window on this thread; return or raise what `loop` does.

    Call it on the main thread: macOS allows windows nowhere else. Closing the window, and the first Ctrl-C, ask the
    loop to end with `Command.QUIT`; a second Ctrl-C raises KeyboardInterrupt at once.
    """
    slot = _Slot()
    pool = ThreadPoolExecutor(1, thread_name_prefix="session")
    session = pool.submit(loop, slot)
    try:
        try:
            _pump(title, slot, session)
            wait([session])
        except KeyboardInterrupt:
            slot.ask(Command.QUIT)
            wait([session])
    finally:
        slot.ask(Command.QUIT)  # whatever happened here, the loop must not go on unseen
        pool.shutdown(wait=False)
    return session.result()


class _Slot:
    """The view as the session sees it: holds the newest state and the commands not yet fetched."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: ViewState | None = None
        self._commands: list[Command] = []

    def show(self, state: ViewState) -> None:
        with self._lock:
            self._newest = state

    def commands(self) -> tuple[Command, ...]:
        with self._lock:
            fetched, self._commands = tuple(self._commands), []
        return fetched

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        """Nothing to let go of: the window belongs to the other thread, which closes it when the session ends."""

    def ask(self, command: Command) -> None:
        with self._lock:
            self._commands.append(command)

    def take(self) -> ViewState | None:
        with self._lock:
            state, self._newest = self._newest, None
        return state


def _pump(title: str, slot: _Slot, session: Future[T]) -> None:
    """Keep the window alive until the session ends or the window is closed."""
    # Qt's remarks about fonts and plug-ins are nothing the user can act on.
    os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false;*.warning=false")
    try:
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(title, *FIRST_SIZE_PX)
        state: ViewState | None = ViewState(reason="starting")
        while not session.done():
            if state:
                cv2.imshow(title, draw(state, CANVAS_PX))
            command = command_of(cv2.waitKeyEx(PUMP_MS))
            if command:
                slot.ask(command)
            if not is_open(title):  # `imshow` would open it again
                slot.ask(Command.QUIT)
                return
            state = slot.take()
    except cv2.error as problem:
        _log.warning("The window failed (%s); the session goes on without it.", str(problem).splitlines()[0])
    finally:
        with contextlib.suppress(cv2.error):
            cv2.destroyAllWindows()
            cv2.waitKey(1)


def is_open(title: str) -> bool:
    """Return whether a window of this title is shown."""
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:  # OpenCV 5, when its last window was closed
        return False
