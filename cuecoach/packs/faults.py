"""The catalogue of faults that a side view can judge, as data: metrics, limits, how many must hold.

A pack decides which of them matter. Limits relative to a norm lie about 1.5 SD between runners from the mean runner of
Fukuchi et al. 2017 (28 runners on a treadmill), or further where that is less than three times what a decision may be
off (`reference/errors.py`). All limits are coaching judgement: most have no published pass mark, and a pack may move
every one. `toe-down`, `braking` and `stiff-landing` cannot be moved far enough; no shipped pack speaks about them. What
a side view cannot see (knee drifting inwards, pelvic drop, crossing over, hip rotation) is not here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from cuecoach.gait.metrics import METRICS, usual
from cuecoach.packs.limits import Limit, parse_limit


class Scope(Enum):
    """Whose fault it is."""

    BODY = "body"  # the whole runner; judged on the strides of the near leg
    LEG = "leg"  # each leg for itself
    PAIR = "pair"  # one leg against the other: this leg's mean minus the other's


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question to a stride: whether `metric` is `above` (or below) `limit`.

    `release` is the limit of being well again, nearer the norm (the other end of the hysteresis band); None: a share of
    the distance to the norm, as set in the coach's settings. `also` must hold as well for the answer to be yes.
    """

    metric: str
    above: bool
    limit: Limit
    release: Limit | None = None
    also: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the catalogue: seen in a stride when `needed` of its `criteria` hold.

    `only_with` names faults one of which the same stride must show too. `speeds_mps` is where the rule makes sense.
    """

    id: str
    name: str
    scope: Scope
    criteria: tuple[Criterion, ...]
    needed: int
    only_with: tuple[str, ...] = ()
    speeds_mps: tuple[float, float] = (0.0, math.inf)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics it looks at, in order."""
        return tuple(part.metric for criterion in self.criteria for part in (criterion, criterion.also) if part)

    @property
    def needs_far_leg(self) -> bool:
        """Whether both legs must be seen well to judge it."""
        return self.scope is Scope.PAIR or any(METRICS[metric].needs_far_leg for metric in self.metrics)


def _above(metric: str, limit: object, release: object = None, also: Criterion | None = None) -> Criterion:
    return Criterion(metric, True, parse_limit(limit), None if release is None else parse_limit(release), also)


def _below(metric: str, limit: object, release: object = None) -> Criterion:
    return Criterion(metric, False, parse_limit(limit), None if release is None else parse_limit(release))


_CATALOGUE: tuple[Fault, ...] = (
    Fault(
        "lazy-heel",
        "lazy heel: the swinging leg stays long, the foot low",
        Scope.LEG,
        (_below("knee_peak_swing_deg", "norm - 15"), _below("knee_at_thigh_vertical_deg", "norm - 15")),
        needed=2,
    ),
    Fault(
        "low-shank",
        "the shank does not come up to level at a fast pace",
        Scope.LEG,
        (_above("shank_min_deg", "norm + 14"),),
        needed=1,
        speeds_mps=(3.5, math.inf),
    ),
    Fault(
        # The heel is behind the hip at its highest in everybody, so that alone is no fault: a flick folds too early,
        # while the thigh is still far back.
        "flick",
        "flick: the foot is thrown up behind the body",
        Scope.LEG,
        (
            _below("thigh_at_knee60_deg", "norm - 10"),
            _below(
                "thigh_at_heel_peak_deg",
                [[2.5, -9], [5.0, -14], [6.6, -22], [9.0, -31]],
                [[2.5, -7], [5.0, -12], [6.6, -20], [9.0, -29]],
            ),
            _above("knee_peak_swing_deg", "norm + 15", also=_below("thigh_max_deg", "norm", "norm + 1")),
        ),
        needed=2,
    ),
    Fault(
        # Wanted at a sprint, so only where the pace asks for little. Two schools see it, neither gives a number.
        "heel-too-high",
        "the heel comes up higher than the pace needs",
        Scope.LEG,
        (_above("knee_peak_swing_deg", "norm + 18"),),
        needed=1,
        speeds_mps=(0.0, 4.0),
    ),
    Fault(
        "knee-too-high",
        "the knee is lifted higher than the pace needs",
        Scope.LEG,
        (_above("thigh_max_deg", "norm + 15"),),
        needed=1,
    ),
    Fault(
        "low-knee-drive",
        "the knee hardly comes forward",
        Scope.LEG,
        (_below("thigh_max_deg", "norm - 10"),),
        needed=1,
    ),
    Fault(
        "toe-down",
        "the foot hangs, toe down, in swing",
        Scope.LEG,
        (_below("ankle_at_thigh_max_deg", "norm - 15"), _below("ankle_swing_deg", -20, -17)),
        needed=2,
    ),
    Fault(
        "not-over-the-knee",
        "the swinging foot passes low beside the standing leg",
        Scope.LEG,
        (_below("pass_fraction", "norm - 0.2"),),
        needed=1,
    ),
    Fault(
        # Souza 2016 and Moore 2016: a short push alone can be fine, so it counts together with one of its companions.
        "weak-push",
        "weak push: the leg leaves the ground before the hip is open",
        Scope.LEG,
        (_above("thigh_at_toe_off_deg", "norm + 11"),),
        needed=1,
        only_with=("overstride", "low-knee-drive"),
    ),
    Fault(
        # The ankle ahead of the hip is measured too short by half of what would matter: it may only confirm.
        "overstride",
        "overstride: the foot lands far in front",
        Scope.LEG,
        (_above("shank_at_strike_deg", "norm + 8", also=_above("overstride_leg", "norm", "norm - 0.01")),),
        needed=1,
    ),
    Fault(
        "braking",
        "braking: the foot is in front of the hip for too much of the contact",
        Scope.LEG,
        (_above("braking_share", [[2.5, 0.41], [3.5, 0.45], [4.5, 0.48]], [[2.5, 0.39], [3.5, 0.43], [4.5, 0.46]]),),
        needed=1,
        only_with=("overstride",),
    ),
    Fault(
        # The moment the foot passes under the hip is left out: at 30 pictures a second it is too coarse.
        "sitting",
        "sitting: the hips sink over the standing leg",
        Scope.BODY,
        (_above("knee_stance_peak_deg", 55, 53), _below("hip_height_leg", 0.72, 0.735)),
        needed=1,
    ),
    Fault(
        "stiff-landing",
        "stiff landing: the knee hardly gives",
        Scope.LEG,
        (_below("knee_stance_peak_deg", 36, 37.5),),
        needed=1,
    ),
    Fault(
        "toe-first",
        "the toes slap down first",
        Scope.LEG,
        (_below("foot_at_strike_deg", -10, -8),),
        needed=1,
        speeds_mps=(0.0, 6.0),
    ),
    Fault(
        "asymmetric-heel",
        "one heel comes up less than the other",
        Scope.PAIR,
        (_below("knee_peak_swing_deg", -10, -8), _above("shank_min_deg", 10, 8)),
        needed=1,
    ),
    Fault(
        "leaning-back",
        "leaning back",
        Scope.BODY,
        (_below("trunk_lean_deg", 1, 2),),
        needed=1,
    ),
    Fault(
        "leaning-forward",
        "leaning far forward",
        Scope.BODY,
        (_above("trunk_lean_deg", 18, 17),),
        needed=1,
    ),
    Fault(
        # 0.92 is the limit for a leg of 0.864 m and goes with 1/sqrt(leg length). The length in metres is not known
        # here; 0.89 is right for a leg of 0.92 m, which few runners exceed.
        "low-cadence",
        "few, long steps",
        Scope.BODY,
        (_below("cadence_spm", "0.89 * norm"),),
        needed=1,
    ),
    Fault(
        "bouncing",
        "bouncing up and down",
        Scope.BODY,
        (_above("vertical_oscillation_leg", "norm + 0.04"),),
        needed=1,
    ),
)

FAULTS: Mapping[str, Fault] = MappingProxyType({fault.id: fault for fault in _CATALOGUE})


def distance(criterion: Criterion, scope: Scope, mps: float) -> float:
    """Return how far the limit lies from what is usual at a speed (m/s), in the metric's unit; NaN if unknown.

    Positive on the fault's side. Between the legs no difference is usual.
    """
    middle = 0.0 if scope is Scope.PAIR else usual(criterion.metric, mps)
    limit = criterion.limit.at(criterion.metric, mps)
    return limit - middle if criterion.above else middle - limit
