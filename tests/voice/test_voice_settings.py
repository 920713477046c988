"""Settings of older versions are read under their names of today."""

from __future__ import annotations

from cuecoach import config


def test_the_noise_for_bluetooth_speakers_is_read_under_its_name_of_0_1() -> None:
    assert config.settings_from({"voice": {"awake_db": -66}}, "config.toml").voice.keep_alive_noise_db == -66.0
