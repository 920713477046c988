"""The six pictures that a person sets points on, of a stick runner whose moments are known."""

from __future__ import annotations

import numpy as np
import pytest
from gait_stick import Stick, film, follow, times

from cuecoach.gait.angles import THIGH, knee_flexion, leg_angles
from cuecoach.gait.calibration.stills import choose_stills

MOMENTS = {"foot strike", "mid-stance", "toe-off", "most folded", "thigh vertical", "late swing"}


@pytest.mark.parametrize(("facing", "fps"), [(1, 30.0), (-1, 60.0)])
def test_each_moment_is_shown_once_and_of_the_near_leg(facing: int, fps: float) -> None:
    run = follow(film(Stick(), times(9.0, fps), facing=facing, noise=0.001))
    stills = choose_stills(run.settled, run.strides)
    assert {still.moment for still in stills} == MOMENTS
    assert [still.t_s for still in stills] == sorted(still.t_s for still in stills)
    near = run.settled[-1].near
    assert {still.side for still in stills} == {near}
    legs = {legs.index: legs for legs in run.settled}
    by_moment = {still.moment: still for still in stills}
    angles = {moment: leg_angles(legs[still.frame])[near.row] for moment, still in by_moment.items()}
    assert abs(angles["thigh vertical"][THIGH]) < 12.0
    assert float(knee_flexion(angles["most folded"])) > 85.0
    assert angles["toe-off"][THIGH] < -10.0
    assert angles["late swing"][THIGH] > 15.0
    assert (by_moment["toe-off"].points_px == legs[by_moment["toe-off"].frame].of(near)).all()
    strides = [s for s in run.strides if s.is_near]
    own = [
        next(k for k, s in enumerate(strides) if s.t_strike_s - 0.02 <= st.t_s <= s.t_next_strike_s) for st in stills
    ]
    assert len(np.unique(own)) >= 5, "frames of one stride err alike"


def test_a_single_stride_gives_what_it_has_and_nobody_gives_nothing() -> None:
    run = follow(film(Stick(), times(5.0, 30.0), noise=0.001))
    near = [stride for stride in run.strides if stride.is_near]
    assert len(choose_stills(run.settled, near[:1])) == 6
    assert choose_stills(run.settled, []) == ()
    assert choose_stills([], near) == ()
