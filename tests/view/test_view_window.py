"""The window, on a real (virtual) display and in a process of its own: Qt ends a process whose display is dead."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from pathlib import Path

import needs
import pytest
from view_states import make_state

from cuecoach.errors import DeviceError, InputError
from cuecoach.view.base import Command
from cuecoach.view.factory import make_view
from cuecoach.view.window import command_of, why_no_window

CHILD = Path(__file__).with_name("window_child.py")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only X11 has displays by environment variable")


class Session:
    """A session in a window, and hands on its keyboard."""

    def __init__(self, kind: str = "quit") -> None:
        self.process = subprocess.Popen(
            [sys.executable, CHILD, kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def window(self) -> int:
        found = subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--name", "^CueCoach$"],
            capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        return int(found.stdout.split()[-1])

    def press(self, key: str) -> None:
        window = str(self.window())
        subprocess.run(
            ["xdotool", "windowfocus", "--sync", window, "key", "--window", window, key], check=True, timeout=30
        )

    def end(self) -> tuple[str, str]:
        out, err = self.process.communicate(timeout=30)
        return out, err


def test_keys_become_commands_and_the_loops_value_comes_back(display: str) -> None:
    session = Session()
    assert session.line() == "reason None"
    assert session.line() == "worker"
    for key, command in (
        ("Up", "SPEED_UP"),
        ("Down", "SPEED_DOWN"),
        ("plus", "SPEED_UP"),
        ("minus", "SPEED_DOWN"),
        ("m", "MUTE"),
        ("space", "TELL_ME_NOW"),
        ("t", "TELL_ME_NOW"),
        ("r", "REPEAT"),
        ("e", "EASIER"),
        ("h", "HARDER"),
        ("Next", "TELL_ME_NOW"),  # a presenter's page down
        ("Prior", "REPEAT"),
        ("XF86AudioPlay", "MUTE"),
        ("XF86AudioNext", "TELL_ME_NOW"),
        ("XF86AudioRaiseVolume", "HARDER"),
        ("x", None),  # no command
        ("q", "QUIT"),
    ):
        session.press(key)
        if command:
            assert session.line() == command
    assert session.end() == ("returned\n", "")
    assert session.process.returncode == 0


def test_closing_the_window_quits(display: str) -> None:
    session = Session()
    assert (session.line(), session.line()) == ("reason None", "worker")
    ask_to_close(session.window())
    assert session.end()[0] == "QUIT\nreturned\n"


def test_ctrl_c_quits_and_the_session_is_closed_properly(display: str) -> None:
    session = Session()
    assert (session.line(), session.line()) == ("reason None", "worker")
    session.window()
    session.process.send_signal(signal.SIGINT)
    assert session.end() == ("QUIT\nreturned\n", "")


def test_what_the_loop_raises_comes_out_of_the_window(display: str) -> None:
    assert Session("fail").end()[0] == "reason None\nraised The camera is gone.\n"


def ask_to_close(window: int) -> None:
    """Send what the close button of a window manager sends."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        needs.missing("libX11", "libx11-6")

    class ClientMessage(ctypes.Structure):
        _fields_ = (
            ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
            ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
            ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("rest_of_the_union", ctypes.c_long * 20),
        )  # fmt: skip

    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(x11.XOpenDisplay(None))
    protocols, delete = (x11.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    message = ClientMessage(33, 0, 1, connection, window, protocols, 32)
    message.data[0] = delete
    x11.XSendEvent(connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XFlush(connection)
    x11.XCloseDisplay(connection)


@linux_only
def test_a_dead_display_is_a_reason_and_no_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4242")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "does not answer" in (why_no_window() or "")


@linux_only
def test_without_a_display_auto_shows_nothing_and_window_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    run, reason = make_view("auto")
    assert "no display" in (reason or "")
    with pytest.raises(DeviceError, match="--view none"):
        make_view("window")

    def loop(view: object) -> tuple[Command, ...]:
        view.show(make_state())  # type: ignore[attr-defined]
        view.close()  # type: ignore[attr-defined]
        return view.commands()  # type: ignore[attr-defined,no-any-return]

    assert run(loop) == ()


def test_none_is_never_asked_why() -> None:
    assert make_view("none")[1] is None


def test_an_unknown_view_names_those_there_are() -> None:
    with pytest.raises(InputError, match="auto, window, none"):
        make_view("tv")


@pytest.mark.parametrize("code", [65362, 2490368, 63232, ord("+")])
def test_the_arrow_up_is_known_on_every_system(code: int) -> None:
    assert command_of(code) is Command.SPEED_UP


@pytest.mark.parametrize("code", [0x1008FF14, 0xB3 << 16, ord("m"), ord(".")])
def test_the_play_key_of_a_remote_mutes_on_every_system(code: int) -> None:
    assert command_of(code) is Command.MUTE


def test_no_key_is_no_command() -> None:
    assert command_of(-1) is None
    assert command_of(ord("x")) is None
