"""What the runner is shown beside the picture: the words being said, why nothing is said, the last notice."""

from __future__ import annotations

from cuecoach.gait.gait import GaitStep
from cuecoach.pipeline.pose_frames import SeenFrame
from cuecoach.session.commands import RunnerControls
from cuecoach.view.base import ViewState

CUE_SHOWN_S = 4.0  # long enough to read it twice


class Display:
    """The lines that outlast a frame; `state` puts them together with what is true at this frame."""

    def __init__(self, image_size_px: tuple[int, int]) -> None:
        self.silent_because = ""
        self.notice: str | None = None
        self.cadence_spm: float | None = None
        self._image_size_px = image_size_px
        self._cue_text = ""
        self._cue_until_s = 0.0

    def show_cue(self, text: str, now_s: float, seconds: float = CUE_SHOWN_S) -> None:
        """Show words from now on for some seconds."""
        self._cue_text, self._cue_until_s = text, now_s + seconds

    def state(self, seen: SeenFrame, step: GaitStep, controls: RunnerControls) -> ViewState:
        """Return all there is to see at a frame."""
        t_s = seen.pose_frame.t_s
        return ViewState(
            t_s=t_s,
            image_bgr=seen.image_bgr,
            image_size_px=self._image_size_px,
            legs=step.live,
            activity=step.activity,
            trust=None if step.live is None else float(step.live.trust[step.live.near.row]),
            cue_text=self._cue_text if t_s < self._cue_until_s else None,
            reason=self.silent_because,
            cadence_spm=self.cadence_spm,
            speed=step.speed,
            speed_unit=controls.speed_unit,
            muted=controls.muted,
            notice=self.notice,
        )
