"""A calibration in gait: a stick whose hips are seen at a wrong place, before a camera that stands or is moved."""

from __future__ import annotations

import numpy as np
import pytest
from gait_stick import HIP_PX, LEG_PX, Stick, film, times

from cuecoach.gait.angles import THIGH, leg_angles
from cuecoach.gait.calibration.offsets import Calibration, CalibrationOrigin, LegOffsets, Offset, Placement
from cuecoach.gait.calibration.placement import placement_of
from cuecoach.gait.calibration.points import SetPoint, calibrate_points
from cuecoach.gait.gait import Gait, GaitStep
from cuecoach.types import JOINTS, LEG_LANDMARKS, FloatArray, PoseFrame, Side

OFF_DEG = 5.0
HEIGHT_PX = 960.0
SURE = Offset(OFF_DEG, 0.5, 0.0, 0.5)
NO_OFFSET = Offset(0.0, 0.5, 0.0, 0.5)
STICK = Stick()


def hips_off(facing: int) -> object:
    """Return what turns every hip about its knee, so that thighs read OFF_DEG too far forward."""

    def spoil(_t_s: FloatArray, points: FloatArray) -> None:
        thigh = points[..., 0, :] - points[..., 1, :]
        a = -facing * np.radians(OFF_DEG)  # the image's y grows down
        x, y = thigh[..., 0], thigh[..., 1]
        turned = np.stack([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y], -1)
        points[..., 0, :] = points[..., 1, :] + turned

    return spoil


def frames(facing: int = 1, seconds: float = 6.0, fps: float = 30.0, noise: float = 0.0) -> list[PoseFrame]:
    return film(STICK, times(seconds, fps), facing=facing, noise=noise, spoil=hips_off(facing))  # type: ignore[arg-type]


def both_legs(placement: Placement, thigh: Offset = SURE) -> Calibration:
    offsets = LegOffsets(thigh, NO_OFFSET, 6)
    return Calibration(CalibrationOrigin.POINTS, placement, offsets, offsets)


def run(pose_frames: list[PoseFrame], *calibrations: Calibration) -> tuple[Gait, list[GaitStep]]:
    gait = Gait(calibrations=calibrations)
    steps = [gait.update(one) for one in pose_frames]
    return gait, [*steps, gait.finish()]


def place(steps: list[GaitStep]) -> Placement:
    legs = [legs for step in steps for legs in step.settled]
    found = placement_of(legs, [stride for step in steps for stride in step.strides], HEIGHT_PX)
    assert found is not None
    return found


@pytest.mark.parametrize(("facing", "fps"), [(1, 30.0), (-1, 30.0), (1, 60.0), (-1, 24.0), (1, 240.0)])
def test_strides_live_and_settled_legs_lose_the_offset_and_events_stay(facing: int, fps: float) -> None:
    pose_frames = frames(facing, fps=fps, seconds=4.0 if fps > 100 else 6.0)
    _, plain = run(pose_frames)
    gait, steps = run(pose_frames, both_legs(place(plain)))
    assert gait.calibration is not None
    before, after = ([s for step in each for s in step.strides] for each in (plain, steps))
    assert len(after) == len(before) >= 6
    for one, other in zip(before, after, strict=True):
        for event in ("t_strike_s", "t_midstance_s", "t_toe_off_s", "t_next_strike_s", "closed_s", "activity", "duty"):
            assert getattr(one, event) == getattr(other, event)
        assert (one.calibrated, other.calibrated) == (False, True)
        assert one.metrics["thigh_max_deg"] - other.metrics["thigh_max_deg"] == pytest.approx(OFF_DEG, abs=0.3)
        assert one.metrics["knee_peak_swing_deg"] - other.metrics["knee_peak_swing_deg"] == pytest.approx(
            OFF_DEG, abs=0.3
        )
        assert one.metrics["vertical_oscillation_leg"] == other.metrics["vertical_oscillation_leg"]
        assert one.metrics["foot_at_strike_deg"] == pytest.approx(other.metrics["foot_at_strike_deg"], abs=1e-6)
    for pick in (lambda step: step.live, lambda step: step.settled[-1] if step.settled else None):
        pairs = [(pick(a), pick(b)) for a, b in zip(plain, steps, strict=True)]
        off = [(leg_angles(a) - leg_angles(b))[:, THIGH] for a, b in pairs if a is not None and b is not None]
        assert len(off) >= 15
        assert np.concatenate(off) == pytest.approx(OFF_DEG, abs=1e-6)


def test_points_on_six_frames_bring_the_true_thigh_back() -> None:
    pose_frames = frames(noise=0.003)
    _, plain = run(pose_frames)
    true = STICK.points(np.array([frame.t_s for frame in pose_frames])) * np.array([1.0, -1.0]) * LEG_PX + HIP_PX
    points = [
        SetPoint(index, "near", joint, *map(float, true[index, Side.RIGHT.row, row]))
        for index in (70, 74, 78, 82, 86, 90)
        for row, joint in enumerate(JOINTS)
    ]
    legs = {legs.index: legs for step in plain for legs in step.settled}
    _, steps = run(pose_frames, calibrate_points(points, legs, place(plain)))
    for step in steps[90:]:
        for one in step.settled:
            truth = np.degrees(np.arctan2(*_thigh(true[one.index, 1])))
            assert leg_angles(one)[1, THIGH] == pytest.approx(truth, abs=3.0)


def _thigh(leg: FloatArray) -> tuple[float, float]:
    return float(leg[1, 0] - leg[0, 0]), float(leg[1, 1] - leg[0, 1])


def test_a_leg_that_is_hardly_surer_does_not_count_as_calibrated() -> None:
    pose_frames = frames()
    placement = place(run(pose_frames)[1])
    doubtful = LegOffsets(Offset(OFF_DEG, 2.5, 0.0, 1.0), NO_OFFSET, 3)
    sure = LegOffsets(SURE, NO_OFFSET, 6)
    _, steps = run(pose_frames, Calibration(CalibrationOrigin.STANDING, placement, sure, doubtful))
    assert {(s.side, s.calibrated) for step in steps for s in step.strides} == {(Side.LEFT, True), (Side.RIGHT, False)}


def test_without_a_calibration_nothing_is_said_or_changed() -> None:
    gait, steps = run(frames())
    assert gait.calibration is None
    assert not any(step.notice for step in steps)


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        ({"leg_share": 1.25}, "smaller in the picture, 0.80 times"),
        ({"leg_share": 0.8}, "larger in the picture, 1.25 times"),
        ({"hip_share": 1.4}, "higher in the picture"),
        ({"facing": -1}, "faces the other way"),
    ],
)
def test_a_camera_that_was_moved_is_told_once_and_the_calibration_left_out(moved: dict[str, float], why: str) -> None:
    pose_frames = frames()
    _, plain = run(pose_frames)
    now = place(plain)
    then = {"leg_share": now.leg_share, "hip_share": now.hip_share, "facing": now.facing, "belt_deg": now.belt_deg}
    then |= {name: factor * then[name] for name, factor in moved.items()}
    gait, steps = run(pose_frames, both_legs(Placement(**then)))  # type: ignore[arg-type]
    notices = [step.notice for step in steps if step.notice]
    assert len(notices) == 1
    assert why in notices[0]
    assert gait.calibration is None
    last, uncalibrated = steps[-1].strides or steps[-30].strides, plain[-1].strides or plain[-30].strides
    assert [str(s) + repr(dict(s.metrics)) for s in last] == [str(s) + repr(dict(s.metrics)) for s in uncalibrated]


def test_a_turned_camera_is_noticed_by_the_belts_line() -> None:
    pose_frames = frames()
    _, plain = run(pose_frames)
    now = place(plain)
    assert abs(now.belt_deg) < 4.0
    gait, steps = run(pose_frames, both_legs(Placement(now.leg_share, now.hip_share, now.facing, now.belt_deg + 9.0)))
    assert gait.calibration is None
    assert any("belt's line is turned by 9 degrees" in step.notice for step in steps)


def test_another_calibration_of_the_runner_that_fits_is_used() -> None:
    pose_frames = frames()
    _, plain = run(pose_frames)
    fits = both_legs(place(plain))
    elsewhere = both_legs(Placement(0.2, 0.4, 1, 0.0), Offset(-9.0, 1.0, 0.0, 1.0))
    gait, steps = run(pose_frames, elsewhere, fits)
    assert gait.calibration is fits
    assert len([step.notice for step in steps if step.notice]) == 1


def test_a_placement_does_not_depend_on_the_size_of_the_picture() -> None:
    pose_frames = frames()
    _, plain = run(pose_frames)
    stature = place(plain)
    assert stature.leg_share == pytest.approx(LEG_PX / HEIGHT_PX, rel=0.03)
    assert stature.hip_share == pytest.approx(HIP_PX[1] / HEIGHT_PX, abs=0.03)
    rows = [row for leg in LEG_LANDMARKS for row in leg]
    assert all(np.isfinite(one.pose.points_px[rows]).all() for one in pose_frames if one.pose)


def test_three_strides_of_the_near_leg_are_needed() -> None:
    _, plain = run(frames(seconds=2.2))
    legs = [legs for step in plain for legs in step.settled]
    strides = [stride for step in plain for stride in step.strides]
    assert placement_of(legs, [s for s in strides if s.is_near][:2], HEIGHT_PX) is None
    assert placement_of([], [], HEIGHT_PX) is None
