"""Makes the coach of a session, in the same way for a run and for its replay."""

from __future__ import annotations

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings, plan
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.pack import Pack


def make_coach(
    pack: Pack, settings: CoachSettings, programme: ProgrammeSettings, *, kind: str, runner: str, seed: int
) -> Coach:
    """Return a coach for a session of `runner`; an empty name is a free session whatever `kind` says.

    A named runner has catch trials, drawn by `seed`, and with `kind` "standard" the programme's session number
    `programme.session` (not set: the first). Nobody's session has neither: there is nobody to follow or learn about.
    """
    if not runner:
        return Coach(pack, settings)
    planned = plan(programme.session or 1, programme) if kind == "standard" else None
    return Coach(pack, settings, planned, seed)
