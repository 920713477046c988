"""Opens the source that a user names: a camera, a stream, a film or a landmark recording."""

from __future__ import annotations

import gzip
from pathlib import Path

from cuecoach.errors import InputError
from cuecoach.source.base import Source
from cuecoach.source.landmark_recording import MAGIC, RecordingSource
from cuecoach.source.settings import SourceSettings

_ALLOWED = "give 'camera', a camera number such as 0, a stream's URL, a video file or a *.landmarks.csv recording"


def open_source(spec: str, settings: SourceSettings, realtime: bool = False) -> Source:
    """Open a camera, stream, film or recording.

    Parameters
    ----------
    spec : str
        "camera" (the configured one), a camera's number, a URL, or the path of a device or file; what a file holds
        is told by its content.
    settings : SourceSettings
    realtime : bool
        Pace a film or recording by the wall clock; a camera has its own pace.

    Raises
    ------
    InputError
        `spec` is none of these, or the file is wrong.
    DeviceError
        The camera or stream does not answer.
    """
    address = settings.camera if spec == "camera" else spec
    path = Path(address).expanduser()
    # Imported where they are needed: cameras and films each bring an FFmpeg of their own, recordings need none.
    if address.isdecimal() or "://" in address or path.is_char_device():
        from cuecoach.source.camera import CameraSource

        return CameraSource(address, settings)
    if not address or not path.exists():
        raise InputError(f"There is no source {address!r}; {_ALLOWED}.")
    if _is_recording(path):
        return RecordingSource(path, realtime)
    from cuecoach.source.film import FilmSource

    return FilmSource(path, realtime)


def _is_recording(path: Path) -> bool:
    """Tell by the first bytes; a name that claims to be one counts too, so that the reader says what is wrong."""
    if path.name.endswith((".landmarks.csv", ".landmarks.csv.gz")):
        return True
    if not path.is_file():
        return False
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC.encode()
    except (OSError, EOFError):
        return False
