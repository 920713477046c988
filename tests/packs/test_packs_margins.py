"""Limits and the error of what they limit: a rule within reach of its metric's error is warned about."""

from __future__ import annotations

import math

import pytest
from pack_texts import GOOD

from cuecoach.gait.metrics import norm, usual
from cuecoach.packs import margins as m
from cuecoach.packs.faults import FAULTS, Scope
from cuecoach.packs.parse import parse_pack
from cuecoach.reference.errors import MetricError


@pytest.fixture
def error_deg(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    errors: dict[str, float] = {}
    monkeypatch.setattr(m, "error", lambda metric: MetricError(errors.get(metric, 0.0), 0.0, 0.0, 60, "test"))
    return errors


def warned(text: str = GOOD) -> list[str]:
    return [str(warning) for warning in m.warnings(parse_pack(text, "mine.toml"), text, "mine.toml")]


def test_a_limit_three_errors_away_is_enough(error_deg: dict[str, float]) -> None:
    error_deg["knee_peak_swing_deg"] = 3.3  # asymmetric-heel lies 10 away, lazy-heel 12
    assert warned() == []
    error_deg["knee_peak_swing_deg"] = 3.5
    assert warned() == [
        "mine.toml, line 16: faults.asymmetric-heel.limits.knee_peak_swing_deg lies 10 from what is usual, and a "
        "decision may be 3.5 off; to be sure, it should lie 10.5 away, or the fault be ignored."
    ]


def test_the_warning_names_the_line_of_an_own_limit(error_deg: dict[str, float]) -> None:
    error_deg["knee_peak_swing_deg"] = 4.1
    assert any("line 27: faults.lazy-heel" in warning for warning in warned())


def test_what_is_ignored_is_not_warned_about(error_deg: dict[str, float]) -> None:
    error_deg["thigh_at_knee60_deg"] = 90.0  # flick is ignored
    assert warned() == []


def test_what_was_never_measured_is_warned_about(error_deg: dict[str, float]) -> None:
    error_deg["shank_min_deg"] = math.nan
    (warning,) = warned()
    assert "nobody knows how well it is measured" in warning


def test_the_smallest_distance_at_any_speed_counts(error_deg: dict[str, float]) -> None:
    own = "[faults.lazy-heel.limits]\nknee_peak_swing_deg = { below = 75, release = 77 }"
    text = GOOD.replace(
        "[faults.lazy-heel.limits]\n" + GOOD.split("[faults.lazy-heel.limits]\n")[1].split("\n")[0], own
    )
    rule = parse_pack(text, "mine.toml").rules[0]
    assert m.margins(rule, (2.5, 5.0))[0].distance == pytest.approx(norm("knee_peak_swing_deg", 2.5) - 75)
    assert m.margins(rule, (3.5, 5.0))[0].distance == pytest.approx(norm("knee_peak_swing_deg", 3.5) - 75)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS.values() if fault.scope is not Scope.PAIR])
def test_what_is_usual_is_known_for_every_rule_and_is_no_fault(fault: object) -> None:
    for margin in m.margins(fault, (2.5, 6.0)):  # type: ignore[arg-type]
        assert margin.distance > 0, margin
        assert margin.error > 0, margin


def test_usual_is_the_norm_where_there_is_one() -> None:
    assert usual("thigh_max_deg", 3.3) == norm("thigh_max_deg", 3.3)
    assert math.isnan(usual("trunk_range_deg", 3.3))
