"""Whole sessions for tests: real parts, except that the source, or a perfect detector, stands in for MediaPipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from journal_builders import make_info
from keys import Keys

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.gait import Gait
from cuecoach.journal.store import Journal
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.session.settings import SessionSettings
from cuecoach.source.base import Source
from cuecoach.types import Decision
from cuecoach.view.base import View
from cuecoach.voice.base import Clip, Phrase, Voice
from cuecoach.voice.playback.metronome import Metronome
from cuecoach.voice.playback.silent_voice import SilentVoice
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech.clips import prepare

# Waits shorter than those of a real session, so that half a minute holds several cues.
QUICK = CoachSettings(warmup_inhibit_s=5.0, cue_refractory_s=12.0, cue_refractory_steps=20, bucket_refill_s=10.0)
AT_3_MPS = SessionSettings(speed_mps=3.0)


def tone_clips(pack: Pack, folder: Path) -> dict[str, Clip]:
    """Return a tone for each cue of a pack: no speech engine is needed."""
    phrases = [Phrase(cue.id, cue.text, pack.language) for cue in pack.cues()]
    return dict(prepare(phrases, VoiceSettings(engine="none"), folder).clips)


def run_session(
    journal: Path,
    source: Source,
    *,
    pack: str = "pull-under",
    coach: Coach | None = None,
    detector: object = None,
    voice: Voice | None = None,
    views: Sequence[View] = (),
    settings: SessionSettings = AT_3_MPS,
    metronome: Metronome | None = None,
    warn: bool = False,
    listener: Callable[[SessionEvent], None] = lambda _event: None,
    on_open: Callable[[Session], None] = lambda _session: None,
    info: Mapping[str, object] = MappingProxyType({}),
) -> tuple[SessionCounts, list[SessionEvent]]:
    """Run a session from the first frame to the last; return its count and everything it events.

    `detector` is needed for a source of pictures. `warn` says the pack's cautions. `info` is what the session's row in
    the journal holds.
    """
    found = library.find(pack)
    opened = Journal.open(journal)
    opened.begin(make_info(pack_id=found.id, pack_text=found.text, **info))
    parts = Parts(
        PoseFrames(lambda: source, None if detector is None else lambda: detector),  # type: ignore[arg-type,return-value]
        Gait(),
        coach or Coach(found, QUICK),
        voice or SilentVoice(tone_clips(found, journal.parent / "phrases")),
        opened,
        views or (Keys(),),
        metronome,
    )
    events: list[SessionEvent] = []
    session = Session(parts, settings, [events.append, listener], found.caution_cues() if warn else ())
    on_open(session)
    return session.run(), events


def decisions(events: Sequence[SessionEvent]) -> list[Decision]:
    """Return the decisions among what a session events."""
    return [event for event in events if isinstance(event, Decision)]
