"""Everything a voice says, as a WAV on the session's time line: sample n is the sound at n / RATE_HZ.

Owns the file and the thread that writes it. Wraps any voice and changes nothing but where unheard words sounded.
The file is valid after every write, so a killed session leaves all but its last half second.
"""

from __future__ import annotations

import errno
import queue
import struct
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError, InputError
from cuecoach.types import Heard, Side, Sound
from cuecoach.voice.base import RATE_HZ, Clip, Voice

ON = "file"

_REACH_S = 0.5  # silence is written in steps of this
_CLOSE_LIMIT_S = 2.0
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_BYTES = 2  # 16 bit, mono
_USER_ERRORS = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS)


class Recorder:
    """A voice that writes what another voice says into `path`; see `base.Voice`.

    What the other voice said on "nothing" is reported as said on "file", for as long as the file can be written.

    Raises
    ------
    InputError, DeviceError
        When the file cannot be made. Later failures are noticed, and the session goes on.
    """

    def __init__(self, voice: Voice, clips: Mapping[str, Clip], path: Path) -> None:
        self._voice = voice
        self._clips = clips
        self._path = path
        self._file = _WavFile(path)
        self._sounding: dict[int, float] = {}  # start of each utterance that has begun
        self._told = False

    def say(
        self,
        utterance: int,
        cue_id: str,
        t_s: float,
        expires_s: float,
        start_s: float | None = None,
        side: Side | None = None,
    ) -> None:
        """See `base.Voice.say`."""
        self._voice.say(utterance, cue_id, t_s, expires_s, start_s, side)

    def beat(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.beat`. Clicks are not written."""
        self._voice.beat(cadence_spm, from_s)

    def poll(self, t_s: float) -> tuple[Heard, ...]:
        """See `base.Voice.poll`."""
        heard = tuple(map(self._write, self._voice.poll(t_s)))
        self._file.reach(t_s)
        return heard

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        notices = self._voice.notices()
        if self._file.failure and not self._told:
            self._told = True
            notices += (
                f"The sound file {self._path} can no longer be written ({self._file.failure}); no more goes in.",
            )
        return notices

    def close(self, t_s: float) -> tuple[Heard, ...]:
        """See `base.Voice.close`."""
        heard = tuple(map(self._write, self._voice.close(t_s)))
        self._file.close(t_s)
        return heard

    def _write(self, event: Heard) -> Heard:
        clip = self._clips.get(event.cue_id)
        if event.state is Sound.STARTED and clip is not None:
            self._file.put(event.t_s, clip.samples)
            self._sounding[event.utterance] = event.t_s
        start_s = self._sounding.get(event.utterance)
        if event.state in (Sound.FINISHED, Sound.DROPPED) and start_s is not None:
            del self._sounding[event.utterance]
            if event.state is Sound.DROPPED and clip is not None:
                cut = round((event.t_s - start_s) * RATE_HZ)
                self._file.put(event.t_s, np.zeros_like(clip.samples[cut:]))
        return replace(event, on=ON) if event.on == "nothing" and not self._file.failure else event


class _WavFile:
    """A mono 16-bit WAV that grows. Calls only hand over to the writing thread; `close` waits for it.

    Silence is made by lengthening the file, which costs neither time nor, on most systems, disk.
    """

    def __init__(self, path: Path) -> None:
        self.failure = ""  # why nothing more is written
        self._frames = 0
        self._asked_s = 0.0
        self._work: queue.SimpleQueue[tuple[int, NDArray[np.float32]] | None] = queue.SimpleQueue()
        try:
            self._file: BinaryIO = path.open("wb")
            self._file.write(_header(0))
            self._file.flush()
        except OSError as error:
            kind = InputError if error.errno in _USER_ERRORS else DeviceError
            raise kind(f"The sound file {path} cannot be written ({error.strerror}): choose another file.") from error
        self._thread = threading.Thread(target=self._run, name="cuecoach-wav", daemon=True)
        self._thread.start()

    def put(self, start_s: float, samples: NDArray[np.float32]) -> None:
        """Replace what sounds from `start_s` on; what lies before the session is left out."""
        start = round(start_s * RATE_HZ)
        self._work.put((max(0, start), samples[max(0, -start) :]))

    def reach(self, t_s: float) -> None:
        """Make the file at least `t_s` long, within half a second."""
        if t_s >= self._asked_s + _REACH_S:
            self._asked_s = t_s
            self.put(t_s, np.empty(0, np.float32))

    def close(self, t_s: float) -> None:
        """Make the file at least `t_s` long and finish it."""
        self.put(t_s, np.empty(0, np.float32))
        self._work.put(None)
        self._thread.join(_CLOSE_LIMIT_S)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            if self.failure:
                continue
            try:
                self._store(*item)
            except OSError as error:
                self.failure = error.strerror or str(error)
        try:
            self._file.close()
        except OSError as error:
            self.failure = error.strerror or str(error)

    def _store(self, start: int, samples: NDArray[np.float32]) -> None:
        """Write samples, then the header: whoever reads in between sees the file as it was before."""
        if start > self._frames:
            self._file.truncate(_HEADER.size + _BYTES * start)
        self._file.seek(_HEADER.size + _BYTES * start)
        self._file.write((np.clip(samples, -1.0, 1.0) * 32767).round().astype("<i2").tobytes())
        self._file.flush()
        self._frames = max(self._frames, start + samples.size)
        self._file.seek(0)
        self._file.write(_header(self._frames))
        self._file.flush()


def _header(frames: int) -> bytes:
    """Return a WAV header; past 4 GiB (12 hours) it names the most it can."""
    size = min(frames * _BYTES, 0xFFFFFFFF - _HEADER.size)
    return _HEADER.pack(
        b"RIFF",
        size + _HEADER.size - 8,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        RATE_HZ,
        RATE_HZ * _BYTES,
        _BYTES,
        8 * _BYTES,
        b"data",
        size,
    )
