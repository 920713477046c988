"""Sessions made up for the bench and the tests of journal and report: strides, cues, silences on purpose, blocks.

The runner folds one knee too little, answers cues partly and forgets; numbers wander from stride to stride as a
runner's do. Nothing here is measured: it only has the size and the shape of real sessions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cuecoach.config import Settings
from cuecoach.gait.metrics import METRICS, STRIDE_METRICS, norm
from cuecoach.gait.units import DEGREES, LEG_LENGTHS, NO_UNIT, SECONDS
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.session.settings import SessionSettings
from cuecoach.types import (
    LANDMARKS,
    Activity,
    AttentionFocus,
    AudioOutput,
    Cue,
    Decision,
    EventKind,
    Kind,
    Pose,
    PoseFrame,
    Reason,
    SessionOutcome,
    Side,
    Speed,
    SpeedOrigin,
    Stride,
    UtteranceEvent,
    UtteranceState,
)

_WITHOUT_NORM = {"hip_height_leg": 0.81, "braking_share": 0.33, "trunk_lean_deg": 6.0, "foot_at_strike_deg": 12.0}
_FIRST = Cue("lazy-heel.long", "pull under, don't flick", AttentionFocus.EXTERNAL)
_LATER = Cue("lazy-heel.short", "pull under", AttentionFocus.EXTERNAL)
_HELD_REASONS = (Reason.REFRACTORY, Reason.RATE_CAP, Reason.MIN_GAP, Reason.NO_LONGER_TRUE, Reason.LOW_TRUST)


@dataclass(frozen=True)
class Story:
    """How the session goes. `missing_deg` is what the knee lacks at first; a cue takes `answer_deg` of it away."""

    minutes: float = 12.0
    stride_s: float = 0.72
    speed_mps: float = 3.0
    missing_deg: float = 24.0
    answer_deg: float = 6.0
    forgets_s: float = 400.0
    cue_every_s: float = 45.0
    held_back: float = 0.25
    withheld_every_s: float = 30.0
    blocks: tuple[tuple[float, str], ...] = (  # from which share of the session on
        (0.0, "probe 1"),
        (0.2, "on"),
        (0.5, "off"),
        (0.6, "on"),
        (0.85, "probe 2"),
    )
    runner: str | None = "Ann"
    started_at: str = "2026-01-08T10:00:00+00:00"
    frames_hz: float = 0.0  # of the landmark recording; 0: none
    seed: int = 3


def write(journal_file: Path, story: Story) -> int:
    """Write one session, end it, and return its number."""
    pack = library.find("pull-under")
    journal = Journal.open(journal_file)
    settings = Settings(session=SessionSettings(runner=story.runner or ""))
    info = SessionInfo(
        story.started_at,
        "camera",
        "0",
        30.0,
        pack.id,
        pack.text,
        {"coach": {name: getattr(settings.coach, name) for name in settings.coach.__slots__}, "gait": {}},
        story.seed,
        "0.1.0",
        story.runner,
    )
    number = journal.begin(info)
    for item in events(story):
        if isinstance(item, Stride):
            journal.stride(item)
        elif isinstance(item, PoseFrame):
            journal.pose_frame(item)
        elif isinstance(item, tuple):
            journal.event(item[0], EventKind.BLOCK, item[1])
        else:
            _decide(journal, item)
    journal.end(60 * story.minutes, SessionOutcome.FINISHED)
    journal.close()
    return number


def _decide(journal: Journal, decision: Decision) -> None:
    if not decision.fires or decision.cue is None:
        journal.decision(decision)
        return
    utterance = round(decision.t_s * 10)
    journal.decision(decision, utterance)
    for state, later_s in (
        (UtteranceState.QUEUED, 0.0),
        (UtteranceState.STARTED, 0.06),
        (UtteranceState.FINISHED, 0.9),
    ):
        journal.utterance_event(
            UtteranceEvent(utterance, decision.cue.id, state, decision.t_s + later_s, AudioOutput.DEVICE)
        )


def events(story: Story) -> Iterator[Stride | Decision | PoseFrame | tuple[float, str]]:
    """Yield what happens, in the order of time."""
    rng = np.random.default_rng(story.seed)
    runner = _Runner(story, rng)
    total_s = 60 * story.minutes
    blocks = [(share * total_s, name) for share, name in story.blocks]
    block, frame = "", 0
    for number in range(int(2 * total_s / story.stride_s)):
        closed_s = (number + 1) * story.stride_s / 2
        while blocks and blocks[0][0] <= closed_s:
            block = blocks[0][1]
            yield blocks.pop(0)
        while story.frames_hz and frame / story.frames_hz <= closed_s:
            yield pose_frame(frame, frame / story.frames_hz, rng)
            frame += 1
        yield runner.stride(number, closed_s)
        yield from runner.decisions(number, closed_s, coached=not block or block.startswith("on"))


class _Runner:
    """Lacks some fold of the knee, answers cues partly, and forgets."""

    def __init__(self, story: Story, rng: np.random.Generator) -> None:
        self._story, self._rng = story, rng
        self._missing_deg = story.missing_deg
        self._wander = dict.fromkeys(Side, 0.0)
        self._next_cue_s, self._next_held_s = 62.0, story.withheld_every_s
        self._said = 0

    def stride(self, number: int, closed_s: float) -> Stride:
        story, side = self._story, (Side.LEFT, Side.RIGHT)[number % 2]
        self._wander[side] = 0.8 * self._wander[side] + float(self._rng.normal(0.0, 1.5))
        self._missing_deg += (story.missing_deg - self._missing_deg) * story.stride_s / 2 / story.forgets_s
        lack_deg = self._missing_deg if side is Side.LEFT else self._missing_deg - 9.0
        return stride(number, side, closed_s, story, max(0.0, lack_deg) - self._wander[side], self._rng)

    def decisions(self, number: int, closed_s: float, coached: bool) -> Iterator[Decision]:
        if closed_s >= self._next_cue_s and self._missing_deg > 9.0 and coached:
            fires = bool(self._rng.random() >= self._story.held_back)
            reason = Reason.DUE if fires else Reason.CATCH_TRIAL
            cue, evidence = (_LATER if self._said else _FIRST), tuple(range(number - 12, number, 2))
            yield Decision(closed_s, fires, Kind.FAULT, reason, "lazy-heel", Side.LEFT, cue, evidence)
            self._said += fires
            self._missing_deg -= self._story.answer_deg * float(self._rng.uniform(0.6, 1.2)) * fires
            self._next_cue_s = closed_s + self._story.cue_every_s
        if closed_s >= self._next_held_s:
            reason = _HELD_REASONS[int(self._rng.integers(len(_HELD_REASONS)))] if coached else Reason.PROBE
            yield Decision(closed_s, False, Kind.FAULT, reason, "lazy-heel", Side.LEFT, None, ())
            self._next_held_s = closed_s + self._story.withheld_every_s


def stride(number: int, side: Side, closed_s: float, story: Story, lack_deg: float, rng: np.random.Generator) -> Stride:
    """Return one stride whose knee folds `lack_deg` less than the norm."""
    values = {name: norm(name, story.speed_mps) for name in STRIDE_METRICS} | _WITHOUT_NORM
    spread = {DEGREES: 1.5, LEG_LENGTHS: 0.012, SECONDS: 0.005, NO_UNIT: 0.02}
    for name in STRIDE_METRICS:
        if math.isnan(values[name]):
            values[name] = 0.0
        values[name] += float(rng.normal(0.0, spread[METRICS[name].unit]))
    for name in ("knee_peak_swing_deg", "knee_at_thigh_vertical_deg"):
        values[name] -= lack_deg
    next_s = closed_s - 0.1
    return Stride(
        number=number,
        side=side,
        is_near=side is Side.LEFT,
        t_strike_s=next_s - story.stride_s,
        t_midstance_s=next_s - 0.85 * story.stride_s,
        t_toe_off_s=next_s - 0.65 * story.stride_s,
        t_next_strike_s=next_s,
        closed_s=closed_s,
        cadence_spm=120 / story.stride_s + float(rng.normal(0.0, 0.8)),
        contact_s=0.25 + float(rng.normal(0.0, 0.004)),
        duty=0.35,
        activity=Activity.RUNNING,
        speed=Speed(story.speed_mps, 0.02 * story.speed_mps, SpeedOrigin.USER),
        trust=float(rng.choice([0.95, 0.9, 0.3], p=[0.6, 0.33, 0.07])),
        metrics=values,
    )


def pose_frame(index: int, t_s: float, rng: np.random.Generator) -> PoseFrame:
    """Return landmarks that swing as a runner's do and tremble as a camera's: as hard to pack as real ones."""
    phase = 2 * math.pi * t_s / 0.72
    places = np.arange(len(LANDMARKS))
    points = np.stack([300 + 60 * np.sin(phase + places), 200 + 20 * places + 30 * np.cos(phase + places)], axis=1)
    points += rng.normal(0.0, 0.8, points.shape)
    return PoseFrame(t_s, index, Pose(t_s, points, np.clip(rng.normal(0.95, 0.03, len(places)), 0, 1), (720, 1280)))
