"""A microphone, for recording a pack's phrases. Used by the command line only, never while a session runs."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.errors import DeviceError
from cuecoach.voice.base import RATE_HZ

_NO_PORTAUDIO = "No microphone: PortAudio is missing (Linux: sudo apt install libportaudio2)."
LONGEST_S = 20.0  # a forgotten recording ends here


class Microphone:
    """Records while it is open: `with Microphone(device) as microphone: ...`, then `microphone.samples()`.

    Raises
    ------
    DeviceError
        There is no PortAudio, or no device that records.
    """

    def __init__(self, device: str | None = None) -> None:
        try:
            import sounddevice
        except (ImportError, OSError) as error:
            raise DeviceError(_NO_PORTAUDIO) from error
        self._parts: list[NDArray[np.float32]] = []
        self._frames = 0
        self._lock = threading.Lock()
        self.name = ""
        try:
            self._stream = sounddevice.InputStream(
                samplerate=RATE_HZ, channels=1, dtype="float32", device=device, callback=self._add
            )
            self.name = str(sounddevice.query_devices(self._stream.device)["name"])
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(f"No microphone: {error}; connect one, then `cuecoach doctor`.") from error

    def __enter__(self) -> Microphone:
        self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.stop()
        self._stream.close()

    def samples(self) -> NDArray[np.float32]:
        """Return what was recorded so far, (n,) float32 at RATE_HZ."""
        with self._lock:
            return np.concatenate([np.zeros(0, np.float32), *self._parts])

    def _add(self, data: Any, frames: int, _times: Any, _status: Any) -> None:
        with self._lock:
            if self._frames < LONGEST_S * RATE_HZ:
                self._parts.append(data[:, 0].copy())
                self._frames += frames
