"""For the windows: a virtual display."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import needs
import pytest


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a virtual display of its own, named in DISPLAY."""
    needs.program("Xvfb", "xvfb")
    needs.program("xdotool", "xdotool")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x768x24"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    name = f":{server.stdout.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    yield name
    server.terminate()
    server.wait()
