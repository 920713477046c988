"""The loop, the only place where the rooms meet: source, pose, gait, coach, voice, journal, view, one frame a turn.

Owns the order of the steps and what happens when one of them fails while running: it is said once and the rest goes
on. Measures nothing, decides nothing, draws nothing.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence

from cuecoach.analysis import labels
from cuecoach.coach.policy import EASIER_STEP_FRACTION, EASIER_STEPS_MAX
from cuecoach.coach.programme import Block
from cuecoach.coach.scheduler import Coach
from cuecoach.config import SessionSettings
from cuecoach.errors import DeviceError
from cuecoach.gait.gait import Gait, GaitStep
from cuecoach.journal.landmarks import snapped
from cuecoach.journal.store import Journal
from cuecoach.pose.base import Detector
from cuecoach.session.counts import SessionCounts
from cuecoach.source.base import Source
from cuecoach.types import (
    Activity,
    Cue,
    Decision,
    Frame,
    Kind,
    PoseFrame,
    Reason,
    Side,
    Situation,
    Speed,
    SpeedOrigin,
    Stride,
    UtteranceEvent,
    UtteranceState,
)
from cuecoach.view.base import Command, View, ViewState
from cuecoach.voice.base import Utterance, Voice
from cuecoach.voice.playback.metronome import Metronome

CUE_SHOWN_S = 4.0  # how long a cue stays on the screen: long enough to read twice
CAUTION_WAIT_S = 30.0  # cautions wait for each other that long
REPEAT_MOST_S = 20.0  # words older than this are not said again
REPEAT_WAIT_S = 5.0  # words asked for again may wait for those that sound
SIDE_TRUST_MIN = 0.6  # of both legs: below, left and right may be taken for each other

SessionEvent = Stride | Decision | UtteranceEvent | str


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """One open part from each room. `detector` is None for a source that gives pose frames itself.

    `metronome` says when to click; None never clicks.
    """

    source: Source
    detector: Detector | None
    gait: Gait
    coach: Coach
    voice: Voice
    journal: Journal
    view: View
    metronome: Metronome | None = None


class Session:
    """One run from the first frame to the last.

    Parameters
    ----------
    parts : Parts
        Open and ready; the session closes the source, the voice, the view and its row in the journal.
    settings : SessionSettings
    speed : Speed or None
        What the user said; None leaves the speed to the belt estimate.
    listeners : sequence of callables
        Told every stride, decision, sound and notice (a str), in order, from the loop's thread.
    ears : sequence of callables
        Called with the fault and the time whenever words begin to sound: this is how the virtual runner hears.
    cautions : sequence of Cue
        Said one after another and shown with the first frame, before there is a stride.
    """

    def __init__(
        self,
        parts: Parts,
        settings: SessionSettings,
        speed: Speed | None = None,
        listeners: Sequence[Callable[[SessionEvent], None]] = (),
        ears: Sequence[Callable[[str, float], None]] = (),
        cautions: Sequence[Cue] = (),
    ) -> None:
        self._parts = parts
        self._settings = settings
        self._speed = speed
        self._listeners = listeners
        self._ears = ears
        self._cautions = tuple(cautions)
        self._tally = SessionCounts()
        self._said: list[Decision] = []
        self._muted = False
        self._easier_steps = 0
        self._stop = threading.Event()
        self._told: set[str] = set()
        self._shown: tuple[str, float] | None = None  # words on the screen, and until when
        self._stage: Block | None = None
        self._silent_because = ""
        self._notice: str | None = None
        self._cadence_spm: float | None = None
        self._step: GaitStep | None = None

    def stop(self) -> None:
        """End the session after the frame at hand; may be called from a signal handler or another thread."""
        self._stop.set()
        # A live source may be waiting for a frame that never comes; closing it ends the wait.
        threading.Thread(target=self._parts.source.close, daemon=True).start()

    def run(self) -> SessionCounts:
        """Run until the source ends or `stop` is called; return the count. Closes everything in every case."""
        outcome = "failed"
        try:
            while not self._stop.is_set():
                item = self._parts.source.read()
                if item is None:
                    break
                self._turn(item)
            self._after(self._parts.gait.finish(), self._tally.last_s)
            outcome = "stopped" if self._stop.is_set() else "finished"
        finally:
            self._close(outcome)
        return self._tally

    def _turn(self, item: Frame | PoseFrame) -> None:
        """Take one frame all the way through."""
        pose_frame = item if isinstance(item, PoseFrame) else self._see(item)
        if self._settings.record_landmarks:
            pose_frame = snapped(pose_frame)  # measured as it is kept, so that a replay decides the same, bit for bit
            self._parts.journal.pose_frame(pose_frame)
        self._warn(pose_frame.t_s)
        asked = self._obey(pose_frame.t_s)
        step = self._parts.gait.update(pose_frame, self._speed)
        self._step = step
        self._tally.pose_frame(pose_frame, step.activity)
        self._after(step, pose_frame.t_s, asked)
        self._hear(self._parts.voice.poll(pose_frame.t_s))
        self._notices(pose_frame.t_s)
        self._parts.view.show(self._view_state(item, step, pose_frame.t_s))

    def _see(self, frame: Frame) -> PoseFrame:
        """Return who is in the picture; a pose model that fails is told once and sees nobody."""
        assert self._parts.detector is not None  # noqa: S101 - opened together with every source of pictures
        try:
            return self._parts.detector.detect(frame)
        except DeviceError as error:
            self._notify(str(error), frame.t_s)
            return PoseFrame(frame.t_s, frame.index, None)

    def _after(self, step: GaitStep, now_s: float, asked: bool = False) -> None:
        """Write down the strides, ask the coach, and say what it decided."""
        situation = Situation(step.activity, step.leaving, step.speed, self._muted, self._easier_steps)
        self._parts.journal.situation(now_s, situation, asked)
        for stride in step.strides:
            self._tally.stride(stride)
            self._parts.journal.stride(stride)
            self._tell(stride)
            self._cadence_spm = stride.cadence_spm
        decisions = self._parts.coach.step(now_s, step.strides, situation, asked)
        self._note_block(now_s)
        for decision in decisions:
            self._carry_out(decision)
        self._click(step)

    def _click(self, step: GaitStep) -> None:
        """Let the metronome follow the strides; it is silent when muted, and when nobody runs."""
        if self._parts.metronome is None:
            return
        for stride in step.strides:
            clicks_spm = self._parts.metronome.stride(stride.cadence_spm)
            self._parts.voice.beat(None if self._muted else clicks_spm, stride.t_strike_s)
        if step.activity is not Activity.RUNNING:
            self._parts.voice.beat(None, 0.0)

    def _warn(self, now_s: float) -> None:
        """Say and show the pack's cautions, once. They are no decisions: no stride and no rule brings them about."""
        cautions, self._cautions = self._cautions, ()
        for cue in cautions:
            decision = Decision(now_s, True, Kind.INFO, Reason.PROGRAMME, None, None, cue)
            self._parts.journal.event(now_s, "caution", cue.text)
            self._tell(decision)
            self._parts.voice.say(Utterance(len(self._said), cue.id, now_s, now_s + CAUTION_WAIT_S))
            self._said.append(decision)
        if cautions:
            self._shown = " ".join(cue.text for cue in cautions), now_s + CUE_SHOWN_S * len(cautions)

    def _note_block(self, now_s: float) -> None:
        """Write down that a block of the programme has begun."""
        stage = self._parts.coach.stage
        if stage is not None and stage is not self._stage:
            self._stage = stage
            self._parts.journal.event(now_s, "block", stage.name)

    def _carry_out(self, decision: Decision) -> None:
        self._tally.decision(decision)
        self._tell(decision)
        if not decision.fires or decision.cue is None:
            self._silent_because = f"silent: {labels.reason(str(decision.reason))}"
            self._parts.journal.decision(decision, None)
            return
        utterance = len(self._said)
        self._said.append(decision)
        self._shown = decision.cue.text, decision.t_s + CUE_SHOWN_S
        self._silent_because = ""
        self._parts.journal.decision(decision, utterance)
        side = self._side(decision)
        self._parts.voice.say(
            Utterance(utterance, decision.cue.id, decision.t_s, decision.expires_s, decision.start_s, side)
        )

    def _side(self, decision: Decision) -> Side | None:
        """Return the leg words are heard from: only while both are seen well enough to be told apart."""
        live = self._step.live if self._step else None
        sure = live is not None and float(live.trust.min()) >= SIDE_TRUST_MIN
        return decision.side if sure else None

    def _repeat(self, now_s: float) -> None:
        """Say the last words again, as the runner asked; no decision of the coach.

        Words about a stride of long ago may be wrong by now, and who leaves the belt has other things to mind.
        """
        if not self._said or self._muted or (self._step is not None and self._step.leaving):
            return
        last = self._said[-1]
        if last.cue is not None and now_s - last.t_s <= REPEAT_MOST_S:
            self._parts.voice.say(Utterance(len(self._said), last.cue.id, now_s, now_s + REPEAT_WAIT_S))
            self._said.append(last)
            self._shown = last.cue.text, now_s + CUE_SHOWN_S

    def _hear(self, heard: Sequence[UtteranceEvent]) -> None:
        for item in heard:
            self._tally.heard(item)
            self._parts.journal.heard(item)
            self._tell(item)
            fault = self._said[item.utterance].fault
            if item.state is UtteranceState.STARTED and fault is not None:
                for ear in self._ears:
                    ear(fault, item.t_s)

    def _obey(self, now_s: float) -> bool:
        """Carry out the runner's commands; return whether "tell me now" is among them."""
        asked = False
        for command in self._parts.view.commands():
            self._parts.journal.event(now_s, "command", command.name.lower())
            if command is Command.QUIT:
                self.stop()
            elif command is Command.MUTE:
                self._muted = not self._muted
            elif command is Command.TELL_ME_NOW:
                asked = True
            elif command is Command.REPEAT:
                self._repeat(now_s)
            elif command in (Command.SPEED_UP, Command.SPEED_DOWN):
                step_mps = self._settings.speed_step_mps
                self._change_speed(step_mps if command is Command.SPEED_UP else -step_mps, now_s)
            elif command in (Command.EASIER, Command.HARDER):
                self._ask_for(self._easier_steps + (1 if command is Command.EASIER else -1), now_s)
        return asked

    def _change_speed(self, by_mps: float, now_s: float) -> None:
        if self._speed is None:
            self._notify("The belt speed is not known yet: start with --speed to be able to change it.", now_s)
            return
        mps = max(0.5, self._speed.mps + by_mps)
        self._speed = Speed(mps, mps * self._settings.speed_sd_fraction, SpeedOrigin.USER)
        self._parts.journal.event(now_s, "speed", f"{mps:.2f} m/s")

    def _ask_for(self, easier_steps: int, now_s: float) -> None:
        """Ask less of the runner by so many steps; never more than the pack does."""
        self._easier_steps = min(EASIER_STEPS_MAX, max(0, easier_steps))
        wider = f"Easier: limits {100 * EASIER_STEP_FRACTION * self._easier_steps:.0f} % wider."
        self._notify(wider if self._easier_steps else "These are the pack's own limits.", now_s)

    def _notices(self, now_s: float) -> None:
        for room in (self._parts.source, self._parts.voice, self._parts.journal):
            for sentence in room.notices():
                self._notify(sentence, now_s)

    def _notify(self, sentence: str, now_s: float) -> None:
        """Tell a sentence the first time it comes, log it every time."""
        self._parts.journal.event(now_s, "notice", sentence)
        self._notice = sentence
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)

    def _tell(self, what: SessionEvent) -> None:
        for listener in self._listeners:
            listener(what)

    def _view_state(self, item: Frame | PoseFrame, step: GaitStep, now_s: float) -> ViewState:
        shown = self._shown[0] if self._shown and now_s < self._shown[1] else None
        return ViewState(
            t_s=now_s,
            image_bgr=item.image_bgr if isinstance(item, Frame) else None,
            image_size_px=self._parts.source.info.size_px,
            legs=step.live,
            activity=step.activity,
            trust=None if step.live is None else float(step.live.trust[step.live.near.row]),
            cue_text=shown,
            reason=self._silent_because,
            cadence_spm=self._cadence_spm,
            speed=step.speed,
            muted=self._muted,
            notice=self._notice,
        )

    def _close(self, outcome: str) -> None:
        """Close every part, whatever the others do; the journal last, so that it holds all the rest."""
        end_s = self._tally.last_s if self._tally.frames else 0.0
        try:
            self._parts.source.close()
            self._hear(self._parts.voice.close(end_s))
            self._notices(end_s)
            self._parts.view.close()
        finally:
            self._parts.journal.end(end_s, outcome)
            self._parts.journal.close()
            for sentence in self._parts.journal.notices():  # what could not be written after all
                self._tell(sentence)
