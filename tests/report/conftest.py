"""Made-up sessions of the bench, for the pages and files of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.journal.story import Story, write


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two sessions of Ann, the second with landmarks, and one of nobody in which nothing was said."""
    path = tmp_path_factory.mktemp("report") / "journal.sqlite"
    write(path, Story(minutes=6, seed=1, started_at="2026-01-05T10:00:00+00:00"))
    write(path, Story(minutes=7, cue_every_s=20.0, held_back=0.4, frames_hz=10.0))
    write(path, Story(minutes=2, missing_deg=0.0, runner=None, withheld_every_s=1e9, blocks=()))
    return path
