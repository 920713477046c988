"""Opens one part of each room and runs the session: what `run` and `demo` share.

Owns the order of opening: what is cheap and what the user got wrong comes first, and all of it before the first frame.
What is open is closed when a later part fails. Knows nothing of the terminal.
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
from cuecoach.coach.scheduler import Coach
from cuecoach.config import Settings, cache_folder, journal_path, recordings_folder
from cuecoach.errors import InputError
from cuecoach.film.output_path import check_output_path
from cuecoach.gait.calibration.offsets import Calibration
from cuecoach.gait.calibration.record import calibration_text
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.pipeline.calibrations import for_model
from cuecoach.pipeline.pose_frames import PoseFrames, open_pose_frames
from cuecoach.pose.model_choice import heavy_hint
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.source.base import Source
from cuecoach.types import SourceKind
from cuecoach.view.base import View
from cuecoach.view.factory import make_view
from cuecoach.voice.base import ClipSet, Phrase
from cuecoach.voice.factory import open_voice
from cuecoach.voice.playback.metronome import Metronome
from cuecoach.voice.speech.clips import prepare

if TYPE_CHECKING:
    from cuecoach.film.session_film import SessionFilm

Progress = Callable[[str, int, int], None]  # what is being done, how many of, how many
Listeners = Sequence[Callable[[SessionEvent], None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What the command line adds to the settings.

    `source` is what `source.open.open_source` takes, or what opens one; `realtime` plays a film at its own pace. What
    is said is also written to `audio_out`, the session as a film to `render`. `calibrations` are the runner's, newest
    first. `on_open` gets the running session, for signal handlers.
    """

    source: str | Callable[[], Source]
    realtime: bool = False
    audio_out: Path | None = None
    render: Path | None = None
    calibrations: Sequence[Calibration] = ()
    on_open: Callable[[Session], None] = lambda _session: None


def phrases(pack: Pack) -> list[Phrase]:
    """Return every cue of a pack as words to be rendered."""
    return [Phrase(cue.id, cue.text, pack.language) for cue in pack.cues()]


def run(request: Request, settings: Settings, listeners: Listeners, progress: Progress) -> SessionCounts:
    """Open everything, run the session to its end, and return the count.

    Raises
    ------
    InputError, DeviceError
        Something cannot be opened; nothing was recorded.
    """
    if request.render:
        check_output_path("--render", request.render, request.source if isinstance(request.source, str) else None)
    pack = library.find(settings.session.pack)
    run_with_view, _ = make_view(settings.session.view)
    with contextlib.ExitStack() as opened:  # closes what is open when a later part cannot be opened
        frames = opened.enter_context(_open_frames(request, settings, progress))
        _check_pictures(frames, request)
        journal = Journal.open(journal_path(settings))
        opened.callback(journal.close)
        _tell_of_better_model(frames, settings, journal.path, listeners)
        frames.open_detector()
        settings = _with_pose_model(settings, frames.model)
        clips = _prepare_clips(pack, settings, listeners, progress)
        frames.restart()
        settings = _with_height(_with_programme_session(settings, journal.path), journal.path)
        started = datetime.datetime.now().astimezone()
        calibrations = _fitting(request, frames, listeners)
        info = _session_info(started, frames, pack, settings, calibrations)
        film = _open_film(request.render, frames)
        if film:
            opened.callback(film.close)
        fallback_out = journal.path.with_name(f"{journal.path.stem}-{started:%Y%m%d-%H%M%S}.wav")
        sound = film.sound if film else None
        voice = open_voice(clips, settings.voice, frames.info.epoch_s, request.audio_out, fallback_out, sound)
        opened.callback(voice.close, 0.0)
        coach = _make_coach(pack, settings, info.seed)
        journal.begin(info)

        def loop(view: View) -> SessionCounts:
            views = (film, view) if film else (view,)
            gait = Gait(settings.gait, calibrations)
            parts = Parts(frames, gait, coach, voice, journal, views, Metronome(settings.voice))
            cautions = pack.caution_cues() if frames.info.live and not frames.runner_responds else ()
            listening = [*listeners, film.take_event] if film else listeners
            session = Session(parts, settings.session, listening, cautions)
            request.on_open(session)
            opened.pop_all()  # from here on the session closes them
            return session.run()

        return run_with_view(loop)


def _open_frames(request: Request, settings: Settings, progress: Progress) -> PoseFrames:
    def show(done: int, of: int) -> None:
        progress("Pose model", done, of)

    return open_pose_frames(request.source, settings, realtime=request.realtime, progress=show)


def _check_pictures(frames: PoseFrames, request: Request) -> None:
    """Raise InputError when a film is asked for of a source without pictures."""
    if request.render and frames.info.kind is SourceKind.RECORDING:
        raise InputError(f"--render {request.render}: a landmark recording has no pictures; give a camera or a film.")


def _fitting(request: Request, frames: PoseFrames, listeners: Listeners) -> Sequence[Calibration]:
    """Return the calibrations that hold for the pose model; tell the listeners when there are only others."""
    calibrations, other_model = for_model(request.calibrations, frames.model)
    if other_model:
        for listener in listeners:
            listener(other_model)
    return calibrations


def _tell_of_better_model(frames: PoseFrames, settings: Settings, journal: Path, listeners: Listeners) -> None:
    """Tell before the first session with a camera or film what the heavy pose model would bring, if it is not here."""
    measured = (SourceKind.CAMERA, SourceKind.VIDEO)
    if frames.info.kind not in measured or any(row.source_kind in measured for row in read.sessions(journal)):
        return
    if hint := heavy_hint(settings.pose, cache_folder()):
        for listener in listeners:
            listener(hint)


def _prepare_clips(pack: Pack, settings: Settings, listeners: Listeners, progress: Progress) -> ClipSet:
    """Return every cue of the pack as a clip; tell the listeners what is missing."""
    clips = prepare(
        phrases(pack),
        settings.voice,
        cache_folder() / "phrases",
        lambda done, of: progress("Speech", done, of),
        recordings=recordings_folder(settings, pack.id),
    )
    for sentence in clips.notices:
        for listener in listeners:
            listener(sentence)
    return clips


def _make_coach(pack: Pack, settings: Settings, seed: int) -> Coach:
    session = settings.session
    return make_coach(
        pack, settings.coach, settings.programme, kind=session.programme, runner=session.runner, seed=seed
    )


def _open_film(path: Path | None, frames: PoseFrames) -> SessionFilm | None:
    """Return what writes the session as a film, when that was asked for."""
    if path is None:
        return None
    from cuecoach.film.session_film import SessionFilm  # brings an encoder, for those who want a film

    return SessionFilm(path, frames.info)


def _with_programme_session(settings: Settings, journal: Path) -> Settings:
    """Return the settings with this session's number in the runner's programme: then they are all a replay needs."""
    runner, programme = settings.session.runner, settings.programme
    if not runner or settings.session.programme == "none" or programme.session is not None:
        return settings
    number = read.programme_sessions(journal, runner) + 1
    return dataclasses.replace(settings, programme=dataclasses.replace(programme, session=number))


def _with_pose_model(settings: Settings, model: str) -> Settings:
    """Return the settings with the pose model that was opened, for the journal; a recording opens none."""
    return dataclasses.replace(settings, pose=dataclasses.replace(settings.pose, model=model or settings.pose.model))


def _with_height(settings: Settings, journal: Path) -> Settings:
    """Return the settings with the height of the runner's profile, where the settings say none."""
    if settings.gait.runner_height_m is not None:
        return settings
    known = {row.name: row.height_m for row in read.runners(journal)}
    height_m = known.get(settings.session.runner)
    return dataclasses.replace(settings, gait=dataclasses.replace(settings.gait, runner_height_m=height_m))


def _session_info(
    started: datetime.datetime,
    frames: PoseFrames,
    pack: Pack,
    settings: Settings,
    calibrations: Sequence[Calibration],
) -> SessionInfo:
    # A replay measures with what the session was measured with, whatever became of the runner's calibrations.
    kept = {"calibrations": [calibration_text(one) for one in calibrations]} if calibrations else {}
    return SessionInfo(
        started_at=started.isoformat(timespec="seconds"),
        source_kind=frames.info.kind,
        source_name=frames.info.name,
        rate_hz=frames.info.rate_hz,
        pack_id=pack.id,
        pack_text=pack.text,
        settings=dataclasses.asdict(settings) | kept,
        # The virtual runner's own seed makes its sessions repeatable; others draw afresh each time they are run.
        seed=settings.virtual_runner.seed if frames.runner_responds else zlib.crc32(started.isoformat().encode()),
        version=cuecoach.__version__,
        runner=settings.session.runner or None,
        runner_height_m=settings.gait.runner_height_m,
    )
