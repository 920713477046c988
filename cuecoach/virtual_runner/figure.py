"""Outlines and colours of every part of the virtual runner's body, as polygons in metres.

`far_side` and `near_side` turn landmarks into coloured outlines, which `drawing.py` paints.
A part is drawn as a few nested outlines that grow lighter towards the lit side, which is what lets a pose model take
the flat drawing for a body. Widths are those of a lean adult (own judgement, tried against MediaPipe).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from cuecoach.types import LANDMARKS, FloatArray, Side

Colour = tuple[float, float, float]  # blue, green, red, 0..255
Polygon = tuple[FloatArray, Colour]

_ROW = {name: row for row, name in enumerate(LANDMARKS)}
_SKIN: Colour = (92, 124, 174)
_HAIR: Colour = (28, 36, 48)
_SHIRT: Colour = (60, 60, 200)
_SHORTS: Colour = (90, 60, 30)
_SOCK: Colour = (214, 214, 214)
_SHOE: Colour = (60, 210, 230)
_SOLE: Colour = (236, 236, 236)
_FAR_SHADE = 0.38  # darker than life: near and far leg must not be mistaken for each other
# Nested outlines from the edge inwards: size, shift towards the light (both of the half width), lightness.
_SIZES, _SHIFTS, _LIGHTS = np.array([(1.0, 0.0, 0.80), (0.86, 0.03, 0.92), (0.62, 0.09, 1.01), (0.34, 0.18, 1.07)]).T[
    :, :, None
]


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """The outline of a segment: `along` 0..1 from its first to its second joint, half widths in metres."""

    along: FloatArray
    front: FloatArray
    back: FloatArray


def _profile(*rows: tuple[float, float, float]) -> _Profile:
    """Return a smooth profile through `rows` of (along, front_m, back_m)."""
    table = np.array(rows)
    along = np.linspace(table[0, 0], table[-1, 0], 14)
    front, back = (PchipInterpolator(table[:, 0], table[:, column])(along) for column in (1, 2))
    return _Profile(along, front, back)


_THIGH = _profile(
    (-0.10, 0.070, 0.085),
    (0.10, 0.098, 0.092),
    (0.45, 0.090, 0.082),
    (0.80, 0.070, 0.062),
    (1.0, 0.060, 0.055),
    (1.07, 0.040, 0.035),
)
_SHANK = _profile(
    (-0.06, 0.040, 0.035),
    (0.0, 0.058, 0.052),
    (0.12, 0.052, 0.058),
    (0.32, 0.050, 0.072),
    (0.55, 0.046, 0.060),
    (0.80, 0.036, 0.037),
    (1.0, 0.038, 0.040),
)
_SHORT_LEG = _profile(
    (-0.10, 0.060, 0.070), (0.0, 0.105, 0.120), (0.12, 0.112, 0.112), (0.30, 0.110, 0.100), (0.40, 0.108, 0.096)
)
_SEAT = _profile((-0.16, 0.050, 0.060), (-0.05, 0.100, 0.118), (0.05, 0.101, 0.116), (0.20, 0.090, 0.095))
_SOCKS = _profile((0.86, 0.039, 0.038), (0.95, 0.039, 0.038), (1.06, 0.044, 0.046))
_TRUNK = _profile(
    (0.02, 0.102, 0.116),
    (0.05, 0.104, 0.116),
    (0.22, 0.095, 0.100),
    (0.42, 0.102, 0.095),
    (0.70, 0.122, 0.110),
    (0.90, 0.098, 0.098),
    (1.02, 0.062, 0.070),
    (1.08, 0.04, 0.05),
)
_UPPER_ARM = _profile(
    (-0.13, 0.030, 0.030), (0.0, 0.058, 0.058), (0.30, 0.052, 0.052), (0.75, 0.042, 0.042), (1.04, 0.038, 0.040)
)
_SLEEVE = _profile((-0.16, 0.035, 0.035), (0.0, 0.066, 0.066), (0.30, 0.064, 0.064), (0.55, 0.062, 0.062))
_FOREARM = _profile(
    (-0.06, 0.034, 0.034), (0.12, 0.042, 0.042), (0.35, 0.040, 0.040), (0.80, 0.028, 0.028), (1.0, 0.025, 0.025)
)
_HAND = _profile(
    (-0.1, 0.022, 0.022), (0.3, 0.036, 0.034), (0.8, 0.042, 0.038), (1.2, 0.034, 0.030), (1.35, 0.018, 0.018)
)
_NECK = _profile((-0.25, 0.075, 0.075), (0.1, 0.060, 0.062), (0.6, 0.052, 0.056), (1.0, 0.052, 0.056))

# Contours in a frame of their own, metres, facing +x: head from mid-shoulder, shoe from the ankle.
_FACE = np.array(
    [
        (-0.045, 0.135),
        (-0.068, 0.190),
        (-0.078, 0.245),
        (-0.060, 0.295),
        (-0.015, 0.326),
        (0.045, 0.330),
        (0.090, 0.306),
        (0.108, 0.270),
        (0.108, 0.245),
        (0.114, 0.228),
        (0.134, 0.202),
        (0.130, 0.192),
        (0.113, 0.188),
        (0.117, 0.174),
        (0.110, 0.166),
        (0.115, 0.156),
        (0.105, 0.146),
        (0.106, 0.126),
        (0.088, 0.112),
        (0.060, 0.118),
        (0.030, 0.135),
    ]
)
_HAIR_CAP = np.array(
    [
        (-0.050, 0.150),
        (-0.074, 0.190),
        (-0.086, 0.245),
        (-0.070, 0.302),
        (-0.020, 0.338),
        (0.048, 0.342),
        (0.096, 0.318),
        (0.108, 0.286),
        (0.080, 0.290),
        (0.048, 0.286),
        (0.042, 0.250),
        (0.030, 0.236),
        (0.008, 0.240),
        (0.000, 0.205),
        (-0.014, 0.175),
    ]
)
_EAR = np.array([(0.008, 0.238), (0.028, 0.242), (0.036, 0.226), (0.030, 0.206), (0.018, 0.194), (0.008, 0.210)])
_EYE = np.array([(0.084, 0.238), (0.094, 0.244), (0.104, 0.239), (0.095, 0.234)])
_BROW = np.array([(0.078, 0.254), (0.096, 0.260), (0.110, 0.254), (0.096, 0.254)])
_LIPS = np.array([(0.094, 0.166), (0.112, 0.168), (0.114, 0.160), (0.098, 0.160)])
_SHOE_UPPER = np.array(
    [
        (-0.052, -0.010),
        (-0.066, -0.020),
        (-0.078, -0.045),
        (-0.076, -0.076),
        (0.060, -0.078),
        (0.200, -0.072),
        (0.214, -0.058),
        (0.190, -0.045),
        (0.140, -0.032),
        (0.090, -0.020),
        (0.050, -0.006),
        (0.034, -0.004),
    ]
)
_SHOE_SOLE = np.array(
    [
        (-0.084, -0.058),
        (-0.086, -0.074),
        (-0.074, -0.090),
        (0.020, -0.086),
        (0.080, -0.090),
        (0.170, -0.090),
        (0.214, -0.078),
        (0.222, -0.062),
        (0.190, -0.068),
        (0.060, -0.066),
    ]
)
_SHOE_STRIPE = np.array([(0.020, -0.062), (0.060, 0.004), (0.078, -0.006), (0.044, -0.062)])


@cache
def _shade(colour: Colour, factor: float) -> Colour:
    return tuple(min(255.0, channel * factor) for channel in colour)  # type: ignore[return-value]


def _segment(first: FloatArray, second: FloatArray, profile: _Profile, colour: Colour) -> Iterator[Polygon]:
    """Yield the nested outlines of a segment between two joints."""
    axis = second - first
    unit = axis / (np.hypot(*axis) or 1.0)
    front = np.array([-unit[1], unit[0]])  # a hanging segment's front is +x
    lit = 0.5 * (profile.front + profile.back) * (1.0 if front[0] + 0.8 * front[1] > 0.0 else -1.0)
    ahead = _SIZES * profile.front + _SHIFTS * lit
    behind = (_SIZES * profile.back - _SHIFTS * lit)[:, ::-1]
    centre = first + profile.along[:, None] * axis
    outlines = np.concatenate([centre + ahead[:, :, None] * front, centre[::-1] - behind[:, :, None] * front], axis=1)
    for outline, light in zip(outlines, _LIGHTS[:, 0], strict=True):
        yield outline, _shade(colour, light)


def _placed(outline: FloatArray, origin: FloatArray, along: FloatArray) -> FloatArray:
    """Return `outline` with its own x axis laid along the unit vector `along` at `origin`."""
    up = np.array([-along[1], along[0]])
    return np.asarray(origin + outline[:, :1] * along + outline[:, 1:] * up)


def _nested(outline: FloatArray, colour: Colour) -> Iterator[Polygon]:
    """Yield an outline filled lighter towards its upper front."""
    middle = outline.mean(axis=0)
    reach_m = np.ptp(outline, axis=0).max()
    for size, shift, light in zip(_SIZES[:, 0], _SHIFTS[:, 0], _LIGHTS[:, 0], strict=True):
        yield middle + (outline - middle) * size + np.array([0.1, 0.12]) * shift * reach_m, _shade(colour, light)


def _leg(points: FloatArray, side: Side, shade: float) -> Iterator[Polygon]:
    hip, knee, ankle, heel, toe = (
        points[_ROW[f"{side}_{joint}"]] for joint in ("hip", "knee", "ankle", "heel", "foot_index")
    )
    along = (toe - heel) / np.hypot(*(toe - heel))
    skin = _shade(_SKIN, shade)
    yield from _segment(knee, ankle, _SHANK, skin)
    yield from _segment(knee, ankle, _SOCKS, _shade(_SOCK, shade))
    yield from _nested(_placed(_SHOE_UPPER, ankle, along), _shade(_SHOE, shade))
    yield _placed(_SHOE_STRIPE, ankle, along), _shade(_SHORTS, shade)
    yield _placed(_SHOE_SOLE, ankle, along), _shade(_SOLE, shade)
    yield from _segment(hip, knee, _THIGH, skin)
    yield from _segment(hip, knee, _SHORT_LEG, _shade(_SHORTS, shade))


def _arm(points: FloatArray, side: Side, shade: float) -> Iterator[Polygon]:
    shoulder, elbow, wrist, hand = (
        points[_ROW[f"{side}_{joint}"]] for joint in ("shoulder", "elbow", "wrist", "index")
    )
    skin = _shade(_SKIN, shade)
    yield from _segment(shoulder, elbow, _UPPER_ARM, skin)
    yield from _segment(elbow, wrist, _FOREARM, skin)
    yield from _segment(wrist, hand, _HAND, skin)
    yield from _segment(shoulder, elbow, _SLEEVE, _shade(_SHIRT, 0.92 * shade))


def _head(shoulder: FloatArray, ear: FloatArray, nose: FloatArray) -> Iterator[Polygon]:
    along = (nose - ear) / np.hypot(*(nose - ear))
    tilt = np.array([0.9926, 0.1216])  # nose lies this much below the ear's level in the outline
    along = np.array([along[0] * tilt[0] - along[1] * tilt[1], along[0] * tilt[1] + along[1] * tilt[0]])
    yield from _segment(
        shoulder, shoulder + _placed(np.array([[0.022, 0.16]]), np.zeros(2), along)[0], _NECK, _shade(_SKIN, 0.85)
    )
    yield from _nested(_placed(_FACE, shoulder, along), _SKIN)
    yield _placed(_HAIR_CAP, shoulder, along), _HAIR
    yield _placed(_EAR, shoulder, along), _shade(_SKIN, 0.8)
    yield _placed(_EYE, shoulder, along), (30.0, 30.0, 34.0)
    yield _placed(_BROW, shoulder, along), _HAIR
    yield _placed(_LIPS, shoulder, along), (90.0, 96.0, 160.0)


def far_side(points: FloatArray, side: Side) -> Iterator[Polygon]:
    """Yield the far arm and leg of landmarks `points` (33, 2) in metres, facing +x, in the order of painting."""
    yield from _arm(points, side, _FAR_SHADE)
    yield from _leg(points, side, _FAR_SHADE)


def near_side(points: FloatArray, side: Side) -> Iterator[Polygon]:
    """Yield the near leg, head, trunk and near arm of landmarks `points` (33, 2), in the order of painting."""
    hip = points[[_ROW["left_hip"], _ROW["right_hip"]]].mean(axis=0)
    shoulder = points[[_ROW["left_shoulder"], _ROW["right_shoulder"]]].mean(axis=0)
    yield from _leg(points, side, 1.0)
    yield from _head(shoulder, points[_ROW["left_ear"]], points[_ROW["nose"]])
    yield from _segment(hip, shoulder, _SEAT, _SHORTS)
    yield from _segment(hip, shoulder, _TRUNK, _SHIRT)
    yield from _arm(points, side, 1.0)
