"""`cuecoach sessions`: what the journal holds."""

from __future__ import annotations

import typer

from cuecoach.cli.verbs import Verb, group_of

VERBS = (
    Verb("list", "cuecoach.cli.sessions.list:list_sessions", "List the sessions, newest first."),
    Verb(
        "show",
        "cuecoach.cli.sessions.show:show",
        "Show one session: what was said and what was not and why, fault rates by block, trust, sound.",
    ),
    Verb(
        "compare",
        "cuecoach.cli.sessions.show:compare",
        "Compare sessions side by side: dose, faults before the cues and at the end, and what cues were worth in all.",
    ),
    Verb(
        "report",
        "cuecoach.cli.sessions.files:report",
        "Write a session as one page for the coach: opens in any browser, needs no network, prints on two pages.",
    ),
    Verb(
        "export",
        "cuecoach.cli.sessions.files:export",
        "Write sessions as tables for other programs; docs/export.md tells every column.",
    ),
    Verb(
        "replay",
        "cuecoach.cli.sessions.replay:replay",
        "Decide a session once more: with its own pack, to check, or with another, to see the difference side by side.",
    ),
    Verb("runners", "cuecoach.cli.sessions.keep:runners", "List the runners with their profiles."),
    Verb("runner", "cuecoach.cli.sessions.keep:runner", "Keep a runner's profile: name, height, notes."),
    Verb(
        "delete",
        "cuecoach.cli.sessions.keep:delete",
        "Delete sessions, or all that is kept of a runner, for good: nothing stays in the journal's file.",
    ),
    Verb(
        "wipe",
        "cuecoach.cli.sessions.keep:wipe",
        "Write the journal's file anew without traces of what was deleted; `delete` does so itself when it can.",
    ),
)

app = typer.Typer(
    cls=group_of(VERBS),
    no_args_is_help=True,
    help="What was recorded: every session with its cues, said and withheld.",
)
