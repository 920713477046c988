"""How the virtual runner answers to a cue: after a delay, in part, and fading. Pure: time and seed are passed in.

Runners change their gait within a few steps of a cue and plateau within 120 (VanGelder 2018, Proceedings 2:200), and
what is gained without further cues fades (Van den Berghe 2024, J Sports Sci). The form of the curve is our own choice:
a cue that works takes a share of the remaining fault away, with an exponential approach and an exponential relapse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cuecoach.virtual_runner.faults import FAULTS
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

DELAY_S = (1.6, 2.8)  # hearing, understanding, and two or three strides
_APPROACH_S = 1.5
_GAIN_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one heard cue does: from `onset_s` on it takes away up to `gain` of the fault."""

    onset_s: float
    gain: float

    def corrected(self, t_s: float, relapse_s: float) -> float:
        """Return the share of the fault that is gone at `t_s`, 0..1."""
        since_s = t_s - self.onset_s
        if since_s <= 0.0:
            return 0.0
        return self.gain * (1.0 - math.exp(-since_s / _APPROACH_S)) * math.exp(-since_s / relapse_s)


class CueResponse:
    """The strength of every fault as a function of time, given the cues heard so far.

    A cue heard at `t_s` changes nothing before `t_s` + `DELAY_S[0]`.

    Parameters
    ----------
    settings : faults, strength, responsiveness, relapse_s and seed are used.
    """

    def __init__(self, settings: VirtualRunnerSettings) -> None:
        self._settings = settings
        self._answers: dict[str, list[_Answer]] = {name: [] for name in settings.shown_faults}

    def hear(self, fault: str, t_s: float) -> None:
        """Take in a cue for `fault`, heard at `t_s`; a cue for a fault the runner has not changes nothing."""
        answers = self._answers.get(fault)
        if answers is None:
            return
        rng = np.random.default_rng([self._settings.seed, FAULTS.index(fault), len(answers)])
        spread = 1.0 + _GAIN_SPREAD * rng.uniform(-1.0, 1.0)
        gain = min(1.0, self._settings.responsiveness * spread)
        answers.append(_Answer(t_s + rng.uniform(*DELAY_S), gain))

    def strength(self, fault: str, t_s: float) -> float:
        """Return how strong `fault` is at `t_s`: 0 when the runner has not got it."""
        answers = self._answers.get(fault)
        if answers is None:
            return 0.0
        left = math.prod(1.0 - answer.corrected(t_s, self._settings.relapse_s) for answer in tuple(answers))
        return self._settings.strength * left
