"""How the speech and the sound process are started, and how JSON lines travel between them and this one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO


def module_argv(module: str) -> tuple[str, ...]:
    """Return the command line that runs `module` in a process of its own, never from the current folder (-P)."""
    return (sys.executable, "-P", "-m", module)


def private_stdout() -> TextIO:
    """Take stdout for the JSON lines alone; whatever libraries print from now on goes nowhere."""
    sys.stdout.flush()
    ours = os.dup(sys.stdout.fileno())
    with Path(os.devnull).open("wb") as devnull:
        os.dup2(devnull.fileno(), sys.stdout.fileno())
    return os.fdopen(ours, "w", encoding="utf-8", newline="\n")


def send(out: TextIO, **fields: object) -> None:
    """Write one line and flush it.

    Raises
    ------
    OSError
        When the parent has gone.
    """
    out.write(json.dumps(fields) + "\n")
    out.flush()


def parse(line: str | bytes) -> dict[str, Any]:
    """Return the JSON object in `line`, or an empty one when it holds none (a child may write garbage)."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
