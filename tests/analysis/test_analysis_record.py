"""Settings of a session's record: those it could not have yet are as they were in effect."""

from __future__ import annotations

import pytest

from cuecoach.coach.policy import CoachSettings
from cuecoach.settings import as_recorded


@pytest.mark.parametrize(("table", "share"), [({}, 0.0), ({"steady_error_share": 1.5}, 1.5)])
def test_a_record_older_than_a_setting_has_what_was_in_effect_then(table: dict[str, float], share: float) -> None:
    settings = CoachSettings(**as_recorded(CoachSettings, {"exit_strides": 1} | table))
    assert settings.steady_error_share == share
    assert settings.release_strides == 1
    assert settings.trust_min == CoachSettings().trust_min
    assert CoachSettings().steady_error_share > 0.0
