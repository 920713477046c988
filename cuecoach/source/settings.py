"""The settings of the source room. Declarations only: `config.py` fills them."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.settings import setting


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where pictures come from and what is asked of a camera."""

    camera: str = setting("0", "the camera that `camera` stands for: a number, or the URL of a network camera")
    width_px: int = setting(1280, "picture width asked of a camera; it may give another", low=160, high=7680)
    height_px: int = setting(720, "picture height asked of a camera; it may give another", low=120, high=4320)
    rate_hz: float = setting(60.0, "frame rate asked of a camera; it may give another", low=10.0, high=240.0)
    slow_motion: float = setting(
        1.0, "how many times slower than life a film plays; 1 for cameras", low=1.0, high=100.0
    )
    stall_s: float = setting(2.0, "silence after which a camera counts as lost", low=0.2, high=60.0)
    retry_most_s: float = setting(
        5.0, "longest wait between two attempts to get a lost camera back", low=0.1, high=60.0
    )
