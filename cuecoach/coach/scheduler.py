"""The coach: one step for each frame, strides and situation in, decisions out. A pure function of what it was fed.

Owns the order in which the rules are asked. The rules themselves are in

    findings.py       does a stride show a fault
    fault_tracker.py  does the fault persist, and may it be cued again
    focus.py          is it this fault's turn
    inhibition.py     may anything be said in this situation
    rate_limiter.py   may more be said
    assignment.py     is it a catch trial
    programme_run.py  where the session stands in its programme
    onset.py          when in the stride the words begin
    change_filter.py  which withheld decisions are recorded
    policy.py         the numbers
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cuecoach.coach.assignment import uniform_draw
from cuecoach.coach.change_filter import ChangeFilter
from cuecoach.coach.fault_tracker import CueState, FaultTracker, Leg, Speakable
from cuecoach.coach.findings import OK, Judge
from cuecoach.coach.focus import Focus
from cuecoach.coach.inhibition import Inhibition
from cuecoach.coach.onset import Onset
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme
from cuecoach.coach.programme_run import ProgrammeCue, ProgrammeRun
from cuecoach.coach.rate_limiter import RateLimiter
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, Kind, Reason, Side, Situation, Stride

_NOBODY_LISTENS = (Reason.NOT_RUNNING, Reason.LEAVING, Reason.MUTED)


@dataclass(frozen=True, slots=True)
class _Step:
    """What holds for every fault at one step: why nothing may be said (or None), and the one whose turn it is."""

    now_s: float
    asked: bool
    inhibited: Reason | None
    candidate: FaultTracker | None

    def answers(self, tracker: FaultTracker) -> bool:
        """Whether the decision about this fault is the answer to a runner who asked."""
        return self.asked and tracker is self.candidate


class Coach:
    """Speaks by one pack and one set of settings; deterministic: the same input gives the same decisions, bit for bit.

    At most one decision of a step fires. Nothing is ever queued: what cannot be said now is withheld, and looked at
    afresh with the next stride.

    Parameters
    ----------
    pack : Pack
    settings : CoachSettings or None
    programme : Programme or None
        The plan of a session in blocks; None: cues are allowed all the time.
    seed : int or None
        Draws the catch trials; None: there are none.
    """

    def __init__(
        self,
        pack: Pack,
        settings: CoachSettings | None = None,
        programme: Programme | None = None,
        seed: int | None = None,
    ) -> None:
        self._pack = pack
        self._seed = seed
        self._settings = settings or CoachSettings()
        self._judge = Judge(pack, self._settings)
        self._easier_steps = 0
        self._legs: dict[Side | None, Leg] = {side: Leg(self._settings) for side in (*Side, None)}
        self._trackers = tuple(FaultTracker(rule, self._settings, self._legs) for rule in pack.rules)
        self._windows = {side: tuple(tracker.window(side) for tracker in self._trackers) for side in Side}
        self._coached = tuple(tracker for tracker in self._trackers if not self._is_ignored(tracker))
        self._focus = Focus(self._coached, self._settings)
        self._inhibition = Inhibition(self._settings, pack.speeds_mps)
        self._rate_limiter = RateLimiter(self._settings)
        self._onset = Onset(self._settings)
        self._programme_run = ProgrammeRun(programme, pack, self._settings) if programme else None
        self._changes = ChangeFilter()
        self._strides = dict.fromkeys(Side, 0)
        self._near = Side.LEFT
        self._stride_s = 0.0
        self._praised = 0

    @property
    def block(self) -> Block | None:
        """Where the session stands in its programme; None without one."""
        return self._programme_run.block if self._programme_run else None

    def step(
        self, now_s: float, strides: Sequence[Stride], situation: Situation, asked: bool = False
    ) -> tuple[Decision, ...]:
        """Return the decisions of the frame at `now_s`.

        Parameters
        ----------
        now_s : float
            Time of the frame; never earlier than before.
        strides : sequence of Stride
            Those that became known with this frame, mostly none.
        situation : Situation
        asked : bool
            The runner wants to be told now: the current focus, or praise when all is well. The gap, the rate cap and
            the number of cues hold all the same; the answer is always a decision.

        Returns
        -------
        tuple of Decision
            Withheld ones only when the reason (or side) of a fault is another than before.
        """
        if situation.easier_steps != self._easier_steps:
            self._change_limits(situation.easier_steps)
        changed = self._inhibition.update(now_s, situation)
        if not (strides or asked or changed):
            return ()
        for stride in strides:
            if stride.activity is Activity.RUNNING:
                self._add_stride(now_s, stride)
        inhibited = self._inhibition.reason(now_s, asked=asked) or self._block_reason(asked)
        candidate = self._focus.candidate(now_s, self._steps, asked=asked)
        return tuple(self._decide(_Step(now_s, asked, inhibited, candidate)))

    def _change_limits(self, easier_steps: int) -> None:
        """Judge by other limits from now on. What was seen under the old ones is no evidence; what was said counts."""
        self._easier_steps = easier_steps
        self._judge.make_easier(easier_steps)
        for leg in self._legs.values():
            leg.clear()
        for tracker in self._trackers:
            tracker.legs_cleared()
        if self._programme_run:
            self._programme_run.forget_severities()

    def _block_reason(self, asked: bool) -> Reason | None:
        """Return why the programme withholds cues; who asks is answered in faded blocks, never in a probe."""
        reason = self._programme_run.block.kind.withheld_for if self._programme_run else None
        return None if asked and reason is Reason.FADED else reason

    def _add_stride(self, now_s: float, stride: Stride) -> None:
        self._inhibition.add_stride(now_s, stride)
        self._onset.add_stride(stride)
        self._strides[stride.side] += 1
        self._legs[stride.side].add_stride(stride)
        if stride.is_near:
            self._near = stride.side
            self._legs[None].add_stride(stride)
        self._stride_s = stride.t_next_strike_s - stride.t_strike_s
        verdicts = self._judge.judge(stride)
        for tracker, window, verdict in zip(self._trackers, self._windows[stride.side], verdicts, strict=True):
            # Most strides are OK, on a leg that has long been well: nothing to add.
            if verdict is not None and not (window.all_ok and verdict.level is OK):
                tracker.add_verdict(verdict, stride)
        run = self._programme_run
        if run and run.add_verdicts(now_s, verdicts) and run.block.kind is BlockKind.SUMMARY:
            for tracker in self._trackers:
                tracker.note_summary()

    def _decide(self, step: _Step) -> Iterator[Decision]:
        yield from self._report_unjudgeable(step)
        answered = fired = False
        if self._programme_run and self._programme_run.pending:
            decision = self._say_for_programme(self._programme_run, self._programme_run.pending, step)
            if self._is_worth_a_record(decision):
                yield decision
            fired = decision.fires
        for tracker in self._trackers:
            if not tracker.persists:
                continue
            considered = self._consider(tracker, step)
            if considered is not None:
                yield considered
                fired |= considered.fires
            answered |= step.answers(tracker)
        for tracker in self._trackers:
            if tracker.recovered_s is None:
                continue
            decision = self._consider_praise(tracker, tracker.recovered_s, step, fired)
            if self._is_worth_a_record(decision):
                yield decision
            fired |= decision.fires
        if step.asked and not answered:
            yield self._answer(step, fired)

    def _say_for_programme(self, run: ProgrammeRun, pending: ProgrammeCue, step: _Step) -> Decision:
        """Decide about the programme's own cue, which needs a runner who hears it and nothing else."""
        now_s, kind, cue = step.now_s, pending.kind, pending.cue
        inhibited = step.inhibited if step.inhibited in _NOBODY_LISTENS else None
        reason = inhibited or self._rate_limiter.reason(now_s, kind, cue)
        if reason is not None:
            return Decision(now_s, False, kind, reason, pending.fault, None, cue)
        self._rate_limiter.spend(now_s, kind, cue)
        run.note_spoken()
        return Decision(now_s, True, kind, Reason.PROGRAMME, pending.fault, None, cue, (), self._soon_s(now_s))

    # -- faults

    def _consider(self, tracker: FaultTracker, step: _Step) -> Decision | None:
        """Decide about one fault that persists; None when nothing changed. Whether it is true is asked last."""
        if self._is_ignored(tracker):
            return self._withhold(tracker, Reason.IGNORED_BY_PACK, step)
        reason = step.inhibited or self._turn_reason(tracker, step)
        if reason is None:
            cue = self._pack.cue(tracker.fault.id, tracker.side, first=tracker.spoken_count == 0)
            limited = self._rate_limiter.reason(step.now_s, Kind.FAULT, cue)
            speakable = limited or tracker.speakable(step.now_s, self._trusted_legs())
            if not isinstance(speakable, Reason):
                return self._fire(tracker, speakable, step)
            reason = speakable
        return self._withhold(tracker, reason, step)

    def _turn_reason(self, tracker: FaultTracker, step: _Step) -> Reason | None:
        """Return why it is not this fault's turn: given up, another's turn, or the runner has time to answer."""
        state = tracker.cue_state(step.now_s, self._steps)
        if state is CueState.GIVEN_UP or (state is CueState.LAST_CUE and step.asked):
            return Reason.GAVE_UP
        if step.candidate is not None and tracker is not step.candidate:
            return Reason.OTHER_FOCUS
        return None if state is CueState.READY or step.asked else Reason.REFRACTORY

    def _withhold(self, tracker: FaultTracker, reason: Reason, step: _Step) -> Decision | None:
        """Return a withheld cue if that is a change, or the answer to a runner who asked."""
        now_s, fault, side = step.now_s, tracker.fault.id, tracker.side
        if not (self._changes.note(now_s, Kind.FAULT, fault, side, reason) or step.answers(tracker)):
            return None
        ignored = reason is Reason.IGNORED_BY_PACK
        cue = None if ignored else self._pack.cue(fault, side, first=tracker.spoken_count == 0)
        return Decision(now_s, False, Kind.FAULT, reason, fault, side, cue, tracker.evidence)

    def _fire(self, tracker: FaultTracker, speakable: Speakable, step: _Step) -> Decision:
        """Speak about a fault that is due, or withhold it as a catch trial; nothing else differs between the two."""
        now_s, fault, side, expires_s = step.now_s, tracker.fault.id, speakable.side, speakable.expires_s
        cue = self._pack.cue(fault, side, first=tracker.spoken_count == 0)
        withheld = not step.asked and self._is_catch_trial(tracker)
        start_s = self._onset.start_s(now_s, side, expires_s)
        tracker.note_cue(now_s, self._steps, spoken=not withheld)
        self._rate_limiter.spend(now_s if start_s is None else start_s, Kind.FAULT, cue)
        self._focus.current = tracker
        if self._programme_run:
            self._programme_run.note_cue(fault)
        spoken_because = Reason.ASKED if step.asked else Reason.DUE
        reason = Reason.CATCH_TRIAL if withheld else spoken_because
        self._changes.note(now_s, Kind.FAULT, fault, side, reason)
        self._changes.forget(Kind.PRAISE, fault)  # praise is then for another recovery
        evidence = speakable.evidence
        return Decision(now_s, not withheld, Kind.FAULT, reason, fault, side, cue, evidence, expires_s, start_s)

    def _is_catch_trial(self, tracker: FaultTracker) -> bool:
        """Draw whether this due cue is withheld on purpose, the next one of its fault afresh."""
        if self._seed is None:
            return False
        return uniform_draw(self._seed, tracker.fault.id, tracker.due_count) < self._settings.catch_trial_share

    def _is_ignored(self, tracker: FaultTracker) -> bool:
        return tracker.fault.id in self._pack.ignored_faults

    @property
    def _steps(self) -> int:
        """Steps so far: twice the strides of the leg that is seen better, for the other's may be missing."""
        return 2 * max(self._strides.values())

    def _trusted_legs(self) -> tuple[Side | None, ...]:
        """Return the legs whose last strides can be trusted, and None (the body) when the near one can."""
        legs: list[Side | None] = [side for side in Side if not self._inhibition.low_trust(side)]
        return (*legs, None) if self._near in legs else tuple(legs)

    # -- praise and answers

    def _consider_praise(self, tracker: FaultTracker, recovered_s: float, step: _Step, fired: bool) -> Decision:
        """Decide about praise for a recovery: once, soon, while it lasts, and after everything else."""
        if tracker.persists or step.now_s - recovered_s > self._settings.praise_expiry_s:
            tracker.recovered_s = None
            reason = Reason.NO_LONGER_TRUE if tracker.persists else Reason.EXPIRED
            return self._praise(step, tracker.fault.id, reason)
        decision = self._praise(step, tracker.fault.id, step.inhibited or (Reason.MIN_GAP if fired else None))
        if decision.fires:
            tracker.recovered_s = None
        return decision

    def _answer(self, step: _Step, fired: bool) -> Decision:
        """Answer a runner who asked while it is no fault's turn: praise when all is known to be well."""
        if step.inhibited or fired:
            return self._praise(step, None, step.inhibited or Reason.MIN_GAP)
        persisting = [tracker for tracker in self._coached if tracker.persists]
        if persisting:
            out_of_cues = any(tracker.out_of_cues for tracker in persisting)
            return self._praise(step, None, Reason.GAVE_UP if out_of_cues else Reason.NO_LONGER_TRUE)
        if not any(tracker.well(step.now_s) for tracker in self._coached):
            # Nothing is known: too few strides so far, or none that can be trusted.
            low_trust = self._inhibition.low_trust(self._near)
            return self._praise(step, None, Reason.LOW_TRUST if low_trust else Reason.WARM_UP)
        return self._praise(step, None, None)

    def _praise(self, step: _Step, fault: str | None, withheld_for: Reason | None) -> Decision:
        """Return praise, fired unless there is a reason to withhold it."""
        now_s = step.now_s
        cue = self._pack.praise[self._praised % len(self._pack.praise)]
        reason = withheld_for or self._rate_limiter.reason(now_s, Kind.PRAISE, cue)
        if reason is not None:
            return Decision(now_s, False, Kind.PRAISE, reason, fault, None, cue)
        self._praised += 1
        self._rate_limiter.spend(now_s, Kind.PRAISE, cue)
        reason = Reason.DUE if fault else Reason.ASKED
        return Decision(now_s, True, Kind.PRAISE, reason, fault, None, cue, (), self._soon_s(now_s))

    def _soon_s(self, now_s: float) -> float:
        """Return until when words that are about no single stride are fresh."""
        return now_s + self._settings.cue_expiry_strides * max(0.0, self._stride_s)

    # -- what is recorded

    def _is_worth_a_record(self, decision: Decision) -> bool:
        changed = self._changes.note(decision.t_s, decision.kind, decision.fault, decision.side, decision.reason)
        return decision.fires or changed

    def _report_unjudgeable(self, step: _Step) -> Iterator[Decision]:
        """Record that the runner runs but cannot be judged: then no fault is ever withheld that could tell why."""
        reason = None
        if step.inhibited is Reason.SPEED_UNKNOWN:
            reason = Reason.SPEED_UNKNOWN
        elif step.inhibited is not Reason.NOT_RUNNING and self._inhibition.unjudgeable(self._near):
            reason = Reason.LOW_TRUST
        if reason is not None:
            decision = Decision(step.now_s, False, Kind.INFO, reason, None, None, None)
            if self._is_worth_a_record(decision):
                yield decision
