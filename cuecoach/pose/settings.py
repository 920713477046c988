"""The settings of the pose room. Declarations only: `config.py` fills them."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.settings import setting

AUTO = "auto"  # as an empty text, which older versions wrote


@dataclass(frozen=True, slots=True)
class PoseSettings:
    """How people are found in a picture."""

    model: str = setting(
        AUTO,
        "pose model: full, heavy, a pose_landmarker .task file, or auto: the best that is here and keeps up",
        formerly=("model_path",),
    )
    num_poses: int = setting(
        2, "people looked for in a picture; 1 is faster, but worse in mid-swing and locks on a bystander", low=1, high=5
    )
    min_detection_confidence: float = setting(
        0.5, "how sure the model must be to begin with a person", low=0.0, high=1.0
    )
    min_presence_confidence: float = setting(
        0.5, "how sure the model must be that a person is still there", low=0.0, high=1.0
    )
    min_tracking_confidence: float = setting(
        0.5, "share of its last place a person must still cover to be followed without a new search", low=0.0, high=1.0
    )
    workers: int = setting(
        2,
        "pictures searched at the same time, each on a core of its own; always 1 when num_poses is 1",
        low=1,
        high=8,
        formerly=("lookers",),
    )
    silhouette: bool = setting(
        True,
        "folded legs are corrected by the runner's silhouette in the picture; false saves 2 to 5 ms a picture",
        formerly=("outlines",),
    )
    align_hips: bool = setting(
        True, "hips are put where they cover each other on average; false leaves them as the pose model has them"
    )
