"""The config file: what a user relies on is that a wrong line is named, and that the example tells the truth."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach import config
from cuecoach.errors import InputError
from cuecoach.settings import Rule

EXAMPLE = Path(__file__).resolve().parent.parent / "config.example.toml"


def test_the_example_file_is_what_the_code_declares() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == config.example()


def test_the_example_file_gives_the_defaults() -> None:
    assert config.settings_from(tomllib.loads(config.example()), "example") == config.Settings()


def test_every_setting_has_a_meaning_and_a_default_within_its_range() -> None:
    for section in dataclasses.fields(config.Settings):
        for field in dataclasses.fields(getattr(config.Settings(), section.name)):
            rule = field.metadata["rule"]
            assert len(rule.meaning.split()) >= 2, f"[{section.name}] {field.name} is not explained"


def test_without_a_file_the_defaults_hold() -> None:
    assert config.load(None) == config.Settings()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[session]\npack = "recoil"\nspeed_mps = 3\n', encoding="utf-8")
    settings = config.load(file)
    assert settings.session.pack == "recoil"
    assert settings.session.speed_mps == 3.0
    assert settings.coach == config.Settings().coach


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sesion]\n", ["[sesion]", "did you mean 'session'"]),
        ("[session]\npck = 'recoil'\n", ["[session]", "'pck'", "did you mean 'pack'"]),
        ("[session]\nspeed_mps = 50\n", ["speed_mps = 50", "a number from 0.5 to 12"]),
        ("[session]\nspeed_mps = nan\n", ["speed_mps = nan", "a number from 0.5 to 12"]),
        ("[session]\nspeed_mps = true\n", ["speed_mps = true", "a number"]),
        (f"[session]\nspeed_mps = {10**400}\n", ["speed_mps = 1000", "a number from 0.5 to 12"]),
        ("[session]\nspeed = 10\n", ["speed = 10: 10 m/s is 36 km/h: write 10km/h, or 10m/s if you mean it"]),
        ('[session]\nspeed = "fast"\n', ['speed = "fast"', "a speed from 0.5 to 12 m/s"]),
        ('[session]\nspeed = "10km/h"\nspeed_mps = 2.8\n', ["gives speed and speed_mps: keep one"]),
        ('[session]\nspeed_unit = "knots"\n', ['speed_unit = "knots"', "one of m/s, km/h, mph, min/km, min/mi"]),
        ('[virtual_runner]\nspeed = "25km/h"\n', ['speed = "25km/h"', "a speed from 2 to 6 m/s"]),
        ("[session]\nview = 'cinema'\n", ['view = "cinema"', "one of auto, window, none"]),
        ("[session]\nrecord_landmarks = 'yes'\n", ["record_landmarks", "true or false"]),
        ("session = 3\n", ["[session]"]),
        ("[session\n", ["not TOML", "line 1"]),
    ],
)
def test_a_wrong_line_is_named_with_what_is_allowed(tmp_path: Path, text: str, words: list[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        config.load(file)
    for word in [str(file), *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("line", "mps"),
    [('speed = "10,8 km/h"', 3.0), ("speed = 3", 3.0), ("speed_mps = 3", 3.0), ("speed_mps = 7.0", 7.0)],
)
def test_a_speed_is_a_text_with_its_unit_or_the_number_of_older_versions(tmp_path: Path, line: str, mps: float) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[session]\n{line}\n", encoding="utf-8")
    settings = config.load(file)
    assert settings.session.speed_mps == pytest.approx(mps)
    assert config.changed(settings, "session", speed="4m/s").session.speed_mps == 4.0


@pytest.mark.parametrize(
    ("line", "model"), [('model_path = ""', ""), ('model_path = "x.task"', "x.task"), ("", "auto")]
)
def test_the_pose_model_is_read_under_its_former_name(tmp_path: Path, line: str, model: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[pose]\n{line}\n", encoding="utf-8")
    assert config.load(file).pose.model == model


def test_a_missing_or_binary_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        config.load(tmp_path / "missing.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        config.load(binary)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.text() | st.booleans())
def test_no_value_outside_the_range_is_ever_taken(value: object) -> None:
    rule = Rule("a number for the test", low=-1.0, high=2.0)
    try:
        taken = config.check(value, float, rule)
    except ValueError:
        return
    assert isinstance(taken, float)
    assert -1.0 <= taken <= 2.0
