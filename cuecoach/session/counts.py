"""Counts what happened in a session: what was measured, decided and heard. Decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cuecoach.pipeline.counts import MeasurementCounts
from cuecoach.types import Activity, Decision, Reason, UtteranceEvent, UtteranceState


@dataclass
class SessionCounts(MeasurementCounts):
    """The running count of a session: the summary that the command line prints."""

    activity_frames: Counter[Activity] = field(default_factory=Counter)
    fired: list[Decision] = field(default_factory=list)
    withheld: Counter[Reason] = field(default_factory=Counter)
    sounds: Counter[UtteranceState] = field(default_factory=Counter)

    def add_activity(self, activity: Activity) -> None:
        """Count what the runner did in one frame."""
        self.activity_frames[activity] += 1

    def add_decision(self, decision: Decision) -> None:
        """Count one decision."""
        if decision.fires:
            self.fired.append(decision)
        else:
            self.withheld[decision.reason] += 1

    def add_utterance_event(self, event: UtteranceEvent) -> None:
        """Count one state of an utterance."""
        self.sounds[event.state] += 1

    def as_dict(self) -> dict[str, object]:
        """Return the summary as plain data for `--json`; what was not measured is None."""
        return {
            **super().as_dict(),
            "activity_frames": {str(activity): count for activity, count in sorted(self.activity_frames.items())},
            "cues_fired": [
                {
                    "t_s": round(decision.t_s, 3),
                    "kind": str(decision.kind),
                    "fault": decision.fault,
                    "side": None if decision.side is None else str(decision.side),
                    "text": decision.cue.text if decision.cue else None,
                    "reason": str(decision.reason),
                }
                for decision in self.fired
            ],
            "cues_withheld": {str(reason): count for reason, count in sorted(self.withheld.items())},
            "sounds": {str(state): self.sounds[state] for state in UtteranceState},
        }
