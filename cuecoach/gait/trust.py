"""The trust of a stride: the chance that the angles which cues rest on are measured right.

Three angles count: largest knee flexion in swing, knee flexion as the thigh passes the vertical, and largest thigh
angle. How uncertain each is by chance follows from the frames around the moment at which it is read: were they seen or
guessed, how long ago was the leg seen, and how doubtful was it.
"""

from __future__ import annotations

import math

import numpy as np

from cuecoach.gait.legs.outliers import PREDICTED_TRUST, PREDICTION_FADE_S
from cuecoach.gait.stride_window import StrideWindow

RIGHT_DEG = 8.0  # an angle this near to the truth is right enough to speak of
_STRIDES = 5  # trust is the chance that so many such strides are all right: 0.6 is 90 % for one stride
_AROUND_S = 0.03  # SD of the weights of frames around a moment: what the smoothing lets in
_GUESSED = 0.4  # trust of a frame below which it was rather guessed than seen
_LONE_LEG = 0.5  # factor for a stride in which the other leg did not stand exactly once

# Variance of one segment's angle in degrees squared, by chance: at best; times the doubt (0..1) of frames that were
# seen; and where the moment is guessed, the more the longer ago the leg was seen: a leg that hides for one frame is
# known from the frames beside it, one that hides for a tenth of a second is not. Least squares on strides whose truth
# is known: motion capture seen by a simulated camera (noise of 0.5 to 1.5 % of stature, legs confused), drawn virtual
# runners, and the hand labels of four films, which agree when any one of them is left out.
_AT_BEST, _DOUBT, _GUESS = 0.3, 22.0, 65.0
_GUESS_FADE_S = 0.06
# The far leg's fold is read too low by 3 to 7 degrees, more as the picture gets worse, and no frame shows it.
_FAR = 6.0
_STEEPEST = 5.0  # degrees of knee per degree of thigh, at most
_SLOWEST_DEG_S = 40.0  # a thigh is taken to turn at least this fast


def trust_of(window: StrideWindow, is_near: bool) -> float:
    """Return 0..1: the chance that five such strides have every angle that cues rest on within 8 degrees.

    Never more than the mean trust of the leg's frames; half where the other leg did not stand exactly once meanwhile; 0
    where the thigh does not come through the vertical. What all strides of a runner have in common no trust can show:
    `reference/errors.py` has it, and findings allow for it.
    """
    cycle = window.cycle
    stride = window.seen.slice(cycle.contact.t_strike_s, cycle.t_next_strike_s)
    if not len(stride.t_s):
        return 0.0
    sd_deg = _sd_deg(window, 0.0 if is_near else _FAR)
    chance = math.prod(math.erf(RIGHT_DEG / (sd * math.sqrt(2))) for sd in sd_deg) if sd_deg else 0.0
    stances = [c for c in cycle.others if cycle.contact.t_midstance_s < c.t_midstance_s < cycle.t_next_strike_s]
    alternates = 1.0 if len(stances) == 1 else _LONE_LEG
    return min(chance**_STRIDES, float(stride.trust[:, cycle.row].mean())) * alternates


def _sd_deg(window: StrideWindow, unseen: float) -> list[float]:
    """Return the standard uncertainty by chance of each of the three angles; nothing when a moment cannot be found.

    `unseen` is variance of a segment's angle that no frame can show, in degrees squared.
    """
    row = window.cycle.row
    t_s, trust = window.seen.t_s, window.seen.trust[:, row]
    moments = _moments(window)
    if not moments:
        return []
    weights = np.exp(-0.5 * ((t_s - np.array([[at_s] for at_s, _ in moments])) / _AROUND_S) ** 2)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    guessed = trust < _GUESSED
    since_seen_s = -PREDICTION_FADE_S * np.log(np.clip(trust / PREDICTED_TRUST, 1e-6, 1.0))
    lost = weights @ np.where(guessed, 1.0 - np.exp(-((since_seen_s / _GUESS_FADE_S) ** 2)), 0.0)
    doubt = weights @ np.where(guessed, 0.0, 1.0 - trust)
    variance = _AT_BEST + unseen + _DOUBT * doubt + _GUESS * lost
    return [math.sqrt(v) for v in np.array([segments for _, segments in moments]) * variance]


def _moments(window: StrideWindow) -> list[tuple[float, float]]:
    """Return when each of the three angles is read, and its variance as a multiple of that of one segment's angle.

    Knee flexion is the difference of two segments, so twice; the thigh angle is one.
    """
    t_s, start = window.t_s, window.swing.start
    thigh, knee = window.in_swing(window.smooth.thigh_deg), window.in_swing(window.smooth.knee_deg)
    up = np.flatnonzero((thigh[:-1] < 0) & (thigh[1:] >= 0))
    if not len(up):
        return []
    i = int(up[0])
    step_s = float(t_s[1] - t_s[0])
    thigh_deg_s, knee_deg_s = float(thigh[i + 1] - thigh[i]) / step_s, float(knee[i + 1] - knee[i]) / step_s
    # A thigh read too far forward is at the vertical too early, and the knee goes on turning meanwhile.
    follows = min(max(knee_deg_s / max(thigh_deg_s, _SLOWEST_DEG_S), -_STEEPEST), _STEEPEST)
    return [
        (float(t_s[start + int(knee.argmax())]), 2.0),
        (float(t_s[start + i]), (1.0 - follows) * (1.0 - follows) + 1.0),
        (float(t_s[start + int(thigh.argmax())]), 1.0),
    ]
