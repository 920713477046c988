"""What the two child processes share: how they are started and how their lines travel.

Owns the command line and the line format (one JSON object a line). Knows nothing of speech or sound.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO


def command(module: str) -> tuple[str, ...]:
    """Return the command that runs `module` in a process of its own, never from the current folder (-P)."""
    return (sys.executable, "-P", "-m", module)


def private_stdout() -> TextIO:
    """Take stdout for our own lines; whatever libraries print from now on goes nowhere."""
    sys.stdout.flush()
    ours = os.dup(sys.stdout.fileno())
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
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
    """Return the object in `line`, or an empty one when the line is not ours (a child may write garbage)."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
