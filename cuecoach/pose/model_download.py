"""Downloads a published pose model, with progress, and checks that it is the published one. Writes no file."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.request
from collections.abc import Callable

from cuecoach.errors import DeviceError
from cuecoach.pose.model_catalogue import PoseModel

Progress = Callable[[int, int], None]  # bytes so far, bytes in all

_SLOWEST_BYTES_S = 30_000  # slower lines are given up
_STALL_LIMIT_S = 20.0
_CHUNK_BYTES = 1 << 16


def download(model: PoseModel, progress: Progress | None = None) -> bytes:
    """Return the published model file (raises DeviceError with what to do instead)."""
    advice = f"connect once to the internet, or fetch {model.bundle_url} elsewhere and run `cuecoach models add FILE`"
    deadline_s = time.monotonic() + model.bundle_bytes / _SLOWEST_BYTES_S
    content = bytearray()
    try:
        with urllib.request.urlopen(model.bundle_url, timeout=_STALL_LIMIT_S) as response:  # noqa: S310 - from the catalogue
            while chunk := response.read(_CHUNK_BYTES):
                content += chunk
                if progress is not None:
                    progress(min(len(content), model.bundle_bytes), model.bundle_bytes)
                if time.monotonic() > deadline_s or len(content) > model.bundle_bytes:
                    break
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise DeviceError(f"The {model.name} pose model could not be downloaded ({reason}); {advice}.") from error
    if hashlib.sha256(content).hexdigest() != model.bundle_sha256:
        raise DeviceError(f"The downloaded {model.name} pose model is incomplete or not the published one; {advice}.")
    return bytes(content)
