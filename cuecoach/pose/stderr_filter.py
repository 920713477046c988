"""Keeps the start-up log lines of native libraries (absl, TFLite) off the terminal.

They write to file descriptor 2, past Python. The descriptor is redirected to a temporary file for the time of a call;
afterwards all other lines (Python's own, errors) are written to where they would have gone. Error lines of a call that
raises are kept back as well: its exception says what went wrong.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_log = logging.getLogger(__name__)

# absl and glog informational and warning lines ("I0000 00:00:1795222775.69 8355 task_runner.cc:85] ..."), the two
# preambles about them, and TFLite's own lines, which carry a level and no place.
_LOG_LINE = re.compile(
    rb"[IW]\d{4} [\d:. ]+\S+\.(cc|h|mm):\d+\] "
    rb"|WARNING: (All log messages before absl|Logging before InitGoogle|Read-only tensor)"
    rb"|INFO: (Created TensorFlow Lite|Initialized TensorFlow Lite|Applying \d)"
)
_ERROR = re.compile(rb"[EF]\d{4} [\d:. ]+\S+\.(cc|h|mm):\d+\] |ERROR: ")
_STDERR = 2
_lock = threading.Lock()  # the descriptor belongs to the whole process


class StderrFilter:
    """Collects the log lines of native code while `filtering` is entered.

    `text` is all that was kept back so far, for a log or the detail of an error.
    """

    def __init__(self) -> None:
        self.text = ""

    @contextmanager
    def filtering(self) -> Iterator[None]:
        """Filter descriptor 2 for the time of the block; without a usable descriptor the block simply runs."""
        with _lock:
            try:
                terminal = os.dup(_STDERR)
            except OSError:  # no standard error at all: a windowed start, a service
                yield
                return
            with tempfile.TemporaryFile() as held:
                _flush_stderr()
                os.dup2(held.fileno(), _STDERR)
                failed = True
                try:
                    yield
                    failed = False
                finally:
                    _flush_stderr()
                    os.dup2(terminal, _STDERR)
                    os.close(terminal)
                    self._sort(held, failed)

    def _sort(self, held: IO[bytes], failed: bool) -> None:
        """Keep native log lines, pass on the rest."""
        held.seek(0)
        for line in held:
            if _LOG_LINE.match(line) or (failed and _ERROR.match(line)):
                text = line.decode(errors="replace")
                self.text += text
                _log.debug("mediapipe: %s", text.rstrip())
            else:
                os.write(_STDERR, line)


def _flush_stderr() -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        sys.stderr.flush()
