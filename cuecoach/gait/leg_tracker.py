"""Follows both legs of one runner: pose frames in, live legs at once and settled legs a little later out.

Owns the buffer of observations, the decision whether the legs move periodically ("locked"), and when another runner
begins. Live legs use only the past; settled ones also the `settle_s` that follow. While not locked (standing, the first
second, somebody who does not run) legs pass through as observed, with little trust.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import chain

import numpy as np

from cuecoach.gait.angles import BodyModel, segment_angles, to_image_axes, to_runner_axes
from cuecoach.gait.live_legs import LiveLegEstimator
from cuecoach.gait.observation import FacingEstimator, LegObservation
from cuecoach.gait.outliers import reject_outliers
from cuecoach.gait.phase import GaitPhaseEstimator
from cuecoach.gait.stride_curve import FAST_RUNNER, MEAN_RUNNER, MeanStrideCurve
from cuecoach.types import ANKLE, FloatArray, Legs, PoseFrame

WINDOW_S = 1.6  # phase and frequency are fitted to this much: two strides
_LEAST_WINDOW_S = 1.0  # the least they can be fitted to
_FIT_INTERVAL_S = 0.25  # between two fits
_MOST_FRAMES = 40  # the window is thinned to so many, which makes a fit cheaper, not worse; no more settle at once
_LEAST_WHOLE_FRAMES = 10  # of the window, with both legs seen
_CONTEXT_S = 0.3  # frames settle with this much before and after them, whose deviations they share
_UNLOCKED_WAIT_S = 2.0  # while not locked, legs are held so long, so that the first strides profit from a lock too
_GAP_S = 0.5  # with nobody seen for longer, the next person counts as another runner
_JUMP_LEG = 1.0  # hips that jump further than this from one frame to the next are another person's ...
_GLITCH_S = 0.15  # ... if they stay there so long
_LOCK_QUALITY, _UNLOCK_QUALITY = 0.5, 0.4  # quality of the fit
_OBSERVED_TRUST = 0.4  # in legs as observed


class LegTracker:
    """Follows the legs of one runner; time is that of the pose frames.

    `did_work`: the last update did a slice of the heavy work. `runner_number` grows when another runner begins.
    """

    def __init__(self, near_side: str = "auto", settle_s: float = 0.35) -> None:
        self._near_side = near_side
        self._settle_s = settle_s
        self.did_work = False
        self.runner_number = 0
        self._reset()

    def _reset(self) -> None:
        self.facing_estimator = FacingEstimator(self._near_side)
        self.phase_estimator = GaitPhaseEstimator()
        self.stride_curve = MeanStrideCurve()
        self.locked = False
        self._observations: deque[LegObservation] = deque()
        self._settled_to_s = -np.inf
        self._next_fit_s = -np.inf
        self._last_seen_s: float | None = None
        self._last_hip_px: tuple[float, float] | None = None
        self._body: BodyModel | None = None
        self._elsewhere_since_s: float | None = None
        self._live_estimator = LiveLegEstimator()
        self._pending_work: Iterator[tuple[Legs, ...]] = iter(())

    @property
    def leg_px(self) -> float:
        """Leg length in pixels, NaN before it is known."""
        return self._body.leg_px if self._body else float("nan")

    def update(self, pose_frame: PoseFrame) -> tuple[Legs | None, tuple[Legs, ...]]:
        """Return the live legs (None: nobody) and the legs that have settled meanwhile, oldest first."""
        t = pose_frame.t_s
        self.did_work = False
        if pose_frame.pose is None:
            return None, self._add_missing(t, pose_frame.index)
        observation = LegObservation.from_pose(t, pose_frame.index, pose_frame.pose)
        settled: tuple[Legs, ...] = ()
        if self._last_seen_s is not None and t - self._last_seen_s > _GAP_S:
            settled = self.finish()
        if self._is_elsewhere(observation):
            self._elsewhere_since_s = t if self._elsewhere_since_s is None else self._elsewhere_since_s
            if t - self._elsewhere_since_s < _GLITCH_S:
                return None, self._add_missing(t, pose_frame.index)
            settled += self.finish()
        self._elsewhere_since_s = None
        if self.facing_estimator.update(observation):  # turned round
            settled += self.finish()
            self.facing_estimator.update(observation)
        self._last_seen_s, self._last_hip_px = t, observation.mid_hip_px
        self._observations.append(observation)
        if t >= self._next_fit_s:
            self._next_fit_s = t + _FIT_INTERVAL_S
            settled += self._do_rest()
            self._pending_work = self._fit_and_settle(t)
        return self._estimate_live(observation), settled + self._do_slice()

    def finish(self) -> tuple[Legs, ...]:
        """Settle what is left and forget the runner."""
        settled: tuple[Legs, ...] = ()
        if self._observations:
            settled = self._do_rest()
            self._pending_work = chain(self._fit_and_settle(self._observations[-1].t_s), self._settle(everything=True))
            settled += self._do_rest()
        self._reset()
        self.runner_number += 1
        return settled

    def _add_missing(self, t_s: float, index: int) -> tuple[Legs, ...]:
        if self._last_seen_s is None:
            return ()
        if t_s - self._last_seen_s > _GAP_S:
            while self._observations and self._observations[-1].t_s > self._last_seen_s:
                self._observations.pop()
            return self.finish()
        self._observations.append(LegObservation.missing(t_s, index))
        return self._do_slice()

    def _do_slice(self) -> tuple[Legs, ...]:
        """Do one slice of the pending work, if any is left; return what settled with it."""
        for settled in self._pending_work:
            self.did_work = True
            return settled
        return ()

    def _do_rest(self) -> tuple[Legs, ...]:
        """Do all pending work; return what settled with it."""
        return tuple(legs for settled in self._pending_work for legs in settled)

    def _is_elsewhere(self, observation: LegObservation) -> bool:
        if self._last_hip_px is None:
            return False
        lengths = [math.dist(h, k) + math.dist(k, a) for h, k, a in observation.points_px[:, : ANKLE + 1].tolist()]
        own = max([length for length in lengths if length > 1.0], default=1.0)
        return math.dist(observation.mid_hip_px, self._last_hip_px) > _JUMP_LEG * own

    def _fit_and_settle(self, now_s: float) -> Iterator[tuple[Legs, ...]]:
        """Fit phase and frequency to the latest window and settle what is old enough, in slices for one frame."""
        window = [s for s in self._observations if s.t_s >= now_s - WINDOW_S]
        if window and now_s - window[0].t_s >= _LEAST_WINDOW_S and self.facing_estimator.confident:
            t, points, visibility = _stack(window[:: -(-len(window) // _MOST_FRAMES)])
            points = to_runner_axes(points, self.facing_estimator.facing)
            angles = segment_angles(points)
            if np.isfinite(angles).all(axis=(1, 2)).sum() >= _LEAST_WHOLE_FRAMES:
                self._body = BodyModel.of(points, angles)
                for _ in self._fit_phase(t, angles, visibility):
                    yield ()
        yield from self._settle()

    def _fit_phase(self, t_s: FloatArray, angles: FloatArray, visibility: FloatArray) -> Iterator[None]:
        if self.locked:
            self.phase_estimator.fit(t_s, angles, visibility, self.stride_curve)
            self.locked = self.phase_estimator.quality >= _UNLOCK_QUALITY
            yield
        for prior in (MEAN_RUNNER, FAST_RUNNER):
            if self.locked:
                return
            # Not found, or lost: search all phases and frequencies, as for a new runner.
            self.phase_estimator.reset()
            self.stride_curve, self._live_estimator = MeanStrideCurve(prior), LiveLegEstimator()
            self.phase_estimator.fit(t_s, angles, visibility, self.stride_curve)
            self.locked = self.phase_estimator.quality >= _LOCK_QUALITY
            yield
        if not self.locked:
            self.phase_estimator.reset()
            self.stride_curve = MeanStrideCurve()

    def _settle(self, everything: bool = False) -> Iterator[tuple[Legs, ...]]:
        now_s = self._observations[-1].t_s
        wait_s = 0.0 if everything else self._settle_s if self.locked else _UNLOCKED_WAIT_S
        due = [s for s in self._observations if self._settled_to_s < s.t_s <= now_s - wait_s]
        while due:
            part, due = due[:_MOST_FRAMES], due[_MOST_FRAMES:]
            self._settled_to_s = part[-1].t_s
            if self.locked and self._body:
                yield self._clean(part, self._body)
            else:
                yield tuple(self._as_observed(s) for s in part)
        while self._observations[0].t_s < min(now_s - WINDOW_S - 0.5, self._settled_to_s):
            self._observations.popleft()

    def _clean(self, due: list[LegObservation], body: BodyModel) -> tuple[Legs, ...]:
        start_s, end_s = due[0].t_s - _CONTEXT_S, due[-1].t_s + _CONTEXT_S
        context = [s for s in self._observations if start_s <= s.t_s <= end_s]
        t, points, visibility = _stack(context)
        points = to_runner_axes(points, self.facing_estimator.facing)
        result = reject_outliers(t, points, visibility, self.phase_estimator, self.stride_curve, body)
        first = next(i for i, s in enumerate(context) if s is due[0])
        new = slice(first, first + len(due))
        dt = float(t[new][-1] - t[max(first - 1, 0)]) / len(due) if first else float(np.median(np.diff(t)))
        self.stride_curve.update(self.phase_estimator.phase(t[new]), result.angles[new], result.weight[new], dt)
        image = to_image_axes(result.points, self.facing_estimator.facing)
        return tuple(self._legs(s, image[first + k], result.trust[first + k]) for k, s in enumerate(due))

    def _estimate_live(self, observation: LegObservation) -> Legs:
        if not (self.locked and self._body):
            return self._as_observed(observation)
        facing = self.facing_estimator.facing
        points, trust = self._live_estimator.estimate(
            observation.t_s,
            to_runner_axes(observation.points_px, facing),
            observation.visibility,
            self.phase_estimator,
            self.stride_curve,
            self._body,
        )
        return self._legs(observation, to_image_axes(points, facing), trust)

    def _as_observed(self, observation: LegObservation) -> Legs:
        seen = np.isfinite(observation.points_px).all(axis=(1, 2))
        return self._legs(
            observation, observation.points_px, np.where(seen, _OBSERVED_TRUST * observation.visibility, 0.0)
        )

    def _legs(self, observation: LegObservation, points_px: FloatArray, trust: FloatArray) -> Legs:
        return Legs(
            observation.t_s,
            observation.index,
            points_px,
            trust,
            observation.trunk_px,
            self.facing_estimator.facing,
            self.facing_estimator.near,
        )


def _stack(observations: list[LegObservation]) -> tuple[FloatArray, FloatArray, FloatArray]:
    t = np.array([s.t_s for s in observations])
    return t, np.array([s.points_px for s in observations]), np.array([s.visibility for s in observations])
