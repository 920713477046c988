"""What a stride's angles are worth: their uncertainty from the evidence at the moments they are read, and one number.

Owns the trust of a stride. Looks only at the frames around the moments at which the angles that cues rest on are read:
were they seen or rebuilt, how far from this runner's stride, how often had this moment of the swing to be guessed
lately. Measures nothing itself.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cuecoach.gait.angles import SHANK, THIGH, segment_angles
from cuecoach.gait.metrics import Cycle, StrideWindow
from cuecoach.types import FloatArray

RIGHT_DEG = 8.0  # an angle this near to the truth is right enough to speak of
# Trust is the chance that so many such strides are all right: 0.6 is 90 % for one stride.
_STRIDES = 5
_AROUND_S = 0.03  # SD of the window around a moment: what the smoothing lets in
_GUESSED = 0.4  # trust of a frame below which it was rather guessed than seen
_MEMORY = 8  # strides of a leg
_LONE_LEG = 0.5  # what a stride is worth in which the other leg did not stand exactly once

# Variance of one segment's angle in degrees squared: at best; per doubt 0..1 in frames that were seen; when the moment
# is guessed in this stride; and when it is guessed in every one, so that the template does not know it either. Rounded
# from least squares on strides whose truth is known, each data set counting alike: motion capture seen by a simulated
# camera (noise of 0.5 to 1.5 % of stature, legs confused), and the virtual runner drawn (also dark and blurred, also
# behind a rail) and seen by MediaPipe. No film of a real runner is among them. What is guessed in every stride hardly
# occurs in them and is not left to them: a swing that is half hidden every time is not known.
_AT_BEST, _DOUBT, _GUESS, _LASTING = 0.3, 22.0, 12.0, 15.0
# The far leg's fold is read too low, steadily, and by 3 to 7 degrees as the picture gets worse: of that no frame tells.
_FAR = 6.0
_STEEPEST = 5.0  # degrees of knee per degree of thigh
_SLOWEST_DEG_S = 40.0


class Trust:
    """Judges the strides of one runner; remembers, per leg, how often the moments that count were guessed."""

    def __init__(self) -> None:
        self._guessed: tuple[deque[FloatArray], deque[FloatArray]] = (deque(maxlen=_MEMORY), deque(maxlen=_MEMORY))

    def of(self, part: StrideWindow, cycle: Cycle, is_near: bool) -> float:
        """Return 0..1: the chance that five such strides have every angle that cues rest on within 8 degrees.

        Never more than the mean trust of the leg's frames; half where the other leg did not stand exactly once
        meanwhile; 0 where the thigh does not come through the vertical.
        """
        stride = part.seen.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s)
        if not len(stride.t_s):
            return 0.0
        sd_deg = self._sd_deg(part, cycle, 0.0 if is_near else _FAR)
        chance = math.prod(math.erf(RIGHT_DEG / (sd * math.sqrt(2))) for sd in sd_deg) if sd_deg else 0.0
        between = [c for c in cycle.others if cycle.contact.t_midstance_s < c.t_midstance_s < cycle.t_next_strike_s]
        alternates = 1.0 if len(between) == 1 else _LONE_LEG
        return min(chance**_STRIDES, float(stride.trust[:, cycle.row].mean())) * alternates

    def _sd_deg(self, part: StrideWindow, cycle: Cycle, unseen: float) -> list[float]:
        """Return the standard uncertainties of swing peak, knee at thigh vertical and largest thigh angle.

        `unseen` is variance of a segment that no frame can show. Empty when one of the moments cannot be found.
        """
        t_s, trust = part.seen.t_s, part.seen.trust[:, cycle.row]
        moments = _moments(part, cycle)
        if not moments:
            return []
        near = np.exp(-0.5 * ((t_s - np.array([[t] for t, _ in moments])) / _AROUND_S) ** 2)
        near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
        guessed = near @ (trust < _GUESSED)
        doubt = near @ np.where(trust < _GUESSED, 0.0, 1.0 - trust)
        self._guessed[cycle.row].append(guessed)
        lasting = np.mean(self._guessed[cycle.row], axis=0)
        segment = _AT_BEST + unseen + _DOUBT * doubt + _GUESS * guessed + _LASTING * lasting**2
        weights = np.array([weight for _, weight in moments]) ** 2
        return [math.sqrt(v) for v in weights.sum(axis=1) * segment]


def _moments(part: StrideWindow, cycle: Cycle) -> list[tuple[float, tuple[float, float]]]:
    """Return for each angle when it is read, and how far it follows an error of thigh and of shank."""
    t_s = part.smooth.t_s
    angles = segment_angles(part.smooth.legs[:, cycle.row])
    start, end = np.searchsorted(t_s, (cycle.contact.t_toe_off_s, cycle.t_next_strike_s))
    thigh, knee = angles[start:end, THIGH], angles[start:end, THIGH] - angles[start:end, SHANK]
    up = np.flatnonzero((thigh[:-1] < 0) & (thigh[1:] >= 0))
    if not len(up):
        return []
    i = int(up[0])
    step_s = float(t_s[1] - t_s[0])
    thigh_deg_s, knee_deg_s = float(thigh[i + 1] - thigh[i]) / step_s, float(knee[i + 1] - knee[i]) / step_s
    # A thigh read too far ahead is at the vertical too early, and the knee goes on turning meanwhile.
    follow = min(max(knee_deg_s / max(thigh_deg_s, _SLOWEST_DEG_S), -_STEEPEST), _STEEPEST)
    return [
        (float(t_s[start + int(knee.argmax())]), (1.0, -1.0)),
        (float(t_s[start + i]), (1.0 - follow, -1.0)),
        (float(t_s[start + int(thigh.argmax())]), (1.0, 0.0)),
    ]
