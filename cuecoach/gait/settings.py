"""Settings of gait."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.settings import setting


@dataclass(frozen=True, slots=True)
class GaitSettings:
    """Settings of gait that the user may change."""

    runner_height_m: float | None = setting(
        None, "height of the runner, for belt speed from the picture", low=1.0, high=2.3
    )
    near_side: str = setting("auto", "the leg nearer to the camera", choices=("auto", "left", "right"))
    settle_s: float = setting(0.35, "how long the legs are watched before they are measured", low=0.1, high=1.0)
