"""A source with its pose model: every frame, and who runs in it.

The session, the measuring of films and the camera check all read their frames here. Owns source and detector: opens
them, has pictures searched ahead of the reader, and closes both.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cuecoach.config import Settings, cache_folder
from cuecoach.errors import DeviceError, InputError
from cuecoach.pipeline.distinct_pictures import DistinctPictures
from cuecoach.pipeline.film_time import LOOK_AHEAD, FilmTime
from cuecoach.pipeline.prefetch import PrefetchingDetector
from cuecoach.pose.base import PoseBackend
from cuecoach.pose.model_choice import open_detector
from cuecoach.source.base import RespondingSource, Source, SourceInfo
from cuecoach.source.open import open_source
from cuecoach.types import Frame, PoseFrame, SourceKind

_DEFAULTS = Settings()
_FILMS = (SourceKind.VIDEO, SourceKind.RECORDING)


@dataclass(frozen=True, slots=True, eq=False)
class SeenFrame:
    """One frame with who runs in it.

    `image_bgr` (h, w, 3) uint8 is None for a source without pictures. `failure` says why the pose model gave nothing
    for this picture; the pose is None then.
    """

    pose_frame: PoseFrame
    image_bgr: NDArray[np.uint8] | None
    failure: DeviceError | None = None


class PoseFrames:
    """The frames of one source, read once from the first to the last. Iterating gives each `PoseFrame`.

    Films and recordings are held against life's time (`film_time.py`): `read` mends times by what was seen so far,
    iterating looks ahead. Repeated pictures of a film are left out.

    Pictures are searched ahead of the reader in threads, unless the runner responds to cues: a cue would then meet
    another runner than it was meant for.

    Parameters
    ----------
    open_source : callable
        Opens the source; called at once, and again by `restart`.
    open_detector : callable
        Opens the pose model; not called for a landmark recording. None for any source that gives pose frames itself.
    slow_motion : float
        How many times slower than life the film plays; the runner's time passes that much faster than the film's.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        open_detector: Callable[[], PoseBackend] | None = None,
        slow_motion: float = 1.0,
    ) -> None:
        self._open_source = open_source
        self._open_detector = open_detector
        self._slow_motion = slow_motion
        self._source = self._opened()
        self._film_time = FilmTime(slow_motion) if self.info.kind in _FILMS else None
        self._detector: PoseBackend | None = None
        self._prefetching: PrefetchingDetector | None = None
        self._lock = threading.Lock()  # held while the source is opened, handed over or closed
        self._stopped = False

    @property
    def info(self) -> SourceInfo:
        """What the source says of itself, its rate in the runner's time."""
        info = self._source.info
        return info if self._slow_motion == 1.0 else replace(info, rate_hz=info.rate_hz * self._slow_motion)

    @property
    def seems_slowed(self) -> float | None:
        """How many times slower than life a film seems to play, once that is seen and nobody has said it."""
        return self._film_time.slow_motion if self._film_time else None

    @property
    def runner_responds(self) -> bool:
        """Whether this runner answers to cues that are passed on with `hear`: the virtual one does."""
        return isinstance(self._source, RespondingSource)

    @property
    def model(self) -> str:
        """The name of the pose model, "" as long as none is open: a landmark recording needs none."""
        return self._detector.model if self._detector is not None else ""

    def open_detector(self) -> None:
        """Open the pose model with all its workers, where it is needed, now rather than with the first frame."""
        if self._detector is None and self._open_detector is not None and self.info.kind is not SourceKind.RECORDING:
            self._detector = self._open_detector()
            if not self.runner_responds:
                self._detector.start_workers()

    def restart(self) -> None:
        """Open a paced film, recording or virtual runner again, before its first frame is read.

        Its clock runs since it was opened; what takes long meanwhile would cost its beginning.
        """
        if self.info.live and self.info.kind is not SourceKind.CAMERA:
            with self._lock:
                self._source.close()
                self._source = self._opened()

    def read(self) -> SeenFrame | None:
        """Return the next frame, None at the end and after `stop`. Waits for a live source."""
        seen = self._read()
        return seen if seen is None else replace(seen, pose_frame=self._mended(seen.pose_frame))

    def _read(self) -> SeenFrame | None:
        """Return the next frame, at the time that the source states, and have the film's time watched."""
        self.open_detector()
        self._prefetch()
        item = (self._prefetching or self._source).read()
        if item is None or self._stopped:
            if self._film_time:
                self._film_time.finish()
            return None
        if isinstance(item, PoseFrame):
            seen = SeenFrame(_hastened(item, self._slow_motion), None)
        else:
            seen = self._seen(item if self._slow_motion == 1.0 else replace(item, t_s=item.t_s / self._slow_motion))
        if self._film_time:
            film = self._source
            change = film.take_change(item.index) if isinstance(film, DistinctPictures) else np.nan
            self._film_time.watch(seen.pose_frame, change)
        return seen

    def _mended(self, pose_frame: PoseFrame) -> PoseFrame:
        if self._film_time is None:
            return pose_frame
        irregular = isinstance(self._source, DistinctPictures) and self._source.irregular
        return self._film_time.mend(pose_frame, irregular)

    def __iter__(self) -> Iterator[PoseFrame]:
        """Yield who runs in each frame; raises DeviceError when the pose model fails on a picture."""
        ahead: deque[PoseFrame] = deque()
        most = LOOK_AHEAD if self._film_time and not self.info.live else 0
        while (seen := self._read()) is not None:
            if seen.failure is not None:
                raise seen.failure
            ahead.append(seen.pose_frame)
            if len(ahead) > most:
                yield self._mended(ahead.popleft())
        yield from map(self._mended, ahead)

    def hear(self, fault: str, t_s: float) -> None:
        """Pass on to the runner that a cue for `fault` began to sound at `t_s`; only the virtual runner hears it."""
        if isinstance(self._source, RespondingSource):
            self._source.hear(fault, t_s)

    def notices(self) -> tuple[str, ...]:
        """Return, once each, what source, pose model and the film's time have to say since the last call."""
        sayers = (self._detector, self._source, self._film_time)
        return tuple(sentence for sayer in sayers if sayer is not None for sentence in sayer.notices())

    def stop(self) -> None:
        """End a `read` that waits, and all later ones; may be called from another thread."""
        with self._lock:
            if not self._stopped:
                self._stopped = True
                (self._prefetching or self._source).close()

    def close(self) -> None:
        """Close source and detector, each whatever the other does."""
        detector, self._detector = self._detector, None
        with contextlib.ExitStack() as closing:
            if detector is not None:
                closing.callback(detector.close)
            closing.callback(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> Source:
        source = self._open_source()
        if source.info.kind is not SourceKind.VIDEO or isinstance(source, RespondingSource):
            return source
        return DistinctPictures(source)

    def _prefetch(self) -> None:
        """Begin to search ahead, with the first frame."""
        with self._lock:
            if self._detector is not None and not (self._prefetching or self._stopped or self.runner_responds):
                self._prefetching = PrefetchingDetector(self._source, self._detector)

    def _seen(self, frame: Frame) -> SeenFrame:
        detector = self._prefetching or self._detector
        assert detector is not None  # noqa: S101 - a source of pictures is opened with one
        try:
            return SeenFrame(detector.detect(frame), frame.image_bgr)
        except DeviceError as error:
            return SeenFrame(PoseFrame(frame.t_s, frame.index, None), frame.image_bgr, error)


def open_pose_frames(
    source: str | Callable[[], Source],
    settings: Settings = _DEFAULTS,
    *,
    realtime: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> PoseFrames:
    """Open a source with MediaPipe.

    Parameters
    ----------
    source : str or callable
        As `source.open.open_source` takes it, or what opens one.
    settings : Settings
    realtime : bool
        Pace a film or recording by the wall clock.
    progress : callable, optional
        Called with (bytes so far, bytes in all) while the pose model is downloaded.

    Raises
    ------
    InputError, DeviceError
        The source cannot be opened, or shows life though the settings say slow motion. Whether the pose model can is
        known with `open_detector` or the first frame.
    """

    def opened() -> PoseBackend:
        info = frames.info
        return open_detector(settings.pose, info.kind, info.live, info.size_px, cache_folder(), progress)

    opening = (lambda: open_source(source, settings.source, realtime)) if isinstance(source, str) else source
    frames = PoseFrames(opening, opened, settings.source.slow_motion)
    if settings.source.slow_motion != 1.0 and (frames.info.live or frames.info.kind not in _FILMS):
        frames.close()
        raise InputError(
            f"slow_motion = {settings.source.slow_motion:g} is for a film that is read as fast as it goes: leave out "
            "--slow-motion (or [source] slow_motion) for a camera, for the virtual runner, and with --realtime."
        )
    return frames


def _hastened(pose_frame: PoseFrame, times: float) -> PoseFrame:
    """Return a pose frame at the runner's own time."""
    if times == 1.0:
        return pose_frame
    t_s = pose_frame.t_s / times
    return replace(pose_frame, t_s=t_s, pose=None if pose_frame.pose is None else replace(pose_frame.pose, t_s=t_s))
