"""The room as its users see it: strides, activity, speed, gaps, turns, on a stick runner with known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gait_stick import LEG_PX, MEAN_WALKER, Stick, film, follow, pose_frame, times

from cuecoach.gait.gait import Gait
from cuecoach.gait.legs.stride_curve import FAST_RUNNER, MEAN_RUNNER
from cuecoach.gait.metrics import STRIDE_METRICS
from cuecoach.gait.settings import GaitSettings
from cuecoach.types import Activity, FloatArray, Pose, PoseFrame, Side, Speed, SpeedOrigin


@pytest.mark.parametrize(("fps", "facing"), [(24, 1), (30, -1), (60, 1), (240, -1)])
def test_every_stride_is_found_and_none_invented(fps: int, facing: int) -> None:
    stick = Stick()
    run = follow(film(stick, times(7.2, fps, jitter_s=0.1 / fps, drop=0.02), facing=facing))
    # Ten cycles of two legs; the first and the last of each leg may be cut by the ends of the film.
    assert 16 <= len(run.strides) <= 19
    for side in Side:
        own = [s for s in run.strides if s.side is side]
        assert np.diff([s.t_strike_s for s in own]) == pytest.approx(stick.stride_s, abs=0.04)
        assert [s.t_next_strike_s for s in own[:-1]] == [s.t_strike_s for s in own[1:]]
    start = {Side.RIGHT: 0.0, Side.LEFT: 0.5}
    for stride in run.strides:
        late = (stride.t_strike_s / stick.stride_s - start[stride.side] + 0.5) % 1 - 0.5
        assert abs(late * stick.stride_s) < 0.045
        assert stride.activity is Activity.RUNNING
        assert stride.trust > (0.8 if stride.is_near else 0.7)
        assert stride.metrics["knee_peak_swing_deg"] == pytest.approx(stick.peak_knee_deg(), abs=8.0)
    peaks = [s.metrics["knee_peak_swing_deg"] for s in run.strides]
    assert np.mean(peaks) == pytest.approx(stick.peak_knee_deg(), abs=2.0)
    assert np.mean([s.duty for s in run.strides]) == pytest.approx(0.36, abs=0.04)
    near = Side.RIGHT if facing > 0 else Side.LEFT
    assert all(s.is_near == (s.side is near) for s in run.strides)


@pytest.mark.parametrize("start_s", [0.09, 0.27, 0.45, 0.63])
@pytest.mark.parametrize("end_s", [5.0, 5.17, 5.4])
def test_nothing_is_lost_at_the_ends(start_s: float, end_s: float) -> None:
    """Whatever moment a film begins and ends at: every stride whose two strikes it shows is there, and no other."""
    stick = Stick()
    t = times(end_s, 30)
    clip = [PoseFrame(s.t_s - start_s, s.index, _moved(s.pose, s.t_s - start_s)) for s in film(stick, t + start_s)]
    strikes = {side: np.arange(-1, 20) * stick.stride_s + first - start_s for side, first in START.items()}
    found = [(s.side, s.t_strike_s, s.t_next_strike_s) for s in follow(clip).strides]
    for side, true in strikes.items():
        near = [np.abs(true - begin).argmin() for leg, begin, _ in found if leg is side]
        assert all(abs(true[k] - b) < 0.06 for k, (b, _) in zip(near, _of(found, side), strict=True)), "invented"
        assert all(abs(true[k + 1] - e) < 0.06 for k, (_, e) in zip(near, _of(found, side), strict=True)), "invented"
        # A foot must be seen to have landed: half a frame after the strike is too early to tell.
        whole = [k for k in range(len(true) - 1) if true[k] > 0 and true[k + 1] < t[-1] - 0.05]
        assert set(whole) <= set(near)


START = {Side.RIGHT: 0.0, Side.LEFT: 0.36}


def _of(found: list[tuple[Side, float, float]], side: Side) -> list[tuple[float, float]]:
    return [(begin, end) for leg, begin, end in found if leg is side]


def test_a_film_that_ends_in_the_air_invents_no_strike() -> None:
    stick = Stick()
    for end_s in np.arange(4.0, 4.72, 0.06):
        run = follow(film(stick, times(float(end_s), 30)))
        assert max(s.t_next_strike_s for s in run.strides) <= end_s


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_heavy_work_is_spread_over_frames(fps: int) -> None:
    """In one frame either legs settle or strides close, and no more than one stride: else a frame would take long."""
    for step in follow(film(Stick(), times(6.0, fps))).steps[:-1]:
        assert len(step.strides) <= 1
        assert not (step.settled and step.strides)
        assert len(step.settled) <= 40


def test_what_every_stride_promises() -> None:
    run = follow(film(Stick(), times(6.0, 30)))
    assert [s.number for s in run.strides] == list(range(len(run.strides)))
    for stride in run.strides:
        assert set(stride.metrics) == set(STRIDE_METRICS)
        assert stride.t_strike_s < stride.t_midstance_s < stride.t_toe_off_s < stride.t_next_strike_s < stride.closed_s
        assert stride.contact_s == pytest.approx(stride.t_toe_off_s - stride.t_strike_s)
        assert stride.duty == pytest.approx(stride.contact_s * stride.cadence_spm / 120)
        assert math.isnan(stride.metrics["trunk_lean_deg"]), "no shoulders were seen"
    measured = [n for n in STRIDE_METRICS if n not in ("trunk_lean_deg", "trunk_range_deg")]
    middle = run.strides[len(run.strides) // 2]
    assert all(math.isfinite(middle.metrics[name]) for name in measured)


def test_every_frame_settles_once_and_in_order() -> None:
    pose_frames = film(Stick(), times(4.0, 30, drop=0.05))
    run = follow(pose_frames)
    assert [legs.index for legs in run.settled] == [s.index for s in pose_frames]
    lag = [
        step_time.t_s - legs.t_s
        for step_time, step in zip(pose_frames, run.steps, strict=False)
        for legs in step.settled
        if legs.t_s > 2.5
    ]
    assert max(lag) < 0.7
    assert all(step.live is not None for step in run.steps[:-1])


@pytest.mark.parametrize("fold", [0.6, 0.75, 1.15])
def test_a_fault_is_not_smoothed_away(fold: float) -> None:
    """The tracker knows the mean runner, and must not draw this one towards it: as soon as it trusts itself."""
    stick = Stick(fold=fold)
    run = follow(film(stick, times(8.0, 30)))
    assert len(run.strides) > 15
    trusted = [s.metrics["knee_peak_swing_deg"] for s in run.strides if s.trust >= 0.6]
    assert len(trusted) > 10
    assert np.mean(trusted) == pytest.approx(stick.peak_knee_deg(), abs=3.0)
    assert np.abs(np.array(trusted) - stick.peak_knee_deg()).max() < 10.0
    settled = [s.metrics["knee_peak_swing_deg"] for s in run.strides if s.t_strike_s > 3.5]
    assert np.mean(settled) == pytest.approx(stick.peak_knee_deg(), abs=2.5)


@pytest.mark.parametrize("change", [-0.25, -0.15, -0.1, 0.1, 0.15])
def test_a_sudden_change_of_technique_is_followed_or_not_trusted(change: float) -> None:
    """A runner who answers a cue at once folds otherwise from one stride to the next."""
    before, after, t = Stick(), Stick(fold=1.0 + change), times(12.0, 30)
    cut_s = 7.2 * before.stride_s  # the right leg stands
    clip = [a if a.t_s < cut_s else b for a, b in zip(film(before, t), film(after, t), strict=True)]
    swings = [s for s in follow(clip).strides if s.side is Side.RIGHT and s.t_toe_off_s > cut_s]
    off = [s.metrics["knee_peak_swing_deg"] - after.peak_knee_deg() for s in swings]
    assert all(abs(e) < 8.0 for e, s in zip(off, swings, strict=True) if s.trust >= 0.6)
    if abs(change) <= 0.15:
        assert all(s.trust >= 0.6 for s in swings[-3:])
        assert np.mean(off[-3:]) == pytest.approx(0.0, abs=4.0)


def test_a_gradual_change_is_followed() -> None:
    """Fifteen degrees in five strides, and every stride right within five."""
    t = times(14.0, 30)
    steps = [Stick(fold=fold) for fold in np.linspace(1.0, 0.85, 9)]
    films = [film(stick, t) for stick in steps]
    at = np.clip((t - 5.0) / 4.0, 0.0, 1.0) * 8
    clip = [films[round(float(k))][i] for i, k in enumerate(at)]
    peaks = [stick.peak_knee_deg() for stick in steps]
    for s in follow(clip).strides[8:]:
        true = float(np.interp(np.interp(s.t_toe_off_s + 0.13, t, at), np.arange(9), peaks))
        assert abs(s.metrics["knee_peak_swing_deg"] - true) < 5.5


@pytest.mark.parametrize("fps", [30, 60])
def test_walking_is_never_running(fps: int) -> None:
    walker = Stick(stride_s=1.07, curves=MEAN_WALKER, bob_leg=-0.02)
    run = follow(film(walker, times(12.0, fps)))
    assert len(run.strides) > 15
    assert {s.activity for s in run.strides} == {Activity.WALKING}
    assert run.steps[-2].activity is Activity.WALKING


@pytest.mark.parametrize("stride_s", [0.95, 1.2, 1.35])
@pytest.mark.parametrize(("fps", "noise"), [(240, 0.005), (240, 0.01), (30, 0.01)])
def test_no_walker_ever_runs(stride_s: float, fps: int, noise: float) -> None:
    """Slow feet, small signals, twice the noise: contacts may be missed, but no stride runs."""
    walker = Stick(stride_s=stride_s, curves=MEAN_WALKER, bob_leg=-0.02)
    run = follow(film(walker, times(8.0, fps), noise=noise))
    assert run.strides
    assert Activity.RUNNING not in {s.activity for s in run.strides}


def test_a_grounded_runner_bounces_and_is_no_walker() -> None:
    grounded = Stick(stride_s=0.8, curves=0.6 * MEAN_RUNNER + 0.4 * MEAN_WALKER, bob_leg=0.03)
    run = follow(film(grounded, times(8.0, 30)))
    assert Activity.WALKING not in {s.activity for s in run.strides}


def test_the_support_ankle_may_be_drawn_to_the_one_that_passes() -> None:
    """Pose models move the ankle behind towards the one in front as they pass; the fraction must hardly notice."""

    def spoil(t_s: FloatArray, points: FloatArray) -> None:
        ankles = points[:, :, 2]
        behind = np.abs(ankles[:, 1, 0] - ankles[:, 0, 0]) < 0.25 * LEG_PX
        passing = behind & ((t_s / 0.72 % 1.0) > 0.5)  # the right leg swings
        points[passing, 0, 2] += 0.3 * (points[passing, 1, 2] - points[passing, 0, 2])

    clean, drawn = (
        [
            s.metrics["pass_fraction"]
            for s in follow(film(Stick(), times(8.0, 60), spoil=one)).strides
            if s.side == "right"
        ]
        for one in (None, spoil)
    )
    assert np.median(drawn) == pytest.approx(np.median(clean), abs=0.03)
    assert np.isfinite(drawn).all()


def test_a_sprinter_is_recognised() -> None:
    stick = Stick(stride_s=0.5, curves=1.1 * FAST_RUNNER)
    run = follow(film(stick, times(5.0, 60)))
    assert len(run.strides) >= 15
    assert np.median([s.trust for s in run.strides]) > 0.8
    assert np.mean([s.metrics["knee_peak_swing_deg"] for s in run.strides]) == pytest.approx(
        stick.peak_knee_deg(), abs=3.0
    )


def test_somebody_who_stands_is_standing() -> None:
    still = np.zeros((3, 11))
    still[:, 0] = [-3.0, -3.0, 0.0]
    run = follow(film(Stick(curves=still, bob_leg=0.0), times(4.0, 30)))
    assert run.strides == []
    assert run.steps[-2].activity is Activity.STANDING


def test_who_crosses_the_picture_is_not_on_a_treadmill() -> None:
    t = times(5.0, 30)
    run = follow(film(Stick(), t, shift_px=(t - 2.5) * 1.2 * LEG_PX))
    assert all(s.activity is not Activity.RUNNING for s in run.strides)


def test_nobody_is_nobody() -> None:
    empty = [PoseFrame(i / 30, i, None) for i in range(90)]
    run = follow(empty)
    assert run.strides == []
    assert run.settled == []
    assert {step.activity for step in run.steps} == {Activity.NOBODY}
    assert all(step.live is None and step.speed is None and not step.leaving for step in run.steps)


def test_no_input_and_one_frame() -> None:
    assert follow([]).strides == []
    run = follow(film(Stick(), np.array([0.0])))
    assert run.strides == []
    assert len(run.settled) == 1


def test_points_that_are_nan_do_no_harm() -> None:
    hole = [pose_frame(i / 30, i, np.full((2, 5, 2), np.nan)) for i in range(60)]
    run = follow(hole)
    assert run.strides == []
    good = film(Stick(), times(3.0, 30))
    later = [PoseFrame(s.t_s + 2.0, s.index + 60, _moved(s.pose, s.t_s + 2.0)) for s in good]
    assert len(follow(hole + later).strides) >= 4


def _moved(pose: Pose | None, t_s: float) -> Pose | None:
    return None if pose is None else Pose(t_s, pose.points_px, pose.visibility, pose.image_size_px)


def test_a_short_gap_is_bridged_and_trusted_little() -> None:
    pose_frames = film(Stick(), times(6.0, 30))
    for i in (90, 91, 92):
        pose_frames[i] = PoseFrame(pose_frames[i].t_s, i, None)
    run = follow(pose_frames)
    bridged = [legs for legs in run.settled if legs.index in (90, 91, 92)]
    truth = Stick().points(np.array([legs.t_s for legs in bridged])) * [1, -1] * LEG_PX + [640, 400]
    assert len(bridged) == 3
    for legs, true in zip(bridged, truth, strict=True):
        assert np.hypot(*(legs.points_px - true)[:, 2].T).max() < 0.15 * LEG_PX
        assert legs.trust.max() < 0.4
    assert len(run.strides) >= 13


def test_after_a_long_gap_nothing_is_carried_over() -> None:
    t = times(9.0, 30)
    pose_frames = [PoseFrame(s.t_s, s.index, None) if 4.0 < s.t_s < 5.0 else s for s in film(Stick(), t)]
    run = follow(pose_frames)
    assert not any(s.t_strike_s < 4.5 < s.t_next_strike_s for s in run.strides)
    assert any(s.t_next_strike_s < 4.2 for s in run.strides)
    assert any(s.t_strike_s > 5.0 for s in run.strides)
    assert run.steps[round(4.9 * 30)].activity is Activity.NOBODY


def test_another_person_is_a_new_start() -> None:
    t = times(8.0, 30)
    run = follow(film(Stick(), t, shift_px=np.where(t > 4.0, 3 * LEG_PX, 0.0)))
    assert not any(s.t_strike_s < 4.0 < s.t_next_strike_s for s in run.strides)
    assert any(s.t_strike_s > 4.0 for s in run.strides)


def test_one_picture_of_somebody_else_does_not_disturb() -> None:
    pose_frames = film(Stick(), times(6.0, 30))
    other = film(Stick(), times(6.0, 30), shift_px=np.full(180, 3 * LEG_PX))
    for i in (100, 130, 131):
        pose_frames[i] = other[i]
    run = follow(pose_frames)
    assert len(run.strides) >= 13
    assert np.median([s.trust for s in run.strides]) > 0.8


def test_turning_round_is_noticed() -> None:
    there, back = film(Stick(), times(6.0, 30)), film(Stick(), times(6.0, 30), facing=-1)
    back = [PoseFrame(s.t_s + 6.0, s.index + 180, _moved(s.pose, s.t_s + 6.0)) for s in back]
    run = follow(there + back)
    assert all(s.is_near == (s.side is Side.RIGHT) for s in run.strides if s.t_next_strike_s < 5.5)
    later = [s for s in run.strides if s.t_strike_s > 8.0]
    assert len(later) >= 6
    assert all(s.is_near == (s.side is Side.LEFT) for s in later)


def test_the_near_side_can_be_set() -> None:
    run = follow(film(Stick(), times(3.0, 30)), settings=GaitSettings(near_side="left"))
    assert run.strides
    assert all(s.is_near == (s.side is Side.LEFT) for s in run.strides)


def test_the_better_seen_leg_is_near() -> None:
    run = follow(film(Stick(), times(3.0, 30), visibility=(0.95, 0.45)))
    assert all(s.is_near == (s.side is Side.LEFT) for s in run.strides)
    trust = {side: np.mean([s.trust for s in run.strides if s.side is side]) for side in Side}
    assert trust[Side.RIGHT] < trust[Side.LEFT]


def test_who_drifts_off_the_belt_is_leaving() -> None:
    t = times(6.0, 30)
    drift: FloatArray = np.clip(t - 4.0, 0.0, None) * LEG_PX
    run = follow(film(Stick(), t, shift_px=drift))
    assert not run.steps[round(3.5 * 30)].leaving
    assert run.steps[round(5.8 * 30)].leaving


def test_the_users_speed_wins() -> None:
    given = Speed(3.1, 0.05, SpeedOrigin.USER)
    run = follow(film(Stick(), times(4.0, 30)), speed=given)
    assert all(s.speed == given for s in run.strides)
    assert run.steps[10].speed == given


def test_belt_speed_scales_with_the_runners_height() -> None:
    clip = film(Stick(), times(6.0, 30))
    small = follow(clip, settings=GaitSettings(runner_height_m=1.5)).strides[-1].speed
    tall = follow(clip, settings=GaitSettings(runner_height_m=2.0)).strides[-1].speed
    unknown = follow(clip).strides[-1].speed
    assert small is not None
    assert tall is not None
    assert unknown is not None
    assert tall.mps / small.mps == pytest.approx(2.0 / 1.5)
    assert unknown.sd_mps / unknown.mps > small.sd_mps / small.mps
    assert small.origin is SpeedOrigin.PICTURE
    # Mean curves at 3 m/s, of which the generic foot of a stick figure shows 95 %.
    assert unknown.mps == pytest.approx(0.95 * 3.0, rel=0.1)


def test_a_speed_once_said_calibrates_the_picture() -> None:
    gait = Gait()
    last = None
    for one in film(Stick(), times(10.0, 30)):
        last = gait.update(one, Speed(4.0, 0.05, SpeedOrigin.USER) if one.t_s < 7.0 else None)
    assert last is not None
    assert last.speed is not None
    assert last.speed.origin is SpeedOrigin.PICTURE
    assert last.speed.mps == pytest.approx(4.0, rel=0.05)
    assert last.speed.sd_mps < 0.05 * last.speed.mps


def test_a_change_of_speed_shows_within_three_strides() -> None:
    slow, fast = film(Stick(stride_s=0.76), times(8.0, 30)), film(Stick(stride_s=0.66), times(6.0, 30))
    fast = [PoseFrame(s.t_s + 8.0, s.index + 240, _moved(s.pose, s.t_s + 8.0)) for s in fast]
    run = follow(slow + fast)
    before = [s.speed.mps for s in run.strides if s.t_next_strike_s < 8.0 and s.speed]
    after = [s.speed.mps for s in run.strides if s.t_strike_s > 8.0 + 3 * 0.66 and s.speed]
    assert before
    assert after
    assert after[0] > 1.08 * before[-1]


def test_the_same_input_gives_the_same_answer() -> None:
    clip = film(Stick(), times(5.0, 30, drop=0.03))
    one, two = follow(clip), follow(clip)
    assert len(one.strides) > 8
    assert [(s.t_strike_s, s.trust) for s in one.strides] == [(s.t_strike_s, s.trust) for s in two.strides]
    for a, b in zip(one.strides, two.strides, strict=True):
        assert np.array_equal(list(a.metrics.values()), list(b.metrics.values()), equal_nan=True)
