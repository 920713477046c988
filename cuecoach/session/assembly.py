"""Opens one part of each room and runs the session: what `run` and `demo` share. Fails loudly before the first frame.

Owns the order of opening (what is cheap and what the user got wrong comes first) and closes what is open when a later
part fails. Knows nothing of the terminal.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cuecoach
from cuecoach.coach.factory import make_coach
from cuecoach.config import Settings, cache_folder, data_folder, journal_path
from cuecoach.errors import InputError
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.pipeline.prefetch import PrefetchingDetector
from cuecoach.pose.base import Detector
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.source.base import Hearing, Source
from cuecoach.types import Speed, SpeedOrigin
from cuecoach.view.base import View
from cuecoach.view.factory import make_view
from cuecoach.voice.base import Phrase
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback.metronome import Metronome
from cuecoach.voice.speech.clips import prepare

if TYPE_CHECKING:
    from cuecoach.film.session_film import SessionFilm

Progress = Callable[[str, int, int], None]  # what is being done, how many of, how many


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What the command line adds to the settings. `on_open` gets the running session, for signal handlers.

    `render` is where the session is written as a film: a place that `film.place.check_place` accepts.
    """

    source: Callable[[], Source]
    audio_out: Path | None = None
    render: Path | None = None
    on_open: Callable[[Session], None] = lambda _session: None


def phrases(pack: Pack) -> list[Phrase]:
    """Return every cue of a pack as words to be rendered."""
    return [Phrase(cue.id, cue.text, pack.language) for cue in pack.cues()]


def recordings_folder(pack_id: str, settings: Settings) -> Path:
    """Return where a pack's own recordings are: the configured folder, or the pack's in the user's data folder."""
    configured = settings.voice.recordings
    return Path(configured) if configured else data_folder() / "recordings" / pack_id


def run(
    request: Request, settings: Settings, listeners: Sequence[Callable[[SessionEvent], None]], progress: Progress
) -> SessionCounts:
    """Open everything, run the session to its end, and return the count.

    Raises
    ------
    InputError, DeviceError
        Something cannot be opened; nothing was recorded.
    """
    pack = library.find(settings.session.pack)
    run_with_view, _ = make_view(settings.session.view)
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(contextlib.closing(request.source()))
        if request.render and source.info.kind == "recording":
            raise InputError(
                f"--render {request.render}: a landmark recording has no pictures; give a camera or a film."
            )
        journal = Journal.open(journal_path(settings))
        stack.callback(journal.close)
        detector = _detector(source, settings, stack, progress)
        clips = prepare(
            phrases(pack),
            settings.voice,
            cache_folder() / "phrases",
            lambda done, of: progress("Speech", done, of),
            recordings=recordings_folder(pack.id, settings),
        )
        for sentence in clips.notices:
            for listener in listeners:
                listener(sentence)
        if source.info.live and source.info.kind != "camera":
            # A film's clock runs since it was opened; begin it again now that all is ready, or its start is lost.
            source.close()
            source = stack.enter_context(contextlib.closing(request.source()))
        settings = _profiled(_numbered(settings, journal.path), journal.path)
        started = datetime.datetime.now().astimezone()
        about = _about(started, source, pack, settings)
        fallback_out = journal.path.with_name(f"{journal.path.stem}-{started:%Y%m%d-%H%M%S}.wav")
        film = _film(request.render, source, journal, listeners, stack)
        track = film.sound if film else None
        voice = open_voice(clips, settings.voice, source.info.epoch_s, request.audio_out, fallback_out, track)
        stack.callback(voice.close, 0.0)
        journal.begin(about)

        def loop(view: View) -> SessionCounts:
            watched, eyes = _eyes(source, detector, stack)
            told = list(listeners)
            if film:
                view = film.beside(view)
                told.append(film.hear)
            coach = make_coach(
                pack,
                settings.coach,
                settings.programme,
                kind=settings.session.programme,
                runner=settings.session.runner,
                seed=about.seed,
            )
            metronome = Metronome(settings.voice)
            parts = Parts(watched, eyes, Gait(settings.gait), coach, voice, journal, view, metronome)
            ears = [source.hear] if isinstance(source, Hearing) else []
            cautions = pack.caution_cues() if source.info.live and not isinstance(source, Hearing) else ()
            session = Session(parts, settings.session, _speed(settings), told, ears, cautions)
            request.on_open(session)
            return session.run()

        return run_with_view(loop)


def _detector(
    source: Source, settings: Settings, stack: contextlib.ExitStack, progress: Progress
) -> PoseDetector | None:
    if source.info.kind == "recording":
        return None
    detector = PoseDetector(settings.pose, cache_folder(), lambda done, of: progress("Pose model", done, of))
    stack.callback(detector.close)
    return detector


def _eyes(source: Source, detector: PoseDetector | None, stack: contextlib.ExitStack) -> tuple[Source, Detector | None]:
    """Return source and detector of the loop: pictures are looked at ahead, unless their runner hears the cues."""
    if detector is None or isinstance(source, Hearing):
        return source, detector
    eyes = stack.enter_context(contextlib.closing(PrefetchingDetector(source, detector)))
    return eyes, eyes


def _film(
    path: Path | None,
    source: Source,
    journal: Journal,
    listeners: Sequence[Callable[[SessionEvent], None]],
    stack: contextlib.ExitStack,
) -> SessionFilm | None:
    """Return what writes the session as a film, when that was asked for."""
    if path is None:
        return None
    from cuecoach.film.session_film import SessionFilm  # brings a second FFmpeg, for those who want a film

    def tell(sentence: str, now_s: float) -> None:
        journal.event(now_s, "notice", sentence)
        for listener in listeners:
            listener(sentence)

    film = SessionFilm(path, source.info, tell)
    stack.callback(film.close)
    return film


def _speed(settings: Settings) -> Speed | None:
    mps = settings.session.speed_mps
    return None if mps is None else Speed(mps, mps * settings.session.speed_sd_fraction, SpeedOrigin.USER)


def _numbered(settings: Settings, journal: Path) -> Settings:
    """Return the settings with this session's number in the runner's programme: then they are all a replay needs."""
    runner, programme = settings.session.runner, settings.programme
    if not runner or settings.session.programme == "none" or programme.session is not None:
        return settings
    number = read.programme_sessions(journal, runner) + 1
    return dataclasses.replace(settings, programme=dataclasses.replace(programme, session=number))


def _profiled(settings: Settings, journal: Path) -> Settings:
    """Return the settings with the height of the runner's profile, where the settings say none."""
    if settings.gait.runner_height_m is not None:
        return settings
    known = {row.name: row.height_m for row in read.runners(journal)}
    height_m = known.get(settings.session.runner)
    return dataclasses.replace(settings, gait=dataclasses.replace(settings.gait, runner_height_m=height_m))


def _about(started: datetime.datetime, source: Source, pack: Pack, settings: Settings) -> SessionInfo:
    return SessionInfo(
        started_at=started.isoformat(timespec="seconds"),
        source_kind=source.info.kind,
        source_name=source.info.name,
        rate_hz=source.info.rate_hz,
        pack_id=pack.id,
        pack_text=pack.text,
        settings=dataclasses.asdict(settings),
        # The virtual runner's own seed makes its sessions repeatable; others draw afresh each time they are run.
        seed=settings.virtual_runner.seed if isinstance(source, Hearing) else zlib.crc32(started.isoformat().encode()),
        version=cuecoach.__version__,
        runner=settings.session.runner or None,
        runner_height_m=settings.gait.runner_height_m,
    )
