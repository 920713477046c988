"""The view that shows nothing, for machines without a screen and for `--view none`."""

from __future__ import annotations

from cuecoach.view.base import Command, ViewState


class NoView:
    """Ignores every state and never returns a command."""

    def show(self, state: ViewState) -> None:
        """Show nothing."""

    def commands(self) -> tuple[Command, ...]:
        """Return nothing, ever."""
        return ()

    def notices(self) -> tuple[str, ...]:
        """Return nothing, ever."""
        return ()

    def close(self) -> None:
        """Nothing is open."""
