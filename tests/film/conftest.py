"""Fixtures of the film room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def file_limit() -> Iterator[int]:
    """Let no file grow beyond some bytes, as on a full disk."""
    resource = pytest.importorskip("resource", reason="needs POSIX limits")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    yield 60_000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
