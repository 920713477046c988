"""Writes a WAV file while the session runs, in a thread of its own.

The file is valid after every write, so a killed session leaves all but its last half second. Its header is written by
hand for that: the module wave finishes it only when the file is closed, and cannot mix into what is there.
"""

from __future__ import annotations

import errno
import queue
import struct
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError, InputError
from cuecoach.voice.base import RATE_HZ

_EXTEND_S = 0.5  # silence is written in steps of this
_CLOSE_LIMIT_S = 2.0
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_BYTES = 2  # 16 bit, mono
_USER_ERRNOS = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS)


class WavWriter:
    """A mono 16-bit WAV that grows; see `base.SoundWriter`. Only `close` waits for the writing thread.

    Silence is made by lengthening the file, which costs neither time nor, on most systems, disk.

    Raises
    ------
    InputError, DeviceError
        When the file cannot be made. Later failures are noticed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failure = ""  # why nothing more is written
        self._failure_noticed = False
        self._frames = 0
        self._extended_s = 0.0
        self._queue: queue.SimpleQueue[tuple[int, NDArray[np.float32]] | None] = queue.SimpleQueue()
        try:
            self._file: BinaryIO = path.open("w+b")
            self._file.write(_header(0))
            self._file.flush()
        except OSError as error:
            kind = InputError if error.errno in _USER_ERRNOS else DeviceError
            raise kind(f"The sound file {path} cannot be written ({error.strerror}): choose another file.") from error
        self._thread = threading.Thread(target=self._run, name="cuecoach-wav", daemon=True)
        self._thread.start()

    @property
    def writable(self) -> bool:
        """See `base.SoundWriter`."""
        return not self._failure

    def add(self, start_s: float, samples: NDArray[np.float32]) -> None:
        """See `base.SoundWriter`."""
        start = round(start_s * RATE_HZ)
        self._queue.put((max(0, start), samples[max(0, -start) :]))

    def extend(self, t_s: float) -> None:
        """See `base.SoundWriter`. The file is as long within half a second."""
        if t_s >= self._extended_s + _EXTEND_S:
            self._extended_s = t_s
            self.add(t_s, np.empty(0, np.float32))

    def close(self, t_s: float) -> None:
        """See `base.SoundWriter`."""
        self.add(t_s, np.empty(0, np.float32))
        self._queue.put(None)
        self._thread.join(_CLOSE_LIMIT_S)

    def notices(self) -> tuple[str, ...]:
        """See `base.SoundWriter`."""
        if not self._failure or self._failure_noticed:
            return ()
        self._failure_noticed = True
        return (f"The sound file {self._path} can no longer be written ({self._failure}); no more goes in.",)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._failure:
                continue
            try:
                self._write(*item)
            except OSError as error:
                self._failure = error.strerror or str(error)
        try:
            self._file.close()
        except OSError as error:
            self._failure = error.strerror or str(error)

    def _write(self, start: int, samples: NDArray[np.float32]) -> None:
        """Write samples, then the header: whoever reads in between sees the file as it was before."""
        if start > self._frames:
            self._file.truncate(_HEADER.size + _BYTES * start)
        mixed = (samples * 32767).round()
        self._file.seek(_HEADER.size + _BYTES * start)
        present = np.frombuffer(self._file.read(_BYTES * samples.size), "<i2")
        mixed[: present.size] += present
        self._file.seek(_HEADER.size + _BYTES * start)
        self._file.write(np.clip(mixed, -32767, 32767).astype("<i2").tobytes())
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
