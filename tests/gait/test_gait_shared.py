"""Motion capture of real runners seen by a simulated side camera, against force plates and full-rate angles."""

from __future__ import annotations

import csv
from pathlib import Path

import needs
import numpy as np
import pytest
from gait_stick import Run, follow, pose_frame

from cuecoach.gait.settings import GaitSettings
from cuecoach.types import Activity, FloatArray, PoseFrame, Side

TRIALS = ("rbds001_2.5", "rbds001_3.5", "rbds032_2.5")
STATURE_M = {"rbds001_2.5": 1.81, "rbds001_3.5": 1.81, "rbds032_2.5": 1.772}
CAMERA_M, FOCAL_PX = 3.5, 1400.0
TRUE_NAME = {
    "knee_peak_swing_deg": "peak_swing_knee_flexion_deg",
    "knee_at_thigh_vertical_deg": "knee_flexion_at_thigh_vertical_deg",
    "thigh_max_deg": "max_thigh_angle_deg",
    "shank_min_deg": "min_shank_angle_deg",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def camera(trial: Path, fps: float, noise: float = 0.005, drop: float = 0.02, seconds: float = 30.0) -> list[PoseFrame]:
    """Project the points onto a camera at the runner's right, with noise, timing jitter and dropped frames."""
    header, *_ = (trial / "keypoints.csv").read_text().splitlines()
    table = np.loadtxt(trial / "keypoints.csv", delimiter=",", skiprows=1)
    column = {name: table[:, i] for i, name in enumerate(header.split(","))}
    joints = ("hip", "knee", "ankle", "heel", "toe")
    space = np.array([[[column[f"{s}_{j}_{a}_m"] for a in "xyz"] for j in joints] for s in "lr"])  # 2, 5, 3, n
    rng = np.random.default_rng(7)
    t = np.arange(0.02, min(seconds, column["t_s"][-1]) - 0.02, 1 / fps)
    t = t + rng.uniform(-0.1, 0.1, len(t)) / fps
    t = t[rng.random(len(t)) >= drop]
    at = np.array([np.interp(t, column["t_s"], c) for c in space.reshape(30, -1)]).reshape(2, 5, 3, -1)
    at = np.moveaxis(at, -1, 0)
    scale = FOCAL_PX / (CAMERA_M - (at[..., 2] - space[:, :, 2].mean()))
    px = np.stack([640 + (at[..., 0] - space[:, :, 0].mean()) * scale, 900 - at[..., 1] * scale], -1)
    px += rng.normal(0.0, noise * STATURE_M[trial.name] * FOCAL_PX / CAMERA_M, px.shape)
    return [pose_frame(float(s), i, legs) for i, (s, legs) in enumerate(zip(t, px, strict=True))]


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {}


def run_of(runs: dict[str, Run], shared_data: Path, name: str) -> Run:
    if name not in runs:
        settings = GaitSettings(runner_height_m=STATURE_M[name])
        runs[name] = follow(camera(shared_data / "mocap" / name, 30), settings=settings)
    return runs[name]


def pairs(run: Run, truth: list[dict[str, str]]) -> list[tuple[int, int]]:
    """Return (stride, true stride) where strike and next strike are within 60 ms."""
    found = []
    for i, stride in enumerate(run.strides):
        for j, true in enumerate(truth):
            same_leg = (true["side"] == "l") == (stride.side is Side.LEFT)
            off = max(
                abs(float(true["t_foot_strike_s"]) - stride.t_strike_s),
                abs(float(true["t_next_strike_s"]) - stride.t_next_strike_s),
            )
            if same_leg and off < 0.06:
                found.append((i, j))
    return found


@pytest.mark.parametrize("name", TRIALS)
def test_all_strides_and_no_other(runs: dict[str, Run], shared_data: Path, name: str) -> None:
    run, truth = run_of(runs, shared_data, name), rows(shared_data / "mocap" / name / "strides.csv")
    found = pairs(run, truth)
    first, last = (min(float(r["t_foot_strike_s"]) for r in truth), max(float(r["t_next_strike_s"]) for r in truth))
    assert len({j for _, j in found}) >= len(truth) - 1, "only a stride at the very start may be cut off"
    known = {i for i, _ in found}
    extra = [s for i, s in enumerate(run.strides) if i not in known]
    assert all(s.t_strike_s < first or s.t_next_strike_s > last for s in extra)
    assert {s.activity for s in run.strides} == {Activity.RUNNING}
    assert np.mean([s.trust >= 0.6 for s in run.strides]) > 0.95
    cadence = np.median([s.cadence_spm for s in run.strides])
    assert cadence == pytest.approx(np.median([float(r["cadence_spm"]) for r in truth]), abs=0.5)


@pytest.mark.parametrize("name", ["rbds001_2.5", "rbds001_3.5"])
def test_events_against_the_force_plate(runs: dict[str, Run], shared_data: Path, name: str) -> None:
    run, truth = run_of(runs, shared_data, name), rows(shared_data / "mocap" / name / "events.csv")
    for field, column, limit_s in (
        ("t_strike_s", "t_foot_strike_50N_s", 0.015),
        ("t_toe_off_s", "t_toe_off_50N_s", 0.012),
    ):
        true = {side: np.array([float(r[column]) for r in truth if r["side"] == side.value[0]]) for side in Side}
        errors = np.array([_nearest(true[s.side], getattr(s, field)) for s in run.strides])
        assert np.median(np.abs(errors)) < limit_s
        assert errors.std() < 0.015


def _nearest(times: FloatArray, t: float) -> float:
    return float(t - times[np.abs(times - t).argmin()])


@pytest.mark.parametrize("name", TRIALS)
def test_angles_against_full_rate(runs: dict[str, Run], shared_data: Path, name: str) -> None:
    """Leg by leg, because the camera's perspective shifts each leg's angles by a degree or two of its own."""
    run, truth = run_of(runs, shared_data, name), rows(shared_data / "mocap" / name / "strides.csv")
    for metric, column in TRUE_NAME.items():
        for side in Side:
            errors = np.array(
                [
                    run.strides[i].metrics[metric] - float(truth[j][column])
                    for i, j in pairs(run, truth)
                    if run.strides[i].side is side
                ]
            )
            assert abs(errors.mean()) < 4.0, metric
            assert errors.std() < 2.5, metric


@pytest.mark.parametrize(("name", "mps"), [("rbds001_2.5", 2.5), ("rbds001_3.5", 3.51), ("rbds032_2.5", 2.51)])
def test_belt_speed_from_body_height(runs: dict[str, Run], shared_data: Path, name: str, mps: float) -> None:
    speed = run_of(runs, shared_data, name).strides[-1].speed
    assert speed is not None
    assert speed.mps == pytest.approx(mps, rel=0.07)
    assert abs(speed.mps - mps) < 2 * speed.sd_mps


def test_synthetic_landmarks_of_the_reference(shared_data: Path) -> None:
    """The mean runner as a stick figure: strike at 0 %, toe-off at the duty, leg lengths as the unit."""
    path = shared_data.parent / "reference" / "norms" / "synthetic_stick_landmarks_legunits.csv"
    if not path.is_file():
        needs.missing("the reference landmarks beside the shared data")
    for mps in ("2.5", "3.5", "4.5"):
        own = [r for r in rows(path) if float(r["speed"]) == float(mps)]
        stride_s, duty = float(own[0]["stride_s"]), float(own[0]["duty"])
        joints = ("hip", "knee", "ankle", "heel", "toe")
        cycle = np.array(
            [[[[float(r[f"{w}_{j}_{a}"]) for a in "xy"] for j in joints] for w in ("far", "near")] for r in own]
        )
        t = np.arange(0.0, 8.0, 1 / 30)
        share = (t / stride_s % 1.0) * 100
        closed = np.concatenate([cycle, cycle[:1]]).reshape(101, -1)
        points = np.array([np.interp(share, np.arange(101), c) for c in closed.T]).T.reshape(-1, 2, 5, 2)
        px = points * [400.0, -400.0] + [640.0, 500.0]
        run = follow([pose_frame(float(s), i, legs) for i, (s, legs) in enumerate(zip(t, px, strict=True))])
        assert len(run.strides) >= 2 * int(8.0 / stride_s) - 4
        assert np.median([s.duty for s in run.strides]) == pytest.approx(duty, abs=0.03)
        assert np.median([s.cadence_spm for s in run.strides]) == pytest.approx(120 / stride_s, rel=0.005)
