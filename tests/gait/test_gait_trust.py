"""Trust falls with what makes an angle wrong, at the moments where it is read, and not elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from analytic_runner import RUNNER, AnalyticRunner
from gait_stick import Stick, film, follow, times

from cuecoach.gait.events import Contact
from cuecoach.gait.legs.outliers import PREDICTED_TRUST, PREDICTION_FADE_S
from cuecoach.gait.legs.stride_curve import MEAN_RUNNER, basis
from cuecoach.gait.stride_window import Cycle, StrideWindow
from cuecoach.gait.trajectory import LegTrajectory
from cuecoach.gait.trust import trust_of
from cuecoach.types import FloatArray, Side

STRIDE_S, LEG_PX = 0.72, 300.0
STANCE_S = 0.25
SEEN = 0.97


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


def trajectory(rate_hz: float = 30.0, noise_deg: float = 0.0, seed: int = 1) -> LegTrajectory:
    """Return two legs half a stride apart, all seen."""
    t = np.arange(-0.5, STRIDE_S + 0.5, 1 / rate_hz)
    wrong = np.random.default_rng(seed).normal(0.0, noise_deg, (2, len(t), 2))
    legs = np.stack([leg(t, wrong[0]), leg(t + STRIDE_S / 2, wrong[1])], axis=1)
    trunk = np.zeros((len(t), 2, 2))
    return LegTrajectory(t, legs, np.full((len(t), 2), SEEN), trunk, np.full(2, LEG_PX), Side.LEFT)


def contact(strike_s: float) -> Contact:
    return Contact(strike_s, strike_s + STANCE_S / 2, strike_s + STANCE_S)


CYCLE = Cycle(0, contact(0.0), STRIDE_S, (contact(STRIDE_S / 2),))


def judged(seen: LegTrajectory, cycle: Cycle = CYCLE, is_near: bool = True) -> float:
    window = StrideWindow.of(seen, cycle, 0.0)
    assert window is not None
    return trust_of(window, is_near)


def faded(since_seen_s: float) -> float:
    """Return the trust of a frame that was filled, so long after its leg was seen."""
    return PREDICTED_TRUST * math.exp(-since_seen_s / PREDICTION_FADE_S)


def with_trust(seen: LegTrajectory, start_s: float, end_s: float, value: float) -> LegTrajectory:
    frames = seen.trust.copy()
    frames[(seen.t_s >= start_s) & (seen.t_s < end_s), 0] = value
    return replace(seen, trust=frames)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0, 240.0])
def test_what_is_seen_well_is_trusted(rate_hz: float) -> None:
    assert judged(trajectory(rate_hz)) > 0.9


@pytest.mark.parametrize("fps", [30, 60])
def test_trust_falls_with_noise(fps: int) -> None:
    """Through the whole room: it is the frames that know how far each is from what those around it show."""
    levels = [np.mean([s.trust for s in follow(film(Stick(), times(8.0, fps), noise=n)).strides]) for n in NOISES]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 0.85
    assert levels[-1] < 0.5


NOISES = (0.0, 0.01, 0.025, 0.04)


def test_doubt_counts_where_the_angles_are_read() -> None:
    good = judged(trajectory())
    in_swing = judged(with_trust(trajectory(), STANCE_S, STRIDE_S, 0.6))
    in_stance = judged(with_trust(trajectory(), 0.0, STANCE_S / 2, 0.6))
    assert in_swing < 0.75 * in_stance
    assert in_swing < 0.7 < in_stance <= good


def test_a_leg_that_hides_for_a_frame_is_known_from_those_beside_it_and_not_for_longer() -> None:
    good, short, long = (
        judged(with_trust(trajectory(60.0), 0.45, 0.45 + hidden_s, faded(seconds)))
        for hidden_s, seconds in ((0.0, 0.0), (0.02, 0.017), (0.1, 0.05))
    )
    assert short > 0.8 * good
    assert long < 0.3 * good


def test_a_leg_without_the_other_is_worth_half() -> None:
    assert judged(trajectory(), replace(CYCLE, others=())) == pytest.approx(judged(trajectory()) / 2)


def test_a_thigh_that_never_passes_the_vertical_is_no_swing() -> None:
    still = trajectory()
    legs = still.legs.copy()
    legs[:, :, 1:, 0] -= LEG_PX  # far behind the hips
    assert judged(replace(still, legs=legs)) == 0.0


def test_too_little_has_no_part() -> None:
    short = trajectory().slice(0.0, 0.1)
    assert StrideWindow.of(short, CYCLE, 0.0) is None


def test_trust_is_a_share() -> None:
    for deg in (0.0, 40.0):
        value = judged(trajectory(noise_deg=deg))
        assert 0.0 <= value <= SEEN
        assert math.isfinite(value)


def test_the_far_leg_is_worth_less_than_the_near_one_seen_as_well() -> None:
    assert judged(trajectory(), is_near=False) < judged(trajectory()) - 0.03


# In closed form: what the module says, for a figure whose angles are cosines.

FIGURE = AnalyticRunner(RUNNER.legs, stride_s=1.2)
ONE = FIGURE.cycle(0, 1)


@cache
def all_seen(figure: AnalyticRunner) -> LegTrajectory:
    return figure.trajectory(240.0, seconds=3.0)


def exact(trust: float | FloatArray = 1.0, figure: AnalyticRunner = FIGURE) -> LegTrajectory:
    """Return the figure at 240 Hz; `trust` of the left leg's frames."""
    seen = all_seen(figure)
    frames = np.ones_like(seen.trust)
    frames[:, 0] = trust
    return replace(seen, trust=frames)


def times_read_s(figure: AnalyticRunner = FIGURE) -> tuple[float, float, float]:
    """Return when knee peak, thigh vertical and thigh peak come in the second stride of the left leg."""
    leg = figure.legs[0]
    mean, amplitude = leg.thigh_deg
    vertical = leg.thigh_peak - math.acos(-mean / amplitude) / (2 * math.pi)
    return tuple((1 + share) * figure.stride_s for share in (leg.knee_peak, vertical, leg.thigh_peak))


def knee_per_thigh(figure: AnalyticRunner, slowest_deg_s: float = 40.0, steepest: float = 5.0) -> float:
    """Return how far the knee turns per degree of thigh at the vertical."""
    leg, share = figure.legs[0], np.array([0.0, 1e-5]) + times_read_s(figure)[1] / figure.stride_s
    knee, thigh = (float(np.diff(turn(share))[0]) / 1e-5 / figure.stride_s for turn in (leg.knee, leg.thigh))
    return float(np.clip(knee / max(thigh, slowest_deg_s), -steepest, steepest))


def chance(variances: tuple[float, float, float], figure: AnalyticRunner = FIGURE) -> float:
    """Return the chance that five strides are right, of the variances of a segment's angle at the three moments."""
    times_segment = (2.0, 1.0 + (1.0 - knee_per_thigh(figure)) ** 2, 1.0)
    sds = [math.sqrt(times * variance) for times, variance in zip(times_segment, variances, strict=True)]
    return math.prod(math.erf(8.0 / (sd * math.sqrt(2.0))) for sd in sds) ** 5


@pytest.mark.parametrize(("trust", "is_near"), [(0.9, True), (0.8, True), (0.8, False), (0.6, True), (0.41, False)])
def test_doubt_and_the_far_leg_add_to_the_variance(trust: float, is_near: bool) -> None:
    variance = 0.3 + 22.0 * (1.0 - trust) + (0.0 if is_near else 6.0)
    expected = min(trust, chance((variance,) * 3))
    assert judged(exact(trust), ONE, is_near=is_near) == pytest.approx(expected, rel=0.03)


def test_at_best_the_frames_set_the_trust() -> None:
    assert judged(exact(), ONE) == pytest.approx(chance((0.3,) * 3), abs=1e-6)
    assert judged(exact(0.985), ONE) == pytest.approx(0.985)


@pytest.mark.parametrize(
    ("frames", "variance"), [(0.4, 22.0 * 0.6), (0.39, 0.0), (PREDICTED_TRUST, 0.0), (0.999 * PREDICTED_TRUST, 0.0)]
)
def test_a_frame_below_0_4_is_guessed_and_at_first_as_good_as_seen(frames: float, variance: float) -> None:
    mean_trust = min(frames, 1.0)
    assert judged(exact(frames), ONE) == pytest.approx(min(chance((0.3 + variance,) * 3), mean_trust), rel=0.02)


@pytest.mark.parametrize("since_seen_s", [0.02, 0.03, 0.04])
def test_a_guess_is_worth_less_the_longer_ago_the_leg_was_seen(since_seen_s: float) -> None:
    variance = 0.3 + 65.0 * (1.0 - math.exp(-((since_seen_s / 0.06) ** 2)))
    found = judged(exact(faded(since_seen_s)), ONE)
    assert found == pytest.approx(min(chance((variance,) * 3), faded(since_seen_s)), rel=0.03)


@pytest.mark.parametrize("moment", [0, 1, 2])
@pytest.mark.parametrize("away_s", [0.0, 0.035, 0.07])
def test_frames_count_by_how_near_they_are_to_a_moment(moment: int, away_s: float) -> None:
    """By a normal distribution with an SD of 30 ms."""
    seen = exact()
    at_s = times_read_s()[moment] + away_s
    doubtful = np.abs(seen.t_s - at_s) < 0.02
    weights = [np.exp(-0.5 * ((seen.t_s - t) / 0.03) ** 2) for t in times_read_s()]
    doubts = [float(weight[doubtful].sum() / weight.sum()) * 0.5 for weight in weights]
    expected = chance(tuple(0.3 + 22.0 * doubt for doubt in doubts))
    found = judged(exact(np.where(doubtful, 0.5, 1.0)), ONE)
    assert found == pytest.approx(min(expected, 1.0 - 0.5 * 0.04 / 1.2), abs=0.025)


@pytest.mark.parametrize("rise", [0.02, 0.05, 0.12])
def test_the_knee_at_the_vertical_is_worth_less_the_faster_it_turns(rise: float) -> None:
    """A slow thigh counts as 40 degrees a second, a steep knee as 5 degrees to 1 of the thigh."""
    slow = replace(FIGURE.legs[0], thigh_deg=(0.0, 160.0 * rise), thigh_peak=0.75, knee_peak=0.62)
    figure = replace(FIGURE, legs=(slow, FIGURE.legs[1]))
    assert judged(exact(0.9, figure), ONE) == pytest.approx(chance((0.3 + 2.2,) * 3, figure), rel=0.04)


def test_the_other_leg_must_stand_exactly_once_meanwhile() -> None:
    whole = judged(exact(), ONE)
    first, second = ONE.others[2], ONE.others[3]
    midstance_s, end_s = ONE.contact.t_midstance_s, ONE.t_next_strike_s

    def stands(*times_s: float) -> Cycle:
        return replace(ONE, others=tuple(replace(first, t_midstance_s=t_s) for t_s in times_s))

    assert second.t_midstance_s > end_s
    for cycle, worth in (
        (stands(midstance_s + 1e-6), 1.0),
        (stands(end_s - 1e-6), 1.0),
        (stands(midstance_s), 0.5),
        (stands(end_s), 0.5),
        (stands(midstance_s + 0.1, end_s - 0.1), 0.5),
        (stands(), 0.5),
    ):
        assert judged(exact(), cycle) == pytest.approx(worth * whole)


def test_a_stride_without_a_frame_is_worth_nothing() -> None:
    seen = exact()
    outside = (seen.t_s < ONE.contact.t_strike_s) | (seen.t_s >= ONE.t_next_strike_s)
    hole = LegTrajectory(
        seen.t_s[outside], seen.legs[outside], seen.trust[outside], seen.trunk[outside], seen.leg_px, seen.near
    )
    assert judged(hole, ONE) == 0.0
