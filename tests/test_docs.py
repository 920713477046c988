"""What docs/house.md says is so: the places it names are there, and its script runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cuecoach import config

CHECKOUT = Path(__file__).resolve().parent.parent
HOUSE = (CHECKOUT / "docs" / "house.md").read_text(encoding="utf-8")
RECORDING = CHECKOUT / "tests" / "data" / "v0_1" / "pull-under.landmarks.csv.gz"


def test_every_place_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w./]+(?:/|\.py|\.csv|\.toml))`", HOUSE)
    assert len(named) > 40
    rooms = [CHECKOUT, CHECKOUT / "cuecoach", *(CHECKOUT / "cuecoach").iterdir(), CHECKOUT / "cuecoach/voice/playback"]
    written = {"config.toml"}  # by the user
    assert [name for name in named if name not in written and not any((room / name).exists() for room in rooms)] == []


def test_the_settings_of_a_cues_spacing_are_named_as_they_are() -> None:
    (row,) = [line for line in HOUSE.splitlines() if line.startswith("| how far cues stand apart")]
    settings = config.Settings().coach
    for name in re.findall(r"`(\w+_\w+)`", row):
        assert hasattr(settings, name)
    assert hasattr(settings, "bucket_capacity")  # `bucket_*`


def test_the_script_measures_a_film(monkeypatch: pytest.MonkeyPatch) -> None:
    script = re.search(r"```python\n(.*?)```", HOUSE, re.DOTALL)
    assert script
    scope: dict[str, object] = {}
    exec(script[1].replace("film.mp4", str(RECORDING)), scope)  # noqa: S102 - our own page
    strides = scope["strides"]
    assert isinstance(strides, list)
    assert len(strides) > 100
