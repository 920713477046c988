"""What a voice is: the phrases, clips and utterances it is given, and the protocol that every voice keeps.

`tests/voice/test_voice_contract.py` holds every voice to the protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import Side, UtteranceEvent

RATE_HZ = 48_000  # every clip, mix and stream: what null sinks, HDMI and Bluetooth all take


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to be rendered: `cue_id` as in `types.Cue`, `language` as an IETF tag ("en", "de")."""

    cue_id: str
    text: str
    language: str


class ClipSource(StrEnum):
    """Where the sound of a clip comes from."""

    PYTTSX3 = "pyttsx3"
    RECORDED = "recorded"  # by the coach
    TONE = "tone"  # stands in for words that could not be rendered


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A phrase as sound: `samples` (n,) float32 mono in -1..1 at RATE_HZ, trimmed and levelled.

    `voiced_s` is the length of the words alone, from first to last audible sample.
    """

    cue_id: str
    text: str
    samples: NDArray[np.float32]
    source: ClipSource
    voiced_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ClipSet:
    """Every clip of a session by `cue_id`, and one sentence for each thing that is missing."""

    clips: Mapping[str, Clip]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """One cue to be said. All times are the session's.

    `number` counts the session's utterances and comes back in every `UtteranceEvent`. The cue was decided at
    `decided_s`, and is dropped when it cannot start by `expires_s`. Its first sample sounds at `start_s`, or as soon as
    possible when that is None or past. It is heard from `side`, or from both when that is None.
    """

    number: int
    cue_id: str
    decided_s: float
    expires_s: float
    start_s: float | None = None
    side: Side | None = None


class SoundWriter(Protocol):
    """Writes a session's sound into a file or film, at the session's times. No call waits, except `close`."""

    @property
    def writable(self) -> bool:
        """Whether what is added can still be written."""
        ...

    def add(self, start_s: float, samples: NDArray[np.float32]) -> None:
        """Mix `samples` (n,) at RATE_HZ in from `start_s` on; what lies before the session is left out."""
        ...

    def extend(self, t_s: float) -> None:
        """Make the sound last until `t_s` at least."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences the user should read since the last call."""
        ...

    def close(self, t_s: float) -> None:
        """Make the sound last until `t_s` at least, and finish it."""
        ...


class Voice(Protocol):
    """Says clips, one at a time. All times are the session's `t_s`.

    No call waits for sound, disk or another process, except `close`, which waits two seconds at most.
    """

    def say(self, utterance: Utterance) -> None:
        """Say the clip of an utterance, or drop it when it cannot start in time."""
        ...

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """Let the metronome click `cadence_spm` times a minute, once at `from_s`; None is silent.

        The same cadence again changes nothing: clicks keep their time. Only devices and files have them.
        """
        ...

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """Return what happened since the last call, in the order of time, as known at `t_s`."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return, once each, the sentences the user should read since the last call."""
        ...

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """End at `t_s`: whatever is unfinished is reported finished or dropped. May be called more than once."""
        ...
