"""A session as a film: its pictures with what was seen and said, and the words on the sound track.

Owns the thread that draws and writes, and how long pictures wait for it. Stops the session for nothing: a live
source's pictures are left out when the thread is behind, and a film that cannot be written ends early.
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
WAIT_S = 1.25
WAIT_BYTES = 400_000_000  # of waiting pictures; beyond (1080p at over 50 Hz) they are drawn with what is known by then
QUEUE = 8  # pictures the thread has not taken yet
STRIDES = 12  # of both legs: more than fall into WAIT_S
CLOSE_LIMIT_S = 30.0
_ALIVE_S = 0.5  # how often a waiting loop looks whether the thread still lives

Shot = tuple[NDArray[np.uint8], ViewState]  # a picture and what was known then


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
        self._work: queue.SimpleQueue[Shot | Stride | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(QUEUE)
        self._waiting: deque[Shot] = deque()
        self._strides: deque[Stride] = deque(maxlen=STRIDES)
        self._now_s = 0.0
        self._shown = self._lost = 0
        self._failure = ""
        self._closed = False
        self._told: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()

    def take_event(self, event: object) -> None:
        """Take in an event of the session: its strides are drawn."""
        if isinstance(event, Stride) and not self._failure:
            self._work.put(event)

    def show(self, state: ViewState) -> None:
        """Take the picture of this moment; without one (a camera is lost) the film stands still."""
        self._now_s = state.t_s
        if state.image_bgr is not None and not self._failure:
            self._shown += 1
            if self._find_room():
                self._work.put((state.image_bgr, state))
            else:
                self._lost += 1

    def commands(self) -> tuple[Command, ...]:
        """Return nothing: a film asks for nothing."""
        return ()

    def notices(self) -> tuple[str, ...]:
        """Return, once each, why the film ended early, and how many pictures it lacks when it is closed."""
        sentences = [self._failure] if self._failure else []
        if self._closed and self._lost and not self._failure:
            sentences.append(
                f"The film lacks {self._lost} of {self._shown} pictures: this machine could not draw them in time."
            )
        new = tuple(sentence for sentence in sentences if sentence not in self._told)
        self._told.update(new)
        return new

    def close(self) -> None:
        """Draw what waits and finish the film. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        self._work.put(None)
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive():
            self._failure = f"The film {self._path} was not finished within {CLOSE_LIMIT_S:g} s; its end is missing."

    def _find_room(self) -> bool:
        """Return whether one more picture may queue; where that does no harm, wait until it may."""
        if self._live:
            return self._room.acquire(blocking=False)
        while self._thread.is_alive():
            if self._room.acquire(timeout=_ALIVE_S):
                return True
        return False

    def _run(self) -> None:
        """Draw and write to the end, in the thread."""
        try:
            with contextlib.closing(self._writer):
                while (item := self._work.get()) is not None:
                    self._take(item)
                while self._waiting:
                    self._draw()
                self._writer.sound(self.sound.fetch(max(self._now_s, self.sound.end_s)))
        except DeviceError as error:
            self._failure = str(error)
            self.sound.writable = False
        finally:
            self._waiting.clear()

    def _take(self, item: Shot | Stride) -> None:
        if isinstance(item, Stride):
            self._strides.append(item)
            return
        self._room.release()
        self._waiting.append(item)
        picture, state = item
        most = max(1, WAIT_BYTES // picture.nbytes)
        while len(self._waiting) > most or state.t_s - self._waiting[0][1].t_s >= WAIT_S:
            self._draw()
        self._writer.sound(self.sound.fetch(state.t_s - WAIT_S))

    def _draw(self) -> None:
        picture, state = self._waiting.popleft()
        self._writer.write(self._painter.paint(picture, state, self._strides), state.t_s)
