"""Films of other people with hand labels, and the variants in which each is measured.

Owns what is known of each film beside its label files, and how a variant is made from its pictures. All times here are
fractional frames of the film as it is, so that a film whose clock is wrong is scored like any other.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.data.poses import recorded
from bench.data.truth import Contacts
from cuecoach.pose.settings import PoseSettings
from cuecoach.source.base import Source, SourceInfo
from cuecoach.source.film import FilmSource
from cuecoach.types import FloatArray, Frame, PoseFrame, Side

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Film:
    """A labelled film: the leg nearer to the camera, where the runner faces (+1 image right), and what may be used.

    `parts` are the first and last frame of the stretches that are labelled; empty: all of it.
    """

    name: str
    near: Side
    facing: int
    rate_hz: float
    parts: tuple[tuple[int, int], ...] = ()


FILMS = (
    Film("male_side", Side.LEFT, -1, 30.0),
    Film("IMG_5396", Side.RIGHT, 1, 60.0),
    Film("erpang_mini_run", Side.LEFT, -1, 30000 / 1001),
    Film("caue_run", Side.RIGHT, 1, 25.0, ((92, 173), (246, 338), (399, 537))),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to show a film: what is done with each picture, and which pictures are shown."""

    name: str
    change: Callable[[Picture], Picture]
    every: int = 1
    mirrored: bool = False
    ordinary: bool = True  # not darkened: most strides should be trusted


def _darker(picture: Picture) -> Picture:
    """Return a picture with a third of the light, blurred by 2 px of 1280."""
    dark = (picture * 0.35).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), 2.0 * picture.shape[0] / 1280), np.uint8)


def _halved(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


AS_IT_IS = Variant("as it is", lambda picture: picture)
VARIANTS = (
    Variant("mirrored", lambda picture: np.ascontiguousarray(picture[:, ::-1]), mirrored=True),
    Variant("half the rate", lambda picture: picture, every=2),
    Variant("half the size", _halved),
    Variant("dark and blurred", _darker, ordinary=False),
)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What a person read in a film.

    `angles_deg` by frame are thigh, shank and knee flexion of the near leg; `contacts` of the legs, for each part, in
    frames: a labelled frame is the first that shows the new state, so the event is half a frame earlier.
    """

    angles_deg: Mapping[int, tuple[float, float, float]]
    contacts: Mapping[Side, tuple[Contacts, ...]]


def read_labels(folder: Path, film: Film) -> Labels:
    """Read the label files beside a film."""
    rows = _rows(folder / f"{film.name}_contacts.csv")

    def contacts(leg: str, part: tuple[float, float]) -> Contacts:
        frames: dict[str, FloatArray] = {}
        for event in ("foot_strike", "toe_off"):
            labelled = [int(row["frame"]) for row in rows if (row["leg"], row["event"]) == (leg, event)]
            frames[event] = np.array(sorted(f for f in labelled if part[0] <= f <= part[1])) - 0.5
        return Contacts(frames["foot_strike"], frames["toe_off"])

    parts = film.parts or ((0, np.inf),)
    angles = _rows(folder / f"{film.name}_knee_flexion.csv")
    return Labels(
        {int(r["frame"]): (float(r["thigh_deg"]), float(r["shank_deg"]), float(r["flexion_deg"])) for r in angles},
        {
            side: tuple(contacts(leg, part) for part in parts)
            for leg, side in (("near", film.near), ("far", film.near.other))
        },
    )


def pose_frames(folder: Path, film: Film, variant: Variant, model: str) -> list[PoseFrame]:
    """Return who runs in each picture of a variant; `index` is the frame of the film as it is."""
    path = folder / f"{film.name}.mp4"
    settings = replace(PoseSettings(), model=model)
    shown = f"{film.name}-{variant.name.replace(' ', '-')}"
    content = path.read_bytes() + variant.name.encode()
    return recorded(shown, content, lambda: _VariantSource(FilmSource(path), variant), settings)


class _VariantSource:
    """Shows another film's pictures changed; `index` stays that of the film as it is."""

    def __init__(self, source: Source, variant: Variant) -> None:
        self._source, self._variant = source, variant

    @property
    def info(self) -> SourceInfo:
        """As of the film."""
        return self._source.info

    def read(self) -> Frame | PoseFrame | None:
        """Return the next picture that is shown."""
        while (item := self._source.read()) is not None:
            if isinstance(item, Frame) and item.index % self._variant.every == 0:
                return replace(item, image_bgr=self._variant.change(np.asarray(item.image_bgr)))
        return None

    def notices(self) -> tuple[str, ...]:
        """As of the film."""
        return self._source.notices()

    def close(self) -> None:
        """Close the film."""
        self._source.close()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
