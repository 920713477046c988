"""Trust falls with what makes an angle wrong, at the moments where it is read, and not elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from gait_stick import Stick, film, follow, times

from cuecoach.gait.events import Contact
from cuecoach.gait.metrics import Cycle, StrideWindow
from cuecoach.gait.stride_curve import MEAN_RUNNER, basis
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.gait.trust import Trust
from cuecoach.types import FloatArray, Side

STRIDE_S, LEG_PX = 0.72, 300.0
STANCE_S = 0.25
SEEN, GUESSED = 0.97, 0.27


def leg(t_s: FloatArray, wrong_deg: FloatArray) -> FloatArray:
    """Return the mean runner's leg (n, 5, 2) px, runner axes, with errors (n, 2) of thigh and shank angle."""
    thigh, shank, foot = (basis(2 * np.pi * t_s / STRIDE_S) @ row for row in MEAN_RUNNER)

    def along(angle_deg: FloatArray, length_px: float) -> FloatArray:
        return length_px * np.stack([np.sin(np.radians(angle_deg)), -np.cos(np.radians(angle_deg))], axis=-1)

    hip = np.zeros((len(t_s), 2))
    knee = hip + along(thigh + wrong_deg[:, 0], LEG_PX / 2)
    ankle = knee + along(shank + wrong_deg[:, 1], LEG_PX / 2)
    toe = along(foot + 90, 60.0)
    return np.stack([hip, knee, ankle, ankle - toe / 3, ankle + toe], axis=1)


def track(rate_hz: float = 30.0, noise_deg: float = 0.0, seed: int = 1) -> LegTrajectory:
    """Return two legs half a stride apart, all seen."""
    t = np.arange(-0.5, STRIDE_S + 0.5, 1 / rate_hz)
    wrong = np.random.default_rng(seed).normal(0.0, noise_deg, (2, len(t), 2))
    legs = np.stack([leg(t, wrong[0]), leg(t + STRIDE_S / 2, wrong[1])], axis=1)
    trunk = np.zeros((len(t), 2, 2))
    return LegTrajectory(t, legs, np.full((len(t), 2), SEEN), trunk, np.full(2, LEG_PX), Side.LEFT)


def contact(strike_s: float) -> Contact:
    return Contact(strike_s, strike_s + STANCE_S / 2, strike_s + STANCE_S)


CYCLE = Cycle(0, contact(0.0), STRIDE_S, (contact(STRIDE_S / 2),))


def judged(seen: LegTrajectory, cycle: Cycle = CYCLE, trust: Trust | None = None, is_near: bool = True) -> float:
    part = StrideWindow.of(seen, cycle)
    assert part is not None
    return (trust or Trust()).of(part, cycle, is_near)


def with_trust(seen: LegTrajectory, start_s: float, end_s: float, value: float) -> LegTrajectory:
    frames = seen.trust.copy()
    frames[(seen.t_s >= start_s) & (seen.t_s < end_s), 0] = value
    return replace(seen, trust=frames)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0, 240.0])
def test_what_is_seen_well_is_trusted(rate_hz: float) -> None:
    assert judged(track(rate_hz)) > 0.9


@pytest.mark.parametrize("fps", [30, 60])
def test_trust_falls_with_noise(fps: int) -> None:
    """Through the whole room: it is the frames that know how far each is from what those around it show."""
    levels = [np.mean([s.trust for s in follow(film(Stick(), times(8.0, fps), noise=n)).strides]) for n in NOISES]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 0.85
    assert levels[-1] < 0.5


NOISES = (0.0, 0.01, 0.025, 0.04)


def test_doubt_counts_where_the_angles_are_read() -> None:
    good = judged(track())
    in_swing = judged(with_trust(track(), STANCE_S, STRIDE_S, 0.6))
    in_stance = judged(with_trust(track(), 0.0, STANCE_S / 2, 0.6))
    assert in_swing < 0.75 * in_stance
    assert in_swing < 0.7 < in_stance <= good


def test_one_swing_is_rebuilt_well_from_the_last_ones_but_not_every_one() -> None:
    hidden = with_trust(track(), 0.38, 0.5, GUESSED)
    judge = Trust()
    for _ in range(8):
        judged(track(), trust=judge)
    once = judged(hidden, trust=judge)
    for _ in range(8):
        always = judged(hidden, trust=judge)
    assert always < 0.3 < 0.4 < once


def test_a_leg_without_the_other_is_worth_half() -> None:
    assert judged(track(), replace(CYCLE, others=())) == pytest.approx(judged(track()) / 2)


def test_a_thigh_that_never_passes_the_vertical_is_no_swing() -> None:
    still = track()
    legs = still.legs.copy()
    legs[:, :, 1:, 0] -= LEG_PX  # far behind the hips
    assert judged(replace(still, legs=legs)) == 0.0


def test_too_little_has_no_part() -> None:
    short = track().slice(0.0, 0.1)
    assert StrideWindow.of(short, CYCLE) is None


def test_trust_is_a_share() -> None:
    for deg in (0.0, 40.0):
        value = judged(track(noise_deg=deg))
        assert 0.0 <= value <= SEEN
        assert math.isfinite(value)


def test_the_far_leg_is_worth_less_than_the_near_one_seen_as_well() -> None:
    assert judged(track(), is_near=False) < judged(track()) - 0.03
