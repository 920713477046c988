"""Following the runner through all pose frames of a film."""

from __future__ import annotations

import json

import pytest
from perfect_pose import clean_runner, pose_frames

from cuecoach.gait.settings import GaitSettings
from cuecoach.pipeline.measurement import Measurement, measure_pose_frames


def test_height_scales_the_belt() -> None:
    short, tall = (
        measure_pose_frames(pose_frames(clean_runner()), GaitSettings(runner_height_m=height_m)).strides[-1]
        for height_m in (1.6, 1.92)
    )
    assert short.speed is not None
    assert tall.speed is not None
    assert tall.speed.mps / short.speed.mps == pytest.approx(1.2, rel=0.01)


def test_pose_frames_are_kept_only_when_asked_for() -> None:
    seen = pose_frames(clean_runner())[:40]
    assert measure_pose_frames(seen, GaitSettings()).pose_frames == []
    told: list[int] = []
    kept = measure_pose_frames(seen, GaitSettings(), progress=told.append, keep_pose_frames=True)
    assert kept.pose_frames == seen
    assert told == list(range(1, 41))


def test_summary_of_nothing_is_none_not_nan() -> None:
    said = Measurement().as_dict()
    assert said["speed_mps"] is None
    json.loads(json.dumps(said, allow_nan=False))
