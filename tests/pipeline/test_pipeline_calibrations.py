"""Which calibrations a session or a film is measured with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cuecoach.config import Settings
from cuecoach.errors import InputError
from cuecoach.gait.calibration.offsets import Calibration, CalibrationOrigin, LegOffsets, Offset, Placement
from cuecoach.gait.calibration.record import calibration_text
from cuecoach.journal import edit
from cuecoach.pipeline.calibrations import calibrations_for, for_model

OFFSET = Offset(4.0, 0.8, 0.0, 1.0)
FULL = Calibration(CalibrationOrigin.POINTS, Placement(0.3, 0.4, 1, 0.0), LegOffsets(OFFSET, OFFSET, 6), None, "full")
HEAVY, ANY = replace(FULL, model="heavy"), replace(FULL, model="")


@pytest.mark.parametrize(
    ("given", "model", "kept"),
    [
        ([FULL, HEAVY, ANY], "heavy", (HEAVY, ANY)),
        ([FULL, HEAVY], "", (FULL, HEAVY)),
        ([ANY], "full", (ANY,)),
        ([], "full", ()),
    ],
)
def test_another_pose_models_offsets_are_left_out(given: list[Calibration], model: str, kept: object) -> None:
    assert for_model(given, model) == (kept, "")


def test_only_another_models_is_told() -> None:
    kept, sentence = for_model([FULL], "heavy")
    assert kept == ()
    assert sentence == "The calibration was made with the pose model full and is not used with heavy: calibrate again."


def test_a_file_or_none_or_the_runners_newest_first(tmp_path: Path) -> None:
    journal, file = tmp_path / "j.sqlite", tmp_path / "c.json"
    session = replace(Settings().session, journal=str(journal), runner="Ann")
    settings = replace(Settings(), session=session)
    assert calibrations_for(None, settings) == (), "there is no journal yet"
    for one in (FULL, HEAVY):
        edit.keep_calibration(journal, "Ann", "2026-01-05T10:00:00+00:00", "a.mp4", calibration_text(one))
    file.write_text(calibration_text(ANY))
    assert calibrations_for(None, settings) == (HEAVY, FULL)
    standing = replace(FULL, origin=CalibrationOrigin.STANDING)
    edit.keep_calibration(journal, "Ann", "2026-01-06T10:00:00+00:00", "camera", calibration_text(standing))
    assert calibrations_for(None, settings) == (HEAVY, FULL, standing), "points are surer"
    assert calibrations_for("none", settings) == ()
    assert calibrations_for(str(file), settings) == (ANY,)
    assert calibrations_for(None, replace(settings, session=replace(session, runner=""))) == ()
    with pytest.raises(InputError, match="cannot be read"):
        calibrations_for(str(tmp_path / "nowhere.json"), settings)
