"""When the tracker fits, locks, settles and begins a new runner: each limit, with a value on both sides of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from gait_stick import LEG_PX, Stick, film, times

from cuecoach.gait.legs import tracker as leg_tracker
from cuecoach.gait.legs.outliers import CleanedLegs, reject_outliers
from cuecoach.gait.legs.phase import GaitPhaseEstimator
from cuecoach.gait.legs.tracker import LegTracker
from cuecoach.types import FloatArray, PoseFrame

STICK = Stick()
Windows = list[FloatArray]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    """Return the list of the times that every fit is given."""
    seen: Windows = []
    fit = GaitPhaseEstimator.fit

    def spy(self: GaitPhaseEstimator, t_s: FloatArray, *rest: FloatArray) -> None:
        seen.append(t_s)
        fit(self, t_s, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(GaitPhaseEstimator, "fit", spy)
    return seen


def set_quality(monkeypatch: pytest.MonkeyPatch, quality_at: Callable[[float], float]) -> None:
    """Make every fit as good as `quality_at` says of the end of its window."""
    fit = GaitPhaseEstimator.fit

    def scripted(self: GaitPhaseEstimator, t_s: FloatArray, *rest: FloatArray) -> None:
        fit(self, t_s, *rest)  # type: ignore[arg-type]
        self.quality = quality_at(float(t_s[-1]))

    monkeypatch.setattr(GaitPhaseEstimator, "fit", scripted)


def track(clip: list[PoseFrame], tracker: LegTracker | None = None) -> LegTracker:
    tracker = tracker or LegTracker()
    for pose_frame in clip:
        tracker.update(pose_frame)
    return tracker


@pytest.mark.parametrize("fps", [30.0, 60.0, 240.0])
def test_a_fit_takes_1_6_seconds_thinned_to_40_frames(windows: Windows, fps: float) -> None:
    track(film(STICK, times(4.0, fps)))
    last = windows[-1]
    step = float(np.median(np.diff(last)))
    assert 1.6 - 2 * step < last[-1] - last[0] <= 1.6 + 1e-9
    assert len(last) <= 40
    assert step == pytest.approx(np.ceil((1.6 * fps + 1) / 40) / fps, rel=0.01), "no thinner than that"


def test_a_fit_is_made_every_quarter_of_a_second_from_the_first_second_on(windows: Windows) -> None:
    track(film(STICK, times(3.0, 100.0)))
    ends = np.unique([t_s[-1] for t_s in windows])
    assert ends[0] == pytest.approx(1.0, abs=0.04), "with a second of frames, thinned"
    assert np.diff(ends) == pytest.approx(0.25, abs=0.045)


def test_a_second_is_needed_for_the_first_fit(windows: Windows) -> None:
    track(film(STICK, times(0.96, 100.0)))
    assert windows == []


@pytest.mark.parametrize(("whole", "fits"), [(9, False), (10, True)])
def test_ten_frames_of_a_window_must_show_both_legs(windows: Windows, whole: int, fits: bool) -> None:
    def spoil(t_s: FloatArray, points: FloatArray) -> None:
        points[whole:, 1] = np.nan

    track(film(STICK, times(1.2, 30.0), spoil=spoil))
    assert bool(windows) == fits


@pytest.mark.parametrize(("quality", "locks"), [(0.52, True), (0.48, False)])
def test_a_fit_locks_from_a_quality_of_0_5_on(monkeypatch: pytest.MonkeyPatch, quality: float, locks: bool) -> None:
    set_quality(monkeypatch, lambda _t_s: quality)
    assert track(film(STICK, times(2.0, 30.0))).locked == locks


@pytest.mark.parametrize(("quality", "stays"), [(0.42, True), (0.38, False)])
def test_a_lock_is_lost_below_a_quality_of_0_4(monkeypatch: pytest.MonkeyPatch, quality: float, stays: bool) -> None:
    set_quality(monkeypatch, lambda t_s: 0.9 if t_s < 2.0 else quality)
    assert track(film(STICK, times(3.0, 30.0))).locked == stays


@pytest.mark.parametrize("settle_s", [0.2, 0.35])
def test_locked_legs_settle_after_the_set_time(settle_s: float) -> None:
    tracker, waits = LegTracker(settle_s=settle_s), []
    for pose_frame in film(STICK, times(5.0, 60.0)):
        _, settled = tracker.update(pose_frame)
        if settled and pose_frame.t_s > 2.5:
            waits.append(pose_frame.t_s - settled[-1].t_s)
    assert settle_s - 1e-9 <= min(waits) <= max(waits) < settle_s + 0.25 + 0.1


def test_legs_that_are_not_locked_wait_two_seconds_and_are_trusted_by_0_4(monkeypatch: pytest.MonkeyPatch) -> None:
    set_quality(monkeypatch, lambda _t_s: 0.0)
    tracker, waits, trusts = LegTracker(), [], []
    for pose_frame in film(STICK, times(5.0, 60.0), visibility=(1.0, 0.5)):
        live, settled = tracker.update(pose_frame)
        assert live is not None
        assert live.trust == pytest.approx([0.4, 0.2])
        trusts += [legs.trust for legs in settled]
        if settled:
            waits.append(pose_frame.t_s - settled[-1].t_s)
    assert 2.0 - 1e-9 <= min(waits) < 2.0 + 0.04
    assert max(waits) < 2.0 + 0.25 + 0.1
    assert np.array(trusts) == pytest.approx(np.array([[0.4, 0.2]] * len(trusts)))


def test_frames_settle_with_0_3_seconds_around_them(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[FloatArray] = []

    def spy(t_s: FloatArray, *rest: object) -> CleanedLegs:
        contexts.append(t_s)
        return reject_outliers(t_s, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(leg_tracker, "reject_outliers", spy)
    tracker, settled = LegTracker(settle_s=0.5), []
    for pose_frame in film(STICK, times(5.0, 100.0)):
        contexts.clear()
        _, settled = tracker.update(pose_frame)
        if contexts and pose_frame.t_s > 2.5:
            assert settled[0].t_s - contexts[0][0] == pytest.approx(0.3, abs=0.011)
            assert contexts[0][-1] - settled[-1].t_s == pytest.approx(0.3, abs=0.011)


@pytest.mark.parametrize(("fps", "most"), [(120.0, 30), (240.0, 40)])
def test_no_more_than_40_frames_settle_at_once(fps: float, most: int) -> None:
    tracker = LegTracker()
    counts = [len(tracker.update(one)[1]) for one in film(STICK, times(4.0, fps))]
    assert max(counts[round(2.5 * fps) :]) == most


@pytest.mark.parametrize(("gap_s", "runners"), [(0.46, 0), (0.54, 1)])
@pytest.mark.parametrize("frames_come", [True, False])
def test_after_half_a_second_with_nobody_another_runner_begins(gap_s: float, runners: int, frames_come: bool) -> None:
    clip = film(STICK, times(2.0, 50.0))
    end_s = clip[-1].t_s
    nobody = [PoseFrame(end_s + k / 50, 0, None) for k in range(1, round(gap_s * 50))] if frames_come else []
    back = [PoseFrame(one.t_s + end_s + gap_s, 0, one.pose) for one in film(STICK, times(0.5, 50.0))]
    assert track([*clip, *nobody, *back]).runner_number == runners


def jump(leg_lengths: float, seconds: float) -> list[PoseFrame]:
    """Return a film in which the runner is elsewhere from 2 s on, for so long."""
    t_s = times(3.0, 100.0)
    away = (t_s > 1.995) & (t_s < 1.995 + seconds)
    return film(STICK, t_s, noise=0.0, shift_px=np.where(away, leg_lengths * LEG_PX, 0.0))


@pytest.mark.parametrize(("leg_lengths", "runners"), [(0.96, 0), (1.04, 1), (-0.96, 0), (-1.04, 1)])
def test_hips_that_jump_a_leg_length_are_another_runners(leg_lengths: float, runners: int) -> None:
    assert track(jump(leg_lengths, 1.5)).runner_number == runners


@pytest.mark.parametrize(("seconds", "runners"), [(0.14, 0), (0.17, 2)])
def test_a_jump_of_less_than_0_15_seconds_is_a_glitch(seconds: float, runners: int) -> None:
    """A longer one is another runner, and the way back a third."""
    assert track(jump(2.0, seconds)).runner_number == runners
