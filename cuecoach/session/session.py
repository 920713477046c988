"""The session: the loop in which pose frames, gait, coach, voice, journal and views meet, one frame at a time.

Owns the order of the steps, what happens when one of them fails while running (it is told once, and the rest goes on),
and the closing of every part. Measures nothing, decides nothing, draws nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import logging
import threading
from collections.abc import Callable, Sequence

from cuecoach.analysis import labels
from cuecoach.coach.programme import Block
from cuecoach.coach.scheduler import Coach
from cuecoach.errors import CueCoachError
from cuecoach.gait.gait import Gait, GaitStep
from cuecoach.journal.landmarks import quantised
from cuecoach.journal.store import Journal
from cuecoach.pipeline.pose_frames import PoseFrames, SeenFrame
from cuecoach.session.commands import RunnerControls
from cuecoach.session.counts import SessionCounts
from cuecoach.session.display import CUE_SHOWN_S, Display
from cuecoach.session.settings import SessionSettings
from cuecoach.session.utterances import Utterances
from cuecoach.types import (
    Activity,
    Cue,
    Decision,
    EventKind,
    Kind,
    Reason,
    SessionOutcome,
    Situation,
    Stride,
    UtteranceEvent,
    UtteranceState,
)
from cuecoach.view.base import Command, View
from cuecoach.voice.base import Voice
from cuecoach.voice.playback.metronome import Metronome

CAUTION_WAIT_S = 30.0  # cautions wait for each other that long

SessionEvent = Stride | Decision | UtteranceEvent | str  # a str is a notice: a sentence for the user

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """One open part from each room; the session closes them. `metronome` says when to click; None never clicks."""

    frames: PoseFrames
    gait: Gait
    coach: Coach
    voice: Voice
    journal: Journal
    views: Sequence[View]
    metronome: Metronome | None = None


class Session:
    """One run from the first frame to the last.

    Parameters
    ----------
    parts : Parts
        Open and ready, the journal with its session begun.
    settings : SessionSettings
    listeners : sequence of callables
        Called with every stride, decision, utterance event and notice, in order, from the loop's thread.
    cautions : sequence of Cue
        Said one after another and shown with the first frame, before there is a stride.
    """

    def __init__(
        self,
        parts: Parts,
        settings: SessionSettings,
        listeners: Sequence[Callable[[SessionEvent], None]] = (),
        cautions: Sequence[Cue] = (),
    ) -> None:
        self._frames = parts.frames
        self._gait = parts.gait
        self._coach = parts.coach
        self._voice = parts.voice
        self._journal = parts.journal
        self._views = parts.views
        self._metronome = parts.metronome
        self._records_landmarks = settings.record_landmarks
        self._listeners = listeners
        self._cautions = cautions
        self._controls = RunnerControls(settings)
        self._utterances = Utterances(parts.voice)
        self._display = Display(parts.frames.info.size_px)
        self._counts = SessionCounts()
        self._notified: set[str] = set()  # notices that were emitted
        self._block: Block | None = None
        self._step: GaitStep | None = None
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End the session after the frame at hand; may be called from a signal handler or another thread."""
        self._stopping.set()
        # A live source may be waiting for a frame that never comes; and a signal handler may not wait for it to close.
        threading.Thread(target=self._frames.stop, daemon=True).start()

    def run(self) -> SessionCounts:
        """Run until the source ends or `stop` is called; return the count. Closes every part in every case."""
        outcome = SessionOutcome.FAILED
        try:
            while not self._stopping.is_set() and (seen := self._frames.read()) is not None:
                self._process_frame(seen)
            self._coach_step(self._gait.finish(), self._counts.last_s)
            self._counts.slow_motion = self._frames.seems_slowed
            outcome = SessionOutcome.STOPPED if self._stopping.is_set() else SessionOutcome.FINISHED
        finally:
            self._close(outcome)
        return self._counts

    def _process_frame(self, seen: SeenFrame) -> None:
        """Take one frame all the way through."""
        if self._records_landmarks:
            # Measured as it is kept, so that a replay decides the same, bit for bit.
            seen = dataclasses.replace(seen, pose_frame=quantised(seen.pose_frame))
            self._journal.pose_frame(seen.pose_frame)
        now_s = seen.pose_frame.t_s
        if seen.failure is not None:
            self._notify(str(seen.failure), now_s)
        self._say_cautions(now_s)
        asked = self._carry_out_commands(now_s)
        step = self._step = self._gait.update(seen.pose_frame, self._controls.speed)
        self._counts.add_frame(seen.pose_frame, self._controls.speed)
        self._counts.add_activity(step.activity)
        if step.notice:
            self._notify(step.notice, now_s)
        self._coach_step(step, now_s, asked)
        self._take_utterance_events(self._voice.poll(now_s))
        self._take_notices(now_s)
        state = self._display.state(seen, step, self._controls)
        for view in self._views:
            view.show(state)

    def _coach_step(self, step: GaitStep, now_s: float, asked: bool = False) -> None:
        """Keep the strides, ask the coach, and do what it decided; `asked`: the runner wants a cue now."""
        situation = Situation(
            step.activity, step.leaving, step.speed, self._controls.muted, self._controls.easier_steps
        )
        self._journal.situation(now_s, situation, asked)
        for stride in step.strides:
            self._counts.add_stride(stride)
            self._journal.stride(stride)
            self._emit(stride)
            self._display.cadence_spm = stride.cadence_spm
        decisions = self._coach.step(now_s, step.strides, situation, asked)
        self._keep_block(now_s)
        for decision in decisions:
            self._apply(decision)
        self._click(step)

    def _keep_block(self, now_s: float) -> None:
        """Write down that a block of the programme has begun."""
        block = self._coach.block
        if block is not None and block is not self._block:
            self._block = block
            self._journal.event(now_s, EventKind.BLOCK, block.name)

    def _apply(self, decision: Decision) -> None:
        """Say a decision's words, or show why they are withheld; keep both."""
        self._counts.add_decision(decision)
        self._emit(decision)
        if not decision.fires or decision.cue is None:
            self._display.silent_because = f"silent: {labels.reason(decision.reason)}"
            self._journal.decision(decision, None)
            return
        self._display.silent_because = ""
        self._display.show_cue(decision.cue.text, decision.t_s)
        self._journal.decision(decision, self._utterances.say(decision, self._step.live if self._step else None))

    def _click(self, step: GaitStep) -> None:
        """Let the metronome follow the strides; it is silent when muted, and when nobody runs."""
        if self._metronome is None:
            return
        for stride in step.strides:
            clicks_spm = self._metronome.stride(stride.cadence_spm)
            self._voice.set_metronome(None if self._controls.muted else clicks_spm, stride.t_strike_s)
        if step.activity is not Activity.RUNNING:
            self._voice.set_metronome(None, 0.0)

    def _say_cautions(self, now_s: float) -> None:
        """Say and show the pack's cautions, once. They are no decisions: no stride and no rule brings them about."""
        cautions, self._cautions = self._cautions, ()
        for cue in cautions:
            self._journal.event(now_s, EventKind.CAUTION, cue.text)
            decision = Decision(
                now_s, True, Kind.INFO, Reason.PROGRAMME, None, None, cue, expires_s=now_s + CAUTION_WAIT_S
            )
            self._emit(decision)
            self._utterances.say(decision)
        if cautions:
            self._display.show_cue(" ".join(cue.text for cue in cautions), now_s, CUE_SHOWN_S * len(cautions))

    def _carry_out_commands(self, now_s: float) -> bool:
        """Carry out the runner's commands; return whether "tell me now" is among them."""
        asked = False
        for command in [command for view in self._views for command in view.commands()]:
            self._journal.event(now_s, EventKind.COMMAND, command.name.lower())
            if command is Command.QUIT:
                self.stop()
            elif command is Command.TELL_ME_NOW:
                asked = True
            elif command is Command.REPEAT:
                self._repeat(now_s)
            else:
                self._change(command, now_s)
        return asked

    def _repeat(self, now_s: float) -> None:
        """Say the last words again, as the runner asked; not to somebody who leaves the belt."""
        if self._controls.muted or (self._step is not None and self._step.leaving):
            return
        if text := self._utterances.repeat(now_s):
            self._display.show_cue(text, now_s)

    def _change(self, command: Command, now_s: float) -> None:
        """Change what the runner may set while running, and answer."""
        speed = self._controls.speed
        if answer := self._controls.change(command):
            self._notify(answer, now_s)
        if self._controls.speed is not None and self._controls.speed is not speed:
            self._journal.event(now_s, EventKind.SPEED, f"{self._controls.speed.mps:.2f} m/s")

    def _take_utterance_events(self, events: Sequence[UtteranceEvent]) -> None:
        """Keep and emit what happened to words; a virtual runner hears those that began."""
        for event in events:
            self._counts.add_utterance_event(event)
            self._journal.utterance_event(event)
            self._emit(event)
            fault = self._utterances.fault_of(event)
            if event.state is UtteranceState.STARTED and fault is not None:
                self._frames.hear(fault, event.t_s)

    def _take_notices(self, now_s: float) -> None:
        """Pass on the notices of all parts."""
        notices = [self._frames.notices(), self._voice.notices(), self._journal.notices()]
        notices += [view.notices() for view in self._views]
        for sentence in itertools.chain.from_iterable(notices):
            self._notify(sentence, now_s)

    def _notify(self, sentence: str, now_s: float) -> None:
        """Emit a notice the first time it comes; keep and show it every time."""
        self._journal.event(now_s, EventKind.NOTICE, sentence)
        self._display.notice = sentence
        if sentence not in self._notified:
            self._notified.add(sentence)
            self._emit(sentence)

    def _emit(self, event: SessionEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _close(self, outcome: SessionOutcome) -> None:
        """Close each part once, whatever the others do; the journal last, so that it holds all the rest."""
        end_s = self._counts.last_s if self._counts.frames else 0.0
        with contextlib.ExitStack() as closing:  # carries its callbacks out from the last to the first
            closing.callback(self._close_journal, end_s, outcome)
            closing.callback(self._take_notices, end_s)
            for view in reversed(self._views):
                closing.callback(self._close_part, view.close, end_s)
            closing.callback(self._take_notices, end_s)
            closing.callback(self._close_part, lambda: self._take_utterance_events(self._voice.close(end_s)), end_s)
            closing.callback(self._close_part, self._frames.close, end_s)

    def _close_part(self, close: Callable[[], object], end_s: float) -> None:
        """Close one part; a failure becomes a notice, so that the others are closed and the count is returned."""
        try:
            close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the session is over
            self._notify(_sentence(error), end_s)

    def _close_journal(self, end_s: float, outcome: SessionOutcome) -> None:
        try:
            self._journal.end(end_s, outcome)
        finally:
            self._journal.close()
            for sentence in self._journal.notices():  # what could not be written after all
                self._emit(sentence)


def _sentence(error: Exception) -> str:
    """Return the notice about an error at the end; one that is not ours is logged with its trace."""
    if isinstance(error, CueCoachError):
        return str(error)
    _log.info("A part of the session failed when it was closed.", exc_info=error)
    return f"The session could not be closed properly ({type(error).__name__}: {error}); what was recorded is kept."
