"""Pictures that are missing in a film: found at every place and period, and never in a film as it was recorded."""

from __future__ import annotations

import numpy as np
import pytest
from gait_stick import MEAN_WALKER, Stick, film, times
from perfect_pose import clean_runner, pose_frames

from cuecoach.gait.missing_pictures import MissingPattern, MissingPictures
from cuecoach.types import PoseFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


def looked(frames: list[PoseFrame], changes: list[float] | None = None) -> MissingPictures:
    """Return what is known after all frames, looked at every 25 of them."""
    missing = MissingPictures()
    for k, frame in enumerate(frames):
        missing.add(frame, changes[k] if changes else np.nan)
        if k % 25 == 24:
            missing.look()
    return missing


def without(frames: list[PoseFrame], period: int, place: int, rate_hz: float = 25.0) -> list[PoseFrame]:
    """Leave out one picture in `period` + 1, and number and date the rest anew, as a converter does."""
    kept = [one for k, one in enumerate(frames) if (k - place) % (period + 1)]
    return [PoseFrame(k / rate_hz, k, one.pose) for k, one in enumerate(kept)]


@pytest.mark.parametrize("period", [3, 4, 5, 6, 8])
@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_picture_missing_at_a_regular_place_is_found_and_times_are_mended(period: int, facing: str) -> None:
    seen = pose_frames(clean_runner(facing))
    place = 2
    cut = without(seen, period, place)
    pattern = looked(cut).pattern
    assert pattern == MissingPattern(period, place)
    true_s = [one.t_s for k, one in enumerate(seen) if (k - place) % (period + 1)]
    mended = np.array([one.t_s + pattern.shift(one.index) / 25 for one in cut])
    # The film's own rate may be wrong as a whole; within a period its times are those of life.
    slope = (period + 1) / period * 25 / 30
    assert np.ptp(mended * slope - true_s) < 1e-9
    assert np.ptp(np.array([one.t_s for one in cut]) * slope - true_s) > 0.015


def test_mended_times_rise_and_a_film_keeps_its_length() -> None:
    for period in range(3, 13):
        for place in range(period):
            shifts = [MissingPattern(period, place).shift(index) for index in range(3 * period)]
            assert np.diff(np.arange(3 * period) + shifts).min() > 0
            assert np.mean(shifts) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("rate_hz", [24.0, 25.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("speed_mps", [2.0, 3.0, 4.5, 6.0])
def test_a_film_as_recorded_has_no_pattern(rate_hz: float, speed_mps: float) -> None:
    runner = VirtualRunnerSettings(speed_mps=speed_mps, faults=("none",), rate_hz=rate_hz, duration_s=8.0)
    missing = looked(pose_frames(runner))
    assert missing.pattern is None
    assert not missing.irregular


@pytest.mark.parametrize("frames_of_a_stride", [15, 18, 20, 21, 24, 25, 30])
def test_a_stride_of_a_whole_number_of_pictures_is_no_pattern(frames_of_a_stride: int) -> None:
    """Then every picture of a place shows the same phase of the stride, film-long."""
    for curves in (Stick().curves, MEAN_WALKER):
        stick = Stick(stride_s=frames_of_a_stride / 30, curves=curves)
        assert looked(film(stick, times(8.0, 30.0))).pattern is None


def test_times_that_are_uneven_and_right_are_left_alone() -> None:
    uneven = film(Stick(), times(10.0, 30.0, jitter_s=0.006, drop=0.15))
    missing = looked(uneven, [1.0] * len(uneven))
    assert missing.pattern is None
    assert not missing.irregular


def test_pictures_missing_by_chance_are_noticed_by_landmarks_and_pictures_together() -> None:
    rng = np.random.default_rng(1)
    seen = film(Stick(), times(14.0, 30.0), noise=0.003)
    kept = [k for k in range(len(seen)) if rng.random() > 0.15]
    cut = [PoseFrame(k / 30, k, seen[row].pose) for k, row in enumerate(kept)]
    gaps = [1.0, *np.diff(kept).tolist()]
    assert looked(cut, [float(gap) ** 0.7 for gap in gaps]).irregular
    assert not looked(cut, [1.0] * len(cut)).irregular, "the pictures contradict"
    assert not looked(cut).irregular, "landmarks alone may err"


def test_pictures_that_change_evenly_contradict_a_pattern() -> None:
    cut = without(pose_frames(clean_runner()), 5, 2)
    assert looked(cut, [1.0] * len(cut)).pattern is None
    assert looked(cut, [1.6 if one.index % 5 == 2 else 1.0 for one in cut]).pattern == MissingPattern(5, 2)


def test_few_pictures_and_nobody_show_nothing() -> None:
    assert looked([]).pattern is None
    nobody = [PoseFrame(k / 30, k, None) for k in range(200)]
    assert looked(nobody).pattern is None
    assert not looked(nobody, [1.0] * 200).irregular


def test_a_pattern_ends_where_another_part_of_the_film_begins() -> None:
    seen = pose_frames(clean_runner(rate_hz=60.0))
    cut = without(seen, 5, 2)
    whole = [PoseFrame(cut[-1].t_s + (k + 1) / 25, cut[-1].index + 1 + k, one.pose) for k, one in enumerate(seen)]
    assert looked(cut).pattern is not None
    assert looked(cut + whole).pattern is None
