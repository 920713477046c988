"""The numbers of the policy: what contradicts itself is rejected, and names of version 0.1 are read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cuecoach import config
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.errors import InputError


@pytest.mark.parametrize(
    ("release", "enter", "window", "fits"),
    [(2, 6, 8, True), (5, 6, 6, True), (6, 6, 8, False), (2, 9, 8, False), (0, 8, 8, True), (7, 6, 8, False)],
)
def test_stride_counts_must_rise(release: int, enter: int, window: int, fits: bool) -> None:
    def make() -> CoachSettings:
        return CoachSettings(release_strides=release, enter_strides=enter, window_strides=window)

    if fits:
        make()
    else:
        with pytest.raises(InputError, match=rf"release_strides = {release}, enter_strides = {enter} and .*must rise"):
            make()


def test_names_of_version_0_1_are_read() -> None:
    former = {"exit_strides": 1, "exit_band_fraction": 0.25, "measurement_doubt": 2.0}
    read = config.settings_from({"coach": former}, "config.toml").coach
    assert (read.release_strides, read.hysteresis_fraction, read.uncertainty_margin_sd) == (1, 0.25, 2.0)


@pytest.mark.parametrize("kind", [CoachSettings, ProgrammeSettings])
def test_every_default_is_allowed_and_every_range_has_two_ends(kind: type) -> None:
    section = "coach" if kind is CoachSettings else "programme"
    for field in dataclasses.fields(kind):
        rule = field.metadata["rule"]
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert rule.low <= field.default <= rule.high, field.name
            config.settings_from({section: {field.name: field.default}}, "config.toml")


def test_the_example_of_all_settings_tells_every_default_and_range_of_the_policy() -> None:
    def sections(text: str) -> list[str]:
        return [part for part in text.split("\n[") if part.startswith(("coach]", "programme]"))]

    kept = (Path(__file__).resolve().parents[2] / "config.example.toml").read_text(encoding="utf-8")
    assert len(sections(kept)) == 2
    assert sections(config.example()) == sections(kept)
