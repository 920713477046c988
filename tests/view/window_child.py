"""Run as a process by test_view_window.py: a session in a real window. Prints what its loop is asked for."""

from __future__ import annotations

import sys
import threading
import time

from view_states import make_state

from cuecoach.errors import DeviceError
from cuecoach.view.base import Command, View
from cuecoach.view.factory import make_view


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the parent listens


def until_quit(view: View) -> str:
    say("main" if threading.current_thread() is threading.main_thread() else "worker")
    while True:
        view.show(make_state(cue_text="Heel up"))
        for command in view.commands():
            say(command.name)
            if command is Command.QUIT:
                view.close()
                return "returned"
        time.sleep(0.01)


def fails(view: View) -> str:
    view.show(make_state())
    raise DeviceError("The camera is gone.")


def main() -> None:
    run, reason = make_view("auto")
    say(f"reason {reason}")
    try:
        say(run({"quit": until_quit, "fail": fails}[sys.argv[1]]))
    except DeviceError as problem:
        say(f"raised {problem}")


if __name__ == "__main__":
    main()
