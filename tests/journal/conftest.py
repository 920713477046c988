"""A disk so small that a test can fill it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import needs
import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Return a function that mounts a 1 MB disk and returns its folder; called again with options, it remounts."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mounted = False

    def mount(options: str = "size=1m") -> Path:
        nonlocal mounted
        again = "remount," if mounted else ""
        needs.mount(folder, f"{again}{options}")
        mounted = True
        return folder

    yield mount
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)
