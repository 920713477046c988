"""The data types that more than one room uses: frozen, read-only, with the unit in every name.

They have no behaviour beyond making their own arrays read-only, and import nothing of the rooms.

Axes: image x grows right, y grows down, pixels from the top left corner. Time is `t_s`, seconds on the source's own
monotonic clock, which starts at 0 with the first frame. Angles follow the conventions in `docs/conventions.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class _Word(StrEnum):
    """An enum whose members print, compare and sort as their lower-case word."""

    def __str__(self) -> str:
        return str(self.value)


class Side(_Word):
    """A leg, by the runner's own anatomy."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite leg."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT

    @property
    def row(self) -> int:
        """Row of this leg in `Legs.points_px` and `Legs.trust`: 0 left, 1 right."""
        return 0 if self is Side.LEFT else 1


class SourceKind(_Word):
    """Where the frames of a session come from."""

    CAMERA = "camera"  # also a network stream
    VIDEO = "video"
    RECORDING = "recording"  # landmarks without pictures
    VIRTUAL = "virtual"


# The 33 BlazePose landmarks in the order of the model (Bazarevsky et al. 2020).
LANDMARKS: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)

# The joints of a leg, in the order of the second axis of `Legs.points_px`. "toe" is the landmark foot_index.
JOINTS: tuple[str, ...] = ("hip", "knee", "ankle", "heel", "toe")
HIP, KNEE, ANKLE, HEEL, TOE = range(5)

# Rows of `Pose.points_px` that make up `Legs.points_px`: (left, right) x JOINTS.
LEG_LANDMARKS: tuple[tuple[int, ...], tuple[int, ...]] = ((23, 25, 27, 29, 31), (24, 26, 28, 30, 32))
SHOULDERS: tuple[int, int] = (11, 12)


def _read_only(array: Any, dtype: Any = np.float64) -> NDArray[Any]:
    """Return a read-only view of `array` as `dtype`, without making the caller's own array read-only."""
    view = np.asarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `image_bgr` is (h, w, 3) uint8, upright; `index` counts the source's frames from 0."""

    t_s: float
    index: int
    image_bgr: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The runner's landmarks in one picture. `points_px` (33, 2), NaN where not seen; `visibility` (33,) 0..1."""

    t_s: float
    points_px: FloatArray
    visibility: FloatArray
    image_size_px: tuple[int, int]  # width, height

    def __post_init__(self) -> None:
        object.__setattr__(self, "points_px", _read_only(self.points_px))
        object.__setattr__(self, "visibility", _read_only(self.visibility))


@dataclass(frozen=True, slots=True, eq=False)
class PoseFrame:
    """What was seen at one moment: the runner's pose, or None when nobody runs there. What gait is fed with.

    `bystander` is the largest person there when nobody runs: for saying what was seen, never measured or kept.
    """

    t_s: float
    index: int
    pose: Pose | None
    bystander: Pose | None = None


class Activity(_Word):
    """What the runner is doing, as far as the legs tell. Only RUNNING is ever judged."""

    NOBODY = "nobody"
    STANDING = "standing"
    WALKING = "walking"
    RUNNING = "running"
    UNSURE = "unsure"  # somebody moves, but it is not (yet) known how


class SpeedOrigin(_Word):
    """Who or what says how fast the belt runs."""

    USER = "user"
    MACHINE = "machine"  # the treadmill itself
    PICTURE = "picture"  # measured from the foot on the belt

    @classmethod
    def _missing_(cls, value: object) -> SpeedOrigin | None:
        return cls.PICTURE if value == "belt" else None  # its name in version 0.1


@dataclass(frozen=True, slots=True)
class Speed:
    """Belt speed in m/s with its standard uncertainty (1 SD) and where it came from."""

    mps: float
    sd_mps: float
    origin: SpeedOrigin


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Both legs in one picture, after left and right were assigned and outliers removed.

    `points_px` (2, 5, 2): left then right, JOINTS, x and y; NaN where nothing can be said. `trust` (2,) 0..1, falls
    when a point is guessed. `trunk_px` (2, 2): mid-shoulder and mid-hip, NaN when not seen. `facing` +1 when the
    runner faces image right, -1 left. `near` is the leg closer to the camera.
    """

    t_s: float
    index: int
    points_px: FloatArray
    trust: FloatArray
    trunk_px: FloatArray
    facing: int
    near: Side

    def __post_init__(self) -> None:
        for name in ("points_px", "trust", "trunk_px"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))

    def of(self, side: Side) -> FloatArray:
        """Joints of one leg, (5, 2) px."""
        leg: FloatArray = self.points_px[side.row]
        return leg


@dataclass(frozen=True, slots=True, eq=False)
class Stride:
    """One stride of one leg, from foot strike to its next foot strike. Times are sub-frame seconds.

    `number` counts the session's finished strides from 0. `metrics` maps every name of
    `gait.metrics.STRIDE_METRICS` to its value, NaN where it could not be measured. `trust` 0..1 is for the whole
    stride. `speed` is None when unknown. `closed_s` is the time of the frame at which the stride became known (always
    after `t_next_strike_s`). `calibrated`: it was measured with a calibration of this leg that makes its angles surer.
    """

    number: int
    side: Side
    is_near: bool
    t_strike_s: float
    t_midstance_s: float
    t_toe_off_s: float
    t_next_strike_s: float
    closed_s: float
    cadence_spm: float
    contact_s: float
    duty: float
    activity: Activity
    speed: Speed | None
    trust: float
    metrics: Mapping[str, float] = field(repr=False)
    calibrated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for the whole runner at one frame. `leaving`: drifting off the belt or out of the picture.

    `easier_steps` is how many steps less the runner asked for (0 to `policy.EASIER_STEPS_MAX`); 0 are the pack's own
    limits.
    """

    activity: Activity
    leaving: bool
    speed: Speed | None
    muted: bool
    easier_steps: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault seen in one stride. `outside` is how far beyond the limit, in the metric's unit, always > 0."""

    fault: str
    side: Side | None  # None when the fault belongs to the whole body
    stride: int
    metric: str
    value: float
    limit: float
    outside: float


class Kind(_Word):
    """What a decision is about, most urgent first."""

    SAFETY = "safety"  # only ever reports the system, never commands the belt
    FAULT = "fault"
    PRAISE = "praise"
    RECALL = "recall"  # the one phrase that opens a session of a programme
    SUMMARY = "summary"  # at the end of a block: what was worked on, and whether it changed
    INFO = "info"


class Reason(_Word):
    """Why a cue was fired or withheld. Every decision has exactly one."""

    # fired
    DUE = "due"
    ASKED = "asked"  # the runner pressed "tell me now"
    PROGRAMME = "programme"  # the programme's own words: recall and summary
    # withheld
    CATCH_TRIAL = "catch_trial"  # due, and held back on purpose, to learn what the cue is worth
    PROBE = "probe"  # a block without cues, in which the runner shows what was kept
    FADED = "faded"  # outside the programme's windows of feedback
    IGNORED_BY_PACK = "ignored_by_pack"  # the pack leaves this fault alone
    OTHER_FOCUS = "other_focus"  # another fault is being worked on
    REFRACTORY = "refractory"  # the runner still has time to answer the last cue
    GAVE_UP = "gave_up"  # three cues without recovery: silent until the summary
    RATE_CAP = "rate_cap"  # no token left
    MIN_GAP = "min_gap"  # too soon after the last spoken words
    EXPIRED = "expired"  # became true too long ago
    NO_LONGER_TRUE = "no_longer_true"
    WARM_UP = "warm_up"
    SPEED_CHANGE = "speed_change"
    SPEED_UNKNOWN = "speed_unknown"
    OUT_OF_RANGE = "out_of_range"  # speed outside the pack's range
    LOW_TRUST = "low_trust"
    NOT_RUNNING = "not_running"
    LEAVING = "leaving"  # the runner drifts off the belt or out of the picture
    MUTED = "muted"

    @classmethod
    def _missing_(cls, value: object) -> Reason | None:
        return cls.IGNORED_BY_PACK if value == "pack_refuses" else None  # its name in version 0.1


class AttentionFocus(_Word):
    """Where a cue directs the runner's attention (Wulf 2013)."""

    EXTERNAL = "external"  # to an effect outside the body: the foot's path, the belt, a picture
    INTERNAL = "internal"  # to a part of the body


@dataclass(frozen=True, slots=True)
class Cue:
    """Words to be spoken: `id` is unique in its pack ("lazy-heel.short"), `text` is what is said and shown."""

    id: str
    text: str
    focus: AttentionFocus


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing the coach decided: say `cue` now, or withhold it for `reason`. `strides` are the evidence.

    `start_s` is when the words should begin, so that they meet the wished phase of the named leg; None: at once.
    """

    t_s: float
    fires: bool
    kind: Kind
    reason: Reason
    fault: str | None
    side: Side | None
    cue: Cue | None
    strides: tuple[int, ...] = ()
    expires_s: float = float("inf")  # the words must begin by then, or not at all
    start_s: float | None = None  # never after expires_s


class UtteranceState(_Word):
    """What happened to words after they were decided. "queued" is never "spoken"."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    DROPPED = "dropped"


class EventKind(_Word):
    """What an event of the journal is, beside strides and decisions."""

    BLOCK = "block"  # of the programme; the detail is its name
    CAUTION = "caution"  # of the pack, said before there is a stride
    COMMAND = "command"  # of the runner: a key or a button
    NOTICE = "notice"  # a sentence for the user
    SOUND = "sound"  # that no decision asked for
    SPEED = "speed"  # changed by the runner


class SessionOutcome(_Word):
    """How a session ended."""

    FINISHED = "finished"
    STOPPED = "stopped"  # by the user
    FAILED = "failed"
    NOT_CLOSED = "not closed"  # its process was killed, or it still runs; never stored


class AudioOutput(_Word):
    """What carried the words of an utterance."""

    DEVICE = "device"
    FILE = "file"
    NOTHING = "nothing"  # no sound: the words were only shown


@dataclass(frozen=True, slots=True)
class UtteranceEvent:
    """One state of one utterance, reached at `t_s` of the session.

    `utterance` is its number (`voice.base.Utterance`); `detail` says why it was dropped, or how often its sound was
    interrupted; else it is empty.
    """

    utterance: int
    cue_id: str
    state: UtteranceState
    t_s: float
    output: AudioOutput
    detail: str = ""
