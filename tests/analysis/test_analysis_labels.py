"""How numbers and reasons are written for people."""

from __future__ import annotations

import math

import pytest

from cuecoach.analysis import labels
from cuecoach.analysis.summary import SoundSummary
from cuecoach.gait.metrics import METRICS
from cuecoach.types import AudioOutput, Reason


def test_every_reason_has_a_phrase_of_its_own() -> None:
    assert set(labels.REASONS) == set(Reason)
    assert len(set(labels.REASONS.values())) == len(Reason)
    assert labels.reason(Reason.WARM_UP) == "warming up"


@pytest.mark.parametrize(
    ("value", "metric", "signed", "text"),
    [
        (-7.4, "thigh_min_deg", False, "−7°"),
        (7.4, "thigh_min_deg", True, "+7°"),
        (-0.4, "thigh_min_deg", True, "0°"),
        (0.1234, "contact_s", False, "0.123 s"),
        (math.nan, "contact_s", False, "not measured"),
        (0.256, "of_a_newer_version", False, "0.26"),
    ],
)
def test_numbers_have_their_units_and_digits(value: float, metric: str, signed: bool, text: str) -> None:
    assert labels.number(value, metric, signed=signed) == text


def test_metrics_have_names() -> None:
    assert all(labels.metric(name) != name for name in METRICS if "_" in name)
    assert labels.metric("of_a_newer_version") == "of a newer version"


@pytest.mark.parametrize(("seconds", "text"), [(89.0, "89 s"), (90.0, "2 min"), (600.0, "10 min")])
def test_durations(seconds: float, text: str) -> None:
    assert labels.duration(seconds) == text


def test_shares_and_starts() -> None:
    assert (labels.share(0.256), labels.share(math.nan)) == ("26 %", "not judged")
    assert labels.started("2026-01-05T10:07:31+01:00") == "2026-01-05 10:07"


def test_sound_is_one_sentence() -> None:
    nothing = SoundSummary(0, {}, {}, math.nan, math.nan)
    assert labels.sound(nothing) == "Nothing was said."
    some = SoundSummary(4, {AudioOutput.DEVICE: 2, AudioOutput.NOTHING: 1}, {"too late": 1}, 0.15, 0.25)
    assert labels.sound(some) == (
        "Of 4 said: 2 on device, 1 on no device (silent), 1 not heard (too late), 150 ms after the decision (median)."
    )
