"""The truth is read as it is meant: sides, half frames, units; and truth scored against itself has no error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.accuracy.rows.mocap import _raw_strides
from bench.accuracy.rows.virtual import FALSE_AGAIN_S, episodes
from bench.accuracy.score import FoundStride, contacts_of, event_errors, match_strides, toe_off_errors
from bench.data.camera import Camera, film
from bench.data.truth import STRIDE_COLUMNS, read_clip, read_mocap
from cuecoach.gait.angles import knee_flexion, segment_angles, to_runner_axes
from cuecoach.types import Decision, Kind, Reason, Side


@pytest.mark.parametrize("trial", ["rbds001_2.5", "rbds001_3.5"])
def test_true_strides_score_zero_against_the_force_plate(shared_data: Path, trial: str) -> None:
    mocap = read_mocap(shared_data / "mocap" / trial)
    assert mocap.contacts is not None
    found = [FoundStride(s.side, s.t_strike_s, s.t_toe_off_s, s.t_next_strike_s) for s in mocap.strides]
    for side in Side:
        strikes = event_errors(contacts_of(found, side).strikes_s, mocap.contacts[side].strikes_s)
        toe_offs = toe_off_errors(found, mocap.contacts[side], side)
        for errors in (strikes, toe_offs):
            assert errors.median_abs < 1e-4
            assert (errors.missed, errors.invented) == (0, 0)


def test_trial_says_who_and_how_fast(shared_data: Path) -> None:
    mocap = read_mocap(shared_data / "mocap" / "rbds032_2.5")
    assert (mocap.stature_m, mocap.speed_mps, mocap.contacts) == (1.772, 2.5, None)
    assert len(mocap.strides) == 73


@pytest.mark.parametrize("near", list(Side))
def test_a_camera_without_error_gives_the_true_angles_but_for_parallax(shared_data: Path, near: Side) -> None:
    mocap = read_mocap(shared_data / "mocap" / "rbds001_2.5")
    camera = Camera(near, rate_hz=120.0, noise=0.0, jitter_s=0.0, dropped=0.0)
    raw = _raw_strides(mocap, film(mocap, camera, seed=1), camera.facing)
    matched = match_strides(raw, mocap.strides)
    assert not matched.missed
    for metric in STRIDE_COLUMNS:
        errors = matched.errors(metric)
        assert abs(errors.bias) < 1.0
        assert errors.sd < 1.5


def test_clip_labels_and_hand_joints_agree(shared_data: Path) -> None:
    clip = read_clip(shared_data / "clips")
    angles = segment_angles(to_runner_axes(clip.near_px, facing=-1))
    for frame, flexion in clip.near_knee_deg.items():
        assert knee_flexion(angles)[frame] == pytest.approx(flexion, abs=0.3)
    assert len(clip.strides(clip.near)) == 16
    assert clip.contacts[clip.near].strikes_s[0] == pytest.approx(15.5 / 30)
    for side in Side:
        contacts = clip.contacts[side]
        assert (np.diff(contacts.strikes_s) > 0.5).all()


def test_a_false_finding_that_goes_on_is_one() -> None:
    def told(t_s: float, fault: str | None, kind: Kind = Kind.FAULT) -> tuple[Decision, int]:
        return Decision(t_s, False, kind, Reason.WARM_UP, fault, None, None), 0

    again = FALSE_AGAIN_S + 1.0
    decisions = [
        told(0.0, "flick"),
        told(5.0, "flick"),
        told(6.0, "overstride"),
        told(7.0, "flick", Kind.PRAISE),
        told(8.0, None, Kind.INFO),
        told(5.0 + again, "flick"),
    ]
    assert episodes(decisions) == ["flick", "overstride", "flick"]
