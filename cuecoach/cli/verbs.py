"""Verbs whose module is imported when they are called: a list of sessions need not wait for the pose library.

Owns the loading. Which verbs there are stands where each group of them is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Verb(TyperCommand):
    """A verb as its group lists it. `place` is "module:name" of the function behind it, or of a group of verbs."""

    def __init__(self, name: str, place: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self.place = place

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Let the verb itself read its arguments; from then on it stands in the place of this one."""
        return self.loaded().make_context(info_name, args, parent, **extra)

    def loaded(self) -> Any:
        """Import the verb."""
        module, name = self.place.split(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        alone = typer.Typer(add_completion=False)
        alone.command(self.name)(found)
        return typer.main.get_command(alone)


def group_of(verbs: Sequence[Verb]) -> type[TyperGroup]:
    """Return the class of a group with these verbs, after its own commands, for `typer.Typer(cls=...)`."""

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for verb in verbs:
                self.add_command(verb)

    return Group
