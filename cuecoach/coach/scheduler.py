"""The coach: one step for each frame, strides and situation in, decisions out. A pure function of what it was fed.

Owns the order of the rules: who has the floor, what speaks against it, what is written down. The rules themselves are
in `findings.py` (is it a fault), `watch.py` (does it persist), `inhibit.py` (may anything be said), `dose.py` (may more
be said), `lot.py` (is it a catch trial), `course.py` (where the session stands in its programme), `onset.py` (when in
the stride) and `policy.py` (the numbers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cuecoach.coach.assignment import assigned_share
from cuecoach.coach.fault_tracker import FaultTracker, Leg, Speakable
from cuecoach.coach.findings import INSIDE, Judge
from cuecoach.coach.inhibition import Inhibition
from cuecoach.coach.onset import Onset
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import Block, BlockKind, Programme
from cuecoach.coach.programme_run import ProgrammeRun, Words
from cuecoach.coach.rate_limiter import RateLimiter
from cuecoach.packs.pack import Pack
from cuecoach.types import Activity, Decision, Kind, Reason, Side, Situation, Stride

_NOBODY_LISTENS = (Reason.NOT_RUNNING, Reason.LEAVING, Reason.MUTED)
_NEWS_AGAIN_S = 60.0  # what was not the case for so long is written down anew, though it is the same as before


@dataclass(frozen=True, slots=True)
class _Moment:
    """What holds for every fault at one step: who has the floor, and why nothing may be said (or None)."""

    now_s: float
    asked: bool
    gate: Reason | None
    floor: FaultTracker | None

    def answers(self, watch: FaultTracker) -> bool:
        """Whether the decision about this fault is the answer to a runner who asked."""
        return self.asked and watch is self.floor


class Coach:
    """Speaks by one pack and one set of settings; deterministic: the same input gives the same decisions, bit for bit.

    A fault has the floor from its first cue until it has not been true for `focus_dwell_s`, or is given up. At most one
    decision of a step fires. Nothing is ever queued: what cannot be said now is withheld, and looked at afresh with the
    next stride.

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
        self._watches = tuple(FaultTracker(rule, self._settings, self._legs) for rule in pack.rules)
        self._windows = {side: tuple(watch.window(side) for watch in self._watches) for side in Side}
        self._inhibition = Inhibition(self._settings, pack.speeds_mps)
        self._dose = RateLimiter(self._settings)
        self._onset = Onset(self._settings)
        self._course = ProgrammeRun(programme, pack, self._settings) if programme else None
        self._focus: FaultTracker | None = None
        self._strides = dict.fromkeys(Side, 0)
        self._near = Side.LEFT
        self._stride_s = 0.0
        self._praised = 0
        self._written: dict[tuple[str | None, Kind], tuple[Side | None, Reason, float]] = {}

    @property
    def focus(self) -> str | None:
        """The fault that is being worked on."""
        return self._focus.fault.id if self._focus else None

    @property
    def stage(self) -> Block | None:
        """Where the session stands in its programme; None without one."""
        return self._course.stage if self._course else None

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
            self._ask_for(situation.easier_steps)
        changed = self._inhibition.see(now_s, situation)
        if not (strides or asked or changed):
            return ()
        for stride in strides:
            if stride.activity is Activity.RUNNING:
                self._take(now_s, stride)
        gate = self._inhibition.reason(now_s, asked=asked) or self._quiet(asked)
        moment = _Moment(now_s, asked, gate, self._floor(now_s, asked))
        return tuple(self._decide(moment))

    def _ask_for(self, easier_steps: int) -> None:
        """Judge by other limits from now on. What was seen under the old ones is no evidence; what was said counts."""
        self._easier_steps = easier_steps
        self._judge.make_easier(easier_steps)
        for leg in self._legs.values():
            leg.clear()
        for watch in self._watches:
            watch.forget()
        if self._course:
            self._course.forget()

    def _quiet(self, asked: bool) -> Reason | None:
        """Return why the programme wants silence; who asks is answered in faded blocks, never in a probe."""
        quiet = self._course.quiet if self._course else None
        return None if asked and quiet is Reason.FADED else quiet

    def _take(self, now_s: float, stride: Stride) -> None:
        self._inhibition.take(now_s, stride)
        self._onset.take(stride)
        self._strides[stride.side] += 1
        self._legs[stride.side].take(stride)
        if stride.is_near:
            self._near = stride.side
            self._legs[None].take(stride)
        self._stride_s = stride.t_next_strike_s - stride.t_strike_s
        verdicts = self._judge.judge(stride)
        for watch, window, verdict in zip(self._watches, self._windows[stride.side], verdicts, strict=True):
            # Most strides are well, on a leg that has long been well: nothing to take.
            if verdict is not None and not (window.settled and verdict.level is INSIDE):
                watch.take(verdict, stride)
        if self._course and self._course.take(now_s, verdicts) and self._course.stage.block is BlockKind.SUMMARY:
            for watch in self._watches:
                watch.forgive()

    def _decide(self, moment: _Moment) -> Iterator[Decision]:
        yield from self._note_blindness(moment)
        answered = fired = False
        if self._course and self._course.words:
            decision = self._say_words(self._course, self._course.words, moment)
            if self._is_news(decision):
                yield decision
            fired = decision.fires
        for watch in self._watches:
            if not watch.active:
                continue
            considered = self._consider(watch, moment)
            if considered is not None:
                yield considered
                fired |= considered.fires
            answered |= moment.answers(watch)
        for watch in self._watches:
            if watch.recovered_s is None:
                continue
            decision = self._consider_praise(watch, watch.recovered_s, moment, fired)
            if self._is_news(decision):
                yield decision
            fired |= decision.fires
        if moment.asked and not answered:
            yield self._answer(moment, fired)

    def _say_words(self, course: ProgrammeRun, words: Words, moment: _Moment) -> Decision:
        """Decide about the programme's own words, which need a runner who hears them and nothing else."""
        now_s = moment.now_s
        gate = moment.gate if moment.gate in _NOBODY_LISTENS else None
        reason = gate or self._dose.why_not(now_s, words.kind, words.cue)
        if reason is not None:
            return Decision(now_s, False, words.kind, reason, words.fault, None, words.cue)
        self._dose.spend(now_s, words.kind, words.cue)
        course.spoken()
        return Decision(
            now_s, True, words.kind, Reason.PROGRAMME, words.fault, None, words.cue, (), self._soon_s(now_s)
        )

    # -- faults

    def _floor(self, now_s: float, asked: bool) -> FaultTracker | None:
        """Return the one fault that may be spoken about: the focus, or else the first in the pack's order."""
        dwell_s = self._settings.focus_dwell_s
        focus = self._focus
        if focus and (now_s - focus.last_true_s > dwell_s or self._given_up(focus, now_s)):
            focus = self._focus = None
        if focus and (focus.active or not asked):
            return focus
        for watch in self._watches:
            recent = watch.active and now_s - watch.last_true_s <= dwell_s
            if recent and not self._refused(watch) and not self._given_up(watch, now_s):
                return watch
        return None

    def _consider(self, watch: FaultTracker, moment: _Moment) -> Decision | None:
        """Decide about one fault that persists; None when nothing is new. Whether it is true is asked last."""
        now_s = moment.now_s
        if self._refused(watch):
            return self._hold(watch, Reason.IGNORED_BY_PACK, moment)
        reason = moment.gate or self._turn(watch, moment)
        if reason is None:
            cue = self._pack.cue(watch.fault.id, watch.side, first=watch.said == 0)
            said = self._dose.why_not(now_s, Kind.FAULT, cue) or watch.speakable(now_s, self._trusted())
            if not isinstance(said, Reason):
                return self._fire(watch, said, moment)
            reason = said
        return self._hold(watch, reason, moment)

    def _hold(self, watch: FaultTracker, reason: Reason, moment: _Moment) -> Decision | None:
        """Return a withheld cue if that is news, or the answer to a question."""
        now_s, fault, side = moment.now_s, watch.fault.id, watch.side
        if not (self._note(fault, Kind.FAULT, side, reason, now_s) or moment.answers(watch)):
            return None
        cue = None if reason is Reason.IGNORED_BY_PACK else self._pack.cue(fault, side, first=watch.said == 0)
        return Decision(now_s, False, Kind.FAULT, reason, fault, side, cue, watch.evidence)

    def _fire(self, watch: FaultTracker, said: Speakable, moment: _Moment) -> Decision:
        """Speak about a fault that is due, or withhold it on purpose; nothing else differs between the two."""
        now_s, fault = moment.now_s, watch.fault.id
        cue = self._pack.cue(fault, said.side, first=watch.said == 0)
        caught = not moment.asked and self._catches(watch)
        start_s = self._onset.start_s(now_s, said.side, said.expires_s)
        watch.cued(now_s, self._steps, spoken=not caught)
        self._dose.spend(now_s if start_s is None else start_s, Kind.FAULT, cue)
        self._focus = watch
        if self._course:
            self._course.cued(fault)
        spoken_because = Reason.ASKED if moment.asked else Reason.DUE
        reason = Reason.CATCH_TRIAL if caught else spoken_because
        self._note(fault, Kind.FAULT, said.side, reason, now_s)
        return Decision(
            now_s, not caught, Kind.FAULT, reason, fault, said.side, cue, said.evidence, said.expires_s, start_s
        )

    def _catches(self, watch: FaultTracker) -> bool:
        """Draw whether this due cue is withheld on purpose, the next one of its fault afresh."""
        if self._seed is None:
            return False
        return assigned_share(self._seed, watch.fault.id, watch.turns) < self._settings.catch_trial_share

    def _turn(self, watch: FaultTracker, moment: _Moment) -> Reason | None:
        """Return why it is not this fault's turn: given up, another's floor, or the runner still has time to answer."""
        resting = watch.resting(moment.now_s, self._steps)
        if watch.exhausted and (moment.asked or not resting):
            return Reason.GAVE_UP
        if moment.floor is not None and watch is not moment.floor:
            return Reason.OTHER_FOCUS
        return Reason.REFRACTORY if resting and not moment.asked else None

    def _refused(self, watch: FaultTracker) -> bool:
        return watch.fault.id in self._pack.ignored_faults

    def _given_up(self, watch: FaultTracker, now_s: float) -> bool:
        return watch.exhausted and not watch.resting(now_s, self._steps)

    @property
    def _steps(self) -> int:
        """Steps so far: twice the strides of the leg that is seen better, for the other's may be missing."""
        return 2 * max(self._strides.values())

    def _trusted(self) -> tuple[Side | None, ...]:
        """Return the legs whose last strides can be trusted, and None (the body) when the near one can."""
        legs: list[Side | None] = [side for side in Side if not self._inhibition.low_trust(side)]
        return (*legs, None) if self._near in legs else tuple(legs)

    # -- praise and answers

    def _consider_praise(self, watch: FaultTracker, recovered_s: float, moment: _Moment, fired: bool) -> Decision:
        """Decide about praise for a recovery: once, soon, while it lasts, and after everything else."""
        if watch.active or moment.now_s - recovered_s > self._settings.praise_expiry_s:
            watch.recovered_s = None
            reason = Reason.NO_LONGER_TRUE if watch.active else Reason.EXPIRED
            return self._praise(moment, watch.fault.id, reason)
        gate = moment.gate or (Reason.MIN_GAP if fired else None)
        decision = self._praise(moment, watch.fault.id, gate)
        if decision.fires:
            watch.recovered_s = None
        return decision

    def _answer(self, moment: _Moment, fired: bool) -> Decision:
        """Answer a runner who asked while no fault has the floor: praise when all is known to be well."""
        mine = [watch for watch in self._watches if not self._refused(watch)]
        if moment.gate or fired:
            return self._praise(moment, None, moment.gate or Reason.MIN_GAP)
        if any(watch.active for watch in mine):
            exhausted = any(watch.active and watch.exhausted for watch in mine)
            return self._praise(moment, None, Reason.GAVE_UP if exhausted else Reason.NO_LONGER_TRUE)
        if not any(watch.clean(moment.now_s) for watch in mine):
            # Nothing is known: too few strides so far, or none that can be trusted.
            return self._praise(moment, None, Reason.WARM_UP if self._near_trusted() else Reason.LOW_TRUST)
        return self._praise(moment, None, None)

    def _praise(self, moment: _Moment, fault: str | None, withheld: Reason | None) -> Decision:
        """Return praise, fired unless there is a reason to withhold it."""
        now_s = moment.now_s
        cue = self._pack.praise[self._praised % len(self._pack.praise)]
        reason = withheld or self._dose.why_not(now_s, Kind.PRAISE, cue)
        if reason is not None:
            return Decision(now_s, False, Kind.PRAISE, reason, fault, None, cue)
        self._praised += 1
        self._dose.spend(now_s, Kind.PRAISE, cue)
        reason = Reason.DUE if fault else Reason.ASKED
        return Decision(now_s, True, Kind.PRAISE, reason, fault, None, cue, (), self._soon_s(now_s))

    def _soon_s(self, now_s: float) -> float:
        """Return until when words that are about no single stride are fresh."""
        return now_s + self._settings.cue_expiry_strides * max(0.0, self._stride_s)

    # -- what is written down

    def _is_news(self, decision: Decision) -> bool:
        """Whether a decision is worth writing down: something is said, or withheld otherwise than before."""
        news = self._note(decision.fault, decision.kind, decision.side, decision.reason, decision.t_s)
        return decision.fires or news

    def _note(self, fault: str | None, kind: Kind, side: Side | None, reason: Reason, now_s: float) -> bool:
        """Remember the last decision about a thing; return whether it differs from the one before."""
        key = (fault, kind)
        last_side, last_reason, last_s = self._written.get(key, (None, None, 0.0))
        self._written[key] = (side, reason, now_s)
        return not (side is last_side and reason is last_reason and now_s - last_s < _NEWS_AGAIN_S)

    def _note_blindness(self, moment: _Moment) -> Iterator[Decision]:
        """Write down that the runner runs but cannot be judged: then no fault is ever withheld that could tell why."""
        reason = None
        if moment.gate is Reason.SPEED_UNKNOWN:
            reason = Reason.SPEED_UNKNOWN
        elif moment.gate is not Reason.NOT_RUNNING and self._inhibition.blind(self._near):
            reason = Reason.LOW_TRUST
        if reason is not None:
            decision = Decision(moment.now_s, False, Kind.INFO, reason, None, None, None)
            if self._is_news(decision):
                yield decision

    def _near_trusted(self) -> bool:
        return not self._inhibition.low_trust(self._near)
