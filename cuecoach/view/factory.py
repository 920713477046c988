"""Chooses the view of a session by the option `--view`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from cuecoach.errors import DeviceError, InputError
from cuecoach.view.base import View
from cuecoach.view.none import NoView
from cuecoach.view.window import run_window, why_no_window

T = TypeVar("T")


class ViewKind(StrEnum):
    """What `--view` may be."""

    AUTO = "auto"  # a window where this machine can show one
    WINDOW = "window"
    NONE = "none"


VIEWS = tuple(map(str, ViewKind))
TITLE = "CueCoach"


def make_view(name: str) -> tuple[Callable[[Callable[[View], T]], T], str | None]:
    """Return how to run a session's loop under the view `name`, and why "auto" shows no window (else None).

    Call the first with `loop(view) -> T`, on the main thread; it returns or raises what the loop does.

    Raises
    ------
    InputError
        `name` is not one of VIEWS.
    DeviceError
        "window" was asked for and this machine can show none.
    """
    if name not in VIEWS:
        raise InputError(f"--view {name}: allowed are {', '.join(VIEWS)}.")
    kind = ViewKind(name)
    reason = None if kind is ViewKind.NONE else why_no_window()
    if kind is ViewKind.NONE or (kind is ViewKind.AUTO and reason):
        return _run_without, reason
    if reason:
        raise DeviceError(f"--view window: {reason}; use --view none.")
    return _run_in_window, None


def _run_without(loop: Callable[[View], T]) -> T:
    return loop(NoView())


def _run_in_window(loop: Callable[[View], T]) -> T:
    return run_window(TITLE, loop)
