"""Both legs over time: fed with pose frames, answers with a live guess at once and settled legs a little later.

Owns the buffer of what was seen, the decision whether the legs have a rhythm, and the order in which facing, rhythm,
template and repair are asked. The live legs use only the past; the settled ones also the `settle_s` that follow.
Without a rhythm (standing, first second, somebody who does not run) legs pass through as seen, trusted little.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import chain

import numpy as np

from cuecoach.gait.angles import segment_angles, to_image_axes, to_runner_axes
from cuecoach.gait.live_legs import LiveLegs
from cuecoach.gait.observation import FacingEstimator, LegObservation
from cuecoach.gait.outliers import BodyModel, repair
from cuecoach.gait.phase import GaitPhaseEstimator
from cuecoach.gait.stride_curve import FAST_RUNNER, MEAN_RUNNER, MeanStrideCurve
from cuecoach.types import ANKLE, FloatArray, Legs, PoseFrame

WINDOW_S = 1.6  # the rhythm is read in this much: two strides
_ENOUGH_S = 1.0  # the least that shows a rhythm
_BLOCK_S = 0.25  # the rhythm is read anew this often
_MOST_FRAMES = (
    40  # the window is thinned to this, which makes the rhythm cheaper, not worse; nor are more settled at once
)
_CONTEXT_S = 0.3  # frames are judged with this much around them: nothing is carried further
_PATIENCE_S = 2.0  # without a rhythm legs are held this long, so that the first strides profit from it too
_GAP_S = 0.5  # nobody seen for so long: whoever comes next is somebody new
_JUMP_LEG = 1.0  # hips that leap further than this from one picture to the next are somebody else's ...
_GLITCH_S = 0.15  # ... if they stay there this long
_LOCK, _UNLOCK = 0.5, 0.4  # fit quality at which a rhythm is believed, and dropped
_RAW_TRUST = 0.4  # what legs are worth that no rhythm vouches for


class LegTracker:
    """Follows the legs of one runner. Pure: time is what the pose frames say."""

    def __init__(self, near_side: str = "auto", settle_s: float = 0.35) -> None:
        self._near_side = near_side
        self._settle_s = settle_s
        self.worked = False  # whether the last update did a slice of the heavy work
        self.runner = 0  # counts runners: grows when what follows has nothing to do with what was
        self._reset()

    def _reset(self) -> None:
        self.outlook = FacingEstimator(self._near_side)
        self.rhythm = GaitPhaseEstimator()
        self.template = MeanStrideCurve()
        self.locked = False
        self._seen: deque[LegObservation] = deque()
        self._settled_to_s = -np.inf
        self._next_block_s = -np.inf
        self._last_seen_s: float | None = None
        self._last_hip: tuple[float, float] | None = None
        self._build: BodyModel | None = None
        self._strange_since_s: float | None = None
        self._live_legs = LiveLegs()
        self._slices: Iterator[tuple[Legs, ...]] = iter(())

    @property
    def leg_px(self) -> float:
        """Leg length in pixels, NaN before it is known."""
        return self._build.leg_px if self._build else float("nan")

    def update(self, pose_frame: PoseFrame) -> tuple[Legs | None, tuple[Legs, ...]]:
        """Return the live legs (None: nobody) and whatever has settled meanwhile, oldest first."""
        t = pose_frame.t_s
        self.worked = False
        if pose_frame.pose is None:
            return None, self._miss(t, pose_frame.index)
        sight = LegObservation.of(t, pose_frame.index, pose_frame.pose)
        settled: tuple[Legs, ...] = ()
        if self._last_seen_s is not None and t - self._last_seen_s > _GAP_S:
            settled = self.finish()
        if self._is_elsewhere(sight):
            self._strange_since_s = t if self._strange_since_s is None else self._strange_since_s
            if t - self._strange_since_s < _GLITCH_S:
                return None, self._miss(t, pose_frame.index)
            settled += self.finish()
        self._strange_since_s = None
        if self.outlook.update(sight):  # turned round: begin again with the other side
            settled += self.finish()
            self.outlook.update(sight)
        self._last_seen_s, self._last_hip = t, sight.mid_hip_px
        self._seen.append(sight)
        if t >= self._next_block_s:
            self._next_block_s = t + _BLOCK_S
            settled += self._rest()
            self._slices = self._block(t)
        return self._live(sight), settled + self._slice()

    def finish(self) -> tuple[Legs, ...]:
        """Settle what is left and forget the runner."""
        settled: tuple[Legs, ...] = ()
        if self._seen:
            settled = self._rest()
            self._slices = chain(self._block(self._seen[-1].t_s), self._settle(everything=True))
            settled += self._rest()
        self._reset()
        self.runner += 1
        return settled

    def _miss(self, t_s: float, index: int) -> tuple[Legs, ...]:
        if self._last_seen_s is None:
            return ()
        if t_s - self._last_seen_s > _GAP_S:
            while self._seen and self._seen[-1].t_s > self._last_seen_s:
                self._seen.pop()
            return self.finish()
        self._seen.append(LegObservation.blind(t_s, index))
        return self._slice()

    def _slice(self) -> tuple[Legs, ...]:
        """Do one slice of the work on the block, if any is left; return what settled with it."""
        for settled in self._slices:
            self.worked = True
            return settled
        return ()

    def _rest(self) -> tuple[Legs, ...]:
        """Do all that is left of the work on the block."""
        return tuple(legs for settled in self._slices for legs in settled)

    def _is_elsewhere(self, sight: LegObservation) -> bool:
        if self._last_hip is None:
            return False
        lengths = [math.dist(h, k) + math.dist(k, a) for h, k, a in sight.points_px[:, : ANKLE + 1].tolist()]
        own = max([length for length in lengths if length > 1.0], default=1.0)
        return math.dist(sight.mid_hip_px, self._last_hip) > _JUMP_LEG * own

    def _block(self, now_s: float) -> Iterator[tuple[Legs, ...]]:
        """Read the rhythm in the latest window and settle what is old enough, in slices short enough for one frame."""
        window = [s for s in self._seen if s.t_s >= now_s - WINDOW_S]
        if window and now_s - window[0].t_s >= _ENOUGH_S and self.outlook.sure:
            t, points, visibility = _stack(window[:: -(-len(window) // _MOST_FRAMES)])
            points = to_runner_axes(points, self.outlook.facing)
            angles = segment_angles(points)
            if np.isfinite(angles).all(axis=(1, 2)).sum() >= 10:
                self._build = BodyModel.of(points, angles)
                for _ in self._read_rhythm(t, angles, visibility):
                    yield ()
        yield from self._settle()

    def _read_rhythm(self, t_s: FloatArray, angles: FloatArray, visibility: FloatArray) -> Iterator[None]:
        if self.locked:
            self.rhythm.fit(t_s, angles, visibility, self.template)
            self.locked = self.rhythm.quality >= _UNLOCK
            yield
        for generic in (MEAN_RUNNER, FAST_RUNNER):
            if self.locked:
                return
            # Not found, or lost: look again everywhere, as at somebody never seen.
            self.rhythm.forget()
            self.template, self._live_legs = MeanStrideCurve(generic), LiveLegs()
            self.rhythm.fit(t_s, angles, visibility, self.template)
            self.locked = self.rhythm.quality >= _LOCK
            yield
        if not self.locked:
            self.rhythm.forget()
            self.template = MeanStrideCurve()

    def _settle(self, everything: bool = False) -> Iterator[tuple[Legs, ...]]:
        now_s = self._seen[-1].t_s
        wait_s = 0.0 if everything else self._settle_s if self.locked else _PATIENCE_S
        due = [s for s in self._seen if self._settled_to_s < s.t_s <= now_s - wait_s]
        while due:
            part, due = due[:_MOST_FRAMES], due[_MOST_FRAMES:]
            self._settled_to_s = part[-1].t_s
            if self.locked and self._build:
                yield self._settle_locked(part, self._build)
            else:
                yield tuple(self._as_seen(s) for s in part)
        while self._seen[0].t_s < min(now_s - WINDOW_S - 0.5, self._settled_to_s):
            self._seen.popleft()

    def _settle_locked(self, due: list[LegObservation], build: BodyModel) -> tuple[Legs, ...]:
        start_s, end_s = due[0].t_s - _CONTEXT_S, due[-1].t_s + _CONTEXT_S
        context = [s for s in self._seen if start_s <= s.t_s <= end_s]
        t, points, visibility = _stack(context)
        points = to_runner_axes(points, self.outlook.facing)
        result = repair(t, points, visibility, self.rhythm, self.template, build)
        first = next(i for i, s in enumerate(context) if s is due[0])
        new = slice(first, first + len(due))
        dt = float(t[new][-1] - t[max(first - 1, 0)]) / len(due) if first else float(np.median(np.diff(t)))
        self.template.learn(self.rhythm.phase(t[new]), result.angles[new], result.weight[new], dt)
        image = to_image_axes(result.points, self.outlook.facing)
        return tuple(self._legs(s, image[first + k], result.trust[first + k]) for k, s in enumerate(due))

    def _live(self, sight: LegObservation) -> Legs:
        if not (self.locked and self._build):
            return self._as_seen(sight)
        facing = self.outlook.facing
        points, trust = self._live_legs.guess(
            sight.t_s,
            to_runner_axes(sight.points_px, facing),
            sight.visibility,
            self.rhythm,
            self.template,
            self._build,
        )
        return self._legs(sight, to_image_axes(points, facing), trust)

    def _as_seen(self, sight: LegObservation) -> Legs:
        seen = np.isfinite(sight.points_px).all(axis=(1, 2))
        return self._legs(sight, sight.points_px, np.where(seen, _RAW_TRUST * sight.visibility, 0.0))

    def _legs(self, sight: LegObservation, points_px: FloatArray, trust: FloatArray) -> Legs:
        return Legs(sight.t_s, sight.index, points_px, trust, sight.trunk_px, self.outlook.facing, self.outlook.near)


def _stack(sights: list[LegObservation]) -> tuple[FloatArray, FloatArray, FloatArray]:
    t = np.array([s.t_s for s in sights])
    return t, np.array([s.points_px for s in sights]), np.array([s.visibility for s in sights])
