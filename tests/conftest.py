"""Fixtures for every room: the shared data where it is, and user folders that are nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED_DATA = CHECKOUT.parent / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Real clips and motion capture. They are not part of the project: without them the test is skipped."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the shared clips and motion capture beside the checkout")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _own_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's config and journal. The cache (model, phrases) is shared, for speed."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setattr("cuecoach.config.data_folder", lambda: home / "data")
    monkeypatch.setattr("cuecoach.config.user_config", lambda: home / "config.toml")
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
