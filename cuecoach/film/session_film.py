"""Writes a session as a film, in a thread of its own: its pictures with what was seen and said, and the sound of it.

The session goes on whatever happens to the film: a live source's pictures are left out when the thread is behind, and a
film that cannot be written ends early.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError
from cuecoach.film.session_frame import SessionFramePainter
from cuecoach.film.soundtrack import Soundtrack
from cuecoach.film.writer import FilmWriter
from cuecoach.source.base import SourceInfo
from cuecoach.types import Stride
from cuecoach.view.base import Command, ViewState

# A stride is known about a second after its foot strike, a spoken word a quarter of a second after it began. A picture
# is drawn so much later than it came that all of it stands where it happened.
DELAY_S = 1.25
DELAYED_BYTES = 400_000_000  # beyond (1080p at over 50 Hz) pictures are drawn with what is known by then
QUEUE_LENGTH = 8  # pictures the thread has not taken yet
STRIDES_KEPT = 12  # of both legs: more than fall into DELAY_S
CLOSE_LIMIT_S = 30.0
_ALIVE_S = 0.5  # how often a waiting loop looks whether the thread still lives

DelayedPicture = tuple[NDArray[np.uint8], ViewState]  # a picture and what was known then


class SessionFilm:
    """A view that writes what it is shown into one film; `sound` is its track for the voice.

    Parameters
    ----------
    path : Path
    info : SourceInfo
        A source of pictures. If it is not live the session waits for the film, else the film may lack pictures.

    Raises
    ------
    DeviceError
        The film cannot be begun. Later failures are among the notices.
    """

    def __init__(self, path: Path, info: SourceInfo) -> None:
        self._path = path
        self._live = info.live
        self._painter = SessionFramePainter(info.size_px)
        self.sound = Soundtrack()
        self._writer = FilmWriter(path, self._painter.size_px, info.rate_hz, sound=True)
        self._queue: queue.SimpleQueue[DelayedPicture | Stride | None] = queue.SimpleQueue()
        self._free_slots = threading.Semaphore(QUEUE_LENGTH)
        self._delayed: deque[DelayedPicture] = deque()
        self._strides: deque[Stride] = deque(maxlen=STRIDES_KEPT)
        self._now_s = 0.0
        self._shown = self._dropped = 0
        self._failure = ""
        self._closed = False
        self._noticed: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()

    def take_event(self, event: object) -> None:
        """Take in an event of the session: its strides are drawn."""
        if isinstance(event, Stride) and not self._failure:
            self._queue.put(event)

    def show(self, state: ViewState) -> None:
        """Take the picture of this moment; without one (a camera is lost) the film stands still."""
        self._now_s = state.t_s
        if state.image_bgr is not None and not self._failure:
            self._shown += 1
            if self._reserve_slot():
                self._queue.put((state.image_bgr, state))
            else:
                self._dropped += 1

    def commands(self) -> tuple[Command, ...]:
        """Return nothing: a film asks for nothing."""
        return ()

    def notices(self) -> tuple[str, ...]:
        """Return, once each, why the film ended early, and how many pictures it lacks when it is closed."""
        sentences = [self._failure] if self._failure else []
        if self._closed and self._dropped and not self._failure:
            sentences.append(
                f"The film lacks {self._dropped} of {self._shown} pictures: this machine could not draw them in time."
            )
        new = tuple(sentence for sentence in sentences if sentence not in self._noticed)
        self._noticed.update(new)
        return new

    def close(self) -> None:
        """Draw what is delayed and finish the film. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive():
            self._failure = f"The film {self._path} was not finished within {CLOSE_LIMIT_S:g} s; its end is missing."

    def _reserve_slot(self) -> bool:
        """Return whether one more picture may queue; where that does no harm, wait until it may."""
        if self._live:
            return self._free_slots.acquire(blocking=False)
        while self._thread.is_alive():
            if self._free_slots.acquire(timeout=_ALIVE_S):
                return True
        return False

    def _run(self) -> None:
        """Draw and write to the end, in the thread."""
        try:
            with contextlib.closing(self._writer):
                while (item := self._queue.get()) is not None:
                    self._process(item)
                while self._delayed:
                    self._draw()
                self._writer.sound(self.sound.fetch(max(self._now_s, self.sound.end_s)))
        except DeviceError as error:
            self._failure = str(error)
            self.sound.writable = False
        finally:
            self._delayed.clear()

    def _process(self, item: DelayedPicture | Stride) -> None:
        if isinstance(item, Stride):
            self._strides.append(item)
            return
        self._free_slots.release()
        self._delayed.append(item)
        picture, state = item
        most = max(1, DELAYED_BYTES // picture.nbytes)
        while len(self._delayed) > most or state.t_s - self._delayed[0][1].t_s >= DELAY_S:
            self._draw()
        self._writer.sound(self.sound.fetch(state.t_s - DELAY_S))

    def _draw(self) -> None:
        picture, state = self._delayed.popleft()
        self._writer.write(self._painter.paint(picture, state, self._strides), state.t_s)
