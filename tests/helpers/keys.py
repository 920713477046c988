"""A view for tests of the session."""

from __future__ import annotations

from cuecoach.view.base import Command, ViewState


class Keys:
    """A view that presses keys at set frames and remembers what it was shown."""

    def __init__(self, presses: dict[int, Command] | None = None) -> None:
        self._presses = presses or {}
        self._frame = -1
        self.shown: list[ViewState] = []

    def show(self, state: ViewState) -> None:
        self.shown.append(state)

    def commands(self) -> tuple[Command, ...]:
        self._frame += 1
        return (self._presses[self._frame],) if self._frame in self._presses else ()

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._presses = {}
